"""Pretrains on shapes of your own: prepares them, computes teacher features, trains.

    recon-mm pretrain FOLDER
    recon-mm pretrain FOLDER --out OUT --up z --epochs 50
    recon-mm pretrain FOLDER --config reconpp/pretrain_folder

FOLDER holds <category>/<name>.<ext> (docs/own_data.md), or is what 'recon-mm prepare' wrote. OUT
gets prepared/ with the features of the teachers, and train/ with log and checkpoints (for another
config, a folder of its name). The same command continues wherever it was stopped. Teachers are
those that pip installs (docs/teachers.md): of images, and of text unless no shape has a category or
a caption.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device

from recon_mm.datasets import ShapeFolder
from recon_mm.datasets.readers import read_json
from recon_mm.datasets.shape_files import AXES
from recon_mm.datasets.storage import FEATURES, open_store
from recon_mm.engine import find_resumable_checkpoint
from recon_mm.models.teachers.packages import is_package, package_folder
from recon_mm.utils import require

from . import prepare, train
from .command_line import CommandParser, Overrides, add_amp, command, load_config
from .feature_store import Target, teacher_config
from .prepare_shapes import SENTENCES
from .teacher_features import compute_teacher_features
from .text_features import compute_text_features, sentences_fingerprint

CONFIG, PLUS = 'recon/pretrain_folder', 'reconpp/pretrain_folder'
PAPER = f'{CONFIG}_paper'
WITHOUT = {'no_teachers': '_no_teachers', 'no_text': '_no_text'}  # option: form of CONFIG


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = CommandParser(__doc__, prog)
    parser.add_argument('folder', type=Path, help='the shapes, as they are or prepared')
    parser.add_argument('--out', type=Path, help='default: work_dirs/pretrain_<name of FOLDER>')
    parser.add_argument(
        '--up', choices=list(AXES), default='y', help='axis that points up in FOLDER: z, or --up=-z'
    )
    parser.add_argument(
        '--config',
        default=CONFIG,
        help=f'what is trained: {CONFIG} (default), {PAPER}, {PLUS}, a path',
    )
    parser.add_argument(
        '--epochs', type=int, help='with warm-up and decay to fit (default: of the config)'
    )
    parser.add_argument('--no-validate', action='store_true', help='train without validation')
    parser.add_argument(
        '--no-teachers', action='store_true', help='reconstruction only, no images and no text'
    )
    parser.add_argument('--no-text', action='store_true', help='images only, no text')
    add_amp(parser)
    parser.add_argument('--device', default=get_device(), help='where the teachers compute')
    parser.add_argument(
        '--cfg-options', nargs='+', action=Overrides, help='overrides of the config, as key=value'
    )
    args = parser.parse_args(argv)
    if args.epochs is not None and args.epochs < 1:
        parser.error(f'--epochs is {args.epochs}, must be at least 1')
    for option, suffix in WITHOUT.items():
        if getattr(args, option):
            if args.config != CONFIG:
                parser.error(
                    f'--{option.replace("_", "-")} trains {CONFIG}{suffix}: leave out --config, '
                    'and any other --no-'
                )
            args.config += suffix
    out = args.out or Path('work_dirs', f'pretrain_{args.folder.resolve().name}')
    shared = args.config.startswith(CONFIG) and args.config != PAPER
    work_dir = out / ('train' if shared else folder_name(args.config))
    prepared = args.folder if is_prepared(args.folder) else out / 'prepared'
    os.environ['RECON_DATA'] = str(prepared.absolute())
    cfg = load_config(args)
    check_installed(cfg, prepared)
    if prepared != args.folder:
        options = ['--out', str(prepared), f'--up={args.up}']
        if status := prepare.main([str(args.folder), *options], prog):
            return status
    if args.config == CONFIG and not has_sentences(prepared):
        args.config += WITHOUT['no_text']
        print(f'No shape has a category or a caption: {args.config}, without a text teacher')
        cfg = load_config(args)
    compute_missing(cfg, prepared, args.device)
    arguments = [args.config, '--work-dir', str(work_dir), '--resume']
    arguments += [f'--{o}' for o in ('amp', 'no-validate') if getattr(args, o.replace('-', '_'))]
    training = train.train_parser(prog)
    run = training.parse_args(arguments)
    fitted: dict[str, Any] = {**fit_batch(cfg, count_training(prepared))}
    if args.epochs is not None:
        fitted |= fit_schedule(cfg, args.epochs)
    run.cfg_options = {**(args.cfg_options or {}), **fitted}
    status = train.train(training, run)
    if not status and (checkpoint := find_resumable_checkpoint(str(work_dir))):
        print(
            f'Results: {work_dir}. Features of any shapes by the model:\n'
            f'  recon-mm features {args.config} {checkpoint} --points FOLDER --out features.npz'
        )
        if 'text' in stored_modalities(cfg):
            print(
                'What shapes are, of any names:\n'
                f'  recon-mm zeroshot {args.config} {checkpoint} --points FOLDER --classes NAME ...'
            )
    return status


def folder_name(config: str) -> str:
    """What a config's folder in OUT is called: ``'reconpp_pretrain_folder'``."""
    return '_'.join(Path(config).with_suffix('').parts[-2:])


def count_training(prepared: Path) -> int:
    """The number of shapes to train on."""
    return len(ShapeFolder(data_root=str(prepared), split='train', pipeline=[]))


def fit_batch(cfg: Config, samples: int) -> dict[str, int]:
    """The override that a folder of fewer shapes than a batch needs, if it is one; says so.

    Args:
        cfg: What is trained; incomplete batches are dropped, so that it would have no step.
        samples: The number of shapes to train on.
    """
    size = cfg.train_dataloader.batch_size
    if not 2 <= samples < size:
        return {}
    print(f'{samples} shapes to train on: batches of {samples} in place of {size}')
    return {'train_dataloader.batch_size': samples}


def fit_schedule(cfg: Config, epochs: int) -> dict[str, Any]:
    """The overrides for a number of epochs: warm-up and decay in proportion to the config's.

    A warm-up that would be shorter than an epoch is left out.
    """
    full = cfg.train_cfg.max_epochs
    schedulers = []
    for scheduler in cfg.param_scheduler:
        fitted = scheduler.to_dict()
        for key in {'begin', 'end', 'T_max'} & fitted.keys():
            fitted[key] = fitted[key] * epochs // full
        if scheduler.get('end', full) < full:  # a warm-up, in whose last epoch the rate is full
            length = (scheduler.end - 1) * epochs // full
            if not length:
                continue
            fitted['end'] = length + 1
        schedulers.append(fitted)
    return {
        'train_cfg.max_epochs': epochs,
        'train_cfg.val_interval': max(1, epochs // 4),
        'param_scheduler': schedulers,
    }


def is_prepared(folder: Path) -> bool:
    """Whether ``recon-mm prepare`` wrote a folder."""
    return (folder / 'shapes.csv').is_file() and (folder / 'points').is_dir()


def has_sentences(prepared: Path) -> bool:
    """Whether something is said of any of the shapes."""
    content = read_json(prepared / SENTENCES, 'the sentences')
    return not isinstance(content, dict) or any(content.values())


def stored_modalities(cfg: Config) -> list[str]:
    """The modalities whose teacher's features are read: ``'image'``, ``'text'``, both or none."""
    modalities = cfg.model.get('modalities') or {}
    return [name for name in ('image', 'text') if modalities.get(name)]


def feature_folder(prepared: Path, modality: str) -> Path:
    """Where the config reads the features of a modality."""
    return prepared / 'features' / modality


def check_installed(cfg: Config, prepared: Path) -> None:
    """Looks, before hours of work, for the packages of the teachers that are still to compute.

    Raises:
        ImportError: Says how to install them, and that ``--no-teachers`` does without.
    """
    modules = {'image': 'timm', 'text': 'sentence_transformers'}
    try:
        for modality in stored_modalities(cfg):
            if feature_folder(prepared, modality).is_dir():
                continue
            require(modules[modality], 'weights')
            teacher = teacher_config(cfg, modality)
            source = teacher.get('pretrained') or teacher.get('model')
            if is_package(source):
                package_folder(source)
    except ImportError as error:
        raise ImportError(f'{error}; --no-teachers trains without (reconstruction only)') from error


def compute_missing(cfg: Config, prepared: Path, device: str) -> None:
    """Computes the features that are not there, or were not finished.

    Raises:
        DataError: If only some shapes have sentences, or stored features were made from others.
    """
    modalities = stored_modalities(cfg)
    sentences = prepared / SENTENCES
    image, text = (feature_folder(prepared, name) for name in ('image', 'text'))
    if 'text' in modalities:  # first, for what is wrong with sentences is soon said
        made_from = {'sentences': sentences_fingerprint(cfg, sentences)}
        if not text.is_dir():
            compute_text_features(cfg, Target(text), sentences_file=sentences, device=device)
        open_store(text, FEATURES, made_from)
    if 'image' in modalities and not image.is_dir():
        compute_teacher_features(cfg, Target(image), num_workers=2, device=device)
