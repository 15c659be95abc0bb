"""The world as world.toml and catalogue.toml tell it, and the moments that follow from it."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 14, 13, 13, 13, 13, 13, 13, 14, 17, 20, 19, 13, 6)
"""How often customers write in each hour of their own day: before noon and after dinner most."""


@dataclass(frozen=True)
class Product:
    """One product: `nouns` are the words of each language, `gender` leads German and Spanish ones (else empty)."""

    sku: str
    name: str
    family: str
    price: float
    listing: str
    nouns: dict[str, tuple[tuple[str, str], ...]]


def stream(seed: int, name: str) -> random.Random:
    """A source of chance of its own, so that a change in one part leaves the others as they were."""
    return random.Random(f"{seed}/{name}")


def pick(chance: random.Random, weights: dict[str, float]) -> str:
    """One key, as often as its weight says."""
    return chance.choices(list(weights), list(weights.values()))[0]


@cache
def world() -> dict[str, Any]:
    """Everything world.toml tells."""
    return tomllib.loads((HERE / "world.toml").read_text(encoding="utf-8"))


@cache
def products() -> dict[str, Product]:
    """The catalogue by SKU."""
    told = tomllib.loads((HERE / "catalogue.toml").read_text(encoding="utf-8"))["products"]
    return {p["sku"]: _product(p) for p in told}


def _product(told: dict[str, Any]) -> Product:
    spoken = {key: value for key, value in told.items() if isinstance(value, list)}
    nouns = {language: tuple(_noun(word) for word in words) for language, words in spoken.items()}
    return Product(told["sku"], told["name"], told["family"], told["price"], told["listing"], nouns)


def _noun(word: str) -> tuple[str, str]:
    return (word[0], word[2:]) if word[1:2] == " " else ("", word)


def midnight(day: date) -> int:
    """Start of a business day, in ms since 1970 UTC."""
    return round(datetime.combine(day, time(), ZoneInfo(world()["days"]["zone"])).timestamp()) * 1000


@cache
def first() -> int:
    """The first moment that a conversation may have."""
    return midnight(world()["days"]["first"])


@cache
def end() -> int:
    """The first moment after the data: when the export was made."""
    return midnight(world()["days"]["first"] + timedelta(days=world()["days"]["count"]))


@cache
def promotion() -> tuple[int, int]:
    """Start and end of the promotion."""
    since, until = world()["days"]["promotion"]
    return midnight(since), midnight(until)


def moment(ms: int, zone: str = "UTC") -> datetime:
    """The same moment on the clock of a zone."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000).astimezone(ZoneInfo(zone))


def awake(chance: random.Random, ms: int, zone: str) -> int:
    """A moment on the same local day, at an hour when people write; a third of weekends waits for the week."""
    local = moment(ms, zone)
    if local.weekday() >= 5 and chance.random() < 0.33:
        local += timedelta(days=7 - local.weekday() + chance.choice((0, 0, 1, 2)))
    hour = chance.choices(range(24), HOURS)[0]
    written = local.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60), microsecond=0)
    return round(written.timestamp()) * 1000 + chance.randrange(1000)
