"""What a feed never tells is unknown, not zero."""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame


def told(frame: Frame, column: str) -> nw.Expr:
    """Whether any row of the frame tells this column; without one, nobody can tell 'none' from 'not exported'."""
    found = frame.filter(~nw.col(column).is_null()).select(nw.len().alias("rows")).collect("pyarrow").to_native()
    return nw.lit(bool(found["rows"][0].as_py()))


def present(column: str) -> nw.Expr:
    """Whether a row has a value. Unlike `~is_null()` it stays an Arrow flag on pandas, which can be unknown in turn."""
    return (nw.col(column) == nw.col(column)).fill_null(False)
