"""Does what a page says: each command by its own ``main``, in a folder laid out as a reader's.

What takes long is made small by what a reader could add to the command: ``--cfg-options`` for a
narrow model, few samples and one epoch, fewer shapes, fewer views.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stdout
from glob import glob
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from matplotlib.image import imread

from recon_mm.apis.command_line import load_config
from recon_mm.apis.pretrain import CONFIG as PRETRAINS
from recon_mm.apis.pretrain import folder_name
from recon_mm.cli import find_command, main
from recon_mm.utils.commands import SHOW_PARSER, CommandParser, ParserBuilt
from tests.tools.commands import tool_main

from .pages import Block
from .shell import Command, Shell
from .shorten import differences, save_release, save_weights, smaller

# Files of weights that a page names and does not make.
WEIGHTS = ('CHECKPOINT', 'PRETRAINED', 'recon_base.pth', 'best_lvis.pth')
FOR_CONFIG = 'recon/pretrain_demo_no_teachers'  # in place of CONFIG
AT_MOST = {'--points': 2, '--gallery': 6}  # files in place of a folder
MORE = {
    'make_demo_data.py': ('--shapes-per-category', '1', '1', '--workers', '2'),
    'prepare': ('--workers', '1'),
    'few_shot.py': ('--ways', '5', '--shots', '10', '--folds', '0'),
    'browse_dataset.py': ('--num', '3'),
    'visualize_classification.py': ('--num', '3'),
    'export_backbone.py': ('--num-points', '64'),
}
SHAPENET55 = ('shapenet_pc', 'shapenet_img', 'ShapeNet-55', 'shapenet55.json', 'demo_data.json')
VOTES = ('--seeds', '0', '1')
AS_WRITTEN = ('print_config.py', 'get_flops.py')
RUNS = ('train.py', 'train', 'few_shot.py')  # begin from weights of a pretraining


def command_of(words: list[str]) -> tuple[str, Callable[..., int], list[str]] | None:
    """Name, function and arguments of a command of this project; ``None`` of any other."""
    if words[0] == 'recon-mm' and len(words) > 1:
        return words[1], lambda arguments: main([words[1], *arguments]), words[2:]
    if words[0] == 'python' and words[1].startswith('tools/'):
        return Path(words[1]).name, tool_main(words[1].removeprefix('tools/')), words[2:]
    return None


def parser_of(words: list[str]) -> CommandParser:
    """The parser of a command of this project."""
    if words[0] == 'recon-mm':
        function: Callable[..., int] = find_command(words[1])
    else:
        function = tool_main(words[1].removeprefix('tools/'))
    with pytest.raises(ParserBuilt) as built:
        function(SHOW_PARSER, ' '.join(words[:2]))
    return built.value.parser


class Reader:
    """One who works through a page, from top to bottom.

    Args:
        folder: Where the commands run.
        clip: Name of a small CLIP.
        made: Where demo data are kept for other pages, by the names of the sets.
    """

    def __init__(self, folder: Path, clip: str, made: Path) -> None:
        self.folder, self.clip, self.made = folder, clip, made
        self.page, self.shell = '', Shell()
        self.written: set[Path] = set()
        self.before: set[Path] = set()  # written by other blocks
        self.epochs: dict[str, int] = {}  # of each work directory, as its config says

    def work_through(self, block: Block) -> None:
        """Runs a block; the test fails at the first command that does not do what it says."""
        if block.page != self.page:
            self.page, self.shell = block.page, Shell(str(self.folder / 'home'))
        self.before |= self.written
        for command in self.shell.read(block.text):
            if command.words[:2] == ['mkdir', '-p']:
                Path(command.words[2]).mkdir(parents=True)
                continue
            for words in self.each_shard(self.expand(command.words)):
                with patch.dict(os.environ, command.environment):  # as it is for a process
                    self.run(command, words)

    def run(self, command: Command, words: list[str]) -> None:
        """Runs one command, and looks for what it is to write."""
        found = command_of(words)
        assert found, f'{command}: neither a command of this project nor one that is passed over'
        name, function, arguments = found
        args = parser_of(words).parse_args(arguments)
        self.make_way(getattr(args, 'out', None))
        if name == 'make_demo_data.py' and self.made_by(args).exists():
            link_data(self.made_by(args), Path(args.out))  # the same command ran on another page
            return
        arguments += [*MORE.get(name, ()), *(VOTES if getattr(args, 'tta', False) else ())]
        arguments += self.options(name, args)
        started = time.time() - 0.1  # files have the time of the last tick
        with ExitStack() as stack:
            if command.output:
                stack.enter_context(redirect_stdout(stack.enter_context(open(command.output, 'w'))))
            status = function(arguments)
        assert status == 0, f'{command}: ends with status {status}'
        for path in (*self.promised(name, args), *map(Path, filter(None, [command.output]))):
            assert written_at(path) > started, f'{command}: wrote no {path}'
            assert path.suffix != '.png' or imread(path).shape[1] > 500, path
        if name == 'make_demo_data.py':
            shutil.copytree(args.out, self.made_by(args))

    def made_by(self, args: Any) -> Path:
        """Where the demo data of a command are kept."""
        return self.made / '-'.join(args.sets)

    def make_way(self, out: str | Path | None) -> None:
        """Removes what another block wrote to the same place: one is done or the other."""
        if out is None:
            return
        if Path(out) in self.before:
            self.before.remove(Path(out))
            shutil.rmtree(out)  # a folder: no page writes a file twice
        self.written.add(Path(out))

    def expand(self, words: list[str]) -> Iterator[str]:
        """Words as a shell gives them, with what is there in place of what stands for it."""
        left = None
        for word in words:
            if word in AT_MOST:
                left = AT_MOST[word]
            elif word.startswith('--'):
                left = None
            elif left is not None:
                pattern = f'{word.rstrip("/")}/*' if Path(word).is_dir() else word
                yield from sorted(glob(pattern))[:left]
                continue
            yield FOR_CONFIG if word == 'CONFIG' else self.last_checkpoint(word)

    def last_checkpoint(self, word: str) -> str:
        """The checkpoint of the one epoch of a run, which the page calls by its last epoch."""
        path = Path(word)
        if epochs := self.epochs.get(str(path.parent)):
            assert path.name == f'epoch_{epochs}.pth', f'{word}: the run has {epochs} epochs'
            return str(path.with_name('epoch_1.pth'))
        return word

    def each_shard(self, words: Iterator[str]) -> Iterator[list[str]]:
        """Of a job array, two jobs."""
        listed = list(words)
        if '--shard' not in listed:
            yield listed
            return
        place = listed.index('--shard') + 1
        for part in ('1/2', '2/2'):
            yield [*listed[:place], part, *listed[place + 1 :]]

    def options(self, name: str, args: Any) -> list[str]:
        """``--cfg-options`` that make a run small; writes the weights that it begins from."""
        if name == 'convert_release.py' and args.config:
            save_release(args.input, args.config)
        if not hasattr(args, 'cfg_options') or name in AS_WRITTEN or getattr(args, 'join', False):
            return []
        args.config = getattr(args, 'config', PRETRAINS)
        cfg = load_config(args)
        if name in ('train.py', 'train'):
            work_dir = args.work_dir or f'work_dirs/{Path(args.config).stem}'
            self.epochs[work_dir] = cfg.train_cfg.max_epochs
        small = smaller(cfg, self.clip)
        path = small.get('load_from') or getattr(args, 'checkpoint', None)
        if path in WEIGHTS:
            save_weights(Path(path), small, pretraining=name in RUNS)
        return ['--cfg-options', *differences(cfg, small)]

    def promised(self, name: str, args: Any) -> Iterator[Path]:
        """What a command is to write."""
        if name == 'cache' and args.shard:
            yield args.shard.folder(args.out)
        elif name == 'pretrain':
            out = args.out or Path(f'work_dirs/pretrain_{args.folder.resolve().name}')
            run = 'train' if args.config == PRETRAINS else folder_name(args.config)
            yield out / run / 'epoch_1.pth'
        elif getattr(args, 'out', None):
            out = Path(args.out)
            yield out
            for kind in getattr(args, 'pictures', ()):
                yield next(out.rglob(f'*.{kind}'), out / f'*.{kind}')
        elif name in ('train.py', 'train', 'test.py', 'test', 'few_shot.py'):
            work_dir = Path(args.work_dir or f'work_dirs/{Path(args.config).stem}')
            yield from [work_dir] if 'test' in name else []
            yield from [work_dir / 'epoch_1.pth'] if 'train' in name else []
            yield from [work_dir / 'few_shot.md'] if 'few' in name else []
        elif name == 'pack_shapenet55.py':
            yield args.data_root / 'shapenet_packed'
        elif name == 'convert_release.py':
            yield args.output
        elif name == 'publish_model.py':
            yield next(Path().glob(f'{args.output.stem}-*.pth'), args.output)


def link_data(source: Path, target: Path) -> None:
    """A folder of demo data with links to those of another one; to ShapeNet55 more can be added."""
    target.mkdir(parents=True, exist_ok=True)
    for folder in (marker.parent for marker in source.glob('*/demo_data.json')):
        if folder.name != 'ShapeNet55-34':
            (target / folder.name).symlink_to(folder)
            continue
        (target / folder.name).mkdir()
        for path in folder.iterdir():
            if path.name in SHAPENET55:
                (target / folder.name / path.name).symlink_to(path)


def written_at(path: Path) -> float:
    """When a file, or the newest of a folder, was written; 0 where there is none."""
    files = path.rglob('*') if path.is_dir() else [path]
    return max((file.stat().st_mtime for file in files if file.is_file()), default=0.0)
