"""Computes a teacher's features of a training set, once: ``--help`` says more."""

import sys

from recon_mm.apis.cache import main

if __name__ == '__main__':
    sys.exit(main())
