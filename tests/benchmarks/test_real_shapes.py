"""The runs of the benchmarks on real shapes are those that the tables name."""

import argparse
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from benchmarks import cost_to_quality, real_shapes
from benchmarks.real_data import TEXT_WIDTH
from benchmarks.real_tasks import SMALL
from recon_mm.models import ReCon
from recon_mm.registry import MODELS

CONTRAST = ('contrast only', 'contrast only, masked as the recipe')
# whose patches learn from the teachers
FREE = (real_shapes.RECIPE, *CONTRAST, 'ReCon without stop-gradient', 'ReCon++')
TINY = {'embed_dims': 48, 'depth': 2, 'num_heads': 2}


@pytest.fixture
def args(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    """The arguments for a prepared folder of 100 meshes."""
    monkeypatch.setenv('RECON_DATA', '')  # which the benchmark sets
    init_default_scope('recon_mm')
    prepared = tmp_path / 'meshes'
    prepared.mkdir()
    (prepared / 'shapes.csv').write_text('name\n' + 'shape\n' * 100)
    return real_shapes.parse_args(
        [str(tmp_path), '--out', str(tmp_path), '--prepared', str(prepared), '--epochs', '30']
    )


def build(row: str, args: argparse.Namespace) -> ReCon:
    """The model of a row, small."""
    cfg = real_shapes.pretraining(row, 0, args)
    cfg.model.backbone.update(TINY)
    return MODELS.build(cfg.model)


def test_rows_differ_as_they_are_named(args: argparse.Namespace) -> None:
    models = {row: build(row, args) for row in real_shapes.MESHES}
    assert not models['reconstruction only'].heads
    assert models['reconstruction only'].neck is not None
    assert all(models[row].neck is None for row in CONTRAST)
    assert [models[row].masking is None for row in CONTRAST] == [True, False]
    for row, model in models.items():
        assert row == 'reconstruction only' or set(model.heads) >= {'image', 'text'}
        free = row in FREE
        assert model.backbone.stop_gradient is not free
    assert models['ReCon with single-modal contrast'].self_contrast_head is not None
    assert models['ReCon'].self_contrast_head is None


@pytest.mark.parametrize('row', real_shapes.ROWS)
def test_rows_are_given_what_their_losses_read(row: str, args: argparse.Namespace) -> None:
    cfg = real_shapes.pretraining(row, 0, args)
    given = {
        'points': torch.rand(4, 1024, 3),
        'image_features': torch.rand(4, 1280),
        'text_features': torch.rand(4, TEXT_WIDTH),
        'category': torch.arange(4),
    }
    keys = cfg.train_dataloader.dataset.pipeline[-1].input_keys
    losses = build(row, args)({key: given[key] for key in keys}, mode='loss')
    assert all(loss.isfinite() for loss in losses.values())


def test_a_share_of_the_meshes_is_trained_for_as_many_steps(args: argparse.Namespace) -> None:
    drawn, steps = {}, {}
    for row in ('ReCon, 25 % of the meshes', 'ReCon, 50 % of the meshes'):
        cfg = real_shapes.pretraining(row, 1, args)
        drawn[row] = cfg.train_dataloader.dataset.indices
        steps[row] = len(drawn[row]) * cfg.train_cfg.max_epochs
        assert drawn[row] == real_shapes.pretraining(row, 2, args).train_dataloader.dataset.indices
    assert [len(indices) for indices in drawn.values()] == [25, 50]
    assert set(steps.values()) == {100 * 30}


def test_options_are_of_the_features_too(args: argparse.Namespace) -> None:
    """What ``--options`` changes in the model, its features are computed with."""
    given = ['data', '--options', 'model.backbone.depth=3', 'train_dataloader.batch_size=8']
    args.options = real_shapes.parse_args(given).options
    cfg = real_shapes.pretraining('ReCon', 2, args)
    assert (cfg.model.backbone.depth, cfg.train_dataloader.batch_size) == (3, 8)
    assert (cfg.train_cfg.max_epochs, cfg.randomness.seed) == (30, 2)


def test_what_is_fine_tuned_is_the_pretrained_backbone(args: argparse.Namespace) -> None:
    pretrained = real_shapes.pretraining('ReCon', 0, args).model.backbone
    for key in ('embed_dims', 'depth', 'num_heads', 'num_groups'):
        assert SMALL[key] == pretrained[key]


def test_table_has_mean_and_deviation_and_leaves_gaps() -> None:
    results = {('a', 'SVM'): [80.0, 82.0], ('b', 'SVM'): [70.0], ('a', 'zero-shot'): [20.0]}
    assert list(real_shapes.table(results, ['a', 'b'])) == [
        {'pretraining': 'a', 'SVM': '81.0 ± 1.4', 'zero-shot': '20.0'},
        {'pretraining': 'b', 'SVM': '70.0', 'zero-shot': ''},
    ]


def test_baseline_of_cost_to_quality_runs_its_image_teacher(args: argparse.Namespace) -> None:
    cfg = cost_to_quality.live_config(real_shapes.pretraining('ReCon', 0, args))
    assert cfg.model.modalities.image.teacher.type == 'TimmImageTeacher'
    assert cfg.model.modalities.text.teacher.type == 'CachedTeacher'
    dataset = cfg.train_dataloader.dataset
    kinds = [step.type for step in dataset.pipeline]
    assert kinds == [
        *('LoadPoints', 'LoadRenderedImage', 'AugmentImage', 'LoadTeacherFeatures'),
        'PackPointInputs',
    ]
    assert dataset.with_images
    assert dataset.pipeline[-1].input_keys == ['points', 'images', 'text_features']


@pytest.mark.parametrize('recipe', cost_to_quality.EPOCHS)
def test_curve_of_cost_to_quality_has_its_checkpoints(
    args: argparse.Namespace, recipe: str
) -> None:
    given = cost_to_quality.recipe_args(args, recipe)
    assert given.validation
    assert given.prepared == args.prepared
    interval = given.options['default_hooks.checkpoint.interval']
    assert interval * cost_to_quality.POINTS == given.epochs
    args.prepared = None  # then real_shapes makes them
    assert cost_to_quality.recipe_args(args, recipe).prepared is None
