"""When does it happen next? A discrete-time hazard: one curve over the days, moved up or down by signs.

Time after the moment of a score is cut into intervals. In each of them what has not happened yet happens with the
probability 1 / (1 + exp(-(curve + sum of sign x weight))). One fit so tells every window: within 1, 3, 7, 14 or 30 days
are read off the same curve, and a case that was not watched to the end counts for the intervals in which it was. A head
with a single interval is an ordinary logistic regression.

Weights and curve are drawn to a prior: with few cases the prior speaks, with many the cases do (maximum a posteriori
under independent normal priors). Sources: P. D. Allison (1982), Discrete-time methods for the analysis of event
histories, Sociological Methodology 13; J. D. Singer and J. B. Willett (1993), J. Educational Statistics 18.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DAYS = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0)
"""Where the intervals after a contact end, in days."""

ROUNDS = 50
NEAR = 1e-9
"""The fit ends when no step is longer."""


@dataclass(frozen=True)
class Hazard:
    """A curve over intervals and the weights that signs add to it, all in log-odds.

    `ends` (k,) in days; `curve` (k,) where no sign applies; `weights` (p,) for one unit of each sign; `error` (k + p,)
    the standard deviations of both, in this order, as far as the cases and the prior leave them open.
    """

    ends: tuple[float, ...]
    curve: Numbers
    weights: Numbers
    error: Numbers

    def within(self, added: Any, days: float) -> Numbers:
        """The chance that it happens within so many days, where the signs add `added` (n,) log-odds: shape (n,).

        :raises ValueError: no interval ends after so many days.
        """
        added = np.asarray(added, dtype=np.float64)
        kept = np.zeros(len(added))
        for curve in self.curve[: self.ends.index(days) + 1]:
            kept -= np.logaddexp(0, added + curve)  # log of 1 - p
        return np.asarray(-np.expm1(kept), dtype=np.float64)


def certain(ends: Sequence[float], curve: Any, weights: Any) -> Hazard:
    """A hazard that is told, not fitted: nothing is left open."""
    curve, weights = np.asarray(curve, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    return Hazard(tuple(ends), curve, weights, np.zeros(len(curve) + len(weights)))


def watched(ends: Sequence[float], happened: Any, seen: Any) -> tuple[Flags, Flags]:
    """Which intervals of each case count, and in which of them it happened: both of shape (n, k).

    An interval counts where it was watched to its end, or where it happened in it; none counts after it happened.

    :param happened: (n,) days after the moment of the score; NaN where it was not seen to happen.
    :param seen: (n,) days for which the case was watched.
    """
    last = np.asarray(ends, dtype=np.float64)
    first = np.concatenate([[-np.inf], last[:-1]])
    days, until = np.asarray(happened, dtype=np.float64)[:, None], np.asarray(seen, dtype=np.float64)[:, None]
    seen_to_happen = days <= until  # NaN is not
    here = seen_to_happen & (days > first) & (days <= last)
    counts = np.where(seen_to_happen, days > first, until >= last)
    return np.asarray(counts, dtype=np.bool_), np.asarray(here, dtype=np.bool_)


def fit(
    signs: Any,
    happened: Any,
    seen: Any,
    *,
    prior: Hazard,
    spread: Any,
    weight: Any = None,
) -> Hazard:
    """The hazard that cases and prior make most probable.

    :param signs: (n, p). :param happened: (n,) and :param seen: (n,) as `watched` takes them.
    :param prior: its curve and weights are the means. :param spread: (k + p,) standard deviations around them.
    :param weight: (n,) how much each case counts; 1 where not told.
    """
    from threadpoolctl import threadpool_limits

    x = np.ascontiguousarray(signs, dtype=np.float64)
    counts, here = watched(prior.ends, happened, seen)
    many = counts * (np.ones(len(x)) if weight is None else np.asarray(weight, dtype=np.float64))[:, None]
    means = np.concatenate([prior.curve, prior.weights])
    tight = 1 / np.square(np.asarray(spread, dtype=np.float64))
    with threadpool_limits(1):  # sums of another number of threads differ in their last bits
        found, bend = _climb(x, here, many, means, tight)
        error = np.sqrt(np.diag(np.linalg.inv(bend)))
    k = len(prior.ends)
    return Hazard(prior.ends, found[:k], found[k:], error)


def _climb(x: Numbers, here: Flags, many: Numbers, means: Numbers, tight: Numbers) -> tuple[Numbers, Numbers]:
    """Newton's steps from the prior's means, halved while they lead downhill; and the bend where they end."""
    at = means.copy()
    height = _height(x, here, many, at, means, tight)
    bend = np.diag(tight)
    for _ in range(ROUNDS):
        slope, bend = _slope(x, here, many, at, means, tight)
        step = np.linalg.solve(bend, slope)
        while (new := _height(x, here, many, at + step, means, tight)) < height and np.abs(step).max() > NEAR:
            step = step / 2
        at, height = at + step, new
        if np.abs(step).max(initial=0) <= NEAR:
            break
    return at, bend


def _height(x: Numbers, here: Flags, many: Numbers, at: Numbers, means: Numbers, tight: Numbers) -> float:
    """The logarithm of how probable curve and weights are."""
    k = here.shape[1]
    odds = (x @ at[k:])[:, None] + at[:k]
    return float((many * (here * odds - np.logaddexp(0, odds))).sum() - 0.5 * (tight * (at - means) ** 2).sum())


def _slope(
    x: Numbers, here: Flags, many: Numbers, at: Numbers, means: Numbers, tight: Numbers
) -> tuple[Numbers, Numbers]:
    """Its first derivative, and the second with its sign turned."""
    k = here.shape[1]
    chance = 1 / (1 + np.exp(-((x @ at[k:])[:, None] + at[:k])))
    off, bends = many * (here - chance), many * chance * (1 - chance)
    slope = np.concatenate([off.sum(axis=0), x.T @ off.sum(axis=1)]) - tight * (at - means)
    cross = bends.T @ x
    inner = x.T @ (x * bends.sum(axis=1)[:, None])
    bend = np.block([[np.diag(bends.sum(axis=0)), cross], [cross.T, inner]]) + np.diag(tight)
    return slope, bend
