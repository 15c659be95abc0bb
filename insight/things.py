"""One name for one thing, in whatever language, number, spelling or word order a customer writes it.

The lists of models/demand.toml say what things are called in seven languages. A name is in English: what describes the
thing first, the thing last. A word that is not listed is looked for once more without its plural, in the parts of a
compound, and one letter away; in English it may then stay as it stands, elsewhere it is left out of the name where the
thing itself is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, Literal, NamedTuple

from insight import shipped
from insight.phrases import SPACELESS, fold

LISTS = "demand.toml"

Kind = Literal["thing", "modifier", "variant", "plain"]
KINDS: Mapping[Kind, str] = {"thing": "things", "modifier": "modifiers", "variant": "variants"}

LONGEST = 5
"""Words, or half the characters without blanks, of the longest listed name."""

FUZZY = 6
"""A word must have so many letters before one may differ: among shorter ones another word is too near."""

PART = 5
"""Letters of the shortest thing that may end a German compound behind an unlisted part: no "uhr" in "gebühr"."""

BORROWED = 4
"""Letters of the shortest English word that customers of other languages are taken to use."""

PLURALS = {
    "de": re.compile(r"(?<=\w{3})(?:ern|er|en|es|e|n|s)$"),
    "fr": re.compile(r"(?<=\w{3})(?:es|e|s|x)$"),
    "es": re.compile(r"(?<=\w{3})(?:es|s)$"),
    "pt": re.compile(r"(?<=\w{3})(?:es|s)$"),
}
"""Endings that are cut off listed words and customers' words alike; what is left need not be a word."""

_MARKS = str.maketrans({"-": " ", "‐": " ", "‑": " ", "–": " ", "ß": "ss", "œ": "oe"})


class Term(NamedTuple):
    """A listed meaning that stands in a name."""

    english: str
    kind: Kind
    describes: str = ""
    """What it says of another thing, where it may do that too: "impermeable" is a raincoat and waterproof."""


class Name(NamedTuple):
    """What a customer's words name."""

    english: str
    known: bool
    """A listed thing is among them."""


def plain(text: str, language: str) -> str:
    """The text as all lists are compared with it: lower case, no accents and hyphens where words are written apart."""
    if language in SPACELESS:
        return fold(text)
    return " ".join(fold(text, accents=False).translate(_MARKS).split(" "))


def stem(word: str, language: str) -> str:
    """A folded word without its plural ending."""
    if language == "en":
        return singular(word)
    cut = PLURALS.get(language)
    return cut.sub("", word) if cut else word


def singular(word: str) -> str:
    """An English word without its plural: batteries → battery, boxes → box, cases → case, glass → glass."""
    if len(word) < 4 or word.endswith(("ss", "us", "is", "ens")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word.removesuffix("s")


class Names:
    """The listed names of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._spaceless = language in SPACELESS
        self._terms = _terms(language)
        self._rank = _ranks()
        self._last = _told(language)["head"] == "last"
        self._near = {} if self._spaceless else _shorter(self._terms)
        self._remembered: dict[tuple[str, bool], Name] = {}

    def name(self, words: str, *, variants: bool = False) -> Name:
        """The one name for folded words.

        :param variants: colours and sizes belong to the name.
        """
        key = (words, variants)
        if key not in self._remembered:
            if len(self._remembered) > MOST:
                self._remembered.clear()
            self._remembered[key] = self._name(words, variants=variants)
        return self._remembered[key]

    def terms(self, words: str) -> list[Term | str]:
        """The words in their order: listed meanings, and what is not listed as it stands."""
        return list(self._spaceless_terms(words) if self._spaceless else self._terms_apart(words))

    def listed(self, words: str) -> int:
        """How many characters the longest listed name takes with which the words begin; words are written apart."""
        said = re.findall(r"\s*\S+", words)[:LONGEST]
        stems = [stem(word.strip(), self.language) for word in said]
        size = next((n for n in range(len(said), 1, -1) if " ".join(stems[:n]) in self._terms), 0)
        return len("".join(said[:size]))

    def _name(self, words: str, *, variants: bool) -> Name:
        found = self.terms(words)
        kinds: dict[str, list[str]] = {"thing": [], "modifier": [], "variant": [], "plain": []}
        terms = [term for term in found if isinstance(term, Term)]
        sure = [term for term in terms if term.kind == "thing" and not term.describes]
        unsure = [term for term in terms if term.describes]
        main = (sure or unsure)[-1 if self._last else 0 :][:1]
        for term in terms:
            if term.describes and term not in main:
                kinds["modifier"].append(term.describes)
            else:
                kinds[term.kind].append(term.english)
        things = kinds["thing"]
        said = kinds["variant"] if variants else []
        if self.language == "en":
            kept = [
                t if isinstance(t, str) else t.english
                for t in found
                if isinstance(t, str) or t.kind in ("thing", "modifier")
            ]
            return Name(_once(said + kept), bool(things))
        if not things:
            rest = [t if isinstance(t, str) else t.english for t in found if isinstance(t, str) or t.kind == "modifier"]
            unlisted = any(isinstance(t, str) for t in found)
            gap = "" if self._spaceless else " "
            return Name(gap.join(rest) if unlisted and not said else _once(said + rest), False)
        head = things[-1] if self._last else things[0]
        before = [t for t in things if t != head]
        told = sorted(kinds["modifier"], key=self._rank.__getitem__)
        return Name(_once([*said, *told, *before, head]), True)

    def _terms_apart(self, words: str) -> Iterator[Term | str]:
        said = words.split()
        stems = [stem(word, self.language) for word in said]
        at = 0
        while at < len(said):
            for size in range(min(LONGEST, len(said) - at), 0, -1):
                if term := self._terms.get(" ".join(stems[at : at + size])):
                    yield term
                    break
            else:
                size = 1
                yield from self._unlisted(said[at], stems[at])
            at += size

    def _unlisted(self, word: str, bare: str) -> Iterator[Term | str]:
        """A word that is not listed: a compound of listed ones, a listed one with a wrong letter, or itself."""
        if self.language == "de" and (parts := self._compound(bare)):
            yield from parts
        elif near := self._one_letter_away(bare):
            yield near
        else:
            yield bare if self.language == "en" else word

    def _compound(self, bare: str) -> list[Term]:
        """A German compound: its end must be a thing; what stands before it is told where it is listed."""
        for cut in range(3, len(bare) - 2):
            end = self._terms.get(bare[cut:])
            if end and end.kind == "thing":
                before, bound = bare[:cut], bare[:cut].removesuffix("s")
                ways = (before, bound, stem(before, "de"), stem(bound, "de"))
                first = next((self._terms[way] for way in ways if way in self._terms), None)
                if first or len(bare) - cut >= PART:
                    return [first, end] if first else [end]
        return []

    def _one_letter_away(self, bare: str) -> Term | None:
        """The one listed word that differs by a letter: one too many, too few, another, or two that changed places."""
        if len(bare) < FUZZY or not bare.isalpha():
            return None
        ways = {bare, *(bare[:i] + bare[i + 1 :] for i in range(len(bare)))}
        found = {whole for way in ways for whole in self._near.get(way, ()) if _near(bare, whole)}
        meant = {self._terms[whole] for whole in found}
        return meant.pop() if len(meant) == 1 else None

    def _spaceless_terms(self, words: str) -> Iterator[Term | str]:
        at, since = 0, 0
        while at < len(words):
            for size in range(min(2 * LONGEST, len(words) - at), 0, -1):
                if term := self._terms.get(words[at : at + size]):
                    if rest := words[since:at].strip(_GLUE):
                        yield rest
                    yield term
                    at += size
                    since = at
                    break
            else:
                at += 1
        if rest := words[since:].strip(_GLUE):
            yield rest


MOST = 100_000
"""Names that are remembered; then it begins anew."""

_GLUE = " 的の用な-・"


@cache
def names(language: str) -> Names:
    """The names of a language; they are read once."""
    return Names(language)


def _once(parts: Sequence[str]) -> str:
    """Each word once, at its last place: "watch watch strap" is a "watch strap"."""
    words = " ".join(parts).split()
    return " ".join(word for i, word in enumerate(words) if word not in words[i + 1 :])


@cache
def _told(language: str) -> dict[str, Any]:
    told: dict[str, Any] = shipped.toml(LISTS)[language]
    return told


@cache
def _terms(language: str) -> dict[str, Term]:
    """Meanings by the stems of their words. The first to tell a word holds: the language's own lists, then English."""
    found: dict[str, Term] = {}
    for word, term in chain(_listed(language, language), _plain(language), _listed("en", language)):
        key = _key(word, language)
        before = found.setdefault(key, term)
        if (
            before.kind == "thing"
            and term.kind == "modifier"
            and term.english not in (before.english, before.describes)
        ):
            found[key] = before._replace(describes=before.describes or term.english)
    return found


def _listed(told_in: str, language: str) -> Iterator[tuple[str, Term]]:
    """The words of one language with their meanings; of English in another one those that are no short ones of it."""
    lists = shipped.toml(LISTS)
    for kind, table in KINDS.items():
        for line in lists[table]:
            term = Term(line["en"][0], kind)
            yield from ((word, term) for word in line.get(told_in, ()) if told_in == language or len(word) >= BORROWED)
    if told_in == language == "en":
        yield from ((word, Term(word, "thing")) for word in _told("en")["things"])


def _plain(language: str) -> Iterator[tuple[str, Term]]:
    yield from ((word, Term("", "plain")) for word in _told(language)["plain"])


@cache
def _ranks() -> dict[str, int]:
    return {line["en"][0]: rank for rank, line in enumerate(shipped.toml(LISTS)["modifiers"])}


def _key(word: str, language: str) -> str:
    folded = plain(word, language)
    return folded if language in SPACELESS else " ".join(stem(part, language) for part in folded.split())


def _shorter(terms: Mapping[str, Term]) -> dict[str, tuple[str, ...]]:
    """Long single words by themselves and by what is left without one of their letters.

    Source: W. Garbe (2012), the symmetric delete method of SymSpell.
    """
    found: dict[str, set[str]] = {}
    for word, term in terms.items():
        if len(word) >= FUZZY and word.isalpha() and term.kind != "plain":
            for way in (word, *(word[:i] + word[i + 1 :] for i in range(len(word)))):
                found.setdefault(way, set()).add(word)
    return {way: tuple(sorted(words)) for way, words in found.items()}


def _near(a: str, b: str) -> bool:
    """Whether one edit makes one word of the other; the first and the last letter stay."""
    if a[0] != b[0] or a[-1] != b[-1] or abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    i = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return a[i:] == b[i + 1 :]
    return a[i + 1 :] == b[i + 1 :] or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])
