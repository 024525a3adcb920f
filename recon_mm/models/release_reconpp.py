"""Names of ReCon++'s released checkpoints, to this package's and back; ``release`` has ReCon's.

Pretraining checkpoints have ``model.`` in front of most names, fine-tuned ones nowhere.
"""

import torch
from torch import Tensor

from .release import Rule, rename, translate

MARKS = ('embed.first_conv.', 'encoder.blocks.local_blocks.')
_MODEL_PREFIX = 'model.'
_UNUSED = 'norm.'  # a layer that the authors' model has and nothing reads

_RULES = (
    Rule('embed.first_conv.0.', 'backbone.patch_embed.point_fc1.', True),
    Rule('embed.first_conv.1.', 'backbone.patch_embed.point_norm.'),
    Rule('embed.first_conv.3.', 'backbone.patch_embed.point_fc2.', True),
    Rule('embed.first_conv.4.', 'backbone.patch_embed.point_norm2.'),
    Rule('embed.first_conv.6.', 'backbone.patch_embed.point_fc3.', True),
    Rule('embed.second_conv.0.', 'backbone.patch_embed.group_fc1.', True),
    Rule('embed.second_conv.1.', 'backbone.patch_embed.group_norm.'),
    Rule('embed.second_conv.3.', 'backbone.patch_embed.group_fc2.', True),
    Rule('global_query', 'backbone.global_query'),
    Rule('cls_token', 'backbone.cls_token'),
    Rule('pos_embed.', 'backbone.pos_embed.'),
    Rule('decoder_pos_embed.', 'neck.pos_embed.'),
    Rule('encoder.sos_pos', 'backbone.sos_pos'),
    Rule('encoder.sos', 'backbone.sos'),
    Rule('encoder.blocks.local_blocks.', 'backbone.blocks.'),
    Rule('encoder.blocks.global_blocks.', 'backbone.global_blocks.'),
    Rule('encoder.ln_f1.', 'backbone.norm.'),
    Rule('encoder.ln_f2.', 'backbone.global_norm.'),
    Rule('decoder.mask_token', 'neck.mask_token'),
    Rule('decoder.blocks.', 'neck.blocks.'),
    Rule('decoder.ln_f.', 'neck.norm.'),
    Rule('decoder.increase_dim.0.', 'reconstruction_head.fc.', True),
    Rule('cls_head_finetune.', 'head.layers.'),
    Rule('img_proj.', 'heads.image.fc.'),
    Rule('text_proj.', 'heads.text.fc.'),
)
_PROJECTIONS = ('img_proj.', 'text_proj.')
_SCALES = (('ls1.gamma', 'ls1.weight'), ('ls2.gamma', 'ls2.weight'))


def from_release(state_dict: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """Renames and reshapes a state dict of the release, as ``release.from_release`` does."""
    return rename(
        {k: v for k, v in state_dict.items() if not _without_prefix(k).startswith(_UNUSED)},
        _to_ours,
    )


def to_release(state_dict: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """The inverse. A file without a classification head gets the names of a pretraining one."""
    fine_tuned = any(name.startswith('head.') for name in state_dict)
    converted, unknown = rename(state_dict, _to_theirs, to_conv=True)
    dims = state_dict['backbone.global_query'].shape[-1]
    converted |= {f'{_UNUSED}weight': torch.ones(dims), f'{_UNUSED}bias': torch.zeros(dims)}
    if not fine_tuned:
        converted = {
            name if name.startswith(_PROJECTIONS) else _MODEL_PREFIX + name: value
            for name, value in converted.items()
        }
    return converted, unknown


def _without_prefix(name: str) -> str:
    return name.removeprefix('module.').removeprefix(_MODEL_PREFIX)


def _to_ours(name: str) -> tuple[str, bool] | None:
    return translate(_without_prefix(name), _RULES, _SCALES)


def _to_theirs(name: str) -> tuple[str, bool] | None:
    return translate(name, _RULES, _SCALES, back=True)
