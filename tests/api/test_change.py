"""Better, worse, or cannot tell."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.api.change import change, difference
from insight.api.routes.kpis import OneKpi, Period
from insight.kpis import KPIS

DAY = dt.date(2026, 1, 1)


def period(value: float | None, half: float | None) -> Period:
    ends = {"low": None, "high": None} if half is None or value is None else {"low": value - half, "high": value + half}
    return Period(n=100, value=value, since=DAY, until=DAY, **ends)


def kpi(name: str, now: Period, before: Period | None) -> OneKpi:
    group, one = KPIS[name]
    words: dict[str, Any] = {
        w: getattr(one, w) for w in ("label", "label_zh", "asks", "asks_zh", "means", "unit", "better")
    }
    return OneKpi(kpi=name, group=group, current=now, previous=before, **words)


@pytest.mark.parametrize(
    ("name", "now", "before", "verdict", "arrow"),
    [
        ("late_response_share", (0.10, 0.02), (0.20, 0.02), "better", "▼"),
        ("late_response_share", (0.20, 0.02), (0.10, 0.02), "worse", "▲"),
        ("csat_mean", (0.80, 0.02), (0.70, 0.02), "better", "▲"),
        ("csat_mean", (0.72, 0.05), (0.70, 0.05), "unclear", "▲"),
        ("csat_mean", (0.72, None), (0.70, None), "unclear", "▲"),
        ("csat_mean", (0.70, 0.05), (0.70, 0.05), "same", "■"),
        ("presale_share", (0.40, 0.02), (0.20, 0.02), "plain", "▲"),
        ("orders", (120, None), (100, None), "better", "▲"),
        ("conversations", (120, None), (100, None), "plain", "▲"),
    ],
)
def test_a_change_is_judged_by_what_the_intervals_allow(
    name: str, now: tuple[float, float | None], before: tuple[float, float | None], verdict: str, arrow: str
) -> None:
    found = change(kpi(name, period(*now), period(*before)))

    assert found is not None
    assert (verdict, arrow) == (found.verdict, found.arrow)


@pytest.mark.parametrize(("now", "before"), [(period(1, 0), None), (period(None, None), period(1, 0))])
def test_without_two_values_there_is_no_change(now: Period, before: Period | None) -> None:
    assert change(kpi("csat_mean", now, before)) is None


def test_worked_by_hand() -> None:
    """0.5 ± 0.3 minus 0.2 ± 0.4: 0.3 ± √(0.09 + 0.16) = 0.3 ± 0.5."""
    found = difference(period(0.5, 0.3), period(0.2, 0.4))

    assert pytest.approx((-0.2, 0.8)) == found


@given(*[st.floats(0, 1) for _ in range(4)])
def test_the_interval_holds_the_difference_and_turns_with_it(now: float, a: float, before: float, b: float) -> None:
    low, high = difference(period(now, a), period(before, b)) or (0, 0)
    other_low, other_high = difference(period(before, b), period(now, a)) or (0, 0)

    assert low - 1e-12 <= now - before <= high + 1e-12
    assert pytest.approx((low, high)) == (-other_high, -other_low)
