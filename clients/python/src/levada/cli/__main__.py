"""`python -m levada.cli` is the command `levada`."""

import sys

from levada.cli import main

sys.exit(main())
