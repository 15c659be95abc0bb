"""What one should expect of many tests at once: some are clear by chance alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def benjamini_hochberg(p: Any, *, tests: int = 0) -> Numbers:
    """The share of false ones among all that are as clear: p values into q values, both of any one shape.

    NaN stays and is not counted. :param tests: how many were made in all, where more than `p` holds; the others count
    as wholly unclear. Source: Y. Benjamini and Y. Hochberg (1995), Controlling the false discovery rate, JRSS B 57.
    """
    p = np.asarray(p, dtype=np.float64)
    flat = p.ravel()
    known = np.flatnonzero(~np.isnan(flat))
    order = known[np.argsort(flat[known], kind="stable")]
    stepped = flat[order] * max(tests, len(order)) / np.arange(1, len(order) + 1)
    q = np.full(len(flat), np.nan)
    q[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1)
    return q.reshape(p.shape)
