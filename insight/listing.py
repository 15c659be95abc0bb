"""What a listing promises and what customers say is different: attributes, their values, and sentences that hold them.

Words come from models/attributes.toml, in seven languages. A text names an attribute by one of its values
("polyester"), or by a word that speaks of it ("material").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from insight import shipped
from insight.phrases import SPACELESS, Finder

FILE = "attributes.toml"
LANGUAGES = ("en", "zh", "de", "es", "fr", "ja", "pt")

_sentence = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")


class Named(NamedTuple):
    """Attributes that a text speaks of, each with the values that it names, in alphabetical order."""

    values: Mapping[str, tuple[str, ...]]


def names() -> Mapping[str, tuple[str, str]]:
    """The names of each attribute in English and Chinese, in the order of the file."""
    return {key: (told["en"], told["zh"]) for key, told in shipped.toml(FILE)["attributes"].items()}


def values_zh() -> Mapping[str, str]:
    """The Chinese name of each value."""
    return {
        value: told["name_zh"] for listed in shipped.toml(FILE)["values"].values() for value, told in listed.items()
    }


@cache
def _finder(language: str) -> Finder:
    told = shipped.toml(FILE)
    lists = {
        f"{attribute}/{value}": listed[language]
        for attribute, every in told["values"].items()
        for value, listed in every.items()
    }
    lists |= {f"{attribute}/": about["about"][language] for attribute, about in told["attributes"].items()}
    return Finder(lists, apart=language not in SPACELESS)


def named(text: str, languages: Sequence[str]) -> Named:
    """What a text names, read in each of these languages; those without words are left out."""
    found: dict[str, set[str]] = {}
    for language in dict.fromkeys(languages):
        if language in LANGUAGES:
            find = _finder(language)
            for kind, _, _ in find(find.fold(text)):
                attribute, _, value = kind.partition("/")
                found.setdefault(attribute, set()).update({value} - {""})
    return Named({attribute: tuple(sorted(found[attribute])) for attribute in names() if attribute in found})


def of_customer(text: str, language: str) -> Named:
    """What a customer's words name, in the customer's language and in English, in which names of materials travel."""
    return named(text, (language, "en"))


class Promise(NamedTuple):
    """What a listing says about an attribute: its values, and the sentence with most of them."""

    values: tuple[str, ...]
    sentence: str


def promises(listing: str) -> dict[str, Promise]:
    """What a listing says, by attribute; its sentences may be of any of the languages."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for sentence in (part.strip() for part in _sentence.split(listing)):
        for attribute, values in named(sentence, LANGUAGES).values.items():
            found.setdefault(attribute, []).append((values, sentence))
    return {
        attribute: Promise(
            tuple(sorted({value for values, _ in told for value in values})),
            max(told, key=lambda one: len(one[0]))[1],
        )
        for attribute, told in found.items()
    }
