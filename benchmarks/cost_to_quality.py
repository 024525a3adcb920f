"""What a given quality costs: a linear SVM's accuracy along pretraining, and the hours until there.

    python -m benchmarks.cost_to_quality ../shared/data/real --out work_dirs/cost_to_quality

The baseline is ``pretrain_folder_paper`` with the plain form of each layer, in float32, with its
image teacher live (``benchmarks/step.py``). The plain forms compute the same
(``tests/models/layers``), so that it is taken to learn what ours learns in as many steps: both have
one curve, and hours of their own, those of a measured step. Ours runs in bfloat16 and reads stored
features. Accuracies are on validation data, a tenth of ModelNet40's training split. A recipe is
trained once and stays in ``--out``: the same command continues after an interruption.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from . import real_shapes
from .machine import heading
from .real_tasks import linear_probe
from .step import TrainingStep, add_step_arguments, compare, ready_process
from .table import Row, print_table

ROW, SEED = real_shapes.RECIPE, 0
EPOCHS = {'pretrain_folder_paper': 48, 'pretrain_folder': 30}
POINTS = 3  # of a curve


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('data', type=Path, help='the folder of real data')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/cost_to_quality'))
    parser.add_argument(
        '--prepared', type=Path, help='the prepared meshes (default: made in --out)'
    )
    parser.add_argument('--recipes', nargs='+', choices=list(EPOCHS), default=list(EPOCHS))
    add_step_arguments(parser, ['baseline-image', 'bf16'])
    return parser.parse_args()


def recipe_args(args: argparse.Namespace, recipe: str) -> argparse.Namespace:
    """The arguments of ``benchmarks.real_shapes`` for a recipe."""
    epochs = EPOCHS[recipe]
    given = real_shapes.parse_args(
        [
            *(str(args.data), '--out', str(args.out / recipe), '--validation'),
            *('--recipe', recipe, '--epochs', str(epochs), '--options'),
            f'default_hooks.checkpoint.interval={epochs // POINTS}',
            'default_hooks.checkpoint.max_keep_ckpts=-1',
        ]
    )
    given.prepared = args.prepared
    return given


def curve(recipe: str, args: argparse.Namespace) -> dict[int, float]:
    """The SVM's accuracy in percent after so many epochs; trains what is not there yet."""
    cfg_file, last = real_shapes.pretrain(ROW, SEED, args)
    assert last is not None
    found = {}
    for i in range(1, POINTS + 1):
        epoch = EPOCHS[recipe] * i // POINTS
        weights = last.with_name(f'epoch_{epoch}.pth')
        probe = real_shapes.cell(
            weights.with_suffix('.json'),
            lambda: linear_probe(cfg_file, weights, SEED, args),  # noqa: B023
        )
        print(f'{recipe}, epoch {epoch}: {probe}', flush=True)
        found[epoch] = probe['linear SVM']
    return found


def live_config(cfg: Config) -> Config:
    """Lets the image teacher run in every step."""
    cfg.model.modalities.image.teacher = cfg.stored_features.image.teacher
    dataset = cfg.train_dataloader.dataset
    points, _, text, pack = dataset.pipeline
    pack.input_keys = ['points', 'images', 'text_features']
    dataset.update(
        with_images=True, pipeline=[points, *cfg.stored_features.image.pipeline, text, pack]
    )
    return cfg


def build(name: str, args: argparse.Namespace, given: argparse.Namespace) -> TrainingStep:
    """A variant of a recipe's step, with a batch of its data."""
    variant = ready_process(name, args)
    cfg = real_shapes.pretraining(ROW, SEED, given)
    cfg.train_dataloader.update(num_workers=0, persistent_workers=False)
    if variant.live:
        cfg = live_config(cfg)
    batch = next(iter(Runner.build_dataloader(cfg.train_dataloader)))
    return TrainingStep(cfg, batch, args.device, variant, args.cpu_time)


def rows(args: argparse.Namespace) -> Iterator[Row]:
    """A row for each recipe and point of its curve, with the hours of every variant."""
    for recipe in args.recipes:
        given = recipe_args(args, recipe)
        real_shapes.prepare(given)
        args.prepared = given.prepared  # the next recipe's, too
        found = curve(recipe, given)
        cfg = real_shapes.pretraining(ROW, SEED, given)
        loader = Runner.build_dataloader(cfg.train_dataloader)
        times = compare(build, args, cfg.train_dataloader.batch_size, given)
        for epochs, accuracy in found.items():
            steps = epochs * len(loader)
            hours = {f'{t["variant"]}, h': steps * t['step, ms'] / 3.6e6 for t in times}
            yield {'recipe': recipe, 'steps': steps, 'linear SVM, %': accuracy, **hours}


def main() -> None:
    """Runs the command."""
    args = parse_args()
    init_default_scope('recon_mm')
    print(f'{heading(args)}\n')
    print_table(list(rows(args)))


if __name__ == '__main__':
    main()
