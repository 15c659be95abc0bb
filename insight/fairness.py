"""Comparing people fairly: what a colleague would have reached with the same cases, how sure that is, who stands out.

Who gets the hard cases looks bad in raw figures. One model per outcome therefore holds an effect for each unit (an
agent, or an agent on one topic) beside those of the case mix, fitted together, so that nobody's own work is taken for
the difficulty of the cases. Each factor of the case mix is drawn to nothing as far as the data tell no difference
between its levels. The units' effects are then drawn to the mean the more, the less is known of each.

The model is logistic for shares and linear for means; it is fitted by penalised quasi-likelihood: N. E. Breslow and
D. G. Clayton (1993), Approximate inference in generalized linear mixed models, JASA 88; variances of the factors by
R. Schall (1991), Estimation in generalized linear models with random effects, Biometrika 78. How far units truly differ
is not taken as known but averaged over what the data allow, so that intervals stay honest where there are few units:
B. P. Carlin and T. A. Louis (2000), Bayes and empirical Bayes methods, 2nd ed., chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from insight import intervals

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Scale = Literal["share", "mean", "log"]
"""A share of yes among yes and no; a mean of amounts; or a typical time, the mean of logarithms."""

MIN_CASES = 30
"""Who has fewer is not ranked: n = 30 at 85 % leaves an interval of 26 points."""
FALSE = 0.05
"""At most this share of those who are said to stand out may do so by chance."""
ABOVE, LIKE, BELOW = "above the others", "like the others", "below the others"
CANNOT_TELL, NOT_RANKED = "cannot tell", "not ranked"
SPREAD: dict[Scale, float] = {"share": 0.5, "mean": 0.1, "log": 0.3}
"""How far units may plausibly differ: scale of the half-normal prior of their standard deviation, in log-odds, in
points of the outcome, in logarithms."""
SAME_RATIO, SAME_POINTS = 1.25, 0.05
"""A difference within these does not matter, however sure it is."""

ROUNDS = 8
GRID = 80
BINS = 400
SMALLEST = 0.02
"""A factor whose levels differ by less than this part of the spread is as good as none."""


def levels(*columns: Any, least: int) -> Codes:
    """Numbers for the joint values of columns, in the order of the values; 0 for all with fewer than `least` rows."""
    joint: Any = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        _, codes = np.unique(np.asarray(column), return_inverse=True)
        _, joint = np.unique(joint * (codes.max(initial=0) + 1) + codes, return_inverse=True)
    often = np.bincount(joint, minlength=1) >= least
    return np.asarray(np.where(often, np.cumsum(often), 0)[joint], dtype=np.int64)


@dataclass(frozen=True)
class Comparison:
    """What is known of each unit (k,), effects on the scale of the model, and of each row (n,).

    `effect`, `low` and `high` are drawn to the mean; `alone` and `error` are not: the unit against all others.
    """

    scale: Scale
    cases: Codes
    observed: Numbers
    expected: Numbers
    effect: Numbers
    low: Numbers
    high: Numbers
    alone: Numbers
    error: Numbers
    p: Numbers
    row_expected: Numbers
    hardness: Numbers  # of cases from the easiest to the hardest, on the scale of the model

    def standard(self, effect: Any) -> Numbers:
        """The outcome that an effect (k,) would bring on the mix of all cases, in the outcome's unit."""
        effect = np.asarray(effect, dtype=np.float64)
        if self.scale == "share":
            return np.asarray(_expit(self.hardness[None, :] + effect[:, None]).mean(axis=1))
        shown = self.hardness.mean() + effect
        return np.asarray(np.exp(shown) if self.scale == "log" else shown)

    @cached_property
    def usual(self) -> float:
        """The outcome of a typical unit on the mix of all cases."""
        return float(self.standard(np.zeros(1))[0])

    def chance(self) -> intervals.Ends:
        """Where 95 % of figures would lie that differ from the usual by chance alone: the limits of a funnel plot.

        Source: D. J. Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in
        Medicine 24.
        """
        known = np.where(np.isfinite(self.error), self.error, np.nan)
        return self.standard(-intervals.Z * known), self.standard(intervals.Z * known)

    def verdicts(self, q: Any, *, better: Literal["up", "down"]) -> list[str]:
        """Who stands out: surely, by more than matters, and not one of many by chance.

        :param q: of each unit, over everything that is judged at once.
        """
        low, high = self.standard(self.low), self.standard(self.high)
        if self.scale == "mean":
            alike = (low >= self.usual - SAME_POINTS) & (high <= self.usual + SAME_POINTS)
        else:
            alike = (low >= self.usual / SAME_RATIO) & (high <= self.usual * SAME_RATIO)
        sure = (np.asarray(q) <= FALSE) & ((self.low > 0) | (self.high < 0))
        good = (self.effect > 0) == (better == "up")
        chosen = np.select(
            [self.cases < MIN_CASES, alike, sure & good, sure], [NOT_RANKED, LIKE, ABOVE, BELOW], CANNOT_TELL
        )
        return [str(verdict) for verdict in chosen]


def compare(units: Codes, count: int, factors: Sequence[Codes], outcome: Any, *, scale: Scale) -> Comparison | None:
    """Each unit against the others with the same cases; None where there is nothing to compare.

    :param units: whose row it is, (n,), 0 … count - 1; rows in a total order, since sums depend on it.
    :param factors: the case mix, each (n,) as `levels` makes it.
    :param outcome: (n,): 0 or 1 for shares, amounts for means, positive amounts for "log".
    """
    y = np.asarray(outcome, dtype=np.float64)
    y = np.log(y) if scale == "log" else y
    if count < 2 or len(y) < 2 or y.min() == y.max():
        return None
    model = _fit(_Design((*factors, units), (*(int(f.max()) + 1 for f in factors), count)), y, scale)
    known = _Known.of(model)
    effect, low, high = known.shrunk()
    alone, error = known.alone()
    mine = model.design.columns[-1]
    hardness = model.design.linear(np.where(mine, 0, model.beta))
    expected = _expit(hardness) if scale == "share" else np.exp(hardness) if scale == "log" else hardness
    cases = np.bincount(units, minlength=count)
    ordered = np.sort(hardness)
    bins = np.array([part.mean() for part in np.array_split(ordered, min(BINS, len(ordered)))])
    return Comparison(
        scale,
        cases,
        _mean(units, y, cases, scale),
        _mean(units, hardness if scale == "log" else expected, cases, scale),
        effect,
        low,
        high,
        alone,
        error,
        _two_sided(alone / error),
        expected,
        bins,
    )


def _mean(units: Codes, values: Numbers, cases: Codes, scale: Scale) -> Numbers:
    """Means by unit, NaN without a case; of logarithms where the scale says so."""
    total = np.bincount(units, weights=values, minlength=len(cases))
    mean = np.divide(total, cases, out=np.full(len(cases), np.nan), where=cases > 0)
    return np.asarray(np.exp(mean) if scale == "log" else mean)


@dataclass(frozen=True)
class _Design:
    """Columns of zeros and ones: one that is always one, then one per level of each factor, the units last."""

    codes: tuple[Codes, ...]  # each row's level, by factor
    sizes: tuple[int, ...]

    @cached_property
    def places(self) -> list[slice]:
        """The columns of each factor."""
        ends = np.cumsum([1, *self.sizes])
        return [slice(int(since), int(until)) for since, until in pairwise(ends)]

    @property
    def width(self) -> int:
        return 1 + sum(self.sizes)

    @cached_property
    def columns(self) -> npt.NDArray[np.bool_]:
        """(factors, columns): which belong to which factor."""
        factor = np.concatenate([[-1], np.repeat(np.arange(len(self.sizes)), self.sizes)])
        return np.asarray(factor[None, :] == np.arange(len(self.sizes))[:, None])

    def linear(self, beta: Numbers) -> Numbers:
        """What the columns add up to in each row."""
        return np.asarray(beta[0] + sum(beta[p][c] for p, c in zip(self.places, self.codes, strict=True)))

    def sums(self, values: Numbers) -> Numbers:
        """Values summed by column."""
        parts = [np.bincount(c, values, size) for c, size in zip(self.codes, self.sizes, strict=True)]
        return np.concatenate([[values.sum()], *parts])

    def products(self, weights: Numbers) -> Numbers:
        """Weights summed by pair of columns, (columns, columns)."""
        found = np.zeros((self.width, self.width))
        found[0] = found[:, 0] = self.sums(weights)
        np.fill_diagonal(found, found[0])
        for one, other in combinations(range(len(self.sizes)), 2):
            shape = self.sizes[one], self.sizes[other]
            pairs = np.bincount(self.codes[one] * shape[1] + self.codes[other], weights, shape[0] * shape[1])
            found[self.places[one], self.places[other]] = pairs.reshape(shape)
            found[self.places[other], self.places[one]] = pairs.reshape(shape).T
        return found


@dataclass(frozen=True)
class _Model:
    """The fitted effects, and what the data say about all columns near them, as of a weighted linear model."""

    design: _Design
    beta: Numbers
    variances: Numbers  # by factor
    products: Numbers
    sums: Numbers
    spread: float


def _fit(design: _Design, y: Numbers, scale: Scale) -> _Model:
    """Effects and variances in turn. The number of rounds is fixed, so that the same rows give the same figures."""
    spread = SPREAD[scale]
    variances = np.full(len(design.sizes), spread**2)
    beta = np.zeros(design.width)
    beta[0] = np.log(y.mean() / (1 - y.mean())) if scale == "share" else y.mean()
    noise = float(y.var())
    for _ in range(ROUNDS):
        weights, working = _working(design.linear(beta), y, noise, scale)
        products, sums = design.products(weights), design.sums(weights * working)
        penalty = np.concatenate([[0.0], np.repeat(1 / variances, design.sizes)])
        spreads = _inverse(products + np.diag(penalty))
        beta = spreads @ sums
        freedom = design.columns @ (1 - penalty * np.diag(spreads))
        variances = (design.columns @ beta**2) / np.maximum(freedom, 1e-9)
        variances = np.clip(variances, (SMALLEST * spread) ** 2, (8 * spread) ** 2)
        if scale != "share":
            left = max(len(y) - 1 - freedom.sum(), 1.0)
            noise = max(float(((y - design.linear(beta)) ** 2).sum() / left), 1e-9)
    return _Model(design, beta, variances, products, sums, spread)


def _inverse(matrix: Numbers) -> Numbers:
    """The inverse of a symmetric matrix of a penalised fit; half the work of one that is not symmetric."""
    from scipy.linalg import lapack

    factor, failed = lapack.dpotrf(matrix, lower=True)
    if failed:
        return np.asarray(np.linalg.pinv(matrix, hermitian=True))
    below, _ = lapack.dpotri(factor, lower=True)
    return np.asarray(np.tril(below) + np.tril(below, -1).T)


def _working(eta: Numbers, y: Numbers, noise: float, scale: Scale) -> tuple[Numbers, Numbers]:
    """Weights and working outcome of the linear model that stands for the outcome near `eta`."""
    if scale != "share":
        return np.full(len(y), 1 / noise), y
    eta = np.clip(eta, -12, 12)
    mean = _expit(eta)
    weights = mean * (1 - mean)
    return weights, eta + (y - mean) / weights


@dataclass(frozen=True)
class _Known:
    """What the data say about the units when the case mix is not known either: u'r - u'Su / 2 with S = Q diag(l) Q'.

    Effects are told against the mean of the units. The data say nothing about a common shift of all of them, which is
    the intercept: that direction is left out.
    """

    roots: Numbers
    axes: Numbers
    along: Numbers
    spread: float

    @classmethod
    def of(cls, model: _Model) -> _Known:
        mine = model.design.columns[-1]
        penalty = np.concatenate([[0.0], np.repeat(1 / model.variances, model.design.sizes)])[~mine]
        mix = model.products[np.ix_(~mine, ~mine)] + np.diag(penalty)
        shared = np.linalg.solve(mix, model.products[np.ix_(~mine, mine)])
        told = model.products[np.ix_(mine, mine)] - model.products[np.ix_(mine, ~mine)] @ shared
        rest = model.sums[mine] - shared.T @ model.sums[~mine]
        contrasts = _contrasts(int(mine.sum()))
        roots, turned = np.linalg.eigh(contrasts.T @ (told + told.T) @ contrasts / 2)
        axes = contrasts @ turned
        return cls(np.maximum(roots, 0), axes, axes.T @ rest, model.spread)

    @cached_property
    def grid(self) -> tuple[Numbers, Numbers]:
        """How far the units may truly differ, as variances (t,), and how likely each is."""
        step = np.arange(1, GRID + 1) / GRID
        tau = 4 * self.spread * step**2
        variance = tau[:, None] ** 2
        narrowed = variance / (1 + variance * self.roots)
        logs = 0.5 * (narrowed * self.along**2 - np.log1p(variance * self.roots)).sum(axis=1)
        logs += np.log(step) - 0.5 * (tau / self.spread) ** 2
        likely = np.exp(logs - logs.max())
        kept = likely > 1e-7
        return tau[kept] ** 2, likely[kept] / likely[kept].sum()

    def shrunk(self) -> tuple[Numbers, Numbers, Numbers]:
        """Mean and ends of the 95 % interval of each unit's effect."""
        variance, likely = self.grid
        narrowed = variance[:, None] / (1 + variance[:, None] * self.roots)
        means = (narrowed * self.along) @ self.axes.T
        errors = np.sqrt(narrowed @ (self.axes**2).T)
        tail = (1 - intervals.LEVEL) / 2
        return likely @ means, _quantile(means, errors, likely, tail), _quantile(means, errors, likely, 1 - tail)

    def alone(self) -> tuple[Numbers, Numbers]:
        """Each unit's effect and its standard error where only the others are drawn to the mean; inf: nothing known.

        The unit's own prior is taken out of the result for all of them: Sherman and Morrison's formula.
        """
        variances, likely = self.grid
        variance = float(likely @ variances)
        narrowed = variance / (1 + variance * self.roots)
        mean, width = self.axes @ (narrowed * self.along), (self.axes**2) @ narrowed
        told = variance * (1 - 1 / len(mean)) - width
        known = told > 1e-9 * variance
        grown = width / np.where(known, told, 1.0)
        return np.where(known, mean * (1 + grown), 0.0), np.where(known, np.sqrt(width * (1 + grown)), np.inf)


def _contrasts(count: int) -> Numbers:
    """An orthonormal basis (count, count - 1) of everything that sums to zero: Helmert's contrasts."""
    place = np.arange(count)
    basis = np.where(place[:, None] <= place[None, :-1], 1.0, 0.0)
    basis[place[1:], place[:-1]] = -place[1:]
    return np.asarray(basis / np.sqrt(place[1:] * (place[1:] + 1.0)))


def _quantile(means: Numbers, errors: Numbers, likely: Numbers, level: float) -> Numbers:
    """A quantile of mixtures of normal distributions: (t, k) means and errors, (t,) shares, by halving."""
    from scipy.special import ndtr

    low, high = (means - 10 * errors).min(axis=0), (means + 10 * errors).max(axis=0)
    for _ in range(50):
        middle = (low + high) / 2
        below = likely @ ndtr((middle - means) / errors) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def _two_sided(z: Numbers) -> Numbers:
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(z)))


def _expit(eta: Any) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.asarray(eta, dtype=np.float64))))
