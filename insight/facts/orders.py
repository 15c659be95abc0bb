"""What was bought, whether it came in time, who asked about it, and who bought after asking."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from insight.engines.base import Frame

DAY_MS = 24 * 60 * 60 * 1000
BUYING_MS = 7 * DAY_MS
"""A purchase follows a question when it comes within 7 days, half-open."""

CANCELLED = ("cancelled", "canceled", "unavailable")


def products(order_items: Frame) -> Frame:
    """One row per order with a line: first_sku by line, only_sku (null where it has several products), items (pieces)."""
    lines = order_items.with_columns(
        least=nw.col("sku").min().over("order_id"), most=nw.col("sku").max().over("order_id")
    )
    first = lines.unique(subset=["order_id"], keep="first", order_by=["line"]).select(
        "order_id", first_sku=nw.col("sku"), only_sku=nw.when(nw.col("least") == nw.col("most")).then(nw.col("sku"))
    )
    pieces = order_items.group_by("order_id").agg(nw.col("quantity").sum().alias("items"))
    return first.join(pieces, on="order_id", how="left")


def due(orders: pa.Table, *, clock: ZoneInfo) -> pa.Table:
    """Columns order_id, due_ms: the moment from which an order is late; null where nothing was promised.

    A promise at midnight, of the business or of UTC, is a promised day: it is kept until that day is over.
    """
    promised = orders["promised_ms"].cast(pa.int64())
    days = [_is_midnight(promised, zone) for zone in (str(clock), "UTC")]
    whole_day = pc.or_(*days)
    return pa.table(
        {"order_id": orders["order_id"], "due_ms": pc.if_else(whole_day, pc.add(promised, DAY_MS), promised)}
    )


def _is_midnight(moments_ms: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:
    local = pc.local_timestamp(moments_ms.cast(pa.timestamp("ms", tz="UTC")).cast(pa.timestamp("ms", tz=zone)))
    return pc.equal(local, pc.floor_temporal(local, unit="day"))


def late(*, newest_ms: int) -> nw.Expr:
    """Whether the order had not arrived when it was due, over due_ms, delivered_ms and status.

    Judged once it is due, whether it has arrived or not: to judge only what has arrived would hide the slowest parcels.
    """
    judged = (nw.col("due_ms") < newest_ms) & ~nw.col("status").str.to_lowercase().is_in(list(CANCELLED))
    return nw.when(judged).then(nw.col("delivered_ms").is_null() | (nw.col("delivered_ms") >= nw.col("due_ms")))


def contacts(conversations: Frame) -> Frame:
    """One row per order that somebody asked about: contacts (conversations)."""
    about = conversations.filter(~nw.col("order_id").is_null())
    return about.group_by("order_id").agg(nw.len().alias("contacts"))


def buying(conversations: Frame, orders: Frame, *, newest_ms: int) -> Frame:
    """One row per conversation: presale, converted. Each customer's contacts and orders are walked once, in time.

    :param newest_ms: how far both contacts and orders reach; a purchase within 7 days is judged only up to there.
    """
    events = nw.concat([_orders(orders), _contacts(conversations)], how="vertical")
    walk = ["at_ms", "kind", "conversation_id"]
    events = events.with_columns(
        bought_before=nw.col("bought").cum_sum().over("customer_key", order_by=walk),
        next_ms=nw.col("order_ms").cum_min(reverse=True).over("customer_key", order_by=walk),
        first_known_ms=nw.col("order_ms").min().over("all"),
    ).filter(nw.col("kind") == 1)
    names_order, no_order = nw.col("names_order") == 1, nw.col("bought_before") == 0
    reach_back = nw.col("first_known_ms") <= nw.col("at_ms")
    presale = nw.when(names_order | ~no_order).then(nw.lit(False)).otherwise(nw.when(reach_back).then(nw.lit(True)))
    judged = nw.col("presale") & (nw.col("at_ms") + BUYING_MS <= newest_ms)
    return events.with_columns(presale=presale).select(
        "conversation_id", "presale", converted=nw.when(judged).then(nw.col("next_ms") < nw.col("at_ms") + BUYING_MS)
    )


NEVER_MS = 2**62
"""Stands for no order, since a running minimum skips holes on one engine and not on the other."""


def _orders(orders: Frame) -> Frame:
    """Orders as events; kind 0, so that an order at the moment of a contact stands before it."""
    return orders.select(
        "customer_key",
        conversation_id=nw.lit(""),
        at_ms=nw.col("ordered_ms"),
        kind=nw.lit(0).cast(nw.Int64),
        bought=nw.lit(1).cast(nw.Int64),
        order_ms=nw.col("ordered_ms"),
        names_order=nw.lit(0).cast(nw.Int64),
        all=nw.lit(0).cast(nw.Int64),
    )


def _contacts(conversations: Frame) -> Frame:
    """Contacts as events."""
    return conversations.select(
        "customer_key",
        "conversation_id",
        at_ms=nw.col("opened_ms"),
        kind=nw.lit(1).cast(nw.Int64),
        bought=nw.lit(0).cast(nw.Int64),
        order_ms=nw.lit(NEVER_MS).cast(nw.Int64),
        names_order=(~nw.col("order_id").is_null()).cast(nw.Int64),
        all=nw.lit(0).cast(nw.Int64),
    )
