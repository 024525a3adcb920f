"""The console command ``recon-mm``: the work of ``tools/``, for who installed a wheel.

A command is a function ``(argv, prog) -> int`` of a module, ``main`` if not named; it is imported
when it is called, so that ``recon-mm --help`` does not wait for torch.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from recon_mm.version import __version__

COMMANDS = {
    'train': ('recon_mm.apis.train', 'train a model from a config'),
    'test': ('recon_mm.apis.test', 'test a checkpoint'),
    'prepare': ('recon_mm.apis.prepare', 'make shapes of your own ready for training'),
    'pretrain': ('recon_mm.apis.pretrain', 'prepare shapes of your own, and pretrain on them'),
    'few-shot': ('recon_mm.apis.few_shot', 'train and test all folds of few-shot classification'),
    'features': ('recon_mm.apis.infer:features', 'features of your clouds'),
    'classify': ('recon_mm.apis.infer:classify', 'their classes, by a fine-tuned model'),
    'zeroshot': ('recon_mm.apis.infer:zeroshot', 'their classes, by names that you type'),
    'parts': ('recon_mm.apis.infer:parts', 'the part of every point'),
    'scenes': ('recon_mm.apis.infer:scenes', 'the class of every point of rooms'),
    'reconstruct': ('recon_mm.apis.infer:reconstruct', 'masked patches, reconstructed'),
    'attention': ('recon_mm.apis.infer:attention', 'which places the global tokens read'),
    'retrieve': ('recon_mm.apis.infer:retrieve', 'the most similar shapes of a folder'),
    'cache': ('recon_mm.apis.cache', "a teacher's features of a training set, computed once"),
    'convert': ('recon_mm.apis.convert', "checkpoints of the authors' release, and back"),
    'export': ('recon_mm.apis.export', 'a backbone for torch.export or ONNX'),
    'models': ('recon_mm.apis.models', 'the models of the index, and their configs'),
    'info': ('recon_mm.apis.collect_env', 'what is installed here, for a report of an issue'),
    'completion': ('recon_mm.completion', 'a script with which a shell completes commands'),
}
EPILOG = """
recon-mm COMMAND --help says more of one, with an example.
Exit status: 0 all done, 1 an error that is said in one line, 2 wrong usage, 3 some of the inputs
failed and the others are done.
"""


def find_command(name: str) -> Callable[[Sequence[str] | None, str | None], int]:
    """The function of a command; imports its module."""
    module, _, function = COMMANDS[name][0].partition(':')
    return getattr(import_module(module), function or 'main')


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    width = max(map(len, COMMANDS))
    parser = argparse.ArgumentParser(
        prog='recon-mm',
        description='commands:\n'
        + '\n'.join(f'  {name:{width}}  {about}' for name, (_, about) in COMMANDS.items()),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--version', action='version', version=f'recon_mm {__version__}')
    parser.add_argument('command', choices=COMMANDS, metavar='COMMAND')
    parser.add_argument('arguments', nargs=argparse.REMAINDER, metavar='...', help='its arguments')
    args = parser.parse_args(argv)
    return find_command(args.command)(args.arguments, f'{parser.prog} {args.command}')


if __name__ == '__main__':
    sys.exit(main())
