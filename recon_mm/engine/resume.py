"""Finding the checkpoint to resume from after an interruption."""

import re
from pathlib import Path

from mmengine.logging import print_log

from recon_mm.utils.safe_checkpoint import CheckpointError, load_from_file

_CHECKPOINT = re.compile(r'(?:epoch|iter)_(\d+)\.pth')


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
        problem = _problem(path)
        if problem is None:
            return path
        print_log(f'{path} is damaged ({problem}); trying the one before it', 'current', 30)
    return None


def _problem(path: Path) -> str | None:
    """Why a checkpoint cannot be resumed from; ``None`` if it can."""
    try:
        checkpoint = load_from_file(path)
    except (CheckpointError, OSError) as error:
        return str(error)
    missing = {'meta', 'state_dict', 'optimizer', 'message_hub'} - set(checkpoint)
    return f'it has no {sorted(missing)}' if missing else None
