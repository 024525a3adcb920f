"""How many operations a model needs, those of this package's own ops counted too."""

from collections.abc import Mapping
from math import prod
from typing import Any

import torch
from mmengine.analysis import FlopAnalyzer
from torch import Tensor

from recon_mm.models.layers.two_forms import use_plain_forms


@torch.no_grad()
def analyze(model: Any, inputs: Mapping[str, Tensor]) -> FlopAnalyzer:
    """MMEngine's analysis of the forward pass, with what it does not know added.

    One multiplication with its addition is one operation, as in MMEngine and in the papers. The
    layers are counted in their plain forms, whose mathematics the papers state; searches as if
    every distance were computed (a tree computes fewer).

    Args:
        model: In eval mode; its layers run their plain forms from here on.
        inputs: What ``model(inputs, mode='tensor')`` reads, ``points`` ``(B, N, 3)`` among it.

    Returns:
        The analysis: ``total()``, ``by_operator()``, ``by_module()``.
    """
    use_plain_forms(model)
    analyzer = FlopAnalyzer(model, (dict(inputs),))  # pyright: ignore[reportArgumentType] - a dict
    analyzer.set_op_handle(
        **{
            'aten::scaled_dot_product_attention': _attention,
            'aten::embedding_bag': _weighted_sum,
            'recon_mm::furthest_point_sample': _furthest_point_sample,
            'recon_mm::knn': _all_distances,
            'recon_mm::ball_query': _all_distances,
            'recon_mm::nearest_pair': _all_distances,
        }
    )
    analyzer.unsupported_ops_warnings(False)
    analyzer.uncalled_modules_warnings(False)
    analyzer.tracer_warnings('none')
    return analyzer


def _shape(value: Any) -> list[int]:
    return value.type().sizes()


def _attention(inputs: list[Any], outputs: list[Any]) -> int:
    """``Q K^T`` and the weighted sum of V, each one product per query, key and channel."""
    query, key, value = (_shape(tensor) for tensor in inputs[:3])
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _weighted_sum(inputs: list[Any], outputs: list[Any]) -> int:
    """One product per row that is summed, and channel."""
    return prod(_shape(inputs[1])) * _shape(inputs[0])[-1]


def _furthest_point_sample(inputs: list[Any], outputs: list[Any]) -> int:
    """The three squares of a distance, per selected point and point of the cloud."""
    return 3 * _shape(inputs[0])[1] * prod(_shape(outputs[0]))


def _all_distances(inputs: list[Any], outputs: list[Any]) -> int:
    """The three squares of a distance, per query and point."""
    query, points = _shape(inputs[0]), _shape(inputs[1])
    return 3 * prod(query[:2]) * points[1]
