"""Kills at random moments, during writes too: no checkpoint is lost, and the run ends the same.

``RECON_KILLS=100`` kills more often than the suite does.
"""

import contextlib
import multiprocessing
import os
import random
import time
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import Runner

from recon_mm.engine import find_resumable_checkpoint
from recon_mm.utils.safe_checkpoint import load_from_file
from tests.pretraining import make_shapenet55, tiny_config

KILLS = int(os.environ.get('RECON_KILLS', '20'))
KEPT = 2


def run(config: str, work_dir: str, max_epochs: int, slow_writes: bool) -> None:
    """Trains as ``tools/train.py --resume`` does, in a process that is about to be killed."""
    torch.set_num_threads(1)
    if slow_writes:  # most kills then fall between the first byte and the new name
        sync = os.fsync
        os.fsync = lambda descriptor: (time.sleep(0.3), sync(descriptor))[1]
    cfg = Config.fromfile(config)
    cfg.train_cfg.max_epochs = max_epochs
    cfg.work_dir = work_dir
    checkpoint = find_resumable_checkpoint(work_dir)
    if checkpoint is not None:
        cfg.load_from, cfg.resume = str(checkpoint), True
    Runner.from_cfg(cfg).train()


def check(work_dir: Path, newest: int) -> int:
    """What must hold after every kill; returns the newest epoch."""
    last = work_dir / 'last_checkpoint'
    epochs = []
    for path in work_dir.glob('*.pth'):
        load_from_file(path)  # each that has its name is complete
        epochs.append(int(path.stem.rpartition('_')[2]))
    if last.exists():
        assert Path(last.read_text()).is_file()
    elif not epochs:
        return 0
    assert max(epochs) >= newest
    return max(epochs)


def wait_for_a_write(work_dir: Path) -> None:
    """Until a file in the folder is new or has changed, however slow the machine is."""

    def state() -> set[tuple[str, int, int]]:
        seen = set()
        for path in (*work_dir.glob('*.pth*'), work_dir / 'last_checkpoint'):
            with contextlib.suppress(FileNotFoundError):  # just renamed or removed
                stat = path.stat()
                seen.add((path.name, stat.st_size, stat.st_mtime_ns))
        return seen

    before, start = state(), time.monotonic()
    while state() == before:
        assert time.monotonic() - start < 120, 'nothing was written'
        time.sleep(0.005)


def test_no_checkpoint_is_lost(tmp_path: Path) -> None:
    make_shapenet55(tmp_path / 'data')
    cfg = tiny_config(tmp_path / 'data', batch_size=8, max_epochs=10_000)
    cfg.model.masking.type = 'RandomMasking'
    cfg.default_hooks.checkpoint.max_keep_ckpts = KEPT
    cfg.log_level = 'ERROR'
    cfg.dump(tmp_path / 'config.py')
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['tests.engine.test_kills', 'recon_mm.models'])
    killed, rng = tmp_path / 'killed', random.Random(0)
    killed.mkdir()

    def start(work_dir: Path, max_epochs: int, slow: bool) -> multiprocessing.Process:
        arguments = (str(tmp_path / 'config.py'), str(work_dir), max_epochs, slow)
        process = context.Process(target=run, args=arguments)
        process.start()
        return process

    newest, partial = 0, 0
    for _ in range(KILLS):
        process = start(killed, 10_000, slow=rng.random() < 0.5)
        if rng.random() < 0.8:  # else at its start
            wait_for_a_write(killed)
        time.sleep(rng.uniform(0, 0.6))
        assert process.is_alive()
        process.kill()
        process.join()
        partial += any(killed.glob('*.partial'))
        newest = check(killed, newest)
    assert newest > 2
    assert partial > 0, 'no kill fell into a write'

    # To the end of the next epoch, then the same without a kill.
    for work_dir in (killed, tmp_path / 'straight'):
        process = start(work_dir, newest + 1, slow=False)
        process.join()
        assert process.exitcode == 0
    assert not list(killed.glob('*.partial'))
    assert len(list(killed.glob('*.pth'))) == KEPT
    name = f'epoch_{newest + 1}.pth'
    actual = load_from_file(killed / name)['state_dict']
    expected = load_from_file(tmp_path / 'straight' / name)['state_dict']
    for key, value in expected.items():
        assert torch.equal(actual[key], value), key
