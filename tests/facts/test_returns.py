"""What came back of an order?"""

import pyarrow as pa
import pytest

from insight.facts import returns
from insight.schema import RETURNS
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
