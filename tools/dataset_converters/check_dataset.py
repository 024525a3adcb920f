"""Reads every file of a data set and lists those that are missing or bad.

    python tools/dataset_converters/check_dataset.py configs/recon/pretrain_shapenet.py
    python tools/dataset_converters/check_dataset.py --type ScanObjectNN --data-root \
        data/ScanObjectNN --options variant=obj_bg split=test

Exit status: 0 if all is well, 1 if something is wrong.
"""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mmengine.config import Config, DictAction
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope
from rich.progress import track

from recon_mm.datasets import DataError, PointCloudDataset
from recon_mm.registry import DATASETS

LOADERS = ('LoadPoints', 'LoadRenderedImage')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', nargs='?', help='check all data sets of this config')
    parser.add_argument('--type', help='instead of a config: the class of a data set')
    parser.add_argument('--data-root', help='with --type: its folder')
    parser.add_argument(
        '--options', nargs='+', action=DictAction, default={}, help='with --type: its arguments'
    )
    parser.add_argument('--workers', type=int, default=8, help='threads that read files')
    args = parser.parse_args(argv)
    if bool(args.config) == bool(args.type and args.data_root):
        parser.error('name a config, or --type and --data-root')
    return args


def dataset_configs(config: Any) -> Iterator[dict]:
    """Every data set within the data loaders of a config, without wrappers, each once."""
    seen = []
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        pending = [(config.get(name) or {}).get('dataset')]
        while pending:
            found = pending.pop()
            if isinstance(found, list):
                pending += found
            elif found and (inner := found.get('datasets') or found.get('dataset')):
                pending.append(inner)
            elif found and found not in seen:
                seen.append(found)
                yield dict(found)


def problems_of(config: dict, workers: int) -> list[str]:
    """Builds a data set and reads each of its files.

    Args:
        config: Its config; of the pipeline only the steps that read files are run.
        workers: Threads that read.

    Returns:
        What is wrong, a text a file.
    """
    steps = [step for step in config.get('pipeline', ()) if step['type'] in LOADERS]
    config = {**config, 'pipeline': steps, 'skip_corrupt': True}
    config.pop('test_mode', None)  # which forbids skip_corrupt
    try:
        dataset = DATASETS.build(config)
    except DataError as error:
        return [str(error)]
    assert isinstance(dataset, PointCloudDataset)
    infos = (BaseDataset.get_data_info(dataset, i) for i in range(len(dataset)))
    files = {info['sample_id']: i for i, info in enumerate(infos)}  # a room is in many samples

    def problem(index: int) -> str | None:
        try:
            dataset.pipeline(dataset.get_data_info(index))
        except DataError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(problem, files.values())
        name = f'{config["type"]} {dataset.split}'
        return [text for text in track(found, name, total=len(files)) if text]


def main(argv: list[str] | None = None) -> int:
    """Checks; returns the exit status."""
    args = parse_args(argv)
    if args.config:
        config = Config.fromfile(args.config)
        init_default_scope(config.get('default_scope', 'recon_mm'))
        configs = list(dataset_configs(config))
    else:
        pipeline = [{'type': 'LoadPoints'}] if args.type == 'ShapeNet55' else []
        if args.options.get('with_images'):
            pipeline.append({'type': 'LoadRenderedImage'})
        configs = [
            {'type': args.type, 'data_root': args.data_root, 'pipeline': pipeline, **args.options}
        ]
    problems = [text for config in configs for text in problems_of(config, args.workers)]
    for text in problems:
        print(text)
    print(f'{len(configs)} data set(s) checked: {len(problems) or "nothing"} wrong')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
