"""Which days are compared: complete days of the data, counted back from the newest moment in it, never from a clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import narwhals as nw

from insight.engines.base import Frame

DAY_MS = 24 * 60 * 60 * 1000

WEEK = 7
WEEK_MS = WEEK * DAY_MS
"""A return contact or a purchase follows a contact when it comes within 7 days, half-open."""

SKEW_MS = 5 * 60 * 1000
"""The clocks of two systems may differ by so much: what ends so little before it began took no time."""

FOUR_WEEKS = 28
"""Days that are compared, so that every weekday counts as often in both periods; and within which an order arrives."""


@dataclass(frozen=True)
class Period:
    """Days from `since` up to, but without, `until`."""

    since: dt.date
    until: dt.date

    @property
    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        return Period(self.since - (self.until - self.since), self.since)


def newest_ms(frame: Frame, *columns: str) -> int | None:
    """The newest moment in these columns, in ms; none where there is no row."""
    found = frame.select(*(nw.col(c).max() for c in columns)).collect("pyarrow").to_native()
    moments = [v for c in found.column_names for v in found[c].to_pylist() if v is not None]
    return max(moments, default=None)


def reaches_back(frame: Frame, period: Period, column: str = "day") -> bool:
    """Whether the rows begin on the first day of the period or before it, so that the period is told as a whole."""
    found = frame.select(nw.col(column).min()).collect("pyarrow").to_native()[column].to_pylist()
    return bool(found and found[0] is not None and found[0] <= period.since)


def last(newest: int, *, zone: ZoneInfo, days: int = FOUR_WEEKS, lag_days: int = 0) -> Period:
    """The last complete days before the day of the newest moment, `lag_days` earlier.

    :param newest: ms since 1970 in UTC.
    :param zone: the business time zone, in which days begin.
    :param lag_days: how long an outcome takes to be seen; days that are too young for it would look too good.
    """
    today = dt.datetime.fromtimestamp(newest / 1000, tz=zone).date()
    until = today - dt.timedelta(days=lag_days)
    return Period(until - dt.timedelta(days=days), until)


def within(period: Period, column: str = "day") -> nw.Expr:
    """Whether a row's day is in the period."""
    return (nw.col(column) >= period.since) & (nw.col(column) < period.until)
