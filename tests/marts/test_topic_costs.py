"""What does the trouble with each topic cost, to the cent?"""

import datetime as dt
from fractions import Fraction
from math import floor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.engines import ENGINES
from insight.marts import topic_costs
from insight.periods import Period
from insight.run import Run
from insight.schema import (
    CONVERSATION_FACTS,
    EXCHANGE_RATES,
    MENTION_TOPICS,
    MENTIONS,
    ORDER_FACTS,
    ORDERS,
    RETURNS,
    TOPIC_COST_ROWS,
    TOPIC_COSTS,
)
from insight.settings import Settings
from insight.store import conform
from jobs import topic_costs as job
from tests.rows import DAY, HOUR, START, table

HALF_HOUR = HOUR // 2
FIRST = dt.date(2026, 1, 1)


class Shop:
    """A shop of few rows; day 0 is the first of January, the last moment is on day 60: 32 to 59 are the period."""

    def __init__(self):
        self.contacts, self.said, self.placed, self.orders, self.facts, self.returns = [], [], [], [], [], []
        self.contact("first", 0, 0)
        self.contact("last", 60, 0)
        self.order("o-first", 0)
        self.order("o-last", 60)

    def contact(self, name, at, handle_ms, *topics, order=None):
        moment = {"opened_ms": START + at * DAY, "day": FIRST + dt.timedelta(days=at)}
        self.contacts.append({"conversation_id": name, "handle_shared_ms": handle_ms, "order_id": order, **moment})
        for topic in topics:
            self.say(topic, conversation=name, order=order)

    def say(self, topic, *, conversation=None, order=None, origin="message"):
        mention = f"m{len(self.said)}"
        told = {"mention_id": mention, "conversation_id": conversation, "order_id": order, "origin": origin}
        self.said.append(told | {"said_ms": START + len(self.said)})
        self.placed.append({"mention_id": mention, "topic_id": topic})

    def order(self, name, at, *, currency="USD", total=10_000, cancelled=False, refund=0):
        moment = {"ordered_ms": START + at * DAY, "day": FIRST + dt.timedelta(days=at)}
        self.orders.append({"order_id": name, "currency": currency, "market": "DE", **moment})
        amounts = {"total_shop_minor": total, "refund_shop_minor": refund, "cancelled": cancelled}
        self.facts.append({"order_id": name, "market": "DE", **amounts, **moment})

    def back(self, name, order, at, refund):
        moment = {"returned_ms": START + at * DAY}
        self.returns.append({"return_id": name, "order_id": order, "refund_minor": refund, **moment})

    def costs(self, wage=30.0, currency="USD"):
        """The two tables as the store would keep them, equal from every engine."""
        rates = [{"currency": "EUR", "valid_from_ms": START, "rate": 1.1}]
        told = (
            table(CONVERSATION_FACTS, *self.contacts),
            table(MENTIONS, *self.said),
            table(MENTION_TOPICS, *self.placed),
            table(ORDERS, *self.orders),
            table(ORDER_FACTS, *self.facts),
            table(RETURNS, *self.returns),
            table(EXCHANGE_RATES, *rates),
        )
        places = Settings(home=Path(), money={"wage_per_hour": wage}, shop={"currency": currency})
        results = []
        for engine in ENGINES.values():
            sums, rows = job.work(*map(engine.frame, told), run=Run(places, engine))
            results.append((conform(TOPIC_COSTS, sums).to_pylist(), conform(TOPIC_COST_ROWS, rows).to_pylist()))
        first, *others = results
        assert all(first == other for other in others)
        sums, rows = first
        return {row["topic_id"]: row for row in sums}, rows


@pytest.fixture
def shop():
    return Shop()


def test_working_time_is_shared_equally_among_the_topics_of_a_conversation(shop):
    shop.contact("a", 40, HALF_HOUR, "late", "late", "size")
    shop.contact("b", 41, HALF_HOUR, "late", "unassigned")
    shop.contact("c", 42, HALF_HOUR)
    shop.contact("d", 43, 3, "size", "late")
    sums, rows = shop.costs()
    # half an hour at 30.00 is 15.00: 7.50 each of a; all of b, whose other words fit nothing; c names nothing
    assert {topic: row["handling_minor"] for topic, row in sums.items()} == {"late": 2250, "size": 750, "unknown": 1500}
    assert (sums["late"]["conversations"], sums["late"]["handle_ms"]) == (3, HALF_HOUR // 2 + HALF_HOUR + 2)
    assert {row["topic_id"]: row["handle_ms"] for row in rows if row["row_id"] == "d"} == {"late": 2, "size": 1}


def test_a_refund_belongs_once_to_what_was_mainly_said_about_its_order(shop):
    for name, currency in (("o", "USD"), ("p", "EUR"), ("q", "XXX"), ("r", "USD")):
        shop.order(name, 35, currency=currency)
    shop.contact("a", 36, 0, "late", order="o")
    shop.say("size", order="o", origin="return")
    shop.say("size", order="o", origin="return")
    shop.say("late", order="r", origin="review")
    for name, order, day, refund in (
        ("1", "o", 40, 1000),
        ("2", "o", 20, 300),
        ("3", "p", 40, 1000),
        ("4", "q", 40, 999),
        ("5", "r", 40, 70),
        ("6", "gone", 40, 5),
    ):
        shop.back(name, order, day, refund)
    sums, rows = shop.costs()
    # 10.00 USD about size; 10.00 EUR are 11.00 and a review is no word to the shop: 11.70 about nothing told
    assert {t: (r["refund_minor"], r["refunds"], r["unpriced"]) for t, r in sums.items()} == {
        "size": (1000, 1, 0),
        "unknown": (1170, 3, 1),
    }
    assert sums["size"]["previous_refund_minor"] == 300
    assert [row["row_id"] for row in rows if row["amount_minor"] is None] == ["4"]


def test_a_lost_order_is_one_that_was_cancelled_and_asked_about(shop):
    shop.order("asked", 40, total=5000, cancelled=True, refund=1500)
    shop.order("silent", 40, total=7000, cancelled=True)
    shop.order("kept", 40, total=9000)
    shop.order("long ago", 10, total=400, cancelled=True)
    shop.contact("a", 33, 0, "late", order="asked")
    shop.contact("b", 31, 0, "size", "size", order="asked")
    shop.contact("c", 45, 0, "late", order="kept")
    shop.contact("d", 45, 0, "late", order="long ago")
    sums, rows = shop.costs()
    # its first contact was in the period before; what was paid back is among the refunds
    assert (sums["size"]["previous_lost_minor"], sums["size"]["lost_minor"]) == (3500, 0)
    assert (sums["late"]["lost_minor"], sums["late"]["lost_orders"]) == (400, 1)
    assert {row["row_id"] for row in rows if row["kind"] == "lost order"} == {"asked", "long ago"}


def test_without_a_wage_working_time_has_no_price_and_is_in_no_total(shop):
    shop.order("o", 35)
    shop.contact("a", 40, HALF_HOUR, "late", order="o")
    shop.back("1", "o", 41, 250)
    sums, rows = shop.costs(wage=0)
    late = sums["late"]
    assert (late["handling_minor"], late["handle_ms"], late["total_minor"]) == (None, HALF_HOUR, 250)
    assert [row["amount_minor"] for row in rows] == [None, 250]


def test_where_the_data_do_not_reach_back_nobody_can_tell_what_grew():
    young = Shop()
    young.contacts = [row for row in young.contacts if row["conversation_id"] != "first"]
    young.contact("b", 30, HALF_HOUR, "late")
    young.contact("a", 40, HALF_HOUR * 9, "late")
    sums, _ = young.costs()
    assert (sums["late"]["previous_total_minor"], sums["late"]["verdict"]) == (None, "cannot tell")


def test_periods_are_four_weeks_and_half_open(shop):
    for day in (3, 4, 31, 32, 59, 60):
        shop.contact(f"on {day}", day, HALF_HOUR, "late")
    sums, rows = shop.costs()
    assert {row["row_id"]: row["period"] for row in rows} == {
        "on 4": "previous",
        "on 31": "previous",
        "on 32": "current",
        "on 59": "current",
    }
    assert (sums["late"]["since"], sums["late"]["until"]) == (dt.date(2026, 2, 2), dt.date(2026, 3, 2))


def test_amounts_are_in_the_minor_units_of_the_shop(shop):
    shop.contact("a", 40, HALF_HOUR, "late")
    assert shop.costs(wage=3000.0, currency="JPY")[0]["late"]["handling_minor"] == 1500


def test_a_shop_without_anything_costs_nothing():
    empty = Shop()
    empty.contacts, empty.orders, empty.facts = [], [], []
    assert empty.costs() == ({}, [])


# ---------------------------------------------------------------- to the cent


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 10**9), max_size=30), st.fractions(0, 10**4, max_denominator=10**9))
def test_parts_are_whole_add_up_and_lie_within_one_of_their_own_share(weights, rate):
    parts = topic_costs.allotted(np.array(weights, dtype=np.int64), rate).tolist()
    assert sum(parts) == floor(sum(weights) * rate + Fraction(1, 2))
    assert all(floor(w * rate) <= part <= floor(w * rate) + 1 for w, part in zip(weights, parts, strict=True))


CONTACT = st.tuples(
    st.integers(4, 59), st.integers(0, 10**7), st.sets(st.sampled_from(["t1", "t2", "t3", "unassigned"]))
)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(CONTACT, max_size=8),
    st.sampled_from([0.01, 13.37, 21.0, 99.999]),
    st.lists(st.integers(1, 9999), max_size=4),
)
def test_whatever_happened_parts_sum_to_the_total_to_the_cent(contacts, wage, paid):
    shop = Shop()
    shop.order("o", 35)
    for number, (at, handle_ms, topics) in enumerate(contacts):
        shop.contact(f"c{number}", at, handle_ms, *sorted(topics), order="o")
    for number, refund in enumerate(paid):
        shop.back(f"r{number}", "o", 40, refund)
    sums, rows = shop.costs(wage=wage)
    assert sum(row["handle_ms"] or 0 for row in rows) == sum(ms for _, ms, _ in contacts)
    for period in ("current", "previous"):
        worked = sum(ms for at, ms, _ in contacts if (at >= 32) == (period == "current"))
        exact = floor(Fraction(repr(wage)) * 100 * worked / HOUR + Fraction(1, 2))
        own = [row for row in rows if row["period"] == period]
        assert sum(row["amount_minor"] for row in own if row["kind"] == "handling") == exact
    for topic, row in sums.items():
        parts = ("handling_minor", "refund_minor", "lost_minor")
        behind = [r["amount_minor"] for r in rows if r["topic_id"] == topic and r["period"] == "current"]
        assert row["total_minor"] == sum(row[part] for part in parts) == sum(behind)
        assert row["low"] <= row["total_minor"] <= row["high"]
    assert sum(row["refund_minor"] for row in sums.values()) == sum(paid)


# ---------------------------------------------------------------- is it growing?


def judged(now, before):
    """The verdict on amounts of one topic in two periods."""
    amounts = [("current", a) for a in now] + [("previous", a) for a in before]
    rows = pd.DataFrame(
        [
            {"topic_id": "t", "kind": "refund", "period": p, "row_id": f"{n}", "amount_minor": a, "handle_ms": None}
            for n, (p, a) in enumerate(amounts)
        ]
    ).astype({"amount_minor": "Int64", "handle_ms": "Int64"})
    [row] = topic_costs.together(topic_costs.summed(rows), priced=True, comparable=True).to_dict("records")
    return row


def test_a_total_of_few_lumps_is_less_sure_than_one_of_many_small_amounts():
    many, few = judged([100] * 100, [100] * 100), judged([10_000], [10_000])
    assert many["total_minor"] == few["total_minor"] == 10_000
    # 1.96 times the root of 100 · 100² is 1960, of 10 000² is 19 600
    assert (round(many["low"]), round(many["high"])) == (8040, 11_960)
    assert (few["low"], round(few["high"])) == (0.0, 29_600)


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        ([100] * 200, [100] * 100, "growing"),
        ([100] * 100, [100] * 200, "shrinking"),
        ([100] * 1000, [100] * 1000, "steady"),
        ([100] * 10, [100] * 12, "cannot tell"),
        ([10_000], [100], "cannot tell"),
        ([100] * 9, [], "growing"),
        ([], [100] * 9, "shrinking"),
    ],
)
def test_a_change_is_named_where_it_goes_beyond_chance(now, before, verdict):
    assert judged(now, before)["verdict"] == verdict


def test_rows_outside_both_periods_are_left_out():
    span = Period(dt.date(2026, 2, 1), dt.date(2026, 3, 1))
    days = [dt.date(2026, 1, 3), dt.date(2026, 1, 4), dt.date(2026, 2, 1), dt.date(2026, 3, 1)]
    found = topic_costs.within(pd.DataFrame({"day": days}), span)
    assert found["period"].tolist() == ["previous", "current"]
