"""The heads of ReCon++'s contrast: clouds without targets, and several processes."""

import pytest
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, multiprocessing

from recon_mm.models.heads import InfoNCEHead, MatchingHead

DIMS = dict(embed_dims=6, feature_dims=8)


def batch() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    tokens, target = (torch.randn(4, 3, n, generator=generator) for n in (6, 8))
    target[0] = 0  # no target at all
    target[2, 1] = 0
    return tokens, target


def head(kind: str):
    torch.manual_seed(1)
    return MatchingHead(**DIMS, clouds=2) if kind == 'matching' else InfoNCEHead(**DIMS)


def test_matching_is_the_sum_over_clouds_with_targets() -> None:
    tokens, target = batch()
    matching = MatchingHead(**DIMS)
    prediction = matching(tokens)
    rows = matching.match(prediction, target)
    assert rows[0].tolist() == [-1, -1, -1]
    assert sorted(rows[1].tolist()) == [0, 1, 2]
    assert sorted(rows[2].tolist()) == [-1, 0, 2]
    expected = torch.zeros(())
    for cloud in (1, 2, 3):
        pairs = [(q, r) for q, r in enumerate(rows[cloud].tolist()) if r >= 0]
        ours = torch.stack([prediction[cloud, q] for q, _ in pairs])
        theirs = F.normalize(torch.stack([target[cloud, r] for _, r in pairs]), dim=-1)
        expected = expected + 5 * F.smooth_l1_loss(ours, theirs)
    torch.testing.assert_close(matching.loss(tokens, target), expected)
    scaled = MatchingHead(**DIMS, clouds=64)
    scaled.load_state_dict(matching.state_dict())
    torch.testing.assert_close(scaled.loss(tokens, target), expected * 64 / 4)


@pytest.mark.parametrize('kind', ['matching', 'info_nce'])
def test_without_any_target_the_loss_is_zero_and_its_gradient_finite(kind) -> None:
    model, (tokens, target) = head(kind), batch()
    tokens.requires_grad_()
    loss = model.loss(tokens, torch.zeros_like(target))
    loss.backward()
    assert loss.item() == 0
    assert tokens.grad is not None and torch.isfinite(tokens.grad).all()


def test_info_nce_is_lower_for_the_own_target() -> None:
    tokens, target = batch()
    model = InfoNCEHead(**DIMS)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = model.loss(tokens, target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_wrong_width() -> None:
    with pytest.raises(ValueError, match="set the head's feature_dims to 5"):
        MatchingHead(**DIMS).loss(torch.rand(1, 2, 6), torch.rand(1, 2, 5))


def half_of_the_batch(rank: int, folder: str) -> None:
    store = dist.FileStore(f'{folder}/store', 2)
    dist.init_process_group('gloo', store=store, rank=rank, world_size=2)
    for kind in ('matching', 'info_nce'):
        model, parts = head(kind), [part[rank * 2 : rank * 2 + 2] for part in batch()]
        loss = model.loss(*parts)
        loss.backward()
        gradient = model.fc.weight.grad
        dist.all_reduce(gradient)  # as DDP: the mean over processes
        torch.save(gradient / 2, f'{folder}/{kind}{rank}.pt')
    dist.destroy_process_group()


def test_two_processes_are_one_with_all_clouds(tmp_path) -> None:
    multiprocessing.spawn(half_of_the_batch, (str(tmp_path),), nprocs=2)
    for kind in ('matching', 'info_nce'):
        model = head(kind)
        model.loss(*batch()).backward()
        for rank in (0, 1):
            gradient = torch.load(tmp_path / f'{kind}{rank}.pt')
            torch.testing.assert_close(gradient, model.fc.weight.grad, rtol=1e-4, atol=1e-6)
