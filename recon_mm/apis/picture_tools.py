"""What the tools that draw a model's work share: arguments, the model, and the file."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint

from recon_mm.registry import MODELS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def picture_parser(description: str | None, out: str, num: int) -> argparse.ArgumentParser:
    """A parser with the arguments that these tools have in common.

    Args:
        description: What the tool does.
        out: The picture written by default.
        num: How many clouds are drawn by default.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of the config')
    parser.add_argument('checkpoint', help="path of its checkpoint; 'none' for untrained weights")
    parser.add_argument('--out', default=out, help='the picture to write')
    parser.add_argument('--num', type=int, default=num, help='how many clouds, spread over the set')
    parser.add_argument('--index', type=int, nargs='+', help='which clouds of the test split')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='overrides')
    return parser


def load_model(args: argparse.Namespace, task: str) -> tuple[Config, Any]:
    """The config of the command line, and its model in eval mode with its weights.

    Args:
        args: What :func:`picture_parser` read.
        task: Type of the model that the tool draws.

    Raises:
        SystemExit: If the config is of another task.
    """
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    if cfg.model.type != task:
        raise SystemExit(f'{args.config} is of a {cfg.model.type}, this tool draws a {task}')
    init_default_scope('recon_mm')
    model = MODELS.build(cfg.model).to(args.device).eval()
    if args.checkpoint != 'none':
        load_checkpoint(model, args.checkpoint, map_location=args.device)
    return cfg, model


def picked(args: argparse.Namespace, count: int) -> list[int]:
    """The clouds that the command line names; none where it names none.

    Args:
        args: What :func:`picture_parser` read.
        count: How many clouds there are.

    Raises:
        SystemExit: If one is not there.
    """
    absent = [index for index in args.index or () if not 0 <= index < count]
    if absent:
        raise SystemExit(
            f'--index {absent[0]}: the test split has {count} clouds, 0 to {count - 1}'
        )
    return args.index or []


def save(figure: 'Figure', path: str) -> None:
    """Writes a picture, and says where."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    print(f'wrote {path}')
