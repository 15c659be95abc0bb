"""What every KPI is: what each row adds on top and below, summed and then divided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import narwhals as nw

from insight.schema import Table

Kind = Literal["count", "distinct", "share", "rate", "mean", "percentile"]


MONEY = "minor units"
"""The unit of an amount: minor units of the shop's currency."""


def every_row() -> nw.Expr:
    """Each row adds one."""
    return nw.lit(1)


@dataclass(frozen=True)
class Kpi:
    """A question with its answer as sums over row-level facts, so that a week is never an average of averages.

    `num` and `den` are row expressions over the table `of`. A row counts where both are known and `den` is above 0.
    Kinds:
    - count: the sum of num. It is everything that happened, so it has no interval.
    - distinct: how many different values num has; no interval either.
    - share: num and den are flags; sum over sum, Wilson's interval.
    - rate: events per `scale` of den; den is summed over the table `per` where it is another one; exact Poisson.
    - mean: sum over sum of amounts, times `scale`; normal interval.
    - percentile: of num, times `scale`, at `percentile` (0 … 1), linear between neighbours; by order statistics.

    :param better: which way is good news.
    :param digits: decimals with which amounts are added up, as whole numbers, so that their order does not matter.
    :param coarse: digits of num and of den that are left out of the squares which make the interval: squares of money
        would grow past 64 bits.
    :param lag_days: how long the outcome takes to be seen; periods end so much earlier, and hold matured rows only.
    :param example: a case small enough to be worked by hand, in words and numbers, with its result.
    :param differs: how other tools count what they call by the same name, and what that does to the figure.
    :param beside: KPIs that answer the same question in another way, shown beside it.
    """

    name: str
    label: str
    label_zh: str
    asks: str
    asks_zh: str
    means: str
    of: Table
    kind: Kind
    unit: str
    better: Literal["up", "down", "neither"]
    num: nw.Expr = field(default_factory=every_row)
    den: nw.Expr = field(default_factory=every_row)
    per: Table | None = None
    percentile: float = 0.5
    scale: float = 1.0
    digits: int = 0
    coarse: tuple[int, int] = (0, 0)
    lag_days: int = 0
    example: str = ""
    differs: str = ""
    beside: tuple[str, ...] = ()
