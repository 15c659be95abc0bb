"""What was bought, whether it came in time, who asked about it, and who bought after asking."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import clock, exchange
from insight.columns import column
from insight.engines.base import Frame
from insight.periods import DAY_MS, FOUR_WEEKS, WEEK_MS
from insight.schema import UNKNOWN

CANCELLED = ("cancelled", "canceled", "unavailable")


def products(order_items: Frame) -> Frame:
    """One row per order with a line: first_sku by line, only_sku (null where it has several), items (pieces)."""
    sku, key = nw.col("sku"), ["order_id", "line"]
    found = order_items.group_by("order_id").agg(
        nw.col("line").min(), nw.col("quantity").sum().alias("items"), sku.min().alias("least"), sku.max().alias("most")
    )
    rows = found.join(order_items.select(*key, first_sku=sku), on=key, how="inner")
    only = nw.when(nw.col("least") == nw.col("most")).then(nw.col("first_sku"))
    return rows.select("order_id", "first_sku", "items", only_sku=only)


def due(orders: pa.Table, *, zone: ZoneInfo, whole_day: bool = True) -> pa.Table:
    """Columns order_id, due_ms: the moment from which an order is late; null where nothing was promised.

    :param whole_day: a promise at midnight, of the business or of UTC, is a promised day: it is kept until that day is
        over. Else it is a moment like any other.
    """
    promised = pc.fill_null(orders["promised_ms"].cast(pa.int64()), 0).to_numpy()
    midnight = ((clock.to_local(promised, zone) % DAY_MS == 0) | (promised % DAY_MS == 0)) & whole_day
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


SPANS = {
    "promised_days": ("ordered_ms", "due_ms"),
    "transit_days": ("shipped_ms", "delivered_ms"),
    "late_days": ("due_ms", "delivered_ms"),
}


def spans() -> dict[str, nw.Expr]:
    """Days from one moment to another, by name; null where one of the moments is.

    What was delivered before it was shipped, or promised before it was placed, took a time that nobody knows; only
    `late_days` may be below 0.
    """
    days = {name: (nw.col(until) - nw.col(since)) / DAY_MS for name, (since, until) in SPANS.items()}
    return {name: took if name == "late_days" else nw.when(took >= 0).then(took) for name, took in days.items()}


def ship_week(orders: pa.Table, *, zone: ZoneInfo) -> pa.Table:
    """Columns order_id, ship_week: the Monday of the week in which the carrier got it, on the business clock."""
    shipped = clock.to_local(pc.fill_null(orders["shipped_ms"].cast(pa.int64()), 0).to_numpy(), zone)
    mondays = clock.days(shipped) - clock.weekdays(shipped) + 1
    weeks = pa.array(mondays.astype(np.int32), pa.int32(), mask=orders["shipped_ms"].is_null().to_numpy())
    return pa.table({"order_id": orders["order_id"], "ship_week": weeks.cast(pa.date32())})


def in_shop(orders: pa.Table, rates: pa.Table, *, to: str) -> pa.Table:
    """Columns order_id, total_shop_minor, cost_shop_minor: in the shop's currency at the rate of the order's moment."""
    where = column(orders, "currency"), column(orders, "ordered_ms")
    names = {"total_shop_minor": "total_minor", "cost_shop_minor": "cost_minor"}
    found = {new: exchange.converted(column(orders, old), *where, rates, to=to) for new, old in names.items()}
    return pa.table({"order_id": orders["order_id"], **found})


def margin() -> nw.Expr:
    """What is left of an order, over total_shop_minor, cost_shop_minor, refund_shop_minor and cancelled."""
    left = nw.col("total_shop_minor") - nw.col("cost_shop_minor") - nw.col("refund_shop_minor")
    return nw.when(~nw.col("cancelled").fill_null(False)).then(left)


def cancelled() -> nw.Expr:
    """Whether the order was cancelled, over status; unknown where its platform tells none."""
    said = nw.col("status").str.to_lowercase().is_in(list(CANCELLED))
    return nw.when(nw.col("status") != UNKNOWN).then(said).cast(nw.Boolean)


def deliveries_told() -> nw.Expr:
    """Whether the platform of an order tells of any order when it was delivered."""
    return ~nw.col("delivered_ms").max().over("platform").is_null()


def contacts(conversations: Frame) -> Frame:
    """One row per order that somebody asked about: contacts (conversations)."""
    about = conversations.filter(~nw.col("order_id").is_null())
    return about.group_by("order_id").agg(nw.len().alias("contacts"))


WINDOW_MS = FOUR_WEEKS * DAY_MS
"""Contacts count for an order until 28 days after it was placed, so that old orders have no longer chance than new."""


def early_contacts(conversations: Frame, orders: Frame, *, newest_ms: int) -> Frame:
    """One row per order whose 28 days have passed: contacts_28d, the conversations about it until then.

    :param newest_ms: how far the conversations reach.
    """
    placed = orders.filter(nw.col("ordered_ms") + WINDOW_MS <= newest_ms).select("order_id", "ordered_ms")
    about = conversations.select("order_id", "opened_ms").join(placed, on="order_id", how="inner")
    early = contacts(about.filter(nw.col("opened_ms") < nw.col("ordered_ms") + WINDOW_MS))
    zero = nw.col("ordered_ms") * 0  # a count of its own would not stay an Arrow number on pandas, with its holes
    counted = placed.join(early, on="order_id", how="left")
    return counted.select("order_id", contacts_28d=zero + nw.col("contacts").fill_null(0))


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
