"""Multi-head attention over tokens, on torch's fused ``scaled_dot_product_attention``."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .two_forms import TwoForms


class SoftmaxAttention(TwoForms):
    """``softmax(Q K^T / sqrt(d)) V`` for each head.

    Fast form, on the CPU in bfloat16: computed in float32, where its gradient takes a third of the
    time.
    """

    FAST_ON = ('cpu',)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        scale: float | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """``(B, H, Q, d)`` attending to ``(B, H, L, d)`` gives ``(B, H, Q, d)``.

        ``mask`` bool ``(Q, L)`` is True where a query may attend.
        """
        return self.form_for(query)(query, key, value, scale, mask)

    def forward_plain(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        scale: float | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """In the precision of the inputs."""
        return F.scaled_dot_product_attention(query, key, value, mask, scale=scale)

    def forward_fast(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        scale: float | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """In float32."""
        with torch.autocast(query.device.type, enabled=False):
            attended = self.forward_plain(query.float(), key.float(), value.float(), scale, mask)
        return attended.to(query.dtype)


class SelfAttention(nn.Module):
    """Tokens attend to each other.

    Args:
        embed_dims: Token width C.
        num_heads: Number of heads H; the scale is ``(C / H) ** -0.5``.
        qkv_bias: Whether queries, keys and values have a bias.

    Raises:
        ValueError: If C is not a multiple of H.
    """

    def __init__(self, embed_dims: int, num_heads: int, qkv_bias: bool = False) -> None:
        super().__init__()
        _check_heads(embed_dims, num_heads)
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dims, 3 * embed_dims, bias=qkv_bias)
        self.attend = SoftmaxAttention()
        self.proj = nn.Linear(embed_dims, embed_dims)

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """``(B, L, C)`` to ``(B, L, C)``; ``mask`` bool ``(L, L)``, True: a row sees a column."""
        query, key, value = _heads(self.qkv(tokens), 3, self.num_heads)
        return self.proj(_join_heads(self.attend(query, key, value, mask=mask)))


class CrossAttention(TwoForms):
    """A few query tokens attend to other tokens.

    Fast form, on the CPU: keys and values are linear in the tokens, so their layers can be moved to
    the other side. ``q . (K x) = (K' q) . x`` for the key layer K of a head, and the value layer is
    applied to the mean of the tokens in place of each token. Both layers then run on the queries,
    not on the tokens: for three queries a twentieth of the multiplications. Its heads are C wide,
    more than fused GPU kernels support. A bias of the keys adds the same to all scores of a query,
    which softmax takes away again.

    Args:
        embed_dims: Token width C.
        num_heads: Number of heads H; the scale is ``(C / H) ** -0.5``.
        qkv_bias: Whether queries, keys and values have a bias.

    Raises:
        ValueError: If C is not a multiple of H.
    """

    FAST_ON = ('cpu',)

    def __init__(self, embed_dims: int, num_heads: int, qkv_bias: bool = False) -> None:
        super().__init__()
        _check_heads(embed_dims, num_heads)
        self.num_heads = num_heads
        self.q = nn.Linear(embed_dims, embed_dims, bias=qkv_bias)
        self.kv = nn.Linear(embed_dims, 2 * embed_dims, bias=qkv_bias)
        self.attend = SoftmaxAttention()
        self.proj = nn.Linear(embed_dims, embed_dims)

    def forward(self, query_tokens: Tensor, key_tokens: Tensor) -> Tensor:
        """``(B, Q, C)`` attending to ``(B, L, C)`` gives ``(B, Q, C)``."""
        return self.proj(self.form_for(query_tokens)(query_tokens, key_tokens))

    def weights(self, query_tokens: Tensor, key_tokens: Tensor) -> Tensor:
        """How much each query reads from each token, ``(B, H, Q, L)``, of sum 1 over L."""
        (query,) = _heads(self.q(query_tokens), 1, self.num_heads)
        key, _ = _heads(self.kv(key_tokens), 2, self.num_heads)
        return (query @ key.transpose(2, 3) / query.shape[-1] ** 0.5).softmax(-1)

    def forward_plain(self, query_tokens: Tensor, key_tokens: Tensor) -> Tensor:
        """Keys and values of every token."""
        (query,) = _heads(self.q(query_tokens), 1, self.num_heads)
        key, value = _heads(self.kv(key_tokens), 2, self.num_heads)
        return _join_heads(self.attend(query, key, value))

    def forward_fast(self, query_tokens: Tensor, key_tokens: Tensor) -> Tensor:
        """Key and value layers on the queries."""
        batch, num_queries, dims = query_tokens.shape
        heads, rows = self.num_heads, batch * num_queries
        on_key, on_value = self.kv.weight.view(2, heads, -1, dims)  # each (H, C/H, C)
        query = self.q(query_tokens).view(rows, heads, -1).transpose(0, 1)  # (H, B Q, C/H)
        query = torch.bmm(query, on_key)  # (H, B Q, C)
        query = query.view(heads, batch, num_queries, dims).permute(1, 2, 0, 3)
        tokens = key_tokens.to(query.dtype).unsqueeze(1)  # (B, 1, L, C)
        scale = (dims / heads) ** -0.5
        mean = self.attend(query.flatten(1, 2).unsqueeze(1), tokens, tokens, scale)
        mean = mean.reshape(rows, heads, dims).transpose(0, 1)  # (H, B Q, C)
        attended = torch.bmm(mean, on_value.transpose(1, 2))  # (H, B Q, C/H)
        attended = attended.transpose(0, 1).reshape(batch, num_queries, dims)
        return attended if self.kv.bias is None else attended + self.kv.bias[dims:]


def _check_heads(embed_dims: int, num_heads: int) -> None:
    if embed_dims % num_heads:
        raise ValueError(f'embed_dims={embed_dims} is not a multiple of num_heads={num_heads}')


def _heads(tokens: Tensor, count: int, num_heads: int) -> tuple[Tensor, ...]:
    """``(B, L, count * C)`` to ``count`` tensors ``(B, H, L, C/H)``."""
    split = tokens.unflatten(-1, (count, num_heads, -1))  # (B, L, count, H, C/H)
    return split.permute(2, 0, 3, 1, 4).unbind(0)


def _join_heads(heads: Tensor) -> Tensor:
    """``(B, H, L, C/H)`` to ``(B, L, C)``."""
    return heads.transpose(1, 2).flatten(2)
