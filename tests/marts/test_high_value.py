"""Which of the most valuable customers wait, or went away unhappy?"""

import pandas as pd
import pytest

from insight.marts import high_value
from tests.rows import DAY, START

NOW = START + 200 * DAY
PLAIN = {"topic_id": "t", "language": "en", "platform": "amazon", "market": "DE", "resolved": True, "answered": True}
PLAIN |= {"turned_bad": False, "recovered": None, "csat_rating": None}


def worth(*values, margins=None):
    rows = [
        {"customer_key": f"k{n}", "lifetime_revenue_minor": value, "orders": n, "last_ordered_ms": START}
        | {"lifetime_margin_minor": (margins or values)[n]}
        for n, value in enumerate(values)
    ]
    return pd.DataFrame(rows).convert_dtypes(dtype_backend="pyarrow")


HUNDRED = worth(*range(1, 101))


def listed(*contacts, customers=HUNDRED, reviews=(), held=(), said=(), chances=()):
    rows = pd.DataFrame(
        [PLAIN | {"conversation_id": f"c{n}", "opened_ms": NOW - DAY} | one for n, one in enumerate(contacts)],
        columns=["conversation_id", "customer_key", "opened_ms", *PLAIN],
    ).astype({"resolved": "boolean", "turned_bad": "boolean", "recovered": "boolean", "answered": "boolean"})
    reviews = pd.DataFrame(list(reviews), columns=["customer_key", "reviewed_ms", "rating"])
    words = pd.DataFrame(list(said), columns=["mention_id", "conversation_id", "said_ms", "text"])
    chances = pd.DataFrame(list(chances), columns=["conversation_id", "probability"])
    return high_value.listed(rows, customers, reviews, words, chances, set(held), newest_ms=NOW).to_dict("records")


def who(*contacts, **told):
    return [(row["customer_key"], row["why"]) for row in listed(*contacts, **told)]


def test_the_top_tenth_by_hand():
    top, measured = high_value.valued(HUNDRED)
    assert (measured, sorted(top["value_minor"])) == ("margin", list(range(91, 101)))
    assert set(top["least_minor"]) == {91}


def test_what_they_paid_counts_where_the_margin_is_seldom_known():
    few = worth(*range(1, 101), margins=[*range(1, 50), *[None] * 51])
    assert high_value.valued(few)[1] == "revenue"
    half = worth(*range(1, 101), margins=[*range(1, 51), *[None] * 50])
    top, measured = high_value.valued(half)
    assert (measured, sorted(top["value_minor"])) == ("margin", [46, 47, 48, 49, 50])


def test_nobody_is_valuable_who_brought_nothing():
    assert high_value.valued(worth(*[0] * 20))[0].empty
    assert high_value.valued(HUNDRED.iloc[:0])[0].empty


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, []),
        ({"resolved": None}, ["open contact"]),
        ({"resolved": False, "opened_ms": NOW - 14 * DAY}, ["open contact"]),
        ({"resolved": False, "opened_ms": NOW - 14 * DAY - 1}, []),
        ({"turned_bad": True, "recovered": False}, ["ended badly"]),
        ({"turned_bad": True, "recovered": True}, []),
        ({"turned_bad": True, "opened_ms": NOW - 61 * DAY}, []),
        ({"csat_rating": 0.4}, ["low score"]),
        ({"csat_rating": 0.5}, []),
        ({"csat_rating": 0.0, "turned_bad": True, "resolved": False}, ["open contact", "ended badly", "low score"]),
    ],
)
def test_why_somebody_is_on_the_list(told, why):
    assert who({"customer_key": "k99"} | told) == ([("k99", why)] if why else [])


def test_a_bad_review_of_the_last_two_months_counts():
    reviews = [("k99", NOW - 60 * DAY + 1, 0.25), ("k98", NOW - 61 * DAY, 0.0), ("k97", NOW, 0.5), (None, NOW, 0.0)]
    contacts = [{"customer_key": f"k{n}"} for n in (99, 98, 97)]
    assert who(*contacts, reviews=reviews) == [("k99", ["bad review"])]


def test_most_valuable_first_and_only_the_newest_contact_counts():
    contacts = [
        {"customer_key": "k95", "resolved": None},
        {"customer_key": "k99", "resolved": None},
        {"customer_key": "k97", "resolved": None, "opened_ms": NOW - 3 * DAY},
        {"customer_key": "k97", "resolved": True},
        {"customer_key": "k10", "resolved": None},
    ]
    assert [(r["rank"], r["customer_key"], r["value_minor"]) for r in listed(*contacts)] == [
        (1, "k99", 100),
        (2, "k95", 96),
    ]


def test_who_is_left_alone_by_lot_is_on_no_list():
    assert who({"customer_key": "k99", "resolved": None}, held=["k99"]) == []


def test_the_last_words_and_the_chance_stand_beside():
    [row] = listed(
        {"customer_key": "k99", "resolved": None},
        said=[("m1", "c0", 1, "first"), ("m2", "c0", 2, "last")],
        chances=[("c0", 0.3)],
    )
    assert (row["last_words"], row["probability"]) == ("last", 0.3)
