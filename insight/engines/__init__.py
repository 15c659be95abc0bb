"""Engines execute: `local` (DuckDB and processes, the default) and `memory` (pandas, for notebooks and tests).

A folder of its own because engines are an open set: add a file with an `ENGINE`, and name it here.
"""

from insight.engines import local, memory
from insight.engines.base import Engine, Frame

ENGINES: dict[str, Engine] = {"local": local.ENGINE, "memory": memory.ENGINE}

__all__ = ["ENGINES", "Engine", "Frame"]
