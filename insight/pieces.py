"""One text to its pieces: what says something, and what is greeting, thanks, order number, menu, quote or signature.

A text is cut at commas and ends of sentences into atoms; an atom that consists of nothing but phrases of
models/procedural.toml is procedural. Neighbours are then joined again, so that what says something stands alone, until
the customer turns to something else: by words that say so, by the next point of a list, or by another subject.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from itertools import chain, groupby, pairwise
from typing import Any, NamedTuple

from insight import shipped
from insight.phrases import expression, spelled_out

LEAST = 3
"""A sentence of fewer words (two Chinese characters make one) does not stand alone; it joins its neighbour."""

LEAST_KNOWN = 2
"""So many words stand alone within a sentence where they name a subject of their own."""

LONG = 6
"""Chinese and Japanese chain whole sentences by commas: behind this many words a comma ends a piece."""

SIGNED = 5
"""Below the closing line of a letter so many words are a signature; more are a postscript."""

LONGEST = 60
"""A piece that says something takes no further sentence beyond so many words: a long letter is several pieces."""

SHORT_OPTION = 40
"""A longer answer to a bot is no choice from its menu, even where the bot's words hold it. In characters."""

SHORT_ANSWER = 10
"""So many words that ask nothing, right after a question of the shop, are the answer to it."""


ASKED = "refund"
"""This subject counts in questions only: the wish for one's money back belongs to the complaint it follows."""


class Piece(NamedTuple):
    """A part of a text; `reason` is empty where it says something."""

    text: str
    reason: str


class _Atom(NamedTuple):
    """The least part of a text that is looked at: up to a comma or the end of a sentence."""

    text: str
    reason: str
    ends: bool


def split(text: str, prompt: str = "") -> list[Piece]:
    """The pieces of one text; together they hold all its words.

    :param prompt: what the shop had said right before, so that a choice from a bot's menu, and a short answer to a
        question, are known as such: what was asked for is not what the customer came to say.
    """
    if _is_choice(text, prompt):
        return [Piece(text.strip(), "menu_choice")]
    head, own, tail = _letter(text)
    if _is_answer(own, prompt):
        return [*head, Piece(own.strip(), "answer"), *tail]
    said = [piece for reason, run in groupby(_atoms(own), key=lambda a: a.reason) for piece in _joined(reason, [*run])]
    return [*head, *_together(said), *tail] or [Piece("", "no_words")]


def _together(sentences: Sequence[Piece]) -> list[Piece]:
    """Sentences that say something become one piece, at the place of the first, until the customer turns elsewhere."""
    speaking = [piece.text for piece in sentences if not piece.reason]
    if len(speaking) < 2 and not any(map(_patterns().joint.search, speaking)):
        return list(sentences)
    said: list[Piece] = []
    first, spoken_of = None, frozenset[str]()
    for piece in sentences:
        if piece.reason:
            first = None if piece.reason == "turn" else first
            said.append(piece)
            continue
        for part, subjects in _by_subject(piece.text):
            if (
                first is None
                or _elsewhere(said[first].text, spoken_of, part, subjects)
                or _weight(said[first].text) + _weight(part) > LONGEST
            ):
                first, spoken_of = len(said), subjects
                said.append(Piece(part, ""))
            else:
                said[first] = Piece(f"{said[first].text} {part}", "")
                spoken_of |= subjects
    return said


def _elsewhere(before: str, spoken_of: frozenset[str], clause: str, subjects: frozenset[str]) -> bool:
    """Whether a clause turns to something else: it says so, or it names subjects and none of those spoken of.

    Behind a comma stands a detail more often than another issue: there the subject counts behind an "and" only.
    """
    if _turns(clause):
        return True
    if not spoken_of or not subjects or not subjects.isdisjoint(spoken_of):
        return False
    return not before.rstrip().endswith(_OPEN) or _patterns().linked.match(folded(clause)) is not None


def _by_subject(sentence: str) -> list[tuple[str, frozenset[str]]]:
    """A sentence, cut where a clause of it turns elsewhere; each part with what it speaks of."""
    cuts = [0, *(joint.end() for joint in _patterns().joint.finditer(sentence)), len(sentence)]
    clauses = [sentence[start:end] for start, end in pairwise(cuts)]
    asks = _ASKS.search(sentence) is not None
    begun, behind, ahead = 0, 0.0, sum(map(_weight, clauses))
    parts, spoken_of = [], frozenset[str]()
    for place, clause in enumerate(clauses):
        subjects = _subjects(clause, asks=asks)
        apart = min(behind, ahead) >= LEAST_KNOWN
        if apart and _elsewhere(clauses[place - 1], spoken_of, clause, subjects):
            parts.append((sentence[begun : cuts[place]].strip(), spoken_of))
            begun, behind, spoken_of = cuts[place], 0.0, frozenset()
        weight = _weight(clause)
        behind, ahead, spoken_of = behind + weight, ahead - weight, spoken_of | subjects
    return [*parts, (sentence[begun:].strip(), spoken_of)]


def _subjects(words: str, *, asks: bool) -> frozenset[str]:
    """What the words speak of, as far as models/procedural.toml knows; `asks` where they belong to a question."""
    named = {subject for phrase in _patterns().subject.findall(folded(words)) for subject in _subjects_of(phrase)}
    return frozenset(named if asks else named - {ASKED})


@lru_cache(maxsize=4096)
def _subjects_of(phrase: str) -> frozenset[str]:
    """The subjects of a phrase, or of the longest stem such as "crush*" that it begins with."""
    subjects = _patterns().subjects
    stems = (phrase[:end] + "*" for end in range(len(phrase), 0, -1))
    return next((subjects[way] for way in (phrase, *stems) if way in subjects), frozenset())


def _turns(sentence: str) -> bool:
    """Whether a sentence begins with words that turn to something else."""
    return _patterns().turn.match(folded(sentence)) is not None


def folded(text: str) -> str:
    """The spelling under which equal texts are one: NFKC, case folded, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def text_hash(text: str) -> str:
    """Which text this is, whatever its case and blanks."""
    return sha256(folded(text).encode()).hexdigest()[:16]


# ---------------------------------------------------------------- atoms

_HAN = "぀-ヿ㐀-鿿가-힯"
_ENDS = rf"(?<!^[A-Z])(?<!\n[A-Z])[.!?…]+[\"'”’)\]]*(?=\s|$|[{_HAN}])|[。！？；;｡]+[”’」』）)]*|\n+"
_COMMAS = rf",(?=[\s{_HAN}])|[，、](?!\d)| [-–—] "
_BREAK = re.compile(rf"((?:{_ENDS}|{_COMMAS})\s*)")
_LINK = re.compile(r"(?:https?://|www\.)\S+|@\w+")
_APART = re.compile(r"(^(?:@\w+[\s,:]*)+|(?:https?://|www\.)\S+)")
_CODE = re.compile(r"(?<![A-Za-z0-9])[#№]?(?:[A-Z]{1,4}-|[A-Za-z]*)\d[A-Za-z0-9.,:/#-]*|\[[\w ]+\]|<[\w ]+>")
"""An order number, a time, an amount, or what masking put in the place of one."""
_POINT = re.compile(
    r"(?:(?<=\s)|^)\(?[1-9][)）](?!\d)\s*|(?:(?<=[\n。；;])|^)[1-9](?:[.．](?=\s|[^\W\d_])|[、:：])\s*"
    r"|[①-⑨]\s*|(?:(?<=\n)|^)[ \t]*[-*•·–][ \t]+(?=\w)"
)
"""The number or the dash before a point of a list."""
_NEXT = {str(number): str(number + 1) for number in range(1, 9)}
_OPEN = (*",，、-–—",)
_MARKS = " .,!?…~，。！？、；;:："
_CALLED = re.compile(r"[A-ZÀ-ÖØ-Þ][a-zß-ÿ]+\s*|[一-鿿]{2}\s*")
"""A given name or, in Chinese and Japanese, a family name: below a blank line it signs a letter."""
_DASHES = re.compile(r"\n--\s*\n")
_EASTERN = re.compile(rf"[{_HAN}]")
_ASKS = re.compile("[?？]|吗|か[。\n]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _atoms(text: str) -> list[_Atom]:
    """A text as atoms; each is procedural as a whole, or says something."""
    found = []
    for place, point in enumerate(_points(text)):
        if place % 2:
            found.append(_Atom(point, "turn", ends=True))
            continue
        for part in _APART.split(point):
            broken = _BREAK.split(part)
            for words, mark in zip(broken[::2], [*broken[1::2], ""], strict=True):
                if (words + mark).strip():
                    found.append(_Atom(words + mark, _reason(words, mark), ends=not mark.strip().startswith(_OPEN)))
    return _signed(found)


def _points(text: str) -> list[str]:
    """A text with a list in it, cut at its numbers or dashes: these stand at the odd places."""
    marks = list(_POINT.finditer(text))
    if len(marks) < 2:
        return [text]
    numbers = ["".join(char for char in unicodedata.normalize("NFKC", mark[0]) if char.isalnum()) for mark in marks]
    if any(a and b and b != _NEXT.get(a) for a, b in pairwise(numbers)):
        return [text]
    ends = [end for mark in marks for end in mark.span()]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)])]


def _signed(atoms: list[_Atom]) -> list[_Atom]:
    """What stands below the closing line of a letter, and a name in the line above or at the end, is the signature."""
    closing = next((place for place, atom in enumerate(atoms) if atom.reason == "signature"), len(atoms))
    below = [atom for atom in atoms[closing + 1 :] if not atom.reason]
    if sum(_weight(atom.text) for atom in below) > SIGNED and not _is_address("".join(atom.text for atom in below)):
        return atoms
    if closing > 1 and atoms[closing - 2].text.endswith("\n"):
        closing -= _is_name(atoms[closing - 1].text, atoms[closing - 2].reason) or (
            closing == len(atoms) and atoms[-2].text.endswith("\n\n") and _CALLED.fullmatch(atoms[-1].text) is not None
        )
    return atoms[:closing] + [atom._replace(reason="signature") for atom in atoms[closing:]]


def _is_address(text: str) -> bool:
    """Whether lines are those of a business card: a name, then short lines without the end of a sentence."""
    first, *lines = text.strip().splitlines() or [""]
    short = all(_weight(line) <= SIGNED and not line.rstrip().endswith((*"!?。！？",)) for line in lines)
    return _patterns().name.fullmatch(first) is not None and short


def _is_name(line: str, before: str) -> bool:
    """Whether a line is a name: it looks like one, or it is short and follows thanks or a goodbye."""
    return _patterns().name.fullmatch(line) is not None or (before != "" and _weight(line) <= LEAST)


def _joined(reason: str, atoms: Sequence[_Atom]) -> list[Piece]:
    """A run of atoms as pieces: what is procedural stays together, the rest falls into sentences that stand alone."""
    if reason:
        return [Piece("".join(a.text for a in atoms).strip(), reason)]
    sentences: list[str] = []
    for before, atom in zip([None, *atoms], atoms, strict=False):
        if before is None or (_stands_alone(sentences[-1], before, atom)):
            sentences.append(atom.text)
        else:
            sentences[-1] += atom.text
    return [Piece(s.strip(), "") for s in sentences]


def _stands_alone(sentence: str, before: _Atom, atom: _Atom) -> bool:
    """Whether a new piece begins with `atom`, after the `sentence` that `before` is the end of."""
    weight = _weight(sentence)
    if min(weight, _weight(atom.text)) < LEAST:
        return False
    chained = weight >= LONG and _EASTERN.match(atom.text) is not None
    return before.ends or chained or _patterns().clause.match(folded(atom.text)) is not None


def _weight(text: str) -> float:
    """Words in a text; two Chinese or Japanese characters make one."""
    if text.isascii():
        return len(_WORD.findall(text))
    return len(_EASTERN.findall(text)) / 2 + len(_WORD.findall(_EASTERN.sub(" ", text)))


# ---------------------------------------------------------------- why an atom says nothing

_NAME = r"(?:\W+\w+){0,3}\W*"
"""What follows a phrase that announces or closes with a name."""

_REASONS = (
    "turn",
    "greeting",
    "thanks",
    "acknowledgement",
    "goodbye",
    "identification",
    "menu_choice",
    "signature",
    "notice",
    "filler",
)


def _reason(words: str, mark: str) -> str:
    """Why these words say nothing: the first phrase that is no filler; empty where they do say something.

    :param mark: what follows them, for some words turn to something else with a comma only: "Plus, it …".
    """
    spelled, patterns = folded(words), _patterns()
    if patterns.turn.fullmatch(folded(words + mark)):
        return "turn"
    if spelled.strip(_MARKS) in patterns.alone:
        return "acknowledgement"
    if not patterns.procedural.fullmatch(spelled):
        led = (reason for reason, pattern in patterns.led.items() if pattern.fullmatch(spelled))
        return next(led, "greeting" if patterns.addressed.fullmatch(words) else "")
    met = (patterns.reasons[phrase] for phrase in patterns.phrase.findall(spelled))
    otherwise = "identification" if _CODE.search(spelled) and not _LINK.search(spelled) else "no_words"
    return next((reason for reason in met if reason != "filler"), otherwise)


def _is_choice(text: str, prompt: str) -> bool:
    """Whether a short text repeats an option that a bot had just named."""
    said = folded(text)
    if not prompt or not said or len(said) > SHORT_OPTION:
        return False
    return re.search(rf"(?<!\w){re.escape(said)}(?!\w)", folded(prompt)) is not None


def _is_answer(text: str, prompt: str) -> bool:
    """Whether a short text that asks nothing follows a question, other than the question what the matter is."""
    if not prompt or _ASKS.search(text) or not 0 < _weight(text) <= SHORT_ANSWER or _turns(text):
        return False
    return asks_for_detail(prompt)


def asks_for_detail(prompt: str) -> bool:
    """Whether the shop's words ask for something, other than what the matter is."""
    said, patterns = folded(prompt), _patterns()
    return bool(_ASKS.search(prompt) or patterns.request.search(said)) and patterns.offer.search(said) is None


# ---------------------------------------------------------------- letters


def own_words(text: str) -> str:
    """What of a text its writer put into words: no head of a mail, no quote, nothing below two dashes."""
    return _letter(text)[1]


def _letter(text: str) -> tuple[list[Piece], str, list[Piece]]:
    """The head of a mail, the customer's own words, and what was quoted or stands below two dashes."""
    if "\n" not in text and ":" not in text and "：" not in text:
        return [], text, []
    patterns, tail = _patterns(), []
    head = patterns.header.match(text)
    own = text[head.end() :] if head else text
    introduced = any(mark in own for mark in (":", "：", "--"))
    if introduced and (quote := patterns.quoted.search(own)):
        answer = _below_quote(own[quote.end() :])
        tail.append(Piece(own[quote.start() :].removesuffix(answer).strip(), "quoted"))
        own = f"{own[: quote.start()]}\n{answer}"
    if ">" in own:
        lines = own.splitlines(keepends=True)
        marked = "".join(line for line in lines if line.startswith(">")).strip()
        tail += [Piece(marked, "quoted")] * bool(marked)
        own = "".join(line for line in lines if not line.startswith(">"))
    own, *below = _DASHES.split(own, maxsplit=1)
    tail += [Piece(part.strip(), "signature") for part in below if part.strip()]
    return [Piece(head.group().strip(), "header")] if head else [], own, tail


def _below_quote(later: str) -> str:
    """What the customer wrote below a quote; nothing where the quote is not marked line by line, so has no end."""
    lines = later.splitlines(keepends=True)
    marked = [place for place, line in enumerate(lines, start=1) if line.startswith(">")]
    return "".join(lines[marked[-1] :]) if marked else ""


# ---------------------------------------------------------------- models/procedural.toml, compiled


class _Patterns(NamedTuple):
    """Languages share one pattern: chats mix them, and a short text hides which one it is in."""

    reasons: dict[str, str]
    alone: frozenset[str]
    phrase: re.Pattern[str]
    procedural: re.Pattern[str]
    led: dict[str, re.Pattern[str]]
    addressed: re.Pattern[str]
    name: re.Pattern[str]
    clause: re.Pattern[str]
    turn: re.Pattern[str]
    offer: re.Pattern[str]
    request: re.Pattern[str]
    joint: re.Pattern[str]
    linked: re.Pattern[str]
    subject: re.Pattern[str]
    subjects: dict[str, frozenset[str]]
    header: re.Pattern[str]
    quoted: re.Pattern[str]


_EXPRESSIONS = ("quoted", "forwarded")
"""Lists of regular expressions; the others are of phrases."""


@cache
def _patterns() -> _Patterns:
    lists: dict[str, Any] = shipped.toml("procedural.toml")
    subjects: dict[str, frozenset[str]] = {}
    for subject, listed in lists["subject"].items():
        for phrase in map(folded, spelled_out(chain.from_iterable(listed.values()))):
            subjects[phrase] = subjects.get(phrase, frozenset()) | {subject}
    of = {
        name: [folded(p) for listed in lists[name].values() for p in spelled_out(listed)]
        for name in lists
        if name not in (*_EXPRESSIONS, "subject")
    }
    reasons = {phrase: reason for reason in reversed(_REASONS) for phrase in of[reason]}
    phrase, heads = _any(reasons), "|".join(map(re.escape, of["header"]))
    rest = r"\s*(?:\n\s*|$)"
    line = rf"(?:{heads})\s*[:：][^\n]*(?:\n\s*|$)|{_any(of['notice'])}\s*[:：.。!]?{rest}"
    forwarded = "|".join(lists["forwarded"].values())
    capital = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*"
    called = rf"(?:{capital}|(?i:{_any(of['filler'])}))"
    return _Patterns(
        reasons=reasons,
        alone=frozenset(of["alone"]),
        phrase=re.compile(phrase),
        procedural=re.compile(rf"(?:{phrase}|{_LINK.pattern}|{_CODE.pattern}|[\W_])*+"),
        led={
            "identification": re.compile(rf"\W*{_any(of['named'])}{_NAME}"),
            "thanks": re.compile(rf"\W*(?:{_any(of['acknowledgement'])}\s+)?{_any(of['thanks'])}\s+[^\W\d_]+[^\w?]*"),
            "signature": re.compile(rf"\W*{_any(of['signature'])}{_NAME}"),
        },
        addressed=re.compile(
            rf"\W*(?i:{_any(of['greeting'])})(?:\s+{called}){{1,4}}\W*"
            rf"|[^\s.。]{{1,15}}\s?[^\s.。]{{0,12}}{_any(of['addressed'])}\W*"
        ),
        name=re.compile(rf"\W*(?:{capital}(?: {capital}){{1,2}}|{_any(of['surname'])}[{_HAN}]{{1,3}})\s*"),
        clause=re.compile(_any(of["clause"])),
        offer=re.compile(_any(of["offer"])),
        request=re.compile(_any(of["request"])),
        joint=re.compile(
            rf"(?:,(?=\s)|[，、；;。！？]|[.!?](?=\s))\s*(?=\S)|\s+(?={_any(_western(of['link']))}\s)"
            rf"|(?={_any(set(of['link']) - _western(of['link']))})|(?<=[{_HAN}])\s+(?=[{_HAN}])",
            re.IGNORECASE,
        ),
        linked=re.compile(rf"\W*{_any(of['link'])}"),
        subject=re.compile(_any(subjects)),
        subjects=subjects,
        turn=re.compile(rf"\W*(?:{_any(of['link'])}\W*)?{_any(of['turn'])}"),
        header=re.compile(
            rf"\s*(?:(?:{forwarded})\s*)?(?:{line})(?:{line}|[^\n:：]{{1,30}}[:：]?\s*(?:{_CODE.pattern}){rest})*"
            rf"(?:{_any(of['label'])}\s*[:：]\s*)?",
            re.IGNORECASE,
        ),
        quoted=re.compile("|".join(p for listed in lists["quoted"].values() for p in listed), re.IGNORECASE),
    )


def _any(phrases: Collection[str]) -> str:
    """One expression for phrases of all languages: those of Chinese and Japanese need no blanks around them.

    The first characters of all phrases stand in front, since one look at them rules out most places of a text.
    """
    western = _western(phrases)
    parts = (
        rf"(?=[{re.escape(''.join(sorted({phrase[0] for phrase in some})))}]){expression(sorted(some), apart=apart)}"
        for apart, some in ((True, western), (False, set(phrases) - western))
        if some
    )
    return f"(?:{'|'.join(parts)})"


def _western(phrases: Collection[str]) -> set[str]:
    """The phrases of languages that write blanks between words."""
    return {phrase for phrase in phrases if not _EASTERN.search(phrase)}
