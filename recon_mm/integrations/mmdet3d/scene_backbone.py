"""Point transformers on whole scenes, with the interface of mmdet3d's point backbones."""

from abc import abstractmethod
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from torch import Tensor, nn

from recon_mm.models.backbones import ReConPPTransformer, ReConTransformer, TokenFeatures
from recon_mm.models.backbones.base import PointBackbone
from recon_mm.ops import PointGroups, gather_points, group_points
from recon_mm.registry import MODELS

from .channel_embed import ChannelEmbed


class SceneBackbone(PointBackbone):
    """Scene clouds to seed points with features (paper section 5, detection).

    A scene is cut into many patches; their centers are the seeds, their tokens the seeds'
    features. Only the patch stream runs: no detection head reads the global tokens. The names of
    its parameters are those of the transformer that a subclass adds, so pretrained weights fit, by
    ``init_cfg`` (also the authors' files) or by the runner's ``load_from``; the global stream is
    loaded and frozen.

    The backbone learned on objects in the unit sphere. ``patch_unit`` and ``position_unit`` say
    how many meters of the scene correspond to one unit there: for offsets inside a patch, and for
    the patches' positions around the middle of the scene. In pretraining a point is 0.13 (root
    mean square) from the center of its patch, a patch 0.56 from the middle of its object.

    Args:
        in_channels: Channels per point, 3 or more: what comes after the coordinates (height,
            color, intensity) enters through :class:`ChannelEmbed`.
        num_groups: Patches and seeds per scene, G.
        group_size: Points per patch, K.
        group_radius: Radius of a patch in meters; ``None`` takes the K nearest points instead.
        patch_unit: Meters that correspond to one unit inside a patch.
        position_unit: Meters that correspond to one unit between patches.
        out_channels: Width of the returned features, by one more layer; ``None`` returns the
            tokens unchanged.
        frozen_stages: -1 freezes nothing, 0 the embeddings of patches and positions, i these and
            the first i blocks. What is frozen stays in eval mode.
        **kwargs: Those of the transformer. ``out_indices`` names the blocks whose tokens are
            joined; the last alone when empty.

    Raises:
        ValueError: If an argument is outside its range.
    """

    def __init__(
        self,
        in_channels: int = 3,
        num_groups: int = 1024,
        group_size: int = 32,
        group_radius: float | None = None,
        patch_unit: float = 1.0,
        position_unit: float = 1.0,
        out_channels: int | None = None,
        frozen_stages: int = -1,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_groups=num_groups, group_size=group_size, **kwargs)
        if in_channels < 3:
            raise ValueError(f'in_channels={in_channels}, expected at least 3 (coordinates)')
        depth = len(self.blocks)
        if not -1 <= frozen_stages <= depth:
            raise ValueError(f'frozen_stages={frozen_stages} must lie in -1..{depth} (depth)')
        if patch_unit <= 0 or position_unit <= 0:
            raise ValueError(
                f'patch_unit={patch_unit} and position_unit={position_unit}, expected meters > 0'
            )
        self.in_channels = in_channels
        self.group_radius = group_radius
        self.patch_unit = patch_unit
        self.position_unit = position_unit
        self.frozen_stages = frozen_stages

        self.channel_embed = None
        if in_channels > 3:
            self.channel_embed = ChannelEmbed(in_channels - 3, self.embed_dims)
        token_dims = max(len(self.out_indices), 1) * self.embed_dims
        self.out = (
            ConvModule(
                token_dims,
                out_channels,
                kernel_size=1,
                conv_cfg=dict(type='Conv1d'),
                norm_cfg=dict(type='BN1d'),
            )
            if out_channels
            else nn.Identity()
        )
        for parameter in self.global_parameters():
            parameter.requires_grad_(False)
        self._freeze()

    @abstractmethod
    def patch_stream(self, tokens: Tensor, center: Tensor) -> TokenFeatures:
        """Runs the blocks of the patches.

        Args:
            tokens: Embedded patches ``(B, G, C)``.
            center: Their centers ``(B, G, 3)``, in the units of pretraining.
        """

    def group(self, points: Tensor) -> PointGroups:
        """Cuts scenes ``(B, N, 3)`` into patches, in meters."""
        return group_points(points, self.num_patches, self.group_size, self.group_radius)

    def train(self, mode: bool = True) -> 'SceneBackbone':
        """Sets the mode; what is frozen stays in eval mode."""
        super().train(mode)
        self._freeze()
        return self

    def forward(self, points: Tensor) -> dict[str, list[Tensor | None]]:
        """Seeds of scenes.

        Args:
            points: ``(B, N, in_channels)``, coordinates in meters first, of any extent.

        Returns:
            What mmdet3d's point backbones return, N points in the first and G seeds in the last
            entry of each list (``fp_*`` have the seeds only):

            - ``sa_xyz``, ``fp_xyz``: ``(B, N or G, 3)``, in meters, unchanged.
            - ``sa_features``, ``fp_features``: ``(B, channels, N or G)``; ``None`` for points
              that are coordinates alone.
            - ``sa_indices``, ``fp_indices``: int64 ``(B, N or G)`` into the points.

        Raises:
            ValueError: If the number of channels differs from ``in_channels``.
        """
        if points.shape[-1] != self.in_channels:
            raise ValueError(
                f'the points have {points.shape[-1]} channels, {type(self).__name__} was built for '
                f"in_channels={self.in_channels}: change it, or the pipeline's use_dim"
            )
        xyz = points[..., :3].contiguous()
        channels = points[..., 3:] if self.in_channels > 3 else None
        patches = self.group(xyz)
        features = self._seed_features(patches, xyz.mean(1, keepdim=True), channels)
        index = torch.arange(xyz.shape[1], device=xyz.device).expand(len(xyz), -1)
        per_point = None if channels is None else channels.transpose(1, 2).contiguous()
        return {
            'fp_xyz': [patches.center],
            'fp_features': [features],
            'fp_indices': [patches.center_index],
            'sa_xyz': [xyz, patches.center],
            'sa_features': [per_point, features],
            'sa_indices': [index, patches.center_index],
        }

    def _seed_features(
        self, patches: PointGroups, middle: Tensor, channels: Tensor | None
    ) -> Tensor:
        """``(B, channels, G)`` of patches, around the middle ``(B, 1, 3)`` of their scene."""
        neighborhood = patches.neighborhood / self.patch_unit
        # Weights that have seen colors get the gray of half of their training.
        tokens = self.patch_embed(F.pad(neighborhood, (0, self.channels - 3), value=0.4))
        if self.channel_embed is not None and channels is not None:
            of_patches = gather_points(channels, patches.group_index)  # (B, G, K, C)
            tokens = tokens + self.channel_embed(neighborhood, of_patches)
        center = (patches.center - middle) / self.position_unit
        encoded = self.patch_stream(tokens, center)
        levels = encoded.levels or (encoded.patch_tokens,)
        return self.out(torch.cat(levels, dim=-1).transpose(1, 2).contiguous())

    def _freeze(self) -> None:
        if self.frozen_stages < 0:
            return
        stages = (self.patch_embed, self.get_submodule('pos_embed'))
        for stage in (*stages, *self.blocks[: self.frozen_stages]):
            stage.eval()
            stage.requires_grad_(False)


@MODELS.register_module()
class ReConSceneBackbone(SceneBackbone, ReConTransformer):
    """:class:`ReConTransformer` on scenes; arguments as above, ``embed_dims=384`` and so on."""

    def patch_stream(self, tokens: Tensor, center: Tensor) -> TokenFeatures:
        """Runs the blocks of the patches."""
        return self.encode(tokens, center, with_global=False)


@MODELS.register_module()
class ReConPPSceneBackbone(SceneBackbone, ReConPPTransformer):
    """:class:`ReConPPTransformer` on scenes, with weights of random masks.

    ``channels=6`` takes weights that have seen colors. The scene's own colors enter as its other
    channels do, by ``in_channels``.
    """

    def patch_stream(self, tokens: Tensor, center: Tensor) -> TokenFeatures:
        """Runs the blocks of the patches."""
        return self.encode(tokens, self.pos_embed(center), center, with_global=False)
