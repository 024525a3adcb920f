"""From patch tokens to a feature of every point (paper section 5.2, part segmentation)."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.ops import three_interpolate
from recon_mm.registry import MODELS

from ..layers import SyncBatchNorm, TwoForms, init_linear_truncated


@MODELS.register_module()
class FeaturePropagation(BaseModule, TwoForms):
    """Interpolates tokens at every point, joins the point's own channels, two layers on top.

    Fast form: interpolation is linear in the tokens, and so is the first layer. It is applied to
    the G tokens, and its output interpolated, which avoids N points of width ``levels * C``.

    Args:
        embed_dims: Token width C.
        num_levels: Number of blocks whose tokens are joined.
        point_dims: Channels per point: 3 for coordinates; more where a scene has colors, which
            enter here and not in the patches.
        out_dims: Width of the point features.
        init_cfg: MMEngine's initialization config.
    """

    FAST_ON = ('cpu', 'cuda')

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
        self.out_dims = out_dims
        hidden_dims = 4 * embed_dims
        self.fc1 = nn.Linear(point_dims + num_levels * embed_dims, hidden_dims)
        self.norm1 = SyncBatchNorm(hidden_dims)
        self.fc2 = nn.Linear(hidden_dims, out_dims)
        self.norm2 = SyncBatchNorm(out_dims)
        init_linear_truncated(self)

    def forward(self, points: Tensor, center: Tensor, tokens: Tensor) -> Tensor:
        """Features of all points.

        Args:
            points: ``(B, N, point_dims)``, coordinates first.
            center: Centers of the patches ``(B, G, 3)``.
            tokens: Their joined tokens ``(B, G, num_levels * C)``.

        Returns:
            ``(B, N, out_dims)``.

        Raises:
            ValueError: If the number of channels differs from ``point_dims``.
        """
        if points.shape[-1] != self.point_dims:
            raise ValueError(
                f'the points have {points.shape[-1]} channels, FeaturePropagation was built for '
                f"point_dims={self.point_dims}: change it, or the data set's channels"
            )
        hidden = self.form_for(tokens)(points, center, tokens)  # (B, N, 4C)
        return F.relu(self.norm2(self.fc2(F.relu(self.norm1(hidden)))))

    def forward_plain(self, points: Tensor, center: Tensor, tokens: Tensor) -> Tensor:
        """The first layer ``(B, N, 4C)`` on every point's channels and interpolated tokens."""
        upsampled = three_interpolate(points[..., :3], center, tokens)
        return self.fc1(torch.cat([points, upsampled], dim=2))

    def forward_fast(self, points: Tensor, center: Tensor, tokens: Tensor) -> Tensor:
        """The same, its part on the tokens applied before they are interpolated."""
        on_points, on_tokens = self.fc1.weight.tensor_split([self.point_dims], dim=1)
        upsampled = three_interpolate(points[..., :3], center, F.linear(tokens, on_tokens))
        return F.linear(points, on_points, self.fc1.bias) + upsampled
