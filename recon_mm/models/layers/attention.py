"""Multi-head attention over tokens, on torch's fused ``scaled_dot_product_attention``."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def _check_heads(embed_dims: int, num_heads: int) -> None:
    if embed_dims % num_heads:
        raise ValueError(f'embed_dims={embed_dims} is not a multiple of num_heads={num_heads}')


def _softmax_attention(
    query: Tensor, key: Tensor, value: Tensor, scale: float | None = None
) -> Tensor:
    """Fused attention; on the CPU in float32, where its bfloat16 gradient is 3 times slower."""
    if query.device.type != 'cpu' or query.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(query, key, value, scale=scale)
    with torch.autocast('cpu', enabled=False):
        attended = F.scaled_dot_product_attention(
            query.float(), key.float(), value.float(), scale=scale
        )
    return attended.to(query.dtype)


def _attend(query: Tensor, key_value: Tensor, num_heads: int) -> Tensor:
    """``(B, Q, C)`` attending to keys and values ``(B, L, 2C)`` gives ``(B, Q, C)``."""
    query = query.unflatten(-1, (num_heads, -1)).transpose(1, 2)  # (B, H, Q, C/H)
    key_value = key_value.unflatten(-1, (2, num_heads, -1))
    key, value = key_value.permute(2, 0, 3, 1, 4).unbind(0)  # each (B, H, L, C/H)
    attended = _softmax_attention(query, key, value)
    return attended.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    """Tokens attend to each other.

    Args:
        embed_dims: Token width C.
        num_heads: Number of heads H; the scale is ``(C / H) ** -0.5``.
    """

    def __init__(self, embed_dims: int, num_heads: int) -> None:
        super().__init__()
        _check_heads(embed_dims, num_heads)
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dims, 3 * embed_dims, bias=False)
        self.proj = nn.Linear(embed_dims, embed_dims)

    def forward(self, tokens: Tensor, num_queries: int | None = None) -> Tensor:
        """All tokens attend to all, or only the last ``num_queries``.

        Args:
            tokens: ``(B, L, C)``.
            num_queries: How many tokens are wanted, Q; all when ``None``.

        Returns:
            ``(B, Q, C)``.
        """
        if num_queries is not None:
            return self._last(tokens, num_queries)
        qkv = self.qkv(tokens).unflatten(-1, (3, self.num_heads, -1))  # (B, L, 3, H, C/H)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # each (B, H, L, C/H)
        attended = _softmax_attention(query, key, value)
        return self.proj(attended.transpose(1, 2).flatten(2))

    def _last(self, tokens: Tensor, num_queries: int) -> Tensor:
        on_query, on_key_value = self.qkv.weight.tensor_split([self.proj.in_features])
        query = F.linear(tokens[:, -num_queries:], on_query)
        return self.proj(_attend(query, F.linear(tokens, on_key_value), self.num_heads))


class CrossAttention(nn.Module):
    """A few query tokens attend to other tokens.

    Keys and values are linear in the tokens, so their layers can change sides: with q of a head in
    place of the key layer's ``q . (K x) = (K' q) . x``, and with the mean of the tokens in place of
    the mean of their values. Both layers are then applied to the queries, not to the tokens. With
    three queries this is a twentieth of the multiplications, and nothing but the tokens is kept.

    Args:
        embed_dims: Token width C.
        num_heads: Number of heads H; the scale is ``(C / H) ** -0.5``.
    """

    def __init__(self, embed_dims: int, num_heads: int) -> None:
        super().__init__()
        _check_heads(embed_dims, num_heads)
        self.num_heads = num_heads
        self.q = nn.Linear(embed_dims, embed_dims, bias=False)
        self.kv = nn.Linear(embed_dims, 2 * embed_dims, bias=False)
        self.proj = nn.Linear(embed_dims, embed_dims)

    def forward(self, query_tokens: Tensor, key_tokens: Tensor) -> Tensor:
        """``(B, Q, C)`` attending to ``(B, L, C)`` gives ``(B, Q, C)``."""
        batch, num_queries, dims = query_tokens.shape
        heads, rows = self.num_heads, batch * num_queries
        on_key, on_value = self.kv.weight.view(2, heads, -1, dims)  # each (H, C/H, C)
        query = self.q(query_tokens).view(rows, heads, -1).transpose(0, 1)  # (H, B Q, C/H)
        query = torch.bmm(query, on_key)  # (H, B Q, C)
        query = query.view(heads, batch, num_queries, dims).permute(1, 2, 0, 3)
        tokens = key_tokens.to(query.dtype).unsqueeze(1)  # (B, 1, L, C)
        mean = _softmax_attention(
            query.flatten(1, 2).unsqueeze(1), tokens, tokens, scale=(dims / heads) ** -0.5
        )  # (B, 1, Q H, C)
        mean = mean.reshape(rows, heads, dims).transpose(0, 1)  # (H, B Q, C)
        attended = torch.bmm(mean, on_value.transpose(1, 2))  # (H, B Q, C/H)
        return self.proj(attended.transpose(0, 1).reshape(batch, num_queries, dims))
