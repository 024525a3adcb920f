"""The commands that run a trained model on clouds: features, classes, parts, attention..."""

import inspect
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.datasets.shape_files import AXES

from .command_line import CommandParser, command, config_parser, load_config
from .inferencers import (
    AttentionInferencer,
    ClassificationInferencer,
    CloudInferencer,
    FeatureInferencer,
    PartInferencer,
    ReconstructionInferencer,
    RetrievalInferencer,
    SceneInferencer,
    ZeroShotInferencer,
)
from .inferencers.inputs import list_sources
from .inferencers.writing import open_writer

FAILED_SOME = 3  # the exit status when some inputs failed and the others are done
EPILOG = """
CONFIG is a path, or a name as 'recon-mm models' lists them. Results go to --out as they come: a
.jsonl file, or a folder with an .npz file for each cloud; or all at the end to a .json file, or an
.npz file of one array for all. A cloud that cannot be read is reported, and the rest goes on. Exit
status: 0 all done, 1 nothing done, 2 wrong usage, 3 some inputs failed.
"""


def _parser(function: Callable, prog: str | None) -> CommandParser:
    """A parser with what these commands share; the function's docstring is the description."""
    parser = config_parser(inspect.getdoc(function), prog)
    parser.epilog = EPILOG
    parser.add_argument('checkpoint', help="path of the checkpoint; 'none' for untrained weights")
    parser.add_argument(
        '--points', nargs='+', required=True, help='files (clouds or meshes) and folders of them'
    )
    parser.add_argument(
        '--up', choices=list(AXES), default='y', help='which axis points up in them: z, or --up=-z'
    )
    parser.add_argument('--batch-size', type=int, default=16, help='clouds at a time')
    parser.add_argument('--device', help='e.g. cpu, cuda:1')
    parser.add_argument('--out', type=Path, help='.jsonl, .npz, .json or a folder')
    parser.add_argument(
        '--pictures',
        nargs='+',
        choices=['png', 'html', 'ply'],
        default=(),
        help='of each cloud, in the folder --out: pictures, pages to rotate, files for viewers',
    )
    return parser


def _build(kind: type[CloudInferencer], args: Namespace, **options: Any) -> Any:
    weights = None if args.checkpoint == 'none' else args.checkpoint
    return kind(load_config(args), weights, device=args.device, up=args.up, **options)


def _run(
    inferencer: CloudInferencer, args: Namespace, summarize: Callable[[dict[str, Any]], str]
) -> int:
    """Streams results to stdout, one line each, and to ``--out``; returns the exit status."""
    done = failed = 0
    sources = list(list_sources(args.points))  # a folder without clouds leaves what is at --out
    with open_writer(args.out, args.pictures, inferencer.draw) as writer:
        for result in inferencer.stream(sources, args.batch_size, bool(args.pictures)):
            writer.write(result)
            failed += 'error' in result
            done += 'error' not in result
            if 'error' not in result:
                print(f'{result["name"]}: {summarize(result)}', flush=True)
    return 0 if not failed else FAILED_SOME if done else 1


@command
def features(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Features of clouds: one vector each, or one per patch or per point.

    recon-mm features recon/pretrain_shapenet CHECKPOINT --points scans/ --out features.npz
    """
    parser = _parser(features, prog)
    parser.add_argument(
        '--level', choices=['global', 'patch', 'point'], default='global', help='what gets features'
    )
    args = parser.parse_args(argv)
    return _run(_build(FeatureInferencer, args, level=args.level), args, _shapes)


@command
def classify(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """The class of clouds, by a fine-tuned classifier.

    recon-mm classify recon/classification_modelnet40_1k_full CHECKPOINT --points scans/
    """
    parser = _parser(classify, prog)
    parser.add_argument('--classes', nargs='+', help='names, if not those of the checkpoint')
    parser.add_argument('--top', type=int, default=3, help='how many classes to print per cloud')
    args = parser.parse_args(argv)
    inferencer = _build(ClassificationInferencer, args, classes=args.classes)
    return _run(inferencer, args, lambda result: _best(result['scores'], args.top))


@command
def zeroshot(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Finds the class names that fit your own clouds best, without any training.

    recon-mm zeroshot recon/zeroshot_modelnet40 CHECKPOINT --classes mug "office chair" lamp
        --points scan1.ply scan2.npy
    """
    parser = _parser(zeroshot, prog)
    parser.add_argument('--classes', nargs='+', required=True, help='names of the classes')
    parser.add_argument('--top', type=int, default=3, help='how many classes to print per cloud')
    args = parser.parse_args(argv)
    inferencer = _build(ZeroShotInferencer, args, classes=args.classes)
    return _run(inferencer, args, lambda result: _best(result['similarities'], args.top))


@command
def parts(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """The part of every point of shapes of one category.

    recon-mm parts recon/part_segmentation_shapenetpart CHECKPOINT --category chair
        --points chair.ply --out parts/
    """
    parser = _parser(parts, prog)
    parser.add_argument('--category', required=True, help='what the shapes are, e.g. chair')
    args = parser.parse_args(argv)
    category = int(args.category) if args.category.isdigit() else args.category
    return _run(_build(PartInferencer, args, category=category), args, _part_counts)


@command
def scenes(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """The class of every point of rooms, in meters with z up and colors.

    recon-mm scenes recon/semantic_segmentation_s3dis CHECKPOINT --points room.ply --out rooms/
    """
    args = _parser(scenes, prog).parse_args(argv)
    inferencer = _build(SceneInferencer, args)
    return _run(inferencer, args, lambda result: _counts(result['counts']))


@command
def reconstruct(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """What a pretrained model reconstructs of clouds from a part of their patches.

    recon-mm reconstruct recon/pretrain_shapenet CHECKPOINT --points scan.ply --out reconstructed/
    """
    parser = _parser(reconstruct, prog)
    parser.add_argument('--seed', type=int, default=0, help='decides the masks')
    args = parser.parse_args(argv)
    inferencer = _build(ReconstructionInferencer, args, seed=args.seed)
    return _run(inferencer, args, lambda result: f'Chamfer distance {result["chamfer"]:.5f}')


@command
def attention(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Which places of clouds the global tokens of a model read.

    recon-mm attention recon/pretrain_shapenet CHECKPOINT --points chair.ply --out attention/
        --pictures png html
    """
    parser = _parser(attention, prog)
    parser.add_argument('--block', type=int, default=-1, help='which block, negative from the end')
    args = parser.parse_args(argv)
    return _run(_build(AttentionInferencer, args, block=args.block), args, _peaks)


@command
def retrieve(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """The shapes of a folder that are most like clouds.

    recon-mm retrieve recon/pretrain_shapenet CHECKPOINT --points scan.ply --gallery shapes/
    """
    parser = _parser(retrieve, prog)
    parser.add_argument('--gallery', nargs='+', required=True, help='files and folders to search')
    parser.add_argument('--top', type=int, default=5, help='how many shapes per cloud')
    args = parser.parse_args(argv)
    inferencer = _build(RetrievalInferencer, args, gallery=args.gallery, top=args.top)
    return _run(inferencer, args, lambda result: _best(result['neighbors'], args.top))


def _best(values: dict[str, float], top: int) -> str:
    return ', '.join(f'{name} ({value:.3f})' for name, value in list(values.items())[:top])


def _shapes(result: dict[str, Any]) -> str:
    arrays = {name: value for name, value in result.items() if hasattr(value, 'shape')}
    return ', '.join(f'{name} {value.shape}' for name, value in arrays.items())


def _peaks(result: dict[str, Any]) -> str:
    peaks = result['attention'].max(1) * len(result['center'])  # (T,)
    each = [f'{name} {peak:.1f}' for name, peak in zip(result['tokens'], peaks)]
    return f'highest attention, 1 = uniform: {", ".join(each)}'


def _part_counts(result: dict[str, Any]) -> str:
    labels, counts = np.unique(result['parts'], return_counts=True)
    return _counts({f'part {label}': count for label, count in zip(labels, counts)})


def _counts(counts: dict[str, int]) -> str:
    return ', '.join(f'{name}: {count}' for name, count in counts.items())
