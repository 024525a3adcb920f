"""What pretraining is worth on real shapes.

python -m benchmarks.real_shapes ../shared/data/real --out work_dirs/real_shapes

Pretrains on a folder of meshes with real teachers, and on ModelNet40's training clouds without
labels or text, with and without an image teacher; every result is on ModelNet40's official test
split, read once per seed. Settings are chosen with ``--validation``, for which a tenth of the
training split takes the test split's place. Each cell of the table is a file below ``--out``: the
same command continues after an interruption, and adds what is asked for.
"""

import argparse
import csv
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config, ConfigDict, DictAction

from recon_mm.apis.pretrain import fit_schedule
from recon_mm.utils.files import write_file

from .demo_chain import config, run
from .real_data import TEXT_LENGTH, TEXT_WIDTH, write_clouds, write_modelnet40
from .real_tasks import PROBES, TASKS, modelnet
from .table import Row, lines, print_table

RECIPE = 'the recipe as it is'
MASKED = {'masking': {'mask_ratio': 0.75}}
NOT_RECONSTRUCTED = {'neck': None, 'reconstruction_head': None}
STOPPED, ALL_GRADIENT = ({'backbone': {'stop_gradient': stop}} for stop in (True, False))
PAPER = {**MASKED, **STOPPED}
NO_TEACHERS = {**PAPER, 'modalities': {'image': None, 'text': None}}
MESHES: dict[str, dict[str, Any]] = {  # how the model differs from the recipe's
    RECIPE: {},
    'reconstruction only': NO_TEACHERS,
    'contrast only': {**NOT_RECONSTRUCTED, 'masking': None, **ALL_GRADIENT},
    'contrast only, masked as the recipe': {**NOT_RECONSTRUCTED, **ALL_GRADIENT},
    'ReCon': PAPER,
    'ReCon without stop-gradient': {**MASKED, **ALL_GRADIENT},
    'ReCon with single-modal contrast': {
        **PAPER,
        'self_contrast_head': {'type': 'SelfContrastHead'},
    },
    # a query for each stored feature
    'ReCon++': {'backbone': {'global_tokens': {'image': 4, 'text': 1}}},
}
HOUSES = {'ReCon++': '../reconpp/'}  # the folder of a row's config, from that of the others
IMAGE, TEXT = 'features/image_all', 'features/text_clip_all'
UNTRAINED, MODELNET = 'untrained', "ModelNet40's training clouds, reconstruction only"
CLOUDS = "ModelNet40's training clouds, images"  # the recipe for shapes that nobody named
CLOUD_VIEWS = 2
SHARES = {f'ReCon, {share} % of the meshes': share for share in (25, 50)}
ROWS = (UNTRAINED, *MESHES, *SHARES, CLOUDS, MODELNET)


def parse_args(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('data', type=Path, help='the folder of real data')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/real_shapes'))
    parser.add_argument('--prepared', type=Path, help='the prepared meshes (default: in --out)')
    parser.add_argument('--rows', nargs='+', choices=ROWS, default=ROWS, metavar='ROW')
    parser.add_argument('--tasks', nargs='+', choices=list(TASKS), default=list(TASKS))
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--recipe', default='pretrain_folder', help='a config of pretraining')
    parser.add_argument(
        '--patches', type=int, help='of a cloud, after pretraining (default: as the recipe)'
    )
    parser.add_argument('--epochs', type=int, default=30, help='of the meshes')
    parser.add_argument(
        '--modelnet-epochs', type=int, default=20, help="of ModelNet40's clouds; half with images"
    )
    parser.add_argument('--validation', action='store_true', help='leave the test split alone')
    parser.add_argument(
        '--options', nargs='+', action=DictAction, default={}, help='--cfg-options of pretraining'
    )
    return parser.parse_args(arguments)


def prepare(args: argparse.Namespace) -> None:
    """Makes what is missing of ModelNet40, and of the meshes' points, views and features."""
    args.out = args.out.resolve()
    write_modelnet40(args.data / 'modelnet40_1024.npz', args.out / 'data', args.validation)
    if args.prepared is None:
        args.prepared = args.out / 'meshes'
        run('dataset_converters/prepare_shapes.py', args.data / 'shapes', '--out', args.prepared)
    args.prepared = args.prepared.resolve()
    os.environ['RECON_DATA'] = str(args.prepared)
    cache = (
        'cache_teacher_features.py', config('pretrain_folder'), '--cfg-options',
        'train_dataloader.dataset.split=trainval', '--out',
    )  # fmt: skip
    if not (args.prepared / IMAGE).exists():
        run(*cache, args.prepared / IMAGE)
    if not (args.prepared / TEXT).exists():
        run(
            *cache, args.prepared / TEXT, '--modality', 'text',
            '--table', args.data / 'clip_vitb32_text.npz', '--scale', TEXT_LENGTH,
            '--table-keys', 'shapedb69_classes', 'shapedb69_text',
        )  # fmt: skip
    if CLOUDS in args.rows:
        prepare_clouds(args)


def prepare_clouds(args: argparse.Namespace) -> None:
    """Makes what is missing of ModelNet40's training clouds, their views and features."""
    clouds = args.out / 'clouds'
    if not (clouds / 'prepared/features/image').exists():
        write_clouds(modelnet(args), clouds / 'files')
        run(
            'dataset_converters/prepare_shapes.py', clouds / 'files', '--out', clouds / 'prepared',
            '--points', 1024, '--views', CLOUD_VIEWS, '--val', 0,
        )  # fmt: skip
        os.environ['RECON_DATA'] = str(clouds / 'prepared')
        run(
            'cache_teacher_features.py', config('pretrain_folder_no_text'),
            '--views', CLOUD_VIEWS, '--out', clouds / 'prepared/features/image',
        )  # fmt: skip


def pretraining(row: str, seed: int, args: argparse.Namespace) -> Config:
    """The config of a row."""
    os.environ['RECON_DATA'] = str(args.out / 'clouds/prepared' if row == CLOUDS else args.prepared)
    recipe = f'{args.recipe}_no_text' if row == CLOUDS else HOUSES.get(row, '') + args.recipe
    cfg = Config.fromfile(config(recipe))
    os.environ['RECON_DATA'] = str(args.out / 'data')  # for the tasks
    if row != CLOUDS:
        read_meshes(cfg, row, args)
    if row == MODELNET:
        cfg.merge_from_dict({'model': NO_TEACHERS})
        cfg.train_dataloader.dataset = ConfigDict(
            type='ModelNet',
            data_root=str(modelnet(args)),
            pipeline=[{'type': 'PackPointInputs', 'input_keys': ('points',)}],
        )
    # A share of the meshes has as many steps.
    epochs = args.epochs * 100 // SHARES.get(row, 100)
    epochs = {MODELNET: args.modelnet_epochs, CLOUDS: args.modelnet_epochs // 2}.get(row, epochs)
    cfg.default_hooks.checkpoint.interval = max(1, epochs // 10)
    cfg.merge_from_dict({**fit_schedule(cfg, epochs), 'randomness.seed': seed, **args.options})
    return cfg


def read_meshes(cfg: Config, row: str, args: argparse.Namespace) -> None:
    """Changes a recipe's data and model to those of a row of the meshes."""
    dataset = cfg.train_dataloader.dataset
    dataset.split = 'trainval'  # the test is of ModelNet40
    dataset.pipeline[1].path = str(args.prepared / IMAGE)
    dataset.pipeline[2].update(path=str(args.prepared / TEXT), expect=None)
    cfg.model.modalities.text.head.feature_dims = TEXT_WIDTH
    cfg.model.modalities.text.teacher.update(feature_dims=TEXT_WIDTH, encoder=None)
    cfg.merge_from_dict({'model': MESHES.get(row, PAPER)})
    if 'self_contrast_head' in cfg.model:
        dataset.pipeline[-1].input_keys += ('category',)
    if row in SHARES:
        dataset.indices = drawn(args.prepared, SHARES[row] / 100)


def drawn(folder: Path, share: float) -> list[int]:
    """A share of the prepared meshes, the same for every seed."""
    with open(folder / 'shapes.csv', newline='') as file:
        count = sum(1 for _ in csv.DictReader(file))
    return sorted(np.random.default_rng(0).permutation(count)[: round(share * count)].tolist())


def pretrain(row: str, seed: int, args: argparse.Namespace) -> tuple[Path, Path | None]:
    """Pretrains a row unless that is done; the config of its features and its last checkpoint."""
    work_dir = args.out / slug(row) / f'seed_{seed}'
    work_dir.mkdir(parents=True, exist_ok=True)
    cfg_file, used = work_dir / 'pretraining.py', work_dir / 'pretrained.py'
    cfg = pretraining(row, seed, args)
    cfg.dump(cfg_file)
    if args.patches:
        cfg.model.backbone.test_num_groups = args.patches
    cfg.dump(used)
    if row == UNTRAINED:
        return used, None
    if not (work_dir / 'trained').exists():
        run(
            'train.py', cfg_file, '--work-dir', work_dir, '--resume', '--amp', '--no-validate',
        )  # fmt: skip
        (work_dir / 'trained').touch()
    return used, Path((work_dir / 'last_checkpoint').read_text())


def slug(text: str) -> str:
    """A file name."""
    return ''.join(c if c.isalnum() else '_' for c in text.lower())


def cell(file: Path, compute: Callable[[], dict[str, float]]) -> dict[str, float]:
    """The stored results of a cell; computed and stored where there are none."""
    if not file.exists():
        write_file(file, f'{json.dumps(compute())}\n'.encode())
    return json.loads(file.read_text())


def table(results: dict[tuple[str, str], list[float]], rows: list[str]) -> Iterator[Row]:
    """A row per pretraining, a column per result: mean and standard deviation over the seeds."""
    columns = list(dict.fromkeys(column for _, column in results))
    for row in rows:
        entry: Row = {'pretraining': row}
        for column in columns:
            values = results.get((row, column), [])
            spread = f' ± {np.std(values, ddof=1):.1f}' if len(values) > 1 else ''
            entry[column] = f'{np.mean(values):.1f}{spread}' if values else ''
        yield entry


def main() -> None:
    """Runs what is missing, then prints the table."""
    args = parse_args()
    prepare(args)
    results: dict[tuple[str, str], list[float]] = {}
    for seed in args.seeds:
        for row in args.rows:
            cfg_file, weights = pretrain(row, seed, args)
            for task in args.tasks:
                if row in HOUSES and task not in PROBES:
                    continue  # what is fine-tuned is ReCon
                file = cfg_file.parent / f'{slug(task)}.json'
                found = cell(file, lambda: TASKS[task](cfg_file, weights, seed, args))  # noqa: B023
                print(f'{row}, seed {seed}: {found}', flush=True)
                for name, value in found.items():
                    results.setdefault((row, name), []).append(value)
            (args.out / 'table.md').write_text('\n'.join(lines(table(results, args.rows))))
    print_table(table(results, args.rows))


if __name__ == '__main__':
    main()
