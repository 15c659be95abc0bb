"""Early warning on shares: of which topic, in which market, do more conversations end badly than in the weeks before?

What is bad is told by the caller: a low score, a second contact, a mood that stayed bad. A share of few conversations
says little of itself, so that what to expect is drawn towards the topic elsewhere and the market's other topics, and
how much shares vary from week to week is learned from all of them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight.periods import WEEK, Period
from insight.schema import ALL

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CELL = ["topic_id", "market"]
WINDOWS = (7, 28)
"""How many days are looked at together, the judged day being the last of them."""


@dataclass(frozen=True)
class Rules:
    """How strict the judge is. The values were chosen by simulation (tests/bench/early_warning.py)."""

    baseline_days: int = 84  # whole weeks; it ends where the longest window begins, so that no rise is its own measure
    least_days: int = 28  # of a baseline; with fewer nobody can tell
    least: int = 5  # conversations that a window needs to be judged
    prior: float = 20.0  # what kindred cells say counts as much as so many conversations of the cell's own
    floors: tuple[float, float] = (0.004, 0.002)  # least correlation within a cell's week, and within its four weeks


@dataclass(frozen=True)
class Counts:
    """What is counted per cell (C) and day (D): conversations `of`, and `bad` ones among them, both whole.

    `cells` has the columns of CELL, sorted, each row once.
    """

    cells: pd.DataFrame
    first: dt.date
    of: Wholes
    bad: Wholes


@dataclass(frozen=True)
class Judged:
    """The windows (W, C, D) that end on each day: how many, how many bad, and what to expect of them.

    The bad ones of usual windows are beta-binomial with mean `share` (C, D) and `weight` (W, C, D), the sum of its two
    parameters. `p` is the chance of as many or more, 1 where no more than expected are; NaN where nobody can tell.
    """

    of: Wholes
    bad: Wholes
    share: Floats
    weight: Floats
    p: Floats


def counted(rows: pd.DataFrame, period: Period) -> Counts:
    """Count rows per topic and market, and per topic over 'all' markets where there are several.

    :param rows: topic_id, market, day, bad (yes or no); one row per conversation, any order.
    """
    rows = rows.astype(dict.fromkeys(CELL, object))
    parts = [rows, rows.assign(market=ALL)] if len(set(rows["market"])) > 1 else [rows]
    every = pd.concat(parts, ignore_index=True)
    cells = every[CELL].drop_duplicates().sort_values(CELL, ignore_index=True)
    number = every[CELL].merge(cells.reset_index(names="cell"), on=CELL, how="left")["cell"].to_numpy(np.int64)
    moments = every["day"].astype("datetime64[s]").to_numpy().astype("datetime64[D]")
    day = (moments - np.datetime64(period.since, "D")).astype(np.int64)
    of = np.zeros((len(cells), (period.until - period.since).days), np.int64)
    bad = np.zeros_like(of)
    np.add.at(of, (number, day), 1)
    np.add.at(bad, (number, day), every["bad"].to_numpy(np.int64))
    return Counts(cells, period.since, of, bad)


def judge(counts: Counts, *, days: int, rules: Rules | None = None) -> Judged:
    """Judge the last so many days, each by the weeks before it; what is older stays unjudged."""
    rules = rules or Rules()
    shape = counts.of.shape
    of, bad = (np.stack([_last(values, window) for window in WINDOWS]) for values in (counts.of, counts.bad))
    share, weight, p = np.full(shape, np.nan), np.ones((len(WINDOWS), *shape)), np.full((len(WINDOWS), *shape), np.nan)
    kin = _Kin.of(counts.cells)
    known = np.cumsum(counts.of.sum(axis=0)) > 0
    for day in range(max(shape[1] - days, 0), shape[1]):
        until = day + 1 - WINDOWS[-1]
        base = slice(max(until - rules.baseline_days, 0), max(until, 0))
        if known[base].sum() < rules.least_days:
            continue
        n, x = counts.of[:, base], counts.bad[:, base]
        share[:, day], own = _expected(n.sum(axis=1), x.sum(axis=1), kin, rules)
        for w, spread in enumerate(_spread(n, x, share[:, day], kin, rules)):
            weight[w, :, day] = 1 / (1 / own + spread)
            n_now, bad_now = of[w, :, day], bad[w, :, day]
            p[w, n_now >= rules.least, day] = 1.0  # that no more than expected are bad says nothing of a rise
            more = (n_now >= rules.least) & (bad_now > share[:, day] * n_now)
            p[w, more, day] = tail(bad_now[more], n_now[more], share[more, day], weight[w, more, day])
    return Judged(of, bad, share, weight, p)


def _last(values: Wholes, window: int) -> Wholes:
    """Sums of the last so many days, of fewer at the beginning; shape (C, D)."""
    run = np.cumsum(values, axis=1)
    run[:, window:] -= run[:, :-window].copy()
    return run


@dataclass(frozen=True)
class _Kin:
    """Number of the topic and of the market per cell, and which cells are of one market."""

    topic: Wholes
    market: Wholes
    single: Flags

    @classmethod
    def of(cls, cells: pd.DataFrame) -> _Kin:
        topic, market = (pd.factorize(cells[name], sort=True)[0].astype(np.int64) for name in CELL)
        return cls(topic, market, (cells["market"] != ALL).to_numpy(bool))

    def others(self, values: Wholes, by: Wholes) -> Floats:
        """The sum over the other single cells of the same topic, or market."""
        own = np.where(self.single, values, 0)
        sums = np.bincount(by, own, minlength=by.max(initial=-1) + 1)
        return np.asarray(np.where(self.single, sums[by] - own, 0.0))


def _expected(n: Wholes, x: Wholes, kin: _Kin, rules: Rules) -> tuple[Floats, Floats]:
    """The share that is to be expected of each cell, and how many conversations that knowledge is worth.

    The prior is the topic's share elsewhere, as much higher or lower as the market's other topics are.
    """
    top = kin.single if kin.single.any() else np.ones(len(n), bool)
    every = (x[top].sum() + 1) / (n[top].sum() + 2)
    topic, market = (
        (kin.others(x, by) + rules.prior * every) / (kin.others(n, by) + rules.prior) for by in (kin.topic, kin.market)
    )
    prior = 1 / (1 + np.exp(-(_logit(topic) + _logit(market) - _logit(every))))
    own = n + rules.prior
    return (x + rules.prior * prior) / own, own.astype(np.float64)


def _logit(share: Any) -> Any:
    return np.log(share / (1 - share))


def _spread(n: Wholes, x: Wholes, share: Floats, kin: _Kin, rules: Rules) -> list[float]:
    """How alike conversations of one cell and window are beyond pure chance, per window: by moments over all cells."""
    top = kin.single if kin.single.any() else np.ones(len(n), bool)
    found: list[float] = []
    for window, floor in zip(WINDOWS, rules.floors, strict=True):
        parts = n.shape[1] // window
        if not parts:
            found.append(max(floor, found[-1] if found else floor))
            continue
        many, bad = (v[top][:, -parts * window :].reshape(-1, parts, window).sum(axis=2) for v in (n, x))
        chance = (share * (1 - share))[top, None]
        spare = parts / max(parts - 1, 1)  # the shares were fitted to the same weeks
        over = (spare * (bad - many * share[top, None]) ** 2 - many * chance).sum()
        pairs = (many * (many - 1) * chance).sum()
        least = max(floor, found[0] * WEEK / window) if found else floor
        found.append(float(np.clip(over / pairs if pairs else 0.0, least, 0.5)))
    return found


def tail(x: Wholes, n: Wholes, share: Floats, weight: Floats) -> Floats:
    """The chance of x bad ones or more among n, beta-binomial with this mean and sum of parameters; all of shape (k,).

    Source: J. G. Skellam (1948), A probability distribution derived from the binomial distribution, JRSS B 10.
    """
    from scipy.special import betaln

    a, b = share * weight, (1 - share) * weight
    at = x.astype(np.float64)
    ways = -np.log(n + 1.0) - betaln(n - at + 1, at + 1)
    term = np.exp(ways + betaln(at + a, n - at + b) - betaln(a, b))
    found = term.copy()
    while (term > 1e-9 * found).any():
        with np.errstate(divide="ignore", invalid="ignore"):
            term = np.where(at < n, term * (n - at) * (a + at) / ((at + 1) * (b + n - at - 1)), 0.0)
        found, at = found + term, at + 1
    return np.asarray(np.where(x > 0, np.minimum(found, 1.0), 1.0))


def ends(n: Wholes, share: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Between how many bad ones 95 % of the usual windows lie; all of shape (k,)."""
    from scipy.stats import betabinom

    a, b = share * weight, (1 - share) * weight
    low, high = (np.asarray(betabinom.ppf(level, n, a, b), np.float64) for level in (0.025, 0.975))
    return low, high
