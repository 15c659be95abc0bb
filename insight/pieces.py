"""One text to its pieces: what says something, and what is greeting, thanks, order number, menu, quote or signature.

A text is cut at commas and ends of sentences into atoms; an atom that consists of nothing but phrases of
models/procedural.toml is procedural. Neighbours are then joined again, so that what says something stands alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

from insight import shipped
from insight.phrases import expression, spelled_out

LEAST = 3
"""A sentence of fewer words (two Chinese characters make one) does not stand alone; it joins its neighbour."""

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
    said: list[Piece] = []
    first = None
    for piece in sentences:
        if piece.reason:
            first = None if piece.reason == "turn" else first
            said.append(piece)
        elif first is None or _turns(piece.text) or _weight(said[first].text) + _weight(piece.text) > LONGEST:
            first = len(said)
            said.append(piece)
        else:
            said[first] = Piece(f"{said[first].text} {piece.text}", "")
    return said


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
_ENDS = rf"[.!?…]+[\"'”’)\]]*(?=\s|$|[{_HAN}])|[。！？；;｡]+[”’」』）)]*|\n+"
_COMMAS = rf",(?=[\s{_HAN}])|[，、](?!\d)| [-–—] "
_BREAK = re.compile(rf"((?:{_ENDS}|{_COMMAS})\s*)")
_LINK = re.compile(r"(?:https?://|www\.)\S+|@\w+")
_APART = re.compile(r"(^(?:@\w+[\s,:]*)+|(?:https?://|www\.)\S+)")
_CODE = re.compile(r"(?<![A-Za-z0-9])[#№]?[A-Za-z]*\d[A-Za-z0-9.,:/#-]*|\[[\w ]+\]|<[\w ]+>")
"""An order number, a time, an amount, or what masking put in the place of one."""
_OPEN = (*",，、-–—",)
_MARKS = " .,!?…~，。！？、；;:："
_DASHES = re.compile(r"\n--\s*\n")
_EASTERN = re.compile(rf"[{_HAN}]")
_ASKS = re.compile("[?？]|吗|か[。\n]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _atoms(text: str) -> list[_Atom]:
    """A text as atoms; each is procedural as a whole, or says something."""
    found = []
    for part in _APART.split(text):
        broken = _BREAK.split(part)
        for words, mark in zip(broken[::2], [*broken[1::2], ""], strict=True):
            if (words + mark).strip():
                found.append(_Atom(words + mark, _reason(words, mark), ends=not mark.strip().startswith(_OPEN)))
    return _signed(found)


def _signed(atoms: list[_Atom]) -> list[_Atom]:
    """What stands below the closing line of a letter, and a name in the line above or at the end, is the signature."""
    closing = next((place for place, atom in enumerate(atoms) if atom.reason == "signature"), len(atoms))
    if sum(_weight(atom.text) for atom in atoms[closing + 1 :] if not atom.reason) > SIGNED:
        return atoms
    if closing > 1 and atoms[closing - 2].text.endswith("\n"):
        closing -= _is_name(atoms[closing - 1].text, atoms[closing - 2].reason)
    return atoms[:closing] + [atom._replace(reason="signature") for atom in atoms[closing:]]


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
    if not _ASKS.search(prompt) or _ASKS.search(text) or not 0 < _weight(text) <= SHORT_ANSWER:
        return False
    return _patterns().offer.search(folded(prompt)) is None


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
    if quote := patterns.quoted.search(own):
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
    header: re.Pattern[str]
    quoted: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    lists: dict[str, dict[str, list[str]]] = shipped.toml("procedural.toml")
    of = {name: [folded(p) for listed in lists[name].values() for p in spelled_out(listed)] for name in lists}
    reasons = {phrase: reason for reason in reversed(_REASONS) for phrase in of[reason]}
    phrase, heads = _any(reasons), "|".join(map(re.escape, of["header"]))
    capital = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*"
    called = rf"(?:{capital}|(?i:{_any(of['filler'])}))"
    return _Patterns(
        reasons=reasons,
        alone=frozenset(of["alone"]),
        phrase=re.compile(phrase),
        procedural=re.compile(rf"(?:{phrase}|{_LINK.pattern}|{_CODE.pattern}|[\W_])*+"),
        led={
            "identification": re.compile(rf"\W*{_any(of['named'])}{_NAME}"),
            "signature": re.compile(rf"\W*{_any(of['signature'])}{_NAME}"),
        },
        addressed=re.compile(
            rf"\W*(?i:{_any(of['greeting'])})(?:\s+{called}){{1,4}}\W*"
            rf"|[^\s.。]{{1,15}}\s?[^\s.。]{{0,12}}{_any(of['addressed'])}\W*"
        ),
        name=re.compile(rf"\W*(?:{capital}(?: {capital}){{1,2}}|{_any(of['surname'])}[{_HAN}]{{1,3}})\s*"),
        clause=re.compile(_any(of["clause"])),
        offer=re.compile(_any(of["offer"])),
        turn=re.compile(rf"\W*{_any(of['turn'])}"),
        header=re.compile(rf"\s*(?:(?:{heads})\s*[:：][^\n]*(?:\n\s*|$))+", re.IGNORECASE),
        quoted=re.compile("|".join(p for listed in lists["quoted"].values() for p in listed), re.IGNORECASE),
    )


def _any(phrases: Collection[str]) -> str:
    """One expression for phrases of all languages: those of Chinese and Japanese need no blanks around them."""
    eastern = {phrase for phrase in phrases if _EASTERN.search(phrase)}
    western = set(phrases) - eastern
    parts = (
        expression(some, apart=apart) for apart, some in ((True, sorted(western)), (False, sorted(eastern))) if some
    )
    return f"(?:{'|'.join(parts)})"
