"""Tests a checkpoint: ``python tools/test.py CONFIG CHECKPOINT``."""

import sys

from recon_mm.apis.test import main

if __name__ == '__main__':
    sys.exit(main())
