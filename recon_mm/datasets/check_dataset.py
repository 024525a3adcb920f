"""Reads every file of a data set and lists those that are missing or bad."""

from concurrent.futures import ThreadPoolExecutor

from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope
from rich.progress import track

from recon_mm.registry import DATASETS
from recon_mm.utils.config import read_config

from .base import PointCloudDataset
from .errors import DataError

LOADERS = ('LoadPoints', 'LoadRenderedImage', 'LoadOpenShape', 'LoadDepthFeatures')


def configured_datasets(path: str) -> list[dict]:
    """Every data set in the data loaders of a config file, without wrappers, each once."""
    config = read_config(path)
    init_default_scope(config.get('default_scope', 'recon_mm'))
    found = []
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        pending = [(config.get(name) or {}).get('dataset')]
        while pending:
            node = pending.pop()
            if isinstance(node, list):
                pending += node
            elif node and (inner := node.get('datasets') or node.get('dataset')):
                pending.append(inner)
            elif node and node not in found:
                found.append(node)
    return found


def dataset_problems(config: dict, workers: int = 8) -> list[str]:
    """Builds a data set and reads each of its files.

    Args:
        config: Its config; of the pipeline only the steps that read files are run.
        workers: Threads that read.

    Returns:
        What is wrong, one text per file.
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
