"""Rates of many kindred things at once: each is drawn towards the usual rate the more, the less is known about it.

A count is Poisson and its rate gamma (empirical Bayes); a share of two is binomial with a beta prior that leans to
neither. Ranked by the lower end of such a rate, one among three stands behind thirty among a thousand.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from insight.intervals import LEVEL, Ends, Numbers

TAIL = (1 - LEVEL) / 2


class Prior(NamedTuple):
    """A gamma distribution of rates: `events` seen in `exposure` before anything is counted."""

    events: float
    exposure: float


class Rates(NamedTuple):
    """Shrunk rates of shape (n,), and the ends of their 95 % intervals."""

    mean: Numbers
    low: Numbers
    high: Numbers


def prior(events: Any, exposure: Any) -> Prior:
    """How rates differ from thing to thing: the gamma distribution with their mean and their spread beyond chance.

    The spread is the weighted variance of the rates less what counting alone explains. It is held at or above that, so
    that the prior never weighs more than the data of an average thing; without any data it is NaN.

    :param events: the count of each thing, shape (n,). :param exposure: what it was counted over, one or shape (n,).

    Source: R. J. Marshall (1991), Mapping disease and mortality rates using empirical Bayes estimators, JRSS C 40.
    """
    x, n = np.broadcast_arrays(np.asarray(events, dtype=np.float64), np.asarray(exposure, dtype=np.float64))
    x, n = x[n > 0], n[n > 0]
    seen, over = priors(x.sum(), n.sum(), (x**2 / n).sum(), len(n))
    return Prior(float(seen), float(over))


def priors(events: Any, exposure: Any, squares: Any, things: Any) -> tuple[Numbers, Numbers]:
    """The priors of many groups of things at once, from their sums, each of shape (groups,): see `prior`.

    :param squares: sum of events² / exposure. :param things: how many things with exposure there are.
    :returns: events and exposure of each prior; NaN where nothing was counted.
    """
    x, n, xx, k = (np.asarray(v, dtype=np.float64) for v in (events, exposure, squares, things))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(x > 0, x / n, np.nan)
        chance = mean * k / n
        spread = np.maximum(xx / n - mean**2 - chance, chance)
        return mean**2 / spread, mean / spread


def shrunk(events: Any, exposure: Any, usual: Prior | tuple[Numbers, Numbers]) -> Rates:
    """Rates drawn towards the usual one the more, the less is known; shape (n,). NaN without a prior.

    :param usual: one prior, or the two parts of one for each rate, each of shape (n,).

    A count is Poisson and its rate gamma, so that the rate given the count is gamma again, with the events and the
    exposures added up.

    Source: D. Clayton and J. Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks for use in
    disease mapping, Biometrics 43.
    """
    from scipy.special import gammaincinv

    seen = np.asarray(events, dtype=np.float64) + usual[0]
    over = np.asarray(exposure, dtype=np.float64) + usual[1]
    mean, low, high = seen / over, gammaincinv(seen, TAIL) / over, gammaincinv(seen, 1 - TAIL) / over
    return Rates(
        mean, low, np.maximum(high, mean)
    )  # of next to no event the mean lies above 97.5 % of the distribution


def balance(one: Any, other: Any, *, worth: float) -> tuple[Numbers, Ends]:
    """Which of two kinds is said more: from -1, all of them `one`, over 0, as many of each, to 1, all of them `other`.

    The share of `other` is beta given the counts, the prior being beta with `worth` / 2 of each kind: so many voices
    have spoken for balance before anybody speaks, and a single one says little.

    :param one: counts, shape (n,). :param other: counts, shape (n,). :returns: the mean, and the ends of its 95 %
        interval. Source: A. Gelman et al. (2013), Bayesian data analysis, 3rd ed., 2.4.
    """
    from scipy.special import betaincinv

    a = np.asarray(other, dtype=np.float64) + worth / 2
    b = np.asarray(one, dtype=np.float64) + worth / 2
    return 2 * a / (a + b) - 1, (2 * betaincinv(a, b, TAIL) - 1, 2 * betaincinv(a, b, 1 - TAIL) - 1)
