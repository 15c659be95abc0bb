"""What came back of an order, why, and what was paid back."""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame
from insight.periods import DAY_MS

WINDOW_MS = 30 * DAY_MS
"""A return counts for the return rate within 30 days of delivery, so that old orders have no longer chance than new."""


def of_orders(returns: Frame) -> Frame:
    """One row per order with a return: first_returned_ms, return_reason of the first return, refund_minor of all."""
    first = returns.unique(subset=["order_id"], keep="first", order_by=["returned_ms", "return_id"]).select(
        "order_id", first_returned_ms=nw.col("returned_ms"), return_reason=nw.col("reason")
    )
    paid = returns.group_by("order_id").agg(nw.col("refund_minor").sum())
    return first.join(paid, on="order_id", how="left")


def within_window(*, newest_ms: int) -> nw.Expr:
    """Whether a delivered order came back within 30 days; null until they have passed, over delivered and returned."""
    ends_ms = nw.col("delivered_ms") + WINDOW_MS
    back = (nw.col("first_returned_ms") < ends_ms).fill_null(False)
    return nw.when(ends_ms <= newest_ms).then(back).cast(nw.Boolean)
