"""What do customers complain about, how often for what we sell, and is it growing?"""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw
import numpy as np
import pandas as pd

from insight import intervals
from insight.engines.base import Frame
from insight.periods import Period, within
from insight.schema import ALL, UNASSIGNED

CANNOT_TELL = "cannot tell"
CELL = ["topic_id", "market", "sku"]
STEADY = (0.75, 1.25)
"""A rate is called steady only where its whole interval lies within a quarter of the rate before."""


def spoken(mentions: Frame, mention_topics: Frame, sentiment: Frame) -> Frame:
    """Mentions with topic_id, similarity and negative (0 or 1)."""
    negative = (nw.col("label") == "negative").cast(nw.Int64)
    return mentions.join(mention_topics, on="mention_id", how="inner").join(
        sentiment.select("mention_id", negative=negative), on="mention_id", how="left"
    )


def _spread(rows: Frame) -> Iterator[Frame]:
    """The rows by market and SKU, and again under 'all' for either or both."""
    yield rows
    yield rows.with_columns(market=nw.lit(ALL))
    yield rows.with_columns(sku=nw.lit(ALL))
    yield rows.with_columns(market=nw.lit(ALL), sku=nw.lit(ALL))


def voices(said: Frame, period: Period) -> Frame:
    """One row per cell with a mention in the period: mentions, contacts, customers, negative, judged (mentions).

    Contacts are conversations in which a customer says it; a review or a return comment is a mention but no contact.
    """
    rows = nw.concat(list(_spread(said.filter(within(period)))), how="vertical")
    talked = rows.filter(nw.col("origin") == "message")
    total = rows.with_columns(judged=(~nw.col("negative").is_null()).cast(nw.Int64), n=nw.col("negative").fill_null(0))
    sums = total.group_by(CELL).agg(nw.len().alias("mentions"), nw.col("judged").sum(), nw.col("n").sum())
    for name, source, column in (("contacts", talked, "conversation_id"), ("customers", rows, "customer_key")):
        different = source.select(*CELL, column).unique().group_by(CELL).agg(nw.len().alias(name))
        sums = sums.join(different, on=CELL, how="left")
    return sums.rename({"n": "negative"}).with_columns(contacts=nw.col("contacts").fill_null(0))


def bought(orders: Frame, order_items: Frame, period: Period) -> Frame:
    """One row per market and SKU, with 'all': orders placed in the period that hold the SKU."""
    placed = orders.filter(within(period)).select("order_id", "market")
    lines = placed.join(order_items.select("order_id", "sku").unique(), on="order_id", how="inner")
    every = placed.with_columns(sku=nw.lit(ALL))
    columns = ["order_id", "market", "sku"]
    parts = [
        *(part.select(columns) for part in (lines, every)),
        *(part.with_columns(market=nw.lit(ALL)).select(columns) for part in (lines, every)),
    ]
    return nw.concat(parts, how="vertical").group_by("market", "sku").agg(nw.len().alias("orders"))


def quotes(said: Frame, period: Period) -> Frame:
    """One row per cell of a topic: the words nearest to the topic's centre that were said in the period."""
    rows = said.filter(within(period) & (nw.col("topic_id") != UNASSIGNED)).with_columns(far=0 - nw.col("similarity"))
    best = [
        part.unique(subset=CELL, keep="first", order_by=["far", "mention_id"]).select(*CELL, quote=nw.col("text"))
        for part in _spread(rows.select(*CELL, "far", "mention_id", "text"))
    ]
    return nw.concat(best, how="vertical")


def together(current: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    """One row per cell of either period, counts that only the other has being 0.

    :param current: cells with voices, orders and quote; of `previous`, contacts and orders are taken.
    """
    before = previous[[*CELL, "contacts", "orders"]].rename(columns=lambda c: c if c in CELL else f"previous_{c}")
    plain = dict.fromkeys(CELL, "object")  # pandas cannot merge empty columns of Arrow text
    rows = current.astype(plain).merge(before.astype(plain), on=CELL, how="outer").sort_values(CELL, ignore_index=True)
    counts = rows.columns.difference([*CELL, "quote"])
    rows[counts] = rows[counts].fillna(0).astype("int64")
    return rows


def judged(rows: pd.DataFrame, *, min_customers: int, comparable: bool = True) -> pd.DataFrame:
    """Add rates, intervals, verdicts and what may be quoted.

    :param rows: one per cell: mentions, contacts, customers, negative, judged, orders, previous_contacts,
        previous_orders (all whole), quote.
    :param comparable: the data reach back over the whole period before; else nobody can tell what grew.
    """
    low, high = intervals.poisson(rows["contacts"], rows["orders"])
    return rows.assign(
        per_100_orders=_per_100(rows["contacts"], rows["orders"]),
        low=low * 100,
        high=high * 100,
        previous_per_100_orders=_per_100(rows["previous_contacts"], rows["previous_orders"]),
        verdict=_verdicts(rows) if comparable else CANNOT_TELL,
        negative_share=rows["negative"] / rows["judged"].where(rows["judged"] > 0),
        quote=rows["quote"].where(rows["customers"] >= min_customers),
    ).drop(columns=["negative", "judged"])


def _per_100(contacts: pd.Series, orders: pd.Series) -> pd.Series:
    return 100 * contacts / orders.where(orders > 0)


def _verdicts(rows: pd.DataFrame) -> list[str]:
    """Growing or shrinking where the 95 % interval of the ratio of the rates leaves 1 out; steady where it is narrow.

    A shop that tells no orders at all has its contacts compared as they are, since both periods are equally long.
    """
    orders = rows[["orders", "previous_orders"]].to_numpy("float64")
    exposure = orders if orders.any() else np.ones_like(orders)
    low, high = intervals.rate_ratio(rows["contacts"], exposure[:, 0], rows["previous_contacts"], exposure[:, 1])
    steady = (low >= STEADY[0]) & (high <= STEADY[1])
    verdicts = np.select([low > 1, high < 1, steady], ["growing", "shrinking", "steady"], CANNOT_TELL)
    return [str(v) for v in verdicts]
