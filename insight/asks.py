"""What a customer's text asks for: "do you have X for Y?", "有没有X", "wo bekomme ich X".

One reader for all languages; models/demand.toml tells it the frames, words around a slot, and what is no product. A
frame is a regular expression; X is what stands in its slot, without leading and trailing words, under one name in
English (insight.things). A broad frame ("is there X") asks only for what is listed as a thing. A text that speaks of an
order or a refund asks for nothing. Precision comes before recall: an unusual wording is missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from insight import shipped
from insight.phrases import SPACELESS, beginnings, expression, spelled_out, wording
from insight.things import LISTS, names, plain, stem

SLOT, VARIANT = "X", "V"
"""In a frame: the thing, and the colour, size or material that it should have."""

POINTING = frozenset({"have", "sell", "separately", "variant", "restock", "wish"})
"""Frames whose slot may point at what the sentence before names: "The old lid broke. Do you sell them?"."""

OPTIONAL = ("within", "joins", "own", "begins", "not_after", "broad", "about")
"""Lists that a language may leave out."""

MOST_WORDS = 7
MOST_CHARACTERS = 24
"""A longer slot is a sentence, not a thing; of languages without blanks: `MOST_CHARACTERS`."""

MOST_TEXT = 600
"""Characters that are read: nobody asks for a thing after a page of complaint, and no text may cost more."""

_word = re.compile(r"\s*\S+")
_clauses = re.compile(r"[^,.;:!?¿¡…()\[\]\"“”„«»\n、。，！？；：~]+")


class Ask(NamedTuple):
    """What a text asks for, what it should go with (None: not told), and the frame that found it."""

    asked: str
    for_what: str | None
    frame: str


def asks(texts: Sequence[str], language: str) -> Iterator[Ask | None]:
    """What each text asks for, in order; None where it asks for nothing, or its language has no frames."""
    if language not in languages():
        yield from (None for _ in texts)
        return
    read = _reader(language)
    for text in texts:
        yield read(plain(text[:MOST_TEXT], language))


@cache
def languages() -> frozenset[str]:
    """Languages with frames."""
    return frozenset(name for name, part in shipped.toml(LISTS).items() if isinstance(part, dict) and "frames" in part)


class Frame(NamedTuple):
    """Wordings of one frame that end alike.

    `opens` finds what stands before the slot, `closes` what stands behind it; None where nothing does. After `variant`
    a second slot follows.
    """

    name: str
    broad: bool
    opens: re.Pattern[str] | None
    closes: re.Pattern[str] | None
    variant: bool
    hints: frozenset[str]
    """A text with none of these holds none of the wordings."""


class Earlier:
    """What earlier clauses of a text name, found when it is wanted."""

    def __init__(self, clauses: Sequence[str], find: Callable[[str], str]) -> None:
        self._clauses, self._find = clauses, find
        self._found: dict[int, str] = {}

    def thing(self, number: int) -> str:
        """The first thing of the nearest clause before a clause that names one; empty where none does."""
        for before in range(number - 1, -1, -1):
            if before not in self._found:
                self._found[before] = self._find(self._clauses[before])
            if self._found[before]:
                return self._found[before]
        return ""


class Reader:
    """Finds the first ask of a folded text of one language."""

    def __init__(self, language: str) -> None:
        told = _told(language)
        self._language, self._spaceless = language, language in SPACELESS
        self._start = "" if self._spaceless else r"(?<!\w)"
        self._names = names(language)
        self._head = 0 if told["head"] == "first" else -1
        self._first = told["head"] == "first"
        gap, before = ("", "") if self._spaceless else (r"(?:\s+|$)", r"(?:^|\s+)")
        elided = "" if self._spaceless else r"|[ld]'"
        self._lead = re.compile(rf"^(?:{self._any(told['lead'], apart=False)}{gap}{elided})+")
        self._tail = re.compile(rf"(?:{before}{self._any(told['tail'], apart=False)})+$")
        self._ends = re.compile(self._any(told["ends"] + told["breaks"]))
        self._breaks = re.compile(self._any(told["breaks"]))
        self._for = re.compile(rf"\s*{self._any(told['for'])}\s+")
        self._joins = re.compile(rf",(?= {self._any(told['joins'])})")
        self._about = re.compile(self._any(told["about"]))
        self._own = re.compile(self._any(told["own"]))
        self._not_after = re.compile(rf"{self._any(told['not_after'])}\s*$")
        self._within = [re.compile(f"^{way}$") for way in told["within"]]
        self._looks = re.compile(told["thing"]) if told["thing"] else None
        folded = [plain(word, language) for word in told["nothing"]]
        self._nothing = frozenset(folded) if self._spaceless else frozenset(map(self._stems, folded))
        self._long = tuple(word for word in folded if len(word) > 1)
        self._pronouns = frozenset(plain(word, language) for word in told["pronouns"])
        self._begins = self._pronouns | {plain(word, language) for word in told["begins"]}
        self._frames = [
            frame
            for name, wordings in told["frames"].items()
            for frame in self._compiled(name, wordings, broad=name in told["broad"])
        ]
        hints = {hint for frame in self._frames for hint in frame.hints}
        begins: dict[str, set[int]] = {}
        for n, frame in enumerate(self._frames):
            for hint in frame.hints:
                begins.setdefault(hint, set()).add(n)
        self._may = {
            hint: frozenset().union(*(begins.get(hint[:end], ()) for end in range(1, len(hint) + 1))) for hint in hints
        }
        self._hint = re.compile(f"{self._start}(?=({expression(sorted(hints), apart=False)}))")

    def __call__(self, text: str) -> Ask | None:
        """The ask of the first frame, in the order of the lists, whose slot holds a thing."""
        text, may = self._joins.sub("", text), set[int]()
        for hint in self._hint.findall(text):
            may |= self._may[hint]
        if not may or self._about.search(text):
            return None
        clauses = _clauses.findall(text)
        said = Earlier(clauses, self._first_thing)
        for frame in (self._frames[n] for n in sorted(may)):
            for number, clause in enumerate(clauses):
                if found := self._in_clause(frame, clause, partial(said.thing, number)):
                    return found
        return None

    def _in_clause(self, frame: Frame, clause: str, before: Callable[[], str]) -> Ask | None:
        for told, rest, variant in self._slots(frame, clause, before):
            slot = before() if frame.name in POINTING and self._only_points(told) else told
            found = self._thing(slot, broad=frame.broad) if variant is None else self._of_kind(slot, variant)
            if found:
                return Ask(found[0], found[1] or self._goes_with(rest), frame.name)
        return None

    def _only_points(self, slot: str) -> bool:
        """Whether a slot says nothing but "it", "one" or "them"."""
        return bool(slot.strip()) and all(word in self._pronouns for word in self._lead.sub("", slot.strip()).split())

    def _slots(self, frame: Frame, clause: str, before: Callable[[], str]) -> Iterator[tuple[str, str, str | None]]:
        """What stands in the slot, what follows it, and what stands in a second slot."""
        if frame.opens is None:
            if frame.closes and (close := frame.closes.search(clause)):
                slot = self._behind_break(clause[: close.start()])
                if not self._bare(slot) and not (self._spaceless and clause[close.end() :].strip()):
                    slot = before()
                yield slot, clause[close.start() :], clause[close.end() :] if frame.variant else None
            return
        for opened in frame.opens.finditer(clause):
            if self._not_after.search(clause[: opened.start()]):
                continue
            rest = clause[opened.end() :]
            if frame.closes is None:
                rest = self._behind_other(rest)
                end = self._end(rest)
                yield rest[:end], rest[end:], None
            elif close := frame.closes.search(rest):
                slot = self._behind_other(rest[: close.start()])
                end = self._end(slot)
                yield slot[:end], slot[end:], rest[close.end() :] if frame.variant else None

    def _end(self, rest: str) -> int:
        """Where a slot ends: at the first word that cannot be of it, behind at least one that can."""
        if self._spaceless:
            return len(rest)
        begin = self._lead.match(rest.lstrip())
        skip = len(rest) - len(rest.lstrip()) + (begin.end() if begin else 0)
        word = _word.match(rest, skip)
        if word and word[0].strip() in self._begins:
            skip = word.end()
        end = self._ends.search(rest, skip + self._names.listed(rest[skip:]))
        return end.start() if end else len(rest)

    def _behind_other(self, rest: str) -> str:
        """The slot where what the thing goes with is told first: "für das Zelt eine Plane"."""
        if self._spaceless or not (opened := self._for.match(f" {rest.lstrip()}")):
            return rest
        other = f" {rest.lstrip()}"
        begin = self._lead.match(other, opened.end())
        after = self._breaks.search(other, max(opened.end(), begin.end() if begin else 0) + 1)
        return other[after.start() :] if after else rest

    def _first_thing(self, words: str) -> str:
        """The first part of a sentence that names a listed thing; empty where none does."""
        if self._spaceless:
            return words
        for part in self._ends.split(words):
            if self._names.name(bare := self._bare(part)).known:
                return bare
        return ""

    def _behind_break(self, words: str) -> str:
        """The last part of a sentence, up to the word that says whose the thing is."""
        breaks = [m.end() for m in self._breaks.finditer(words)]
        part = words[breaks[-1] :] if breaks else words
        if not part.strip() and len(breaks) > 1:
            part = words[breaks[-2] :]
        return part[: self._end(part)]

    def _thing(self, slot: str, *, broad: bool) -> tuple[str, str | None] | None:
        """The thing in a slot and what it should go with, or None where there is no thing."""
        if self._own.match(slot.strip()):
            return None
        what, bare, whole = None, self._bare(slot), slot
        for way in self._within:
            if (match := way.match(bare)) and (thing := self._bare(match["thing"])):
                what = self._product(match["what"])
                bare = whole = thing
                break
        size, most = (len(bare), MOST_CHARACTERS) if self._spaceless else (len(bare.split()), MOST_WORDS)
        if not bare or size > most or self._no_product(bare) or (self._spaceless and self._no_product(whole)):
            return None
        name = self._names.name(bare)
        if broad and not name.known and not (self._looks and self._looks.search(bare)):
            return None
        return (name.english, what) if len(name.english) > 1 else None

    def _of_kind(self, slot: str, variant: str) -> tuple[str, str | None] | None:
        """A thing with the colour, size or material that it should have."""
        bare = self._bare(slot)
        if not bare or not self._names.name(bare).known or self._no_product(bare):
            return None
        kind = [term for term in self._names.terms(variant.strip()) if not isinstance(term, str)]
        size = re.search(r"\d+(?: ?(?:cm|mm|m|l|ml|kg|g|x))?\b", variant)
        if not size and not any(term.kind in ("variant", "modifier") for term in kind):
            return None
        gap = "" if self._spaceless else " "
        words = gap.join((variant.strip(), bare) if not self._first else (bare, variant.strip()))
        return self._names.name(words, variants=True).english, None

    def _no_product(self, bare: str) -> bool:
        if self._spaceless:
            return bare in self._nothing or bare.startswith(self._long) or bare.endswith(self._long)
        words = bare.split() or [""]
        heads = {self._stems(words[self._head]), self._stems(bare), self._stems(" ".join(words[-2:]))}
        return bool(heads & self._nothing) or words[0] in self._pronouns or words[-1] in self._pronouns

    def _goes_with(self, rest: str) -> str | None:
        opened = self._for.match(rest)
        what = self._lead.sub("", rest[opened.end() :]) if opened else ""
        return self._product(what[: self._end(what)]) if what else None

    def _product(self, words: str) -> str | None:
        bare = self._bare(words)
        if self._spaceless:
            bare = "" if bare in self._pronouns else bare
        else:
            bare = " ".join(word for word in bare.split() if word not in self._pronouns)
        return self._names.name(bare).english or None if bare else None

    def _bare(self, words: str) -> str:
        return self._tail.sub("", self._lead.sub("", words.strip())).strip(" -'’+/&*・")

    def _stems(self, words: str) -> str:
        return " ".join(stem(word, self._language) for word in words.split())

    def _any(self, phrases: Sequence[str], *, apart: bool | None = None) -> str:
        folded = [plain(phrase, self._language) for phrase in phrases]
        return expression(folded, apart=not self._spaceless if apart is None else apart)

    def _compiled(self, name: str, wordings: Sequence[str], *, broad: bool) -> Iterator[Frame]:
        """The wordings of a frame, those with the same ending as one."""
        opens: dict[tuple[str, bool], list[str]] = {}
        hints: dict[tuple[str, bool], list[str]] = {}
        for told in wordings:
            words = told.replace(" ", "") if self._spaceless else told
            before, _, after = words.partition(SLOT)
            after, second, _ = after.partition(VARIANT)
            before = plain(before, self._language)
            phrases = [phrase.strip() for phrase in spelled_out([plain(after, self._language)])]
            closes = [phrase for phrase in phrases if phrase]
            for ending in ([self._any(closes)] if closes else []) + ([""] if "" in phrases else []):
                opens.setdefault((ending, bool(second)), []).append(before)
                hints.setdefault((ending, bool(second)), []).extend(
                    beginnings(before) if before.strip() else [close.partition("*")[0] for close in closes]
                )
        for (ending, variant), befores in opens.items():
            starts = [wording(before) for before in befores if before.strip()]
            yield Frame(
                name,
                broad,
                re.compile(f"{self._start}(?:{'|'.join(starts)})") if starts else None,
                re.compile(ending) if ending else None,
                variant,
                frozenset(hint.rstrip() for hint in hints[ending, variant]),
            )


@cache
def _told(language: str) -> dict[str, Any]:
    """What the lists tell of a language."""
    told = shipped.toml(LISTS)[language]
    return {"thing": "", **{name: [] for name in OPTIONAL}, **told}


@cache
def _reader(language: str) -> Reader:
    return Reader(language)
