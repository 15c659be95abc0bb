"""Promised against delivered: parcels on the way are not dropped, and a carrier is compared with the rest."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.marts import delivery
from insight.schema import ALL, DELIVERY
from tests.rows import DAY, START, kept


def quantile(days, arrived, share):
    return delivery.quantiles(np.array(days, float), np.array(arrived, bool), (share,))[0]


def naive(days, arrived, share):
    """Kaplan and Meier in a plain loop: the first day by which so many have come."""
    left = 1.0
    for day in sorted({d for d, a in zip(days, arrived, strict=True) if a}):
        waiting = sum(d >= day for d in days)
        left *= 1 - sum(a and d == day for d, a in zip(days, arrived, strict=True)) / waiting
        if left <= 1 - share + 1e-12:
            return float(day)
    return None


def test_without_parcels_on_the_way_it_is_the_plain_median():
    assert quantile([3, 1, 5, 2, 4], [True] * 5, 0.5).value == 3


def test_a_median_worked_by_hand():
    # days 2, 4 (on the way), 6, 8 (on the way), 10: after 2: 4/5; after 6: 4/5 · 2/3 = .533; after 10: 0
    found = quantile([2, 4, 6, 8, 10], [True, False, True, False, True], 0.5)
    assert found.value == 10
    # to drop the parcels on the way would say 6


def test_nine_of_ten_is_unknown_while_many_are_on_the_way():
    found = quantile([2, 3, 9, 9], [True, True, False, False], 0.9)
    assert (found.value, found.high) == (None, None)
    assert delivery.quantiles(np.zeros(0), np.zeros(0, bool), (0.5,)) == [(None, None, None)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40), st.sampled_from([0.5, 0.9]))
def test_it_agrees_with_a_plain_loop_and_its_interval_holds_it(parcels, share):
    days, arrived = zip(*parcels, strict=True)
    found = quantile(days, arrived, share)
    assert found.value == naive(days, arrived, share)
    if found.value is not None:
        assert found.low is not None
        assert found.low <= found.value
        assert found.high is None or found.value <= found.high


def test_the_interval_of_the_median_covers_it():
    """Of 300 samples of 120 parcels, a third of them censored, about 95 % hold the true median of ln 2 · 10 days."""
    dice, held = np.random.default_rng(5), 0
    for _ in range(300):
        way, seen = dice.exponential(10, 120), dice.exponential(20, 120)
        found = quantile(np.minimum(way, seen), way <= seen, 0.5)
        held += (found.low or 0) <= 10 * np.log(2) <= (found.high or np.inf)
    assert 0.92 <= held / 300 <= 0.98


def parcels(count, *, carrier="Orbit", lane="CN-DE", days=8, promised=10, late=False, on_the_way=0):
    rows = [
        {
            "carrier": carrier,
            "lane": lane,
            "ordered_ms": START,
            "shipped_ms": START + DAY,
            "due_ms": START + promised * DAY,
            "delivered_ms": None if n < on_the_way else START + days * DAY,
            "told": True,
            "late": late or n < on_the_way,
        }
        for n in range(count)
    ]
    return pd.DataFrame(rows)


def table(*parts, newest=30):
    rows = pd.concat(parts, ignore_index=True)
    rows["delivered_ms"] = rows["delivered_ms"].astype("Float64")
    found = kept(DELIVERY, delivery.delivery(rows, newest_ms=START + newest * DAY))
    return {(row["carrier"], row["lane"]): row for row in found}


def test_counts_days_and_shares():
    found = table(parcels(90), parcels(10, on_the_way=10), parcels(300, carrier="Sino"))
    row = found["Orbit", "CN-DE"]
    assert (row["orders"], row["delivered"], row["on_the_way"], row["judged"], row["late"]) == (100, 90, 10, 100, 10)
    assert (row["promised_days"], row["days_median"], row["transit_median"]) == (10, 8, 7)
    assert row["days_p90"] == 8  # exactly nine of ten
    assert row["late_share"] == pytest.approx(0.1)
    assert (row["late_low"], row["late_high"]) == (pytest.approx(0.0552, abs=1e-4), pytest.approx(0.1744, abs=1e-4))
    assert row["verdict"] == "later than others"
    assert found["Sino", "CN-DE"]["verdict"] == "earlier than others"
    assert found[ALL, ALL]["orders"] == 400
    assert found[ALL, "CN-DE"]["verdict"] == "cannot tell"


def test_few_parcels_are_not_judged():
    assert table(parcels(29, late=True), parcels(500, carrier="Sino"))["Orbit", "CN-DE"]["verdict"] == "cannot tell"


def test_no_order_has_been_handed_over():
    empty = parcels(1)[:0]
    assert delivery.delivery(empty, newest_ms=START).empty
