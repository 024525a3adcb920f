"""What is installed here, for an issue report: the same as ``recon-mm info``."""

import sys

from recon_mm.apis.collect_env import main

if __name__ == '__main__':
    sys.exit(main())
