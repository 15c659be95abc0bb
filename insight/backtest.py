"""What would have been forecast, and what came: picks the model, calibrates the intervals, and measures both.

At each origin the model speaks that had the smallest losses on what had come true by then, and its intervals are those
that would have held what had come true by then; so the measured errors are those of the whole procedure, without a look
ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from insight import forecast, intervals, spread
from insight.arrivals import WEEK, Numbers, Series
from insight.forecast import LEARN, MODELS, Special

ORIGINS = 90
"""Origins of a backtest at most, one a day, the newest ones."""
LEVELS = (0.8, 0.95)
"""The intervals that are shown."""
SETTLE = 7
"""Origins that have come true before intervals are trusted, and after which they are calibrated anew."""
RECENT = 28
"""Newest such origins that calibrate: older ones had learned from less."""
HALF_A_DAY = 12
"""Hours that must be known for a day to be judged."""
FEW_SPANS = 4
"""Spans that do not overlap, below which an interval says nothing."""
LEAST = 0.02
"""Contacts that are expected at least when models are compared."""
OPEN = 0.05
"""Contacts an hour below which nothing is expected; hours that are always empty are no merit of an interval."""


@dataclass(frozen=True)
class Backtest:
    """What would have been forecast in the past, and what came.

    `origins` are days (numbers since 1970); `forecasts` has shape (models, origins, days, 24), in contacts;
    `truth` and `known` have shape (origins, days, 24), `spread` (origins, days), `scale` (origins,): the mean change
    of an hour from week to week before the origin.
    """

    origins: npt.NDArray[np.int64]
    forecasts: Numbers
    truth: Numbers
    known: npt.NDArray[np.bool_]
    spread: Numbers
    scale: Numbers

    @cached_property
    def losses(self) -> Numbers:
        """How far each model was off, shape (models, origins): the deviance of a Poisson count of hours and of days.

        The expectation has the smallest one. Absolute errors would prefer the median instead, which is 0 for hours
        that mostly stay empty: no sum over a day could be trusted then.
        """
        every = self.forecasts * self.known, self.truth * self.known
        hours, days = (_deviance(*part) for part in (every, tuple(one.sum(axis=-1, keepdims=True) for one in every)))
        return hours + days

    def complete(self, origin: int) -> npt.NDArray[np.bool_]:
        """Origins whose days had all happened before a day."""
        true: npt.NDArray[np.bool_] = self.origins + self.truth.shape[1] <= origin
        return true


@dataclass(frozen=True)
class Pairs:
    """What the whole procedure, picking included, would have said, and what came; shapes as in `Backtest`."""

    origins: npt.NDArray[np.int64]
    expected: Numbers
    truth: Numbers
    known: npt.NDArray[np.bool_]
    spread: Numbers

    def complete(self, origin: int) -> Pairs:
        """The newest of those that had come true before a day."""
        rows = np.flatnonzero(self.origins + self.truth.shape[1] <= origin)[-RECENT:]
        return Pairs(self.origins[rows], self.expected[rows], self.truth[rows], self.known[rows], self.spread[rows])


@dataclass(frozen=True)
class Ruler:
    """What turns an expectation into intervals, for hours and for days."""

    hours: spread.Calibration
    days: spread.Calibration


@dataclass(frozen=True)
class Held:
    """How much of what came lay inside the intervals, by origin: counts of shape (levels, origins), of n (origins,).

    `hours`, `hours_n`: all hours; `expecting`: those in which something was expected at all; `days`.
    """

    ready: npt.NDArray[np.bool_]
    hours: Numbers
    hours_n: Numbers
    expecting: Numbers
    expecting_n: Numbers
    days: Numbers
    days_n: Numbers


def backtest(series: Series, *, days: int, special: Special, most: int = ORIGINS) -> Backtest:
    """Forecast from every day that has two weeks before it and the days ahead after it, the newest `most` days.

    What an origin is compared with are hours that are known; unknown ones are no zeros.
    """
    last = series.end - days
    origins = np.arange(max(series.first + LEARN, last - most + 1), last + 1)
    shape = (len(MODELS), len(origins), days, 24)
    forecasts, truth, spreads = np.zeros(shape), np.zeros(shape[1:]), np.zeros(shape[1:3])
    known = np.zeros(shape[1:], dtype=bool)
    for at, origin in enumerate(origins):
        found, spreads[at] = forecast.ahead(series.until(int(origin)), days, special)
        row = slice(int(origin) - series.first, int(origin) - series.first + days)
        truth[at], known[at] = series.counts[row], series.known[row] > 0
        forecasts[:, at] = np.stack(list(found.values())) * series.known[row]
    return Backtest(origins, forecasts, truth, known, spreads, _scale(series, origins))


def _deviance(expected: Numbers, came: Numbers) -> Numbers:
    """Half the Poisson deviance by model and origin; nobody is punished without end for expecting nothing at all."""
    hoped = np.maximum(expected, LEAST)
    off = xlogy(came, came / hoped) - came + hoped
    summed: Numbers = (off * ((expected > 0) | (came > 0))).sum(axis=(2, 3))
    return summed


def _scale(series: Series, origins: npt.NDArray[np.int64]) -> Numbers:
    """The mean absolute difference of an hour from the same hour a week before, over all that lies before each origin.

    Source: R. J. Hyndman and A. B. Koehler (2006), Another look at measures of forecast accuracy, International Journal
    of Forecasting 22: errors in this unit are comparable between series (MASE).
    """
    both = (series.known[WEEK:] > 0) & (series.known[:-WEEK] > 0)
    change = np.abs(series.counts[WEEK:] - series.counts[:-WEEK]) * both
    upto = origins - series.first - WEEK
    found: Numbers = np.cumsum(change.sum(axis=1))[upto - 1] / np.maximum(np.cumsum(both.sum(axis=1))[upto - 1], 1)
    return found


def pick(losses: Numbers) -> int:
    """The model with the smallest sum of losses; the first one where nothing has been compared yet."""
    return int(np.argmin(losses.sum(axis=1))) if losses.shape[1] else 0


def picked(looked: Backtest) -> Pairs:
    """At each origin the model that had been best until then."""
    losses = looked.losses
    return _said(looked, [pick(losses[:, looked.complete(int(origin))]) for origin in looked.origins])


def always(looked: Backtest, model: str) -> Pairs:
    """One model at every origin."""
    return _said(looked, [list(MODELS).index(model)] * len(looked.origins))


def _said(looked: Backtest, models: list[int]) -> Pairs:
    expected = looked.forecasts[models, np.arange(len(models))]
    return Pairs(looked.origins, expected, looked.truth, looked.known, looked.spread)


def together(parts: list[Pairs]) -> Pairs:
    """The sums over several series, at the origins that any of them has, as far ahead as all of them look."""
    origins = np.unique(np.concatenate([p.origins for p in parts]))
    days = min(p.truth.shape[1] for p in parts)
    expected, truth, weight = (np.zeros((len(origins), days, 24)) for _ in range(3))
    known = np.zeros(truth.shape, dtype=bool)
    for part in parts:
        at, near = np.searchsorted(origins, part.origins), part.known[:, :days]
        hoped = part.expected[:, :days] * near
        expected[at] += hoped
        truth[at] += part.truth[:, :days] * near
        weight[at] += hoped * part.spread[:, :days, None]
        known[at] |= near
    spreads = weight.sum(axis=2) / np.maximum(expected.sum(axis=2), 1e-9)
    return Pairs(origins, expected, truth, known, spreads)


def ruler(pairs: Pairs) -> Ruler:
    """Calibrate intervals of hours and of days by what was forecast and came."""
    known, whole = pairs.known, pairs.known.sum(axis=2) >= HALF_A_DAY
    extra = np.repeat(pairs.spread[:, :, None], 24, axis=2)
    expected, truth = ((part * known).sum(axis=2)[whole] for part in (pairs.expected, pairs.truth))
    return Ruler(
        spread.calibrated(pairs.expected[known], pairs.truth[known], LEVELS, extra[known]),
        spread.calibrated(expected, truth, LEVELS, pairs.spread[whole]),
    )


def held(pairs: Pairs) -> Held:
    """Hold the intervals that would have been given against what came; they are calibrated anew once a week."""
    ready = np.array([len(pairs.complete(int(o)).origins) >= SETTLE for o in pairs.origins], dtype=bool)
    rows: list[list[Numbers]] = []
    for nth, at in enumerate(np.flatnonzero(ready)):
        if nth % SETTLE == 0:
            rule = ruler(pairs.complete(int(pairs.origins[at])))
        known, whole = pairs.known[at], pairs.known[at].sum(axis=1) >= HALF_A_DAY
        expected, truth, extra = pairs.expected[at], pairs.truth[at], np.repeat(pairs.spread[at][:, None], 24, axis=1)
        hours = rule.hours.holds(expected[known], truth[known], extra[known])
        hoped, came = ((part * known).sum(axis=1)[whole] for part in (expected, truth))
        days = rule.days.holds(hoped, came, pairs.spread[at][whole])
        some = expected[known] >= OPEN
        rows.append([part for each in (hours, hours[:, some], days) for part in (each.sum(axis=1), each.shape[1])])
    columns = [np.array(column, dtype=float).T for column in zip(*rows, strict=True)]
    none = [np.zeros((len(LEVELS), 0)), np.zeros(0)] * 3
    return Held(ready, *(columns or none))


@dataclass(frozen=True)
class Figure:
    """A sum over a sum with its 95 % interval over spans that do not overlap; NaN where it cannot be said."""

    value: float
    low: float
    high: float
    spans: int


def figure(num: Numbers, den: Numbers, days: int) -> Figure:
    """A ratio of sums over origins. Neighbouring origins speak of the same days: only every `days`-th has its own.

    The value is that of all origins; the interval rests on those that do not overlap.
    """
    if not den.sum() > 0:
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    value = float(num.sum() / den.sum())
    x, y = num[::-days], den[::-days]
    sums = (x.sum(), y.sum(), len(x), (x * x).sum(), (y * y).sum(), (x * y).sum())
    low, high = (float(end) for end in intervals.ratio_of_sums(*sums))
    middle = float(x.sum() / y.sum()) if y.sum() > 0 else value
    return Figure(value, max(value + low - middle, 0.0), value + high - middle, len(x))


@dataclass(frozen=True)
class Score:
    """How well one model did.

    `wape` is the sum of absolute errors of hours by the sum of contacts, `day_wape` that of days; `mase` the error of
    an hour in times of its usual change from week to week (NaN where that is 0); `against` the errors of hours in times
    of the seasonal naive forecast's.
    """

    wape: Figure
    day_wape: Figure
    mase: float
    against: Figure


def score(said: Pairs, base: Pairs, ready: npt.NDArray[np.bool_], scale: Numbers) -> Score:
    """Measure forecasts at the origins that are ready, against the naive ones at the same.

    :param scale: as in `Backtest`.
    """
    days = said.truth.shape[1]

    def sums(pairs: Pairs) -> tuple[Numbers, Numbers, Numbers]:
        off = (pairs.expected - pairs.truth) * pairs.known
        by_day = np.abs(off.sum(axis=2)).sum(axis=1)
        return np.abs(off).sum(axis=(1, 2))[ready], by_day[ready], (pairs.truth * pairs.known).sum(axis=(1, 2))[ready]

    hours, by_day, came = sums(said)
    each = hours / np.maximum(said.known.sum(axis=(1, 2))[ready], 1)
    usable = scale[ready] > 0
    mase = float((each[usable] / scale[ready][usable]).mean()) if usable.any() else float("nan")
    return Score(figure(hours, came, days), figure(by_day, came, days), mase, figure(hours, sums(base)[0], days))


def floor(said: Pairs, ready: npt.NDArray[np.bool_]) -> float:
    """The share of errors that chance alone would leave, were the expectation the truth and arrivals Poisson.

    The mean absolute deviation of a Poisson count is 2·exp(−μ)·μ^(⌊μ⌋+1)/⌊μ⌋!. Source: E. L. Crow (1958), The mean
    deviation of the Poisson distribution, Biometrika 45.
    """
    from scipy.special import gammaln

    mean = said.expected[ready][said.known[ready]]
    mean = mean[mean > 0]
    below = np.floor(mean)
    deviation = 2 * np.exp(-mean + (below + 1) * np.log(mean) - gammaln(below + 1))
    return float(deviation.sum() / mean.sum()) if len(mean) else float("nan")


def verdict(against: Figure) -> str:
    """Whether the forecast beats taking last week's figures: better, worse or cannot tell."""
    if against.spans < FEW_SPANS or not (against.high < 1 or against.low > 1):
        return "cannot tell"
    return "better" if against.high < 1 else "worse"
