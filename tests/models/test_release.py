"""The converter of the authors' checkpoint names, both ways."""

import torch

from recon_mm.models.release import from_release, to_release
from tests.reference import reference_state_dict


def test_round_trip_of_a_pretraining_checkpoint(reference_dir) -> None:
    release = reference_state_dict(reference_dir / 'tiny', 'pretrain')
    ours, unknown = from_release(release)
    assert unknown == []
    back, unknown = to_release(ours)
    assert unknown == []
    assert set(back) == set(release)
    assert all(torch.equal(back[name], release[name]) for name in release)


def test_parallel_prefix_is_dropped() -> None:
    ours, _ = from_release({'module.MAE_encoder.norm.bias': torch.ones(2)})
    assert list(ours) == ['backbone.norm.bias']


def test_fine_tuned_checkpoints_have_no_encoder_prefix() -> None:
    weight = torch.rand(2, 2)
    ours, unknown = from_release({'blocks.blocks.3.attn_contrast.q.weight': weight})
    assert unknown == []
    assert torch.equal(ours['backbone.blocks.3.global_attn.q.weight'], weight)
    back, _ = to_release(ours, encoder_prefix='')
    assert list(back) == ['blocks.blocks.3.attn_contrast.q.weight']


def test_unknown_names_are_reported() -> None:
    ours, unknown = from_release({'something.else': torch.zeros(1)})
    assert ours == {}
    assert unknown == ['something.else']
    assert to_release({'other': torch.zeros(1)}) == ({}, ['other'])
