"""Zero-shot classification: ``python tools/zero_shot.py CONFIG CHECKPOINT --classes ...``."""

import sys

from recon_mm.apis.infer import zeroshot as main

if __name__ == '__main__':
    sys.exit(main())
