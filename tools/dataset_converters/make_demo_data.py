"""Writes demo data, for which nothing needs to be downloaded (``--help`` says more)."""

import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command of the package ``demo``, which is part of a checkout and never installed."""
    if not (ROOT / 'demo').is_dir():
        sys.exit(
            f"make_demo_data: found no '{ROOT / 'demo'}', which only a checkout of the project "
            'has: run the same tool there'
        )
    sys.path.insert(0, str(ROOT))
    from demo.command import main as run

    return run(argv, prog)


if __name__ == '__main__':
    sys.exit(main())
