"""What every engine can do, and the one frame type that facts, KPIs and marts are written in."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import narwhals as nw
import pyarrow as pa

Frame: TypeAlias = "nw.LazyFrame[Any]"
"""A lazy narwhals frame: the same expression runs on every engine."""


class Engine(Protocol):
    """Runs narwhals expressions."""

    def frame(self, table: pa.Table) -> Frame:
        """A lazy frame over rows in memory."""
        ...

    def arrow(self, frame: Frame) -> pa.Table:
        """Run what the frame describes."""
        ...
