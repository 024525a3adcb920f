"""Zero-shot classification of clouds with custom class names (paper section 5.3)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config

from .inferencers import ZeroShotInferencer


class ZeroShotClassifier:
    """Finds which of the given class names fits a cloud best.

    A short form of :class:`~recon_mm.apis.inferencers.ZeroShotInferencer`.

    Args:
        config: A zero-shot config, its path, or its name in the package.
        checkpoint: Weights pretrained with one CLIP as both teachers; ``None`` leaves the
            model untrained (tests).
        classes: Names of the classes, as in ordinary speech.
        device: Where to compute; by default a GPU if there is one.

    Example:
        >>> classify = ZeroShotClassifier(
        ...     'configs/recon/zeroshot_modelnet40.py', 'recon.pth', ['mug', 'chair', 'lamp']
        ... )
        >>> classify(['scan.ply'])[0]['class']
        'mug'
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path | None,
        classes: Sequence[str],
        device: str | None = None,
    ) -> None:
        self.inferencer = ZeroShotInferencer(config, checkpoint, classes, device=device)
        self.model: Any = self.inferencer.model

    def __call__(self, clouds: Any) -> list[dict[str, Any]]:
        """Classifies clouds.

        Args:
            clouds: Files, arrays ``(N, 3)`` of any N, or what else an inferencer takes, y up.

        Returns:
            For each cloud its ``name``, ``class``, the name of the best class, and
            ``similarities``, the cosine with every class by name, best first. A cloud that cannot
            be read has ``error`` in place of the last two.
        """
        return self.inferencer(clouds)['predictions']
