"""Checkpoints that a kill cannot corrupt: complete under their name, or absent."""

import os
import re
from collections import deque
from pathlib import Path

import torch
from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from recon_mm.registry import HOOKS


class AtomicLocalBackend(LocalBackend):
    """Local files that are written under a temporary name and then renamed."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Writes bytes; the file appears under its name only when it is complete on disk."""
        path = Path(filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f'{path.name}.partial')
        with open(partial, 'wb') as file:
            file.write(obj)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)


register_backend('recon_mm_atomic', AtomicLocalBackend)


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """MMEngine's checkpoint hook, safe against a kill at any moment.

    - A checkpoint is written under a temporary name and renamed when complete; after it, so is
      ``last_checkpoint``.
    - An outdated checkpoint is removed after the new one is written, not before, so that with
      ``max_keep_ckpts=1`` there is never a moment without any. What a kill left behind is removed
      when the run is resumed.
    - Weights that are not finite are never written: the last good checkpoint stays the last.
    - The best file so far is found in the work directory by its name; a path inside a resumed
      checkpoint is not trusted.

    Args: those of :class:`mmengine.hooks.CheckpointHook`, except ``backend_args``.
    """

    keep_ckpt_ids: deque

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, backend_args={'backend': 'recon_mm_atomic'}, **kwargs)

    def before_train(self, runner: Runner) -> None:
        """Finds the checkpoints of a resumed run, and cleans up."""
        super().before_train(runner)
        if is_main_process():
            for partial in Path(str(self.out_dir)).glob('*.partial'):
                partial.unlink()
        if runner.iter == 0:
            return  # files of other runs in this folder are not ours to remove
        if self.max_keep_ckpts > 0:
            kept = self._steps_in(Path(str(self.out_dir)), runner)
            for step in kept[: -self.max_keep_ckpts]:
                self._remove(step)
            self.keep_ckpt_ids = deque(kept[-self.max_keep_ckpts :])
        for key in self.key_indicators if self.save_best else ():
            path = self._newest_best(key)
            if len(self.key_indicators) == 1:
                self.best_ckpt_path = path
            else:
                self.best_ckpt_path_dict[key] = path

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Refuses weights that are not finite.

        Raises:
            FloatingPointError: Names the first of them.
        """
        for name, value in checkpoint['state_dict'].items():
            if value.is_floating_point() and not torch.isfinite(value).all():
                raise FloatingPointError(
                    f"the weight '{name}' is not finite at iteration {runner.iter + 1}: no "
                    f"checkpoint is written, and those in '{self.out_dir}' are unchanged. "
                    'Lower the learning rate, or clip gradients (optim_wrapper.clip_grad)'
                )

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        outdated = self._outdated_after(step)
        if self.max_keep_ckpts > 0:
            runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        name = self.filename_tmpl.format(step)
        self.last_ckpt = str(Path(str(self.out_dir), name))
        runner.save_checkpoint(
            str(self.out_dir),
            name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            last = Path(runner.work_dir, 'last_checkpoint')
            AtomicLocalBackend().put(self.last_ckpt.encode(), last)
            for old in outdated:
                self._remove(old)

    def _outdated_after(self, step: int) -> list[int]:
        """Records that ``step`` is kept, and returns the earlier ones that no longer are."""
        if self.max_keep_ckpts <= 0 or (self.keep_ckpt_ids and self.keep_ckpt_ids[-1] == step):
            return []
        # The parent's deque has a maximum length and would drop its first entry silently.
        self.keep_ckpt_ids = deque(self.keep_ckpt_ids)
        excess = max(len(self.keep_ckpt_ids) + 1 - self.max_keep_ckpts, 0)
        outdated = [self.keep_ckpt_ids.popleft() for _ in range(excess)]
        self.keep_ckpt_ids.append(step)
        return outdated

    def _steps_in(self, folder: Path, runner: Runner) -> list[int]:
        """Steps of the checkpoints in a folder, up to the current one, oldest first."""
        now = runner.epoch if self.by_epoch else runner.iter
        pattern = re.compile(re.escape(self.filename_tmpl).replace(r'\{\}', r'(\d+)'))
        found = (pattern.fullmatch(path.name) for path in folder.iterdir())
        return sorted(step for match in found if match and (step := int(match[1])) <= now)

    def _newest_best(self, key: str) -> str | None:
        prefix = f'best_{key}_'.replace('/', '_')
        found = [
            path
            for path in Path(str(self.out_dir)).iterdir()
            if path.name.startswith(prefix) and path.suffix == '.pth' and path.is_file()
        ]
        return str(max(found, key=lambda path: path.stat().st_mtime)) if found else None

    def _remove(self, step: int) -> None:
        if is_main_process():
            Path(str(self.out_dir), self.filename_tmpl.format(step)).unlink(missing_ok=True)
