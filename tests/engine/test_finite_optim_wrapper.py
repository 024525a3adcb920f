"""The state of a fused optimizer, loaded from a file that nobody vouches for."""

import copy

import pytest
import torch
from torch import nn

from recon_mm.engine import FiniteOptimWrapper
from recon_mm.utils.safe_checkpoint import CheckpointError


def wrapper() -> FiniteOptimWrapper:
    model = nn.Linear(3, 2, bias=False)
    wrapped = FiniteOptimWrapper(torch.optim.AdamW(model.parameters(), fused=True))
    # As MMEngine's constructors make it: a group of a tensor that no optimizer has.
    wrapped.base_param_settings = dict(params=torch.tensor([0.0]), lr=1.0)
    model(torch.ones(1, 3)).sum().backward()
    wrapped.step()
    return wrapped


@pytest.mark.parametrize(
    ('name', 'value'), [('exp_avg', torch.zeros(3)), ('exp_avg_sq', 'x'), ('step', torch.zeros(0))]
)
def test_another_shape_is_refused(name: str, value: object) -> None:
    """The fused kernel would read and write beyond it, which ends the process."""
    state = copy.deepcopy(wrapper().state_dict())
    state['state'][0][name] = value
    with pytest.raises(CheckpointError, match=rf"the optimizer's {name} in the checkpoint is"):
        wrapper().load_state_dict(state)


def test_an_expanded_tensor_gets_memory_of_its_own() -> None:
    state, other = copy.deepcopy(wrapper().state_dict()), wrapper()
    state['state'][0]['exp_avg'] = torch.full((1, 1), 5.0).expand(2, 3)
    other.load_state_dict(state)
    (loaded,) = other.optimizer.state.values()
    assert loaded['exp_avg'].is_contiguous()
    assert (loaded['exp_avg'] == 5).all()
    other.step()
    assert set(other.state_dict()['state']) == {0}


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        *(('lr', value) for value in ('fast', float('nan'), float('inf'), True)),
        *(('betas', (0.9,)), ('eps', [1e-8])),
    ],
)
def test_a_group_without_its_numbers_is_refused(key: str, value: object) -> None:
    state = copy.deepcopy(wrapper().state_dict())
    state['param_groups'][0][key] = value
    with pytest.raises(CheckpointError, match=rf'a group of the optimizer has {key}='):
        wrapper().load_state_dict(state)


def test_a_group_without_a_learning_rate_is_refused() -> None:
    state = copy.deepcopy(wrapper().state_dict())
    del state['param_groups'][0]['lr']
    with pytest.raises(CheckpointError, match="a group of the optimizer has no 'lr'"):
        wrapper().load_state_dict(state)
