"""The assignment of tokens to rows against scipy on each cloud alone."""

import os

import numpy as np
import pytest
import torch

from recon_mm.models.layers import match_rows

CASES = int(os.environ.get('RECON_MATCHING_CASES', '1000'))  # 10,000 take half a minute


def plain(similarity: np.ndarray, valid: np.ndarray) -> list[int]:
    optimize = pytest.importorskip('scipy.optimize')
    rows = np.full(len(similarity), -1)
    columns = np.flatnonzero(valid)
    if len(columns):
        tokens, chosen = optimize.linear_sum_assignment(-similarity[:, columns])
        rows[tokens] = columns[chosen]
    return rows.tolist()


def test_random_cases() -> None:
    generator = np.random.default_rng(0)
    done = 0
    while done < CASES:
        batch, tokens, rows = generator.integers(1, (65, 17, 17))
        similarity = generator.standard_normal((batch, tokens, rows)).astype(np.float32)
        valid = generator.random((batch, rows)) < generator.choice([0, 0.3, 0.7, 1])
        found = match_rows(torch.from_numpy(similarity), torch.from_numpy(valid))
        assert found.tolist() == [plain(*cloud) for cloud in zip(similarity, valid)]
        done += int(batch)


def test_one_transfer_for_all_clouds(monkeypatch) -> None:
    transfers = []
    to_cpu = torch.Tensor.cpu
    monkeypatch.setattr(torch.Tensor, 'cpu', lambda t: (transfers.append(t.shape), to_cpu(t))[1])
    match_rows(torch.rand(8, 3, 4), torch.ones(8, 4, dtype=torch.bool))
    assert transfers == [(8, 4, 4)]


def test_broken_similarities_do_not_stop_the_step() -> None:
    similarity = torch.full((1, 2, 3), float('nan'))
    assert (match_rows(similarity, torch.ones(1, 3, dtype=torch.bool)) >= 0).all()
