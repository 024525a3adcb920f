"""Reads checkpoints of several origins into a model: this package's and the authors'.

A model that calls :func:`register_checkpoint_reader` accepts all of them wherever MMEngine loads a
file: ``load_from``, ``init_cfg=dict(type='Pretrained', ...)``, ``load_checkpoint``, resuming.
"""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from mmengine.logging import print_log
from torch import Tensor, nn

from . import release_reconpp
from .release import from_release

# Where the weights are in a file: MMEngine's, the release's for part segmentation, its others.
WRAPPERS = ('state_dict', 'model_state_dict', 'base_model')
_RELEASE_MARKS = ('MAE_encoder.', 'blocks.blocks.', 'encoder.first_conv.')
# Parts that pretraining writes to a checkpoint and downstream models do not have.
_PRETRAINING_PARTS = ('neck', 'reconstruction_head', 'heads', 'self_contrast_head')
_TESTED_HEADS = ('head.', 'heads.')
# Names in checkpoints of version 0.1, before modalities had names of their own.
_FORMER_NAMES = (
    (re.compile(r'(^|\.)img_(token|pos)$'), r'\1image_\2'),
    (re.compile(r'^(image|text)_head\.'), r'heads.\1.'),
)


class Architecture(NamedTuple):
    """What the weights of a backbone reveal about it.

    Attributes:
        embed_dims: Token width C.
        depth: Number of blocks.
        has_global_stream: Whether there are blocks of global tokens.
        plus: Of ReCon++, what its config says of it by the same names (queries are their number);
            ``None`` of ReCon.
    """

    embed_dims: int
    depth: int
    has_global_stream: bool
    plus: dict[str, int | bool] | None = None

    def __str__(self) -> str:
        kind = '' if self.plus is None else 'ReCon++ '
        more = ''.join(f', {name}={value}' for name, value in (self.plus or {}).items())
        return f'{kind}embed_dims={self.embed_dims}, depth={self.depth}{more}'


def unwrap(checkpoint: Mapping[str, Any]) -> dict[str, Tensor]:
    """The weights of a loaded file, without the prefix that data parallelism adds."""
    for name in WRAPPERS:
        if isinstance(checkpoint.get(name), Mapping):
            checkpoint = checkpoint[name]
            break
    return {
        name.removeprefix('module.'): value
        for name, value in checkpoint.items()
        if isinstance(value, Tensor)
    }


def own_names(weights: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """Weights under this package's names, converted where they carry the release's or earlier ones.

    Returns:
        The weights, and the names that were not understood.
    """
    if any(name.startswith(_RELEASE_MARKS) for name in weights):
        return from_release(weights)
    if any(mark in name for name in weights for mark in release_reconpp.MARKS):
        return release_reconpp.from_release(weights)
    for pattern, name in _FORMER_NAMES:
        weights = {pattern.sub(name, former): value for former, value in weights.items()}
    return weights, []


def read_architecture(weights: Mapping[str, Tensor], prefix: str = '') -> Architecture | None:
    """Width and depth of the backbone whose names begin with ``prefix``; ``None`` if there is none.

    Args:
        weights: Tensors under this package's names.
        prefix: ``'backbone.'``, or empty if the weights are those of a backbone alone.
    """
    norm = weights.get(f'{prefix}norm.weight')
    block = re.compile(re.escape(prefix) + r'blocks\.(\d+)\.')
    indices = {int(match[1]) for name in weights if (match := block.match(name))}
    if norm is None or not indices:
        return None
    sizes = len(norm), max(indices) + 1
    query = weights.get(f'{prefix}global_query')
    if query is None:
        return Architecture(*sizes, f'{prefix}blocks.0.global_attn.q.weight' in weights)
    return Architecture(
        *sizes,
        has_global_stream=True,
        plus=dict(
            queries=query.shape[1],
            channels=weights[f'{prefix}patch_embed.point_fc1.weight'].shape[1],
            large_embedding=f'{prefix}patch_embed.point_fc3.weight' in weights,
            layer_scale=f'{prefix}blocks.0.ls1.weight' in weights,
            mlp_dims=len(weights[f'{prefix}blocks.0.mlp.fc1.weight']),
            causal=f'{prefix}sos' in weights,
        ),
    )


def register_checkpoint_reader(module: nn.Module) -> None:
    """Makes a model, or a backbone alone, read checkpoints of every origin.

    It unwraps the file, renames the release's weights, takes the backbone's part where the module
    is a backbone, and leaves out what only pretraining needs, with one line in the log.

    A file is refused where nothing in it fits, or where the width or depth of its backbone differs:
    most of the weights would silently stay as initialized.
    """
    module.register_load_state_dict_pre_hook(_read_into)


def _read_into(module: nn.Module, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
    """The hook: puts what fits the module into ``state_dict``.

    Raises:
        ValueError: If the architecture in the file differs.
    """
    if prefix or not state_dict:
        return  # part of a larger model: its own hook has seen all of it
    own = own_tensors(module)
    weights, unknown = own_names(unwrap(state_dict))
    if unknown:
        print_log(f'Names in the checkpoint that are not understood: {shorten(unknown)}', 'current')
    backbone = 'backbone.' if hasattr(module, 'backbone') else ''
    if not backbone and any(name.startswith('backbone.') for name in weights):
        weights = {
            name.removeprefix('backbone.'): value
            for name, value in weights.items()
            if name.startswith('backbone.')
        }
    check_fits(weights, own, backbone)
    check_teachers(weights, own)
    weights = _without_pretraining_parts(weights, own)
    state_dict.clear()
    state_dict.update(weights)


def require_heads(module: nn.Module, parts: tuple[str, ...] = _TESTED_HEADS) -> None:
    """Makes a model refuse files without its heads, or whose heads differ in shape.

    Training may start from such a file; testing it would measure random weights.

    Args:
        module: The model.
        parts: What the names of the weights that must be there begin with.
    """
    module.register_load_state_dict_pre_hook(partial(_check_heads, parts))


def _check_heads(
    parts: tuple[str, ...], module: nn.Module, state_dict: dict[str, Any], prefix: str, *_: Any
) -> None:
    """The hook.

    Raises:
        ValueError: If a weight of a head is missing, or its shape differs.
    """
    for name, value in module.named_parameters():
        if not name.startswith(parts):
            continue
        theirs = state_dict.get(prefix + name)
        if theirs is None or theirs.shape != value.shape:
            found = 'nothing' if theirs is None else str(tuple(theirs.shape))
            raise ValueError(
                f'{name} is {tuple(value.shape)} in the model and {found} in the file: it is not '
                'for this task, or its classes differ. Test a checkpoint trained with this config'
            )


def unwrap_model(model: Any) -> Any:
    """The model itself, without its wrappers for several processes or for voting."""
    while hasattr(model, 'module'):
        model = model.module
    return model


def own_tensors(module: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of a model by name, without the copy that ``state_dict`` makes."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def check_fits(weights: Mapping[str, Tensor], own: Mapping[str, Tensor], prefix: str) -> None:
    """Compares the backbone of a file with that of a model.

    Args:
        weights: Of the file, under this package's names.
        own: Of the model.
        prefix: What the backbone's names begin with, in both.

    Raises:
        ValueError: If nothing fits, or width or depth differ.
    """
    if not weights.keys() & own.keys():
        raise ValueError(
            f'no weight of this file fits the model: the file has {shorten(weights)}, the model '
            f'{shorten(own)}'
        )
    theirs, ours = read_architecture(weights, prefix), read_architecture(own, prefix)
    if theirs is None or ours is None:
        return
    if not _same_backbone(theirs, ours):
        raise ValueError(f'this file is {theirs}; the model is {ours}: change one or the other')
    if theirs.plus is not None and theirs.plus != ours.plus:
        print_log(
            'The file was pretrained with random masks, the model is causal: the positions of the '
            'file are not used, the start token stays as initialized (as the authors fine-tune it)'
            if ours.plus and ours.plus['causal']
            else 'The file is causal, the model is not: its positions stay as initialized',
            'current',
        )
    if ours.has_global_stream and not theirs.has_global_stream:
        print_log(
            'The file has no global stream (Point-MAE?): those tokens and layers stay as '
            'initialized. Its blocks add residuals before the norm and not after it: the weights '
            'fit, but they are only a starting point for training',
            'current',
        )


def _same_backbone(theirs: Architecture, ours: Architecture) -> bool:
    """Whether the blocks fit; a causal model and one with random masks may exchange theirs."""
    either = dict(causal=None)
    plus = [None if one.plus is None else {**one.plus, **either} for one in (theirs, ours)]
    return theirs[:2] == ours[:2] and plus[0] == plus[1]


def check_teachers(weights: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> None:
    """Refuses projections to the features of a different teacher, which would stay as initialized.

    Raises:
        ValueError: If the projections of file and model differ in shape.
    """
    for name in weights.keys() & own.keys():
        theirs, ours = tuple(weights[name].shape), tuple(own[name].shape)
        if name.startswith('heads.') and theirs != ours:
            raise ValueError(
                f'{name} is {theirs} in the file and {ours} in the model: the file was trained '
                'with a different teacher. Use the config it was trained with; for zero-shot both '
                'teachers must be one CLIP'
            )


def shorten(names: Iterable[str], limit: int = 3) -> str:
    """A few names, and how many more there are."""
    names = list(names)
    more = f' and {len(names) - limit} more' if len(names) > limit else ''
    return ', '.join(names[:limit]) + more


def _without_pretraining_parts(
    weights: dict[str, Tensor], own: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    known = {name.split('.')[0] for name in weights.keys() & own.keys()}
    absent = set(_PRETRAINING_PARTS) - known
    left_out = {name for name in weights if name.split('.')[0] in absent}
    if left_out:
        parts = sorted({name.split('.')[0] for name in left_out})
        print_log(
            f'Left out of the checkpoint: {", ".join(parts)} ({len(left_out)} tensors), which '
            'this model does not have',
            'current',
        )
    return {name: value for name, value in weights.items() if name not in left_out}
