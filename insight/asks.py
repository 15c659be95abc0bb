"""What a customer's text asks for: "do you have X for Y?", "有没有X".

spaCy blank pipelines cut a text into tokens (Chinese and Japanese into characters), and its matcher finds the frames of
models/demand.toml in them; no trained model is needed. X is what stands in the frame's slot, without leading and
trailing words, sizes and colours, in one spelling for all languages where the things are known. What is no product ("do
you have an update") asks for nothing. A look for hints comes first, so that few texts reach the matcher. Precision
comes before recall: an unusual wording is missed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, product
from typing import Any, NamedTuple

from insight import shipped
from insight.phrases import SPACELESS, Finder, expression, fold

LISTS = "demand.toml"
SLOT = "X"
ANY = "_"
"""In a frame: any one word."""

FITS = re.compile(r"(?:\w[\w'’.+/&-]*|[-&+'’])$")
"""What a thing may be made of: words, numbers, and marks that join them."""

SIDES = "<>"
"""Names of what stands before and behind the slot of a wording."""

_split = re.compile(r"\{([^}]*)\}").split
"""Words, choice, words, choice … words."""

MOST_WORDS = 5
MOST_CHARACTERS = {"zh": 10, "ja": 14}
"""A longer slot is a sentence, not a thing; other languages: `MOST_WORDS`."""


WORDS = frozenset({"hints", "lead", "tail", "ends", "for", "pronouns", "nothing", "plain", "not_after"})
"""The lists of a language that hold plain words."""


class Ask(NamedTuple):
    """What a text asks for, what it should go with (None: not told), and the frame that found it."""

    asked: str
    for_what: str | None
    frame: str


def asks(texts: Sequence[str], language: str) -> Iterator[Ask | None]:
    """What each text asks for, in order; None where it asks for nothing, or its language has no frames."""
    if language not in _languages():
        yield from (None for _ in texts)
        return
    accents = not _told(language)["plain_accents"]
    for text in (fold(text, accents=accents) for text in texts):
        yield _reader(language)(text) if _hint(language).search(text) else None


class Reader:
    """Finds the first ask of a folded text of one language."""

    def __init__(self, language: str) -> None:
        import spacy
        from spacy.matcher import Matcher

        told = _told(language)
        self._spaceless = language in SPACELESS
        gap = "" if self._spaceless else r"(?:\s+|$)"
        before = "" if self._spaceless else r"(?:^|\s+)"
        self._ends, self._accents = told["ends"], not told["plain_accents"]
        self._lead = re.compile(rf"^(?:{expression(told['lead'], apart=False)}{gap})+")
        self._tail = re.compile(rf"(?:{before}{expression(told['tail'], apart=False)})+$")
        self._for = re.compile(rf"\s*{expression(told['for'], apart=True)}\s+")
        self._stop = re.compile(rf"{expression(told['ends'], apart=not self._spaceless)}|[^\w\s'’+/-]")
        self._within = [re.compile(f"^{way}$") for way in told["within"]]
        self._most = MOST_CHARACTERS.get(language)
        self._words = Words(language)
        self._not_after, self._broad = frozenset(told["not_after"]), frozenset(told["broad"])
        self._nlp = spacy.blank("zh" if self._spaceless else language)  # cuts Japanese into characters as well
        self._frames = list(told["frames"])
        self._wordings = [(f, *w.split(SLOT)) for f, name in enumerate(self._frames) for w in told["frames"][name]]
        self._matcher = Matcher(self._nlp.vocab)
        for number, (_, *sides) in enumerate(self._wordings):
            for side, words in zip(SIDES, sides, strict=True):
                if words.strip():
                    self._matcher.add(f"{number}{side}", list(self._ways(words)))

    def __call__(self, text: str) -> Ask | None:
        """The ask of the first frame, in the order of the lists, whose slot holds a thing."""
        doc = self._nlp(text)
        for frame, _, first, last in sorted(self._slots(doc)):
            start, end = doc[first].idx, doc[last].idx + len(doc[last])
            slot, name = text[start:end], self._frames[frame]
            if thing := self._thing(slot, broad=name in self._broad):
                return Ask(thing[0], thing[1] or self._goes_with(text[end:]), name)
        return None

    def _slots(self, doc: Any) -> Iterator[tuple[int, int, int, int]]:
        """Frame, length, first and last token of each slot; of one frame the wording with the most words of its own."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for key, start, end in self._matcher(doc):
            found[self._nlp.vocab.strings[key]].append((start, end))
        fits = [bool(FITS.match(token.lower_)) and token.lower_ not in self._ends for token in doc]
        for number, (frame, *sides) in enumerate(self._wordings):
            left, right = (
                found[f"{number}{side}"] if words.strip() else None for side, words in zip(SIDES, sides, strict=True)
            )
            for begin, first, after in _between(left, right, fits):
                if after > first and not (begin and doc[begin - 1].lower_ in self._not_after):
                    yield frame, after - first, first, after - 1

    def _ways(self, words: str) -> Iterator[list[dict[str, Any]]]:
        """Token patterns of words with choices; a choice between single tokens is one pattern: few are fast."""
        parts = [
            self._choice(part.split(",")) if i % 2 else [self._tokens(part)] for i, part in enumerate(_split(words))
        ]
        yield from (list(chain.from_iterable(way)) for way in product(*parts))

    def _choice(self, options: list[str]) -> list[list[dict[str, Any]]]:
        tokens = [self._tokens(option) for option in options]
        if any(len(way) > 1 for way in tokens) or ANY in "".join(options):
            return tokens
        one_of = {"LOWER": {"IN": [token["LOWER"] for way in tokens for token in way]}}
        return [[one_of if all(tokens) else {**one_of, "OP": "?"}]]

    def _tokens(self, words: str) -> list[dict[str, Any]]:
        bare = ("" if self._spaceless else " ").join(fold(words, accents=self._accents).split())
        return [{"IS_ALPHA": True} if token.text == ANY else {"LOWER": token.lower_} for token in self._nlp(bare)]

    def _thing(self, slot: str, *, broad: bool) -> tuple[str, str | None] | None:
        """The thing in a slot and what it should go with, or None where there is no thing."""
        what, bare = None, self._bare(slot)
        for way in self._within:
            if (match := way.match(bare)) and (thing := self._bare(match["thing"])):
                bare, what = thing, self._product(match["what"])
                what = what if what and self._words.thing(what) else None
                break
        size, most = (len(bare), self._most) if self._most else (len(bare.split()), MOST_WORDS)
        if not bare or size > most or self._words.nothing(bare) or (self._most and self._words.nothing(slot)):
            return None
        if broad and not self._words.thing(bare):
            return None
        asked = self._words.spelling(bare)
        return (asked, what) if len(asked) > 1 else None

    def _bare(self, words: str) -> str:
        return self._tail.sub("", self._lead.sub("", words.strip())).strip()

    def _goes_with(self, rest: str) -> str | None:
        opened = self._for.match(rest)
        what = self._lead.sub("", rest[opened.end() :]) if opened else ""
        return self._product(self._stop.split(what, maxsplit=1)[0])

    def _product(self, words: str) -> str | None:
        return self._words.spelling(self._words.without_pronouns(self._bare(words))) or None


def _between(
    left: list[tuple[int, int]] | None, right: list[tuple[int, int]] | None, fits: list[bool]
) -> Iterator[tuple[int, int, int]]:
    """Where a wording begins, and the half-open range of its slot's tokens, which all fit and are as many as can be.

    :param left: where the words before the slot stand; None where the wording has none.
    :param right: the same for the words behind it.
    """
    if left is None:
        for end, _ in right or ():
            first = next((i + 1 for i in range(end - 1, -1, -1) if not fits[i]), 0)
            yield first, first, end
        return
    for begin, first in left:
        end = next((i for i in range(first, len(fits)) if not fits[i]), len(fits))
        ends = [end] if right is None else [start for start, _ in right if first < start <= end]
        if ends:
            yield begin, first, max(ends)


class Words:
    """What single words mean in one language: no product, a pronoun, a size or colour, one of many spellings."""

    def __init__(self, language: str) -> None:
        told = _told(language)
        self._spaceless = language in SPACELESS
        self._folds_plural = language == "en"
        self._head = 0 if told["head"] == "first" else -1
        self._nothing, self._pronouns = frozenset(told["nothing"]), frozenset(told["pronouns"])
        self._long = tuple(word for word in told["nothing"] if len(word) > 1)
        self._thing = re.compile(told["thing"])
        self._plain = re.compile(expression(told["plain"], apart=not self._spaceless))

    def nothing(self, bare: str) -> bool:
        """Whether what is asked for is no product."""
        if self._spaceless:
            return bare in self._nothing or bare.startswith(self._long) or bare.endswith(self._long)
        words = bare.split() or [""]
        head = words[self._head]
        heads = {head, singular(head), " ".join(words)}
        return bool(heads & self._nothing) or words[0] in self._pronouns or words[-1] in self._pronouns

    def thing(self, bare: str) -> bool:
        """Whether the words look like a thing; asked where a frame is as broad as "有X吗"."""
        return bool(self._thing.search(bare) or in_english(bare, apart=not self._spaceless))

    def without_pronouns(self, bare: str) -> str:
        """The words without those that only point at something ("this camera", "mine")."""
        if self._spaceless:
            return "" if bare in self._pronouns else bare
        return " ".join(word for word in bare.split() if word not in self._pronouns)

    def spelling(self, bare: str) -> str:
        """One spelling: without sizes and colours; in English where all of it is known, else as it stands."""
        kept = " ".join(self._plain.sub(" ", bare).split()) or bare * (not self._plain.fullmatch(bare))
        kept = kept.replace(" ", "") if self._spaceless else kept
        if self._folds_plural:
            kept = " ".join(singular(word) for word in kept.split())
        return in_english(kept, apart=not self._spaceless) or kept


@cache
def _languages() -> frozenset[str]:
    return frozenset(name for name, part in shipped.toml(LISTS).items() if "frames" in part)


@cache
def _told(language: str) -> dict[str, Any]:
    """What the lists tell of a language, folded as its texts are; frames stay as they stand for their slots."""
    told = shipped.toml(LISTS)[language]
    found: dict[str, Any] = {"not_after": [], "broad": [], "within": [], "head": "last", "thing": "", **told}
    accents = not found.setdefault("plain_accents", False)
    folded = {name: [fold(word, accents=accents) for word in listed] for name, listed in found.items() if name in WORDS}
    return {**found, **folded, "thing": fold(found["thing"], accents=accents)}


@cache
def _hint(language: str) -> re.Pattern[str]:
    return re.compile(expression(_told(language)["hints"], apart=language not in SPACELESS))


@cache
def _reader(language: str) -> Reader:
    return Reader(language)


# ---------------------------------------------------------------- one spelling


def singular(word: str) -> str:
    """An English word without its plural: batteries → battery, boxes → box, cases → case, glass → glass."""
    if len(word) < 4 or word.endswith(("ss", "us", "is", "ens")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word.removesuffix("s")


def in_english(words: str, *, apart: bool) -> str:
    """The known English words for a thing, what describes it first; empty where a part of it is not known."""
    find, rank = _terms(apart)
    found = list(find(folded := find.fold(words)))
    rest = list(folded)
    for term in found:
        rest[term.start : term.end] = " " * (term.end - term.start)
    if "".join(rest).strip(" 的の-"):
        return ""
    english = " ".join(sorted((term.kind for term in found), key=rank.__getitem__))
    return " ".join(dict.fromkeys(english.split()))


@cache
def _terms(apart: bool) -> tuple[Finder, dict[str, int]]:
    told = shipped.toml(LISTS)
    names = {**told["modifiers"], **told["things"]}
    find = Finder({name: [name, *ways] for name, ways in names.items()}, apart=apart, accents=not apart)
    last = len(told["modifiers"])  # things keep the order in which they are told: "belt clip"
    return find, {name: min(place, last) for place, name in enumerate(names)}
