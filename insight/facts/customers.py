"""What came of a customer after the first order: bought again, how much, and what was left of it."""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame
from insight.periods import DAY_MS

QUARTER, HALF_YEAR = 90, 180
"""Days within which a customer buys again; both are counted from the moment of the first order, half-open."""

OF_FIRST = ("platform", "shop", "market", "sku", "family", "day")
AMOUNTS = {"revenue": "total_shop_minor", "refund": "refund_shop_minor", "margin": "margin_shop_minor"}


def named(order_facts: Frame, orders: Frame) -> Frame:
    """Facts of orders whose customer a source names, and whether each was kept: not cancelled.

    An order that names nobody would be a customer who never came back.
    """
    told = orders.filter(nw.col("customer_told")).select("order_id")
    kept = ~nw.col("cancelled").fill_null(False)
    return order_facts.join(told, on="order_id", how="inner").with_columns(kept=kept)


def firsts(named: Frame) -> Frame:
    """One row per customer who bought: what the first order was, and first_ordered_ms."""
    kept = named.filter(nw.col("kept"))
    first = kept.unique(subset=["customer_key"], keep="first", order_by=["ordered_ms", "order_id"])
    return first.select("customer_key", *OF_FIRST, first_ordered_ms=nw.col("ordered_ms"))


def histories(named: Frame, firsts: Frame, *, newest_ms: int) -> Frame:
    """One row per customer: orders, when they bought last and again, and amounts to date and of 90 days.

    To buy again is to buy on a later day: two orders of one day are one purchase in two parcels. An amount is null
    where that of one of its orders is; those of 90 days, and both answers, are null until the days have passed.

    :param newest_ms: how far the orders reach.
    """
    began = firsts.select("customer_key", "first_ordered_ms", first_day=nw.col("day"))
    rows = named.filter(nw.col("kept")).join(began, on="customer_key", how="inner")
    again = nw.when(nw.col("day") > nw.col("first_day")).then(nw.col("ordered_ms"))
    early = nw.col("ordered_ms") < nw.col("first_ordered_ms") + QUARTER * DAY_MS
    rows = rows.with_columns(again_ms=again, early=early.cast(nw.Int64))
    for name, amount in AMOUNTS.items():
        unknown = nw.col(amount).is_null().cast(nw.Int64)
        rows = rows.with_columns(**{name: nw.col(amount).fill_null(0), f"no_{name}": unknown})
        rows = rows.with_columns(**{f"{n}_90d": nw.col(n) * nw.col("early") for n in (name, f"no_{name}")})
    sums = [f"{unknown}{name}{span}" for name in AMOUNTS for unknown in ("", "no_") for span in ("", "_90d")]
    told = rows.group_by("customer_key").agg(
        nw.len().alias("orders"),
        nw.col("first_ordered_ms").min(),
        nw.col("again_ms").min(),
        nw.col("ordered_ms").max().alias("last_ordered_ms"),
        *(nw.col(name).sum() for name in sums),
    )
    return told.select(
        "customer_key",
        "orders",
        "last_ordered_ms",
        repurchased_90d=_within(QUARTER, newest_ms),
        repurchased_180d=_within(HALF_YEAR, newest_ms),
        revenue_90d_minor=nw.when(_passed(QUARTER, newest_ms)).then(_known("revenue", "_90d")),
        margin_90d_minor=nw.when(_passed(QUARTER, newest_ms)).then(_known("margin", "_90d")),
        **{f"lifetime_{name}_minor": _known(name) for name in AMOUNTS},
    )


def _passed(days: int, newest_ms: int) -> nw.Expr:
    """Whether so many days after the first order lie in the data."""
    return nw.col("first_ordered_ms") + days * DAY_MS <= newest_ms


def _within(days: int, newest_ms: int) -> nw.Expr:
    """Whether the customer bought again within so many days."""
    again = (nw.col("again_ms") < nw.col("first_ordered_ms") + days * DAY_MS).fill_null(False)
    return nw.when(_passed(days, newest_ms)).then(again).cast(nw.Boolean)


def _known(name: str, span: str = "") -> nw.Expr:
    """A sum, where each of its amounts is known."""
    return nw.when(nw.col(f"no_{name}{span}") == 0).then(nw.col(f"{name}{span}"))


def tallies(rows: Frame, name: str) -> Frame:
    """One row per customer: how many rows there are, under this name."""
    return rows.group_by("customer_key").agg(nw.len().alias(name))
