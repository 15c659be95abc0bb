"""Did a KPI change, and for the better? Did it reach its target? Verdicts that know when they cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Literal, Protocol

from insight.kpis import KPIS, Kpi

if TYPE_CHECKING:
    from insight.api.routes.kpis import OneKpi

Verdict = Literal["better", "worse", "plain", "unclear", "same"]
Reached = Literal["reached", "missed", "unclear"]

WHOLE = ("count", "distinct")
"""Kinds of KPI that count everything that happened, so that nothing about them is uncertain."""


class Estimate(Protocol):
    """A value with its interval."""

    @property
    def value(self) -> float | None:
        """Null where nothing was counted."""

    @property
    def low(self) -> float | None:
        """Lower end of the 95 % interval."""

    @property
    def high(self) -> float | None:
        """Upper end."""


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
    """The change of a published KPI; see `changed`."""
    return changed(KPIS[kpi.kpi][1], kpi.current, kpi.previous)


def changed(kpi: Kpi, now: Estimate, before: Estimate | None) -> Change | None:
    """The change of a KPI, or of one slice of it; None where one of the two periods has no value.

    A value with an interval changed only if the interval of the difference leaves 0 out. One without is a full count,
    and every difference of full counts is real.
    """
    if before is None or now.value is None or before.value is None:
        return None
    amount = now.value - before.value
    relative = amount / before.value if before.value else None
    return Change(amount, relative, _verdict(kpi, now, before, amount))


def _verdict(kpi: Kpi, now: Estimate, before: Estimate, amount: float) -> Verdict:
    if amount == 0:
        return "same"
    if not _is_certain(kpi, now, before):
        return "unclear"
    if kpi.better == "neither":
        return "plain"
    return "better" if (amount > 0) == (kpi.better == "up") else "worse"


def _is_certain(kpi: Kpi, now: Estimate, before: Estimate) -> bool:
    if kpi.kind in WHOLE:
        return True
    ends = difference(now, before)
    return ends is not None and not ends[0] <= 0 <= ends[1]


def difference(now: Estimate, before: Estimate) -> tuple[float, float] | None:
    """The 95 % interval of `now` minus `before`, from the intervals of both; None where one is missing.

    Square and add, for independent estimates: G. Y. Zou and A. Donner (2008), Construction of confidence limits about
    effect measures, Statistics in Medicine 27.
    """
    ends = (now.value, now.low, now.high, before.value, before.low, before.high)
    if any(end is None for end in ends):
        return None
    value, low, high, old, old_low, old_high = (float(end or 0) for end in ends)
    return value - old - hypot(value - low, old_high - old), value - old + hypot(high - value, old - old_low)


def reached(kpi: Kpi, now: Estimate, target: float | None) -> Reached | None:
    """Whether a value is surely as good as its target or surely worse; None where there is nothing to judge.

    A target is reached where the whole interval lies on its good side, and missed where it lies on the other one.
    """
    if target is None or now.value is None or kpi.better == "neither":
        return None
    low, high = (now.value, now.value) if kpi.kind in WHOLE else (now.low, now.high)
    if low is None or high is None:
        return "unclear"
    return beside(target, low, high, up=kpi.better == "up")


def beside(target: float, low: float, high: float, *, up: bool) -> Reached:
    """Where an interval lies beside a target, `up` saying that more is better."""
    worst, best, aim = (low, high, target) if up else (-high, -low, -target)
    return "reached" if worst >= aim else "missed" if best < aim else "unclear"
