"""The kinds of transformer block: the usual one, ReCon's of two streams, and that of queries."""

from mmcv.cnn.bricks import DropPath
from mmcv.cnn.bricks.scale import LayerScale
from torch import Tensor, nn

from .attention import CrossAttention, SelfAttention
from .mlp import Mlp


def drop_path_rates(maximum: float, depth: int) -> list[float]:
    """Drop-path rates growing linearly over the blocks, from 0 to ``maximum``.

    Raises:
        ValueError: If the maximum is no probability below 1.
    """
    if not 0 <= maximum < 1:
        raise ValueError(f'drop_path_rate is {maximum}, expected 0 or more and less than 1')
    return [maximum * i / max(depth - 1, 1) for i in range(depth)]


class TransformerBlock(nn.Module):
    """Pre-norm block: ``x + attention(norm(x))``, then ``x + mlp(norm(x))``.

    Args:
        embed_dims: Token width C.
        num_heads: Number of attention heads.
        mlp_ratio: Hidden width of the MLP over C.
        drop_path_rate: Probability of dropping a residual branch, per sample.
        qkv_bias: Whether queries, keys and values have a bias.
        layer_scale: Whether a learned factor per channel, 1e-5 at first, scales each branch.
    """

    attention: type[SelfAttention] | type[CrossAttention] = SelfAttention

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
        drop_path_rate: float = 0.0,
        qkv_bias: bool = False,
        layer_scale: bool = False,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dims)
        self.attn = self.attention(embed_dims, num_heads, qkv_bias)
        self.ls1 = LayerScale(embed_dims) if layer_scale else nn.Identity()
        self.norm2 = nn.LayerNorm(embed_dims)
        self.mlp = Mlp(embed_dims, int(embed_dims * mlp_ratio))
        self.ls2 = LayerScale(embed_dims) if layer_scale else nn.Identity()
        self.drop_path = DropPath(drop_path_rate) if drop_path_rate > 0 else nn.Identity()

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """``(B, L, C)`` to ``(B, L, C)``; ``mask`` as in :class:`SelfAttention`."""
        return self._residuals(tokens, self.attn(self.norm1(tokens), mask))

    def _residuals(self, tokens: Tensor, attended: Tensor) -> Tensor:
        tokens = tokens + self.drop_path(self.ls1(attended))
        return tokens + self.drop_path(self.ls2(self.mlp(self.norm2(tokens))))


class QueryBlock(TransformerBlock):
    """ReCon++'s block of the global stream: queries read the patches, never each other.

    One ``norm1`` serves both. Arguments are those of :class:`TransformerBlock`.
    """

    attention = CrossAttention

    def forward(self, queries: Tensor, tokens: Tensor) -> Tensor:
        """``(B, Q, C)`` reading ``(B, L, C)`` gives ``(B, Q, C)``."""
        return self._residuals(queries, self.attn(self.norm1(queries), self.norm1(tokens)))


class ReConBlock(nn.Module):
    """One block of both streams (paper section 4.2): patches, and global tokens that read them.

    Two things differ from the usual block and are kept exactly: a residual is added to the
    *normalized* stream, not to the input of the block; and the global tokens attend only to the
    patches, never to each other, while the patches never see the global tokens.

    Args:
        embed_dims: Token width C.
        num_heads: Number of attention heads.
        mlp_ratio: Hidden width of the MLPs over C.
        drop_path_rate: Probability of dropping a residual branch, per sample.
        stop_gradient: Whether the global stream reads the patches without sending a gradient
            back (pretraining), or with it (fine-tuning).
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
        drop_path_rate: float = 0.0,
        stop_gradient: bool = False,
    ) -> None:
        super().__init__()
        self.stop_gradient = stop_gradient
        hidden_dims = int(embed_dims * mlp_ratio)
        self.norm1 = nn.LayerNorm(embed_dims)
        self.attn = SelfAttention(embed_dims, num_heads)
        self.norm2 = nn.LayerNorm(embed_dims)
        self.mlp = Mlp(embed_dims, hidden_dims)
        self.global_norm1 = nn.LayerNorm(embed_dims)
        self.global_attn = CrossAttention(embed_dims, num_heads)
        self.global_norm2 = nn.LayerNorm(embed_dims)
        self.global_mlp = Mlp(embed_dims, hidden_dims)
        self.drop_path = DropPath(drop_path_rate) if drop_path_rate > 0 else nn.Identity()

    def patch_update_parameters(self) -> list[nn.Parameter]:
        """Parameters that change the patch tokens after the global tokens have read them."""
        parts = (self.attn, self.norm2, self.mlp)
        return [parameter for part in parts for parameter in part.parameters()]

    def forward(
        self, global_tokens: Tensor | None, patch_tokens: Tensor
    ) -> tuple[Tensor | None, Tensor]:
        """One step of both streams.

        Args:
            global_tokens: ``(B, T, C)``, or ``None`` where nothing reads them.
            patch_tokens: ``(B, G, C)``.

        Returns:
            Both streams, of the same shapes.
        """
        patch_tokens = self.norm1(patch_tokens)
        if global_tokens is not None:
            global_tokens = self.global_norm1(global_tokens)
            keys = patch_tokens.detach() if self.stop_gradient else patch_tokens
            global_tokens = global_tokens + self.drop_path(self.global_attn(global_tokens, keys))
            global_tokens = self.global_norm2(global_tokens)
            global_tokens = global_tokens + self.drop_path(self.global_mlp(global_tokens))
        patch_tokens = patch_tokens + self.drop_path(self.attn(patch_tokens))
        patch_tokens = self.norm2(patch_tokens)
        return global_tokens, patch_tokens + self.drop_path(self.mlp(patch_tokens))
