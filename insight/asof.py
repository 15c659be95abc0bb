"""What was known at a moment? Count, sum and newest of what had been told by then, for many moments at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Moments = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


def as_of(
    ids: Moments, known: Moments, values: Numbers, asked: Moments, at: Moments
) -> tuple[Numbers, Numbers, Moments]:
    """Count, sum and newest moment of the rows of an id that were known by a moment, for many ids and moments.

    :param ids: (n,) not below 0, :param known: (n,) since when, :param values: (n,) of the rows, in any order.
    :param asked: (m,) ids, :param at: (m,) moments. The newest moment is 0 where nothing was known.
    """
    order = np.lexsort((known, ids))
    ids, known, values = ids[order], known[order], values[order]
    start = min(known.min(initial=0), at.min(initial=0))
    span = int(max(known.max(initial=0), at.max(initial=0)) - start) + 2
    place = ids * span + (known - start)
    low = np.searchsorted(place, asked * span, side="left")
    high = np.searchsorted(place, asked * span + (at - start), side="right")
    sums = np.concatenate([[0.0], np.cumsum(values)])
    last = np.concatenate([[0], known])[high]
    return (high - low).astype(np.float64), sums[high] - sums[low], np.where(high > low, last, 0)
