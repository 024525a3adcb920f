"""The model index: every config once, nothing that is not there."""

import yaml
from mmengine.config import Config

from tests.tiny import ROOT


def load_models() -> list[dict]:
    (name,) = yaml.safe_load((ROOT / 'model-index.yml').read_text())['Import']
    content = yaml.safe_load((ROOT / name).read_text())
    (collection,) = content['Collections']
    assert (ROOT / collection['README']).is_file()
    assert {model['In Collection'] for model in content['Models']} == {collection['Name']}
    return content['Models']


def test_lists_every_config_once() -> None:
    listed = [model['Config'] for model in load_models()]
    there = [f'configs/recon/{path.name}' for path in (ROOT / 'configs/recon').glob('*.py')]
    assert sorted(listed) == sorted(there)
    readme = (ROOT / 'configs/recon/README.md').read_text()
    for model in load_models():
        assert model['Config'].endswith(f'/{model["Name"]}.py')
        assert f'`{model["Name"]}`' in readme


def test_says_what_the_configs_say() -> None:
    for model in load_models():
        if 'Epochs' not in model['Metadata']:
            continue
        cfg = Config.fromfile(ROOT / model['Config'])
        found = cfg.train_cfg.max_epochs, cfg.train_dataloader.batch_size
        assert found == (model['Metadata']['Epochs'], model['Metadata']['Batch Size']), model


def test_own_figures_only_where_measured() -> None:
    """On the real data sets nothing was measured yet: a figure here needs its run in RESULTS.md."""
    results = [result for model in load_models() for result in model.get('Results', ())]
    assert results
    assert not [result for result in results if 'Metrics' in result]
