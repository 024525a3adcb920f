"""Writes a backbone as a .pt2 or .onnx file: ``--help`` says more."""

import sys

from recon_mm.apis.export import main

if __name__ == '__main__':
    sys.exit(main())
