"""What a job is, and what it is handed besides its tables: the settings, the engine, a way to tell how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow as pa

from insight.engines.base import Engine, Frame
from insight.schema import Door, Previous, Table
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
        rows: pd.DataFrame = self.engine.arrow(frame).to_pandas(types_mapper=pd.ArrowDtype)
        return rows


@dataclass(frozen=True)
class Job:
    """One batch job, as its module declares it: a pure function between tables."""

    name: str
    asks: str
    reads: tuple[Table | Previous | Door, ...]
    writes: tuple[Table | Door, ...]
    work: Callable[..., Any]

    @property
    def needs(self) -> tuple[Table | Door, ...]:
        """What must be there before; its own last output is not."""
        return tuple(r for r in self.reads if not isinstance(r, Previous))


@dataclass(frozen=True)
class Outcome:
    """What became of one job."""

    job: str
    skipped: bool
    seconds: float


class Places(dict[str, Any]):
    """Where each table or door is read and written: a door by its name, every table in the lake (key '')."""

    def of(self, thing: Table | Door) -> Any:
        """The place with the verbs read, write, digest and fingerprint for this thing."""
        return self.get(thing.name, self[""])


def job(module: ModuleType) -> Job:
    """The job that a module declares with READS, WRITES, `work` and the first line of its docstring."""
    writes = module.WRITES if isinstance(module.WRITES, tuple) else (module.WRITES,)
    asks = (module.__doc__ or "").strip().splitlines()[0]
    return Job(module.__name__.rpartition(".")[2], asks, tuple(module.READS), writes, module.work)
