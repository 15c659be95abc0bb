"""What every scorer is: tables in, one scored row per row of the first table out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from insight.schema import Table


@dataclass(frozen=True)
class Scorer:
    """A member of the set.

    `score` takes Arrow tables in the order of `reads`, and the settings by keyword (`settings=`); it gives one row of
    `writes` for each row of the first table, whatever order the rows come in. It knows no clock and no random number.
    """

    name: str
    asks: str
    reads: tuple[Table, ...]
    writes: Table
    score: Callable[..., pa.Table]
