"""The phrase banks of phrases/: one TOML file per language, an open set; and how a phrase becomes words.

`[a|b|]` picks one (or nothing), innermost first; `{slot}` is filled: with what the conversation is about, else with a
word of the bank, drawn once per conversation.
"""

from __future__ import annotations

import random
import re
import tomllib
from functools import cache
from typing import Any

from examples.sample_shop.world import HERE, Product

PERSONAL = ("email", "phone", "address", "iban", "card")
"""Slots that hold personal data. They stay `<<slot>>` until typing noise is done, so that they stay right in form."""

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_KEPT = re.compile(r"<<(\w+)>>", re.IGNORECASE)


@cache
def bank(language: str) -> dict[str, Any]:
    """All phrases of a language."""
    return tomllib.loads((HERE / "phrases" / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def languages() -> tuple[str, ...]:
    """Every language that has a file."""
    return tuple(sorted(path.stem for path in (HERE / "phrases").glob("*.toml")))


class Slots(dict[str, str]):
    """What the slots of one conversation hold; a slot that nobody told is drawn from the bank and kept."""

    def __init__(self, chance: random.Random, language: str, product: Product, told: dict[str, str]) -> None:
        super().__init__(told)
        self.chance, self.language, self.product = chance, language, product
        gender, noun = chance.choice(product.nouns[language])
        self["product"] = noun
        words = bank(language)
        self.update({slot: f"{word} {noun}" for slot, word in words.get("articles", {}).get(gender, {}).items()})
        self.update(words.get("endings", {}).get(gender, {}))

    def __missing__(self, slot: str) -> str:
        if slot in PERSONAL:
            return f"<<{slot}>>"
        words = bank(self.language)
        own, family = words["skus"].get(self.product.sku, {}), words["family"][self.product.family]
        self[slot] = fill(self, self.chance.choice(own.get(slot) or family.get(slot) or words["words"][slot]))
        return self[slot]


def fill(slots: Slots, phrase: str) -> str:
    """One phrase with its choices made and its slots filled."""
    while "[" in phrase:
        phrase = _CHOICE.sub(lambda found: slots.chance.choice(found[1].split("|")), phrase)
    while "{" in phrase:
        phrase = _SLOT.sub(lambda found: slots[found[1]], phrase)
    return re.sub(r" +(?=[?,. ])", "", phrase).strip()


def settle(slots: Slots, text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text with its personal data in, and which these are, as (kind, words)."""
    kinds = [kind.lower() for kind in _KEPT.findall(text)]
    done = _KEPT.sub(lambda found: slots[f"own_{found[1].lower()}"], text)
    return done, [(kind, slots[f"own_{kind}"]) for kind in dict.fromkeys(kinds)]
