"""`python -m jobs` runs every job, as `insight run` does."""

import sys

from insight.cli import main

sys.argv[1:1] = ["run"]
main()
