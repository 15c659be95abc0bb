"""Each KPI: a worked example by hand, and random facts against a second, naive implementation."""

import datetime as dt
import random

import pytest

from insight.kpis import KPIS, measure
from insight.schema import CONVERSATION_FACTS, CUSTOMER_FACTS, CUSTOMER_TURNS, ORDER_FACTS
from tests.kpis import naive
from tests.kpis.facts import FIRST, contact, customer, order, turn
from tests.rows import found, table

ANSWERED = {"needs_answer": True, "answered": True}
YES, NO = True, False


def of(column, *values, **more):
    """Rows that differ in one column."""
    return [{column: value, **more} for value in values]


# Rows, and what comes out by hand: value and, in brackets, how many rows were counted.
BY_HAND = {
    "conversations": ([{}, {}, {}], 3, 3),
    "customers": (of("customer_key", "ann", "bob", "ann"), 2, 3),
    "messages_per_conversation": ([*of("messages", 4, 9, needs_answer=YES), {"messages": 50}], 13 / 2, 2),
    "presale_share": (of("presale", YES, NO, NO, None), 1 / 3, 3),
    # 5, 10, 20, 40 s: the middle of 10 and 20
    "first_response_median": (of("first_response_ms", 40_000, 5_000, None, 20_000, 10_000), 15.0, 4),
    # 1 … 11 s: place 10 · 0.9 = 9, the tenth
    "first_response_p90": (of("first_response_ms", *range(1000, 12_000, 1000)), 10.0, 11),
    # 1 late answer, 1 never answered, 2 in time, 1 of which nobody can tell yet
    "late_response_share": (of("late_response", YES, YES, NO, NO, None), 2 / 4, 4),
    "late_answer_share": ([*of("late_response", YES, NO, NO, **ANSWERED), {"late_response": YES}], 1 / 3, 3),
    "unanswered_share": ([ANSWERED, ANSWERED, {"needs_answer": YES}, {}], 1 / 3, 3),
    # 30 s in one wait and 30 + 60 s in two: 120 s over 3 waits, not the mean of 30 and 45
    "wait_mean": ([{"wait_ms": 30_000, "waits": 1}, {"wait_ms": 90_000, "waits": 2}, {}], 40.0, 2),
    "handle_mean": (of("handle_ms", 60_000, 0, None), 30.0, 2),
    # 45 s in each of two chats held at a time
    "handle_shared_mean": (of("handle_shared_ms", 45_000, 45_000, None), 45.0, 2),
    # 1 … 11 s: the tenth; "thanks" after 50 s and what is not answered yet are left out
    "wait_p90": (
        [*of("wait_ms", *range(1000, 12_000, 1000), None, needs_reply=YES), {"wait_ms": 50_000}],
        10.0,
        11,
    ),
    # 5 and 20 s, and 3 days without an answer
    "longest_wait": ([*of("waited_ms", 5000, 20_000, 3 * 86_400_000, needs_reply=YES), {}], 259_200.0, 3),
    "unanswered_turns_share": ([*of("answered", YES, NO, needs_reply=YES), {"answered": NO}], 1 / 2, 2),
    # in time, late, unanswered for an hour, and for half a minute when the data end
    "late_wait_share": (of("late", NO, YES, YES, None), 2 / 3, 3),
    # after 2, 24 and 25 h, unanswered for 30 h, and for 3 h when the data end
    "amazon_late_response_rate": (of("late_24h", NO, NO, YES, YES, None), 2 / 4, 4),
    "duration_median": (of("duration_ms", 0, 300_000, 900_000, None), 300.0, 3),
    "open_median": (of("open_ms", 60_000, 120_000, None), 90.0, 2),
    "several_agents_share": (of("agents", 1, 1, 1, 2, **ANSWERED), 1 / 4, 4),
    # 40 opening minutes from Friday to Monday, 20 on one day; a third has no schedule
    "first_response_business_median": (of("first_response_business_ms", 2_400_000, 1_200_000, None), 1800.0, 2),
    "late_response_business_share": (of("late_response_business", NO, YES, NO, None), 1 / 3, 3),
    "handoff_share": (of("handoffs", 1, 0, None), 1 / 2, 2),
    "transfer_share": (of("transfers", 2, 0, 0, None), 1 / 3, 3),
    # 2 h and 4 h; who is open again was settled once, and is not settled
    "first_resolution_median": (of("first_resolution_ms", 7_200_000, 14_400_000, None), 10_800.0, 2),
    "first_resolution_p90": (of("first_resolution_ms", *range(1000, 12_000, 1000)), 10.0, 11),
    "full_resolution_median": (of("full_resolution_ms", 32_400_000, None, 14_400_000), 23_400.0, 2),
    "full_resolution_p90": (of("full_resolution_ms", *range(1000, 12_000, 1000), None), 10.0, 11),
    "closed_at_once_share": (of("closed_at_once", YES, YES, NO, None), 2 / 3, 3),
    "one_reply_share": (of("one_reply", YES, NO, NO, None), 1 / 3, 3),
    "one_teammate_share": (of("one_teammate", YES, NO, NO, None), 1 / 3, 3),
    # solved; solved, reopened and solved; reopened before the log begins, never settled since
    "reopen_share": ([*of("reopens", 0, 1, None, first_resolution_ms=5), {"reopens": 1}], 1 / 2, 2),
    "escalation_share": (of("escalated", YES, NO, NO, None), 1 / 3, 3),
    # 5 of 5, 3 of 5 and a thumb down: (1 + 0.5 + 0) / 3
    "csat_mean": (of("csat_rating", 1.0, 0.5, 0.0, None), 0.5, 3),
    "csat_top_box": ([{"csat_rating": 1.0, "top_box": YES}, *of("csat_rating", 0.75, 0.0, top_box=NO), {}], 1 / 3, 3),
    "csat_top_two": (of("top_two", YES, YES, NO, None), 2 / 3, 3),
    "survey_response_share": ([*of("surveyed", YES, NO, NO, None, **ANSWERED), {"surveyed": YES}], 1 / 3, 3),
    "first_contact_resolution": (of("came_back", YES, NO, NO, NO, None), 3 / 4, 4),
    "repeat_contact_share": (of("came_back", YES, NO, NO, NO, None), 1 / 4, 4),
    "resolved_share": (of("resolved", YES, NO, None), 1 / 2, 2),
    # 2 of 5 in words; a conversation without words is neither good nor bad
    "turned_bad_share": (of("turned_bad", YES, YES, NO, NO, NO, None), 2 / 5, 5),
    # 4 turned bad, 1 of them in a single message: of the other 3, 2 recovered
    "recovered_share": (
        [*of("recovered", YES, YES, NO, None, turned_bad=YES), {"turned_bad": NO}],
        2 / 3,
        3,
    ),
    "conversion_after_contact": (of("converted", YES, NO, NO, NO, None), 1 / 4, 4),
    "messages": (of("messages", 4, 3), 7, 2),
    "orders": ([{}, {}], 2, 2),
    "bad_review_share": (of("bad_review", YES, NO, NO, None), 1 / 3, 3),
    "late_delivery_share": (of("late", YES, NO, None), 1 / 2, 2),
    "return_rate": (of("returned_30d", YES, NO, NO, NO, None), 1 / 4, 4),
    # half of 20.00 and nothing of 50.00: the mean of 0.5 and 0, not 10 of 70
    "refund_per_order": (
        [
            *of("refund_minor", 1000, total_minor=2000),
            *of("refund_minor", 0, None, total_minor=5000),
            {"refund_minor": 5},
        ],
        0.25,
        2,
    ),
    # 3 contacts, 1 contact and none about 3 orders that are old enough: 4 of 3, times 100
    "contacts_about_100_orders": (of("contacts_28d", 3, 1, 0, None), 400 / 3, 3),
    "orders_contacted_share": (of("contacted", YES, YES, NO, None), 2 / 3, 3),
    # 10 of 20.00 and nothing of 80.00: 10 of 100; a cancelled order and one without a rate say nothing
    "refund_share": (
        [
            {"refund_shop_minor": 1000, "total_shop_minor": 2000},
            {"refund_shop_minor": 0, "total_shop_minor": 8000},
            {"refund_shop_minor": 500, "total_shop_minor": 500, "cancelled": YES},
            {"refund_shop_minor": 0},
            {"total_shop_minor": 700},
        ],
        0.1,
        2,
    ),
    "refunded_orders_share": ([*of("refund_minor", 5, 2000, 0, None), {"refund_minor": 9, "cancelled": YES}], 2 / 3, 3),
    # 20.00, 110.00 and 0.01 USD
    "average_order_value": (
        [*of("total_shop_minor", 2000, 11_000, 1, None), {"total_shop_minor": 99, "cancelled": YES}],
        13_001 / 3,
        3,
    ),
    "repurchase_90d": (of("repurchased_90d", YES, NO, NO, None), 1 / 3, 3),
    "repurchase_180d": (of("repurchased_180d", YES, NO, None), 1 / 2, 2),
    "customer_revenue_90d": (of("revenue_90d_minor", 5000, 1000, None), 3000.0, 2),
    "customer_margin_90d": (of("margin_90d_minor", 500, -100, None), 200.0, 2),
    "lifetime_revenue": (of("lifetime_revenue_minor", 5000, 1000, None), 3000.0, 2),
    "lifetime_margin": (of("lifetime_margin_minor", 500, -100, None), 200.0, 2),
}


def unique(rows, key):
    return [{"day": FIRST, key: f"{n}", **row} for n, row in enumerate(rows)]


def facts(kpi, rows):
    key = kpi.of.key[0]
    return table(kpi.of, *unique(rows, key))


@pytest.mark.parametrize("name", sorted(KPIS.keys() - {"contacts_per_100_orders"}))
def test_a_kpi_is_what_its_worked_example_says(name):
    rows, value, n = BY_HAND[name]
    _, kpi = KPIS[name]
    [told] = found(lambda frame: measure(kpi, frame), facts(kpi, rows))
    assert (told["value"], told["n"]) == (pytest.approx(value, abs=1e-12), n)


def test_contacts_per_100_orders_count_every_contact_over_every_order():
    _, kpi = KPIS["contacts_per_100_orders"]
    tables = facts(kpi, [{"order_id": "1"}, {}, {}]), table(ORDER_FACTS, *unique([{}] * 40, "order_id"))
    [told] = found(lambda contacts, orders: measure(kpi, contacts, per=orders), *tables)
    assert (told["num"], told["den"], told["value"], told["n"]) == (3.0, 40.0, 7.5, 3)


SPAN = FIRST + dt.timedelta(days=1), FIRST + dt.timedelta(days=5)
SECOND = {**naive.CONTACTS, **naive.ORDERS, **naive.CUSTOMERS, **naive.TURNS, **naive.BOTH}


@pytest.mark.parametrize("name", sorted(KPIS))
@pytest.mark.parametrize("seed", [1, 2])
def test_a_kpi_of_random_facts_is_what_counting_by_hand_gives_in_every_slice(name, seed):
    dice = random.Random(f"{name} {seed}")
    contacts = [contact(n, dice) for n in range(dice.choice([0, 3, 40, 90]))]
    orders = [order(n, dice) for n in range(dice.choice([0, 3, 60]))]
    customers = [customer(n, dice) for n in range(dice.choice([0, 3, 60]))]
    turns = [turn(n, dice) for n in range(dice.choice([0, 3, 60]))]
    told = {CONVERSATION_FACTS: contacts, ORDER_FACTS: orders, CUSTOMER_FACTS: customers, CUSTOMER_TURNS: turns}
    _, kpi = KPIS[name]
    ours = [told[kpi.of], *([orders] if kpi.per else [])]
    tables = [table(of, *rows) for of, rows in zip((kpi.of, kpi.per), ours, strict=False)]
    for by in ([], ["market"], ["market", "day"]):
        told = found(sliced, *tables, kpi=kpi, by=by)
        assert expected(name, ours, by) == {
            tuple(row[key] for key in by): (row["n"], row["value"] and pytest.approx(row["value"])) for row in told
        }


def sliced(frame, per=None, *, kpi, by):
    since, until = SPAN
    return measure(kpi, frame, per=per, by=by, since=since, until=until)


def expected(name, tables, by):
    """By slice, n and value, in slices where something counts; the whole always."""
    days = [[row for row in rows if SPAN[0] <= row["day"] < SPAN[1]] for rows in tables]
    slices = {tuple(row[key] for key in by) for rows in days for row in rows} | ({()} if not by else set())
    values = {}
    for part in slices:
        inside = [[row for row in rows if tuple(row[key] for key in by) == part] for rows in days]
        n, value = SECOND[name](*inside)
        if n or not by or len(tables) == 2:
            values[part] = (n, value)
    return values
