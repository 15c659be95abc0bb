"""What came back of an order?"""

import pyarrow as pa
import pytest

from insight.engines import ENGINES
from insight.facts import returns
from insight.schema import EXCHANGE_RATES, ORDERS, RETURNS
from tests.rows import DAY, START, found, table


def test_the_first_return_gives_the_reason_and_all_refunds_add_up():
    rows = [
        {"return_id": "2", "order_id": "o", "returned_ms": START, "reason": "too small", "refund_minor": 500},
        {"return_id": "1", "order_id": "o", "returned_ms": START, "reason": "broken", "refund_minor": None},
        {"return_id": "0", "order_id": "o", "returned_ms": START + 1, "reason": "late", "refund_minor": 250},
    ]
    assert found(returns.of_orders, table(RETURNS, *rows)) == [
        {"order_id": "o", "first_returned_ms": START, "return_reason": "broken", "refund_minor": 750}
    ]


@pytest.mark.parametrize(
    ("delivered", "returned", "newest", "expected"),
    [
        (0, 29, 30, True),
        (0, 30, 60, False),
        (0, None, 30, False),
        (0, 1, 29, None),
        (None, 1, 90, None),
    ],
)
def test_a_return_counts_within_thirty_days_of_delivery_once_they_have_passed(delivered, returned, newest, expected):
    moments = {"delivered_ms": delivered, "first_returned_ms": returned}
    rows = pa.table({k: pa.array([None if d is None else START + d * DAY], pa.int64()) for k, d in moments.items()})
    judged = returns.within_window(newest_ms=START + newest * DAY)
    assert found(lambda frame: frame.select(back=judged), rows) == [{"back": expected}]


def in_shop(*refunds):
    """Refunds as (return, order, amount); order `e` is in EUR, at 1.10 when it was placed and at 2.00 later."""
    bought = [{"order_id": "e", "currency": "EUR", "ordered_ms": START}, {"order_id": "u", "currency": "USD"}]
    bought += [{"order_id": "x", "currency": "XXX", "ordered_ms": START}]
    rates = [{"currency": "EUR", "valid_from_ms": START + d * DAY, "rate": rate} for d, rate in ((0, 1.1), (5, 2.0))]
    rows = [
        {"return_id": r, "order_id": o, "refund_minor": amount, "returned_ms": START + 9 * DAY}
        for r, o, amount in refunds
    ]
    tables = table(RETURNS, *rows), table(ORDERS, *bought), table(EXCHANGE_RATES, *rates)
    return returns.in_shop(*tables, to="USD")


def test_a_refund_is_worth_what_its_order_was_worth():
    told = in_shop(("1", "e", 1000), ("2", "u", 250), ("3", "x", 99), ("4", "e", None), ("5", "gone", 7))
    assert {row["return_id"]: row["refund_shop_minor"] for row in told.to_pylist()} == {"1": 1100, "2": 250, "3": None}


def test_refunds_of_an_order_add_up_and_are_unknown_where_one_has_no_rate():
    told = in_shop(("1", "e", 5), ("2", "e", 5), ("3", "x", 99), ("4", "u", 0))
    found_rows = [ENGINES[name].arrow(returns.paid_back(ENGINES[name].frame(told))).to_pylist() for name in ENGINES]
    for rows in found_rows:
        # 5 cents at 1.10 are 5.5, rounded to 6 each: two returns are two amounts
        assert {row["order_id"]: row["refund_shop_minor"] for row in rows} == {"e": 12, "u": 0, "x": None}
