"""How good are probabilities? Ranking, calibration, and how sure both are, on cases that no weight has seen.

Cases of one customer are no separate pieces of evidence, so intervals are drawn over customers (cluster bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from insight import intervals

Numbers = npt.NDArray[np.float64]

FEW = 200
"""Below so many events nothing is said about calibration."""
CALIBRATED = (0.9, 1.1)
"""Observed by expected within these is calibrated."""
BINS = 10
TENTH = 0.1
DRAWS = 200
SEED = 7


def auc(happened: Any, score: Any) -> float:
    """How often a case that went bad has the higher score than one that did not; ties count half. NaN without both."""
    happened, score = np.asarray(happened, dtype=bool), np.asarray(score, dtype=np.float64)
    bad, good = int(happened.sum()), int((~happened).sum())
    if not bad or not good:
        return float("nan")
    values, place, often = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(often) - (often - 1) / 2
    return float((rank[place][happened].sum() - bad * (bad + 1) / 2) / (bad * good)) if len(values) else float("nan")


def lift(happened: Any, score: Any, share: float = TENTH) -> float:
    """How many times the usual rate the top share has; where equal scores lie across its end, they count in parts."""
    happened, score = np.asarray(happened, dtype=np.float64), np.asarray(score, dtype=np.float64)
    usual = happened.mean() if len(happened) else float("nan")
    if not usual > 0:
        return float("nan")
    room = share * len(score)
    values, place = np.unique(-score, return_inverse=True)
    often = np.bincount(place, minlength=len(values))
    events = np.bincount(place, weights=happened, minlength=len(values))
    before = np.concatenate([[0], np.cumsum(often)[:-1]])
    part = np.clip((room - before) / often, 0, 1)
    return float((events * part).sum() / room / usual)


def average_precision(happened: Any, score: Any) -> float:
    """The mean share of bad cases above each bad case; NaN where none is bad."""
    from sklearn.metrics import average_precision_score

    happened = np.asarray(happened, dtype=bool)
    return float(average_precision_score(happened, score)) if happened.any() else float("nan")


def calibration_error(happened: Any, chance: Any, bins: int = BINS) -> float:
    """Expected calibration error: how far mean chance and share lie apart in bins of equally many cases, on average.

    Source: M. P. Naeini, G. Cooper, M. Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian
    binning, AAAI 29; with bins of equal count, cut by rank (ties in the order of the cases).
    """
    happened, chance = np.asarray(happened, dtype=np.float64), np.asarray(chance, dtype=np.float64)
    if not len(chance):
        return float("nan")
    order = np.argsort(chance, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    apart = sum(len(p) * abs(float(happened[p].mean() - chance[p].mean())) for p in parts)
    return float(apart / len(order))


def brier(happened: Any, chance: Any) -> float:
    """The mean squared distance of chance and what happened."""
    return float(np.mean((np.asarray(chance, dtype=np.float64) - np.asarray(happened, dtype=np.float64)) ** 2))


@dataclass(frozen=True)
class Ratio:
    """Observed by expected events with its 95 % interval; `verdict`: calibrated, too many, too few expected …"""

    events: int
    expected: float
    ratio: float
    low: float
    high: float
    verdict: str


def observed_by_expected(happened: Any, chance: Any) -> Ratio:
    """How many events came for each that was expected; exact Poisson interval.

    The verdict is "too few" below `FEW` events, else "calibrated" within `CALIBRATED`, else "more than expected" or
    "fewer than expected".
    """
    events, expected = int(np.sum(happened)), float(np.sum(chance))
    low, high = intervals.poisson(np.array([events]), np.array([expected]))
    ratio = events / expected if expected else float("nan")
    below, above = CALIBRATED
    verdict = (
        "calibrated" if below <= ratio <= above else "fewer than expected" if ratio < below else "more than expected"
    )
    verdict = "too few" if events < FEW else verdict
    return Ratio(events, expected, ratio, float(low[0]), float(high[0]), verdict)


def over_customers(measure: Any, customers: Any, *columns: Any, draws: int = DRAWS, seed: int = SEED) -> Numbers:
    """A measure of columns (each (n,)) over draws of whole customers with replacement: shape (draws,).

    For a difference of two scores let the measure compute the difference, so that both see the same draw.
    """
    _, place = np.unique(np.asarray(customers), return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(place.max(initial=-1) + 2))
    dice = np.random.default_rng(seed)
    many = len(starts) - 1
    found = np.empty(draws)
    for draw in range(draws):
        whose = dice.integers(0, many, many)
        sizes = starts[whose + 1] - starts[whose]
        ahead = np.cumsum(sizes) - sizes
        rows = order[np.repeat(starts[whose] - ahead, sizes) + np.arange(sizes.sum())]
        found[draw] = measure(*(np.asarray(column)[rows] for column in columns))
    return found


def auc_over_customers(happened: Any, scores: Any, customers: Any, *, draws: int = DRAWS, seed: int = SEED) -> Numbers:
    """The AUC of several scores over the same draws of whole customers: shape (draws, m), `scores` being (n, m).

    The same draws and figures as `over_customers(auc, …)`, but a customer who is drawn twice is counted twice instead
    of copied, so that each score is sorted once. NaN where a draw lacks either outcome.
    """
    happened, scores = np.asarray(happened, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    names, place = np.unique(np.asarray(customers), return_inverse=True)
    orders = np.argsort(scores, axis=0, kind="stable")
    ranked = np.take_along_axis(scores, orders, axis=0)
    firsts = [np.flatnonzero(np.concatenate([[True], np.diff(each) > 0])) for each in ranked.T]
    dice = np.random.default_rng(seed)
    found = np.full((draws, scores.shape[1]), np.nan)
    for draw in range(draws if len(names) else 0):
        often = np.bincount(dice.integers(0, len(names), len(names)), minlength=len(names))[place].astype(np.float64)
        bad, good = often * happened, often * (1 - happened)
        pairs = bad.sum() * good.sum()
        for n, first in enumerate(firsts if pairs else ()):
            above = np.add.reduceat(bad[orders[:, n]], first)
            below = np.add.reduceat(good[orders[:, n]], first)
            found[draw, n] = (above * (np.cumsum(below) - below / 2)).sum() / pairs
    return found
