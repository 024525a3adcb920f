"""The decoder of causal ReCon++: tokens of a sequence in, tokens of the next patches out."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.ops import PointGroups
from recon_mm.registry import MODELS

from ..backbones import TokenFeatures
from ..layers import (
    CausalMask,
    TransformerBlock,
    directions,
    drop_path_rates,
    init_linear_projection,
    sine_position,
    triangle,
)


@MODELS.register_module()
class CausalPointDecoder(BaseModule):
    """Transformer over all tokens; each is told the direction from the last patch to its own.

    Args:
        embed_dims: Token width C.
        depth: Number of blocks.
        num_heads: Number of attention heads.
        mlp_ratio: Hidden width of the MLPs over C.
        drop_path_rate: Largest drop-path rate, reached linearly at the last block.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        depth: int = 4,
        num_heads: int = 6,
        mlp_ratio: float = 4.0,
        drop_path_rate: float = 0.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.blocks = nn.ModuleList(
            TransformerBlock(embed_dims, num_heads, mlp_ratio, rate, qkv_bias=True)
            for rate in drop_path_rates(drop_path_rate, depth)
        )
        self.norm = nn.LayerNorm(embed_dims)
        init_linear_projection(self)

    def decode(
        self, features: TokenFeatures, patches: PointGroups, mask: CausalMask | None = None
    ) -> Tensor:
        """Tokens ``(B, G, C)`` of all patches, each from those before it that the mask shows."""
        return self(features.patch_tokens, patches.center, None if mask is None else mask.shown())

    def forward(self, tokens: Tensor, center: Tensor, attention: Tensor | None = None) -> Tensor:
        """Decodes all patches.

        Args:
            tokens: ``(B, G, C)``.
            center: ``(B, G, 3)``.
            attention: Bool ``(G, G)``, True where a row sees a column; by default all before it.

        Returns:
            ``(B, G, C)``.
        """
        pos = sine_position(directions(center), tokens.shape[-1]).to(tokens.dtype)
        if attention is None:
            attention = triangle(center.shape[1], center.device)
        for block in self.blocks:
            tokens = block(tokens + pos, attention)
        return self.norm(tokens)
