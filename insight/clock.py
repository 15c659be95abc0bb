"""Clocks on the wall: local time to UTC and back, for whole columns.

Reads the zones from Python (which falls back to the tzdata package), so it needs no time zone files on the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Millis = npt.NDArray[np.int64]

STEP = 900_000
"""Offsets are looked up once per quarter of an hour: zones change their offset on such borders (since 1972)."""

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock shows no zone


def to_utc(local: Millis, zone: ZoneInfo) -> Millis:
    """Milliseconds since 1970 on the wall clock → milliseconds since 1970 in UTC.

    An hour that the clock shows twice is its first one. An hour that the clock leaves out is read as if the clock had
    not been moved yet, so 02:30 stands for what the clock calls 03:30 (PEP 495, fold 0; the rule of RFC 5545).
    """
    return local - _offsets(local, lambda quarter: quarter.replace(tzinfo=zone).utcoffset())


def to_local(utc: Millis, zone: ZoneInfo) -> Millis:
    """Milliseconds since 1970 in UTC → what the clock on the wall shows, as milliseconds since 1970."""
    return utc + _offsets(utc, lambda quarter: quarter.replace(tzinfo=UTC).astimezone(zone).utcoffset())


def days(local: Millis) -> npt.NDArray[np.int64]:
    """Calendar days since 1970 of wall clock times."""
    return np.floor_divide(local, 86_400_000)


def weekdays(local: Millis) -> npt.NDArray[np.int64]:
    """1 Monday … 7 Sunday of wall clock times. 1970-01-01 was a Thursday."""
    return (days(local) + 3) % 7 + 1


def hours(local: Millis) -> npt.NDArray[np.int64]:
    """0 … 23 of wall clock times."""
    return np.floor_divide(local, 3_600_000) % 24


def _offsets(moments: Millis, offset: Callable[[datetime], timedelta | None]) -> Millis:
    """The zone's distance from UTC at each moment, in milliseconds."""
    quarters, place = np.unique(np.floor_divide(moments, STEP), return_inverse=True)
    found = [offset(EPOCH + timedelta(milliseconds=int(q) * STEP)) or timedelta(0) for q in quarters]
    return np.array([o // timedelta(milliseconds=1) for o in found], dtype=np.int64)[place]
