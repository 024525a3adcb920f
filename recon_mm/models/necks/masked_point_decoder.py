"""The decoder of pretraining: visible tokens and centers in, tokens of the masked patches out."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.ops import PointGroups, gather_points
from recon_mm.registry import MODELS

from ..backbones import TokenFeatures
from ..layers import (
    PatchMask,
    PositionEmbed,
    TransformerBlock,
    drop_path_rates,
    init_linear_projection,
    init_linear_truncated,
    init_linear_xavier,
)


@MODELS.register_module()
class MaskedPointDecoder(BaseModule):
    """Transformer over [visible tokens, one mask token for each masked patch] (paper section 4.1).

    Args:
        embed_dims: Token width C.
        depth: Number of blocks.
        num_heads: Number of attention heads.
        mlp_ratio: Hidden width of the MLPs over C.
        drop_path_rate: Largest drop-path rate, reached linearly at the last block.
        plus: Whether it is that of ReCon++: queries, keys and values have a bias, and the first
            weights are others.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        depth: int = 4,
        num_heads: int = 6,
        mlp_ratio: float = 4.0,
        drop_path_rate: float = 0.0,
        plus: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, embed_dims))
        nn.init.trunc_normal_(self.mask_token, std=0.02)
        self.pos_embed = PositionEmbed(embed_dims)
        self.blocks = nn.ModuleList(
            TransformerBlock(embed_dims, num_heads, mlp_ratio, rate, qkv_bias=plus)
            for rate in drop_path_rates(drop_path_rate, depth)
        )
        self.norm = nn.LayerNorm(embed_dims)
        if plus:
            nn.init.zeros_(self.mask_token)
            init_linear_projection(self)
        else:
            init_linear_truncated(self.pos_embed)
            init_linear_xavier(self.blocks)

    def decode(self, features: TokenFeatures, patches: PointGroups, mask: PatchMask) -> Tensor:
        """Tokens ``(B, M, C)`` of the masked patches, from those of the visible ones."""
        masked_center = gather_points(patches.center, mask.masked)
        return self(features.patch_tokens, features.center, masked_center)

    def forward(
        self, visible_tokens: Tensor, visible_center: Tensor, masked_center: Tensor
    ) -> Tensor:
        """Decodes the masked patches.

        Args:
            visible_tokens: ``(B, V, C)``.
            visible_center: ``(B, V, 3)``.
            masked_center: ``(B, M, 3)``.

        Returns:
            ``(B, M, C)``.
        """
        batch, num_masked, _ = masked_center.shape
        pos = self.pos_embed(torch.cat([visible_center, masked_center], dim=1))
        mask_tokens = self.mask_token.expand(batch, num_masked, -1).to(visible_tokens.dtype)
        tokens = torch.cat([visible_tokens, mask_tokens], dim=1)  # (B, V + M, C)
        for block in self.blocks:
            tokens = block(tokens + pos)
        return self.norm(tokens[:, -num_masked:])
