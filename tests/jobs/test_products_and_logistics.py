"""Products and logistics as jobs: equal on every engine, in whatever order rows come, and where little is told."""

import datetime as dt
import random
from pathlib import Path

import pyarrow as pa
import pytest

from insight import schema
from insight.engines import ENGINES
from insight.run import Run
from insight.settings import Settings
from insight.store import conform
from jobs import delivery, listing_gaps, logistics_causes, size_bias, sku_issues
from tests.rows import DAY, HOUR, START, table

JOBS = (sku_issues, size_bias, listing_gaps, delivery, logistics_causes)
SETTINGS = Settings(home=Path(), shop={"zone": "Europe/Berlin"}, privacy={"min_customers": 2})
DAYS = 120
SAID = {
    "sizing.too_small": "too tight",
    "sizing.too_large": "too big",
    "not_as_described.colour_differs": "it is blue, not black",
    "logistics.late": "where is it?",
    "t1": "runs small",
}


def day(ms):
    return dt.datetime.fromtimestamp(ms / 1000, tz=SETTINGS.shop.clock).date()


def shop(seed, *, orders=400, mentions=300):
    """Random rows with ties in time, holes and lost references."""
    dice = random.Random(seed)
    bought = [order(n, dice) for n in range(orders)]
    said = [mention(n, dice, orders) for n in range(mentions)]
    rows = {
        "orders": bought,
        "order_items": [
            {"order_id": row["order_id"], "line": line, "sku": f"s{dice.randrange(5)}"}
            for row in bought
            for line in (1, 2)
            if line == 1 or dice.random() < 0.3
        ],
        "mentions": said,
        "mention_topics": [
            {"mention_id": row["mention_id"], "topic_id": topic_of(row), "similarity": dice.choice([0.2, 0.5])}
            for row in said
        ],
        "topics": [{"topic_id": name, "family": name.partition(".")[0] if "." in name else None} for name in SAID],
        "topic_map": [{"topic_id": "t1", "parent": "sizing"}],
        "returns": [a_return(n, dice, orders) for n in range(orders // 8)],
        "catalogue": [{"sku": f"s{n}", "family": f"f{n % 2}", "listing": "In black."} for n in range(4)],
    }
    return {name: table(getattr(schema, name.upper()), *told) for name, told in rows.items()}


def moment(dice):
    return START + dice.randrange(DAYS) * DAY + dice.randrange(24) * HOUR


def order(number, dice):
    at = moment(dice)
    lane = dice.choice(["CN-DE", "US-US"])
    return {
        "order_id": f"o{number}",
        "platform": dice.choice(["amazon", "silent"]),
        "market": lane[-2:],
        "carrier": dice.choice(["Orbit", "unknown"]),
        "lane": lane,
        "warehouse": dice.choice(["unknown", "Yiwu"]),
        "customer_key": f"k{dice.randrange(80)}",
        "ordered_ms": at,
        "day": day(at),
        "promised_ms": dice.choice([None, at + 9 * DAY]),
        "shipped_ms": dice.choice([None, at + DAY, at + DAY, at + DAY]),
        "delivered_ms": None,
        "status": dice.choice(["delivered", "delivered", "cancelled"]),
    } | ({"delivered_ms": at + dice.choice([5, 12]) * DAY} if dice.random() < 0.5 else {})


def mention(number, dice, orders):
    at = moment(dice)
    topic = dice.choice(list(SAID))
    return {
        "mention_id": f"{topic}/{number}",
        "origin": dice.choice(["message", "message", "return", "review"]),
        "origin_id": f"x{dice.randrange(150)}",
        "conversation_id": f"c{dice.randrange(120)}",
        "customer_key": f"k{dice.randrange(80)}",
        "order_id": f"o{dice.randrange(orders)}" if orders and dice.random() < 0.7 else None,
        "sku": dice.choice(["unknown", "s0", "s1", "s4", "gone"]),
        "language": "en",
        "said_ms": at,
        "day": day(at),
        "text": SAID[topic],
    }


def topic_of(row):
    return row["mention_id"].partition("/")[0]


def a_return(number, dice, orders):
    at = moment(dice)
    return {
        "return_id": f"r{number}",
        "order_id": f"o{dice.randrange(orders + 5)}",
        "sku": dice.choice([None, "s0", "s1"]),
        "returned_ms": at,
        "reason": dice.choice(["SIZE_TOO_SMALL", "too large", "DEFECTIVE"]),
    }


def river(tables, engine):
    """What each job writes, as the store would keep it."""
    made = {}
    for job in JOBS:
        rows = job.work(*(engine.frame(tables[read.name]) for read in job.READS), run=Run(SETTINGS, engine))
        made[job.WRITES.name] = conform(job.WRITES, rows)
    return made


def shuffled(tables, dice):
    orders = {name: pa.array(dice.sample(range(len(rows)), len(rows)), pa.int64()) for name, rows in tables.items()}
    return {name: rows.take(orders[name]) for name, rows in tables.items()}


@pytest.mark.parametrize("seed", [1])
def test_every_engine_and_every_order_of_rows_gives_the_same_tables(seed):
    tables = shop(seed)
    expected = river(tables, ENGINES["local"])
    assert all(len(rows) for rows in expected.values())
    for engine in ENGINES.values():
        told = river(shuffled(tables, random.Random(seed)), engine)
        assert [name for name, rows in told.items() if not rows.equals(expected[name])] == []


@pytest.mark.parametrize(("orders", "mentions"), [(0, 0), (0, 60), (60, 0)])
def test_a_shop_without_orders_or_without_words_goes_through_on_every_engine(orders, mentions):
    tables = shop(5, orders=orders, mentions=mentions)
    first, *others = (river(tables, engine) for engine in ENGINES.values())
    assert all(first == other for other in others)
    assert set(first["logistics_causes"]["verdict"].to_pylist()) == {"cannot tell"}
    if not orders:
        assert set(first["sku_issues"]["per_100_orders"].to_pylist()) <= {None}
        assert len(first["delivery"]) == 0


def test_cancelled_orders_and_silent_platforms_are_no_delivery():
    tables = shop(3)
    silent = pa.compute.equal(tables["orders"]["platform"], "silent")
    place = tables["orders"].column_names.index("delivered_ms")
    hidden = pa.compute.if_else(silent, pa.scalar(None, pa.int64()), tables["orders"]["delivered_ms"])
    tables["orders"] = tables["orders"].set_column(place, "delivered_ms", hidden)
    rows = river(tables, ENGINES["local"])["delivery"].to_pylist()
    whole = next(row for row in rows if (row["carrier"], row["lane"]) == ("all", "all"))
    assert whole["delivered"] + whole["on_the_way"] < whole["orders"]
    assert whole["judged"] < whole["delivered"] + whole["on_the_way"]


def test_the_jacket_that_runs_small_is_told_by_words_and_by_returns():
    orders = [
        {"order_id": f"o{n}", "ordered_ms": START + n * HOUR, "day": day(START + n * HOUR), "customer_key": f"k{n}"}
        for n in range(500)
    ]
    tables = shop(1, orders=0, mentions=0)
    tables["orders"] = table(schema.ORDERS, *orders)
    tables["order_items"] = table(
        schema.ORDER_ITEMS, *({"order_id": o["order_id"], "line": 1, "sku": "s0"} for o in orders)
    )
    said = [
        {"mention_id": f"m{n}", "origin": "message", "order_id": f"o{n}", "customer_key": f"k{n}", "sku": "s0"}
        | {
            "language": "en",
            "text": "far too tight",
            "said_ms": START + (30 + n) * HOUR,
            "day": day(START + (30 + n) * HOUR),
        }
        for n in range(470)
        if n % 20 == 5
    ]
    tables["mentions"] = table(schema.MENTIONS, *said)
    tables["mention_topics"] = table(
        schema.MENTION_TOPICS, *({"mention_id": m["mention_id"], "topic_id": "t1"} for m in said)
    )
    tables["returns"] = table(
        schema.RETURNS,
        *(
            {"return_id": f"r{n}", "order_id": f"o{n}", "sku": "s0", "returned_ms": START + 400 * HOUR}
            | {"reason": "SIZE_TOO_SMALL" if n % 20 == 5 else "DEFECTIVE"}
            for n in range(0, 470, 5)
        ),
    )
    [row] = river(tables, ENGINES["local"])["size_bias"].to_pylist()
    voices = len({m["order_id"] for m in said})
    assert voices - 1 <= row["small"] <= voices  # the first day may be cut off
    assert row["sent_back"] >= voices - 1
    assert (row["verdict"], row["large"], row["quote"]) == ("runs small", 0, "far too tight")
    assert row["share_of_returns"] == pytest.approx(row["sent_back"] / row["returns"])
