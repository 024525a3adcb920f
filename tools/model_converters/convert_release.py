"""Converts checkpoints of the authors' release: ``--help`` says more."""

import sys

from recon_mm.apis.convert import main

if __name__ == '__main__':
    sys.exit(main())
