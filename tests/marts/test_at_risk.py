"""Who may write again about the same issue within 7 days?"""

import pandas as pd

from insight.marts import at_risk
from tests.rows import DAY, HOUR, START

NEWEST = START + 30 * DAY


def ranked(*contacts, words=(), orders=()):
    """Rows by rank, from (conversation, customer, day, probability)."""
    told = pd.DataFrame(contacts, columns=["conversation_id", "customer_key", "day", "probability"])
    opened = told[["conversation_id", "customer_key"]].assign(order_id="o" if orders else None)
    opened["opened_ms"] = [START + round(day * DAY) for day in told["day"]]
    risks = told[["conversation_id", "probability"]]
    mentions = pd.DataFrame(words, columns=["mention_id", "conversation_id", "said_ms", "text"])
    bought = pd.DataFrame(orders, columns=["order_id", "total_minor", "currency"])
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
    [row] = ranked(("a", "ann", 29, 0.5), words=words, orders=[("o", 4500, "EUR")])
    assert (row["last_words"], row["order_minor"], row["currency"]) == ("third", 4500, "EUR")


def test_who_said_nothing_of_substance_has_empty_last_words():
    assert ranked(("a", "ann", 29, 0.5))[0]["last_words"] == ""
