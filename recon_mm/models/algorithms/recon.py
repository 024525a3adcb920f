"""ReCon pretraining: reconstruct masked patches, and learn the features of frozen teachers."""

from collections.abc import Mapping
from math import isclose
from types import MappingProxyType
from typing import Any, Literal

import torch
from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

from recon_mm.ops import PointGroups, gather_points
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample, samples_for

from ..backbones import TokenFeatures
from ..checkpoint import own_names, unwrap
from ..heads import GenerationHead, ReconstructionHead, SelfContrastHead
from ..layers import CausalMask, PatchMask
from ..teachers.base import require_input
from .base import PointModel
from .modalities import merge_former_arguments

FRESH_IN_STAGE_2 = 'backbone.global_blocks.'
PAPER_WEIGHTS: Mapping[str, float] = MappingProxyType({'image': 1.0, 'text': 0.25})


@MODELS.register_module()
class ReCon(PointModel):
    """The pretraining model (paper section 4). The loss is the sum of the parts present.

    Every part but the backbone may be left out, which gives the paper's ablations: without
    ``neck`` nothing is reconstructed. Parameters that no loss reaches are frozen at construction,
    so that several processes never wait for a missing gradient.

    Modes: ``'tensor'`` gives the tokens of complete clouds; ``'loss'`` reads what the teachers
    read (``images`` or stored features, ``category``); ``'predict'`` gives samples with
    ``feature`` (for the linear SVM) and, if the projections exist and have the same width,
    ``zeroshot_feature``.

    Args:
        backbone: Config of :class:`ReConTransformer`.
        masking: Config of :class:`RandomMasking` or :class:`BlockMasking`; ``None`` shows all
            patches (possible only without ``neck``).
        neck: Config of :class:`MaskedPointDecoder`.
        reconstruction_head: Config of :class:`ReconstructionHead`.
        modalities: From the name of a group of global tokens of the backbone to
            ``dict(head=..., teacher=...)``: these tokens learn the features of this teacher, and
            the loss is ``loss_<name>``. The head is a :class:`CrossModalHead`.
        self_contrast_head: Config of :class:`SelfContrastHead` on the ``cls`` token.
        zeroshot_weights: Weight of each modality's projection in the zero-shot feature.
        zeroshot_centered: Whether zero-shot compares what is left of the features of clouds and
            classes without the mean of the training classes. What all sentences share would else
            count as likeness. The weights must sum to 1.
        stage: Which losses train: ``'reconstruct'``, ``'contrast'``, or both at once, ``'all'``.
            Parts without a loss are frozen and stay in the checkpoint.
        stage1_checkpoint: For ``'contrast'``: the checkpoint of ``'reconstruct'`` that training
            begins from. The global blocks keep what they were initialized with.
        data_preprocessor: Config of :class:`PointDataPreprocessor`.
        init_cfg: MMEngine's initialization config.
        **former: ``image_head``, ``image_teacher`` and the like of configs of version 0.1.

    Raises:
        ValueError: If the parts do not fit together; the message says which.

    Example:
        >>> modalities = dict(
        ...     text=dict(
        ...         head=dict(type='CrossModalHead', feature_dims=512),
        ...         teacher=dict(type='CLIPTextTeacher'),
        ...     )
        ... )
    """

    def __init__(
        self,
        backbone: dict,
        masking: dict | None = None,
        neck: dict | None = None,
        reconstruction_head: dict | None = None,
        modalities: Mapping[str, dict | None] | None = None,
        self_contrast_head: dict | None = None,
        zeroshot_weights: Mapping[str, float] = PAPER_WEIGHTS,
        zeroshot_centered: bool = False,
        stage: Literal['all', 'reconstruct', 'contrast'] = 'all',
        stage1_checkpoint: str | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
        **former: dict | None,
    ) -> None:
        super().__init__(backbone, data_preprocessor, init_cfg)
        if stage not in ('all', 'reconstruct', 'contrast'):
            raise ValueError(f"stage must be 'all', 'reconstruct' or 'contrast', found {stage!r}")
        self.stage = stage
        self.stage1_checkpoint = stage1_checkpoint
        parts = merge_former_arguments(modalities, former)
        self.masking: nn.Module | None = self.build_part(masking)
        self.neck: nn.Module | None = self.build_part(neck)
        self.reconstruction_head: ReconstructionHead | GenerationHead | None = self.build_part(
            reconstruction_head
        )
        self.heads = nn.ModuleDict({name: self.build_part(parts[name]['head']) for name in parts})
        self.teachers = nn.ModuleDict(
            {name: self.build_part(parts[name]['teacher']) for name in parts}
        )
        self.self_contrast_head: SelfContrastHead | None = self.build_part(self_contrast_head)
        self.zeroshot_weights = dict(zeroshot_weights)
        self.zeroshot_centered = zeroshot_centered
        self._check_parts()
        self._freeze_unreached()

    @property
    def with_contrast(self) -> bool:
        """Whether any loss reads the global tokens."""
        has_heads = len(self.heads) > 0 or self.self_contrast_head is not None
        return has_heads and self.stage != 'reconstruct'

    @property
    def with_reconstruction(self) -> bool:
        """Whether patches are reconstructed."""
        return self.neck is not None and self.stage != 'contrast'

    @property
    def text_teacher(self) -> Any:
        """The teacher of the modality ``text``; ``None`` where there is none."""
        return getattr(self.teachers, 'text', None)

    def _check_parts(self) -> None:
        groups = self.backbone.global_slices
        read = [*self.heads, *(['cls'] if self.self_contrast_head is not None else [])]
        for name in read:
            if name not in groups:
                raise ValueError(
                    f'{name!r} has a head, and the backbone has global tokens of {list(groups)}: '
                    f'add {name}=1 to backbone.global_tokens'
                )
        total = sum(self.zeroshot_weights.values())
        if self.zeroshot_centered and not isclose(total, 1):
            raise ValueError(
                f'zeroshot_weights {self.zeroshot_weights} sum to {total:g}, expected 1 with '
                'zeroshot_centered=True: the mean of text features is taken from their sum'
            )
        if (self.neck is None) != (self.reconstruction_head is None):
            raise ValueError('neck and reconstruction_head go together: give both or neither')
        if not self.with_reconstruction and not self.with_contrast:
            raise ValueError('there is no loss: give a neck and its head, or a modality')
        if self.neck is not None and self.masking is None:
            raise ValueError('reconstruction needs masking: give masking, or leave the neck out')
        if self.neck is None and self.backbone.stop_gradient and self.stage == 'all':
            raise ValueError(
                'without reconstruction nothing trains the patch stream while '
                'backbone.stop_gradient=True: set it to False'
            )

    def _freeze_unreached(self) -> None:
        unreached: list[nn.Parameter] = []
        parts: list[nn.Module | None] = []
        if not self.with_contrast:
            unreached += self.backbone.global_parameters()
            parts += [self.heads, self.self_contrast_head]
        if not self.with_reconstruction:
            unreached += self.backbone.patch_parameters_without_loss()
            parts += [self.neck, self.reconstruction_head]
        for part in parts:
            unreached += part.parameters() if part is not None else ()
        for parameter in unreached:
            parameter.requires_grad_(False)

    def init_weights(self) -> None:
        """Before training: initial weights, then those of stage 1, but for its global blocks."""
        super().init_weights()
        if self.stage1_checkpoint is not None:
            weights, _ = own_names(
                unwrap(CheckpointLoader.load_checkpoint(self.stage1_checkpoint, 'cpu'))
            )
            kept = {k: v for k, v in weights.items() if not k.startswith(FRESH_IN_STAGE_2)}
            self.load_state_dict(kept, strict=False)

    def forward_tensor(self, inputs: dict[str, Tensor]) -> TokenFeatures:
        """Tokens of complete clouds."""
        return self.backbone(inputs['points'])

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> dict[str, Tensor]:
        """The losses of one batch, one entry for each part present; samples are not read."""
        patches = self.backbone.group(inputs['points'])
        mask = None if self.masking is None else self.masking(patches.center)
        shown = None if mask is None else mask.shown()
        features = self.backbone.forward_patches(patches, shown, self.with_contrast)

        losses = {}
        if self.with_reconstruction:
            assert mask is not None and self.reconstruction_head is not None
            loss = self.reconstruction_head.loss(*self.reconstruct(features, patches, mask))
            losses.update(loss if isinstance(loss, dict) else {'loss_reconstruction': loss})
        for name in self.heads if self.with_contrast else ():
            head: Any = self.heads[name]
            target = self.teachers[name](inputs)
            losses[f'loss_{name}'] = head.loss(self.global_group(features, name), target)
        if self.self_contrast_head is not None and self.with_contrast:
            token = self.global_group(features, 'cls').mean(1)
            category = require_input(inputs, 'category', 'SelfContrastHead')
            losses['loss_self_contrast'] = self.self_contrast_head.loss(token, category)
        return losses

    def global_group(self, features: TokenFeatures, name: str) -> Tensor:
        """The global tokens ``(B, n, C)`` of one group."""
        return features.global_tokens[:, self.backbone.global_slices[name]]

    def reconstruct(
        self, features: TokenFeatures, patches: PointGroups, mask: PatchMask | CausalMask
    ) -> tuple[Tensor, Tensor]:
        """Decodes the masked patches.

        Returns:
            Decoded tokens ``(B, M, C)``, and the true points ``(B, M, K, ch)`` of these patches
            relative to their centers.
        """
        neck: Any = self.neck
        target = gather_points(patches.neighborhood.flatten(2), mask.masked)
        target = target.unflatten(2, patches.neighborhood.shape[2:])
        return neck.decode(features, patches, mask), target

    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> list[PointDataSample]:
        """Samples with the features of their clouds."""
        features = self.forward_tensor(inputs)
        data_samples = samples_for(data_samples, features.center)
        fields = {'feature': features.probing_feature()}
        zeroshot = self.zeroshot_feature(features)
        if zeroshot is not None:
            fields['zeroshot_feature'] = zeroshot
        for name, values in fields.items():
            for sample, value in zip(data_samples, values.float()):
                sample.set_field(value, name)
        return data_samples

    def zeroshot_feature(self, features: TokenFeatures) -> Tensor | None:
        """``(B, D)`` in the teachers' common space; ``None`` if they have none."""
        if not self.zeroshot_weights or any(n not in self.heads for n in self.zeroshot_weights):
            return None
        projections = [
            weight * self.heads[name](self.global_group(features, name)).mean(1)
            for name, weight in self.zeroshot_weights.items()
        ]
        if len({projection.shape for projection in projections}) > 1:
            return None
        return torch.stack(projections).sum(0)

    @torch.no_grad()
    def reconstruct_clouds(self, points: Tensor) -> dict[str, Tensor]:
        """Visible and reconstructed points, to be drawn.

        Args:
            points: ``(B, N, 3)``.

        Returns:
            ``visible`` ``(B, V * K, 3)``: points of the visible patches; ``masked`` and
            ``predicted`` ``(B, M * K, 3)``: true and predicted points of the masked ones, all in
            place.
        """
        if self.masking is None or self.reconstruction_head is None:
            raise ValueError('this model has no decoder: it reconstructs nothing')
        patches = self.backbone.group(points)
        mask: PatchMask | CausalMask = self.masking(patches.center)
        features = self.backbone.forward_patches(patches, mask.shown(), with_global=False)
        decoded, truth = self.reconstruct(features, patches, mask)
        masked_center = gather_points(patches.center, mask.masked)[:, :, None]
        predicted = self.reconstruction_head(decoded)[..., :3] + masked_center
        absolute = patches.neighborhood[..., :3] + patches.center[:, :, None]
        visible = gather_points(absolute.flatten(2), mask.visible).unflatten(2, (-1, 3))
        clouds = dict(visible=visible, masked=truth[..., :3] + masked_center, predicted=predicted)
        return {name: points.flatten(1, 2) for name, points in clouds.items()}
