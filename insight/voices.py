"""What the phrase lists of models/sentiment.toml say of many texts at once, as numbers, in one compiled pass.

All lists of all languages are one tree of characters. A text is folded as the lists are (NFKC, lower case, plain
apostrophes, single blanks, no accents where the language's list has none), the longest phrase is taken at each place
from left to right, and what is found is read clause by clause: a negator turns a phrase over, an intensifier raises
it, a question takes most of its weight, and what stands before a "but" counts half. What stands within the reach of a
negator also gives features of its own, so that "fits" and "never fits" are two things to whoever learns from them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insight import features, shipped, voice_kernels
from insight.phrases import SPACELESS, fold, spelled_out
from insight.voice_kernels import APART

LISTS = "sentiment.toml"

WEIGHED = (
    *("weak_positive", "positive", "strong_positive"),
    *("weak_negative", "negative", "strong_negative", "facts", "demands", "threats"),
)
CONTEXT = ("negators", "intensifiers", "contrasts", "whys", "neutral", "stops", "questions")
KINDS = (*WEIGHED, *CONTEXT)
LANGUAGES = ("de", "en", "es", "fr", "ja", "pt", "zh")
"""Languages with lists of their own."""

REACH = {"zh": 3, "ja": 4}
"""How many characters may stand between a negator and the phrase it turns over; other languages: `REACH_APART`."""

REACH_APART = 16
SCOPE = {"zh": 5, "ja": 7}
"""How many characters beside a negator give features of their own; other languages: `SCOPE_APART`, whole words."""

SCOPE_APART = 20
CONFIRM = frozenset({"es", "fr", "pt"})
"""Languages in which a second negator confirms the first; in the others it takes it back."""

BEHIND = frozenset({"ja"})
"""Languages whose negators follow the word."""

NUMBERS = (
    *(f"{kind}" for kind in WEIGHED),
    *(f"{kind} negated" for kind in WEIGHED),
    *(f"{kind} asked" for kind in WEIGHED),
    *("negative mass", "positive mass", "last negative", "last positive", "negative after but", "positive after but"),
    *("both", "neither", "questions", "whys", "contrasts", "negators", "intensifiers"),
    *("exclaimed", "shouted", "capitals", "length", "listed"),
    *LANGUAGES,
)
"""What `said` says of a text, in its order. Hits count by their square root, masses too."""

Numbers = npt.NDArray[np.float32]
"""Shape (texts, NUMBERS)."""

_CONTEXTS = ("intensified", "negated_positive", "negated_negative")
_ASKED = ("asked_positive", "asked_negative", "asked_fact")
_CONTEXT_NAMES = (*_CONTEXTS, *_ASKED, "before_but")


@dataclass(frozen=True)
class Said:
    """What the lists say of texts: numbers; and hashed features, those of text i from ends[i] to ends[i + 1]."""

    numbers: Numbers
    ends: features.Places
    hashes: features.Hashes


def said(texts: pa.LargeStringArray, languages: Sequence[str]) -> Said:
    """Read texts with the lists of their languages. A language without lists knows the marks of all: emoji, "?", "!".

    :param texts: as `features.texts_of` gives them, capitals of ASCII texts kept.
    :param languages: ISO 639-1, one for each text.
    """
    lists = _lists()
    codes = np.array([lists.code.get(language, 0) for language in languages], np.int64)
    starts, data = features.buffers(texts)
    numbers = np.zeros((len(texts), len(NUMBERS)), np.float32)
    ends = np.zeros(len(texts) + 1, np.int64)
    hashes = voice_kernels.said(
        (starts, data, codes),
        (lists.keys, lists.nodes, lists.kinds, lists.rests, lists.roots),
        (lists.weights, lists.context, lists.reaches),
        (features.kinds(), features.bases(), _spelling()),
        numbers,
        ends,
    )
    return Said(numbers, ends, hashes)


# ---------------------------------------------------------------- the lists as one tree


@dataclass(frozen=True)
class _Lists:
    """The tree: `keys` and `nodes` are a hash table from (node, character) to node.

    `kinds` and `rests` say what a phrase is that ends at a node, or -1: an exact one, and one with any rest of a word;
    a kind above 100 stands for a phrase that must begin and end where a word does. `code` is 0 for other languages.
    """

    code: dict[str, int]
    keys: npt.NDArray[np.int64]
    nodes: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int16]
    rests: npt.NDArray[np.int16]
    roots: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    context: npt.NDArray[np.float64]
    reaches: npt.NDArray[np.int64]


_BITS = 21
"""A code point fits in so many bits."""


@cache
def _lists() -> _Lists:
    told = shipped.toml(LISTS)
    spoken: tuple[str, ...] = ("", *LANGUAGES)
    tree, kinds, rests = dict[int, int](), [-1], [-1]
    roots = []
    for language in spoken:
        roots.append(len(kinds))
        kinds.append(-1)
        rests.append(-1)
        for phrase, kind in _phrases(told, language):
            _grow(tree, kinds, rests, roots[-1], phrase, kind)
    keys, nodes = _table(tree)
    reaches = [
        (
            *(REACH.get(language, REACH_APART), SCOPE.get(language, SCOPE_APART), language in BEHIND),
            *(bool(told.get(language, {}).get("plain", False)), language not in SPACELESS, language in CONFIRM),
        )
        for language in spoken
    ]
    return _Lists(
        code={language: code for code, language in enumerate(spoken) if language},
        keys=keys,
        nodes=nodes,
        kinds=np.array(kinds, np.int16),
        rests=np.array(rests, np.int16),
        roots=np.array(roots, np.int64),
        weights=np.array([told["weights"][kind] for kind in WEIGHED], np.float64),
        context=np.array([told["context"][name] for name in _CONTEXT_NAMES], np.float64),
        reaches=np.array(reaches, np.int64),
    )


def _phrases(told: dict[str, Any], language: str) -> Iterator[tuple[str, int]]:
    """Each phrase of a language with its kind; words come first, since of a phrase in two lists the first counts."""
    own = told.get(language, {})
    accents, apart = not own.get("plain", False), language not in SPACELESS
    signs = ("stops", "questions")
    for kind, listed in own.items():
        if isinstance(listed, list) and kind not in signs:
            for phrase in spelled_out(listed):
                yield fold(phrase, accents=accents), KINDS.index(kind) + APART * apart
    for kind, listed in told["any"].items():
        for phrase in spelled_out([*listed, *own.get(kind, ())] if kind in signs else listed):
            yield fold(phrase, accents=accents), KINDS.index(kind)


def _grow(tree: dict[int, int], kinds: list[int], rests: list[int], root: int, phrase: str, kind: int) -> None:
    node = root
    for char in phrase.removesuffix("*"):
        key = node << _BITS | ord(char)
        if key not in tree:
            tree[key] = len(kinds)
            kinds.append(-1)
            rests.append(-1)
        node = tree[key]
    ends = rests if phrase.endswith("*") else kinds
    if node != root and ends[node] < 0:
        ends[node] = kind


def _table(tree: dict[int, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The tree as a hash table with linear probing, at most half full; an empty place holds -1."""
    size = 1 << (2 * len(tree)).bit_length()
    keys, nodes = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    voice_kernels.fill(np.fromiter(tree.keys(), np.int64), np.fromiter(tree.values(), np.int64), keys, nodes)
    return keys, nodes


@cache
def _spelling() -> npt.NDArray[np.int32]:
    """For each code point its plain spelling: blanks but the line break are one blank, apostrophes are straight."""
    table = np.arange(0x110000, dtype=np.int32)
    for point in range(0x3001):
        if chr(point).isspace() and point != ord("\n"):
            table[point] = ord(" ")
    table[ord("A") : ord("Z") + 1] += 32
    for mark in "’‘´`ʼ":
        table[ord(unicodedata.normalize("NFKC", mark)[-1])] = table[ord(mark)] = ord("'")
    return table
