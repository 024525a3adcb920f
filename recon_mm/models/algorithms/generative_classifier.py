"""Classification as ReCon++ fine-tunes: the patches are still generated."""

from typing import Any

from torch import Tensor

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

from ..heads import GenerationHead
from ..layers import init_linear_truncated
from ..necks import CausalPointDecoder
from .classifier import PointClassifier


@MODELS.register_module()
class GenerativeClassifier(PointClassifier):
    """Causal backbone, classification head, and the decoder of pretraining with its loss.

    Args:
        backbone: Config of :class:`CausalReConPPTransformer`, with ``cls`` among its tokens.
        head: Config of :class:`PointClsHead`.
        neck: Config of :class:`CausalPointDecoder`; ``None`` trains the classification alone.
        reconstruction_head: Config of :class:`GenerationHead`; colors have no loss.
        reconstruction_weight: Factor on its losses.
        **kwargs: Those of :class:`PointClassifier`.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        neck: dict | None = None,
        reconstruction_head: dict | None = None,
        reconstruction_weight: float = 3.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(backbone, head, **kwargs)
        if (neck is None) != (reconstruction_head is None):
            raise ValueError('neck and reconstruction_head go together: give both or neither')
        self.neck: CausalPointDecoder | None = self.build_part(neck)
        self.reconstruction_head: GenerationHead | None = self.build_part(
            reconstruction_head, color_loss=False
        )
        self.reconstruction_weight = reconstruction_weight
        init_linear_truncated(self)
        if self.neck and self.reconstruction_head and self.protocol != 'full':
            self.neck.requires_grad_(False)
            self.reconstruction_head.requires_grad_(False)

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> dict[str, Tensor]:
        """Cross entropy, the losses of the generated patches, and the accuracy of the batch."""
        if self.neck is None or self.protocol != 'full':
            return super().loss(inputs, data_samples)
        assert self.reconstruction_head is not None
        patches = self.backbone.group(inputs['points'])
        features = self.backbone.forward_patches(patches)
        logits = self.head(features.classification_feature())
        decoded = self.neck.decode(features, patches)
        generated = self.reconstruction_head.loss(decoded, patches.neighborhood)
        weighted = {name: self.reconstruction_weight * loss for name, loss in generated.items()}
        return {**self.head.loss(logits, data_samples), **weighted}
