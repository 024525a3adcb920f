"""CLIP through open_clip, from a tag, a local weight file, or untrained."""

from functools import cache
from typing import Any

from recon_mm.utils.optional import require

from .base import FrozenTeacher
from .weights import (
    fixed_seed,
    is_file_name,
    load_exactly,
    read_weights,
    warn_untrained,
    weights_id,
)

# Entries of OpenAI's files that are settings, not weights.
_SETTINGS = ('input_resolution', 'context_length', 'vocab_size')


def clip_config(model_name: str) -> dict[str, Any]:
    """open_clip's configuration of a model.

    Raises:
        ValueError: If open_clip does not know the model.
    """
    open_clip = require('open_clip', 'teachers')
    config = open_clip.get_model_config(model_name)
    if config is None:
        raise ValueError(
            f"open_clip has no model '{model_name}'; open_clip.list_models() lists them all"
        )
    return config


@cache
def clip_feature_dims(model_name: str) -> int:
    """Width of the space that CLIP's two towers share."""
    return clip_config(model_name)['embed_dim']


def build_clip(model_name: str, pretrained: str | None) -> Any:
    """open_clip's model with the towers ``visual`` and ``text``, float32, on the CPU.

    Args:
        model_name: A name of open_clip, e.g. ``'ViT-B-32-quickgelu'``.
        pretrained: A tag such as ``'openai'``, a weight file, or None for untrained weights.

    Raises:
        ValueError: If the model or the tag is unknown, or a file does not fit.
        RuntimeError: If the weights of a tag are not available.
    """
    open_clip = require('open_clip', 'teachers')
    clip_config(model_name)
    from_file = is_file_name(pretrained)
    tag = None if from_file else pretrained
    if tag and not open_clip.get_pretrained_cfg(model_name, tag):
        tags = open_clip.list_pretrained_tags_by_model(model_name)
        raise ValueError(
            f"'{tag}' is neither a file nor a tag of open_clip's {model_name}; tags: {tags}"
        )
    # The separate text tower accepts sentences shorter than the context.
    with fixed_seed():
        try:
            clip = open_clip.create_model(model_name, pretrained=tag, force_custom_text=True)
        except (RuntimeError, OSError) as error:
            if not tag:
                raise
            raise RuntimeError(
                f"the weights '{tag}' of {model_name} are not available ({error}); download them "
                'on a machine with network access and set pretrained to the file'
            ) from error
    if from_file:
        assert isinstance(pretrained, str)
        state = read_weights(pretrained)
        if 'positional_embedding' in state:  # both towers in one namespace, as in OpenAI's files
            state = open_clip.model.convert_to_custom_text_state_dict(state)
        load_exactly(clip, state, pretrained, ignore=_SETTINGS)
    return clip


class CLIPTeacher(FrozenTeacher):
    """One of CLIP's towers as a teacher.

    Args:
        model_name: A name of open_clip. OpenAI's weights belong to the ``-quickgelu`` variants.
        pretrained: A tag such as ``'openai'``, a weight file of the complete CLIP model, or None
            for untrained weights (tests and demonstrations).
    """

    def __init__(
        self, model_name: str = 'ViT-B-32-quickgelu', pretrained: str | None = 'openai'
    ) -> None:
        super().__init__()
        self.model_name = model_name
        self.pretrained = pretrained
        if not pretrained:
            warn_untrained(f'{type(self).__name__} {model_name}')

    @property
    def feature_dims(self) -> int:
        """Width of CLIP's features, not normalized (512 for ViT-B/32)."""
        return clip_feature_dims(self.model_name)

    def describe(self) -> dict:
        """Type, model and weights."""
        return {
            'type': type(self).__name__,
            'model_name': self.model_name,
            'weights': weights_id(self.pretrained),
        }
