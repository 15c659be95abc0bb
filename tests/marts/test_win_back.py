"""Who asked and did not buy, or was unhappy and has not bought since?"""

import pandas as pd
import pytest

from insight.marts import win_back
from tests.rows import DAY, START

NOW = START + 400 * DAY
PLAIN = {"topic_id": "t", "language": "en", "platform": "amazon", "market": "DE", "presale": False, "answered": True}
PLAIN |= {"first_response_ms": 60_000, "turned_bad": False, "recovered": None, "csat_rating": None}
FLAGS = dict.fromkeys(("presale", "answered", "turned_bad", "recovered"), "boolean")


def listed(*contacts, orders=(), said=(), wishes=(), consents=(), held=(), days=7, now=NOW):
    rows = pd.DataFrame(
        [PLAIN | {"conversation_id": f"c{n}", "customer_key": "k"} | one for n, one in enumerate(contacts)],
        columns=["conversation_id", "customer_key", "opened_ms", *PLAIN],
    ).astype(FLAGS)
    bought = pd.DataFrame(list(orders), columns=["customer_key", "ordered_ms", "value_minor"])
    bought = bought.astype({"ordered_ms": "int64", "value_minor": "Int64"})
    words = pd.DataFrame(list(said), columns=["mention_id", "conversation_id", "said_ms", "text"])
    asked = pd.DataFrame(list(wishes), columns=["conversation_id", "asked", "sold"])
    may = pd.DataFrame(list(consents), columns=["customer_key", "may_market"])
    return win_back.listed(rows, bought, words, asked, may, set(held), newest_ms=now, days=days).to_dict("records")


def ago(days, **told):
    return {"opened_ms": NOW - round(days * DAY), "presale": True} | told


@pytest.mark.parametrize(
    ("age", "days", "on"),
    [(6.9, 7, False), (7, 7, True), (13.9, 14, False), (14, 14, True), (60, 7, True), (61, 7, False)],
)
def test_an_asker_is_judged_once_the_days_are_over_and_not_for_ever(age, days, on):
    assert bool(listed(ago(age), days=days)) is on


@pytest.mark.parametrize(("bought", "on"), [(20, False), (11, False), (1, False), (None, True), (30, True)])
def test_who_bought_after_asking_even_late_is_not_lost(bought, on):
    """A late order is an order: asked 20 days ago; an order before that is none of this question."""
    orders = [] if bought is None else [("k", NOW - bought * DAY, 500)]
    assert bool(listed(ago(20), orders=orders)) is on


def test_who_asked_as_a_buyer_or_of_whom_nobody_knows_is_not_on_it():
    assert listed(ago(20, presale=False)) == listed(ago(20, presale=None)) == []


def test_the_newest_question_counts_with_what_was_asked_for_and_said_last():
    [row] = listed(
        ago(30),
        ago(20, answered=False, first_response_ms=None),
        said=[("m1", "c1", 1, "a hood?"), ("m2", "c1", 2, "hello?")],
        wishes=[("c0", "belt", True), ("c1", "hood", False)],
        consents=[("k", True)],
    )
    assert (row["conversation_id"], row["reason"], row["sold"], row["answered"]) == ("c1", "hood", False, False)
    assert (row["last_words"], row["may_market"], row["days_since"]) == ("hello?", True, 20.0)


def test_without_a_wish_the_topic_tells_the_reason_and_untold_consent_is_unknown():
    [row] = listed(ago(20))
    assert (row["reason"], row["sold"], row["orders"]) == ("topic", None, 0)
    assert pd.isna(row["may_market"])


UNHAPPY = {"presale": False, "turned_bad": True, "recovered": False}
OTHERS = [("x", NOW - 90 * DAY, 1), ("x", NOW - 60 * DAY, 1)]
"""Somebody else bought again after 30 days: the usual interval."""


@pytest.mark.parametrize(("since", "on"), [(30, False), (31, True), (364, True)])
def test_who_was_unhappy_is_gone_once_the_usual_interval_is_over(since, on):
    told = {"opened_ms": NOW - since * DAY + DAY, **UNHAPPY}
    rows = listed(told, orders=[*OTHERS, ("k", NOW - since * DAY, 700)])
    assert bool(rows) is on
    if on:
        assert (rows[0]["kind"], rows[0]["usual_days"], rows[0]["orders"], rows[0]["value_minor"]) == (
            ("unhappy", 30.0, 1, 700)
        )


def test_who_bought_after_the_bad_contact_has_come_back():
    told = {"opened_ms": NOW - 100 * DAY, **UNHAPPY}
    assert listed(told, orders=[*OTHERS, ("k", NOW - 120 * DAY, 1), ("k", NOW - 90 * DAY, 1)]) == []


def test_a_customer_of_three_orders_has_an_interval_of_its_own():
    days = [("k", START, 1), ("k", START + 50 * DAY, 1), ("k", START + 110 * DAY, 1), *OTHERS]
    orders = pd.DataFrame(days, columns=["customer_key", "ordered_ms", "value_minor"])
    assert win_back.intervals(orders) == {"k": 55.0, "x": 50.0}


def test_two_orders_of_a_day_are_one_purchase_and_without_a_second_one_nobody_is_late():
    orders = pd.DataFrame(
        [("k", START, 1), ("k", START + 1000, 1)], columns=["customer_key", "ordered_ms", "value_minor"]
    )
    assert win_back.intervals(orders) == {}
    assert listed({"opened_ms": NOW - 100 * DAY, **UNHAPPY}, orders=[("k", NOW - 200 * DAY, 1)]) == []


def test_a_low_score_is_unhappy_too_and_a_recovered_contact_is_not():
    orders = [*OTHERS, ("k", NOW - 120 * DAY, 1)]
    base = {"opened_ms": NOW - 100 * DAY, "presale": False}
    assert listed(base | {"csat_rating": 0.4}, orders=orders)
    assert not listed(base | {"turned_bad": True, "recovered": True}, orders=orders)


def test_each_customer_stands_once_and_who_is_left_alone_by_lot_not_at_all():
    orders = [*OTHERS, ("k", NOW - 120 * DAY, 1)]
    contacts = ({"opened_ms": NOW - 100 * DAY, **UNHAPPY}, ago(20, customer_key="asker"))
    rows = listed(*contacts, orders=orders)
    assert [(r["kind"], r["customer_key"], r["rank"]) for r in rows] == [("asked", "asker", 1), ("unhappy", "k", 1)]
    assert [r["customer_key"] for r in listed(*contacts, orders=orders, held=["k"])] == ["asker"]


def test_unanswered_first_then_what_is_most_to_be_won():
    contacts = [ago(10, customer_key="a"), ago(9, customer_key="b", answered=False), ago(8, customer_key="c")]
    assert [r["customer_key"] for r in listed(*contacts)] == ["b", "c", "a"]


def test_an_unknown_amount_makes_the_sum_unknown():
    told = {"opened_ms": NOW - 100 * DAY, **UNHAPPY}
    [row] = listed(told, orders=[*OTHERS, ("k", NOW - 150 * DAY, 700), ("k", NOW - 120 * DAY, None)])
    assert (row["orders"], row["value_minor"]) == (2, None) or pd.isna(row["value_minor"])
