"""The clock of the business: how much of a span of time lies within opening hours, for whole columns.

A schedule is open while the clock on its wall shows an hour of one of its spans, on a day that is no holiday. So an
hour that the clock leaves out in spring is no opening hour, and one that it shows twice in autumn is two. A schedule
that is open from 00:00 to 24:00 every day runs as calendar time does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import numpy.typing as npt

from insight import clock
from insight.clock import Millis
from insight.schema import UNKNOWN
from insight.settings import WEEKDAYS, Schedule

DAY_MS, MINUTE_MS = 24 * 60 * 60 * 1000, 60 * 1000
UNIX_DAY = 719_163
"""1970-01-01 as a day of `date.toordinal`."""

ABOUT = {"channel": "channels", "platform": "platforms", "shop": "shops", "market": "markets"}
"""Columns of a conversation that decide its schedule, and the setting that names their values."""


@dataclass(frozen=True)
class Opening:
    """The open spans between two moments: half-open, in order, in ms since 1970 UTC; `sums` is what was open before."""

    since: Millis
    until: Millis
    sums: Millis

    def before(self, moments: Millis) -> Millis:
        """How long it was open before each moment, in ms, from the first open span on."""
        if not len(self.since):
            return np.zeros(len(moments), dtype=np.int64)
        at = np.searchsorted(self.since, moments, side="right") - 1
        span = np.maximum(at, 0)
        inside = np.clip(moments - self.since[span], 0, self.until[span] - self.since[span])
        found: Millis = np.where(at < 0, 0, self.sums[span] + inside)
        return found


def opening(schedule: Schedule, first_ms: int, last_ms: int, *, zone: ZoneInfo) -> Opening:
    """When a schedule is open from the first to the last of these moments.

    :param zone: the time zone of the shop, for a schedule that names none.
    """
    days = np.arange(first_ms // DAY_MS - 2, last_ms // DAY_MS + 3)
    local = _on_the_wall(schedule, days)
    froms, offsets = _offsets(ZoneInfo(schedule.zone) if schedule.zone else zone, days)
    parts = []
    for since, until, offset in zip(froms, [*froms[1:], days[-1] * DAY_MS], offsets, strict=True):
        part = np.clip(local, since + offset, until + offset)
        parts.append(part[:, part[1] > part[0]] - offset)
    opens, closes = np.concatenate(parts, axis=1)
    lengths = closes - opens
    return Opening(opens, closes, np.cumsum(lengths) - lengths)


def business_ms(since_ms: Millis, until_ms: Millis, schedule: Schedule, *, zone: ZoneInfo) -> Millis:
    """How long the schedule was open between two moments, row by row, in ms; 0 where the second is not the later.

    One pass over prefix sums of the open spans: time grows with the rows and the days, not with their product.

    :param zone: the time zone of the shop, for a schedule that names none.
    """
    if not len(since_ms):
        return np.zeros(0, dtype=np.int64)
    ends = (since_ms.min(), until_ms.min(), since_ms.max(), until_ms.max())
    found = opening(schedule, int(min(ends)), int(max(ends)), zone=zone)
    passed: Millis = found.before(until_ms) - found.before(since_ms)
    return passed.clip(min=0)


def fits(schedule: Schedule) -> nw.Expr:
    """Whether a conversation is one that the schedule is for, over channel, platform, shop and market."""
    found = nw.col("channel") == nw.col("channel")
    for column, told in ABOUT.items():
        names = getattr(schedule, told)
        found = found & nw.col(column).is_in(list(names)) if names else found
    return found


def first_that_fits(schedules: Sequence[Schedule]) -> nw.Expr:
    """The name of the first schedule that a conversation fits; 'unknown' where it fits none."""
    name = nw.lit(UNKNOWN)
    for schedule in reversed(schedules):
        name = nw.when(fits(schedule)).then(nw.lit(schedule.name)).otherwise(name)
    return name


def _on_the_wall(schedule: Schedule, days: npt.NDArray[np.int64]) -> Millis:
    """Open spans as the clock on the wall shows them, in order: two rows, from and to."""
    closed = np.array([day.toordinal() - UNIX_DAY for day in schedule.holidays], dtype=np.int64)
    working = days[~np.isin(days, closed)]
    spans = [
        (working[(working + 3) % 7 == number, None] * DAY_MS + np.array(span) * MINUTE_MS).T
        for number, day in enumerate(WEEKDAYS)
        for span in schedule.spans(day)
    ]
    local = np.concatenate(spans, axis=1)
    return local[:, np.argsort(local[0])]


def _offsets(zone: ZoneInfo, days: npt.NDArray[np.int64]) -> tuple[Millis, Millis]:
    """From which moment on the zone has which distance from UTC, in ms, over these days of UTC."""
    midnights = days * DAY_MS
    changing = np.flatnonzero(np.diff(clock.to_local(midnights, zone) - midnights))
    quarters = midnights[changing, None] + np.arange(0, DAY_MS + 1, clock.STEP)
    moments = np.unique(np.concatenate([midnights[:1], quarters.ravel()]))
    offsets = clock.to_local(moments, zone) - moments
    new = np.concatenate([[True], np.diff(offsets) != 0])
    return moments[new], offsets[new]
