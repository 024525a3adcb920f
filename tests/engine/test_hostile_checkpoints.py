"""Checkpoints that want to run code or to remove files, through every route that reads one."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner, load_checkpoint

from recon_mm.models import ReConTransformer
from recon_mm.registry import MODELS
from recon_mm.utils.safe_checkpoint import CheckpointError, load_from_file
from tests.pretraining import ROOT, make_shapenet55, tiny_config, train, weights


@pytest.fixture(scope='module')
def run(tmp_path_factory) -> tuple[Config, Path]:
    """A tiny run of one epoch: its config and its checkpoint."""
    folder = tmp_path_factory.mktemp('run')
    make_shapenet55(folder / 'data')
    cfg = tiny_config(folder / 'data', batch_size=8, max_epochs=1)
    assert train(cfg, folder / 'work') == 0
    return cfg, folder / 'work/epoch_1.pth'


@pytest.fixture
def bait(tmp_path: Path) -> Path:
    """A file that nothing may remove."""
    path = tmp_path / 'elsewhere/best_of_another_run.pth'
    path.parent.mkdir()
    path.write_text('precious')
    return path


@pytest.fixture
def armed(run, tmp_path: Path, bait: Path) -> Path:
    """The checkpoint, with a config text that makes a folder and a best checkpoint elsewhere."""
    checkpoint = torch.load(run[1], weights_only=True)
    checkpoint['meta']['config'] = f'import os\nos.mkdir({str(tmp_path / "marker")!r})\n'
    info = checkpoint['message_hub']['runtime_info']
    info.update(
        best_ckpt=str(bait), best_score=-1.0, keep_ckpt_ids=['../x', 1], last_ckpt=str(bait)
    )
    path = tmp_path / 'work/epoch_1.pth'
    path.parent.mkdir()
    torch.save(checkpoint, path)
    (path.parent / 'last_checkpoint').write_bytes(b'\xff/dev/zero')
    return path


def longer(run, **checkpoint_hook: Any) -> Config:
    cfg = run[0].copy()
    cfg.train_cfg.max_epochs = 3
    cfg.default_hooks.checkpoint.update(checkpoint_hook)
    return cfg


@pytest.mark.parametrize(
    'route', ['--resume PATH', '--resume', 'resume=True', 'resume=True load_from=PATH']
)
def test_resuming_runs_nothing(run, armed: Path, tmp_path: Path, bait: Path, route: str) -> None:
    arguments = {
        '--resume PATH': ['--resume', str(armed)],
        '--resume': ['--resume'],
        'resume=True': ['--cfg-options', 'resume=True'],
        'resume=True load_from=PATH': ['--cfg-options', 'resume=True', f'load_from={armed}'],
    }
    cfg = longer(run, max_keep_ckpts=1)
    assert train(cfg, armed.parent, *arguments[route]) == 0
    assert not (tmp_path / 'marker').exists()
    assert bait.read_text() == 'precious'
    assert {path.name for path in armed.parent.glob('*.pth')} == {'epoch_3.pth'}
    assert weights(armed.parent, 3)


def test_the_best_checkpoint_of_a_file_is_not_removed(run, armed: Path, bait: Path) -> None:
    """A better one replaces that of the work directory; paths inside the file mean nothing."""
    stale = armed.parent / 'best_svm_accuracy_epoch_0.pth'
    stale.write_bytes(armed.read_bytes())
    cfg = longer(run, save_best='svm/accuracy', rule='greater')
    cfg.work_dir, cfg.resume, cfg.load_from = str(armed.parent), True, str(armed)
    cfg.experiment_name = armed.parent.parent.name
    runner = Runner.from_cfg(cfg)
    hook = next(hook for hook in runner.hooks if type(hook).__name__ == 'AtomicCheckpointHook')
    runner.load_or_resume()
    runner.train_loop._epoch = runner.train_loop._iter = 1
    hook.before_train(runner)
    assert hook.best_ckpt_path == str(stale)
    hook.after_val_epoch(runner, {'svm/accuracy': 50.0})
    assert bait.read_text() == 'precious'
    assert not stale.exists()
    assert len(list(armed.parent.glob('best_svm_accuracy_*.pth'))) == 1


class RunsCode:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return Path.mkdir, (self.marker,)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / 'hostile.pth'
    state = dict(epoch=1, state_dict={'w': RunsCode(tmp_path / 'marker')}, meta={})
    torch.save(state, path)
    return path


def by_init_cfg(path: Path) -> None:
    init_cfg = dict(type='Pretrained', checkpoint=str(path))
    model = MODELS.build(dict(type='ReConTransformer', depth=1, init_cfg=init_cfg))
    model.init_weights()


@pytest.mark.parametrize(
    'read',
    [
        load_from_file,
        by_init_cfg,
        lambda path: load_checkpoint(ReConTransformer(), str(path)),
    ],
    ids=['the loader', 'init_cfg', 'mmengine.runner.load_checkpoint'],
)
def test_code_in_a_file_is_refused(read, hostile: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r'hostile\.pth.*could run code'):
        read(hostile)
    assert not (tmp_path / 'marker').exists()


@pytest.mark.parametrize('option', ['load_from={}', 'resume=True load_from={}'])
def test_code_in_a_file_is_refused_by_the_command(run, hostile, tmp_path, option: str) -> None:
    with pytest.raises(RuntimeError, match=r'hostile\.pth.*could run code'):
        train(run[0].copy(), tmp_path / 'w', '--cfg-options', *option.format(hostile).split())
    assert not (tmp_path / 'marker').exists()


def test_the_converter_and_the_test_refuse_it(hostile: Path, tmp_path: Path) -> None:
    commands = [
        ['tools/model_converters/convert_release.py', hostile, tmp_path / 'out.pth'],
        ['tools/test.py', 'configs/recon/linear_svm_modelnet40.py', hostile],
    ]
    for command in commands:
        done = subprocess.run(
            [sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode
    assert not (tmp_path / 'marker').exists()


@pytest.mark.parametrize(
    'content', [b'', b'text, not weights\n' * 20, b'PK\x03\x04 cut off', bytes(range(256)) * 8]
)
def test_what_is_no_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'notes.pth'
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"notes\.pth' \({len(content)} bytes\)"):
        load_from_file(path)


def test_a_list_is_no_checkpoint(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / 'list.pth')
    with pytest.raises(CheckpointError, match='holds a list, expected a dictionary'):
        load_from_file(tmp_path / 'list.pth')


@pytest.mark.parametrize('weights', [{}, [1], None, {1: torch.zeros(1)}], ids=str)
def test_weights_without_names_are_refused(tmp_path: Path, weights: Any) -> None:
    """Else a run would start, or continue, from random weights, without a word."""
    torch.save({'state_dict': weights}, tmp_path / 'empty.pth')
    with pytest.raises(CheckpointError, match=r"empty\.pth' holds a .* without names"):
        load_from_file(tmp_path / 'empty.pth')


@pytest.mark.parametrize(
    'weight',
    [torch.ones(2, 2).to_sparse(), torch.ones(2, device='meta'), torch.ones(2).to(torch.complex64)],
    ids=['sparse', 'meta', 'complex'],
)
def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, weight: torch.Tensor) -> None:
    """MMEngine logs that they do not fit, and goes on without them."""
    torch.save({'state_dict': {'w': weight}}, tmp_path / 'odd.pth')
    with pytest.raises(CheckpointError, match=r"odd\.pth' has 'w' as torch\."):
        load_from_file(tmp_path / 'odd.pth')


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r'epoch_9\.pth'):
        load_from_file(tmp_path / 'epoch_9.pth')
