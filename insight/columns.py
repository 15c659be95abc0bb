"""Whole columns: first rows, look-ups, joined keys. Every result depends on the order of the rows only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Rows = npt.NDArray[np.int64]
"""Places of rows."""


def combined(columns: Sequence[pa.Array]) -> pa.Array:
    """Several text columns as one; an empty cell counts as an empty text."""
    filled = [pc.fill_null(column, "") for column in columns]
    return filled[0] if len(filled) == 1 else pc.binary_join_element_wise(*filled, "\x1f")


def codes(keys: pa.Array) -> npt.NDArray[np.int64]:
    """A number for each distinct key, in the order of their first rows; -1 where there is none."""
    return np.asarray(pc.fill_null(pc.dictionary_encode(keys).indices, -1), dtype=np.int64)


def first_rows(keys: pa.Array) -> Rows:
    """The first row of each distinct key, in the order of the rows; rows without a key are left out."""
    numbers = codes(keys)
    seen, first = np.unique(numbers, return_index=True)
    return np.sort(first[seen >= 0])


def look_up(wanted: pa.Array, keys: pa.Array, values: pa.Array) -> pa.Array:
    """For each wanted key the value that stands beside its first row; null where there is none or no key."""
    told = pc.and_(pc.is_valid(keys), pc.is_valid(values))
    keys, values = keys.filter(told), values.filter(told)
    first = first_rows(keys)
    return values.take(first).take(pc.index_in(wanted, value_set=keys.take(first), skip_nulls=True))


def one_mailbox(ids: pa.Array) -> pa.Array:
    """Ids of customers: e-mail addresses are one whatever their case."""
    return pc.if_else(pc.fill_null(pc.match_substring(ids, "@"), False), pc.utf8_lower(ids), ids)


def column(table: pa.Table, name: str) -> pa.Array:
    """One column in one piece."""
    return table[name].combine_chunks()


def filled(values: pa.Array, otherwise: str) -> pa.Array:
    """A text column without empty cells."""
    return pc.if_else(pc.equal(pc.fill_null(values, ""), ""), otherwise, pc.fill_null(values, otherwise))
