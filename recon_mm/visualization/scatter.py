"""One cloud in one panel, drawn so that shapes are recognizable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from mpl_toolkits.mplot3d import Axes3D


def scatter_cloud(
    axis: Axes3D,
    points: np.ndarray,
    color: np.ndarray | str | None = None,
    cmap: str | Colormap = 'viridis',
    size: int = 4,
    radius: float = 1.0,
) -> None:
    """Draws a cloud without axes, y up, seen from the front right.

    Args:
        axis: A 3D axis of matplotlib.
        points: ``(N, 3)``, x y z.
        color: A color, one for each point (``(N, 3)`` or ``(N,)`` values for ``cmap``), or
            ``None`` to color by depth.
        cmap: Color map of values.
        size: Marker area in square points.
        radius: Half the side of the shown cube; equal radii keep panels comparable.
    """
    x, y, z = points.T
    if color is None:
        color = z - 0.5 * x
    one_value_each = isinstance(color, np.ndarray) and color.ndim == 1
    colors: dict = {'c': color, 'cmap': cmap} if one_value_each else {'color': color}
    # matplotlib's vertical axis is its third.
    axis.scatter(x, -z, y, s=size, linewidths=0, depthshade=False, **colors)
    axis.set(xlim=(-radius, radius), ylim=(-radius, radius), zlim=(-radius, radius))
    axis.set_box_aspect((1, 1, 1), zoom=1.5)  # pyright: ignore[reportArgumentType] - untyped there
    axis.view_init(elev=22, azim=-60)
    axis.set_axis_off()
