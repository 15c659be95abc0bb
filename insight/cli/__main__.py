"""`python -m insight.cli` is the same as `insight`."""

from insight.cli import main

main()
