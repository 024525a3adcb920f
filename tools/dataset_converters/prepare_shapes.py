"""Prepares shapes for training (``--help`` says more): prepare_shapes.py FOLDER --out OUT."""

import sys

from recon_mm.apis.prepare import main

if __name__ == '__main__':
    sys.exit(main())
