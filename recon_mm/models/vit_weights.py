"""Weights of timm's image transformers for both streams of ReCon++."""

import re

from torch import Tensor, nn

from recon_mm.utils.optional import require

from .teachers.weights import is_file_name, load_exactly, read_weights

_BLOCK = re.compile(r'blocks\.(\d+)\.(.+)')


def load_vit_blocks(source: str, blocks: nn.ModuleList, global_blocks: nn.ModuleList) -> None:
    """Loads the blocks of an image transformer, and nothing else of it.

    The stream of the queries gets the same weights, its query layer the first third of the fused
    layer and its key and value layer the rest.

    Args:
        source: A name of timm with its tag, or a file with a state dict.
        blocks: The patch stream.
        global_blocks: The stream of the queries.

    Raises:
        ValueError: If the transformer is of another size or another structure.
    """
    if is_file_name(source):
        state = read_weights(source)
    else:
        timm = require('timm', 'teachers')
        state = timm.create_model(source, pretrained=True, num_classes=0).state_dict()
    local = _own_names(state)
    if not local:
        raise ValueError(
            f"'{source}' has no blocks.*, expected the state dict of a timm vision transformer"
        )
    load_exactly(blocks, local, source)
    load_exactly(global_blocks, _for_queries(local), source)


def _own_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Blocks alone: ``0.attn.qkv.weight``...; EVA's separate biases joined, as it uses them."""
    own: dict[str, Tensor] = {}
    for name, value in state.items():
        match = _BLOCK.match(name)
        if match:
            own[f'{match[1]}.{match[2]}'.replace('.gamma', '.weight')] = value
    for name in [name for name in own if name.endswith('attn.q_bias')]:
        start = name.removesuffix('q_bias')
        query, value = own.pop(name), own.pop(f'{start}v_bias')
        own.pop(f'{start}k_bias', None)  # zeros
        own[f'{start}qkv.bias'] = query.new_zeros(3, len(query))
        own[f'{start}qkv.bias'][0], own[f'{start}qkv.bias'][2] = query, value
        own[f'{start}qkv.bias'] = own[f'{start}qkv.bias'].flatten()
    return own


def _for_queries(local: dict[str, Tensor]) -> dict[str, Tensor]:
    queries: dict[str, Tensor] = {}
    for name, value in local.items():
        if '.attn.qkv.' in name:
            third = len(value) // 3
            queries[name.replace('.qkv.', '.q.')] = value[:third]
            queries[name.replace('.qkv.', '.kv.')] = value[third:]
        else:
            queries[name] = value
    return queries
