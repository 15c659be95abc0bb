"""What do people ask for, how many of them, and do we sell it? And who asked?"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    # one thing of rate 2/1000: the prior weighs as much as the data, so 2 + 2 events in 1,000 + 1,000 contacts
    assert row["shrunk"] == pytest.approx(2.0)
    # gamma(4): 1.0899 … 8.7673, in 2,000 contacts
    assert (row["low"], row["high"]) == (pytest.approx(0.54493, rel=1e-4), pytest.approx(4.38365, rel=1e-4))


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


# ---------------------------------------------------------------- rates, shrunk


def test_the_prior_by_hand():
    """Askers 1, 2, 9 in 100 contacts each: mean 0.04, variance 38/30,000, of which chance 0.04/100 is taken away."""
    found = demand_signals.prior([1, 2, 9], 100)
    spread = 38 / 30_000 - 0.0004

    assert found == (pytest.approx(0.04**2 / spread), pytest.approx(0.04 / spread))


def test_things_that_differ_by_chance_only_get_a_prior_as_heavy_as_one_of_them():
    assert demand_signals.prior([5, 5, 5], 1000) == (pytest.approx(5), pytest.approx(1000))


def test_one_asker_among_three_customers_never_tops_thirty_among_a_thousand():
    askers, contacts = [1, 30], [3, 1000]
    rates = demand_signals.shrunk(askers, contacts, demand_signals.prior(askers, contacts))

    assert 1 / 3 > 30 / 1000
    assert rates.low[0] < rates.low[1]
    assert rates.mean[0] < 0.05


counts = st.lists(st.tuples(st.integers(0, 50), st.integers(50, 5000)), min_size=1, max_size=8)


@given(counts)
def test_rates_are_what_weighing_every_possible_rate_gives(seen):
    """The posterior by brute force: prior × Poisson likelihood on a fine grid, without the gamma's formulas."""
    askers, contacts = (list(column) for column in zip(*seen, strict=True))
    usual = demand_signals.prior(askers, contacts)
    rates = demand_signals.shrunk(askers, contacts, usual)
    if not any(askers):
        assert math.isnan(usual.events)
        assert np.isnan(rates.mean).all()
        return
    for n, (x, t) in enumerate(seen):
        middle, wide = rates.mean[n], math.sqrt(x + usual.events) / (t + usual.exposure)
        grid = np.linspace(max(middle - 9 * wide, 1e-12), middle + 14 * wide, 40_001)
        weight = np.exp((x + usual.events - 1) * np.log(grid / middle) - (t + usual.exposure) * (grid - middle))
        share = np.cumsum(weight) / weight.sum()
        if usual.events + x >= 1.5:
            assert (grid * weight).sum() / weight.sum() == pytest.approx(middle, rel=1e-2)
            assert np.interp(rates.low[n], grid, share) == pytest.approx(0.025, abs=4e-3)
            assert np.interp(rates.high[n], grid, share) == pytest.approx(0.975, abs=4e-3)
        assert rates.low[n] <= rates.mean[n] <= rates.high[n]


# ---------------------------------------------------------------- who asked


def audience(asked, orders=(), consent=()):
    rows = pd.DataFrame([(k, t, START + d * DAY) for k, t, d in asked], columns=["customer_key", "asked", "said_ms"])
    bought = pd.DataFrame(
        [(k, START + d * DAY, c, v, s) for k, d, c, v, s in orders],
        columns=["customer_key", "ordered_ms", "currency", "total_minor", "status"],
    )
    people = pd.DataFrame(consent, columns=["customer_key", "may_market"])
    return demand_signals.audience(rows, bought, people).to_dict("records")


def test_who_asked_and_what_they_are_worth_by_hand():
    rows = audience(
        [("ann", "case", 1), ("ann", "case", 5), ("bob", "case", 2), ("cy", "case", 3)],
        [
            ("ann", 0, "EUR", 1000, "delivered"),
            ("ann", 2, "EUR", 500, "shipped"),
            ("ann", 3, "USD", 900, "delivered"),
            ("bob", 4, "EUR", 2500, "delivered"),
            ("bob", 5, "EUR", 9900, "cancelled"),
            ("di", 1, "EUR", 100, "delivered"),
        ],
        [("ann", True), ("bob", False)],
    )
    told = [
        (r["customer_key"], r["times_asked"], r["orders"], r["value_minor"], r["currency"], r["other_currencies"])
        for r in rows
    ]

    assert told == [("bob", 1, 1, 2500, "EUR", ""), ("ann", 2, 2, 1500, "EUR", "USD"), ("cy", 1, 0, 0, "", "")]
    assert [r["bought_after"] for r in rows] == [True, False, False]
    assert [r["may_market"] for r in rows] == [False, True, None]
    assert rows[1]["last_asked_ms"] == START + 5 * DAY


def test_nobody_asked_is_no_error():
    assert audience([]) == []
