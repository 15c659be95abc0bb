"""What do people ask for, how many of them, and do we sell it?"""

import pandas as pd
import pytest

from insight.marts import demand_signals
from insight.schema import DEMAND_SIGNALS, TOO_FEW
from tests.rows import DAY, START, kept

COLUMNS = ["mention_id", "asked", "for_what", "sku", "sold", "customer_key", "said_ms", "market", "text"]


def wish(customer, asked="belt bag", day=0, *, goes_with=None, sku=None, market="DE"):
    words = f"{customer} wants {asked}"
    return (asked, goes_with, sku, sku is not None, customer, START + day * DAY, market, words)


def signals(*wishes, orders=(), contacts=1000, min_customers=2):
    rows = pd.DataFrame([(f"m{n}", *w) for n, w in enumerate(wishes)], columns=COLUMNS)
    bought = pd.DataFrame([(k, START + round(d * DAY)) for k, d in orders], columns=["customer_key", "ordered_ms"])
    found = demand_signals.signals(rows, bought, contacts=contacts, min_customers=min_customers)
    return {row["asked"]: row for row in kept(DEMAND_SIGNALS, found)}


def test_customers_count_and_not_messages():
    row = signals(wish("ann"), wish("ann"), wish("bob"))["belt bag"]
    assert (row["askers"], row["mentions"], row["per_1000_contacts"]) == (2, 3, 2.0)
    # 2 events: 0.2422 … 7.2247
    assert (row["low"], row["high"]) == (pytest.approx(0.24221, rel=1e-4), pytest.approx(7.22469, rel=1e-4))


def test_what_too_few_ask_for_is_counted_without_a_word_of_it():
    told = signals(wish("ann"), wish("bob"), wish("ann", "my secret"), wish("cy", "another"), wish("cy", "another"))
    assert set(told) == {"belt bag", TOO_FEW}
    row = told[TOO_FEW]
    assert (row["askers"], row["mentions"], row["sold"]) == (2, 3, False)
    assert [row[c] for c in ("quote", "for_what", "sku")] == [None, None, None]


def test_the_quote_is_the_newest_wish():
    assert signals(wish("bob", day=3), wish("ann", day=1))["belt bag"]["quote"] == "bob wants belt bag"


def test_what_it_goes_with_needs_enough_customers_too():
    told = signals(
        wish("ann", goes_with="hoodie"), wish("ann", goes_with="hoodie"), wish("bob", goes_with="my old tent")
    )
    assert told["belt bag"]["for_what"] is None
    told = signals(wish("ann", goes_with="hoodie"), wish("bob", goes_with="hoodie"), wish("cy", goes_with="tent"))
    assert told["belt bag"]["for_what"] == "hoodie"


def test_a_thing_is_sold_where_the_catalogue_answers_it():
    row = signals(wish("ann", sku="s1"), wish("bob"))["belt bag"]
    assert (row["sold"], row["sku"]) == (True, "s1")


@pytest.mark.parametrize(("day", "count"), [(-1, 0), (0, 1), (6.9, 1), (7, 0)])
def test_who_bought_within_seven_days_of_asking_is_counted(day, count):
    assert signals(wish("ann"), wish("bob"), orders=[("ann", day), ("cy", 1)])["belt bag"]["asked_and_bought"] == count


def test_buying_after_any_of_two_questions_counts_once():
    wishes = wish("ann", day=0), wish("ann", day=30), wish("ann", day=31), wish("bob")
    assert signals(*wishes, orders=[("ann", 32)])["belt bag"]["asked_and_bought"] == 1


def test_markets_stand_by_customers_and_then_by_name():
    told = signals(wish("ann", market="US"), wish("bob", market="US"), wish("cy", market="JP"), wish("di", market="DE"))
    assert told["belt bag"]["markets"] == ["US", "DE", "JP"]


def test_no_wishes_and_no_contacts_are_no_error():
    assert signals() == {}
    assert signals(wish("ann"), wish("bob"), contacts=0)["belt bag"]["askers"] == 2
