"""What do customers complain about, how often for what we sell, and is it growing?"""

import datetime as dt
from pathlib import Path

import pytest

from insight.engines import ENGINES
from insight.run import Run
from insight.schema import ALL, COMPLAINTS, MENTION_SENTIMENT, MENTION_TOPICS, MENTIONS, ORDER_ITEMS, ORDERS, UNASSIGNED
from insight.settings import Settings
from jobs import complaints as job
from tests.rows import DAY, START, kept, table

SETTINGS = Settings(home=Path(), privacy={"min_customers": 3})
NEWEST = 60
"""The newest mention's day; the current period is the 28 days before it."""


def at(day):
    return {"day": dt.date(2026, 1, 1) + dt.timedelta(days=day)}


def said(conversation, day, *, customer=None, topic="t", origin="message", near=0.5, label="neutral", **more):
    """A mention with its topic and feeling."""
    return (
        {
            "origin": origin,
            "conversation_id": conversation if origin == "message" else None,
            "customer_key": customer or f"of {conversation}",
            "market": "DE",
            "sku": "s",
            "text": f"words of {conversation}",
            "said_ms": START + day * DAY,
            "topic_id": topic,
            "similarity": near,
            "label": label,
        }
        | at(day)
        | more
    )


def bought(order, day, *skus, market="DE"):
    return {"order_id": order, "market": market, "skus": skus or ("s",), "ordered_ms": START + day * DAY} | at(day)


def cells(*mentions, orders=(), newest=NEWEST, oldest=0, oldest_order=0, newest_order=NEWEST):
    """The rows of COMPLAINTS by topic, market and SKU."""
    if orders:
        orders = [*orders, bought("the oldest", oldest_order, "none"), bought("the newest", newest_order, "none")]
    ends = [said("the oldest", oldest, topic="none of ours"), said("the newest", newest, topic="none of ours")]
    rows = [{"mention_id": f"m{n:04}", **row} for n, row in enumerate([*mentions, *ends])]
    lines = [{"order_id": o["order_id"], "line": n, "sku": sku} for o in orders for n, sku in enumerate(o["skus"])]
    tables = [
        table(MENTIONS, *({k: v for k, v in row.items() if k in MENTIONS.arrow.names} for row in rows)),
        table(MENTION_TOPICS, *({k: row[k] for k in ("mention_id", "topic_id", "similarity")} for row in rows)),
        table(MENTION_SENTIMENT, *({k: row[k] for k in ("mention_id", "label")} for row in rows)),
        table(ORDERS, *({k: v for k, v in o.items() if k != "skus"} for o in orders)),
        table(ORDER_ITEMS, *lines),
    ]
    engine = ENGINES["local"]
    found = job.work(*(engine.frame(t) for t in tables), run=Run(SETTINGS, engine))
    return {(r["topic_id"], r["market"], r["sku"]): r for r in kept(COMPLAINTS, found)}


def test_contacts_are_conversations_and_a_review_is_a_mention_but_no_contact():
    told = cells(said("a", 50), said("a", 50), said("b", 51), said("r", 52, origin="review"))
    cell = told["t", "DE", "s"]
    assert (cell["mentions"], cell["contacts"], cell["customers"]) == (4, 2, 3)


def test_each_cell_is_also_summed_over_markets_and_products_without_counting_a_conversation_twice():
    told = cells(said("a", 50, sku="x"), said("a", 50, sku="y"), said("b", 50, market="US", sku="x"))
    contacts = {cell[1:]: row["contacts"] for cell, row in told.items() if cell[0] == "t"}
    assert contacts == {
        ("DE", "x"): 1,
        ("DE", "y"): 1,
        ("US", "x"): 1,
        ("DE", ALL): 1,
        ("US", ALL): 1,
        (ALL, "x"): 2,
        (ALL, "y"): 1,
        (ALL, ALL): 2,
    }


def test_the_rate_is_per_100_orders_of_that_market_and_product_in_the_same_days():
    orders = [bought(f"o{n}", 50, "s", "s", "other") for n in range(20)]
    orders += [bought(f"p{n}", 50, "other") for n in range(20)] + [bought(f"q{n}", 50, market="US") for n in range(40)]
    orders += [bought("too early", 3), bought("not over yet", NEWEST)]
    told = cells(said("a", 50), said("b", 51), orders=orders)
    assert {cell[1:]: (r["orders"], r["per_100_orders"]) for cell, r in told.items() if cell[0] == "t"} == {
        ("DE", "s"): (20, 10.0),
        ("DE", ALL): (40, 5.0),
        (ALL, "s"): (60, pytest.approx(100 * 2 / 60)),
        (ALL, ALL): (80, 2.5),
    }
    # 2 events: 0.2422 … 7.2247, over 20 orders
    assert told["t", "DE", "s"]["low"] == pytest.approx(100 * 0.24221 / 20, rel=1e-4)
    assert told["t", "DE", "s"]["high"] == pytest.approx(100 * 7.22469 / 20, rel=1e-4)


def test_without_orders_of_that_cell_there_is_no_rate():
    told = cells(said("a", 50), orders=[bought("o", 50, market="US")])
    assert told["t", "DE", "s"]["per_100_orders"] is None
    assert told["t", "DE", "s"]["verdict"] == "cannot tell"


def test_what_nobody_complains_about_any_more_is_still_shown():
    row = cells(said("a", 10))["t", ALL, ALL]
    assert (row["mentions"], row["contacts"], row["previous_contacts"]) == (0, 0, 1)


def test_what_fits_no_topic_is_shown_without_a_quote():
    told = cells(*(said(f"{n}", 50, topic=UNASSIGNED) for n in range(9)))
    assert told[UNASSIGNED, ALL, ALL]["contacts"] == 9
    assert told[UNASSIGNED, ALL, ALL]["quote"] is None


def verdict(contacts, previous, orders=1000, previous_orders=1000):
    mentions = [said(f"n{n}", 50) for n in range(contacts)] + [said(f"p{n}", 10) for n in range(previous)]
    sold = [bought(f"n{n}", 50) for n in range(orders)] + [bought(f"p{n}", 10) for n in range(previous_orders)]
    return cells(*mentions, orders=sold)["t", ALL, ALL]["verdict"]


def test_a_verdict_needs_the_whole_interval_of_the_ratio():
    assert verdict(60, 30) == "growing"
    assert verdict(30, 60) == "shrinking"
    assert verdict(6, 3) == "cannot tell"
    assert verdict(600, 600) == "steady"


def test_twice_the_contacts_for_twice_the_orders_is_no_growth():
    assert verdict(60, 30, orders=1000, previous_orders=500) == "cannot tell"


def test_a_shop_that_tells_no_orders_has_its_contacts_compared():
    assert verdict(60, 30, orders=0, previous_orders=0) == "growing"


def test_the_quote_is_nearest_to_the_topic_and_only_shown_where_enough_customers_spoke():
    mentions = [said("far", 50), said("near", 50, near=0.9), said("old", 10, near=1.0)]
    assert cells(*mentions)["t", ALL, ALL]["quote"] is None, "two customers"
    assert cells(*mentions, said("third", 50))["t", ALL, ALL]["quote"] == "words of near"


def test_many_words_of_few_customers_are_not_quoted():
    row = cells(*(said(f"{n}", 50, customer="ann") for n in range(9)))["t", ALL, ALL]
    assert (row["contacts"], row["customers"]) == (9, 1)
    assert row["quote"] is None


def test_the_negative_share_is_of_mentions():
    row = cells(said("a", 50, label="negative"), said("a", 50), said("b", 50), said("c", 50))["t", ALL, ALL]
    assert row["negative_share"] == 0.25


def test_where_the_data_do_not_reach_back_nobody_can_tell_what_grew():
    many = [said(f"{n}", 50) for n in range(60)]
    assert cells(*many)["t", ALL, ALL]["verdict"] == "growing"
    assert cells(*many, oldest=10)["t", ALL, ALL]["verdict"] == "cannot tell"


def test_orders_that_do_not_reach_back_make_no_complaint_grow():
    talk = [*(said(f"n{n}", 50) for n in range(30)), *(said(f"p{n}", 10) for n in range(30))]
    sold = [*(bought(f"n{n}", 50) for n in range(200)), *(bought(f"p{n}", 31) for n in range(20))]
    assert cells(*talk, orders=sold)["t", ALL, ALL]["verdict"] == "shrinking"
    assert cells(*talk, orders=sold, oldest_order=31)["t", ALL, ALL]["verdict"] == "cannot tell"


def test_the_periods_end_where_the_orders_end():
    talk, sold = [said("a", 45), said("b", 55)], [bought(f"o{n}", 45) for n in range(10)]
    cell = cells(*talk, orders=sold, newest_order=50)["t", ALL, ALL]
    assert (cell["contacts"], cell["orders"]) == (1, 10)
