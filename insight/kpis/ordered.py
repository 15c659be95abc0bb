"""Percentiles and distinct counts of every slice at once, from the rows themselves.

What an engine adds up is small, but an exact percentile needs all values in order. Sorting one array of whole numbers
is many times faster than ranking rows within groups, so the column comes here as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight import intervals

Whole = npt.NDArray[np.int64]
MOST = 2**62
"""Codes beyond that do not fit beside each other into one whole number."""
ROOM = 2**27
"""A bit map of so many places at most."""


def places(rows: pa.Table, keys: Sequence[str], percentile: float) -> pd.DataFrame:
    """One row per slice: n, and the values at the places that make the percentile and its interval.

    :param rows: the keys and `_num`, none of them empty.
    :param percentile: 0 … 1, linear between the two nearest values; the ends of the interval may be missing.
    """
    slices, code = _sliced(rows, keys)
    values, starts = _in_order(code, rows["_num"].to_numpy()), np.cumsum(np.bincount(code, minlength=len(slices)))
    n = np.diff(starts, prepend=0)
    at = (n - 1) * percentile
    low, high = _ends(n, percentile)
    first = starts - n
    found = {name: _value(values, first, place) for name, place in (("_low", low), ("_high", high))}
    found |= {"_below": _value(values, first, np.floor(at) + 1), "_above": _value(values, first, np.ceil(at) + 1)}
    return slices.assign(n=n, **found)


def different(rows: pa.Table, keys: Sequence[str]) -> pd.DataFrame:
    """One row per slice: n, and how many different values `_num` has."""
    slices, code = _sliced(rows, keys)
    who = _codes(rows["_num"])[0]
    span = int(who.max(initial=0)) + 1
    both = code * span + who
    if len(slices) * span <= ROOM:
        seen = np.zeros(len(slices) * span, dtype=bool)
        seen[both] = True
        counts = seen.reshape(len(slices), span).sum(axis=1)
    else:
        counts = np.bincount(np.unique(both) // span, minlength=len(slices))
    return slices.assign(n=np.bincount(code, minlength=len(slices)), _different=counts)


def _ends(n: Whole, percentile: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """See `intervals.order_statistics`: the places of both ends, NaN where n is too small."""
    frame = nw.from_native(pd.DataFrame({"n": n.astype(float)}))
    low, high = intervals.order_statistics(nw.col("n"), percentile)
    told = frame.select(low.alias("low"), high.alias("high"))
    return told["low"].to_numpy(), told["high"].to_numpy()


def _value(values: npt.NDArray[np.float64], first: Whole, place: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The value at a place, counted from 1, of each slice; NaN where there is no such place."""
    known = ~np.isnan(place)
    at = first + np.where(known, place, 1).astype(np.int64) - 1
    return np.where(known, values[at] if len(values) else np.nan, np.nan)


def _in_order(code: Whole, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The values slice by slice, each slice from the least to the most."""
    if not len(values):
        return values.astype(float)
    if np.issubdtype(values.dtype, np.integer):
        least, most = int(values.min()), int(values.max())
        span = most - least + 1
        if (int(code.max()) + 1) * span < MOST:
            both = np.sort(code * span + (values.astype(np.int64) - least))
            return np.asarray(both % span + least, dtype=float)
    return np.asarray(values[np.lexsort((values, code))], dtype=float)


def _sliced(rows: pa.Table, keys: Sequence[str]) -> tuple[pd.DataFrame, Whole]:
    """The slices that occur, one row each, and for each row the number of its slice."""
    code, firsts = np.zeros(len(rows), dtype=np.int64), 1
    for key in keys:
        ours, many = _codes(rows[key])
        if firsts * many >= ROOM:
            code, firsts = _tight(code)
        code, firsts = code * many + ours, firsts * many
    code, many = _tight(code)
    sample = np.zeros(many, dtype=np.int64)
    sample[code] = np.arange(len(rows))
    return rows.select(list(keys)).take(sample).to_pandas(types_mapper=pd.ArrowDtype), code


def _tight(code: Whole) -> tuple[Whole, int]:
    """Codes without gaps, in the same order, and how many there are."""
    span = int(code.max(initial=0)) + 1
    if span > ROOM:
        different, code = np.unique(code, return_inverse=True)
        return code.astype(np.int64), len(different)
    seen = np.zeros(span, dtype=bool)
    seen[code] = True
    return (np.cumsum(seen) - 1)[code], int(seen.sum())


def _codes(column: pa.ChunkedArray) -> tuple[Whole, int]:
    """Whole numbers from 0 that stand for the values of a column, and how many there may be."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    if pa.types.is_integer(column.type):
        values = column.to_numpy().astype(np.int64)
        least = int(values.min()) if len(values) else 0
        span = (int(values.max()) - least + 1) if len(values) else 1
        if span < ROOM:
            return values - least, span
    told = column.combine_chunks()
    told = told if pa.types.is_dictionary(told.type) else told.dictionary_encode()
    return told.indices.to_numpy(zero_copy_only=False).astype(np.int64), max(1, len(told.dictionary))
