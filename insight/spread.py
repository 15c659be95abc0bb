"""How far counts may lie from their forecast: negative binomial intervals, calibrated on what was forecast before.

The dispersion comes from earlier errors. Counts are whole, so that an interval of whole ends holds more than it is
said to; therefore the tails that are cut are chosen so that the interval would have held 80 % (95 %) of the counts
so far. Quiet, usual and busy hours are calibrated apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

Numbers = npt.NDArray[np.float64]

BANDS = 3
ENOUGH = 300
"""Pairs of forecast and truth that a band needs."""
TAILS = np.linspace(0.0005, 0.4, 800)
SMALL = 1e-9


@dataclass(frozen=True)
class Calibration:
    """Dispersion and tails by band of the forecast. `edges` are the upper ends of all bands but the last."""

    edges: Numbers
    dispersion: Numbers
    tails: Numbers

    def ends(self, expected: Numbers, level: int, extra: Numbers | float = 0.0) -> tuple[Numbers, Numbers]:
        """Lower and upper end, whole counts, of the interval number `level` (0 or 1) of LEVELS.

        :param extra: further variance of the rate as a share of its square: what a special day adds.
        """
        mean = np.maximum(np.asarray(expected, dtype=float), SMALL)
        band = np.searchsorted(self.edges, mean)
        dispersion, tail = self.dispersion[band] + extra, self.tails[level][band]
        return quantile(tail, mean, dispersion), quantile(1 - tail, mean, dispersion)

    def holds(self, expected: Numbers, truth: Numbers, extra: Numbers) -> npt.NDArray[np.bool_]:
        """Whether counts lie in the intervals that `ends` gives, without computing these: shape (levels, n)."""
        mean = np.maximum(expected, SMALL)
        band = np.searchsorted(self.edges, mean)
        largest = _largest_tail(mean, truth, self.dispersion[band] + extra)
        inside: npt.NDArray[np.bool_] = largest >= self.tails[:, band]
        return inside


def calibrated(expected: Numbers, truth: Numbers, levels: tuple[float, ...], extra: Numbers) -> Calibration:
    """Learn dispersion and tails from forecasts and what came, both of shape (n,); n may be 0.

    :param extra: the further variance of special days, as in `ends`.
    """
    mean = np.maximum(expected, SMALL)
    bands = max(1, min(BANDS, len(mean) // ENOUGH))
    edges = np.unique(np.quantile(mean, np.arange(1, bands) / bands)) if len(mean) else np.zeros(0)
    band = np.searchsorted(edges, mean)
    dispersion = np.zeros(len(edges) + 1)
    tails = np.tile((1 - np.array(levels))[:, None] / 2, (1, len(edges) + 1))
    for one in range(len(edges) + 1):
        m, y, e = mean[band == one], truth[band == one], extra[band == one]
        if not len(m):
            continue
        over = float(((y - m) ** 2 - m - e * m**2).sum()) / max(float((m**2).sum()), SMALL)
        dispersion[one] = max(over, 0.0)
        tails[:, one] = _tails(_largest_tail(m, y, dispersion[one] + e), levels)
    return Calibration(edges, dispersion, tails)


def at_most(counts: Numbers, mean: Numbers, dispersion: Numbers) -> Numbers:
    """The chance of so many or fewer: negative binomial with variance mean + dispersion × mean².

    Source: by the regularised incomplete beta function, M. Abramowitz and I. A. Stegun (1964), 26.5.26.
    """
    size = 1 / np.maximum(dispersion, SMALL)
    chance: Numbers = np.where(counts < 0, 0.0, betainc(size, np.maximum(counts, 0) + 1, size / (size + mean)))
    return chance


def quantile(share: Numbers, mean: Numbers, dispersion: Numbers) -> Numbers:
    """The smallest whole count that is not exceeded in this share of cases, by halving."""
    low = np.full(mean.shape, -1.0)
    high = np.ceil(mean + 20 * np.sqrt(mean + dispersion * mean**2) + 20)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        reached = at_most(middle, mean, dispersion) >= share
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    found: Numbers = high
    return found


def _largest_tail(mean: Numbers, counts: Numbers, dispersion: Numbers) -> Numbers:
    """The largest tail that can be cut off at either end with the count still inside the interval.

    A count lies inside where at least the tail is at or below it, and less than one minus the tail is below it.
    """
    found: Numbers = np.minimum(at_most(counts, mean, dispersion), 1 - at_most(counts - 1, mean, dispersion))
    return found


def _tails(largest: Numbers, levels: tuple[float, ...]) -> list[float]:
    """The tails at which the intervals hold the wanted shares of counts."""
    need = np.sort(largest)
    held = 1 - np.searchsorted(need, TAILS, side="left") / len(need)
    return [float(TAILS[np.argmin(np.abs(held - level))]) for level in levels]
