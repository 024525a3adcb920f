"""Finding the checkpoint to resume from after an interruption."""

import re
from pathlib import Path

from mmengine.logging import print_log

from recon_mm.utils.safe_checkpoint import CheckpointError, load_from_file

_CHECKPOINT = re.compile(r'(?:epoch|iter)_([0-9]{1,18})\.pth')


def find_resumable_checkpoint(work_dir: str | Path) -> Path | None:
    """The newest complete checkpoint of a run.

    MMEngine trusts the file ``last_checkpoint``, which names a checkpoint but does not say
    whether it survived. Here every ``epoch_*.pth`` and ``iter_*.pth`` is tried, newest first, and
    a damaged one is skipped with a warning.

    Args:
        work_dir: The work directory of the run.

    Returns:
        Its path; ``None`` if the run has written none.
    """
    candidates = [
        (int(match[1]), path)
        for path in Path(work_dir).glob('*.pth')
        if (match := _CHECKPOINT.fullmatch(path.name))
    ]
    for _, path in sorted(candidates, reverse=True):
        try:
            check_resumable(path)
        except (CheckpointError, OSError) as error:
            print_log(f'skipped, trying the one before it: {error}', 'current', 30)
        else:
            return path
    return None


def check_resumable(path: Path) -> None:
    """Checks that a file holds all that a run continues from.

    Raises:
        FileNotFoundError: If there is no such file.
        CheckpointError: If it cannot be read, holds weights only, or is of another structure.
    """
    checkpoint = load_from_file(path)
    missing = {'meta', 'state_dict', 'optimizer', 'message_hub'} - set(checkpoint)
    if missing:
        raise CheckpointError(
            f"'{path}' has no {', '.join(sorted(missing))}, so a run cannot continue from it. To "
            'start from its weights, use --cfg-options load_from=CHECKPOINT instead of --resume'
        )
    match checkpoint:
        case {
            'meta': {'epoch': int(epoch), 'iter': int(iteration)} as meta,
            'state_dict': dict(),
            'optimizer': {'state': dict(), 'param_groups': list()},
            'message_hub': {'log_scalars': dict(), 'runtime_info': dict(), 'resumed_keys': dict()},
        } if 0 <= min(epoch, iteration) <= max(epoch, iteration) < 2**31 and isinstance(
            meta.get('seed', 0), int
        ):
            return
    raise CheckpointError(
        f"'{path}' has another structure than MMEngine writes (epoch and iter in meta; state and "
        'param_groups in optimizer; log_scalars, runtime_info and resumed_keys in message_hub), so '
        'a run cannot continue from it. Use the checkpoint before it'
    )
