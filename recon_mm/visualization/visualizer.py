"""MMEngine's visualizer for clouds: what it is given goes to every backend of the run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dist import master_only
from mmengine.visualization import Visualizer

from recon_mm.datasets.palettes import distinct_colors
from recon_mm.registry import VISUALIZERS
from recon_mm.structures import PointDataSample
from recon_mm.utils.figures import figure_image

from .classes import class_cloud
from .colored_cloud import ColoredCloud, labeled_cloud, plain_cloud
from .parts import part_clouds
from .rows import draw_rows, save_rows


@VISUALIZERS.register_module()
class PointCloudVisualizer(Visualizer):
    """Draws clouds, and sends the pictures to its backends (local files, TensorBoard, WandB...).

    ``dataset_meta`` gives the names: ``classes``, and for parts ``palette``, ``parts`` (labels of
    each category) and ``part_names``; without them labels are shown as numbers.

    Example:
        >>> visualizer = PointCloudVisualizer.get_instance(
        ...     'clouds', vis_backends=[dict(type='LocalVisBackend')], save_dir='pictures'
        ... )
        >>> sample = PointDataSample()
        >>> visualizer.add_datasample('chair', np.random.rand(1024, 3), sample)
    """

    @master_only
    def add_clouds(self, name: str, rows: Sequence[Sequence[ColoredCloud]], step: int = 0) -> None:
        """Sends one picture of rows of clouds to every backend.

        Args:
            name: Of the picture, in the backends.
            rows: As :func:`~recon_mm.visualization.draw_rows` takes them.
            step: At which step or epoch it was made.
        """
        self.add_image(name, figure_image(draw_rows(rows)), step)

    @master_only
    def add_datasample(  # pyright: ignore[reportIncompatibleMethodOverride] - a cloud, no image
        self,
        name: str,
        image: np.ndarray,
        data_sample: PointDataSample | None = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
        show: bool = False,
        wait_time: float = 0,
        step: int = 0,
        out_file: str | Path | None = None,
    ) -> None:
        """Draws a cloud with what its sample says: parts, else the class, else its shape only.

        Args:
            name: Of the picture, in the backends; its title.
            image: The cloud ``(N, 3)``, y up (the name is MMEngine's).
            data_sample: ``pred_part`` and ``gt_part``, or ``pred_label`` and ``gt_label``.
            draw_gt: Whether the ground truth is shown.
            draw_pred: Whether the prediction is shown.
            show: Whether to open a window, too.
            wait_time: For how long, in seconds.
            step: At which step or epoch it was made.
            out_file: Writes this file (``.png``, ``.html``, ``.ply``) in place of the backends'.
        """
        found = data_sample.numpy().to_dict() if data_sample is not None else {}
        hidden = () if draw_gt else ('gt_part', 'gt_label')
        hidden += () if draw_pred else ('pred_part', 'pred_label', 'pred_score')
        row = self.clouds_of(image, {key: found[key] for key in found.keys() - hidden}, name)
        if out_file is not None:
            save_rows([row], out_file)
        else:
            self.add_clouds(name, [row], step)
        if show:
            self.show(figure_image(draw_rows([row])), name, wait_time)

    def clouds_of(
        self, points: np.ndarray, found: dict[str, np.ndarray], title: str = ''
    ) -> list[ColoredCloud]:
        """A cloud in the colors of the fields of its sample.

        Args:
            points: ``(N, 3)``.
            found: The fields, as arrays, of which any may be missing.
            title: The name of the cloud.
        """
        meta: dict[str, Any] = self.dataset_meta or {}
        parts = [found[key] for key in ('pred_part', 'gt_part') if key in found]
        if parts:
            count = 1 + max(int(labels.max()) for labels in parts)
            names = meta.get('part_names') or [f'part {i}' for i in range(count)]
            palette = meta.get('palette') or distinct_colors(max(count, len(names)))
            if 'pred_part' not in found:
                return [labeled_cloud(points, parts[0], names, palette, title)]
            return part_clouds(points, *parts, names=names, palette=palette, title=title)
        if 'pred_label' not in found and 'gt_label' not in found:
            return [plain_cloud(points, title)]
        labels = [_name(found[key], meta) for key in ('pred_label', 'gt_label') if key in found]
        score = found['pred_score'].max() if 'pred_score' in found else None
        return [class_cloud(points, labels[0], score, *labels[1:])]


def _name(label: np.ndarray, meta: dict[str, Any]) -> str:
    """The class name of a label ``(1,)``."""
    classes, index = meta.get('classes') or (), int(label.reshape(-1)[0])
    return classes[index] if index < len(classes) else f'class {index}'
