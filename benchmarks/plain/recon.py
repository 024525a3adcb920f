"""The whole plain model: encoder, decoder, losses."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .contrast import self_contrast
from .patch_embed import PlainPatchEmbed
from .points import chamfer_l2
from .transformer import PlainBlock, PlainBlocks, PlainReConBlock


def position_embed(dims: int) -> nn.Sequential:
    """Center to position."""
    return nn.Sequential(nn.Linear(3, 128), nn.GELU(), nn.Linear(128, dims))


class PlainEncoder(nn.Module):
    """Patches to tokens; hidden patches are embedded and then dropped."""

    cls_token: nn.Parameter
    img_token: nn.Parameter
    text_token: nn.Parameter
    cls_pos: nn.Parameter
    img_pos: nn.Parameter
    text_pos: nn.Parameter

    def __init__(self, dims: int, depth: int, num_heads: int, drop_path_rate: float) -> None:
        super().__init__()
        self.encoder = PlainPatchEmbed(dims)
        self.pos_embed = position_embed(dims)
        for name in ('cls', 'img', 'text'):
            self.register_parameter(f'{name}_token', nn.Parameter(torch.zeros(1, 1, dims)))
            self.register_parameter(f'{name}_pos', nn.Parameter(torch.zeros(1, 1, dims)))
        self.blocks = PlainBlocks(PlainReConBlock, dims, depth, num_heads, drop_path_rate)
        self.norm = nn.LayerNorm(dims)

    def forward(self, neighborhood: Tensor, center: Tensor, mask: Tensor) -> Tensor:
        """Tokens ``(B, 3 + V, C)``: the global ones, then the visible patches.

        Args:
            neighborhood: ``(B, G, K, 3)``.
            center: ``(B, G, 3)``.
            mask: bool ``(B, G)``, True where hidden.
        """
        batch = len(center)
        embedded = self.encoder(neighborhood)
        visible = embedded[~mask].reshape(batch, -1, embedded.shape[-1])
        pos = self.pos_embed(center[~mask].reshape(batch, -1, 3))
        tokens = [self.cls_token, self.img_token, self.text_token]
        positions = [self.cls_pos, self.img_pos, self.text_pos]
        x = torch.cat([*(token.expand(batch, -1, -1) for token in tokens), visible], dim=1)
        pos = torch.cat([*(p.expand(batch, -1, -1) for p in positions), pos], dim=1)
        return self.norm(self.blocks(x, pos))


class PlainDecoder(PlainBlocks):
    """Usual blocks and a norm over the tokens of the hidden patches."""

    def __init__(self, dims: int, depth: int, num_heads: int, drop_path_rate: float) -> None:
        super().__init__(PlainBlock, dims, depth, num_heads, drop_path_rate)
        self.norm = nn.LayerNorm(dims)


class PlainReCon(nn.Module):
    """ReCon pretraining, with the paper's sizes where nothing else is said.

    Args:
        embed_dims: Token width C.
        depth: Blocks of the encoder.
        num_heads: Attention heads of both.
        decoder_depth: Blocks of the decoder.
        group_size: Points of a patch, K.
        drop_path_rate: Largest rate, reached linearly at the last block.
        image_dims: Width of the image teacher's feature.
        text_dims: Width of the text teacher's feature.
        with_self_contrast: Whether the single-modal loss is there.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        depth: int = 12,
        num_heads: int = 6,
        decoder_depth: int = 4,
        group_size: int = 32,
        drop_path_rate: float = 0.1,
        image_dims: int = 768,
        text_dims: int = 512,
        with_self_contrast: bool = False,
    ) -> None:
        super().__init__()
        self.MAE_encoder = PlainEncoder(embed_dims, depth, num_heads, drop_path_rate)
        self.MAE_decoder = PlainDecoder(embed_dims, decoder_depth, num_heads, drop_path_rate)
        self.decoder_pos_embed = position_embed(embed_dims)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, embed_dims))
        self.increase_dim = nn.Sequential(nn.Conv1d(embed_dims, 3 * group_size, 1))
        self.img_proj = nn.Linear(embed_dims, image_dims)
        self.text_proj = nn.Linear(embed_dims, text_dims)
        if with_self_contrast:
            self.cls_proj = nn.Sequential(
                *(nn.Linear(embed_dims, 128), nn.BatchNorm1d(128), nn.ReLU()),
                *(nn.Linear(128, 128), nn.BatchNorm1d(128)),
            )

    def decode(self, visible: Tensor, center: Tensor, mask: Tensor) -> Tensor:
        """Tokens ``(B, M, C)`` of the hidden patches, from the visible ones ``(B, V, C)``."""
        batch, _, dims = visible.shape
        visible_pos = self.decoder_pos_embed(center[~mask]).reshape(batch, -1, dims)
        hidden_pos = self.decoder_pos_embed(center[mask]).reshape(batch, -1, dims)
        num_masked = hidden_pos.shape[1]
        x = torch.cat([visible, self.mask_token.expand(batch, num_masked, -1)], dim=1)
        x = self.MAE_decoder(x, torch.cat([visible_pos, hidden_pos], dim=1))
        return self.MAE_decoder.norm(x[:, -num_masked:])

    def reconstruction_loss(self, decoded: Tensor, neighborhood: Tensor, mask: Tensor) -> Tensor:
        """Chamfer distance of the predicted points to those of the hidden patches."""
        predicted = self.increase_dim(decoded.transpose(1, 2)).transpose(1, 2)  # (B, M, 3 K)
        target = neighborhood[mask]  # (B M, K, 3)
        return chamfer_l2(predicted.reshape(target.shape), target)

    def contrast_losses(
        self, tokens: Tensor, image: Tensor, text: Tensor, category: Tensor
    ) -> dict[str, Tensor]:
        """Losses of the global tokens ``(B, 3, C)`` against the teachers' features."""
        losses = {
            'loss_image': F.smooth_l1_loss(self.img_proj(tokens[:, 1]), image),
            'loss_text': F.smooth_l1_loss(self.text_proj(tokens[:, 2]), text),
        }
        if hasattr(self, 'cls_proj'):
            embedding = self.cls_proj(tokens[:, 0])
            losses['loss_self_contrast'] = self_contrast(embedding, category)
        return losses
