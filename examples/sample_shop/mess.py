"""How people really type: typos, missing marks, no capitals, SHOUTING, emoji, other languages in between."""

from __future__ import annotations

import random
from dataclasses import dataclass

SLIPS = {
    "zh": (("的", "得"), ("在", "再"), ("什么", "什麽"), ("怎么", "怎麽"), ("已经", "己经"), ("尺码", "尺寸码"), ("没有", "木有"), ("吗", "嘛")),
    "ja": (("です", "でs"), ("ください", "くだい"), ("という", "とゆう"), ("ありがとう", "ありがと"), ("届い", "とどい"), ("きつい", "キツい")),
}  # fmt: skip
"""What is mistyped where words are not made of letters."""

FOREIGN = {
    "en": ("pls", "asap", "btw", "thx in advance", "fyi"),
    "zh": ("please help", "asap", "thanks", "hello?", "SOS"),
    "de": ("please asap", "sorry", "thx", "bitte help", "ok?"),
    "es": ("please", "ok?", "sorry", "thanks", "help please"),
    "ja": ("help", "please", "ASAP", "sorry", "OK?"),
}
SAD, GLAD = ("😡", "😤", "🙄", "😞", "👎", "😭", "🤦"), ("😊", "👍", "🙏", "❤️", "😄", "🙂")


@dataclass(frozen=True)
class Hand:
    """How one customer types."""

    slips: float
    casual: bool
    shouts: bool
    emoji: float
    foreign: float


def hand(chance: random.Random, *, angry: bool, mail: bool) -> Hand:
    """Some hand: in mails people take more care."""
    return Hand(
        slips=chance.choice((0.0, 0.0, 0.015, 0.05)) * (0.5 if mail else 1.0),
        casual=chance.random() < (0.12 if mail else 0.42),
        shouts=angry and chance.random() < 0.14,
        emoji=(0.03 if mail else 0.12) + (0.1 if angry else 0.0),
        foreign=0.035,
    )


def join(chance: random.Random, sentences: list[str], *, language: str, casual: bool) -> str:
    """Sentences as one text: marked and capital, or as people type in a chat."""
    east = language in ("zh", "ja")
    full, gap = ("。", "") if east else (".", " ")
    loose = (",", " ", "、" if language == "ja" else "~", "...") if east else (",", "", " -", "..")
    done = []
    for number, sentence in enumerate(s for s in sentences if s):
        last = number == len(sentences) - 1
        ended = sentence[-1] in "?!.。?!~…:,"
        mark = "" if ended else full
        if casual:
            sentence = sentence[:1].lower() + sentence[1:] if chance.random() < 0.7 else sentence
            sentence = sentence.replace("¿", "").replace("¡", "")
            mark = "" if ended or last else chance.choice(loose)
        else:
            sentence = sentence[:1].upper() + sentence[1:]
        done.append(sentence + mark)
    return gap.join(done)


def soil(chance: random.Random, text: str, hand: Hand, *, language: str, angry: bool) -> str:
    """The text as this hand types it. Words with digits or signs stay: numbers and addresses are copied, not typed."""
    if hand.slips:
        text = _swap(chance, text, language) if language in SLIPS else _slip(chance, text, hand.slips)
    if hand.shouts:
        text = text.upper() if chance.random() < 0.6 else text + chance.choice(("!!!", "!!", "!!!!", "?!"))
    if chance.random() < hand.foreign:
        text = f"{text} {chance.choice(FOREIGN[language])}"
    if chance.random() < hand.emoji:
        text = f"{text} {chance.choice(SAD if angry else GLAD) * chance.choice((1, 1, 2))}"
    return text


def _swap(chance: random.Random, text: str, language: str) -> str:
    wrong = chance.choice(SLIPS[language])
    return text.replace(*wrong, 1)


def _slip(chance: random.Random, text: str, rate: float) -> str:
    words = text.split(" ")
    return " ".join(_mistyped(chance, w) if len(w) > 3 and w.isalpha() and chance.random() < rate else w for w in words)


def _mistyped(chance: random.Random, word: str) -> str:
    at = chance.randrange(1, len(word) - 1)
    shapes = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return chance.choice(shapes)
