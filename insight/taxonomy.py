"""The topics that are known from the start, on two levels: families and their leaves (`family.leaf`).

models/topics.toml names them in English and Chinese, with phrases that customers say about each leaf in seven
languages. What is learned from the phrases is in topic_head.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from insight import shipped
from insight.errors import MissingPart
from insight.phrases import fold

FILE = "topics.toml"
LANGUAGES = ("en", "zh", "de", "es", "fr", "ja", "pt")


@dataclass(frozen=True)
class Leaf:
    """A topic of the taxonomy: its id `family.leaf`, its names, and its phrases by language (ISO 639-1)."""

    topic_id: str
    family: str
    name: str
    name_zh: str
    phrases: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Phrase:
    """What customers say about a leaf."""

    text: str
    language: str
    topic_id: str


@dataclass(frozen=True)
class Taxonomy:
    """Families by id, with their names in English and Chinese, and the leaves, all in the order of the file."""

    families: Mapping[str, tuple[str, str]]
    leaves: tuple[Leaf, ...]


def families() -> Mapping[str, tuple[str, str]]:
    """The names of each family in English and Chinese, by id."""
    return _shipped().families


def leaves() -> tuple[Leaf, ...]:
    """The leaves in the order of the file, which is that of their families."""
    return _shipped().leaves


def phrases() -> tuple[Phrase, ...]:
    """All phrases, by leaf and language."""
    return tuple(
        Phrase(text, language, leaf.topic_id)
        for leaf in leaves()
        for language, told in leaf.phrases.items()
        for text in told
    )


@cache
def _shipped() -> Taxonomy:
    return taxonomy(shipped.toml(FILE))


def taxonomy(told: Mapping[str, Any]) -> Taxonomy:
    """A taxonomy as topics.toml tells it, checked.

    :raises MissingPart: a leaf is of an unknown family, lacks a name or a language, or a phrase stands in two leaves.
    """
    named = {family: (about["en"], about["zh"]) for family, about in told["families"].items()}
    found = tuple(_leaf(topic_id, about, named) for topic_id, about in told["topics"].items())
    seen: dict[str, str] = {}
    for leaf in found:
        for text in (text for listed in leaf.phrases.values() for text in listed):
            other = seen.setdefault(fold(text), leaf.topic_id)
            if other != leaf.topic_id:
                raise MissingPart(
                    "a phrase stands in two leaves", where=FILE, came=f"{text!r} in {other} and {leaf.topic_id}"
                )
    if idle := sorted(set(named) - {leaf.family for leaf in found}):
        raise MissingPart("a family has no leaf", where=FILE, came=", ".join(idle))
    return Taxonomy(named, found)


def _leaf(topic_id: str, about: Mapping[str, Any], named: Collection[str]) -> Leaf:
    where = f"{FILE}, {topic_id}"
    family, _, leaf = topic_id.partition(".")
    if not leaf or family not in named:
        raise MissingPart("this leaf is of no known family", where=where, wanted=" or ".join(f"{n}.…" for n in named))
    if lacking := [name for name in ("en", "zh") if not about.get(name, "").strip()]:
        raise MissingPart("a leaf has no name", where=where, came="", wanted=" and ".join(lacking))
    listed = about.get("phrases", {})
    if lacking := [language for language in LANGUAGES if not any(text.strip() for text in listed.get(language, ()))]:
        raise MissingPart("a leaf has no phrase in a language", where=where, wanted=" and ".join(lacking))
    return Leaf(topic_id, family, about["en"], about["zh"], {one: tuple(texts) for one, texts in listed.items()})
