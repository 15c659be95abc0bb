"""`python -m examples.sample_shop --out shop`: makes the folder and says what is in it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from examples.sample_shop.make import make


def main() -> None:
    """Read the options and make the folder."""
    parser = argparse.ArgumentParser(prog="python -m examples.sample_shop", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write; files of the same names are replaced")
    parser.add_argument("--conversations", type=int, default=5500, help="how many, at least 150 (default: 5500)")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another shop (default: 7)")
    told = parser.parse_args()
    if told.conversations < 150:
        parser.error(f"--conversations {told.conversations} is too few for what is planted; 150 is the least")
    counts = make(told.out, conversations=told.conversations, seed=told.seed)
    sys.stdout.write(f"{told.out}: " + ", ".join(f"{n:,} {what}" for what, n in counts.items()) + "\n")


if __name__ == "__main__":
    main()
