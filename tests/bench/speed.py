"""`make bench`: how fast the static encoder is, beside MiniLM in the same run, and what a million texts cost.

Needs no data: texts of 25 words are drawn from this project's own seeds, in seven languages.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from sentence_transformers import SentenceTransformer

from insight import pooling, shipped
from insight.encoders import minilm, static

LANGUAGES = ("en", "de", "es", "fr", "pt")
REPEATS = 5
MILLION = 1_000_000


def texts(count: int, words: int) -> list[str]:
    """Texts of so many words, each different."""
    known = [word for row in shipped.tsv("seeds.tsv") for language in LANGUAGES for word in row[language].split()]
    drawn = np.random.default_rng(7).integers(0, len(known), (count, words))
    return [" ".join(map(known.__getitem__, row)) for row in drawn.tolist()]


def per_second(encode: Callable[[list[str]], object], said: list[str]) -> float:
    """The median of some repeats, after one to warm up."""
    encode(said[:64])
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        encode(said)
        taken.append(time.perf_counter() - began)
    return len(said) / float(np.median(taken))


def main() -> None:
    """Measure and print."""
    table, many = static.ships(), texts(20_000, 25)
    mine = SentenceTransformer(str(shipped.folder() / "encoder"), device="cpu", trust_remote_code=True)
    theirs = SentenceTransformer(str(minilm.folder()), device="cpu")
    slow = per_second(lambda said: theirs.encode(said, show_progress_bar=False), many[:500])
    through = per_second(lambda said: mine.encode(said, show_progress_bar=False), many)
    ours = per_second(table.vectors, many)
    out = sys.stdout
    out.write(f"texts of 25 words a second, {pooling.threads()} processors\n")
    out.write(f"MiniLM fp32, SentenceTransformer     {slow:>10,.0f}\n")
    out.write(f"static, SentenceTransformer(path)    {through:>10,.0f}  {through / slow:,.0f}×\n")
    out.write(f"static, StaticTable.vectors          {ours:>10,.0f}  {ours / slow:,.0f}×\n")
    held = pa.array(texts(MILLION, 50), pa.large_string())
    began = time.perf_counter()
    vectors = table.vectors(held)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    out.write(f"a million texts of 50 words          {seconds:>10.1f} s, {vectors.nbytes / 2**30:.2f} GB of vectors, ")
    out.write(f"the whole process {peak:.1f} GB at most\n")


if __name__ == "__main__":
    main()
