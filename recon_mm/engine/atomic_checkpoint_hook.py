"""Checkpoints that a kill can never spoil: whole under their name, or not there."""

import os
from collections import deque
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from recon_mm.registry import HOOKS


class AtomicLocalBackend(LocalBackend):
    """Local files that are written beside their place and renamed into it."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Writes bytes; the file appears under its name only when all are on the disk."""
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

    Two things differ. A checkpoint is written under another name and renamed when complete. And
    an outdated checkpoint is removed after the new one is written, not before, so that with
    ``max_keep_ckpts=1`` there is never a moment without any.

    Args: those of :class:`mmengine.hooks.CheckpointHook`, but ``backend_args``.
    """

    keep_ckpt_ids: deque

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, backend_args={'backend': 'recon_mm_atomic'}, **kwargs)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        outdated = self._outdated_after(step)
        if self.max_keep_ckpts > 0:
            runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        # The parent would remove outdated checkpoints first; without a limit it removes none.
        limit, self.max_keep_ckpts = self.max_keep_ckpts, -1
        try:
            super()._save_checkpoint_with_step(runner, step, meta)
        finally:
            self.max_keep_ckpts = limit
        if runner.rank == 0:
            for old in outdated:
                Path(self.out_dir, self.filename_tmpl.format(old)).unlink(missing_ok=True)

    def _outdated_after(self, step: int) -> list[int]:
        """Notes that ``step`` is kept and says which earlier ones no longer are."""
        if self.max_keep_ckpts <= 0 or (self.keep_ckpt_ids and self.keep_ckpt_ids[-1] == step):
            return []
        excess = max(len(self.keep_ckpt_ids) + 1 - self.max_keep_ckpts, 0)
        outdated = [self.keep_ckpt_ids.popleft() for _ in range(excess)]
        self.keep_ckpt_ids.append(step)
        return outdated
