"""A stratified random sample with known weights, and what it says about all: estimate, interval, sizes that are needed.

The draw is by a keyed hash of each id, so it does not depend on the order of rows and can be done again by anybody.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight.intervals import LEVEL, Z, wilson

PARTS = ("agent_id", "channel", "topic_id")
"""What strata are made of, coarsest first."""
REST = "*"
"""In the name of a stratum: whatever is not a stratum of its own."""
WORTH = 2
"""A stratum of its own should expect so many draws, or its spread could not be seen."""
POWER = 0.8
Z_POWER = 0.8416212335729143
"""The normal quantile of POWER."""

Numbers = npt.NDArray[np.float64]


def keys(ids: Iterable[str], *, seed: int, purpose: str) -> npt.NDArray[np.uint64]:
    """A number from 0 to 2^64 - 1 for each id, as good as drawn by lot; another purpose draws another lot."""
    key = hashlib.sha256(f"{seed}\x1f{purpose}".encode()).digest()
    drawn = (hashlib.blake2b(i.encode(), digest_size=8, key=key).digest() for i in ids)
    return np.fromiter((int.from_bytes(d, "big") for d in drawn), dtype=np.uint64)


def strata(rows: pd.DataFrame, *, size: int) -> list[str]:
    """The stratum of each row: agent, channel and topic where that cell is worth it, else fewer of them.

    Agents keep a stratum of their own while there are draws for them; the smallest go together where there are not.

    :param rows: PARTS as text, shape (rows,).
    :param size: how many will be drawn, one at least.
    """
    least = WORTH * len(rows) / size
    parts = list(zip(*(rows[name].astype(object) for name in PARTS), strict=True))
    named = [""] * len(parts)
    for depth in range(len(PARTS), 0, -1):
        cells = [" · ".join((*part[:depth], *[REST] * (len(PARTS) - depth))) for part in parts]
        open_ = Counter(cell for cell, name in zip(cells, named, strict=True) if not name)
        fits = {cell for cell, count in open_.items() if depth == 1 or count >= least}
        named = [name or (cell if cell in fits else "") for cell, name in zip(cells, named, strict=True)]
    return _merged(named, size)


def _merged(named: list[str], most: int) -> list[str]:
    """At most so many strata: the two smallest go together until it is so."""
    counts, together = Counter(named), " · ".join([REST] * len(PARTS))
    gone: set[str] = set()
    while len(counts) > most:
        for name in sorted(counts, key=lambda name: (counts[name], name))[:2]:
            gone.add(name)
            counts[together] += counts.pop(name) if name != together else 0
    return [together if name in gone else name for name in named]


def allocated(sizes: Sequence[int], total: int) -> list[int]:
    """How many of `total` draws each stratum gets: one at least, the rest in proportion, never more than it has.

    The next draw goes to the stratum with the largest N² / n (n + 1): with equal spread in all strata the interval is
    the narrowest that whole numbers allow. Source: T. Wright (2012), The equivalence of Neyman optimum allocation for
    sampling and equal proportions for apportioning the US House, The American Statistician 66. Ties go to the first.

    :param sizes: N of each stratum, 1 or more, shape (strata,); not more strata than draws.
    """
    got = [1] * len(sizes)
    queue = [(-(n**2) / 2, place) for place, n in enumerate(sizes) if n > 1]
    heapq.heapify(queue)
    for _ in range(min(total, sum(sizes)) - len(sizes)):
        _, place = heapq.heappop(queue)
        got[place] += 1
        n = sizes[place]
        if n > got[place]:
            heapq.heappush(queue, (-(n**2) / (got[place] * (got[place] + 1)), place))
    return got


def draw(rows: pd.DataFrame, *, size: int, seed: int, purpose: str) -> pd.DataFrame:
    """The sample of these rows, in the order in which it was drawn by lot.

    :param rows: conversation_id, unique, and PARTS; shape (rows,).
    :param size: how many to draw; all where there are fewer.
    :param purpose: which draw this is, such as its week: each has its own lot.
    :returns: the rows that were drawn, with stratum, stratum_size (N), stratum_drawn (n).
    """
    if not size or rows.empty:
        return rows.iloc[:0].assign(stratum="", stratum_size=0, stratum_drawn=0)
    ids, named = rows["conversation_id"].tolist(), strata(rows, size=size)
    lots, order = (keys(ids, seed=seed, purpose=name).tolist() for name in (purpose, f"{purpose} order"))
    sizes = dict(sorted(Counter(named).items()))
    drawn = dict(zip(sizes, allocated(list(sizes.values()), size), strict=True))
    left, taken = dict(drawn), []
    for row in sorted(range(len(ids)), key=lambda row: (lots[row], ids[row])):
        if left[named[row]]:
            left[named[row]] -= 1
            taken.append(row)
    taken.sort(key=lambda row: (order[row], ids[row]))
    names = [named[row] for row in taken]
    return rows.iloc[taken].assign(
        stratum=names, stratum_size=[sizes[n] for n in names], stratum_drawn=[drawn[n] for n in names]
    )


# ---------------------------------------------------------------- what a sample says


@dataclass(frozen=True)
class Estimate:
    """A mean over all conversations, judged by those that were scored.

    :param n: how many were scored.
    :param value: null where none was.
    :param low: lower end of the 95 % interval; null where too few were scored to see how they spread.
    :param deviation: standard deviation of single conversations; null for fewer than two.
    """

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    deviation: float | None = None


def estimate(values: Any, strata: Any, sizes: Any) -> Estimate:
    """The mean over all rows of the strata that were seen: each scored row speaks for N / n of its stratum (Hájek).

    Variance by linearisation, stratum by stratum with finite population correction; strata of which one row was
    scored are judged together (collapsed strata). Source: W. G. Cochran (1977), Sampling techniques, 3rd ed., 5A.12
    and 5.6. The interval is Wilson's at the sample size that a simple draw would need to be as sure (E. L. Korn and
    B. I. Graubard 1998, Confidence intervals for proportions with small expected number of positive counts, Survey
    Methodology 24), so it never leaves 0 to 1.

    :param values: 0 to 1, NaN for a row that does not belong to those whose mean is wanted; shape (scored,).
    :param strata: the stratum of each, anything that can be compared.
    :param sizes: N of its stratum, for each.
    """
    y, big = np.asarray(values, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    inside = ~np.isnan(y)
    n = int(inside.sum())
    if not n:
        return Estimate(0)
    _, code = np.unique(np.asarray(strata), return_inverse=True)
    scored = np.bincount(code)
    weight = big / scored[code]
    total = float(weight[inside].sum())
    mean = float((weight[inside] * y[inside]).sum() / total)
    mean = round(min(max(mean, 0.0), 1.0), 12)  # equal scores have the same mean, whatever their weights add up to
    spread = np.where(inside, np.nan_to_num(y) - mean, 0.0) / total
    stratum_sizes = np.zeros(len(scored))
    stratum_sizes[code] = big
    variance, freedom = _variance(spread, code, scored, stratum_sizes)
    low, high = _ends(mean, variance, n, min(freedom, n - 1))
    apart = float((weight[inside] * (y[inside] - mean) ** 2).sum() / total)
    return Estimate(n, mean, low, high, math.sqrt(apart * n / (n - 1)) if n > 1 else None)


def _variance(spread: Numbers, code: Any, scored: Any, sizes: Numbers) -> tuple[float, int]:
    """Variance of the sum of N / n · spread, and its degrees of freedom (0 where nothing tells the spread)."""
    sums, squares = np.bincount(code, spread), np.bincount(code, spread**2)
    rest = np.maximum(1 - scored / sizes, 0)
    several = scored > 1
    within = np.where(several, (squares - sums**2 / scored) / np.maximum(scored - 1, 1), 0.0)
    variance = float((sizes**2 * rest / scored * np.maximum(within, 0))[several].sum())
    freedom = int((scored - 1)[several].sum())
    alone = ~several & (sizes > 1)
    count = int(alone.sum())
    if count == 1:  # nothing to be judged with, so it is taken to spread as all rows do
        about = float(np.var(spread, ddof=1)) if len(spread) > 1 else 0.0
        variance += float((sizes**2 * rest)[alone].sum()) * about
    elif count:
        told, share = (sizes * sums)[alone], sizes[alone] / sizes[alone].sum()
        apart = (told - share * told.sum()) ** 2 * rest[alone]
        variance += count / (count - 1) * float(apart.sum())
        freedom += count - 1
    return variance, freedom


def _ends(mean: float, variance: float, n: int, freedom: int) -> tuple[float | None, float | None]:
    """Wilson's interval at the sample size that is as sure; at `n` where all scores are equal."""
    from scipy.special import stdtrit

    if freedom < 1:
        return None, None
    size = mean * (1 - mean) / variance if variance > 1e-15 else float(n)
    size *= (Z / float(stdtrit(freedom, (1 + LEVEL) / 2))) ** 2
    low, high = wilson(mean * size, size)
    return max(min(float(low), mean), 0.0), min(max(float(high), mean), 1.0)  # rounding may leave the scale by a hair


# ---------------------------------------------------------------- what a claim would need


def to_tell(share: float, other: float) -> int | None:
    """How many of each side must be scored to tell two shares apart: chance of error 5 %, of seeing it 80 %.

    None where they are equal. Source: J. L. Fleiss, B. Levin and M. C. Paik (2003), Statistical methods for rates and
    proportions, 3rd ed., 4.2, without the correction for continuity. Of 85 % against 75 % it is 248.
    """
    return _needed(share * (1 - share) + other * (1 - other), share - other)


def to_tell_from(known: float, told: Estimate) -> int | None:
    """How many must be scored to tell a mean that spreads as this one from a known one, with the same two chances.

    None where they are equal or none was scored. Where nothing shows how scores spread, they are taken as all or
    nothing, which asks for most.
    """
    if told.value is None:
        return None
    spreads = told.deviation is not None and told.deviation > 1e-9
    variance = (told.deviation or 0.0) ** 2 if spreads else told.value * (1 - told.value)
    return _needed(variance, told.value - known)


def _needed(variance: float, apart: float) -> int | None:
    return max(2, math.ceil((Z + Z_POWER) ** 2 * variance / apart**2)) if apart else None


def half_width(share: float, n: int) -> float:
    """Half of Wilson's 95 % interval of a share among n: how sure it is."""
    low, high = wilson(share * n, n)
    return float(high - low) / 2


def to_be_sure(told: Estimate, within: float) -> int | None:
    """How many must be scored for the interval to be `within` on either side, drawn as these were.

    The width falls with the root of the number. Where no interval is known, Wilson's of a share: 1064 for 50 % ± 3 %.
    None where none was scored.
    """
    if told.value is None:
        return None
    if told.low is not None and told.high is not None:
        return math.ceil(told.n * ((told.high - told.low) / 2 / within) ** 2)
    low, high = 1, math.ceil(Z**2 / within**2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if half_width(told.value, middle) <= within else (middle + 1, high)
    return low
