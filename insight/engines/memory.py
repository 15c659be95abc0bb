"""The plain engine: pandas with Arrow types, so that a missing value is missing and not a number."""

from __future__ import annotations

import narwhals as nw
import pandas as pd
import pyarrow as pa

from insight.engines.base import Engine, Frame


class Memory:
    """pandas, for notebooks and as the second opinion in tests."""

    def frame(self, table: pa.Table) -> Frame:
        """A lazy frame over rows in memory."""
        rows: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
        return nw.from_native(rows).lazy()

    def arrow(self, frame: Frame) -> pa.Table:
        """Run what the frame describes."""
        return pa.Table.from_pandas(frame.collect("pandas").to_native(), preserve_index=False)


ENGINE: Engine = Memory()
