"""Amounts in the shop's currency: exact, rounded once, never one to one."""

from decimal import ROUND_FLOOR, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import exchange
from insight.schema import EXCHANGE_RATES
from tests.rows import DAY, START, table

# EUR from day 0 and again from day 10, JPY from day 0; the shop sells in USD.
RATES = (("EUR", 0, 1.1), ("EUR", 10, 1.25), ("JPY", 0, 0.0067))


def converted(*amounts, to="USD", rates=RATES):
    """Amounts as (minor units, currency, day) in minor units of `to`."""
    told = [{"currency": c, "valid_from_ms": START + d * DAY, "rate": rate} for c, d, rate in rates]
    minor, currency, days = zip(*amounts, strict=True) if amounts else ((), (), ())
    at_ms = [None if day is None else START + day * DAY for day in days]
    columns = pa.array(minor, pa.int64()), pa.array(currency, pa.string()), pa.array(at_ms, pa.int64())
    return exchange.converted(*columns, table(EXCHANGE_RATES, *told), to=to).to_pylist()


def test_an_amount_takes_the_rate_that_held_at_its_moment():
    assert converted((1000, "EUR", 0), (1000, "EUR", 9.999), (1000, "EUR", 10), (1000, "EUR", 500)) == [
        1100,
        1100,
        1250,
        1250,
    ]


def test_before_the_first_rate_and_without_one_an_amount_is_unknown():
    assert converted((1000, "EUR", -0.001), (1000, "GBP", 5), (None, "EUR", 5), (7, "EUR", None)) == [None] * 4


def test_the_shops_own_currency_needs_no_rate():
    assert converted((1000, "USD", 5), (None, "USD", 5)) == [1000, None]
    assert converted((1000, "USD", 5), rates=[("USD", 0, 2.0)]) == [1000], "a rate for it is no second currency"


def test_currencies_have_their_own_minor_units():
    # 1000 JPY are 6.70 USD; 10.000 KWD (three decimals) at 3.25 are 32.50 USD; 6.70 USD are 1000 JPY
    assert converted((1000, "JPY", 0)) == [670]
    assert converted((10_000, "KWD", 0), rates=[("KWD", 0, 3.25)]) == [3250]
    assert converted((670, "USD", 0), to="JPY", rates=[("USD", 0, 149.25)]) == [1000]


def test_halves_are_rounded_up_as_they_are_written():
    # 0.145 is a little less than 145/1000 as a float: 1.00 would become 0.14
    assert converted((100, "EUR", 0), rates=[("EUR", 0, 0.145)]) == [15]
    assert converted((100, "EUR", 0), rates=[("EUR", 0, 0.1449)]) == [14]
    assert converted((-100, "EUR", 0), rates=[("EUR", 0, 0.145)]) == [-14]


def test_what_no_64_bits_can_hold_is_unknown():
    assert converted((2**61, "EUR", 0), (10**15, "EUR", 0), rates=[("EUR", 0, 1_000_000.0)]) == [None, None]
    assert converted((10**17, "EUR", 0), rates=[("EUR", 0, 1.0000000000000002)]) == [10**17 + 20]


AMOUNT = st.tuples(
    st.one_of(st.none(), st.integers(-(10**12), 10**12)),
    st.sampled_from(["USD", "EUR", "JPY", "KWD", "XXX"]),
    st.integers(-3, 30),
)
RATE = st.tuples(
    st.sampled_from(["EUR", "JPY", "KWD"]), st.integers(0, 25), st.floats(1e-6, 1e6, allow_subnormal=False)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(AMOUNT, max_size=12), st.lists(RATE, max_size=6, unique_by=lambda rate: rate[:2]))
def test_any_amounts_are_what_decimal_arithmetic_gives(amounts, rates):
    expected = []
    for minor, currency, day in amounts:
        held = [rate for rate in sorted(rates, key=lambda rate: rate[1]) if rate[0] == currency and rate[1] <= day]
        if minor is None or (currency != "USD" and not held):
            expected.append(None)
        elif currency == "USD":
            expected.append(minor)
        else:
            digits = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
            major = Decimal(minor).scaleb(-digits) * Decimal(repr(held[-1][2]))
            exact = major.scaleb(2) + Decimal("0.5")
            expected.append(int(exact.to_integral_value(ROUND_FLOOR)))
    assert converted(*amounts, rates=rates) == [None if v is None or abs(v) >= 2**62 else v for v in expected]


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("nothing known", 2)])
def test_decimal_places_are_those_of_iso_4217(currency, digits):
    assert exchange.exponent(currency) == digits
