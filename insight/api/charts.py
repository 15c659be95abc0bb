"""Shapes of the small charts that the server draws itself: sparklines, whiskers, shares, the heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEAT_LEVELS = 7
"""Shades of the heat map; 0 is none."""


@dataclass(frozen=True)
class Spark:
    """A line of values, oldest first, in a box of 100 by 30; `ends` is where the dot of the last value stands."""

    points: str
    ends: tuple[float, float]


def spark(values: Sequence[float | None]) -> Spark | None:
    """A sparkline over the known values; None for fewer than two."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(v for _, v in known), max(v for _, v in known)
    spread = (high - low) or 1.0
    at = [(round(100 * p / (len(values) - 1), 1), round(27 - 24 * (v - low) / spread, 1)) for p, v in known]
    return Spark(" ".join(f"{x},{y}" for x, y in at), at[-1])


@dataclass(frozen=True)
class Whisker:
    """A value with its interval and the value before, in percent of a common scale."""

    low: float
    value: float
    high: float
    before: float | None


def whisker(
    value: float | None, low: float | None, high: float | None, before: float | None, *, most: float
) -> Whisker | None:
    """A whisker on a scale from 0 to `most`; None where there is no value."""
    if value is None or most <= 0:
        return None
    low, high = value if low is None else low, value if high is None else high
    low, value, high = (_percent(v, most) for v in (low, value, high))
    return Whisker(low, value, high, None if before is None else _percent(before, most))


def _percent(value: float, most: float) -> float:
    """2 % of room is left on each side, so that marks are not cut."""
    return round(2 + 96 * min(value / most, 1), 2)


def heat(value: float, most: float) -> int:
    """The shade of a value between 0 and `most`."""
    return 0 if value <= 0 or most <= 0 else min(HEAT_LEVELS, 1 + int(HEAT_LEVELS * min(value / most, 1)))


@dataclass(frozen=True)
class Meter:
    """A balance from -1 to 1 with its interval, in percent of the scale; the middle is at 50."""

    low: float
    value: float
    high: float


def meter(value: float, low: float, high: float) -> Meter:
    """A meter; 2 % of room is left on each side, so that marks are not cut."""
    low, value, high = (round(2 + 48 * (1 + max(-1.0, min(v, 1.0))), 2) for v in (low, value, high))
    return Meter(low, value, high)
