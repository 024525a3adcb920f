"""The shapes of a collection that are most like a cloud."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from recon_mm.registry import INFERENCERS

from .features import FeatureInferencer


@INFERENCERS.register_module()
class RetrievalInferencer(FeatureInferencer):
    """Finds the nearest shapes of a collection, by the cosine of their features.

    Features are compared after the mean of the collection is subtracted: what all clouds have in
    common tells nothing. Results: ``neighbors``, from the name of a shape to its similarity, the
    nearest first. A shape of the collection is not its own neighbor.

    Args:
        model: As in :class:`CloudInferencer`.
        weights: As in :class:`CloudInferencer`.
        gallery: The collection: a folder, or anything else that an inferencer takes.
        top: How many neighbors.
        **kwargs: Those of :class:`CloudInferencer`.

    Raises:
        ValueError: If no shape of the collection can be read.
    """

    def __init__(
        self, model: Any, weights: Any = None, gallery: Any = (), top: int = 5, **kwargs: Any
    ) -> None:
        super().__init__(model, weights, **kwargs)
        self.top = top
        found = [each for each in super().stream(gallery) if 'error' not in each]
        if not found:
            raise ValueError('the collection to search holds no shape that can be read')
        self.names = [each['name'] for each in found]
        features = np.stack([each['feature'] for each in found])  # (S, 2C)
        # Of a single shape nothing would be left.
        self.mean = features.mean(0) if len(features) > 1 else np.zeros_like(features[0])
        self.features = _normalized(features - self.mean)

    def stream(self, inputs: Any, batch_size: int = 16) -> Iterator[dict[str, Any]]:
        """The neighbors of clouds one by one, as :meth:`CloudInferencer.stream` yields."""
        for result in super().stream(inputs, batch_size):
            if 'error' in result:
                yield result
                continue
            similarity = self.features @ _normalized(result['feature'] - self.mean)  # (S,)
            order = [i for i in np.argsort(-similarity) if self.names[i] != result['name']]
            neighbors = {self.names[i]: float(similarity[i]) for i in order[: self.top]}
            yield {'name': result['name'], 'neighbors': neighbors}


def _normalized(features: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(features, axis=-1, keepdims=True)
    return features / np.maximum(length, 1e-12)
