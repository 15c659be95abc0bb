"""The default engine: DuckDB on the cores of this machine, in UTC."""

from __future__ import annotations

import duckdb
import narwhals as nw
import pyarrow as pa

from insight.engines.base import Engine, Frame


def connect() -> duckdb.DuckDBPyConnection:
    """A new database in memory, in UTC, which draws no progress bar on standard output, where answers stand."""
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")  # not at connect: the time zones are loaded after it
    if db.sql("select current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        db.execute("SET enable_progress_bar = false")  # where it is off, setting it asks for what draws it
    return db


class Local:
    """DuckDB in memory. One connection per engine, since frames of two connections cannot be joined."""

    def __init__(self) -> None:
        self._db = connect()

    def frame(self, table: pa.Table) -> Frame:
        """A lazy frame over rows in memory."""
        return nw.from_native(self._db.from_arrow(table)).lazy()

    def arrow(self, frame: Frame) -> pa.Table:
        """Run what the frame describes."""
        return frame.collect("pyarrow").to_native()


ENGINE: Engine = Local()
