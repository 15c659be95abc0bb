"""Do two people who score the same conversation mean the same? Quadratic weighted kappa with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insight.intervals import Z

GOOD = 0.7
"""From here on an item may be kept."""
ENOUGH = 30
"""Pairs below which nothing is said."""
TELLING = 10
"""Nothing is said either below so many pairs in which anybody departs from the usual level."""


@dataclass(frozen=True)
class Agreement:
    """How far two scorers agree on one item.

    :param n: conversations that two people gave a level.
    :param same: those with the same level.
    :param telling: those in which at least one of the two departs from the level that is given most.
    :param kappa: 1 all the same, 0 as by chance; null where nobody's scores differ, for then chance explains all.
    :param low: lower end of the 95 % interval; null with kappa, and where the pairs do not show how it may vary.
    """

    n: int
    same: int
    telling: int
    kappa: float | None
    low: float | None
    high: float | None

    @property
    def verdict(self) -> str:
        """`keep`, `rewrite` (the item is not understood alike), or `cannot tell`."""
        if self.n < ENOUGH or self.telling < TELLING or self.kappa is None:
            return "cannot tell"
        return "keep" if self.kappa >= GOOD else "rewrite"


def weighted_kappa(first: Sequence[int], second: Sequence[int], *, levels: int) -> Agreement:
    """Quadratic weighted kappa of two people's levels of the same conversations, 1 to `levels` each.

    Source: J. Cohen (1968), Weighted kappa, Psychological Bulletin 70; its large-sample variance by J. L. Fleiss,
    J. Cohen and B. S. Everitt (1969), Psychological Bulletin 72; ends on Fisher's z, as of an intraclass correlation,
    which it is near to (J. L. Fleiss and J. Cohen 1973, Educational and Psychological Measurement 33).
    """
    n = len(first)
    table = np.zeros((levels, levels))
    np.add.at(table, (np.asarray(first, dtype=int) - 1, np.asarray(second, dtype=int) - 1), 1)
    same = int(np.trace(table))
    usual = int(np.argmax(table.sum(axis=0) + table.sum(axis=1)))
    telling = int(n - table[usual, usual])
    place = np.arange(levels)
    near = 1 - (place[:, None] - place[None, :]) ** 2 / (levels - 1) ** 2
    share = table / max(n, 1)
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    seen, chance = float((near * share).sum()), float(rows @ near @ columns)
    if not n or 1 - chance < 1e-12:
        return Agreement(n, same, telling, None, None, None)
    kappa = (seen - chance) / (1 - chance)
    apart = (near @ columns)[:, None] + (rows @ near)[None, :]
    told = (share * (near * (1 - chance) - apart * (1 - seen)) ** 2).sum()
    variance = max(float(told) - (seen * chance - 2 * chance + seen) ** 2, 0.0) / (n * (1 - chance) ** 4)
    return Agreement(n, same, telling, kappa, *_ends(kappa, math.sqrt(variance)))


def _ends(kappa: float, error: float) -> tuple[float | None, float | None]:
    """Symmetric on Fisher's z, so never beyond 1."""
    if error < 1e-9:
        return None, None
    inner = min(max(kappa, -0.999999), 0.999999)
    middle, half = math.atanh(inner), Z * error / (1 - inner**2)
    return math.tanh(middle - half), math.tanh(middle + half)
