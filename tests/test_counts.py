"""Counts that close, and those that must not."""

import pandas as pd

from insight import counts
from insight.settings import Schedule


def rows(found):
    return {(r.stage, r.outcome): (r.rows, r.closes) for r in found.itertuples()}


def test_what_belongs_to_nothing_that_came_in_is_counted():
    found = rows(counts.belonging("reviews", pd.Series(["1", "9", None]), pd.Series(["1", "2"]), of="order"))

    assert {
        ("reviews, order", "in"): (3, True),
        ("reviews, order", "order known"): (1, True),
        ("reviews, order", "order unknown"): (1, True),
        ("reviews, order", "no order named"): (1, True),
    } == found


def test_rows_that_are_merged_by_id_close_only_where_their_table_holds_them():
    intake = pd.DataFrame({"feeds": ["agents", "customers"], "rows_out": [2, 3]})
    found = rows(counts.rows_merged(intake, {"agents": 5, "customers": 2}))

    assert (2, True) == found["kept rows of agents", "in the table, merged by id"]
    assert (2, False) == found["kept rows of customers", "in the table, merged by id"]


def test_customers_who_were_merged_into_another_are_counted_and_close():
    intake = pd.DataFrame({"feeds": ["customers"], "rows_out": [5]})
    found = rows(counts.rows_merged(intake, {"customers": 3}, further=2))

    assert (3, True) == found["kept rows of customers", "in the table, merged by id"]
    assert (2, True) == found["kept rows of customers", "merged into another customer"]
    assert not counts.rows_merged(intake, {"customers": 2}, further=2)["closes"].any()


HOURS = {"mon": ["09:00-18:00"]}


def test_conversations_that_several_schedules_fit_are_counted():
    told = (Schedule(name="de", hours=HOURS, markets=("DE",)), Schedule(name="chat", hours=HOURS, channels=("chat",)))
    talk = [("DE", "chat"), ("DE", "email"), ("US", "email"), ("US", "email")]
    conversations = pd.DataFrame([{"market": m, "channel": c} for m, c in talk])
    events = pd.DataFrame({"kind": ["schedule", "schedule", "solved"], "value": ["de", "gone", None]})
    found = rows(counts.schedules(conversations, events, told))

    assert {
        ("conversations, schedule", "in"): (4, True),
        ("conversations, schedule", "fit one"): (1, True),
        ("conversations, schedule", "fit several, the first counts"): (1, True),
        ("conversations, schedule", "fit none, no business time"): (2, True),
        ("changes of schedule", "in"): (2, True),
        ("changes of schedule", "to one of the settings"): (1, True),
        ("changes of schedule", "to an unknown one, left out"): (1, True),
    } == found
    assert (4, True) == rows(counts.schedules(conversations, events, ()))["conversations, schedule", "no schedule told"]


def test_times_before_the_opening_are_counted_by_what_became_of_them():
    closed = [1000, 0, -300_000, -300_001, None]
    conversations = pd.DataFrame({"conversation_id": list("abcde"), "opened_ms": 0, "closed_ms": closed})
    events = pd.DataFrame(
        {"conversation_id": ["a", "a", "a"], "kind": ["solved", "closed", "assigned"], "occurred_ms": -5}
    )
    found = rows(counts.negative_times(conversations, events))

    assert {
        ("closing times", "in"): (5, True),
        ("closing times", "after the opening"): (2, True),
        ("closing times", "up to 5 minutes before it, counted as 0"): (1, True),
        ("closing times", "longer before it, unknown"): (1, True),
        ("closing times", "none told"): (1, True),
        ("settled in the log", "in"): (2, True),
        ("settled in the log", "after the opening"): (0, True),
        ("settled in the log", "up to 5 minutes before it, counted as 0"): (2, True),
        ("settled in the log", "longer before it, unknown"): (0, True),
        ("settled in the log", "none told"): (0, True),
    } == found


def test_who_was_answered_before_asking_was_not_answered_and_is_counted():
    facts = pd.DataFrame(
        {
            "needs_answer": [True, True, True, False],
            "answered": [True, False, False, False],
            "agent_messages": [1, 1, 0, 2],
        }
    )
    found = rows(counts.answers(facts))

    assert (1, True) == found["first responses", "a person wrote, but only before the customer"]
    assert {1} == {n for (_, outcome), (n, _) in found.items() if outcome != "in"}


def test_where_log_and_status_differ_is_counted():
    names = list("abcd")
    conversations = pd.DataFrame({"conversation_id": names, "status": ["resolved", "resolved", "open", "unknown"]})
    facts = pd.DataFrame({"conversation_id": names, "resolved": pd.array([True, False, None, True], "boolean")})
    found = rows(counts.log_and_status(conversations, facts))

    assert {
        ("status and log", "in"): (4, True),
        ("status and log", "no status told"): (1, True),
        ("status and log", "same in the log, or no log"): (2, True),
        ("status and log", "the log differs"): (1, True),
    } == found


def test_currencies_that_were_assumed_are_counted():
    found = rows(counts.currencies(pd.Series([True, False, True])))

    assert (1, True) == found["orders, currency", "the shop's own assumed"]
    assert (2, True) == found["orders, currency", "named"]


def test_conversations_without_a_mood_are_counted_with_their_reason():
    messages = pd.DataFrame(
        {
            "conversation_id": ["1", "2", "3", "3"],
            "author": ["customer", "customer", "agent", "customer"],
            "public": [True, True, True, False],
        }
    )
    found = rows(counts.moods(pd.Series(["1", "2", "3", "4"]), messages, pd.Series(["1"])))

    assert {
        ("moods of conversations", "in"): (4, True),
        ("moods of conversations", "with a mood"): (1, True),
        ("moods of conversations", "customer wrote no words"): (1, True),
        ("moods of conversations", "customer wrote nothing"): (2, True),
    } == found


def test_a_mood_of_a_conversation_that_never_came_in_does_not_close():
    messages = pd.DataFrame({"conversation_id": ["1"], "author": ["customer"], "public": [True]})

    assert not counts.moods(pd.Series(["1"]), messages, pd.Series(["1", "9"]))["closes"].any()


def test_amounts_customers_and_times_of_orders_are_counted():
    orders = pd.DataFrame(
        {
            "order_id": list("abcdef"),
            "customer_key": ["ann", "ann", "bob", "cy", "made up", "cy"],
            "customer_told": [True, True, True, True, False, True],
            "shipped_ms": [1, 5, None, 1, 1, 1],
            "delivered_ms": [9, 4, 9, None, 1, 2],
        }
    )
    facts = pd.DataFrame(
        {
            "order_id": list("abcdef"),
            "currency": ["USD", "EUR", "XXX", "USD", "USD", "EUR"],
            "total_minor": pd.array([100, 100, 100, None, 50, 80], "Int64"),
            "total_shop_minor": pd.array([100, 110, None, None, 50, 88], "Int64"),
            "refund_minor": pd.array([0, 40, 100, 5, 51, None], "Int64"),
            "cancelled": pd.array([True, False, True, None, False, True], "boolean"),
        }
    )
    found = rows(pd.concat([counts.money(orders, facts, currency="USD"), counts.on_the_way(orders)]))
    assert {
        ("orders, customer", "in"): (6, True),
        ("orders, customer", "told"): (5, True),
        ("orders, customer", "not told"): (1, True),
        ("amounts, currency", "in"): (5, True),
        ("amounts, currency", "the shop's own"): (2, True),
        ("amounts, currency", "converted"): (2, True),
        ("amounts, currency", "no rate"): (1, True),
        ("refunds of orders", "in"): (5, True),
        ("refunds of orders", "nothing"): (1, True),
        ("refunds of orders", "a part"): (1, True),
        ("refunds of orders", "all"): (1, True),
        ("refunds of orders", "more than was paid"): (1, True),
        ("refunds of orders", "of an unknown total"): (1, True),
        ("days on the way", "in"): (6, True),
        ("days on the way", "known"): (3, True),
        ("days on the way", "delivered before it was shipped, unknown"): (1, True),
        ("days on the way", "not told"): (2, True),
    } == found


def test_a_customer_who_only_cancelled_has_no_facts_and_is_counted():
    orders = pd.DataFrame({"order_id": list("abc"), "customer_key": ["ann", "ann", "bob"], "customer_told": True})
    facts = pd.DataFrame({"order_id": list("abc"), "cancelled": pd.array([True, None, True], "boolean")})
    assert {
        ("facts of customers", "in"): (2, True),
        ("facts of customers", "with facts"): (1, True),
        ("facts of customers", "only cancelled orders"): (1, True),
    } == rows(counts.customers(orders, facts, 1))
    assert not counts.customers(orders, facts, 2)["closes"].any()
