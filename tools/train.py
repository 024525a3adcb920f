"""Trains a model from a config: ``python tools/train.py configs/recon/pretrain_shapenet.py``."""

import sys

from recon_mm.apis.train import main

if __name__ == '__main__':
    sys.exit(main())
