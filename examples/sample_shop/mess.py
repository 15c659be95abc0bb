"""How people really type: typos, missing marks, no capitals, SHOUTING, emoji, other languages in between."""

from __future__ import annotations

import random
from dataclasses import dataclass

from examples.sample_shop.phrases import bank

EMOJI = {
    "sad": ("😡", "😤", "🙄", "😞", "👎", "😭", "🤦"),
    "glad": ("😊", "👍", "🙏", "❤️", "😄", "🙂"),
    "": ("🙏", "🤔", "😅", "🙂"),
}


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
    spaces = bank(language)["language"]["spaces"]
    full, gap = (".", " ") if spaces else ("。", "")
    loose = (",", "", " -", "..") if spaces else (",", " ", "~", "...")
    said = [s for s in sentences if s]
    done = []
    for number, sentence in enumerate(said, 1):
        ended = sentence[-1] in "?!.。?!~…:,"
        if casual:
            mark = "" if ended or number == len(said) else chance.choice(loose)
            done.append(_casual(chance, sentence) + mark)
        else:
            first = 1 + sentence.startswith(("¿", "¡"))
            done.append(sentence[:first].upper() + sentence[first:] + ("" if ended else full))
    return gap.join(done)


def _casual(chance: random.Random, sentence: str) -> str:
    plain = sentence.replace("¿", "").replace("¡", "")
    return plain[:1].lower() + plain[1:] if chance.random() < 0.7 else plain


def soil(chance: random.Random, text: str, hand: Hand, *, language: str, mood: str = "") -> str:
    """The text as this hand types it. Words with digits or signs stay: numbers and addresses are copied, not typed."""
    told = bank(language)["language"]
    if hand.slips and "slips" in told:
        right, wrong = chance.choice(told["slips"])
        text = text.replace(right, wrong, 1)
    elif hand.slips:
        text = _slip(chance, text, hand.slips)
    if hand.shouts and mood == "sad":
        text = text.upper() if chance.random() < 0.6 else text + chance.choice(("!!!", "!!", "!!!!", "?!"))
    if chance.random() < hand.foreign:
        text = f"{text} {chance.choice(told['foreign'])}"
    if chance.random() < hand.emoji:
        text = f"{text} {chance.choice(EMOJI[mood]) * chance.choice((1, 1, 2))}"
    return text


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
