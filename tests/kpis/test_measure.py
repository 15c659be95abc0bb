"""A KPI over any slice and any days, with an interval that says how sure it is."""

import datetime as dt

import pytest

from insight.engines import ENGINES
from insight.kpis import KPIS, measure
from insight.schema import CONVERSATION_FACTS, ORDER_FACTS
from tests.rows import found, table

DAY_1 = dt.date(2026, 1, 1)


def measured(name, *rows, orders=None, **told):
    _, kpi = KPIS[name]
    key = "order_id" if kpi.of is ORDER_FACTS else "conversation_id"
    tables = [table(kpi.of, *({"day": DAY_1, key: f"{n}", **row} for n, row in enumerate(rows)))]
    if orders is not None:
        tables.append(table(ORDER_FACTS, *({"day": DAY_1, "order_id": f"{n}", **row} for n, row in enumerate(orders))))
    return found(lambda frame, per=None: measure(kpi, frame, per=per, **told), *tables)


def test_slices_come_in_their_own_order():
    pairs = [(market, channel) for market in ("US", "DE") for channel in ("email", "chat")]
    rows = [{"conversation_id": f"{n}", "market": m, "channel": c} for n, (m, c) in enumerate(pairs)]
    frame = ENGINES["local"].frame(table(CONVERSATION_FACTS, *rows))
    _, kpi = KPIS["conversations"]
    told = measure(kpi, frame, by=["market", "channel"]).collect("pyarrow").to_native().to_pylist()
    assert [(row["market"], row["channel"]) for row in told] == sorted(pairs)


def test_a_slice_by_day_says_the_day():
    [told] = measured("conversations", {}, by=["day", "hour"])
    assert (told["day"], told["hour"]) == (DAY_1, 0)


def test_days_are_half_open():
    days = [{"day": DAY_1 + dt.timedelta(days=n)} for n in range(4)]
    [told] = measured("conversations", *days, since=DAY_1 + dt.timedelta(days=1), until=DAY_1 + dt.timedelta(days=3))
    assert told["value"] == 2


def test_a_week_of_two_markets_is_no_average_of_averages():
    rows = [{"market": "DE", "late_response": True}, *[{"market": "US", "late_response": False}] * 3]
    by_market = {row["market"]: row["value"] for row in measured("late_response_share", *rows, by=["market"])}
    assert by_market == {"DE": 1.0, "US": 0.0}
    assert measured("late_response_share", *rows)[0]["value"] == 0.25


def test_a_share_carries_wilsons_interval():
    rows = [{"late_response": n < 10} for n in range(100)]
    [told] = measured("late_response_share", *rows)
    assert (round(told["low"], 4), round(told["high"], 4)) == (0.0552, 0.1744)


def test_a_rate_carries_the_exact_interval_of_its_count():
    [told] = measured("contacts_per_100_orders", *[{}] * 10, orders=[{}] * 200)
    assert [round(told[c], 3) for c in ("value", "low", "high")] == [5.0, 2.398, 9.195]


def test_a_mean_carries_the_normal_interval():
    [told] = measured("handle_mean", *({"handle_ms": s * 1000} for s in range(1, 6)))
    assert [round(told[c], 4) for c in ("value", "low", "high")] == [3.0, 1.6141, 4.3859]


def test_a_percentile_carries_the_values_around_it_and_none_where_there_are_too_few():
    [told] = measured("first_response_median", *({"first_response_ms": s * 1000} for s in range(1, 101)))
    assert (told["num"], told["den"], told["value"], told["low"], told["high"]) == (None, None, 50.5, 40.0, 61.0)
    [told] = measured("first_response_median", *({"first_response_ms": s * 1000} for s in range(1, 6)))
    assert (told["value"], told["low"], told["high"]) == (3.0, None, None)


def test_a_count_is_no_sample_and_has_no_interval():
    [told] = measured("conversations", {}, {})
    assert (told["num"], told["value"], told["low"], told["high"]) == (2.0, 2.0, None, None)


def test_without_rows_the_whole_is_still_said_and_nothing_is_made_up():
    assert [(row["n"], row["value"], row["low"]) for row in measured("late_response_share")] == [(0, None, None)]
    assert [(row["n"], row["value"]) for row in measured("conversations")] == [(0, 0.0)]
    assert [(row["n"], row["value"], row["low"]) for row in measured("first_response_p90")] == [(0, None, None)]
    assert [(row["n"], row["value"], row["low"]) for row in measured("csat_mean")] == [(0, None, None)]
    assert measured("late_response_share", by=["market"]) == []


def test_a_slice_without_orders_has_contacts_and_no_rate_and_one_without_contacts_the_rate_zero():
    told = measured("contacts_per_100_orders", {"market": "DE"}, orders=[{"market": "US"}] * 4, by=["market"])
    assert {row["market"]: (row["num"], row["den"], row["value"], row["high"] is None) for row in told} == {
        "DE": (1.0, 0.0, None, True),
        "US": (0.0, 4.0, 0.0, False),
    }


def test_a_kpi_over_two_tables_needs_both_and_one_over_one_table_no_other():
    frame = ENGINES["memory"].frame(CONVERSATION_FACTS.arrow.empty_table())
    with pytest.raises(ValueError, match="order_facts"):
        measure(KPIS["contacts_per_100_orders"][1], frame)
    with pytest.raises(ValueError, match="nothing"):
        measure(KPIS["conversations"][1], frame, per=frame)
