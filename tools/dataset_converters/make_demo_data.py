"""Writes a small, seeded set of parametric objects in the layouts of the real data sets.

python tools/dataset_converters/make_demo_data.py                      # all, to data/demo
python tools/dataset_converters/make_demo_data.py --sets shapenet55 --shapes-per-category 4 2
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Runs the command of the package ``demo``, which is part of a checkout and never installed."""
    if not (ROOT / 'demo').is_dir():
        sys.exit(
            f"make_demo_data: found no '{ROOT / 'demo'}', which only a checkout of the project "
            'has: run the same tool there'
        )
    sys.path.insert(0, str(ROOT))
    from demo.command import main as run

    return run(__doc__)


if __name__ == '__main__':
    sys.exit(main())
