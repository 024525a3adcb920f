"""The model index: every config once, nothing that is not there."""

import modelindex
import pytest
import yaml
from mmengine.config import Config

from tests.tiny import ROOT

FOLDERS = sorted(
    f'configs/{path.name}' for path in (ROOT / 'configs').iterdir() if path.name != '_base_'
)


def load_models(folder: str) -> list[dict]:
    content = yaml.safe_load((ROOT / folder / 'metafile.yml').read_text())
    (collection,) = content['Collections']
    assert collection['README'] == 'README.md'  # relative to the metafile
    assert {model['In Collection'] for model in content['Models']} == {collection['Name']}
    return content['Models']


def test_index_names_every_folder() -> None:
    imported = yaml.safe_load((ROOT / 'model-index.yml').read_text())['Import']
    assert sorted(imported) == [f'{folder}/metafile.yml' for folder in FOLDERS]


@pytest.mark.parametrize('folder', FOLDERS)
def test_lists_every_config_once(folder: str) -> None:
    models = load_models(folder)
    there = [f'{folder}/{path.name}' for path in (ROOT / folder).glob('*.py')]
    assert sorted(model['Config'] for model in models) == sorted(there)
    readme = (ROOT / folder / 'README.md').read_text()
    for model in models:
        assert model['Config'].endswith(f'/{model["Name"]}.py')
        assert f'`{model["Name"]}`' in readme


@pytest.mark.parametrize('folder', ['configs/recon', 'configs/reconpp'])
def test_says_what_the_configs_say(folder: str) -> None:
    for model in load_models(folder):
        if 'Epochs' not in model['Metadata']:
            continue
        cfg = Config.fromfile(ROOT / model['Config'])
        found = cfg.train_cfg.max_epochs, cfg.train_dataloader.batch_size
        assert found == (model['Metadata']['Epochs'], model['Metadata']['Batch Size']), model


def test_own_metrics_only_where_measured() -> None:
    """On real data sets nothing was measured yet: a metric here needs its run in RESULTS.md."""
    models = [model for folder in FOLDERS for model in load_models(folder)]
    results = [result for model in models for result in model.get('Results', ())]
    assert results
    assert not [result for result in results if result['Metrics']]


def test_names_are_unique() -> None:
    names = [model['Name'] for folder in FOLDERS for model in load_models(folder)]
    assert len(names) == len(set(names))


def test_passes_the_check_of_the_model_index() -> None:
    """Read as mim reads it, and passing the ``check`` of that library."""
    index = modelindex.load(str(ROOT / 'model-index.yml'))
    assert index.check(silent=True) == []
    index.build_models_with_collections()
    assert len(index.models) == sum(len(load_models(folder)) for folder in FOLDERS)
