"""Customers' texts to issue mentions: pieces that say something, without greetings, order numbers, menus, quoted mail.

Every piece of every customer's text ends in exactly one of two tables: MENTIONS, or FILTERED with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insight.engines.base import Frame
from insight.pieces import Piece, split, text_hash
from insight.schema import UNKNOWN

TEXTS = pa.schema(
    [(name, pa.string()) for name in ("origin", "origin_id", "conversation_id", "customer_key", "order_id", "sku")]
    + [(name, pa.string()) for name in ("platform", "market", "text", "language")]
    + [("said_ms", pa.int64()), ("prompt", pa.string())]
)
"""What `pieces` is given: one row per text of a customer; `prompt` is what the shop had said right before."""

PIECES = pa.schema(
    [(name, pa.string()) for name in ("origin", "origin_id")]
    + [("piece", pa.int64())]
    + [(name, pa.string()) for name in ("text", "text_hash", "reason")]
)
"""What `pieces` gives: one row per piece; `reason` is null where the piece is a mention."""

CONTEXT = ("conversation_id", "customer_key", "order_id", "sku", "platform", "market", "language", "said_ms")


# ---------------------------------------------------------------- which texts, said by whom, about what


def orders_with_product(orders: Frame, order_items: Frame) -> Frame:
    """One row per order: who bought, where, and the product where the order has only one."""
    products = (
        order_items.group_by("order_id")
        .agg(nw.col("sku").min().alias("_first"), nw.col("sku").max().alias("_last"))
        .filter(nw.col("_first") == nw.col("_last"))
        .select("order_id", nw.col("_first").alias("_only_sku"))
    )
    buyer = nw.col("customer_key").alias("_buyer")
    place = (nw.col("platform").alias("_platform"), nw.col("market").alias("_market"))
    return orders.select("order_id", buyer, *place).join(products, on="order_id", how="left")


def of_messages(messages: Frame, conversations: Frame, bought: Frame) -> Frame:
    """What customers wrote in conversations; `prompt` is what the shop had said right before."""
    before = [nw.col(c).shift(1).over("conversation_id", order_by="seq").alias(f"_{c}") for c in ("author", "text")]
    said = messages.with_columns(*before).filter(nw.col("author") == "customer")
    prompt = nw.when(nw.col("_author").is_in(["bot", "agent"])).then(nw.col("_text"))
    said = said.select(
        nw.lit("message").alias("origin"),
        nw.col("message_id").alias("origin_id"),
        "conversation_id",
        "text",
        "language",
        nw.col("sent_ms").alias("said_ms"),
        prompt.alias("prompt"),
    )
    return _in_conversation(said, conversations, bought)


def of_surveys(surveys: Frame, conversations: Frame, bought: Frame) -> Frame:
    """What customers wrote beside their score."""
    said = surveys.filter(~nw.col("comment").is_null()).select(
        nw.lit("survey").alias("origin"),
        nw.col("survey_id").alias("origin_id"),
        "conversation_id",
        nw.col("comment").alias("text"),
        "language",
        nw.col("answered_ms").alias("said_ms"),
        nw.lit(None, nw.String).alias("prompt"),
    )
    return _in_conversation(said, conversations, bought)


def of_reviews(reviews: Frame, bought: Frame) -> Frame:
    """What customers wrote in public."""
    return (
        reviews.filter(~nw.col("text").is_null())
        .join(bought, on="order_id", how="left")
        .select(
            nw.lit("review").alias("origin"),
            nw.col("review_id").alias("origin_id"),
            nw.lit(None, nw.String).alias("conversation_id"),
            nw.coalesce("customer_key", "_buyer", nw.lit(UNKNOWN)).alias("customer_key"),
            "order_id",
            nw.coalesce("sku", "_only_sku", nw.lit(UNKNOWN)).alias("sku"),
            "platform",
            "market",
            "text",
            "language",
            nw.col("reviewed_ms").alias("said_ms"),
            nw.lit(None, nw.String).alias("prompt"),
        )
    )


def of_returns(returns: Frame, bought: Frame) -> Frame:
    """What customers wrote when they sent something back."""
    return (
        returns.filter(~nw.col("comment").is_null())
        .join(bought, on="order_id", how="left")
        .select(
            nw.lit("return").alias("origin"),
            nw.col("return_id").alias("origin_id"),
            nw.lit(None, nw.String).alias("conversation_id"),
            nw.coalesce("_buyer", nw.lit(UNKNOWN)).alias("customer_key"),
            "order_id",
            nw.coalesce("sku", "_only_sku", nw.lit(UNKNOWN)).alias("sku"),
            nw.coalesce("_platform", nw.lit(UNKNOWN)).alias("platform"),
            nw.coalesce("_market", nw.lit(UNKNOWN)).alias("market"),
            nw.col("comment").alias("text"),
            "language",
            nw.col("returned_ms").alias("said_ms"),
            nw.lit(None, nw.String).alias("prompt"),
        )
    )


def texts(*frames: Frame) -> Frame:
    """All customers' texts in one frame, in an order of their own."""
    return nw.concat(list(frames)).sort("origin", "origin_id")


def _in_conversation(said: Frame, conversations: Frame, bought: Frame) -> Frame:
    """The context of a text that was said in, or about, a conversation."""
    known = conversations.select("conversation_id", "customer_key", "order_id", "sku", "platform", "market")
    return (
        said.join(known, on="conversation_id", how="inner")
        .join(bought, on="order_id", how="left")
        .select(
            "origin",
            "origin_id",
            "conversation_id",
            "customer_key",
            "order_id",
            nw.coalesce("sku", "_only_sku", nw.lit(UNKNOWN)).alias("sku"),
            "platform",
            "market",
            "text",
            "language",
            "said_ms",
            "prompt",
        )
    )


# ---------------------------------------------------------------- texts to pieces


def pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of texts (origin, origin_id, text, prompt) to batches of PIECES. Equal texts are read once per call."""
    known: dict[tuple[str, str], list[Piece]] = {}
    for batch in batches:
        rows: list[tuple[Any, ...]] = []
        for origin, key, text, prompt in zip(
            *(batch.column(c).to_pylist() for c in ("origin", "origin_id", "text", "prompt")), strict=True
        ):
            said = (text, prompt or "")
            if said not in known:
                known[said] = split(*said)
            rows += [
                (origin, key, number, piece.text, None if piece.reason else text_hash(piece.text), piece.reason or None)
                for number, piece in enumerate(known[said], start=1)
            ]
        columns = zip(*rows, strict=True) if rows else [[]] * len(PIECES)
        yield pa.record_batch([pa.array(c, f.type) for c, f in zip(columns, PIECES, strict=True)], schema=PIECES)


# ---------------------------------------------------------------- pieces to tables


def told(found: pa.Table, texts: pa.Table, clock: ZoneInfo) -> pa.Table:
    """The rows of MENTIONS: pieces that say something, with the context of their text."""
    said = found.filter(pc.is_null(found["reason"]))
    place = pc.index_in(_place(said), _place(texts))
    context = texts.select(CONTEXT).take(place)
    days = pd.to_datetime(context["said_ms"].to_pandas(), unit="ms", utc=True).dt.tz_convert(clock).dt.date
    mention = pc.binary_join_element_wise(said["origin"], said["origin_id"], said["piece"].cast(pa.string()), ":")
    said = said.drop_columns(["piece", "reason"]).add_column(0, "mention_id", mention)
    for name in CONTEXT:
        said = said.append_column(name, context[name])
    return said.append_column("day", pa.array(days, pa.date32()))


def filtered(found: pa.Table) -> pa.Table:
    """The rows of FILTERED: pieces that are no mention, each with its reason."""
    return found.filter(pc.is_valid(found["reason"])).select(["origin", "origin_id", "piece", "reason"])


def _place(rows: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(rows["origin"], rows["origin_id"], ":")
