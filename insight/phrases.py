"""Phrase lists as one compiled pattern: many words and phrases are found in one pass over a text.

A list may use two shorthands: `{a,b}` stands for each of its choices, and a `*` at the end for any rest of the word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

_ACCENTS = re.compile("[̀-ͯ]+")
_SPACE = re.compile(r"[^\S\n]+")
_CHOICE = re.compile(r"\{([^}]*)\}")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'"})

SPACELESS = frozenset({"zh", "ja"})
"""Languages that write no blanks between words."""


class Found(NamedTuple):
    """A phrase in a folded text: the list it is from, and the half-open range of characters where it stands."""

    kind: str
    start: int
    end: int


class Finder:
    """Finds the phrases of several lists in one pass, from left to right, the longest at each place.

    :param lists: phrases by kind; a phrase that two kinds share belongs to the first.
    :param apart: words are written apart (not so in Chinese and Japanese).
    :param accents: False folds accents away, in the phrases and in the texts.
    :param marks: further phrases by kind that may touch words: punctuation, emoji.
    :raises ValueError: a phrase has a `*` before its end.
    """

    def __init__(
        self,
        lists: Mapping[str, Iterable[str]],
        *,
        apart: bool,
        accents: bool = True,
        marks: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self._accents = accents
        words, signs = self._kinds(lists), self._kinds(marks or {})
        ways = [expression(group, apart=a) for group, a in ((words, apart), (signs, False)) if group]
        self._find = re.compile("|".join(ways) or r"(?!)")
        self._kind = {**signs, **words}

    def fold(self, text: str) -> str:
        """The text as it must be to be searched."""
        return fold(text, accents=self._accents)

    def __call__(self, folded: str) -> Iterator[Found]:
        """The phrases of a folded text, in its order."""
        for match in self._find.finditer(folded):
            yield Found(self._kind.get(match[0]) or self._by_stem(match[0]), match.start(), match.end())

    def _kinds(self, lists: Mapping[str, Iterable[str]]) -> dict[str, str]:
        kinds: dict[str, str] = {}
        for kind, listed in lists.items():
            for phrase in spelled_out(listed):
                if "*" in phrase[:-1]:
                    raise ValueError(f"{phrase!r}: a * stands at the end of a phrase, for any rest of its last word")
                kinds.setdefault(self.fold(phrase), kind)
        return kinds

    def _by_stem(self, found: str) -> str:
        """The kind of a word that only a stem such as "frustrat*" explains: the longest one."""
        return next(self._kind[stem] for end in range(len(found), 0, -1) if (stem := found[:end] + "*") in self._kind)


def fold(text: str, *, accents: bool = True) -> str:
    """One spelling for what reads the same: NFKC, lower case, plain apostrophes, single blanks; line breaks stay.

    With `accents=False` "défectueux" and "defectueux" fold to one.
    """
    folded = unicodedata.normalize("NFKC", text).lower().translate(_QUOTES)
    if not accents and not folded.isascii():
        folded = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    return _SPACE.sub(" ", folded)


def spelled_out(phrases: Iterable[str]) -> Iterator[str]:
    """Every phrase that the shorthand `{a,b}` stands for."""
    for phrase in phrases:
        parts = _CHOICE.split(phrase)
        yield from ("".join(choice) for choice in product(*(_choices(i, part) for i, part in enumerate(parts))))


def wording(phrase: str) -> str:
    """A regular expression of one folded phrase with its choices, which are not spelled out: they may be thousands."""
    return "".join(
        expression(_choices(i, part), apart=False) if part else "" for i, part in enumerate(_CHOICE.split(phrase))
    )


def beginnings(phrase: str, *, most: int = 60) -> list[str]:
    """How a folded phrase may begin: as many of its choices spelled out as come to at most so many beginnings.

    They end before the first `*`.
    """
    found = [""]
    for i, part in enumerate(_CHOICE.split(phrase)):
        choices = _choices(i, part)
        if "*" in part or (any(found) and len(found) * len(choices) > most):
            break
        found = [begun + choice for begun in found for choice in choices]
    return list(dict.fromkeys(begun for begun in found if begun))


def expression(phrases: Iterable[str], *, apart: bool) -> str:
    """A regular expression that finds the longest of the folded `phrases` at each place.

    :param apart: words are written apart, so that a phrase must begin and end where a word does; False for Chinese
        and Japanese and for marks such as emoji.
    """
    tree: dict[str, Any] = {}
    for phrase in phrases:
        node = tree
        for char in phrase:
            node = node.setdefault(char, {})
        node[""] = {}
    found = _branches(tree) or "(?!)"
    return rf"(?<!\w){found}(?!\w)" if apart else found


def _choices(place: int, part: str) -> list[str]:
    """`re.split` with one group puts the text between choices at even places, and choices at odd ones."""
    return part.split(",") if place % 2 else [part]


def _branches(node: dict[str, Any]) -> str:
    """The expression of a tree of characters; longer phrases are tried before the shorter ones they begin with."""
    chars = sorted(char for char in node if char)
    if not chars:
        return ""
    ways = [(r"\w*" if char == "*" else re.escape(char)) + _branches(node[char]) for char in chars]
    found = ways[0] if len(ways) == 1 and "" not in node else f"(?:{'|'.join(ways)})"
    return found + "?" if "" in node else found
