"""The baseline of the benchmarks computes what ours does, and the commands run."""

import argparse
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from benchmarks import downstream_step, pretrain_step, profile_step
from benchmarks.pretrain_step import pretraining_config, reconpp_step_inputs, write_data
from benchmarks.shapenet_files import CATEGORIES, build_loader
from benchmarks.step import PARTS, TEACHERS, VARIANTS, TrainingStep, measure_one
from benchmarks.teachers import LiveTextTeacher
from recon_mm.models.layers import TwoForms
from recon_mm.models.teachers import CLIPTextTeacher
from recon_mm.utils.precision import computes_bfloat16

THREADS = ['--device', 'cpu', '--threads', '1', '--repeats', '1']


def arguments(*more: str) -> argparse.Namespace:
    return pretrain_step.parse_args([*THREADS, '--model', 'test', '--batch-size', '3', *more])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    init_default_scope('recon_mm')
    write_data(arguments(), tmp_path)
    return tmp_path


def step(name: str, files: Path, clip: str) -> TrainingStep:
    """A variant of the pretraining step with a small CLIP, and with its true sentence table."""
    torch.manual_seed(0)  # of the order of the samples
    variant = VARIANTS[name]
    cfg = pretraining_config('test', variant.live)
    text = cfg.model.modalities.text
    text.head.feature_dims = 32
    text.teacher.model_name = clip
    if 'text' not in variant.live:
        text.teacher.type = 'CLIPTextTeacher'
        del text.teacher.table_dims
        text.teacher.cache_dir = str(files)
    return TrainingStep(cfg, next(iter(build_loader(cfg, files, 3))), 'cpu', variant)


def test_baseline_has_the_losses_of_ours(files: Path, tiny_clip: str) -> None:
    baseline, ours = step('baseline', files, tiny_clip), step('eager', files, tiny_clip)
    assert all(m.plain for m in baseline.model.modules() if isinstance(m, TwoForms))
    assert not any(m.plain for m in ours.model.modules() if isinstance(m, TwoForms))
    ours.model.load_state_dict(baseline.model.state_dict())
    stored = baseline.model.teachers['image'](baseline.batch['inputs'])
    ours.batch['inputs']['image_features'] = stored
    losses = []
    for each in (baseline, ours):
        torch.manual_seed(1)
        prepared = each.model.data_preprocessor(each.batch, training=True)
        losses.append(each.model.loss(prepared['inputs']))
    expected, actual = losses
    assert set(actual) == {'loss_reconstruction', 'loss_image', 'loss_text'}
    for name, loss in expected.items():
        assert actual[name].item() == pytest.approx(loss.item(), rel=1e-4), name


def test_plain_reconpp_has_the_losses_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    init_default_scope('recon_mm')
    cfg, batch = reconpp_step_inputs('reconpp-test', 3)
    assert batch['inputs']['image_features'].shape == (3, 13, 1280)
    plain, ours = (TrainingStep(cfg, batch, 'cpu', VARIANTS[n]) for n in ('plain', 'eager'))
    ours.model.load_state_dict(plain.model.state_dict())
    losses = []
    for each in (plain, ours):
        torch.manual_seed(1)
        prepared = each.model.data_preprocessor(batch, training=True)
        losses.append(each.model.loss(prepared['inputs']))
    for name, loss in losses[0].items():
        assert losses[1][name].item() == pytest.approx(loss.item(), rel=1e-4), name
    args = arguments('--model', 'reconpp-test', '--variants', 'plain')
    measured = pretrain_step.build('plain', args, Path()).measure()
    assert set(measured) == set(PARTS)
    with pytest.raises(SystemExit):
        arguments('--model', 'reconpp-test', '--variants', 'baseline')
    assert 'reconpp-test has no live teachers' in capsys.readouterr().err


def test_live_text_teacher_gives_rows_of_the_table(tiny_clip: str, tmp_path: Path) -> None:
    classes = list(CATEGORIES.values())
    how = dict(model_name=tiny_clip, pretrained=None, classes=classes)
    inputs = dict(category=torch.tensor([2, 0, 1, 1]))
    torch.manual_seed(1)
    live = LiveTextTeacher(**how)(inputs)
    torch.manual_seed(1)
    stored = CLIPTextTeacher(**how, cache_dir=str(tmp_path))(inputs)
    torch.testing.assert_close(live, stored, rtol=1e-4, atol=1e-5)


def test_a_variant_is_measured_in_parts(files: Path) -> None:
    row = measure_one(pretrain_step.build, 'baseline-image', arguments(), 3, files)
    parts = {part: row[f'{part}, ms'] for part in PARTS}
    assert all(milliseconds > 0 for milliseconds in parts.values())
    assert row['step, ms'] == pytest.approx(sum(parts.values()))
    assert row['student, ms'] == pytest.approx(row['step, ms'] - parts[TEACHERS])
    assert row['clouds/s'] == pytest.approx(3 / row['step, ms'] * 1e3)
    ours = measure_one(pretrain_step.build, 'eager', arguments(), 3, files)
    assert ours['GFLOP'] < row['GFLOP']  # no image network, fewer products in the embedding


def test_commands_print_a_row_for_each_variant(capsys: pytest.CaptureFixture[str]) -> None:
    small = ['--model', 'test', '--batch-size', '3']
    # Imitated, bfloat16 would take minutes.
    ours = 'bf16' if computes_bfloat16(torch.device('cpu')) else 'eager'
    pretrain_step.main([*THREADS, *small, '--variants', 'plain', 'traced'])
    downstream_step.main([*THREADS, '--test', '--tasks', 'parts', '--variants', 'plain', ours])
    profile_step.main([*THREADS, *small, '--variants', ours])
    cells = [line.split(' | ') for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in cells if row[0] in ('| plain', '| traced')] == ['| plain', '| traced']
    assert [row[:3] for row in cells if row[0] == '| parts'] == [
        ['| parts', '4', 'plain'],
        ['| parts', '4', ours],
    ]
    assert any(row[0] == '| `aten::mm`' for row in cells)
