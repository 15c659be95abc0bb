"""What a customer who writes again says: that it is settled, what the shop had asked for, or that it was told before.

The words are lists in seven languages (models/threads.toml); what asks for a detail is told by pieces.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from insight import shipped
from insight.phrases import SPACELESS, Finder
from insight.pieces import asks_for_detail

FILE = "threads.toml"
KINDS = ("settled", "thanks", "open", "brings", "again")

Flags = npt.NDArray[np.bool_]

MOST = 600
"""Characters that are read: what matters stands at the beginning."""

PRAISE = "service.praise"
"""The topic of mentions that only praise: with thanks beside them they are thanks."""

BROUGHT = ("[IMAGE]", "[PHOTO]", "[VIDEO]", "[ADDRESS]", "[PHONE]", "[EMAIL]", "[图片]", "[IBAN]")
"""What stands for a picture, or for what masking took out."""


class Words(NamedTuple):
    """What a text says; `open` also where it asks, or says that the customer wrote before."""

    settled: bool
    thanks: bool
    open: bool
    brings: bool
    again: bool


def words(text: str, language: str) -> Words:
    """What a text says; of a language without lists nothing but what stands for a picture or an address is known."""
    find, text = _finder(language), text[:MOST]
    folded = find.fold(text)
    found = {phrase.kind for phrase in find(folded)}
    return Words(
        "settled" in found,
        "thanks" in found,
        bool(found & {"open", "again"}) or "?" in folded,
        "brings" in found or any(mark in text for mark in BROUGHT),
        "again" in found,
    )


def heard(texts: Sequence[str], languages: Sequence[str]) -> dict[str, Flags]:
    """The same for many texts, by field; equal texts are read once."""
    pairs = list(zip(texts, languages, strict=True))
    known = {pair: words(*pair) for pair in dict.fromkeys(pairs)}
    read = np.array([known[pair] for pair in pairs], dtype=np.bool_).reshape(-1, len(Words._fields))
    return dict(zip(Words._fields, read.T, strict=True))


def asked(texts: Sequence[str | None]) -> list[bool]:
    """Whether each message of the shop asked for a detail; None is no message."""
    known = {text: text is not None and asks_for_detail(text) for text in set(texts)}
    return [known[text] for text in texts]


@cache
def _finder(language: str) -> Finder:
    """One language's lists; what is settled is taken first, so that "geht wieder" leaves nothing open."""
    told = shipped.toml(FILE).get(language, {})
    return Finder({kind: told.get(kind, ()) for kind in KINDS}, apart=language not in SPACELESS)
