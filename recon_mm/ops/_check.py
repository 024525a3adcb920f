"""Input checks of all ops; the messages say what was found and what to do."""

from torch import Tensor


def check_points(points: Tensor, name: str) -> None:
    """Checks that a tensor is a batch of clouds.

    Args:
        points: Any tensor.
        name: Its name in the caller's signature, for the message.

    Raises:
        TypeError: If it does not hold floating point numbers.
        ValueError: If its shape is not (B, N, 3).
    """
    if points.ndim != 3 or points.shape[-1] != 3:
        raise ValueError(
            f'{name} has shape {tuple(points.shape)}, expected (B, N, 3): add the batch dimension '
            f'(x[None]) or keep the coordinates only (x[..., :3])'
        )
    if not points.is_floating_point():
        raise TypeError(f'{name} has dtype {points.dtype}, expected a float dtype: call .float()')


def check_same_batch(first: Tensor, second: Tensor, first_name: str, second_name: str) -> None:
    """Checks that two tensors have the same first dimension.

    Raises:
        ValueError: If they differ.
    """
    if first.shape[0] != second.shape[0]:
        raise ValueError(
            f'{first_name} holds {first.shape[0]} clouds and {second_name} {second.shape[0]}: '
            f'give both the same batch size'
        )


def check_count(count: int, available: int, count_name: str, points_name: str) -> None:
    """Checks that ``count`` points can be taken out of ``available``.

    Raises:
        ValueError: If ``count`` is not in 1..available.
    """
    if not 1 <= count <= available:
        raise ValueError(
            f'{count_name}={count}, expected 1 to {available}, the number of points in '
            f'{points_name}: lower {count_name} or give larger clouds'
        )
