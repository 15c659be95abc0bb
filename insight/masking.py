"""Personal data out of text, before anything is stored, embedded, counted or logged; fails closed.

Found by shape: e-mail, phone, payment card (Luhn), IBAN (its length and mod 97), order ids, postal addresses, IP
addresses, the query of a web address, long numbers (parcels, accounts), @handles. They are looked for in a folded copy
(NFKC, invisible characters out), so full-width digits and zero-width spaces hide nothing; what is not personal stays as
it was written. Names of people in greetings and signatures have no shape: no promise is made about them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from insight.errors import SettingsError
from insight.shapes import SHAPES, SUSPECT, Shape, iban_length

WITHHELD = "[WITHHELD]"
"""Stands for a text that could not be masked."""

PLACEHOLDERS = tuple(f"[{name}]" for name in dict.fromkeys(shape.name for shape in SHAPES))
"""What stands for a personal item."""


class Masked(NamedTuple):
    """A text without its personal items, how many there were, and the order ids among them as they were written."""

    text: str
    items: int
    orders: tuple[str, ...]


# ---------------------------------------------------------------- folding


class _Folds(dict[int, str]):
    """Characters as the shapes look for them: NFKC, invisible ones out. Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        mark = chr(code)
        self[code] = "" if unicodedata.category(mark) == "Cf" else unicodedata.normalize("NFKC", mark)
        return self[code]


class _Cleans(dict[int, str]):
    """Characters as they are stored: controls and invisible ones out, but for those that join emoji and scripts."""

    def __missing__(self, code: int) -> str:
        mark = chr(code)
        hidden = unicodedata.category(mark) in ("Cc", "Cf", "Cs") and mark not in "\n\t\u200c\u200d"
        self[code] = "" if hidden else mark
        return self[code]


_FOLDS, _CLEANS = _Folds(), _Cleans()


def _places(text: str) -> list[int]:
    """For each character of the folded text, its place in the text."""
    return [place for place, mark in enumerate(text) for _ in _FOLDS[ord(mark)]]


# ---------------------------------------------------------------- masking


class Masker:
    """Masks texts. `patterns` are the shop's own shapes of order ids, `orders` the ids of its orders."""

    def __init__(self, *, patterns: Sequence[str] = (), orders: Iterable[str] = ()) -> None:
        own = tuple(Shape("ORDER", _own(pattern)) for pattern in patterns)
        self._orders = frozenset(o.lstrip("#").upper() for o in orders if len(o) >= 6)
        known = (Shape("ORDER", _WORD, self._is_order),) if self._orders else ()
        self._shapes = (*own, *known, *SHAPES)

    def mask(self, text: str) -> Masked:
        """The text with a placeholder for each personal item.

        :raises Exception: none that is known; who stores texts withholds one that raises (see `withheld`).
        """
        text = text.translate(_CLEANS)
        folded = text if text.isascii() else text.translate(_FOLDS)
        if not SUSPECT.search(folded):
            return Masked(text, 0, ())
        spans = self._spans(folded)
        if not spans:
            return Masked(text, 0, ())
        orders = tuple(dict.fromkeys(folded[a:b] for a, b, name in spans if name == "ORDER"))
        if folded != text:
            places = [*_places(text), len(text)]
            spans = [(places[a], places[b - 1] + 1, name) for a, b, name in spans]
        return Masked(_replaced(text, spans), len(spans), orders)

    def _spans(self, folded: str) -> list[tuple[int, int, str]]:
        """Half-open places of personal items in the order of the text, none overlapping another."""
        taken, spans = bytearray(len(folded)), []
        for shape in self._shapes:
            group = "it" if "it" in shape.pattern.groupindex else 0
            for match in shape.pattern.finditer(folded):
                start, end = match.span(group)
                found = match[group]
                claimed = taken.find(1, start, end)
                if shape.name == "ADDRESS" and claimed > start:
                    claimed, end = -1, start + len(folded[start:claimed].rstrip())
                if claimed >= 0 or not shape.accept(found):
                    continue
                if shape.name == "IBAN":
                    end = start + iban_length(found)
                taken[start:end] = b"\x01" * (end - start)
                spans.append((start, end, shape.name))
        return sorted(spans)

    def _is_order(self, found: str) -> bool:
        return found.upper() in self._orders


_WORD = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9][A-Za-z0-9_-]{4,48}[A-Za-z0-9](?![A-Za-z0-9_-])")


def _own(pattern: str) -> re.Pattern[str]:
    """A pattern of the settings.

    :raises SettingsError: it is no regular expression, or it may repeat without bound.
    """
    plain = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "", pattern)
    if re.search(r"[*+]|\{\d*,\}", plain):
        raise SettingsError(
            "this pattern may repeat without bound",
            where="privacy.order_ids",
            came=pattern,
            fix="write {0,20} for * and {1,20} for +",
        )
    try:
        return re.compile(pattern)
    except re.error as error:
        raise SettingsError(
            "this is no regular expression", where="privacy.order_ids", came=f"{pattern}: {error}", fix="mend it"
        ) from error


def _replaced(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    parts, last = [], 0
    for start, end, name in spans:
        parts += [text[last:start], f"[{name}]"]
        last = end
    return "".join([*parts, text[last:]])
