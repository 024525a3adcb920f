import pytest
import torch
from mmengine.logging import MMLogger
from torch import nn

from recon_mm.models.teachers.weights import (
    fixed_seed,
    is_file_name,
    load_exactly,
    read_weights,
    warn_untrained,
    weights_id,
)


def test_file_names_and_tags(tmp_path):
    (tmp_path / 'weights').write_bytes(b'x')
    assert is_file_name('some/where/vit')
    assert is_file_name('vit.safetensors')
    assert is_file_name(str(tmp_path / 'weights'))
    assert not is_file_name('openai')
    assert not is_file_name('laion2b_s34b_b79k')
    assert not is_file_name(None)
    assert not is_file_name(True)


def test_identity_of_weights(tmp_path):
    a, b, c = tmp_path / 'a.pt', tmp_path / 'b.pt', tmp_path / 'c.pt'
    a.write_bytes(b'one')
    b.write_bytes(b'one')
    c.write_bytes(b'two')
    assert weights_id(str(a)) == weights_id(str(b)) != weights_id(str(c))
    assert weights_id(str(a)).startswith('sha256 7692c3ad')
    assert weights_id('openai') == 'tag openai'
    assert 'untrained' in weights_id(None)


def test_fixed_seed_leaves_the_random_state_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with fixed_seed():
        first = nn.Linear(2, 2).weight
    torch.testing.assert_close(torch.rand(3), expected, rtol=0, atol=0)
    torch.manual_seed(99)
    with fixed_seed():
        second = nn.Linear(2, 2).weight
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_warns_once_and_loudly(unwarned, monkeypatch):
    records = []
    logger = MMLogger.get_current_instance()
    monkeypatch.setattr(logger, 'handle', records.append)
    warn_untrained('CLIPTextTeacher some-model')
    warn_untrained('CLIPTextTeacher some-model')
    assert [record.levelname for record in records] == ['WARNING']
    message = records[0].getMessage()
    assert 'CLIPTextTeacher some-model' in message
    assert 'untrained network' in message
    assert 'tests and demonstrations' in message


@pytest.mark.parametrize('wrap', ['plain', 'state_dict', 'model', 'module'])
def test_read_weights_of_torch(tmp_path, wrap):
    state = nn.Linear(2, 3).state_dict()
    content = {
        'plain': state,
        'state_dict': {'state_dict': state, 'epoch': 3},
        'model': {'model': state},
        'module': {f'module.{k}': v for k, v in state.items()},
    }[wrap]
    torch.save(content, tmp_path / 'w.pth')
    read = read_weights(str(tmp_path / 'w.pth'))
    assert set(read) == {'weight', 'bias'}
    torch.testing.assert_close(read['weight'], state['weight'], rtol=0, atol=0)


def test_read_weights_of_safetensors(tmp_path):
    safetensors = pytest.importorskip('safetensors.torch')
    state = nn.Linear(2, 3).state_dict()
    safetensors.save_file(state, tmp_path / 'w.safetensors')
    read = read_weights(str(tmp_path / 'w.safetensors'))
    torch.testing.assert_close(read['weight'], state['weight'], rtol=0, atol=0)


def test_refused_files(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'nowhere\.pt: no such weight file'):
        read_weights(str(tmp_path / 'nowhere.pt'))
    torch.save(nn.Linear(2, 3), tmp_path / 'pickled.pt')
    with pytest.raises(ValueError, match=r"pickled\.pt' .* cannot be read as a checkpoint"):
        read_weights(str(tmp_path / 'pickled.pt'))
    (tmp_path / 'garbage.pt').write_bytes(b'<html>not found</html>')
    with pytest.raises(ValueError, match=r"garbage\.pt' .* cannot be read as a checkpoint"):
        read_weights(str(tmp_path / 'garbage.pt'))
    torch.save([torch.ones(1)], tmp_path / 'list.pt')
    with pytest.raises(ValueError, match=r"list\.pt' holds a list"):
        read_weights(str(tmp_path / 'list.pt'))
    torch.save({1: torch.ones(1), 'a': 2}, tmp_path / 'nameless.pt')
    with pytest.raises(ValueError, match=r"nameless\.pt' holds a dict without names of weights"):
        read_weights(str(tmp_path / 'nameless.pt'))
    torch.save({'a': 2}, tmp_path / 'numbers.pt')
    with pytest.raises(ValueError, match=r'numbers\.pt holds no named tensors'):
        read_weights(str(tmp_path / 'numbers.pt'))


@pytest.mark.parametrize('content', [b'', b'\xff' * 8 + b'{}', b'{' * 100])
def test_damaged_safetensors(tmp_path, content):
    pytest.importorskip('safetensors')
    (tmp_path / 'w.safetensors').write_bytes(content)
    with pytest.raises(ValueError, match=r"w\.safetensors' cannot be read"):
        read_weights(str(tmp_path / 'w.safetensors'))


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
def test_torchscript_is_refused_with_a_workaround(tmp_path):
    class Doubler(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.weight * x

    traced = torch.jit.trace(Doubler(), torch.ones(2))
    torch.jit.save(traced, str(tmp_path / 'clip.pt'))
    with pytest.raises(ValueError, match=r'TorchScript archive') as info:
        read_weights(str(tmp_path / 'clip.pt'))
    assert 'clip_weights.pt' in str(info.value)


def test_load_exactly():
    source, target = nn.Linear(2, 3), nn.Linear(2, 3)
    state = {**source.state_dict(), 'head.weight': torch.ones(1)}
    load_exactly(target, state, 'f.pt', ignore=('head.',))
    torch.testing.assert_close(target.weight, source.weight, rtol=0, atol=0)
    with pytest.raises(
        ValueError, match=r"f\.pt are of a different.*1 unexpected \['head.weight'\]"
    ):
        load_exactly(target, state, 'f.pt')
    with pytest.raises(ValueError, match=r"1 missing \['bias'\]"):
        load_exactly(target, {'weight': source.weight}, 'f.pt')
    with pytest.raises(ValueError, match=r'weight: \(3, 2\) instead of \(4, 2\)'):
        load_exactly(nn.Linear(2, 4), source.state_dict(), 'f.pt')
