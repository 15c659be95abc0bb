"""What customers ask for and whether the catalogue has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from insight.asks import Ask, asks, languages
from insight.things import Term, names, plain, singular

COMMON = 0.5
"""A word in more than this share of the catalogue's names, and in more than two (a brand), sets no product apart."""


def demand_mentions(mentions: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Rows of demand_mentions: the mentions that ask for a thing.

    `for_what` is the told product, else the product that the mention is about. A product of the catalogue answers when
    its name holds every word of what is asked, and, where it should go with something, a telling word of that or the
    same family; of several the one with the fewest other words in its name.
    """
    shelf = Shelf(catalogue)
    rows = [
        (mention_id, ask, shelf.goes_with(ask.for_what, sku), sku)
        for mention_id, ask, sku in _found(mentions.sort_values("mention_id"))
    ]
    found = pd.DataFrame(
        {
            "mention_id": [mention_id for mention_id, *_ in rows],
            "asked": [ask.asked for _, ask, *_ in rows],
            "for_what": [what for *_, what, _ in rows],
            "frame": [ask.frame for _, ask, *_ in rows],
            "sku": [shelf.answer(ask.asked, ask.for_what, sku) for _, ask, _, sku in rows],
        }
    )
    return found.assign(sold=found["sku"].notna())


def _found(mentions: pd.DataFrame) -> Iterator[tuple[str, Ask, str]]:
    for language, rows in mentions.groupby("language", sort=True):
        read = asks(rows["text"].tolist(), str(language))
        for mention_id, sku, ask in zip(rows["mention_id"], rows["sku"], read, strict=True):
            if ask:
                yield mention_id, ask, sku


class Shelf:
    """The catalogue by the words of its names."""

    def __init__(self, catalogue: pd.DataFrame) -> None:
        rows = catalogue.sort_values("sku")
        self._names: dict[str, str] = dict(zip(rows["sku"], rows["name"], strict=True))
        self._families: dict[str, str] = dict(zip(rows["sku"], rows["family"], strict=True))
        self._words = {sku: frozenset(_name_words(name)) for sku, name in self._names.items()}
        self._common = frozenset(
            word
            for word in set().union(*self._words.values())
            if sum(word in words for words in self._words.values()) > max(2, COMMON * len(self._words))
        )

    def goes_with(self, what: str | None, sku: str) -> str | None:
        """The product that an ask is for: as told, by the catalogue's name where the mention is about that product."""
        name = self._names.get(sku)
        if what is None or (name and self._telling(what) & self._words[sku]):
            return name
        return what

    def answer(self, asked: str, what: str | None, sku: str) -> str | None:
        """The product that answers an ask, if there is one."""
        wanted = frozenset(_name_words(asked)) - self._common
        fits = [
            (len(words), other)
            for other, words in self._words.items()
            if other != sku and wanted and wanted <= words and self._suits(other, what, sku)
        ]
        return min(fits)[1] if fits else None

    def _suits(self, other: str, what: str | None, sku: str) -> bool:
        if what is not None and self._telling(what) & self._words[other]:
            return True
        if sku in self._families:
            return self._families[sku] == self._families[other]
        return what is None

    def _telling(self, name: str) -> frozenset[str]:
        return frozenset(_name_words(name)) - self._common


def _name_words(name: str) -> Iterator[str]:
    """The words of a name, and the known things in it under their one English name."""
    for word in re.findall(r"\w+", plain(name, "en")):
        yield singular(word)
    for term in _read(name):
        yield from term.english.split()


def _read(name: str) -> list[Term]:
    """What a name lists, in the language that knows most of its words; English where several know as much."""
    told = [
        [term for term in names(language).terms(plain(name, language)) if isinstance(term, Term)]
        for language in sorted(languages(), key=lambda language: (language != "en", language))
    ]
    return max(told, key=len)
