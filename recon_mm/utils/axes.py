"""Which axis points up."""

AXES = {  # the rotation that brings an axis to +y: the columns of the result, and their signs
    'x': ((1, 0, 2), (-1, 1, 1)),
    '-x': ((1, 0, 2), (1, -1, 1)),
    'y': ((0, 1, 2), (1, 1, 1)),
    '-y': ((0, 1, 2), (1, -1, -1)),
    'z': ((0, 2, 1), (1, 1, -1)),
    '-z': ((0, 2, 1), (1, -1, 1)),
}


def check_axis(axis: str, name: str) -> None:
    """Raises ValueError, which names the argument, if there is no such axis."""
    if axis not in AXES:
        raise ValueError(f'{name}={axis!r}, expected one of {", ".join(AXES)}')
