"""Which topics go with an outcome, and how much of it: adjusted differences, and what they come to over all.

For the units (conversations, or orders) with a topic the outcome that was seen is set beside the one that such units
have without it. That one comes from one model of the outcome on all topics and all confounders at once, logistic for
shares and linear for means, averaged over the very units that have the topic (marginal standardisation: P. W. Lane and
J. A. Nelder (1982), Analysis of covariance and standardization as instances of prediction, Biometrics 38). Weights are
drawn a little to nothing, which only matters for rare values: normal priors with a standard deviation of 2.5 (A. Gelman
et al. (2008), A weakly informative default prior distribution for logistic and other regression models, Annals of
Applied Statistics 2).

What comes out is an association. It would be an effect only if nothing else differed between units that are alike in
every confounder that is held; the E-value says how strong something else would have to be to explain it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numba
import numpy as np
import numpy.typing as npt

from insight import discovery

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Scale = Literal["share", "mean"]

FEW_UNITS = 30
"""Nothing is said of a topic with fewer units, or where fewer are left without it."""
FEW_EVENTS = 10
"""Nor of a share of which fewer events (or fewer non-events) were seen with the topic and expected without it."""
FALSE = 0.05
"""Of the topics that are said to go with an outcome, at most this share may do so by chance."""
WORSE, BETTER, CANNOT_TELL, TOO_FEW = "worse", "better", "cannot tell", "too few"
LEAST = 20
"""A value of a confounder with fewer units is one of 'the rest'."""
STEPS = 20
"""Numbers are held in so many steps: five remove nine tenths of the bias of one, twenty nearly all of it (W. G. Cochran
(1968), The effectiveness of adjustment by subclassification in removing bias, Biometrics 24)."""

TIGHT = 1 / 2.5**2
ROUNDS = 40
NEAR = 1e-5
"""The fit ends when no step is longer: Newton's next one would be about its square."""


@dataclass(frozen=True)
class Mentioned:
    """Which units have which topic: pairs of a unit and a topic, both (m,), by unit; `first` (m,) says which count.

    A unit may be looked at more than once (an order each time that something new is said about it). A pair that is no
    `first` one is held in the model, and the topic's figures are taken over those that are.
    """

    units: Codes
    topics: Codes
    first: Flags

    @classmethod
    def of(cls, units: Any, topics: Any, first: Any = None) -> Mentioned:
        """Pairs in any order, doubles told once."""
        units, topics = np.asarray(units, dtype=np.int64), np.asarray(topics, dtype=np.int64)
        counted = np.ones(len(units), dtype=bool) if first is None else np.asarray(first, dtype=bool)
        order = np.lexsort((~counted, topics, units))
        units, topics, counted = units[order], topics[order], counted[order]
        new = np.ones(len(units), dtype=bool)
        new[1:] = (np.diff(units) != 0) | (np.diff(topics) != 0)
        return cls(units[new], topics[new], counted[new])


@dataclass(frozen=True)
class Drivers:
    """What is known of each topic, all of shape (t,); NaN where nothing can be told.

    `value` is the outcome with the topic and `expected` what such units have without it; `difference` is the first less
    the second. `points` is the difference times the share of units with the topic: what it comes to over all units.
    `raw` compares with all units without the topic as they are. `e_value` is how many times likelier something that is
    not held would have to make both the topic and the outcome to explain the difference, `e_near` the same for the end
    of the interval that is nearer to nothing; 1 where the interval holds it.
    """

    n: Codes
    customers: Codes
    share: Numbers
    value: Numbers
    without: Numbers
    raw: Numbers
    expected: Numbers
    difference: Numbers
    low: Numbers
    high: Numbers
    points: Numbers
    points_low: Numbers
    points_high: Numbers
    e_value: Numbers
    e_near: Numbers
    p: Numbers
    q: Numbers
    few: Flags

    def verdicts(self, better: Literal["up", "down"]) -> list[str]:
        """Whether the outcome is surely worse or better with each topic, and not one of many by chance."""
        sure = ~self.few & (self.q <= FALSE) & ((self.low > 0) | (self.high < 0))
        good = (self.difference > 0) == (better == "up")
        chosen = np.select([self.few, sure & good, sure], [TOO_FEW, BETTER, WORSE], CANNOT_TELL)
        return [str(verdict) for verdict in chosen]


def steps(values: Any, most: int = STEPS) -> Codes:
    """Numbers (n,) in steps of about equally many, so that no shape has to be assumed; NaN is a step of its own, 0.

    A value that many share is a step of its own and leaves the others as many steps as they would have without it.
    """
    values = np.asarray(values, dtype=np.float64)
    known = np.isfinite(values)
    _, place, often = np.unique(values[known], return_inverse=True, return_counts=True)
    spent = np.minimum(often, -(-int(known.sum()) // most))
    before = np.cumsum(spent) - spent
    step = np.unique(before * most // max(int(spent.sum()), 1), return_inverse=True)[1]
    found = np.zeros(len(values), dtype=np.int64)
    found[known] = 1 + step[place]
    return found


def compare(
    outcome: Any,
    said: Mentioned,
    count: int,
    factors: Sequence[Any],
    customers: Any,
    *,
    scale: Scale,
    others: bool,
    population: int | None = None,
) -> Drivers:
    """Each topic's units beside what such units have without it.

    :param outcome: (n,): 0 or 1 for shares, amounts for means. Rows stand in a total order: sums depend on it.
    :param said: the topics of the n units; :param count: how many topics there are.
    :param factors: the confounders, each (n,) whole numbers from 0 on, one for each value.
    :param customers: (n,) whose unit it is; units of one customer are no separate pieces of evidence.
    :param others: what a unit would be without its only topic. True: about something else, about each other topic as
        often as that comes (every conversation is about something). False: about nothing (an order nobody asked about).
    :param population: how many units there are, where one may be looked at more than once; n where not told.

    Intervals: sandwich variance over customers with the delta method (K.-Y. Liang and S. L. Zeger (1986), Longitudinal
    data analysis using generalized linear models, Biometrika 73), by the t distribution on the topic's customers.
    Tests: Benjamini and Hochberg over the topics that are not too few.
    """
    y = np.asarray(outcome, dtype=np.float64)
    whose = np.unique(np.asarray(customers), return_inverse=True)[1]
    seen = _seen(y, said, count, whose)
    size = len(y) if population is None else population
    if len(y) == 0 or count == 0 or y.min() == y.max():
        nothing = dict.fromkeys(MODELLED, np.full(count, np.nan))
        return Drivers(**seen.counts(size), **nothing, few=np.ones(count, dtype=bool))
    design = _Design.of(said, count, factors, len(y))
    model = _fit(design, y, scale)
    apart = _without(design, model, others=others)
    return _told(design, model, y, whose, seen, apart, size)


MODELLED = (
    "expected",
    "difference",
    "low",
    "high",
    "points",
    "points_low",
    "points_high",
    "e_value",
    "e_near",
    "p",
    "q",
)


@dataclass(frozen=True)
class _Seen:
    """What can be counted of each topic without a model."""

    n: Codes
    customers: Codes
    value: Numbers
    without: Numbers

    def counts(self, size: int) -> dict[str, Any]:
        """The fields of `Drivers` that need no model."""
        share = self.n / size if size else np.zeros(len(self.n))
        counted = {"n": self.n, "customers": self.customers, "share": share}
        return counted | {"value": self.value, "without": self.without, "raw": self.value - self.without}


def _seen(y: Numbers, said: Mentioned, count: int, whose: Codes) -> _Seen:
    units, topics = said.units[said.first], said.topics[said.first]
    n = np.bincount(topics, minlength=count)
    held = np.bincount(said.topics, minlength=count)
    sums = np.bincount(topics, y[units], count)
    away = y.sum() - np.bincount(said.topics, y[said.units], count)
    rest = len(y) - held
    order = np.argsort(whose[units], kind="stable")
    people = np.zeros(count, dtype=np.int64)
    _distinct(whose[units][order], topics[order], np.full(count, -1, dtype=np.int64), people)
    value = np.divide(sums, n, out=np.full(count, np.nan), where=n > 0)
    without = np.divide(away, rest, out=np.full(count, np.nan), where=rest > 0)
    return _Seen(n, people, value, without)


@dataclass(frozen=True)
class _Design:
    """Columns of zeros and ones: one that is always one, then one for each topic, then one for each value held.

    `columns[starts[i] : starts[i + 1]]` are the columns that are one in row i, in rising order.
    """

    said: Mentioned
    count: int
    width: int
    starts: Codes
    columns: npt.NDArray[np.int32]
    often: Codes  # (n,) topics of each row

    @classmethod
    def of(cls, said: Mentioned, count: int, factors: Sequence[Any], rows: int) -> _Design:
        """Values with fewer than `LEAST` rows stand together."""
        coded = [_levels(factor) for factor in factors]
        ends = np.cumsum([1 + count, *(int(codes.max(initial=0)) + 1 for codes in coded)])
        often = np.bincount(said.units, minlength=rows)
        starts = np.concatenate([[0], np.cumsum(1 + often + len(coded))])
        columns = np.zeros(starts[-1], dtype=np.int32)
        before = np.cumsum(often) - often
        place = starts[said.units] + 1 + np.arange(len(said.units)) - before[said.units]
        columns[place] = 1 + said.topics
        for number, (codes, since) in enumerate(zip(coded, ends[:-1], strict=True)):
            columns[starts[:-1] + 1 + often + number] = since + codes
        return cls(said, count, int(ends[-1]), starts, columns, often)

    def linear(self, beta: Numbers) -> Numbers:
        """What the columns add up to in each row."""
        found = np.empty(len(self.often))
        _add_up(self.starts, self.columns, beta, found)
        return found

    def sums(self, values: Numbers, rows: Codes | None = None) -> Numbers:
        """Values (of these rows) summed by column."""
        found = np.zeros(self.width)
        _spread(self.starts, self.columns, values, np.arange(len(self.often)) if rows is None else rows, found)
        return found

    def products(self, weights: Numbers) -> Numbers:
        """Weights summed by pair of columns, (columns, columns)."""
        found = np.zeros((self.width, self.width))
        _pairs(self.starts, self.columns, weights, found)
        return found + np.tril(found, -1).T


@numba.njit(cache=True, nogil=True)
def _pairs(starts: Any, columns: Any, weights: Any, out: Any) -> None:
    """Add each row's weight to every pair of its columns, below the diagonal and on it."""
    for row in range(len(starts) - 1):
        for one in range(starts[row], starts[row + 1]):
            for other in range(starts[row], one + 1):
                out[columns[one], columns[other]] += weights[row]


@numba.njit(cache=True, nogil=True)
def _distinct(whose: Any, topics: Any, last: Any, out: Any) -> None:
    """Count the customers of each topic, pairs being sorted by customer; `last` begins as nobody."""
    for one in range(len(whose)):
        if last[topics[one]] != whose[one]:
            last[topics[one]] = whose[one]
            out[topics[one]] += 1


@numba.njit(cache=True, nogil=True)
def _add_up(starts: Any, columns: Any, beta: Any, out: Any) -> None:
    """The sum of the weights of each row's columns."""
    for row in range(len(starts) - 1):
        total = 0.0
        for at in range(starts[row], starts[row + 1]):
            total += beta[columns[at]]
        out[row] = total


@numba.njit(cache=True, nogil=True)
def _spread(starts: Any, columns: Any, values: Any, rows: Any, out: Any) -> None:
    """Add the value of each of these rows to its columns."""
    for one in range(len(rows)):
        for at in range(starts[rows[one]], starts[rows[one] + 1]):
            out[columns[at]] += values[one]


@numba.njit(cache=True, nogil=True)
def _squares(
    order: Any, ends: Any, starts: Any, columns: Any, pull: Any, left: Any, pairs: Any, topics: Any, gained: Any,
    difference: Any, points: Any, weight: float, out: Any,
) -> None:  # fmt: skip
    """What each customer's rows move each topic by, less what was to be expected of them, squared and added up.

    `order[ends[c] : ends[c + 1]]` are a customer's rows; `pairs[i] : pairs[i + 1]` are the counted topics of row i.
    """
    count = pull.shape[1]
    moved, counted = np.zeros(count), np.zeros(count)
    for one in range(len(ends) - 1):
        moved[:] = 0
        counted[:] = 0
        for place in range(ends[one], ends[one + 1]):
            row = order[place]
            for at in range(starts[row], starts[row + 1]):
                for topic in range(count):
                    moved[topic] += left[row] * pull[columns[at], topic]
            for pair in range(pairs[row], pairs[row + 1]):
                moved[topics[pair]] += gained[pair]
                counted[topics[pair]] += 1
        many = weight * (ends[one + 1] - ends[one])
        for topic in range(count):
            out[0, topic] += (moved[topic] - difference[topic] * counted[topic]) ** 2
            out[1, topic] += (moved[topic] - points[topic] * many) ** 2


@dataclass(frozen=True)
class _Model:
    """The weights, what they add up to in each row, and how far the data leave them open (times the noise)."""

    scale: Scale
    beta: Numbers
    eta: Numbers
    open: Numbers


def _fit(design: _Design, y: Numbers, scale: Scale) -> _Model:
    """Newton's steps, halved while they lead downhill; one step is all for a mean."""
    tight = np.full(design.width, TIGHT)
    tight[0] = 0
    beta = np.zeros(design.width)
    beta[0] = np.log(y.mean() / (1 - y.mean())) if scale == "share" else y.mean()
    eta = design.linear(beta)
    bent = np.diag(tight)
    for _ in range(ROUNDS):
        mean, bend = _level(eta, scale)
        bent = design.products(bend) + np.diag(tight)
        step = _solved(bent, design.sums(y - mean) - tight * beta)
        height = _height(y, eta, beta, tight, scale)
        while _height(y, design.linear(beta + step), beta + step, tight, scale) < height and np.abs(step).max() > NEAR:
            step = step / 2
        beta = beta + step
        eta = design.linear(beta)
        if scale == "mean" or np.abs(step).max() <= NEAR:
            break
    return _Model(scale, beta, eta, bent)


def _level(eta: Numbers, scale: Scale) -> tuple[Numbers, Numbers]:
    """The expected outcome, and how fast it moves."""
    if scale == "mean":
        return eta.copy(), np.ones_like(eta)
    mean = 1 / (1 + np.exp(-np.clip(eta, -500, 500)))
    return mean, mean * (1 - mean)


def _height(y: Numbers, eta: Numbers, beta: Numbers, tight: Numbers, scale: Scale) -> float:
    prior = 0.5 * float((tight * beta**2).sum())
    if scale == "mean":
        return -0.5 * float(((y - eta) ** 2).sum()) - prior
    return float((y * eta - np.logaddexp(0, eta)).sum()) - prior


def _solved(matrix: Numbers, right: Numbers) -> Numbers:
    """The solution for a symmetric matrix of a penalised fit."""
    from scipy.linalg import cho_factor, cho_solve
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums of another number of threads differ in their last bits
        return np.asarray(cho_solve(cho_factor(matrix, lower=True), right))


@dataclass(frozen=True)
class _Apart:
    """One topic: its units as places in `Mentioned`, what each is expected to have without it, and how that moves.

    `moves` (columns,) is by how much the sum of what is expected grows with each weight.
    """

    places: Codes
    expected: Numbers
    moves: Numbers


def _without(design: _Design, model: _Model, *, others: bool) -> list[_Apart]:
    said = design.said
    order = np.argsort(said.topics, kind="stable")
    ends = np.searchsorted(said.topics[order], np.arange(design.count + 1))
    both = design.products(np.ones(len(design.often)))[1 : 1 + design.count, 1 : 1 + design.count]
    found = []
    for topic in range(design.count):
        places = order[ends[topic] : ends[topic + 1]]
        places = places[said.first[places]]
        mix = np.where(np.arange(design.count) == topic, 0, np.diag(both) - both[topic])  # among units without it
        mix = mix / mix.sum() if others and mix.any() else np.zeros(design.count)
        found.append(_expected(design, model, topic, places, mix))
    return found


def _expected(design: _Design, model: _Model, topic: int, places: Codes, mix: Numbers) -> _Apart:
    """:param mix: how often a unit that loses its only topic would have each other one; zeros: it would have none."""
    rows = design.said.units[places]
    bare = model.eta[rows] - model.beta[1 + topic]
    expected, bend = _level(bare, model.scale)
    extra = np.zeros(design.count)
    if mix.any():
        only = np.flatnonzero(design.often[rows] == 1)
        level, slope = np.zeros(len(only)), np.zeros(len(only))
        for other in np.flatnonzero(mix):
            there, moved = _level(bare[only] + model.beta[1 + other], model.scale)
            level += mix[other] * there
            slope += mix[other] * moved
            extra[other] = mix[other] * moved.sum()
        expected[only], bend[only] = level, slope
    moves = design.sums(bend, rows)
    moves[1 + topic] = 0.0
    moves[1 : 1 + design.count] += extra
    return _Apart(places, expected, moves)


def _told(
    design: _Design, model: _Model, y: Numbers, whose: Codes, seen: _Seen, apart: list[_Apart], size: int
) -> Drivers:
    from scipy.special import stdtr, stdtrit

    n = np.maximum(seen.n, 1)
    expected = np.array([one.expected.mean() if len(one.places) else np.nan for one in apart])
    difference = seen.value - expected
    share = seen.n / size
    error, points_error = _errors(design, model, y, whose, apart, np.nan_to_num(difference), size)
    freedom = np.maximum(seen.customers - 1, 1)
    wide = stdtrit(freedom, 0.975)
    p = 2 * stdtr(freedom, -np.abs(np.divide(difference, error, out=np.full(len(n), np.nan), where=error > 0)))
    few = _few(seen, expected, design, model.scale)
    low, high = difference - wide * error, difference + wide * error
    if model.scale == "share":  # what was seen less a share: nothing lies beyond
        low, high = np.maximum(low, seen.value - 1), np.minimum(high, seen.value)
    points = share * difference
    strong, near = _e_values(model.scale, float(y.std()), seen.value, expected, difference, low, high)
    found = (expected, difference, low, high, points, points - wide * points_error, points + wide * points_error)
    told = {name: np.where(few, np.nan, v) for name, v in zip(MODELLED, (*found, strong, near, p), strict=False)}
    return Drivers(**seen.counts(size), **told, q=discovery.benjamini_hochberg(told["p"]), few=few)


def _few(seen: _Seen, expected: Numbers, design: _Design, scale: Scale) -> Flags:
    held = np.bincount(design.said.topics, minlength=design.count)
    few = (seen.n < FEW_UNITS) | (len(design.often) - held < FEW_UNITS) | (seen.customers < FEW_EVENTS)
    if scale == "share":
        value = np.nan_to_num(seen.value)
        most = seen.n * np.maximum(value, np.nan_to_num(expected))
        least = seen.n * np.minimum(value, np.nan_to_num(expected))
        few |= (most < FEW_EVENTS) | (seen.n - least < FEW_EVENTS)
    return np.asarray(few)


def _errors(
    design: _Design, model: _Model, y: Numbers, whose: Codes, apart: list[_Apart], difference: Numbers, size: int
) -> tuple[Numbers, Numbers]:
    """Standard errors of differences and of points: what each customer moves them by, squared and added up."""
    n = np.maximum([len(one.places) for one in apart], 1)
    pull = -_solved(model.open, np.stack([one.moves for one in apart], axis=1))
    gained = np.zeros(len(design.said.units))
    for one in apart:
        gained[one.places] = y[design.said.units[one.places]] - one.expected
    first = design.said.first
    pairs = np.searchsorted(design.said.units[first], np.arange(len(y) + 1))
    order = np.argsort(whose, kind="stable")
    ends = np.searchsorted(whose[order], np.arange(int(whose.max()) + 2))
    squares = np.zeros((2, len(apart)))
    left, topics, points = y - _level(model.eta, model.scale)[0], design.said.topics[first], n * difference / size
    rows = (order, ends, design.starts, design.columns, pull, left, pairs, topics, gained[first])
    _squares(*rows, difference, points, size / len(y), squares)
    grown = np.sqrt((len(ends) - 1) / max(len(ends) - 2, 1))
    return grown * np.sqrt(squares[0]) / n, grown * np.sqrt(squares[1]) / size


def _e_values(
    scale: Scale, spread: float, value: Numbers, expected: Numbers, difference: Numbers, low: Numbers, high: Numbers
) -> tuple[Numbers, Numbers]:
    """How strong something that is not held would have to be: of the difference, and of its nearer end.

    Source: T. J. VanderWeele and P. Ding (2017), Sensitivity analysis in observational research: introducing the
    E-value, Annals of Internal Medicine 167; means by their size in standard deviations, as there.
    """
    near = np.where(low > 0, low, np.where(high < 0, high, 0.0))
    if scale == "mean":
        return tuple(_e_value(np.exp(0.91 * d / max(spread, 1e-12))) for d in (difference, near))  # type: ignore[return-value]
    base = np.maximum(expected, 1e-12)
    return _e_value(np.maximum(value, 1e-12) / base), _e_value(np.maximum(expected + near, 1e-12) / base)


def _e_value(ratio: Numbers) -> Numbers:
    ratio = np.maximum(ratio, 1 / ratio)
    return np.asarray(ratio + np.sqrt(ratio * (ratio - 1)))


def _levels(codes: Any) -> Codes:
    """The same values numbered anew, with all that fewer than `LEAST` units have as 0."""
    codes = np.asarray(codes, dtype=np.int64)
    often = np.bincount(codes) >= LEAST
    return np.asarray(np.where(often, np.cumsum(often), 0)[codes], dtype=np.int64)


def held(factors: Mapping[str, Any]) -> list[str]:
    """Names of the confounders that can be held: those with two values or more, the rare ones being one."""
    return [name for name, codes in factors.items() if len(np.unique(_levels(codes))) > 1]
