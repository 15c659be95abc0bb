"""Are asks for a product found in texts with known answers, and named right?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from insight import asks
from insight.errors import SourceError
from insight.evaluate import base
from insight.things import names, plain


@dataclass(frozen=True)
class DemandScores:
    """`precision` and `recall` are of texts that ask for a product at all.

    Of asks found rightly, `named` is the share with exactly the true name, and `same_thing` the share whose main word
    is the true one ("case" for "phone case", where the phone is told as what it should go with).
    """

    texts: int
    asks: int
    precision: float
    recall: float
    named: float
    same_thing: float
    texts_per_second: float


def demand_file(
    path: Path, *, language: str, text: str = "text", gold: str = "asked", where: Sequence[str] = ()
) -> DemandScores:
    """Score a Parquet, CSV or TSV file.

    :param language: of all its texts, ISO 639-1.
    :param text: the column of texts, each of them once.
    :param gold: the column of the things asked for, in English; empty where a text asks for none.
    :param where: conditions that a row must hold, each spelled COLUMN=VALUE.
    :raises SourceError: the file cannot be read, has no such column or row, or the language has no frames.
    """
    if language not in asks.languages():
        wanted = ", ".join(sorted(asks.languages()))
        raise SourceError("no frames for this language", where=path.name, came=language, wanted=wanted)
    (texts,) = base.columns(path, [text], where)
    true = dict(zip(*base.columns(path, [text, gold], where), strict=True))
    list(asks.asks(["?"], language))  # the lists are read once, which is not the speed
    started = time.perf_counter()
    found = list(asks.asks(texts, language))
    seconds = time.perf_counter() - started
    pairs = [(named(true[said]), ask.asked) for said, ask in zip(texts, found, strict=True) if ask and said in true]
    asked = sum(said in true for said in texts)
    return DemandScores(
        texts=len(texts),
        asks=asked,
        precision=_share(len(pairs), sum(ask is not None for ask in found)),
        recall=_share(len(pairs), asked),
        named=_share(sum(a == b for a, b in pairs), len(pairs)),
        same_thing=_share(sum(a.split()[-1] == b.split()[-1] for a, b in pairs), len(pairs)),
        texts_per_second=len(texts) / max(seconds, 1e-9),
    )


def named(thing: str) -> str:
    """An English name as the lists spell it."""
    return names("en").name(plain(thing, "en"), variants=True).english


def _share(some: int, of: int) -> float:
    return some / of if of else float("nan")
