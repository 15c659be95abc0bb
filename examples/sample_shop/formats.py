"""How systems write moments and money."""

from __future__ import annotations

from collections.abc import Callable

from examples.sample_shop.orders import DECIMALS
from examples.sample_shop.world import moment

Clock = Callable[[int | None], object]


def iso(ms: int | None) -> str:
    """2026-05-02T10:11:12Z."""
    return "" if ms is None else f"{moment(ms):%Y-%m-%dT%H:%M:%SZ}"


def local(zone: str, pattern: str) -> Callable[[int | None], str]:
    """A clock of some zone, in a pattern."""
    return lambda ms: "" if ms is None else f"{moment(ms, zone):{pattern}}"


def money(minor: int, currency: str) -> str:
    """Minor units as decimal text in major units."""
    digits = DECIMALS.get(currency, 2)
    return f"{minor / 10**digits:.{digits}f}"
