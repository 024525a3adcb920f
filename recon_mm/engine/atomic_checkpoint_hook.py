"""Checkpoints that a kill cannot corrupt: complete under their name, or absent."""

import os
import re
import shutil
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
        """Writes bytes; the file appears under its name only when it is complete on disk.

        Raises:
            OSError: If it cannot be written, e.g. because the disk is full; names the file, of
                which nothing is left.
        """
        path = Path(filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f'{path.name}.partial')
        try:
            with open(partial, 'wb') as file:
                file.write(obj)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            free = shutil.disk_usage(path.parent).free
            raise OSError(
                f"'{path}' cannot be written ({error}): it has {len(obj) / 1e6:.1f} MB, and "
                f'{free / 1e6:.1f} MB are free there. What was there before is unchanged. Make '
                'room or choose another folder, then continue with --resume'
            ) from error


register_backend('recon_mm_atomic', AtomicLocalBackend)


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """MMEngine's checkpoint hook, safe against a kill at any moment.

    - A checkpoint is written under a temporary name and renamed when complete; after it, so is
      ``last_checkpoint``.
    - An outdated checkpoint is removed after the new one is written, not before, so that with
      ``max_keep_ckpts=1`` there is never a moment without any; so is the best one so far. What a
      kill left behind is removed when the run is resumed.
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
        # MMEngine formats the config's text for every checkpoint, which leaves 8000 objects
        # in cycles: the collector frees them so late that memory grows. Plain text says the same.
        object.__setattr__(runner.cfg, '_format_python_code', False)
        folder = Path(str(self.out_dir))
        if is_main_process():
            last = Path(runner.work_dir, 'last_checkpoint.partial')
            for partial in (last, *folder.glob('*.pth.partial')):
                partial.unlink(missing_ok=True)
        if runner.iter == 0:
            return  # files of other runs in this folder are not ours to remove
        if self.max_keep_ckpts > 0:
            kept = self._steps_in(folder, runner)
            if kept:  # a kill may have come before it was recorded
                self._record_last(runner, kept[-1])
            for step in kept[: -self.max_keep_ckpts]:
                self._remove(step)
            self.keep_ckpt_ids = deque(kept[-self.max_keep_ckpts :])
        if self.save_best:
            self._set_best_paths({key: self._newest_best(key) for key in self.key_indicators})

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
        self._record_last(runner, step)
        for old in outdated:
            self._remove(old)

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        """Saves, then removes the former best; the parent would remove it first.

        Raises:
            KeyError: If ``save_best`` names no metric of the validation.
        """
        if not self.save_best:
            return
        for key in {*self.key_indicators} - {*metrics, 'auto'}:
            raise KeyError(f"save_best is '{key}', the validation has {', '.join(metrics)}")
        former = self._best_paths()
        self._set_best_paths(dict.fromkeys(former))
        super()._save_best_checkpoint(runner, metrics)
        new = self._best_paths()  # 'auto' has become a metric's name
        pairs = list(zip(former.values(), new.values()))
        self._set_best_paths(dict(zip(new, (after or before for before, after in pairs))))
        for before, after in pairs:
            if before and after and after != before and is_main_process():
                Path(before).unlink(missing_ok=True)

    def _best_paths(self) -> dict[str, str | None]:
        """The best checkpoint so far by each metric; MMEngine keeps a single one apart."""
        if len(self.key_indicators) > 1:
            return {key: self.best_ckpt_path_dict.get(key) for key in self.key_indicators}
        return {self.key_indicators[0]: self.best_ckpt_path}

    def _set_best_paths(self, paths: dict[str, str | None]) -> None:
        if len(self.key_indicators) > 1:
            self.best_ckpt_path_dict = paths
        else:
            (self.best_ckpt_path,) = paths.values()

    def _record_last(self, runner: Runner, step: int) -> None:
        """Writes ``last_checkpoint``, by which MMEngine resumes, unless it says so already."""
        if is_main_process():
            name = str(Path(str(self.out_dir), self.filename_tmpl.format(step))).encode()
            last = Path(runner.work_dir, 'last_checkpoint')
            if not last.is_file() or last.read_bytes() != name:
                AtomicLocalBackend().put(name, last)

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
        pattern = re.compile(re.escape(self.filename_tmpl).replace(r'\{\}', r'([1-9][0-9]{0,17})'))
        found = (pattern.fullmatch(path.name) for path in folder.iterdir() if path.is_file())
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
