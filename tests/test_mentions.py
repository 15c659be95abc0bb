"""Customers' texts to MENTIONS and FILTERED, as the job runs them on every engine."""

import random
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from insight import mentions
from insight.engines import ENGINES
from insight.run import Run
from insight.schema import (
    CONVERSATIONS,
    FILTERED,
    MENTIONS,
    MESSAGES,
    ORDER_ITEMS,
    ORDERS,
    RETURNS,
    REVIEWS,
    SURVEYS,
    UNKNOWN,
)
from insight.settings import Settings, Shop
from insight.store import conform
from jobs import mentions as job
from tests.rows import HOUR, START, table

TABLES = {
    MESSAGES: table(
        MESSAGES,
        *(
            {
                "message_id": f"m{n}",
                "conversation_id": "c1",
                "seq": n,
                "author": who,
                "text": text,
                "sent_ms": START + n,
            }
            for n, (who, text) in enumerate(
                [
                    ("customer", "Hi! The strap is torn. My order number is [ORDER]."),
                    ("agent", "The strap is torn? I am sorry."),
                    ("bot", "Choose: refund or exchange"),
                    ("customer", "refund"),
                    ("customer", "refund"),
                ],
                start=1,
            )
        ),
    ),
    CONVERSATIONS: table(
        CONVERSATIONS,
        {"conversation_id": "c1", "customer_key": "ann", "order_id": "one", "platform": "ebay", "market": "DE"},
    ),
    REVIEWS: table(
        REVIEWS,
        {"review_id": "r1", "order_id": "two", "text": "Colour fades quickly.", "reviewed_ms": START + 23 * HOUR},
        {"review_id": "r2", "text": None},
        {"review_id": "r3", "text": "Nobody knows who wrote this."},
    ),
    SURVEYS: table(SURVEYS, {"survey_id": "s1", "conversation_id": "c1", "comment": "you never answered my question"}),
    RETURNS: table(RETURNS, {"return_id": "b1", "order_id": "one", "comment": "the zipper is stuck", "sku": None}),
    ORDERS: table(
        ORDERS,
        {"order_id": "one", "customer_key": "ann", "market": "DE"},
        {"order_id": "two", "customer_key": "bob", "market": "FR"},
    ),
    ORDER_ITEMS: table(
        ORDER_ITEMS,
        {"order_id": "one", "line": 1, "sku": "BAG"},
        {"order_id": "two", "line": 1, "sku": "CAP"},
        {"order_id": "two", "line": 2, "sku": "HAT"},
    ),
}
SETTINGS = Settings(home=".", shop=Shop(zone="Asia/Shanghai"))


def worked(engine, tables=TABLES):
    frames = [engine.frame(tables[of]) for of in job.READS]
    said, left = job.work(*frames, run=Run(SETTINGS, engine))
    return conform(MENTIONS, said).to_pylist(), conform(FILTERED, left).to_pylist()


@pytest.fixture(params=ENGINES)
def engine(request):
    return ENGINES[request.param]


def test_every_piece_is_a_mention_or_filtered_with_a_reason_and_agents_are_not_heard(engine):
    said, left = worked(engine)
    assert {(m["origin_id"], m["text"]) for m in said} == {
        ("m1", "The strap is torn."),
        ("m5", "refund"),
        ("r1", "Colour fades quickly."),
        ("r3", "Nobody knows who wrote this."),
        ("s1", "you never answered my question"),
        ("b1", "the zipper is stuck"),
    }
    assert {(f["origin_id"], f["piece"], f["reason"]) for f in left} == {
        ("m1", 1, "greeting"),
        ("m1", 3, "identification"),
        ("m4", 1, "menu_choice"),
    }


def test_a_mention_knows_who_what_and_when(engine):
    by_text = {m["origin_id"]: m for m in worked(engine)[0]}
    told = by_text["m1"], by_text["b1"], by_text["r1"], by_text["r3"]
    assert [m["sku"] for m in told] == ["BAG", "BAG", UNKNOWN, UNKNOWN]
    assert [m["customer_key"] for m in told] == ["ann", "ann", "bob", UNKNOWN]
    assert [m["market"] for m in told] == ["DE", "DE", UNKNOWN, UNKNOWN]
    assert by_text["m1"]["conversation_id"] == "c1"
    assert by_text["r1"]["conversation_id"] is None
    assert by_text["r1"]["day"].isoformat() == "2026-01-02", "23:00 in UTC is the next day in Shanghai"


def test_engines_and_orders_of_rows_agree():
    shuffled = {}
    for of, rows in TABLES.items():
        order = list(range(len(rows)))
        random.Random(3).shuffle(order)
        shuffled[of] = rows.take(order)
    results = [worked(engine, tables) for engine in ENGINES.values() for tables in (TABLES, shuffled)]
    assert all(result == results[0] for result in results)


def test_no_texts_give_no_mentions(engine):
    assert worked(engine, {of: of.arrow.empty_table() for of in TABLES}) == ([], [])


def test_batches_may_be_cut_anywhere():
    rows = [
        {"origin": "message", "origin_id": str(n), "text": f"Hi. Part {n % 7} is missing", "prompt": None}
        for n in range(50)
    ]
    texts = pa.Table.from_pylist(rows, schema=mentions.TEXTS)
    whole = pa.Table.from_batches(mentions.pieces(texts.to_batches()))
    cut = pa.Table.from_batches(mentions.pieces(texts.to_batches(max_chunksize=3)))
    assert whole.to_pylist() == cut.to_pylist()
    assert mentions.told(whole, texts, ZoneInfo("UTC")).num_rows + mentions.filtered(whole).num_rows == whole.num_rows
