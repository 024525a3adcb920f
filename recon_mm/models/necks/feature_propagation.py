"""From patch tokens to a feature of every point (paper section 5.2, part segmentation)."""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.ops import three_interpolate
from recon_mm.registry import MODELS

from ..layers import (
    SyncBatchNorm,
    init_linear_truncated,
    linear_norm,
    norm_unless_folded,
    weight_columns,
)


@MODELS.register_module()
class FeaturePropagation(BaseModule):
    """Interpolates tokens at every point, joins the point's own channels, two layers on top.

    Interpolation is linear in the tokens, and so is the first layer: it is applied to the G
    tokens, and its output interpolated, which is the same and spares it N points of width
    ``levels * C``.

    Args:
        embed_dims: Token width C.
        num_levels: How many blocks' tokens come joined.
        point_dims: Channels of a point: 3 for coordinates; more where a scene has colors, which
            enter here and not in the patches.
        out_dims: Width of a point's feature.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        num_levels: int = 3,
        point_dims: int = 3,
        out_dims: int = 1024,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_levels = num_levels
        self.point_dims = point_dims
        self.token_dims = num_levels * embed_dims
        hidden_dims = 4 * embed_dims
        self.fc1 = nn.Linear(point_dims + self.token_dims, hidden_dims)
        self.norm1 = SyncBatchNorm(hidden_dims)
        self.fc2 = nn.Linear(hidden_dims, out_dims)
        self.norm2 = SyncBatchNorm(out_dims)
        init_linear_truncated(self)

    def forward(self, points: Tensor, center: Tensor, tokens: Tensor) -> Tensor:
        """Features of all points.

        Args:
            points: ``(B, N, point_dims)``, coordinates in front.
            center: Centers of the patches ``(B, G, 3)``.
            tokens: Their joined tokens ``(B, G, num_levels * C)``.

        Returns:
            ``(B, N, out_dims)``.

        Raises:
            ValueError: If the points have another number of channels.
        """
        if points.shape[-1] != self.point_dims:
            raise ValueError(
                f'the points have {points.shape[-1]} channels, FeaturePropagation was built for '
                f"point_dims={self.point_dims}: change it, or the data set's channels"
            )
        sizes = (self.point_dims, self.token_dims)
        (on_points, on_tokens), bias = weight_columns(self.fc1, self.norm1, sizes)
        upsampled = three_interpolate(points[..., :3], center, F.linear(tokens, on_tokens))
        hidden = F.linear(points, on_points, bias) + upsampled  # (B, N, 4C)
        hidden = F.relu(norm_unless_folded(hidden, self.norm1))
        return F.relu(linear_norm(hidden, self.fc2, self.norm2))
