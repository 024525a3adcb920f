"""Attention written out, and the two kinds of block."""

import torch
from torch import Tensor, nn


def attend(query: Tensor, key: Tensor, value: Tensor, num_heads: int) -> Tensor:
    """``softmax(Q K^T / sqrt(C / H)) V`` of ``(B, L, C)`` tensors, head by head."""

    def heads(tokens: Tensor) -> Tensor:
        batch, length, dims = tokens.shape
        return tokens.reshape(batch, length, num_heads, dims // num_heads).transpose(1, 2)

    query, key, value = heads(query), heads(key), heads(value)  # (B, H, L, C/H)
    scores = (query @ key.transpose(-2, -1)) * query.shape[-1] ** -0.5
    return (scores.softmax(dim=-1) @ value).transpose(1, 2).flatten(2)


class PlainSelfAttention(nn.Module):
    """Tokens attend to each other."""

    def __init__(self, dims: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(dims, 3 * dims, bias=False)
        self.proj = nn.Linear(dims, dims)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, L, C)`` to the same shape."""
        query, key, value = self.qkv(tokens).chunk(3, dim=-1)
        return self.proj(attend(query, key, value, self.num_heads))


class PlainCrossAttention(nn.Module):
    """Query tokens attend to other tokens."""

    def __init__(self, dims: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.q = nn.Linear(dims, dims, bias=False)
        self.kv = nn.Linear(dims, 2 * dims, bias=False)
        self.proj = nn.Linear(dims, dims)

    def forward(self, query: Tensor, tokens: Tensor) -> Tensor:
        """``(B, Q, C)`` attending to ``(B, L, C)`` gives ``(B, Q, C)``."""
        key, value = self.kv(tokens).chunk(2, dim=-1)
        return self.proj(attend(self.q(query), key, value, self.num_heads))


class PlainMlp(nn.Module):
    """Linear, GELU, Linear."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dims, 4 * dims)
        self.fc2 = nn.Linear(4 * dims, dims)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, L, C)`` to the same shape."""
        return self.fc2(nn.functional.gelu(self.fc1(tokens)))


class PlainDropPath(nn.Module):
    """Drops a residual branch of whole samples."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, branch: Tensor) -> Tensor:
        """``(B, L, C)`` to the same shape."""
        if not self.training or self.rate == 0:
            return branch
        kept = torch.rand(len(branch), 1, 1, device=branch.device) >= self.rate
        return branch * kept / (1 - self.rate)


class PlainBlock(nn.Module):
    """The usual pre-norm block (decoder)."""

    def __init__(self, dims: int, num_heads: int, drop_path_rate: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dims), nn.LayerNorm(dims)
        self.attn = PlainSelfAttention(dims, num_heads)
        self.mlp = PlainMlp(dims)
        self.drop_path = PlainDropPath(drop_path_rate)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, L, C)`` to the same shape."""
        tokens = tokens + self.drop_path(self.attn(self.norm1(tokens)))
        return tokens + self.drop_path(self.mlp(self.norm2(tokens)))


class PlainReConBlock(nn.Module):
    """Three global tokens in front, patch tokens behind; the former read the latter."""

    stop_gradient = True  # in pretraining

    def __init__(self, dims: int, num_heads: int, drop_path_rate: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dims), nn.LayerNorm(dims)
        self.norm1_contrast, self.norm2_contrast = nn.LayerNorm(dims), nn.LayerNorm(dims)
        self.attn = PlainSelfAttention(dims, num_heads)
        self.attn_contrast = PlainCrossAttention(dims, num_heads)
        self.mlp, self.mlp_contrast = PlainMlp(dims), PlainMlp(dims)
        self.drop_path = PlainDropPath(drop_path_rate)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, 3 + L, C)`` to the same shape."""
        q, v = tokens[:, :3], tokens[:, 3:]
        q, v = self.norm1_contrast(q), self.norm1(v)
        keys = v.detach() if self.stop_gradient else v
        q = q + self.drop_path(self.attn_contrast(q, keys))
        v = v + self.drop_path(self.attn(v))
        q, v = self.norm2_contrast(q), self.norm2(v)
        q = q + self.drop_path(self.mlp_contrast(q))
        v = v + self.drop_path(self.mlp(v))
        return torch.cat([q, v], dim=1)


class PlainBlocks(nn.Module):
    """Blocks in a row; positions are added at the input of each."""

    def __init__(self, kind: type, dims: int, depth: int, num_heads: int, rate: float) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            kind(dims, num_heads, rate * i / max(depth - 1, 1)) for i in range(depth)
        )

    def forward(self, tokens: Tensor, pos: Tensor) -> Tensor:
        """``(B, L, C)`` and positions of that shape to ``(B, L, C)``."""
        for block in self.blocks:
            tokens = block(tokens + pos)
        return tokens
