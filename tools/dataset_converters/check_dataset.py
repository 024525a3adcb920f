"""Reads every file of a data set and lists those that are missing or bad.

    python tools/dataset_converters/check_dataset.py configs/recon/pretrain_shapenet.py
    python tools/dataset_converters/check_dataset.py --type ScanObjectNN --data-root \
        data/ScanObjectNN --options variant=obj_bg split=test

Exit status: 0 if all is well, 1 if something is wrong.
"""

import argparse
import sys
from collections.abc import Sequence

from recon_mm.apis.command_line import CommandParser, Overrides, command
from recon_mm.datasets.check_dataset import configured_datasets, dataset_problems
from recon_mm.utils.shipped import find_config


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = CommandParser(__doc__)
    parser.add_argument('config', nargs='?', help='check all data sets of this config')
    parser.add_argument('--type', help='instead of a config: the class of a data set')
    parser.add_argument('--data-root', help='with --type: its folder')
    parser.add_argument(
        '--options', nargs='+', action=Overrides, default={}, help='with --type: its arguments'
    )
    parser.add_argument('--workers', type=int, default=8, help='threads that read files')
    args = parser.parse_args(argv)
    if bool(args.config) == bool(args.type and args.data_root):
        parser.error('name a config, or --type and --data-root')
    return args


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Checks; returns the exit status."""
    args = parse_args(argv)
    if args.config:
        configs = configured_datasets(str(find_config(args.config)))
    else:
        pipeline = [{'type': 'LoadPoints'}] if args.type == 'ShapeNet55' else []
        if args.options.get('with_images'):
            pipeline.append({'type': 'LoadRenderedImage'})
        configs = [
            {'type': args.type, 'data_root': args.data_root, 'pipeline': pipeline, **args.options}
        ]
    problems = [text for config in configs for text in dataset_problems(config, args.workers)]
    for text in problems:
        print(text)
    print(f'{len(configs)} data set(s) checked: {len(problems) or "nothing"} wrong')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
