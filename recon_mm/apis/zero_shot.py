"""Zero-shot classification of clouds with custom class names (paper section 5.3)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.config import Config

from recon_mm.engine import keep_sentence_tables

from .clouds import load_cloud
from .models import init_model


class ZeroShotClassifier:
    """Finds which of the given class names fits a cloud best.

    Sentences about each class are encoded once and stored on disk; see ``CLIPTextTeacher``.

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
        self.classes = list(classes)
        self.model: Any = init_model(config, checkpoint, device)
        if getattr(self.model, 'text_teacher', None) is None:
            raise ValueError(
                f'{type(self.model).__name__} has no text teacher: use a zero-shot one'
            )
        keep_sentence_tables(self.model)
        features = self.model.text_teacher.class_features(self.classes)
        self.class_features = F.normalize(features, dim=1)  # (classes, D)

    def __call__(self, clouds: Sequence[str | Path | np.ndarray]) -> list[dict[str, Any]]:
        """Classifies clouds.

        Args:
            clouds: Files (see :func:`load_cloud`), or arrays ``(N, 3)`` of any N, y up.

        Returns:
            For each cloud ``class``, its name, and ``similarities``, the cosine with every class
            by name, best first.
        """
        return [self._classify(cloud) for cloud in clouds]

    @torch.no_grad()
    def _classify(self, cloud: str | Path | np.ndarray) -> dict[str, Any]:
        if not isinstance(cloud, np.ndarray):
            cloud = load_cloud(cloud)
        data = {'inputs': {'points': torch.as_tensor(cloud, dtype=torch.float32)[None]}}
        points = self.model.data_preprocessor(data, training=False)['inputs']['points']
        feature = self.model.zeroshot_feature(self.model(dict(points=points)))
        if feature is None or feature.shape[1] != self.class_features.shape[1]:
            raise ValueError(
                'zero-shot needs an image and a text projection to the features of one CLIP: use '
                'a zero-shot config'
            )
        cosine = (F.normalize(feature, dim=1) @ self.class_features.T)[0]  # (classes,)
        order = cosine.argsort(descending=True).tolist()
        similarities = {self.classes[i]: float(cosine[i]) for i in order}
        return {'class': self.classes[order[0]], 'similarities': similarities}
