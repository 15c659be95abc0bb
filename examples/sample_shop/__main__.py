"""`python -m examples.sample_shop --out shop`: makes the folder and says what is in it."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from examples.sample_shop.make import make

STAMP = ".made"
"""In the folder: what it was made from."""


def main() -> None:
    """Read the options and make the folder."""
    parser = argparse.ArgumentParser(prog="python -m examples.sample_shop", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write; files of the same names are replaced")
    parser.add_argument("--conversations", type=int, default=5500, help="how many, at least 150 (default: 5500)")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another shop (default: 7)")
    told = parser.parse_args()
    if told.conversations < 150:
        parser.error(f"--conversations {told.conversations} is too few for what is planted; 150 is the least")
    stamp, wanted = told.out / STAMP, recipe(told.conversations, told.seed)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        sys.stdout.write(f"{told.out}: the sample shop is there, nothing changed\n")
        return
    counts = make(told.out, conversations=told.conversations, seed=told.seed)
    stamp.write_text(wanted, encoding="utf-8")
    sys.stdout.write(f"{told.out}: " + ", ".join(f"{n:,} {what}" for what, n in counts.items()) + "\n")


def recipe(conversations: int, seed: int) -> str:
    """What a shop is made from: the files of this package and the options. The same recipe makes the same shop."""
    summed = hashlib.sha256(f"{conversations} {seed}".encode())
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.suffix in {".py", ".toml"}:
            summed.update(file.read_bytes())
    return summed.hexdigest()


if __name__ == "__main__":
    main()
