"""How many contacts will come in each hour and on each day? Simple models, picked and calibrated by looking back.

Every model sees weeks × weekdays × hours of the past and gives one usual week, that holds for all weeks ahead. Days of
told holidays and promotions are no usual days: models do not learn from them, and they get a multiplier of their own.
Which of them speaks is decided by `insight.backtest`.

Sources: J. W. Taylor (2008), A comparison of univariate time series methods for forecasting intraday arrivals at a call
center, Management Science 54 (beyond some days, averages of hours of the week are hard to beat); R. Ibrahim, H. Ye,
P. L'Ecuyer and H. Shen (2016), Modeling and forecasting call center arrivals, International Journal of Forecasting 32
(counts of an hour vary more than Poisson).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np

from insight.arrivals import WEEK, Numbers, Series

Kind = Literal["holiday", "promotion"]
Special = Mapping[int, Kind]
"""Days (numbers since 1970) that are told to be no usual ones."""

HISTORY = 28
"""Days that must be known before anything is forecast."""
LEARN = 14
"""Days that a backtest learns from at least."""
FEW = 50
"""Contacts that must be known before anything is forecast."""
TRUST = 2.0
"""Weeks that the common shape of alike weekdays is worth beside a weekday's own hours, times three at most."""
LEVEL_PRIOR = 4.0
"""Contacts that the assumption of an unchanged level is worth."""
QUIET = 0.4
"""Weekdays below this share of the busiest one have another shape: days off."""
UNSURE = 0.25
"""Variance of a multiplier that rests on fewer than two days: plus or minus a half."""
NAIVE = "seasonal naive"
REACH = 8
"""Weeks in which the naive model looks for an hour that is known."""


@dataclass(frozen=True)
class Stack:
    """The past by weeks: `counts` and `known` have shape (weeks, 7, 24), the newest day last; unknown hours are 0."""

    counts: Numbers
    known: Numbers

    @cached_property
    def rates(self) -> Numbers:
        """Contacts an hour, NaN where unknown."""
        with np.errstate(invalid="ignore"):
            rates: Numbers = np.where(self.known > 0, self.counts / np.where(self.known > 0, self.known, 1), np.nan)
        return rates

    @cached_property
    def usual(self) -> Numbers:
        """Contacts an hour by hour of the day over everything, shape (24,): what is said where nothing else is."""
        hours = self.known.sum(axis=(0, 1))
        overall = self.counts.sum() / max(self.known.sum(), 1.0)
        rates: Numbers = np.where(hours > 0, self.counts.sum(axis=(0, 1)) / np.maximum(hours, 1e-9), overall)
        return rates


Model = Callable[[Stack], Numbers]
"""From the past to contacts an hour in a usual week ahead, shape (7, 24), beginning on the day after the past."""


def naive(past: Stack) -> Numbers:
    """The same hour of the week before; of an earlier week where that is unknown."""
    rates = past.rates[-REACH:]
    found = np.full(rates.shape[1:], np.nan)
    for week in rates:
        found = np.where(np.isnan(week), found, week)
    return _filled(found, past)


def mean_of(weeks: int) -> Model:
    """The mean of the hour over the last weeks."""

    def model(past: Stack) -> Numbers:
        counts, known = past.counts[-weeks:].sum(axis=0), past.known[-weeks:].sum(axis=0)
        return _filled(np.where(known > 0, counts / np.maximum(known, 1e-9), np.nan), past)

    return model


def median_of(weeks: int) -> Model:
    """The median of the hour over the last weeks: single odd days do not move it."""

    def model(past: Stack) -> Numbers:
        rates = past.rates[-weeks:]
        some = ~np.isnan(rates).all(axis=0)
        found = np.full(rates.shape[1:], np.nan)
        found[some] = np.nanmedian(rates[:, some], axis=0)
        return _filled(found, past)

    return model


def profile(shape: float, level: float) -> Model:
    """Level × hour of the week, older weeks counting less: half after `shape` and after `level` weeks.

    Hours of a weekday are drawn to the common shape of weekdays like it, the more the less is known: the posterior
    mean of a gamma prior.
    """

    def model(past: Stack) -> Numbers:
        counts, known = (_weighed(part, shape) for part in (past.counts, past.known))
        hours = known.sum(axis=1)
        days = np.where(hours > 0, counts.sum(axis=1) / np.maximum(hours, 1e-9), past.usual.mean())
        trust = 3 * TRUST
        found = (counts + trust * _alike(counts, known, days)) / (known + trust)
        now = _weighed(past.counts, level).sum() + LEVEL_PRIOR
        was = (_weighed(past.known, level) * found).sum() + LEVEL_PRIOR
        return np.asarray(found * (now / was))

    return model


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "steady profile": profile(26, 4),
        "agile profile": profile(8, 1.5),
        "mean of 8 weeks": mean_of(8),
        "mean of 4 weeks": mean_of(4),
        "median of 6 weeks": median_of(6),
        NAIVE: naive,
    }
)
"""In the order in which they speak where nothing can be compared yet."""


def _weighed(weeks: Numbers, half: float) -> Numbers:
    """The sum over weeks, each counting half as much as one that is `half` weeks younger."""
    age = np.arange(len(weeks))[::-1]
    summed: Numbers = np.tensordot(0.5 ** (age / half), weeks, axes=1)
    return summed


def _alike(counts: Numbers, known: Numbers, days: Numbers) -> Numbers:
    """What each hour would have if busy weekdays, and quiet ones, had one common shape; shape (7, 24)."""
    found = np.zeros_like(counts)
    busy = days >= QUIET * days.max()
    for group in (busy, ~busy):
        if group.any():
            expected = (days[group, None] * known[group]).sum(axis=0)
            shape = np.where(expected > 0, counts[group].sum(axis=0) / np.maximum(expected, 1e-9), 1.0)
            found[group] = days[group, None] * shape
    return found


def _filled(rates: Numbers, past: Stack) -> Numbers:
    """Hours that were never seen get what their hour of the day usually has."""
    return np.where(np.isnan(rates), past.usual, rates)


@dataclass(frozen=True)
class Factor:
    """What a special day has, in times of a usual one; `spread` is the variance of that between days, `days` seen."""

    times: float
    spread: float
    days: int


NO_FACTOR = Factor(1.0, UNSURE, 0)


def stacked(past: Series, special: Special) -> tuple[Stack, Stack]:
    """The past by weeks: everything, and usual days only (everything where those are less than two weeks)."""
    odd = np.isin(np.arange(past.first, past.end), list(special))
    if (past.known[~odd].sum() / 24) < LEARN:
        odd[:] = False
    fill = -past.days % WEEK
    counts, known = (np.pad(part, ((fill, 0), (0, 0))).reshape(-1, WEEK, 24) for part in (past.counts, past.known))
    usual = ~np.pad(odd, (fill, 0)).reshape(-1, WEEK, 1)
    return Stack(counts, known), Stack(counts * usual, known * usual)


def factors(past: Series, special: Special) -> dict[Kind, Factor]:
    """The multipliers of holidays and promotions, each day against its weekday in the four weeks before and after.

    They are drawn to 1 as if one more day had been usual.
    """
    every, usual = stacked(past, special)
    fill = -past.days % WEEK
    found: dict[Kind, Factor] = {}
    for kind in ("holiday", "promotion"):
        came, expected = [], []
        for day in (d for d in sorted(special) if special[d] == kind and past.first <= d < past.end):
            week, weekday = divmod(day - past.first + fill, WEEK)
            near = slice(max(week - 4, 0), week + 5)
            counts, known = usual.counts[near, weekday].sum(axis=0), usual.known[near, weekday].sum(axis=0)
            if known.any() and every.known[week, weekday].any():
                came.append(every.counts[week, weekday].sum())
                expected.append((counts / np.maximum(known, 1e-9) * every.known[week, weekday]).sum())
        found[kind] = _factor(np.array(came), np.array(expected))
    return found


def _factor(came: Numbers, expected: Numbers) -> Factor:
    """The multiplier of days that had `came` contacts where `expected` were usual."""
    if not expected.sum() > 0:
        return NO_FACTOR
    prior = float(expected.mean())
    times = (float(came.sum()) + prior) / (float(expected.sum()) + prior)
    hoped = times * expected
    over = float(((came - hoped) ** 2 - hoped).sum()) / max(float((hoped**2).sum()), 1e-9)
    return Factor(times, max(over, 0.0) if len(came) > 1 else UNSURE, len(came))


def ahead(past: Series, days: int, special: Special) -> tuple[dict[str, Numbers], Numbers]:
    """Contacts an hour that each model expects on the days after the past, and the spread of their multipliers.

    :returns: by model, shape (days, 24); and shape (days,), 0 for usual days.
    """
    every, usual = stacked(past, special)
    kinds = [special.get(day) for day in range(past.end, past.end + days)]
    told = factors(past, special) if any(kinds) else {}
    times = np.array([told[kind].times if kind else 1.0 for kind in kinds])
    spread = np.array([told[kind].spread if kind else 0.0 for kind in kinds])
    weeks = -(-days // WEEK)
    found = {}
    for name, model in MODELS.items():
        week = model(every if name == NAIVE else usual)
        found[name] = np.tile(week, (weeks, 1))[:days] * (1.0 if name == NAIVE else times[:, None])
    return found, spread
