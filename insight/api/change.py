"""Did a KPI change, and for the better? A verdict that knows when it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Literal

from insight.api.routes.kpis import OneKpi, Period
from insight.kpis import KPIS

Verdict = Literal["better", "worse", "plain", "unclear", "same"]


@dataclass(frozen=True)
class Change:
    """From the period before to now, in the KPI's unit."""

    amount: float
    relative: float | None
    verdict: Verdict

    @property
    def arrow(self) -> str:
        """Which way the value went."""
        return "▲" if self.amount > 0 else "▼" if self.amount < 0 else "■"


def change(kpi: OneKpi) -> Change | None:
    """The change of a KPI; None where one of the two periods has no value.

    A value with an interval changed only if the interval of the difference leaves 0 out. One without is a full count,
    and every difference of full counts is real.
    """
    now, before = kpi.current, kpi.previous
    if before is None or now.value is None or before.value is None:
        return None
    amount = now.value - before.value
    relative = amount / before.value if before.value else None
    return Change(amount, relative, _verdict(kpi, now, before, amount))


def _verdict(kpi: OneKpi, now: Period, before: Period, amount: float) -> Verdict:
    if amount == 0:
        return "same"
    if not _is_certain(kpi, now, before):
        return "unclear"
    if kpi.better == "neither":
        return "plain"
    return "better" if (amount > 0) == (kpi.better == "up") else "worse"


def _is_certain(kpi: OneKpi, now: Period, before: Period) -> bool:
    if KPIS[kpi.kpi][1].kind in ("count", "distinct"):
        return True
    ends = difference(now, before)
    return ends is not None and not ends[0] <= 0 <= ends[1]


def difference(now: Period, before: Period) -> tuple[float, float] | None:
    """The 95 % interval of `now` minus `before`, from the intervals of both; None where one is missing.

    Square and add, for independent estimates: G. Y. Zou and A. Donner (2008), Construction of confidence limits about
    effect measures, Statistics in Medicine 27.
    """
    ends = (now.value, now.low, now.high, before.value, before.low, before.high)
    if any(end is None for end in ends):
        return None
    value, low, high, old, old_low, old_high = (float(end or 0) for end in ends)
    return value - old - hypot(value - low, old_high - old), value - old + hypot(high - value, old - old_low)
