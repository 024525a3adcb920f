"""Bad inputs through the command line: each ends it with one line that says what to change."""

import errno
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from recon_mm.cli import main
from tests.pretraining import make_shapenet55, tiny_config
from tests.tools.commands import run_tool, tool_main

OPTIONS = '--cfg-options'


@pytest.fixture(scope='module')
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny config, its data, a checkpoint of it, and bad files."""
    folder = tmp_path_factory.mktemp('inputs')
    make_shapenet55(folder / 'data')
    cfg = tiny_config(folder / 'data', batch_size=8, max_epochs=1)
    cfg.work_dir = 'work'
    cfg.dump(folder / 'config.py')
    cfg.pop('auto_scale_lr', None)
    cfg.dump(folder / 'no_auto_scale.py')
    configs = {
        'unclosed': 'model = dict(',
        'no_base': "_base_ = 'nowhere.py'",
        'top_level': "_base_ = 'config.py'\nmodle = dict(protocol='linear')",
        'nested': "_base_ = 'config.py'\nmodel = dict(backbone=dict(dept=2))",
        'own_module': "_base_ = 'config.py'\ncustom_imports = dict(imports=['nowhere_to_be'])",
    }
    for name, text in configs.items():
        (folder / f'{name}.py').write_text(f'{text}\n')
    (folder / 'text.pth').write_text('no checkpoint\n')
    torch.save({'state_dict': {'w': torch.zeros(1)}}, folder / 'weights.pth')
    return folder


@pytest.fixture
def ending(inputs: Path, monkeypatch, capsys) -> Callable[..., tuple[int, str]]:
    """Runs a command in that folder; returns its status, and its one line without its name."""
    monkeypatch.chdir(inputs)
    # The logger of a run that began in the same second writes to what an earlier test captured.
    monkeypatch.setattr('logging.raiseExceptions', False)

    def run(run_main: Callable[..., int], *arguments: str) -> tuple[int, str]:
        try:
            status = run_main(list(arguments))
        except SystemExit as ended:
            status = int(str(ended.code))
        shown = capsys.readouterr().err
        assert 'Traceback' not in shown
        message = shown.partition(': error: ')[2].strip()
        if status == 1:  # argparse shows the usage before
            first = message.partition(' Expected layout:\n')[0]  # whose files are shown by line
            assert '\n' not in first, message
            assert re.match(r'[\w.-]+( \w+)?: error: ', shown)
        return status, message

    return run


TYPOS = {
    'modle.backbone.depth=2': r"'modle' is nothing that a run reads\. Did you mean model",
    'train_cgf.max_epochs=1': "'train_cgf' is .* Did you mean train_cfg",
    'foo=1': "'foo' is nothing that a run reads",
    'model.backbon.depth=2': "'model.backbon' is no argument of ReCon. Did you mean backbone",
    'model.backbone.dept=2': "'model.backbone.dept' .* of ReConTransformer. Did you mean depth",
    'model.modalities.imgae=None': "'model.modalities.imgae' .* Did you mean image",
    'model.type=ReCno': "'model.type' is 'ReCno', which no registry has. Did you mean ReCon",
    'optim_wrapper.optimizer.type=AdamX': "'optim_wrapper.optimizer.type' is 'AdamX'",
    'train_dataloader.num_worker=1': 'no argument of DataLoader. Did you mean num_workers',
    'train_dataloader.dataset.data_rot=x': 'no argument of ShapeNet55. Did you mean data_root',
    'train_cfg.max_epoch=1': 'Did you mean max_epochs',
    'default_hooks.chekpoint.interval=1': 'is not in default_hooks. Did you mean checkpoint',
    'default_hooks.checkpoint.intervall=1': 'Did you mean interval',
    'randomness.sed=1': "'randomness.sed' .* Did you mean seed",
    'param_scheduler.5.begin=1': "'param_scheduler.5': param_scheduler is a list of 2",
    'val_cfg.fp16=True': "'val_cfg.fp16': val_cfg is None, which has no keys",
    'model.neck.depth.x=1': "'model.neck.depth.x': model.neck.depth is 1, which has no keys",
    'model.backbone.depth=abc': "'model.backbone.depth' is 'abc', expected a number",
    'train_dataloader.dataset.with_images=maybe': "is 'maybe', expected True or False",
    'optim_wrapper.optimizer.lr=fast': "'optim_wrapper.optimizer.lr' is 'fast', expected a number",
    'param_scheduler.0.begn=1': "'param_scheduler.0.begn' is no argument of .* Did you mean begin",
    'optim_wrapper.clip_grad.max_nrm=1': "'optim_wrapper.clip_grad.max_nrm' .* mean max_norm",
    'log_level=LOUD': "'log_level' is 'LOUD', expected DEBUG",
    'optim_wrapper.optimizer=SGD': "'optim_wrapper.optimizer' has keys .*lr.*: set one of them",
}


@pytest.mark.parametrize('option', TYPOS)
def test_an_override_that_nothing_reads(ending, option: str) -> None:
    status, message = ending(main, 'train', 'config.py', OPTIONS, option)
    assert status == 1
    assert re.search(TYPOS[option], message)


RUNS = {
    'recon/pretrain_shapnet': "no config 'recon/pretrain_shapnet'.* Did you mean recon/pretrain_sh",
    'confg.py': "no config 'confg.py'",
    '.': "no config '.'",
    'unclosed.py': "config 'unclosed.py' cannot be read: SyntaxError",
    'no_base.py': r"config 'no_base.py' cannot be read: FileNotFoundError: .*nowhere\.py",
    'own_module.py': "config 'own_module.py' cannot be read: .*nowhere_to_be",
    'top_level.py': "'modle' is nothing that a run reads. Did you mean model",
    'nested.py': "'model.backbone.dept' is no argument of ReConTransformer. Did you mean depth",
    'recon/linear_svm_modelnet40': 'has no train_cfg: it is not made to train',
    'config.py --resume text.pth': r"'text\.pth' \(14 bytes\) cannot be read as a checkpoint",
    'config.py --resume weights.pth': r"'weights\.pth' has no .*optimizer.*load_from=CHECKPOINT",
    'config.py --resume weight.pth': r"no checkpoint 'weight\.pth' .* Did you mean weights\.pth",
    'config.py --resume .': r"no checkpoint '\.' .*There are: text\.pth, weights\.pth",
    f'config.py {OPTIONS} load_from=weight.pth': r'no checkpoint .* Did you mean weights\.pth',
    f'config.py {OPTIONS} load_from=text.pth': r"'text\.pth' .* cannot be read as a checkpoint",
    'config.py --launcher pytorch': 'the variable RANK is not set.* torchrun',
    'config.py --launcher slurm': 'the variable SLURM_PROCID is not set',
    f'config.py {OPTIONS} train_cfg.max_epochs=0': r'max_epochs is 0, expected .* from 1',
    f'config.py {OPTIONS} train_dataloader.batch_size=99': 'no step: the training set has 24 .* 99',
    f'config.py {OPTIONS} train_dataloader.batch_size=0': 'batch_size should be a positive integer',
    f'config.py {OPTIONS} train_dataloader.batch_size=1': 'a batch of one sample: set batch_size',
    f'config.py {OPTIONS} train_dataloader.num_workers=-1': 'num_workers option should be non-neg',
    f'config.py {OPTIONS} optim_wrapper.optimizer.lr=-1': 'Invalid learning rate: -1',
    f'config.py {OPTIONS} randomness.seed=-1': r'randomness\.seed is out of range',
    f'config.py {OPTIONS} model.backbone.embed_dims=-48': 'a size of the model is negative',
    f'config.py {OPTIONS} optim_wrapper.accumulative_counts=0': 'greater than or equal to 1',
    f'config.py {OPTIONS} model.backbone.num_heads=5': 'embed_dims=48 is not a multiple',
    f'config.py {OPTIONS} train_dataloader.dataset.data_root=nowhere': "ShapeNet55: no folder 'now",
}  # fmt: skip


@pytest.mark.parametrize('arguments', RUNS)
def test_a_training_that_cannot_be(ending, arguments: str) -> None:
    status, message = ending(main, 'train', *arguments.split())
    assert status == 1
    assert re.search(RUNS[arguments], message)


WRONG_LINES = {
    f'train config.py {OPTIONS} model.backbone.depth': "'model.backbone.depth' has no '='",
    f'train config.py {OPTIONS} a=[1,2': 'has brackets that do not match',
    'train no_auto_scale.py --auto-scale-lr': 'does not say for which batch its learning rate is',
    'train config.py --launcher horse': "invalid choice: 'horse'",
    'test config.py': 'the following arguments are required: checkpoint',
    'trian config.py': "invalid choice: 'trian'",
}


@pytest.mark.parametrize('arguments', WRONG_LINES)
def test_a_wrong_command_line(ending, arguments: str) -> None:
    status, message = ending(main, *arguments.split())
    assert status == 2
    assert WRONG_LINES[arguments] in message


TOOLS = {
    'test.py recon/linear_svm_modelnet40 text.ptx': r"no checkpoint 'text\.ptx' .* mean text\.pth",
    'test.py config.py none': 'config.py has no test_cfg: it is not made to test',
    'few_shot.py recon/fewshot_modelnet none': 'no config .* Did you mean recon/fewshot_modelnet40',
    'few_shot.py recon/fewshot_modelnet40 text.ptx': r'no checkpoint .* mean text\.pth',
    'zero_shot.py config.py text.pth --classes a --points b.npy': 'cannot be read as a checkpoint',
    'deployment/export_backbone.py config.py text.pth --out a.pt2': 'cannot be read as a checkp',
    'cache_teacher_features.py config.py --views 1 --out out': 'expected a teacher that computes',
    'dataset_converters/pack_shapenet55.py data --lists none.txt': r"no file '.*none\.txt'",
    'dataset_converters/check_dataset.py confg.py': "no config 'confg.py'",
    'dataset_converters/make_demo_data.py --seed -1': 'seed is -1, expected 0 or more',
    'model_converters/convert_release.py text.pth out.pth': 'cannot be read as a checkpoint',
    'analysis_tools/summarize_validation.py .': 'was a model trained there',
    'analysis_tools/visualize_reconstruction.py config.py text.ptx': r'Did you mean text\.pth',
    'analysis_tools/visualize_part_segmentation.py confg.py none': "no config 'confg.py'",
}


@pytest.mark.parametrize('command', TOOLS)
def test_every_tool(ending, command: str) -> None:
    tool, *arguments = command.split()
    status, message = ending(tool_main(tool), *arguments)
    assert status == 1
    assert re.search(TOOLS[command], message)


@pytest.fixture
def bad_file(inputs: Path):
    """One of the clouds, to be spoiled and restored."""
    path = inputs / 'data/shapenet_pc/02691156-0.npy'
    content = path.read_bytes()
    yield path
    path.write_bytes(content)


@pytest.mark.parametrize('workers', [0, 1])
def test_bad_clouds(ending, bad_file: Path, workers: int) -> None:
    """Of another size than the others, then empty; read here or in another process."""
    command = ['train', 'config.py', OPTIONS, f'train_dataloader.num_workers={workers}']
    np.save(bad_file, np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32))
    status, message = ending(main, *command)
    assert status == 1
    assert 'differ in size: end the pipeline of the data set with SamplePoints' in message
    bad_file.write_bytes(b'')
    status, message = ending(main, *command)
    assert status == 1
    assert re.match(r"'.*02691156-0\.npy' .*0 bytes", message)


def test_a_classifier_is_not_resumed_from_a_pretraining(ending, inputs: Path, tiny_config) -> None:
    assert main(['train', str(inputs / 'config.py'), '--work-dir', str(inputs / 'run')]) == 0
    cfg = tiny_config('classification_scanobjectnn_obj_bg_full')
    cfg.model.backbone.update(embed_dims=48, depth=2)
    cfg.dump(inputs / 'classifier.py')
    status, message = ending(main, 'train', 'classifier.py', '--resume', 'run/epoch_1.pth')
    assert status == 1
    assert 'its optimizer is that of another model' in message
    assert '--cfg-options load_from=CHECKPOINT instead of --resume' in message


def test_a_full_disk_while_a_set_is_parsed(ending, inputs: Path, tiny_config, monkeypatch) -> None:
    cfg = tiny_config('classification_modelnet40_1k_full')
    cfg.train_dataloader.dataset.cache_dir = str(inputs / 'parsed')
    cfg.dump(inputs / 'modelnet.py')

    def full(*_) -> None:
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr('recon_mm.datasets.parsed.save_array', full)
    status, message = ending(main, 'train', 'modelnet.py')
    assert status == 1
    assert re.match(
        r"'.*parsed/modelnet40-train-.*' cannot be written .*No space left.* GB", message
    )
    assert not list((inputs / 'parsed').glob('*.partial'))


def test_an_empty_pickle(ending, inputs: Path, tiny_config, demo_data, tmp_path) -> None:
    cfg = tiny_config('classification_modelnet40_1k_full')
    pickled = tmp_path / 'ModelNet/modelnet40_train_8192pts_fps.dat'
    pickled.parent.mkdir()
    pickled.write_bytes(b'')
    (names,) = demo_data.glob('*/modelnet40_shape_names.txt')
    shutil.copy(names, pickled.parent)
    cfg.train_dataloader.dataset.data_root = str(pickled.parent)
    cfg.dump(inputs / 'pickled.py')
    status, message = ending(main, 'train', 'pickled.py')
    assert status == 1
    assert f"'{pickled}'" in message and 'no complete pickle' in message


def test_a_loss_that_is_not_finite(ending) -> None:
    rate = 'optim_wrapper.optimizer.lr=1e30'
    status, message = ending(main, 'train', 'config.py', OPTIONS, rate, 'param_scheduler=[]')
    assert status == 1
    assert 'not finite at iteration' in message


def test_as_a_user_runs_it(inputs: Path) -> None:
    """In a process of its own: the line is the last, and ``--traceback`` shows the way to it."""
    command = ['train.py', 'config.py', OPTIONS, 'model.backbone.dept=2']
    ended = run_tool(*command, cwd=inputs)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("train.py: error: 'model.backbone.dept' is no ")
    assert 'Traceback' not in ended.stderr
    ended = run_tool(*command, '--traceback', cwd=inputs)
    assert ended.returncode == 1
    assert 'Traceback (most recent call last)' in ended.stderr
    assert "ValueError: 'model.backbone.dept'" in ended.stderr.splitlines()[-1]
