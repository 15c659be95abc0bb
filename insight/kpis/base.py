"""What every KPI is: what each row adds on top and below, summed and then divided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import narwhals as nw

from insight.schema import Table


@dataclass(frozen=True)
class Kpi:
    """A sum over a sum, a percentile or a distinct count of row-level facts.

    A row counts where `den` is above 0 (`num` and `den` are row expressions and add up over days, agents and machines).
    Where `percentile` is set, `num` is the value and rows with a null or `den` of 0 are left out; where `distinct` is
    set, `num` is the column whose distinct values are counted.
    """

    name: str
    asks: str
    means: str
    of: Table
    num: nw.Expr
    den: nw.Expr
    unit: str
    better: Literal["up", "down", "neither"]
    asks_zh: str = ""
    percentile: float | None = None
    distinct: bool = False
    scale: float = 1.0
