"""Every KPI now, and four weeks before."""

import datetime as dt

from insight.engines import ENGINES
from insight.kpis import KPIS, table
from insight.schema import CONVERSATION_FACTS, CUSTOMER_FACTS, ORDER_FACTS
from tests import rows
from tests.rows import DAY, START


def day(number):
    return dt.date(2026, 1, 1) + dt.timedelta(days=number)


def over_periods(contact_days, order_days, customer_days=(), **told):
    contacts = [
        {"conversation_id": f"{n}", "day": day(d), "opened_ms": START + d * DAY} for n, d in enumerate(contact_days)
    ]
    orders = [{"order_id": f"{n}", "day": day(d), "ordered_ms": START + d * DAY} for n, d in enumerate(order_days)]
    engine = ENGINES["local"]
    tables = (table for _, kpi in KPIS.values() for table in (kpi.of, kpi.per) if table is not None)
    facts = {of.name: engine.frame(rows.table(of)) for of in tables} | {
        CONVERSATION_FACTS.name: engine.frame(rows.table(CONVERSATION_FACTS, *contacts)),
        ORDER_FACTS.name: engine.frame(rows.table(ORDER_FACTS, *orders)),
        CUSTOMER_FACTS.name: engine.frame(
            rows.table(CUSTOMER_FACTS, *({"customer_key": f"{n}", "day": day(d)} for n, d in enumerate(customer_days)))
        ),
    }
    found = table.over_periods(KPIS, facts, **told)
    return {(row["kpi"], row["period"]): row for row in found.to_dict("records")}


def test_the_last_four_complete_weeks_stand_beside_the_four_before():
    told = over_periods(range(101), [0])
    now, before = told["conversations", "current"], told["conversations", "previous"]
    assert (now["value"], now["since"], now["until"]) == (28.0, day(72), day(100))
    assert (before["value"], before["since"], before["until"]) == (28.0, day(44), day(72))


def test_what_takes_a_week_to_be_seen_is_judged_a_week_earlier():
    told = over_periods(range(101), [0])
    assert told["first_contact_resolution", "current"]["until"] == day(93)


def test_a_rate_over_two_feeds_ends_where_the_shorter_one_ends():
    told = over_periods(range(101), range(91))
    rate = told["contacts_per_100_orders", "current"]
    assert (rate["until"], rate["value"]) == (day(90), 100.0)
    assert told["conversations", "current"]["until"] == day(100)


def test_a_kpi_whose_table_is_empty_has_no_rows():
    told = over_periods(range(60), [])
    assert {kpi for kpi, _ in told} == {k.name for _, k in KPIS.values() if {k.of, k.per} <= {CONVERSATION_FACTS, None}}
    assert over_periods([], []) == {}


def test_a_period_over_which_the_data_do_not_reach_back_is_not_told():
    told = over_periods(range(45, 101), range(101))
    assert ("conversations", "current") in told
    assert ("conversations", "previous") not in told, "55 days of 56"
    assert ("conversations", "previous") in over_periods(range(44, 101), [0])


def test_a_rate_over_two_feeds_needs_both_to_reach_back():
    assert ("contacts_per_100_orders", "previous") in over_periods(range(101), range(101))
    assert ("contacts_per_100_orders", "previous") not in over_periods(range(101), range(60, 101))


def test_what_customers_did_is_judged_by_the_day_of_their_first_order():
    told = over_periods([], [], customer_days=range(301))
    assert told["repurchase_90d", "current"]["until"] == day(210)
    assert told["repurchase_180d", "previous"]["since"] == day(300 - 180 - 56)
    assert told["lifetime_revenue", "current"]["until"] == day(300)
