"""What a job is handed besides its tables: the settings, the engine, and a way to tell how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from insight.engines.base import Engine, Frame
from insight.settings import Settings


@dataclass(frozen=True)
class Run:
    """The surroundings of one job. Nothing in it is a clock or a door to the disk: same tables, same result."""

    settings: Settings
    engine: Engine
    tell: Callable[[int, int], None] = lambda done, total: None

    def arrow(self, frame: Frame) -> pa.Table:
        """The rows of a frame, for code that works on whole columns."""
        return self.engine.arrow(frame)

    def pandas(self, frame: Frame) -> pd.DataFrame:
        """The rows of a frame as pandas with Arrow types."""
        return self.engine.arrow(frame).to_pandas(types_mapper=pd.ArrowDtype)
