"""Who may write again about the same issue within 7 days?"""

import pandas as pd
import pytest

from insight.marts import at_risk
from tests.rows import DAY, HOUR, START

NEWEST = START + 30 * DAY


def ranked(*contacts, words=(), orders=()):
    """Rows by rank, from (conversation, customer, day, probability)."""
    told = pd.DataFrame(contacts, columns=["conversation_id", "customer_key", "day", "probability"])
    opened = told[["conversation_id", "customer_key"]].assign(order_id="o" if orders else None)
    opened["resolved"] = [{"resolved": True, "open": False}.get(name) for name in told["conversation_id"]]
    opened["topic_id"] = ["unknown" if name == "hello" else "t" for name in told["conversation_id"]]
    opened["opened_ms"] = [START + round(day * DAY) for day in told["day"]]
    risks = told[["conversation_id", "probability"]].assign(scored_ms=opened["opened_ms"] + HOUR)
    mentions = pd.DataFrame(words, columns=["mention_id", "conversation_id", "said_ms", "text"])
    columns = ["order_id", "total_minor", "currency", "promised_ms", "delivered_ms"]
    bought = pd.DataFrame(list(orders), columns=columns).astype({"promised_ms": "Int64", "delivered_ms": "Int64"})
    found = at_risk.ranked(opened, risks, mentions, bought, newest_ms=NEWEST)
    return found.to_dict("records")


def test_the_most_likely_comes_first_and_among_equals_who_has_least_time_left():
    rows = ranked(("a", "ann", 29, 0.2), ("b", "bob", 28, 0.7), ("c", "cy", 25, 0.2))
    assert [(r["rank"], r["customer_key"], r["hours_left"]) for r in rows] == [
        (1, "bob", 5 * 24),
        (2, "cy", 2 * 24),
        (3, "ann", 6 * 24),
    ]


def test_a_contact_whose_seven_days_are_over_is_gone():
    assert [r["conversation_id"] for r in ranked(("over", "ann", 23, 0.9), ("last hour", "bob", 23 + 1 / 24, 0.1))] == [
        "last hour"
    ]


def test_a_customer_who_wrote_again_stands_with_the_newest_contact_only():
    rows = ranked(("first", "ann", 27, 0.9), ("again", "ann", 29, 0.3))
    assert [(r["conversation_id"], r["probability"]) for r in rows] == [("again", 0.3)]


def test_the_last_words_and_the_value_of_the_order_stand_beside():
    words = [("m1", "a", START, "first"), ("m3", "a", START + HOUR, "third"), ("m2", "a", START + HOUR, "second")]
    [row] = ranked(
        ("a", "ann", 29, 0.5), words=words, orders=[{"order_id": "o", "total_minor": 4500, "currency": "EUR"}]
    )
    assert (row["last_words"], row["order_minor"], row["currency"]) == ("third", 4500, "EUR")


def test_who_said_nothing_of_substance_has_empty_last_words():
    assert ranked(("a", "ann", 29, 0.5))[0]["last_words"] == ""


def test_who_has_been_helped_or_raised_nothing_is_not_to_be_called():
    contacts = [(name, name, 29, 0.5) for name in ("resolved", "open", "not told", "hello")]
    assert {r["conversation_id"] for r in ranked(*contacts)} == {"open", "not told"}


@pytest.mark.parametrize(
    ("promised_day", "delivered_day", "shown"), [(20, None, True), (20, 29.5, False), (20, 25, True), (30, 29.5, True)]
)
def test_who_waited_for_a_late_parcel_that_has_come_since_is_gone(promised_day, delivered_day, shown):
    order = {"order_id": "o", "promised_ms": START + promised_day * DAY}
    order["delivered_ms"] = None if delivered_day is None else START + round(delivered_day * DAY)
    assert bool(ranked(("a", "ann", 29, 0.5), orders=[order])) is shown
