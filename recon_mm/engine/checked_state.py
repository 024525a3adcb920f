"""Compares what a checkpoint has put into an optimizer or a schedule with what was there before.

Both take whatever a file holds: a learning rate of text would end the run steps later, far from
its cause.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from recon_mm.utils.safe_checkpoint import CheckpointError

Schedules = Iterable[tuple[_ParamScheduler, dict[str, Any]]]


def check_state(what: str, loaded: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Checks that a state has the entries that it had, and numbers where there were numbers.

    Args:
        what: Names the state in messages.
        loaded: After loading.
        before: Of the object as it was built.

    Raises:
        CheckpointError: If an entry is missing, or is not a finite number where one was.
    """
    for key, expected in before.items():
        if key not in loaded:
            raise CheckpointError(f"{what} has no '{key}' in the checkpoint, expected {expected!r}")
        if not _alike(loaded[key], expected):
            raise CheckpointError(
                f'{what} has {key}={loaded[key]!r} in the checkpoint, expected a value like '
                f'{expected!r}: the file is damaged, or of another run'
            )


def _alike(value: Any, expected: Any) -> bool:
    if isinstance(expected, bool) or expected is None:
        return value is None or isinstance(value, bool | int | float)
    if isinstance(expected, int | float):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and math.isfinite(value)
    if isinstance(expected, list | tuple):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(expected)
            and all(map(_alike, value, expected))
        )
    return type(value) is type(expected)


def schedules_before(schedulers: Any) -> Schedules:
    """The schedules of a run (built or not, a list or one by optimizer) with their state."""
    if isinstance(schedulers, Mapping):
        schedulers = [each for several in schedulers.values() for each in several]
    built = [each for each in schedulers or () if isinstance(each, _ParamScheduler)]
    return [(each, dict(vars(each))) for each in built]


def check_schedules(schedules: Schedules, iteration: int) -> None:
    """Checks what a checkpoint has put into the schedules of a run.

    Args:
        schedules: From before (:func:`schedules_before`).
        iteration: Where the run continues.

    Raises:
        CheckpointError: If a state does not fit its schedule, or the checkpoint had none for it:
            the learning rate would begin anew.
    """
    for scheduler, before in schedules:
        name = type(scheduler).__name__
        check_state(f'the schedule {name}', vars(scheduler), before)
        if iteration > 0 and scheduler._global_step == before['_global_step']:
            raise CheckpointError(
                f'the checkpoint has no state of the schedule {name}, which would begin anew at '
                f'iteration {iteration}. To start from its weights alone, use --cfg-options '
                'load_from=CHECKPOINT instead of --resume'
            )
