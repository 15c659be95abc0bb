"""One group against another: how much a share or a mean differs, how sure that is, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from insight.intervals import Numbers, Z, wilson


@dataclass(frozen=True)
class Contrast:
    """Differences a - b, each array of shape (n,): 95 % interval, two-sided chance `p`, and size in spreads.

    `size` is the end of the interval that is nearer to 0, over the spread of single rows: 0 where the interval holds 0,
    infinite where no row differs from the others of its group.
    """

    difference: Numbers
    low: Numbers
    high: Numbers
    p: Numbers
    size: Numbers


def shares(a: Any, n_a: Any, b: Any, n_b: Any) -> Contrast:
    """Shares a / n_a against b / n_b, all counts of shape (n,) with n_a and n_b above 0.

    Interval: square and add over Wilson's (R. G. Newcombe 1998, Interval estimation for the difference between
    independent proportions, Statistics in Medicine 17, method 10); chance: the pooled z-test of two proportions.
    """
    x, n, y, m = (np.asarray(v, dtype=np.float64) for v in (a, n_a, b, n_b))
    p, q = x / n, y / m
    (p_low, p_high), (q_low, q_high) = wilson(x, n), wilson(y, m)
    low = p - q - np.hypot(p - p_low, q_high - q)
    high = p - q + np.hypot(p_high - p, q - q_low)
    together = (x + y) / (n + m)
    spread = np.sqrt(together * (1 - together))
    return _told(p - q, low, high, spread * np.sqrt(1 / n + 1 / m), spread)


def means(a: Any, a_squares: Any, n_a: Any, b: Any, b_squares: Any, n_b: Any) -> Contrast:
    """Means a / n_a against b / n_b, from sums and sums of squares, with two rows or more each (Welch)."""
    x, xx, n, y, yy, m = (np.asarray(v, dtype=np.float64) for v in (a, a_squares, n_a, b, b_squares, n_b))
    within_x, within_y = np.maximum(xx - x * x / n, 0), np.maximum(yy - y * y / m, 0)
    error = np.sqrt(within_x / (n - 1) / n + within_y / (m - 1) / m)
    difference = x / n - y / m
    spread = np.sqrt((within_x + within_y) / (n + m - 2))
    return _told(difference, difference - Z * error, difference + Z * error, error, spread)


def _told(difference: Numbers, low: Numbers, high: Numbers, error: Numbers, spread: Numbers) -> Contrast:
    from scipy.special import ndtr

    known = error > 0
    z = np.where(known, np.abs(difference) / np.where(known, error, 1), np.where(difference == 0, 0.0, np.inf))
    near = np.where(low > 0, low, np.where(high < 0, -high, 0.0))
    size = np.where(spread > 0, near / np.where(spread > 0, spread, 1), np.where(near > 0, np.inf, 0.0))
    return Contrast(difference, low, high, 2 * ndtr(-z), size)
