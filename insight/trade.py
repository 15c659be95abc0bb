"""Orders, their lines and returns, the catalogue, and what customers said in reviews and surveys."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import language
from insight.cleaning import Cleaner, shaped
from insight.columns import column, look_up
from insight.schema import CATALOGUE, EXCHANGE_RATES, ORDER_ITEMS, ORDERS, RETURNS, REVIEWS, SURVEYS

MONEY = (("orders", "total"), ("orders", "cost"), ("order_items", "price"), ("returns", "refund"))
"""Every column of money."""


def refuse_senseless(clean: Cleaner) -> None:
    """Refuse amounts that are no whole minor units (orders last: the others take their currency from them), and rates
    of nothing or less.
    """
    for feed, name in MONEY[::-1]:
        clean.refuse_fine(feed, name)
    rates = clean.rows.feeds["exchange_rates"]
    wrong = np.asarray(pc.less_equal(rates["rate"], 0.0).combine_chunks())
    fix = "tell how many units of the shop's currency one unit buys"
    clean.rows.refuse(
        "exchange_rates", wrong, "rate", "not_above_zero", came="rate", wanted="a rate above zero", fix=fix
    )


def orders(clean: Cleaner) -> pa.Table:
    """ORDERS."""
    rows = clean.rows.feeds["orders"]
    ids = column(rows, "order_id")
    told = ("order_id", "platform", "shop", "market", "carrier", "lane", "warehouse")
    return shaped(
        ORDERS,
        {name: column(rows, name) for name in told}
        | {f"{name}_ms": column(rows, name) for name in ("ordered", "promised", "shipped", "delivered")}
        | {
            "customer_key": buyers(clean),
            "customer_told": pc.is_valid(column(rows, "customer")),
            "currency_told": pc.is_valid(column(rows, "currency")),
            "status": clean.masked("orders", "status").texts,
            "day": clean.day(column(rows, "ordered")),
            "currency": clean.currency(ids),
            "total_minor": clean.minor("orders", "total"),
            "cost_minor": clean.minor("orders", "cost"),
        },
    )


def buyers(clean: Cleaner) -> pa.Array:
    """The key of each order's customer, in the order of the rows."""
    rows = clean.rows.feeds["orders"]
    alone = pc.binary_join_element_wise("order", column(rows, "order_id"), "\x1f")
    return clean.key(column(rows, "customer"), alone)


def order_items(clean: Cleaner) -> pa.Table:
    """ORDER_ITEMS."""
    rows = clean.rows.feeds["order_items"]
    told = {name: column(rows, name) for name in ("line", "sku", "quantity")}
    ids = clean.orders(column(rows, "order_id"))
    return shaped(ORDER_ITEMS, told | {"order_id": ids, "price_minor": clean.minor("order_items", "price")})


def returns(clean: Cleaner) -> pa.Table:
    """RETURNS."""
    rows = clean.rows.feeds["returns"]
    comment = clean.masked("returns", "comment").texts
    return shaped(
        RETURNS,
        {name: column(rows, name) for name in ("return_id", "sku")}
        | {
            "order_id": clean.orders(column(rows, "order_id")),
            "returned_ms": column(rows, "returned"),
            "reason": clean.masked("returns", "reason").texts,
            "comment": comment,
            "language": _language(comment),
            "refund_minor": clean.minor("returns", "refund"),
        },
    )


def reviews(clean: Cleaner) -> pa.Table:
    """REVIEWS. Who wrote one that names no customer is the customer of its order."""
    rows, sold = clean.rows.feeds["reviews"], clean.rows.feeds["orders"]
    ids = clean.orders(column(rows, "order_id"))
    named = pc.is_valid(column(rows, "customer"))
    own = pc.if_else(
        named, clean.key(column(rows, "customer"), column(rows, "review_id")), pa.scalar(None, pa.string())
    )
    title, words = clean.masked("reviews", "title").texts, clean.masked("reviews", "text").texts
    text = pc.utf8_trim(pc.binary_join_element_wise(pc.fill_null(title, ""), pc.fill_null(words, ""), "\n"), "\n")
    return shaped(
        REVIEWS,
        {name: column(rows, name) for name in ("review_id", "sku", "platform", "market")}
        | _rating(rows)
        | {
            "order_id": ids,
            "customer_key": pc.coalesce(own, look_up(ids, column(sold, "order_id"), buyers(clean))),
            "reviewed_ms": column(rows, "reviewed"),
            "day": clean.day(column(rows, "reviewed")),
            "text": _full(text),
            "language": _language(text, column(rows, "market")),
        },
    )


def surveys(clean: Cleaner) -> pa.Table:
    """SURVEYS."""
    rows = clean.rows.feeds["surveys"]
    comment = clean.masked("surveys", "comment").texts
    told = {name: column(rows, name) for name in ("survey_id", "conversation_id")}
    words = {"comment": comment, "language": _language(comment)}
    return shaped(SURVEYS, told | words | _rating(rows) | {"answered_ms": column(rows, "answered")})


def catalogue(clean: Cleaner) -> pa.Table:
    """CATALOGUE. A product without a name is called by its SKU."""
    rows = clean.rows.feeds["catalogue"]
    name = pc.coalesce(column(rows, "name"), column(rows, "sku"))
    told = {one: column(rows, one) for one in ("sku", "family")}
    return shaped(CATALOGUE, told | {"name": name, "listing": clean.masked("catalogue", "listing").texts})


def exchange_rates(clean: Cleaner) -> pa.Table:
    """EXCHANGE_RATES."""
    rows = clean.rows.feeds["exchange_rates"]
    currency = pc.utf8_upper(column(rows, "currency"))
    return shaped(
        EXCHANGE_RATES,
        {"currency": currency, "valid_from_ms": column(rows, "valid_from"), "rate": column(rows, "rate")},
    )


def _rating(rows: pa.Table) -> dict[str, pa.Array]:
    """The score on its own scale, and brought to 0 (worst) … 1 (best)."""
    score, worst, best = (column(rows, name) for name in ("score", "scale_min", "scale_max"))
    rating = pc.divide(pc.subtract(score, worst), pc.subtract(best, worst))
    return {"score": score, "scale_min": worst, "scale_max": best, "rating": rating}


def _full(texts: pa.Array) -> pa.Array:
    """Null for an empty text."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _language(texts: pa.Array, markets: pa.Array | None = None) -> list[str]:
    """The language of each text; 'unknown' for none."""
    groups = [""] * len(texts) if markets is None else pc.fill_null(markets, "").to_pylist()
    return language.settle(pc.fill_null(texts, "").to_pylist(), groups)
