"""95 % intervals of the figures we show: how far the truth may lie from what was counted.

They work on whole arrays; where nothing was counted the ends are NaN.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

LEVEL = 0.95
Z = 1.959963984540054
"""The normal quantile of 0.975."""

Numbers = npt.NDArray[np.float64]
Ends = tuple[Numbers, Numbers]


def wilson(num: Any, den: Any) -> Ends:
    """A share `num` / `den`, both counts of shape (n,): Wilson's score interval.

    Source: E. B. Wilson (1927), Probable inference, JASA 22. Chosen over Clopper-Pearson, which is too wide, by
    Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, Statistical Science 16.
    """
    x, n = _real(num), _real(den)
    n = np.where(n > 0, n, np.nan)
    p = x / n
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return np.where(x == 0, 0 * middle, middle - half), np.where(x == n, 0 * middle + 1, middle + half)


def poisson(events: Any, exposure: Any) -> Ends:
    """A rate `events` / `exposure`, events being a count of shape (n,): exact, by quantiles of the gamma distribution.

    Source: F. Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28. The exposure is taken as
    known. The rate of no event at all has the lower end 0 and an upper end above 0.
    """
    from scipy.special import gammaincinv

    x, t = _real(events), _real(exposure)
    t = np.where(t > 0, t, np.nan)
    tail = (1 - LEVEL) / 2
    low = np.where(x > 0, gammaincinv(np.where(x > 0, x, 1), tail), 0)
    return low / t, gammaincinv(x + 1, 1 - tail) / t


def ratio_of_sums(num: Any, den: Any, n: Any, num2: Any, den2: Any, num_den: Any) -> Ends:
    """A mean, or any sum over a sum of n rows, from the sums of squares and products: normal, by linearisation.

    With `den` 1 in every row it is mean ± z · s / √n. Source: W. G. Cochran (1977), Sampling techniques, 3rd ed., 6.4.
    One row tells nothing about the spread: NaN.
    """
    y, x, rows, yy, xx, xy = (_real(v) for v in (num, den, n, num2, den2, num_den))
    rows, x = np.where(rows > 1, rows, np.nan), np.where(x > 0, x, np.nan)
    ratio = y / x
    spread = np.maximum(yy - 2 * ratio * xy + ratio**2 * xx, 0) / (rows - 1)
    half = Z * np.sqrt(spread / rows) / (x / rows)
    return ratio - half, ratio + half


def order_statistics(n: nw.Expr, percentile: float) -> tuple[nw.Expr, nw.Expr]:
    """Which two of n ordered values enclose a percentile (0 … 1), counted from 1; null where n is too small for two.

    The number of values below the percentile is binomial whatever their distribution. Its normal approximation is
    taken, both ends rounded outwards, which keeps at least the level. Source: W. J. Conover (1999), Practical
    nonparametric statistics, 3rd ed., 3.2.
    """
    half = (n * (percentile * (1 - percentile))).sqrt() * Z
    low, high = (n * percentile - half).floor(), (n * percentile + half).ceil() + 1
    known = (low >= 1) & (high <= n)
    return nw.when(known).then(low), nw.when(known).then(high)


def rate_ratio(events: Any, exposure: Any, base_events: Any, base_exposure: Any) -> Ends:
    """How many times the base rate a rate is, both being counts of events over exposure: exact, given their sum.

    Given the sum, the events of one are binomial; Clopper-Pearson's ends of that share are turned into a ratio. NaN
    where an exposure is 0 or nothing happened; an upper end may be infinite. Source: J. Przyborowski and H. Wilenski
    (1940), Homogeneity of results in testing samples from Poisson series, Biometrika 31.
    """
    from scipy.special import betaincinv

    x, t, y, u = (_real(v) for v in (events, exposure, base_events, base_exposure))
    tail, known = (1 - LEVEL) / 2, (t > 0) & (u > 0) & (x + y > 0)
    low = np.where(x > 0, betaincinv(np.maximum(x, 1), y + 1, tail), 0)
    high = np.where(y > 0, betaincinv(x + 1, np.maximum(y, 1), 1 - tail), 1)
    odds = np.where(known, u, np.nan) / np.where(known, t, np.nan)
    above = np.where(high < 1, high / np.where(high < 1, 1 - high, 1), np.inf)
    return odds * low / (1 - low), odds * above


def _real(values: Any) -> Numbers:
    return np.asarray(values, dtype=np.float64)
