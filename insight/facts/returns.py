"""What came back of an order, why, and what was paid back."""

from __future__ import annotations

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from insight import exchange
from insight.columns import column, look_up
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


def amounts() -> dict[str, nw.Expr]:
    """What was paid back of an order, over refund_minor and refund_shop_minor; 0 where nothing was."""
    paid = nw.col("refund_minor").fill_null(0)
    in_shop = nw.when(paid == 0).then(0).otherwise(nw.col("refund_shop_minor"))
    return {"refund_minor": paid, "refund_shop_minor": in_shop}


def within_window(*, newest_ms: int) -> nw.Expr:
    """Whether a delivered order came back within 30 days; null until they have passed, over delivered and returned."""
    ends_ms = nw.col("delivered_ms") + WINDOW_MS
    back = (nw.col("first_returned_ms") < ends_ms).fill_null(False)
    return nw.when(ends_ms <= newest_ms).then(back).cast(nw.Boolean)


def in_shop(returns: pa.Table, orders: pa.Table, rates: pa.Table, *, to: str) -> pa.Table:
    """One row per return with a refund of an order that is known: return_id, order_id, refund_shop_minor.

    The rate is that of the moment the order was placed: what was paid and what was paid back stay comparable, and no
    movement of rates looks like a refund.
    """
    paid = returns.filter(pc.is_valid(returns["refund_minor"]))
    ids, known = column(paid, "order_id"), column(orders, "order_id")
    currency, at_ms = (look_up(ids, known, column(orders, name)) for name in ("currency", "ordered_ms"))
    amount = exchange.converted(column(paid, "refund_minor"), currency, at_ms, rates, to=to)
    rows = pa.table({"return_id": column(paid, "return_id"), "order_id": ids, "refund_shop_minor": amount})
    return rows.filter(currency.is_valid())


def paid_back(in_shop: Frame) -> Frame:
    """One row per order with a refund: refund_shop_minor, null where one of its refunds has no rate."""
    unknown = nw.col("refund_shop_minor").is_null().cast(nw.Int64)
    rows = in_shop.with_columns(unknown=unknown, paid=nw.col("refund_shop_minor").fill_null(0))
    sums = rows.group_by("order_id").agg(nw.col("unknown").sum(), nw.col("paid").sum())
    return sums.select("order_id", refund_shop_minor=nw.when(nw.col("unknown") == 0).then(nw.col("paid")))
