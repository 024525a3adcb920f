"""How a command ends: an expected error is one line on stderr, a bug keeps its traceback."""

import argparse
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Errors of the system, of missing packages, and of arithmetic are expected wherever they arise;
# any other where a ``raise`` in one of these folders says what is wrong with what it was given.
EXPECTED = (OSError, ImportError, FloatingPointError)
_RAISING = ('recon_mm', 'demo', 'mmengine', 'torch/optim', 'torch/utils/data')
_FRAME = re.compile(r'^ *File "(.+?)", line \d+, in .+\n +(.+)', re.MULTILINE)

# What torch says of things that a user can change, and what to change.
_MEANINGS = (
    (
        'each tensor to be equal size|batch should be of equal size',
        'the samples of one batch differ in size: end the pipeline of the data set with '
        'SamplePoints (images: ResizeImage), so that all have the same',
    ),
    (
        'Expected more than 1 value per channel',
        'batch normalization cannot be trained with a batch of one sample: set batch_size to 2 or '
        'more, and drop_last=True where one is left over (train_dataloader)',
    ),
    (
        "doesn't match the size of optimizer's group|different number of parameter groups",
        'the checkpoint cannot be resumed from: its optimizer is that of another model. Resume '
        'with the config that wrote it; to start from its weights, use --cfg-options '
        'load_from=CHECKPOINT instead of --resume',
    ),
    ('Seed must be between', 'randomness.seed is out of range: use one from 0 to 2**32 - 1'),
    ('cannot find context for', 'mp_start_method is fork, spawn or forkserver'),
    ('negative dimension', 'a size of the model is negative: look at its config and its overrides'),
    ('num_samples=0', 'the data set is empty: look at its list of samples, and at indices'),
    ('out of memory', 'not enough GPU memory: use a smaller batch_size, or --amp'),
    (
        'not compiled with CUDA|no NVIDIA driver|No CUDA GPUs|invalid device|Invalid device string'
        '|device type at start',
        'there is no such device: name another by --device, e.g. cpu',
    ),
)


SHOW_PARSER: Sequence[str] = ('show the parser',)  # as the arguments of a command


class ParserBuilt(BaseException):  # no error: like SystemExit it passes by them
    """Carries the parser of a command to who asked for it by :data:`SHOW_PARSER`."""

    def __init__(self, parser: 'CommandParser') -> None:
        super().__init__(parser)
        self.parser = parser


class CommandParser(argparse.ArgumentParser):
    """A parser whose description is shown as it is written, with the option ``--traceback``."""

    def __init__(self, description: str | None, prog: str | None = None) -> None:
        formatter = argparse.RawDescriptionHelpFormatter
        super().__init__(prog=prog, description=description, formatter_class=formatter)
        self.add_argument(
            '--traceback',
            action='store_true',
            help='show where an error comes from (also: RECON_TRACEBACK=1)',
        )

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:  # pyright: ignore
        """Reads arguments; raises ParserBuilt where :data:`SHOW_PARSER` is in their place."""
        if args is SHOW_PARSER:
            raise ParserBuilt(self)
        return super().parse_args(args, namespace)


def command(main: Callable[..., int]) -> Callable[..., int]:
    """Makes ``main(argv, prog)`` of a command print expected errors and return 1 after them."""

    @wraps(main)
    def run(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
        arguments = sys.argv[1:] if argv is None else argv
        try:
            return main(argv, prog)
        except Exception as error:
            message = expected_message(error)
            wanted = '--traceback' in arguments or os.environ.get('RECON_TRACEBACK') == '1'
            if message is None or wanted:
                raise
            print(f'{prog or Path(sys.argv[0]).name}: error: {message}', file=sys.stderr)
            return 1

    return run


def expected_message(error: BaseException) -> str | None:
    """What an error says to a user, ``None`` if it is a bug and its traceback says more."""
    is_key = isinstance(error, KeyError) and len(error.args) == 1  # shown with quotes otherwise
    text = str(error.args[0] if is_key else error)
    trace = ''.join(traceback.format_tb(error.__traceback__))
    if caught := re.match(r'Caught (\w+) in \w+ worker process', text):
        starts = re.findall(rf'^[\w.]*\b{caught[1]}: ', text, re.M)
        trace, _, text = text.rpartition(starts[-1] if starts else caught[0])
    elif type(error.__cause__).__name__ == '_RemoteTraceback':  # of a pool of processes
        trace = str(error.__cause__)
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, text):
            return f'{meaning} ({text.splitlines()[0]})'
    file, line = (_FRAME.findall(trace) or [('', '')])[-1]
    # An assertion that says something is about what was given, too.
    says = line.startswith('raise ') or (line.startswith('assert ') and bool(text))
    deliberate = says and file.startswith(tuple(_folders()))
    # A class that does not take the arguments of its config.
    refused = isinstance(error, TypeError) and f'mmengine{os.sep}registry' in file
    return text.strip() if deliberate or refused or isinstance(error, EXPECTED) else None


def _folders() -> Iterator[str]:
    for name in _RAISING:
        package, _, part = name.partition('/')
        spec = find_spec(package)
        for place in spec.submodule_search_locations or () if spec else ():
            yield str(Path(place, part)) + os.sep
