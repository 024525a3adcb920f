"""A linear layer on joined inputs, one of which is shared by many rows."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .two_forms import TwoForms


class JoinedLinear(nn.Linear, TwoForms):
    """``linear([a, b])``, where ``a`` differs from row to row and ``b`` is shared by the cloud.

    Fast form: ``linear_a(a) + linear_b(b)``, so that the part on ``b`` is computed once per cloud.

    Args:
        row_dims: Width of ``a``.
        shared_dims: Width of ``b``.
        out_features: Width of the output.
    """

    FAST_ON = ('cpu', 'cuda')

    def __init__(self, row_dims: int, shared_dims: int, out_features: int) -> None:
        super().__init__(row_dims + shared_dims, out_features)
        self.sizes = (row_dims, shared_dims)

    def forward(self, rows: Tensor, shared: Tensor) -> Tensor:
        """``(B, N, row_dims)`` and ``(B, shared_dims)`` to ``(B, N, out_features)``."""
        return self.form_for(rows)(rows, shared)

    def forward_plain(self, rows: Tensor, shared: Tensor) -> Tensor:
        """Joins, then applies the layer."""
        shared = shared.unsqueeze(1).expand(-1, rows.shape[1], -1)
        return F.linear(torch.cat([rows, shared], dim=2), self.weight, self.bias)

    def forward_fast(self, rows: Tensor, shared: Tensor) -> Tensor:
        """Applies the layer's columns, then adds."""
        on_rows, on_shared = self.weight.split(self.sizes, dim=1)
        return F.linear(rows, on_rows) + F.linear(shared, on_shared, self.bias)[:, None]
