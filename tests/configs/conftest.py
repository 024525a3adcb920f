import json
from pathlib import Path

import pytest
from mmengine.config import Config

from recon_mm.datasets.demo import Counts, make_demo_data
from tests.configs.tiny import shrink

ROOT = Path(__file__).parents[2]


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
        cfg = Config.fromfile(ROOT / 'configs/recon' / f'{name}.py')
        shrink(cfg, tiny_clip, tmp_path)
        cfg.work_dir = str(tmp_path / 'work')
        cfg.experiment_name = f'{name}_{tmp_path.name}'
        return cfg

    return load


def scalars(work_dir: str | Path) -> list[dict]:
    """What a run logged, a dictionary for each time."""
    files = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]
