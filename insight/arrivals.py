"""Arrivals: contacts by day and hour of the business clock, and what of them can be trusted.

An hour that the clock shows twice is one hour of double length, an hour that it leaves out has none; so a rate is
always contacts by hours that were really there. What nobody told is no zero: hours before the first contact and after
the last one are unknown, a trickle before or after the stream is left out, and so is a day on which a busy shop has
suddenly nobody at all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from insight import clock

Numbers = npt.NDArray[np.float64]

DAY_MS, HOUR_MS, QUARTER_MS = 86_400_000, 3_600_000, 900_000
WEEK = 7
EPOCH = dt.date(1970, 1, 1)

TRICKLE = 0.05
"""A week with less than this share of a typical one is no part of the stream at its ends."""
DEAD = 0.02
"""A day with less than this share of its weekday's usual contacts is taken for an outage …"""
BUSY = 10.0
"""… where at least so many are usual, so that chance has no such days."""
MEMORY = 8
"""Earlier weeks that tell what is usual."""


@dataclass(frozen=True)
class Series:
    """Contacts of consecutive days.

    `first` is the number of the first day since 1970; `counts` and `known` have shape (days, 24): contacts, and the
    hours of observation (0 unknown or not there, 1 usual, 2 where the clock shows the hour twice). `before` and `after`
    are contacts that were left out at its ends, `outages` the places of days that were taken for unknown.
    """

    first: int
    counts: Numbers
    known: Numbers
    before: int = 0
    after: int = 0
    outages: tuple[int, ...] = ()

    @property
    def days(self) -> int:
        """How many days, unknown ones included."""
        return len(self.counts)

    @property
    def end(self) -> int:
        """The number of the first day after it."""
        return self.first + self.days

    @property
    def told(self) -> int:
        """Days of which at least half is known."""
        return int((self.known.sum(axis=1) >= 12).sum())

    @property
    def contacts(self) -> int:
        """Contacts in hours that are known."""
        return int(self.counts[self.known > 0].sum())

    def until(self, end: int) -> Series:
        """The same as it was known before day `end`; days that nobody told are added as unknown."""
        keep, more = max(end - self.first, 0), max(end - self.end, 0)
        pad = ((0, more), (0, 0))
        return replace(self, counts=np.pad(self.counts[:keep], pad), known=np.pad(self.known[:keep], pad))


def date_of(day: int) -> dt.date:
    """The calendar day of a number of days since 1970."""
    return EPOCH + dt.timedelta(days=int(day))


def number_of(day: dt.date) -> int:
    """The number of days since 1970 of a calendar day."""
    return (day - EPOCH).days


def lengths(first: int, days: int, zone: ZoneInfo) -> Numbers:
    """How many hours each hour of the clock really lasts: shape (days, 24), nearly all 1."""
    found = np.ones((days, 24))
    midnights = clock.to_utc(np.arange(first, first + days + 1, dtype=np.int64) * DAY_MS, zone)
    for odd in np.flatnonzero(np.diff(midnights) != DAY_MS):
        quarters = np.arange(midnights[odd], midnights[odd + 1], QUARTER_MS, dtype=np.int64)
        found[odd] = np.bincount(clock.hours(clock.to_local(quarters, zone)), minlength=24) / 4
    return found


def of_moments(opened_ms: Any, zone: ZoneInfo) -> Series | None:
    """Moments in ms since 1970, in any order, as a series of the business clock; None where there are fewer than two.

    The first and the last hour are only partly in the data, and are unknown.
    """
    moments = np.sort(np.asarray(opened_ms, dtype=np.int64))
    if len(moments) < 2:
        return None
    hours = clock.to_local(moments, zone) // HOUR_MS
    found, counts = np.unique(hours, return_counts=True)
    return of_counts(found // 24, found % 24, counts, ends=(int(hours[0]), int(hours[-1])), zone=zone)


def of_counts(days: Any, hours: Any, counts: Any, *, ends: tuple[int, int], zone: ZoneInfo) -> Series:
    """Contacts that are counted by day (number since 1970) and hour already, each pair once.

    :param ends: the local hours since 1970 of the first and the last contact.
    """
    first, last = ends[0] // 24, ends[1] // 24
    table = np.zeros((last - first + 1, 24))
    table[np.asarray(days, dtype=np.int64) - first, np.asarray(hours, dtype=np.int64)] = counts
    known = lengths(first, len(table), zone)
    each = np.arange(first * 24, (last + 1) * 24).reshape(-1, 24)
    known[(each <= ends[0]) | (each >= ends[1])] = 0
    edges = (int(table[each <= ends[0]].sum()), int(table[each >= max(ends[1], ends[0] + 1)].sum()))
    return Series(first, table * (known > 0), known, *edges)


def stream(series: Series) -> Series:
    """The days between the first and the last week that is more than a trickle, with outages made unknown.

    An export by closing date, for one, begins and ends with a few odd tickets over months: they are no quiet weeks.
    A week is a trickle where it has less than 5 % of the contacts of the week that a typical contact lies in.
    """
    totals = series.counts.sum(axis=1)
    if series.days < 2 * WEEK or not totals.any():
        return series
    weeks = np.convolve(totals, np.ones(WEEK), "valid")
    order = np.argsort(weeks, kind="stable")
    usual = weeks[order][np.searchsorted(np.cumsum(weeks[order]), weeks.sum() / 2)]
    flows = weeks >= TRICKLE * usual
    # a week that begins on the last day of the stream still flows; one that begins after it does not
    begins, ends = np.flatnonzero(flows & (totals[WEEK - 1 :] > 0)), np.flatnonzero(flows & (totals[: 1 - WEEK] > 0))
    first = 0 if flows[0] else int(begins[0]) + WEEK - 1
    last = series.days - 1 if flows[-1] else int(ends[-1])
    cut = slice(first, last + 1)
    known = series.known[cut] * ~_silent(totals[cut], usual)[:, None]
    kept = Series(
        series.first + first,
        series.counts[cut],
        known,
        before=series.before + int(totals[:first].sum()),
        after=series.after + int(totals[last + 1 :].sum()),
    )
    return _without_outages(kept)


def _silent(totals: Numbers, usual: float) -> npt.NDArray[np.bool_]:
    """Days in a run of a week or more without any contact, where a week usually has plenty: nobody told them."""
    silent = np.zeros(len(totals), dtype=bool)
    if usual < BUSY:
        return silent
    spoken = np.flatnonzero(totals > 0)
    for last, following in pairwise(spoken):
        if following - last > WEEK:
            silent[last + 1 : following] = True
    return silent


def _without_outages(series: Series) -> Series:
    """Days on which far too little came for a business of this size are unknown; each is judged by the weeks before."""
    totals = np.where(series.known.any(axis=1), series.counts.sum(axis=1), np.nan)
    dead = []
    for day in range(2 * WEEK, series.days):
        same = totals[day % WEEK : day : WEEK][-MEMORY:]
        same = same[~np.isnan(same)]
        usual = float(np.median(same)) if len(same) else 0.0
        if usual >= BUSY and totals[day] < DEAD * usual and series.known[day].sum() >= 23:
            dead.append(day)
    known = series.known.copy()
    known[dead] = 0
    return replace(series, known=known, counts=series.counts * (known > 0), outages=tuple(dead))
