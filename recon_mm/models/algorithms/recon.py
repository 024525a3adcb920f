"""ReCon pretraining: reconstruct masked patches, and learn the features of frozen teachers."""

from typing import Any, Literal

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from recon_mm.ops import PointGroups, gather_points
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

from ..backbones import ReConTransformer, TokenFeatures
from ..checkpoint import register_checkpoint_reader
from ..heads import CrossModalHead, ReconstructionHead, SelfContrastHead
from ..layers import PatchMask, ReConBlock

CLS_TOKEN, IMAGE_TOKEN, TEXT_TOKEN = 0, 1, 2


def _build(cfg: dict | None) -> Any:
    return None if cfg is None else MODELS.build(cfg)


@MODELS.register_module()
class ReCon(BaseModel):
    """The whole model of pretraining (paper section 4). The loss is the sum of the parts present.

    Every part but the backbone may be left out, which gives the paper's ablations: without
    ``neck`` nothing is reconstructed; a head without its teacher, or the reverse, is an error.
    Parameters that no loss reaches are frozen at construction, so that several processes never
    wait for a gradient that does not come.

    Args:
        backbone: Config of :class:`ReConTransformer`.
        masking: Config of :class:`RandomMasking` or :class:`BlockMasking`; ``None`` shows all
            patches (possible only without ``neck``).
        neck: Config of :class:`MaskedPointDecoder`.
        reconstruction_head: Config of :class:`ReconstructionHead`.
        image_head: Config of the :class:`CrossModalHead` of the image token.
        image_teacher: Config of its teacher.
        text_head: Config of the :class:`CrossModalHead` of the text token.
        text_teacher: Config of its teacher.
        self_contrast_head: Config of :class:`SelfContrastHead` on the 3D token.
        zeroshot_text_ratio: Weight of the text projection in the zero-shot feature.
        data_preprocessor: Config of :class:`PointDataPreprocessor`.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        backbone: dict,
        masking: dict | None = None,
        neck: dict | None = None,
        reconstruction_head: dict | None = None,
        image_head: dict | None = None,
        image_teacher: dict | None = None,
        text_head: dict | None = None,
        text_teacher: dict | None = None,
        self_contrast_head: dict | None = None,
        zeroshot_text_ratio: float = 0.25,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='PointDataPreprocessor'), init_cfg)
        self.backbone: ReConTransformer = MODELS.build(backbone)
        self.masking: nn.Module | None = _build(masking)
        self.neck: nn.Module | None = _build(neck)
        self.reconstruction_head: ReconstructionHead | None = _build(reconstruction_head)
        self.image_head: CrossModalHead | None = _build(image_head)
        self.image_teacher: nn.Module | None = _build(image_teacher)
        self.text_head: CrossModalHead | None = _build(text_head)
        self.text_teacher: nn.Module | None = _build(text_teacher)
        self.self_contrast_head: SelfContrastHead | None = _build(self_contrast_head)
        self.zeroshot_text_ratio = zeroshot_text_ratio
        self._check_parts()
        self._freeze_unreached()
        register_checkpoint_reader(self)

    @property
    def with_contrast(self) -> bool:
        """Whether any head reads the global tokens."""
        heads = (self.image_head, self.text_head, self.self_contrast_head)
        return any(head is not None for head in heads)

    def _check_parts(self) -> None:
        for first, second in (
            ('neck', 'reconstruction_head'),
            ('image_head', 'image_teacher'),
            ('text_head', 'text_teacher'),
        ):
            if (getattr(self, first) is None) != (getattr(self, second) is None):
                raise ValueError(f'{first} and {second} go together: give both or neither')
        if self.neck is None and not self.with_contrast:
            raise ValueError('there is no loss: give a neck and its head, or a contrast head')
        if self.neck is not None and self.masking is None:
            raise ValueError('reconstruction needs masking: give masking, or leave the neck out')
        if self.neck is None and self.backbone.stop_gradient:
            raise ValueError(
                'without reconstruction nothing trains the patch stream while '
                'backbone.stop_gradient=True: set it to False'
            )

    def _freeze_unreached(self) -> None:
        unreached = []
        if not self.with_contrast:
            unreached += self.backbone.global_parameters()
        if self.neck is None:
            last_block = self.backbone.blocks[-1]
            assert isinstance(last_block, ReConBlock)
            unreached += last_block.patch_update_parameters()
        for parameter in unreached:
            parameter.requires_grad_(False)

    def forward(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[PointDataSample] | None = None,
        mode: Literal['tensor', 'loss', 'predict'] = 'tensor',
    ) -> TokenFeatures | dict[str, Tensor] | list[PointDataSample]:
        """MMEngine's three modes.

        Args:
            inputs: ``points`` ``(B, N, 3)``; for ``'loss'`` what the teachers read (``images``
                or ``image_features``, ``category``).
            data_samples: One per cloud, filled by ``'predict'``.
            mode: ``'tensor'``: tokens of the whole clouds; ``'loss'``: the losses;
                ``'predict'``: samples with ``feature`` (for the linear SVM) and, where both
                projections are present and of one width, ``zeroshot_feature``.
        """
        if mode == 'loss':
            return self.loss(inputs)
        features = self.backbone(inputs['points'])
        if mode == 'tensor':
            return features
        if mode == 'predict':
            return self.predict(features, data_samples)
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', found {mode!r}")

    def loss(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """The losses of one batch, one entry for each part present."""
        patches = self.backbone.group(inputs['points'])
        mask = None if self.masking is None else self.masking(patches.center)
        visible = None if mask is None else mask.visible
        features = self.backbone.forward_patches(patches, visible, self.with_contrast)

        losses = {}
        if self.neck is not None:
            assert mask is not None and self.reconstruction_head is not None
            decoded, target = self.reconstruct(features, patches, mask)
            losses['loss_reconstruction'] = self.reconstruction_head.loss(decoded, target)
        tokens = features.global_tokens
        if self.image_head is not None and self.image_teacher is not None:
            target = self.image_teacher(inputs)
            losses['loss_image'] = self.image_head.loss(tokens[:, IMAGE_TOKEN], target)
        if self.text_head is not None and self.text_teacher is not None:
            target = self.text_teacher(inputs)
            losses['loss_text'] = self.text_head.loss(tokens[:, TEXT_TOKEN], target)
        if self.self_contrast_head is not None:
            losses['loss_self_contrast'] = self.self_contrast_head.loss(
                tokens[:, CLS_TOKEN], inputs['category']
            )
        return losses

    def reconstruct(
        self, features: TokenFeatures, patches: PointGroups, mask: PatchMask
    ) -> tuple[Tensor, Tensor]:
        """Decodes the masked patches.

        Returns:
            Decoded tokens ``(B, M, C)``, and the true points ``(B, M, K, 3)`` of these patches
            relative to their centers.
        """
        assert self.neck is not None
        masked_center = gather_points(patches.center, mask.masked)
        decoded = self.neck(features.patch_tokens, features.center, masked_center)
        target = gather_points(patches.neighborhood.flatten(2), mask.masked)
        return decoded, target.unflatten(2, (-1, 3))

    def predict(
        self, features: TokenFeatures, data_samples: list[PointDataSample] | None = None
    ) -> list[PointDataSample]:
        """Samples with the features of their clouds."""
        if data_samples is None:
            data_samples = [PointDataSample() for _ in features.global_tokens]
        fields = {'feature': features.probing_feature()}
        zeroshot = self.zeroshot_feature(features)
        if zeroshot is not None:
            fields['zeroshot_feature'] = zeroshot
        for name, values in fields.items():
            for sample, value in zip(data_samples, values.float()):
                sample.set_field(value, name)
        return data_samples

    def zeroshot_feature(self, features: TokenFeatures) -> Tensor | None:
        """``(B, D)`` in the teachers' common space; ``None`` where they have none."""
        if self.image_head is None or self.text_head is None:
            return None
        image = self.image_head(features.global_tokens[:, IMAGE_TOKEN])
        text = self.text_head(features.global_tokens[:, TEXT_TOKEN])
        if image.shape != text.shape:
            return None
        return self.zeroshot_text_ratio * text + image

    @torch.no_grad()
    def reconstruct_clouds(self, points: Tensor) -> dict[str, Tensor]:
        """What a picture of the reconstruction needs.

        Args:
            points: ``(B, N, 3)``.

        Returns:
            ``visible`` ``(B, V * K, 3)``: points of the visible patches; ``predicted``
            ``(B, M * K, 3)``: predicted points of the masked ones, both in place.
        """
        if self.masking is None or self.reconstruction_head is None:
            raise ValueError('this model has no decoder: it reconstructs nothing')
        patches = self.backbone.group(points)
        mask: PatchMask = self.masking(patches.center)
        features = self.backbone.forward_patches(patches, mask.visible, with_global=False)
        decoded, _ = self.reconstruct(features, patches, mask)
        masked_center = gather_points(patches.center, mask.masked)
        predicted = self.reconstruction_head(decoded) + masked_center[:, :, None]
        absolute = patches.neighborhood + patches.center[:, :, None]
        visible = gather_points(absolute.flatten(2), mask.visible).unflatten(2, (-1, 3))
        return dict(visible=visible.flatten(1, 2), predicted=predicted.flatten(1, 2))
