"""Tokens assigned to the rows of a teacher: the best total of all, by scipy on the CPU."""

import numpy as np
import torch
from torch import Tensor

from recon_mm.utils.optional import require


# An opaque op: torch.compile must not look into the loop on the CPU.
@torch.library.custom_op('recon_mm::match_rows', mutates_args=())
def match_rows(similarity: Tensor, valid: Tensor) -> Tensor:
    """The assignment of tokens to rows that has the largest summed similarity, per cloud.

    One transfer takes all clouds to the CPU and one brings the result back. There, an assignment
    of 13 to 13 takes some microseconds; on a GPU its steps are too small and too many.

    Args:
        similarity: ``(B, Q, T)``.
        valid: Bool ``(B, T)``, the rows that count.

    Returns:
        int64 ``(B, Q)``, the row of each token, -1 where it has none.
    """
    solve = require('scipy.optimize', 'probing').linear_sum_assignment
    joined = torch.cat([similarity.float(), valid[:, None].float()], dim=1).cpu().numpy()
    scores, counts = joined[:, :-1], joined[:, -1] > 0
    # NaN (a broken step, which CheckLossHook reports) has no assignment; zeros have one.
    scores = np.nan_to_num(scores, posinf=0.0, neginf=0.0)
    assigned = np.full(scores.shape[:2], -1, dtype=np.int64)
    for row, score, count in zip(assigned, scores, counts):
        columns = np.flatnonzero(count)
        tokens, chosen = solve(score[:, columns], maximize=True)
        row[tokens] = columns[chosen]
    return torch.from_numpy(assigned).to(similarity.device)


@match_rows.register_fake
def _(similarity: Tensor, valid: Tensor) -> Tensor:
    return similarity.new_empty(similarity.shape[:2], dtype=torch.int64)
