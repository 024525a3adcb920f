"""Fixtures that all tests share."""

import gc
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger

from demo import Counts, make_demo_data
from tests.tiny import shrink

SHARED_DATA_ENV = 'RECON_SHARED_DATA'
TINY_CLIP = 'recon-test-tiny-clip'


@pytest.fixture(scope='session')
def reference_dir() -> Path:
    """The folder with the input/output vectors of the authors' release; every clone has it."""
    return Path(__file__).parent / 'data/reference'


@pytest.fixture(scope='session')
def shared_data() -> Path:
    """Real data that lie beside some checkouts and are not part of the project.

    Named by ``$RECON_SHARED_DATA``, else ``shared/data`` beside the checkout.
    """
    named = os.environ.get(SHARED_DATA_ENV)
    folder = Path(named) if named else Path(__file__).parents[2] / 'shared/data'
    if not folder.is_dir():
        pytest.skip(f'no real data at {folder}; name their folder in ${SHARED_DATA_ENV}')
    return folder


@pytest.fixture(scope='session')
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a CLIP of two small towers that open_clip builds in milliseconds."""
    open_clip = pytest.importorskip('open_clip')
    config = {
        'embed_dim': 32,
        'quick_gelu': True,
        'vision_cfg': {
            'image_size': 32,
            'layers': 2,
            'width': 64,
            'head_width': 32,
            'patch_size': 16,
        },
        'text_cfg': {
            'context_length': 77,
            'vocab_size': 49408,
            'width': 64,
            'heads': 2,
            'layers': 3,
        },
    }
    path = tmp_path_factory.mktemp('clip') / f'{TINY_CLIP}.json'
    path.write_text(json.dumps(config))
    open_clip.add_model_config(path)
    gc.freeze()  # as below, what open_clip imports
    return TINY_CLIP


@pytest.fixture(scope='session')
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demo data of all sets, one shape of each category and split."""
    root = tmp_path_factory.mktemp('demo')
    make_demo_data(root, counts=Counts(1, 1), workers=2)
    return root


@pytest.fixture
def tiny_config(demo_data: Path, tiny_clip: str, tmp_path: Path, monkeypatch):
    """Loads a config of configs/recon by its name, on the demo data, made tiny."""
    monkeypatch.setenv('RECON_DATA', str(demo_data))
    # One folder for all tests: a table of text features is computed once.
    monkeypatch.setenv('RECON_CACHE', str(demo_data / 'text_features'))

    # Most of a tiny run is spent on laying out its config's text, several times.
    monkeypatch.setattr('mmengine.config.config.FormatCode', lambda text, **_: (text, True))

    def load(name: str) -> Config:
        cfg = Config.fromfile(Path(__file__).parents[1] / 'configs/recon' / f'{name}.py')
        shrink(cfg, tiny_clip, tmp_path)
        cfg.work_dir = str(tmp_path / 'work')
        cfg.experiment_name = f'{name}_{tmp_path.name}'
        return cfg

    return load


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What MMEngine's logger says; its messages do not reach the root logger."""
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


@pytest.fixture(autouse=True)
def seed() -> None:
    """Every test starts from the same random state."""
    torch.manual_seed(0)


def pytest_collection_finish() -> None:
    """Leaves what was imported out of each garbage collection: MMEngine starts one per data set."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked ``cuda`` are skipped, with the reason, where there is no such device."""
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker('cuda'):
            item.add_marker(pytest.mark.skip(reason='needs a CUDA device'))
