"""What was bought, whether it came in time, who asked about it, and who bought after asking."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import clock
from insight.engines.base import Frame
from insight.periods import DAY_MS, WEEK_MS

CANCELLED = ("cancelled", "canceled", "unavailable")


def products(order_items: Frame) -> Frame:
    """One row per order with a line: first_sku by line, only_sku (null where it has several), items (pieces)."""
    lines = order_items.with_columns(
        least=nw.col("sku").min().over("order_id"), most=nw.col("sku").max().over("order_id")
    )
    first = lines.unique(subset=["order_id"], keep="first", order_by=["line"]).select(
        "order_id", first_sku=nw.col("sku"), only_sku=nw.when(nw.col("least") == nw.col("most")).then(nw.col("sku"))
    )
    pieces = order_items.group_by("order_id").agg(nw.col("quantity").sum().alias("items"))
    return first.join(pieces, on="order_id", how="left")


def due(orders: pa.Table, *, zone: ZoneInfo) -> pa.Table:
    """Columns order_id, due_ms: the moment from which an order is late; null where nothing was promised.

    A promise at midnight, of the business or of UTC, is a promised day: it is kept until that day is over.
    """
    promised = pc.fill_null(orders["promised_ms"].cast(pa.int64()), 0).to_numpy()
    midnight = (clock.to_local(promised, zone) % DAY_MS == 0) | (promised % DAY_MS == 0)
    due_ms = pa.array(promised + np.where(midnight, DAY_MS, 0), mask=orders["promised_ms"].is_null().to_numpy())
    return pa.table({"order_id": orders["order_id"], "due_ms": due_ms})


def late(*, newest_ms: int) -> nw.Expr:
    """Whether the order had not arrived when it was due, over due_ms, delivered_ms and status.

    Judged once it is due, whether it has arrived or not: to judge only what has arrived would hide the slowest parcels.
    Unknown where the platform tells no delivery of any order, since all would be late there.
    """
    in_time = (nw.col("due_ms") < newest_ms) & ~nw.col("status").str.to_lowercase().is_in(list(CANCELLED))
    judged = in_time & deliveries_told()
    missed = (nw.col("delivered_ms") >= nw.col("due_ms")).fill_null(True)
    return nw.when(judged).then(missed).cast(nw.Boolean)


def deliveries_told() -> nw.Expr:
    """Whether the platform of an order tells of any order when it was delivered."""
    return ~nw.col("delivered_ms").max().over("platform").is_null()


def contacts(conversations: Frame) -> Frame:
    """One row per order that somebody asked about: contacts (conversations)."""
    about = conversations.filter(~nw.col("order_id").is_null())
    return about.group_by("order_id").agg(nw.len().alias("contacts"))


def buying(conversations: Frame, orders: Frame, *, newest_ms: int) -> Frame:
    """One row per conversation: presale, converted. Each customer's contacts and orders are walked once, in time.

    A source none of whose customers ever bought names its customers in words of its own, or not at all: whether they
    had bought is unknown there.

    :param newest_ms: how far both contacts and orders reach; a purchase within 7 days is judged only up to there.
    """
    events = nw.concat([_orders(orders), _contacts(conversations)], how="vertical")
    walk = ["at_ms", "kind", "conversation_id"]
    events = events.with_columns(
        bought_before=nw.col("bought").cum_sum().over("customer_key", order_by=walk),
        next_ms=nw.col("order_ms").cum_min(reverse=True).over("customer_key", order_by=walk),
        first_known_ms=nw.col("order_ms").min().over("all"),
    ).filter(nw.col("kind") == 1)
    bought_or_names = (nw.col("bought_before") > 0) | (nw.col("names_order") == 1)
    events = events.join(_sources(conversations, orders), on="conversation_id", how="inner")
    reached = bought_or_names | (nw.col("first_known_ms") <= nw.col("at_ms"))
    known = (nw.col("linked") == 1) & reached
    presale = nw.when(known).then(~bought_or_names).cast(nw.Boolean)
    judged = known & ~bought_or_names & (nw.col("at_ms") + WEEK_MS <= newest_ms)
    bought = nw.col("next_ms") < nw.col("at_ms") + WEEK_MS
    return events.select("conversation_id", presale=presale, converted=nw.when(judged).then(bought).cast(nw.Boolean))


def _sources(conversations: Frame, orders: Frame) -> Frame:
    """One row per conversation: linked, 1 where a customer of its source has an order, else 0."""
    buyers = orders.select("customer_key").unique().with_columns(buyer=nw.lit(1))
    told = conversations.select("conversation_id", "customer_key", "source").join(buyers, on="customer_key", how="left")
    linked = nw.col("buyer").fill_null(0).max().over("source")
    return told.select("conversation_id", linked=linked)


NEVER_MS = 2**62
"""Stands for no order, since a running minimum skips holes on one engine and not on the other."""


def _orders(orders: Frame) -> Frame:
    """Orders as events; kind 0, so that an order at the moment of a contact stands before it."""
    at_ms = nw.col("ordered_ms")
    zero = at_ms * 0  # a literal would lose Arrow's type, and with it its holes, on pandas
    return orders.select(
        "customer_key",
        conversation_id=nw.col("order_id"),
        at_ms=at_ms,
        kind=zero,
        bought=zero + 1,
        order_ms=at_ms,
        names_order=zero,
        all=zero,
    )


def _contacts(conversations: Frame) -> Frame:
    """Contacts as events."""
    at_ms = nw.col("opened_ms")
    zero = at_ms * 0
    return conversations.select(
        "customer_key",
        conversation_id=nw.col("conversation_id"),
        at_ms=at_ms,
        kind=zero + 1,
        bought=zero,
        order_ms=zero + NEVER_MS,
        names_order=zero + (~nw.col("order_id").is_null()).cast(nw.Int64),
        all=zero,
    )
