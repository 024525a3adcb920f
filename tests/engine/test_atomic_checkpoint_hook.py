"""What the checkpoint hook promises of files, whatever interrupts it."""

import gc
import resource
from pathlib import Path

import pytest
from mmengine.hooks import Hook
from mmengine.runner import Runner

from recon_mm.engine.atomic_checkpoint_hook import AtomicCheckpointHook
from tests.pretraining import make_shapenet55, tiny_config


@pytest.fixture(scope='module')
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('data')
    make_shapenet55(folder / 'data')
    return folder / 'data'


def new_runner(data: Path, tmp_path: Path, **hook) -> tuple[Runner, AtomicCheckpointHook]:
    cfg = tiny_config(data, batch_size=8, max_epochs=2)
    cfg.work_dir, cfg.experiment_name = str(tmp_path / 'work'), tmp_path.name
    cfg.log_level = 'ERROR'
    cfg.default_hooks.checkpoint.update(hook)
    runner = Runner.from_cfg(cfg)
    return runner, next(h for h in runner.hooks if isinstance(h, AtomicCheckpointHook))


class FullDisk(Hook):
    """No file can grow beyond some bytes, from the second epoch on."""

    def before_train_epoch(self, runner: Runner) -> None:
        if runner.epoch == 1:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))


def test_a_full_disk_names_the_checkpoint(data: Path, tmp_path: Path) -> None:
    runner, _ = new_runner(data, tmp_path)
    runner.register_hook(FullDisk())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(OSError, match=r"work/epoch_2\.pth' cannot be written \(.*MB are free"):
            runner.train()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    work = tmp_path / 'work'
    first = work / 'epoch_1.pth'
    assert {*work.glob('*.pth*'), *work.glob('last*')} == {first, work / 'last_checkpoint'}
    assert Path((work / 'last_checkpoint').read_text()) == first


def test_last_checkpoint_is_true_before_an_old_one_is_removed(data: Path, tmp_path: Path) -> None:
    """Two kills between a checkpoint and the record of it, with two checkpoints kept."""
    runner, hook = new_runner(data, tmp_path, max_keep_ckpts=2)
    work = tmp_path / 'work'
    for epoch in (1, 2, 3):
        (work / f'epoch_{epoch}.pth').touch()
    (work / 'epoch_4.pth.partial').touch()
    others = {'epoch_01.pth', 'epoch_\N{ARABIC-INDIC DIGIT THREE}.pth'}  # not written by the hook
    for name in others:
        (work / name).touch()
    (work / 'of_another_tool.partial').touch()
    (work / 'last_checkpoint').write_text(str(work / 'epoch_1.pth'))
    runner.train_loop._epoch, runner.train_loop._iter = 3, 9
    hook.before_train(runner)
    assert (work / 'last_checkpoint').read_text() == str(work / 'epoch_3.pth')
    written = (work / 'last_checkpoint').stat().st_mtime_ns
    hook.before_train(runner)
    assert (work / 'last_checkpoint').stat().st_mtime_ns == written  # it says so already
    left = {path.name for path in work.glob('epoch_*')}
    assert left == {'epoch_2.pth', 'epoch_3.pth', *others}
    assert (work / 'of_another_tool.partial').exists()


@pytest.mark.parametrize('keys', [['svm/accuracy'], ['svm/accuracy', 'loss']], ids=len)
def test_the_best_is_removed_after_a_better_one_is_there(
    data: Path, tmp_path: Path, monkeypatch, keys: list[str]
) -> None:
    rules = ['greater', 'less'][: len(keys)]
    runner, hook = new_runner(data, tmp_path, save_best=keys, rule=rules)
    hook.before_train(runner)

    def best() -> set[str]:
        return {path.name for path in (tmp_path / 'work').glob('best_*')}

    def validate(epoch: int, accuracy: float) -> None:
        runner.train_loop._epoch = epoch
        hook.after_val_epoch(runner, {'svm/accuracy': accuracy, 'loss': 1.0})

    others = {'best_loss_epoch_1.pth'} if len(keys) > 1 else set()
    validate(1, 50.0)
    assert best() == {'best_svm_accuracy_epoch_1.pth'} | others
    for worse in (40.0, float('nan')):
        validate(2, worse)
    monkeypatch.setattr('os.replace', lambda *_: (_ for _ in ()).throw(OSError('disk is gone')))
    with pytest.raises(OSError, match='disk is gone'):
        validate(3, 60.0)
    assert best() == {'best_svm_accuracy_epoch_1.pth'} | others
    monkeypatch.undo()
    runner.train_loop._iter = 9
    hook.before_train(runner)  # as a resumed run finds it
    runner.message_hub.update_info('best_score', 50.0)
    runner.message_hub.update_info('best_score_svm/accuracy', 50.0)
    validate(4, 70.0)
    assert best() == {'best_svm_accuracy_epoch_4.pth'} | others
    with pytest.raises(KeyError, match="save_best is 'svm/accuracy', the validation has accuracy"):
        hook.after_val_epoch(runner, {'accuracy': 1.0, 'loss': 1.0})


def test_a_checkpoint_leaves_no_garbage(data: Path, tmp_path: Path) -> None:
    """Objects in cycles stay until Python's collector looks at all objects, which is rare."""
    runner, hook = new_runner(data, tmp_path, save_optimizer=False, save_param_scheduler=False)
    assert runner.train_loop  # builds it
    hook.before_train(runner)
    hook._save_checkpoint(runner)
    gc.collect()
    gc.disable()
    try:
        hook._save_checkpoint(runner)
        assert gc.collect() < 1000
    finally:
        gc.enable()
