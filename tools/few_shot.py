"""Few-shot classification: ``python tools/few_shot.py CONFIG CHECKPOINT`` (``--help``)."""

import sys

from recon_mm.apis.few_shot import main

if __name__ == '__main__':
    sys.exit(main())
