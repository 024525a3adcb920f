"""Samples of ReCon++'s data: colored clouds, and rows of features that its queries learn."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from recon_mm.datasets.checks import check_points, in_range
from recon_mm.datasets.errors import DataError
from recon_mm.datasets.readers import read_npy_objects, read_tensor
from recon_mm.registry import TRANSFORMS


def _pick(rows: np.ndarray, count: int) -> np.ndarray:
    """Rows ``(count, D)``: one at random where one is wanted, else with rows of zeros added."""
    if count == 1 and len(rows):
        return rows[[np.random.randint(len(rows))]]  # noqa: NPY002
    if len(rows) > count:
        raise ValueError(f'{len(rows)} rows of features for {count}: set their number to this')
    return np.concatenate([rows, np.zeros((count - len(rows), rows.shape[1]), rows.dtype)])


@contextmanager
def as_openshape_writes(path: Path) -> Iterator[None]:
    """Whatever is not found in the content of a shape's file becomes a DataError that names it."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # the content may be any objects
        raise DataError(
            f"'{path}' is not as OpenShape writes a shape ({type(error).__name__}: {error}), "
            'expected a dictionary of xyz, rgb, image_feat, text, text_feat, blip_caption, '
            'msft_caption and retrieval_text with their features. Copy it again.'
        ) from error


@TRANSFORMS.register_module()
class LoadOpenShape(BaseTransform):
    """Reads a shape of OpenShape: ``points`` float32 ``(N, 6)`` and features of images and texts.

    Adds ``image_features`` ``(image_rows, D)``, the thumbnail (Objaverse) and the views, and
    ``text_features`` ``(text_rows, D)``, drawn anew each time: title, caption, retrieved text.
    What a shape does not have is a row of zeros, which is no target.

    Args:
        image_rows: Rows of image features; with 1 one of them is drawn.
        text_rows: Rows of text features; with 1 one of them is drawn.
        feature_dims: Width D of the features.
        colors: Whether points have their colors.

    Raises:
        DataError: If the file is missing, damaged, names code, or lacks a key; it names the file.
    """

    def __init__(
        self,
        image_rows: int = 13,
        text_rows: int = 3,
        feature_dims: int = 1280,
        colors: bool = True,
    ) -> None:
        self.image_rows, self.text_rows, self.dims = image_rows, text_rows, feature_dims
        self.channels = 6 if colors else 3

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds points and features."""
        path = Path(results['points_path'])
        content = read_npy_objects(path, 'a shape of OpenShape')
        with as_openshape_writes(path):
            results['points'] = colored_points(content, path)[:, : self.channels]
            results['image_features'] = _pick(self._images(content, path), self.image_rows)
            texts = self._texts(content, results.get('dataset'), results.get('flag'))
            results['text_features'] = _pick(self._rows(texts, path), self.text_rows)
        return results

    def _images(self, content: dict, path: Path) -> np.ndarray:
        first = [content['thumbnail_feat']] if 'thumbnail_feat' in content else []
        return self._rows([*first, *content['image_feat']], path)

    def _texts(self, content: dict, dataset: str | None, flag: str | None) -> list[np.ndarray]:
        rows, draw = [], np.random.randint
        if dataset != 'Objaverse' and content['text']:
            rows.append(content['text_feat'][draw(len(content['text']))]['prompt_avg'])
        elif dataset == 'Objaverse' and content['text'] and flag != 'N':
            rows.append(content['text_feat'][0]['prompt_avg'])
        caption = ('blip_caption', 'msft_caption')[draw(2)]
        if content[caption]:
            rows.append(content[f'{caption}_feat']['prompt_avg'])
        if content['retrieval_text']:
            retrieved = content['retrieval_text_feat']
            rows.append(retrieved[draw(len(retrieved))]['original'])
        return rows

    def _rows(self, features: list[Any], path: Path) -> np.ndarray:
        """Features as rows, float32 ``(rows, D)``."""
        rows = [np.asarray(feature, dtype=np.float32).reshape(-1) for feature in features]
        bad = [len(row) for row in rows if len(row) != self.dims or not in_range(row)]
        if bad:
            raise DataError(
                f"'{path}' holds features of {bad} numbers or with NaN, expected {self.dims} "
                'finite ones (OpenCLIP ViT-bigG-14). Set feature_dims, or copy it again.'
            )
        return np.stack(rows) if rows else np.zeros((0, self.dims), np.float32)


def colored_points(content: dict, source: Path | str, scale: float = 1.0) -> np.ndarray:
    """``xyz`` and ``rgb`` of a dictionary as one cloud, float32 ``(N, 6)``, gray where uncolored.

    Args:
        content: The dictionary.
        source: Where it is from, for messages.
        scale: What colors are divided by: 255 where they are bytes.

    Raises:
        DataError: If it is no cloud, or colors are not in 0..1 after this.
    """
    xyz = np.asarray(content['xyz'])
    colors = np.asarray(content.get('rgb', np.full(xyz.shape, 0.4 * scale))) / scale
    if colors.shape != xyz.shape or not (colors.min() >= 0 and colors.max() <= 1):
        raise DataError(
            f"'{source}' holds rgb {colors.shape} in {colors.min():g}..{colors.max():g} for xyz "
            f'{xyz.shape}, expected as many colors, in 0..{scale:g}. Write it again.'
        )
    return check_points(np.concatenate([xyz, colors], axis=-1), source, columns=(6,))


@TRANSFORMS.register_module()
class LoadDepthFeatures(BaseTransform):
    """Reads the features of a shape's ten depth views, as the Hybrid set stores them.

    Adds ``image_features`` ``(image_rows, D)`` and ``text_features`` ``(1, D)``, their mean.

    Args:
        image_rows: 10 for all views, 1 for one at random.
        feature_dims: Width D of the features.

    Raises:
        DataError: If the file is missing, damaged, or holds something else; it names the file.
    """

    def __init__(self, image_rows: int = 10, feature_dims: int = 1280) -> None:
        self.image_rows, self.dims = image_rows, feature_dims

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds the features."""
        path = Path(results['feature_path'])
        rows = read_tensor(path, 'features of depth views')
        if rows.ndim != 2 or rows.shape[1] != self.dims or not in_range(rows):
            raise DataError(
                f"'{path}' holds {rows.shape}, expected finite features (10, {self.dims}). Compute "
                'them again.'
            )
        results['image_features'] = _pick(rows, self.image_rows)
        results['text_features'] = rows.mean(0, keepdims=True)
        return results
