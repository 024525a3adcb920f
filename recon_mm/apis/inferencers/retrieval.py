"""The shapes of a collection that are most like a cloud."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from recon_mm.registry import INFERENCERS
from recon_mm.visualization import ColoredCloud, plain_cloud

from .base import short_title
from .features import FeatureInferencer
from .inputs import list_sources, read_source


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
        sources = list(list_sources(gallery))
        self.sources = {source.name: source for source in sources}
        found = [each for each in super().stream(sources) if 'error' not in each]
        if not found:
            raise ValueError('the collection to search holds no shape that can be read')
        self.names = [each['name'] for each in found]
        features = np.stack([each['feature'] for each in found])  # (S, 2C)
        # Of a single shape nothing would be left.
        self.mean = features.mean(0) if len(features) > 1 else np.zeros_like(features[0])
        self.features = _normalized(features - self.mean)

    def stream(
        self, inputs: Any, batch_size: int = 16, with_points: bool = False
    ) -> Iterator[dict[str, Any]]:
        """The neighbors of clouds one by one, as :meth:`CloudInferencer.stream` yields."""
        for result in super().stream(inputs, batch_size, with_points):
            if 'error' not in result:
                del result['global_tokens']
                similarity = self.features @ _normalized(result.pop('feature') - self.mean)  # (S,)
                order = [i for i in np.argsort(-similarity) if self.names[i] != result['name']]
                nearest = {self.names[i]: float(similarity[i]) for i in order[: self.top]}
                result['neighbors'] = nearest
            yield result

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """The cloud, then its neighbors."""
        row = super().draw(result)
        for name, similarity in result['neighbors'].items():
            points = self.upright(read_source(self.sources[name], 1))
            row.append(plain_cloud(points, f'{similarity:.2f} {short_title(name)}'))
        return row


def _normalized(features: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(features, axis=-1, keepdims=True)
    return features / np.maximum(length, 1e-12)
