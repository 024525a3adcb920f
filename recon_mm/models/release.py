"""Names and shapes of the authors' checkpoints, to this package's and back.

The release writes linear layers as 1x1 convolutions (``(out, in, 1)``), nests its blocks twice
and prefixes the encoder with ``MAE_encoder.`` in pretraining checkpoints only. One table says
all of it; both directions are read from it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from torch import Tensor


class Rule(NamedTuple):
    """A name prefix of the release and of this package."""

    release: str
    ours: str
    is_conv: bool = False


_ENCODER_PREFIX = 'MAE_encoder.'
_BACKBONE_PREFIX = 'backbone.'
_PARALLEL_PREFIX = 'module.'

# What stands inside the encoder, below its prefix.
_BACKBONE_RULES = (
    Rule('encoder.first_conv.0.', 'patch_embed.point_fc1.', True),
    Rule('encoder.first_conv.1.', 'patch_embed.point_norm.'),
    Rule('encoder.first_conv.3.', 'patch_embed.point_fc2.', True),
    Rule('encoder.second_conv.0.', 'patch_embed.group_fc1.', True),
    Rule('encoder.second_conv.1.', 'patch_embed.group_norm.'),
    Rule('encoder.second_conv.3.', 'patch_embed.group_fc2.', True),
    Rule('blocks.blocks.', 'blocks.'),
    Rule('img_token', 'image_token'),
    Rule('img_pos', 'image_pos'),
    *(
        Rule(name, name)
        for name in ('cls_token', 'cls_pos', 'text_token', 'text_pos', 'pos_embed.', 'norm.')
    ),
)
# Inside a ReCon block the global stream has its own names.
_BLOCK_PARTS = (
    ('norm1_contrast', 'global_norm1'),
    ('norm2_contrast', 'global_norm2'),
    ('attn_contrast', 'global_attn'),
    ('mlp_contrast', 'global_mlp'),
)
# What stands beside the encoder.
_MODEL_RULES = (
    Rule('mask_token', 'neck.mask_token'),
    Rule('decoder_pos_embed.', 'neck.pos_embed.'),
    Rule('MAE_decoder.blocks.', 'neck.blocks.'),
    Rule('MAE_decoder.norm.', 'neck.norm.'),
    Rule('increase_dim.0.', 'reconstruction_head.fc.', True),
    Rule('img_proj.', 'heads.image.fc.'),
    Rule('text_proj.', 'heads.text.fc.'),
    Rule('cls_proj.0.', 'self_contrast_head.fc1.'),
    Rule('cls_proj.1.', 'self_contrast_head.norm1.'),
    Rule('cls_proj.3.', 'self_contrast_head.fc2.'),
    Rule('cls_proj.4.', 'self_contrast_head.norm2.'),
    Rule('cls_head_finetune.', 'head.layers.'),
    Rule('propagation_0.mlp_convs.0.', 'neck.fc1.', True),
    Rule('propagation_0.mlp_convs.1.', 'neck.fc2.', True),
    Rule('propagation_0.mlp_bns.0.', 'neck.norm1.'),
    Rule('propagation_0.mlp_bns.1.', 'neck.norm2.'),
    Rule('label_conv.0.', 'head.label_fc.', True),
    Rule('label_conv.1.', 'head.label_norm.'),
    Rule('convs1.', 'head.fc1.', True),
    Rule('convs2.', 'head.fc2.', True),
    Rule('convs3.', 'head.fc3.', True),
    Rule('bns1.', 'head.norm1.'),
    Rule('bns2.', 'head.norm2.'),
)


def from_release(state_dict: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """Renames and reshapes a state dict of the release.

    Args:
        state_dict: As stored by the authors' code, with or without ``module.`` and
            ``MAE_encoder.`` prefixes.

    Returns:
        The state dict under this package's names (``backbone.*``, ``neck.*``, ``head.*``,
        ``heads.*``...), and the names that no rule knows, which it leaves out.
    """
    return rename(state_dict, _to_ours)


def to_release(
    state_dict: dict[str, Tensor], encoder_prefix: str = _ENCODER_PREFIX
) -> tuple[dict[str, Tensor], list[str]]:
    """The inverse: this package's state dict under the release's names and shapes.

    Args:
        state_dict: Names of this package.
        encoder_prefix: ``'MAE_encoder.'`` for a pretraining checkpoint, ``''`` for a fine-tuned
            one.

    Returns:
        The state dict, and the names that no rule knows, which it leaves out.
    """
    return rename(state_dict, lambda name: _to_theirs(name, encoder_prefix), to_conv=True)


def rename(
    state_dict: dict[str, Tensor],
    translate: Callable[[str], tuple[str, bool] | None],
    to_conv: bool = False,
) -> tuple[dict[str, Tensor], list[str]]:
    """A state dict under other names, its linear layers with or without a convolution's axis.

    Args:
        state_dict: Weights by name.
        translate: From a name to the new one and whether it is a convolution in the release;
            ``None`` for names that it does not know.
        to_conv: Whether convolutions get their axis (the release's form) or lose it.

    Returns:
        The new state dict, and the unknown names, which it leaves out.
    """
    converted, unknown = {}, []
    for name, value in state_dict.items():
        target = translate(name)
        if target is None:
            unknown.append(name)
            continue
        new_name, is_conv = target
        if is_conv and new_name.endswith('.weight') and value.ndim == (2 if to_conv else 3):
            value = value.unsqueeze(-1) if to_conv else value.squeeze(-1)
        converted[new_name] = value
    return converted, unknown


def _to_ours(name: str) -> tuple[str, bool] | None:
    name = name.removeprefix(_PARALLEL_PREFIX)
    if (found := translate(name, _MODEL_RULES)) is not None:
        return found
    found = translate(name.removeprefix(_ENCODER_PREFIX), _BACKBONE_RULES, _BLOCK_PARTS)
    return None if found is None else (_BACKBONE_PREFIX + found[0], found[1])


def _to_theirs(name: str, encoder_prefix: str) -> tuple[str, bool] | None:
    if not name.startswith(_BACKBONE_PREFIX):
        return translate(name, _MODEL_RULES, back=True)
    name = name.removeprefix(_BACKBONE_PREFIX)
    found = translate(name, _BACKBONE_RULES, _BLOCK_PARTS, back=True)
    return None if found is None else (encoder_prefix + found[0], found[1])


def translate(
    name: str,
    rules: Sequence[Rule],
    parts: Sequence[tuple[str, str]] = (),
    back: bool = False,
) -> tuple[str, bool] | None:
    """The name of a parameter by the first rule that fits it; ``None`` if none does.

    Args:
        name: Of the release, or of this package.
        rules: What names begin with.
        parts: Names within the rest, of the release and of this package.
        back: Whether to translate from this package to the release.

    Returns:
        The other name, and whether the parameter is a convolution in the release.
    """
    for rule in rules:
        begin, replacement = (rule.ours, rule.release) if back else (rule.release, rule.ours)
        if name.startswith(begin):
            rest = name.removeprefix(begin)
            for theirs, ours in parts:
                rest = rest.replace(ours, theirs) if back else rest.replace(theirs, ours)
            return replacement + rest, rule.is_conv
    return None
