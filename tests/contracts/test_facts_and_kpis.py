"""The contract of facts and KPIs: equal on every engine, in whatever order rows come, and said in words.

A shop of random rows, among them empty tables, ties in time and holes, goes through the jobs on each engine.
"""

import datetime as dt
import random
import re
from pathlib import Path

import pyarrow as pa
import pytest

from insight import schema
from insight.engines import ENGINES
from insight.kpis import KPIS
from insight.run import Run
from insight.settings import Settings
from insight.store import conform
from jobs import (
    agent_day,
    agents,
    at_risk,
    complaints,
    conversation_facts,
    customer_facts,
    customer_turns,
    demand_signals,
    drivers,
    effects,
    heads,
    high_value,
    hour_forecast,
    hour_load,
    kpis,
    low_scores,
    next_steps,
    order_facts,
    qa_sample,
    qa_transcripts,
    topic_costs,
    win_back,
)
from tests.rows import DAY, HOUR, START, table

JOBS = (
    conversation_facts,
    order_facts,
    customer_turns,
    customer_facts,
    kpis,
    topic_costs,
    complaints,
    at_risk,
    high_value,
    win_back,
    next_steps,
    demand_signals,
    agent_day,
    agents,
    hour_load,
    hour_forecast,
    heads,
    qa_sample,
    qa_transcripts,
    low_scores,
    drivers,
    effects,
)
SCHEDULES = (
    {"name": "desk", "hours": {"mon": ["09:00-17:00"], "sat": ["10:00-12:00", "13:00-24:00"]}, "channels": ["chat"]},
    {"name": "night", "zone": "America/New_York", "hours": {"fri": ["00:00-24:00"]}, "markets": ["US"]},
)
SETTINGS = Settings(
    home=Path(),
    shop={"zone": "Europe/Berlin"},
    privacy={"min_customers": 2},
    schedules=SCHEDULES,
    money={"wage_per_hour": 21.37},
    actions=[{"name": "a guide", "since": dt.date(2026, 2, 5), "topic_id": "t1", "sku": "s0"}],
)
DAYS = 70
MAY_BE_EMPTY = {"coaching", "hour_forecast", "day_forecast", "heads", "high_value", "win_back"}
"""Nobody stands out by chance; and so few conversations have no forecast: tests/jobs/test_staffing.py has more."""


def shop(seed, *, conversations=60, orders=80):
    """The rows of every table that these jobs read, by table name."""
    dice = random.Random(seed)
    ids = [f"c{n:03}" for n in range(conversations)]
    bought = [order(n, dice) for n in range(orders)]
    opened = [conversation(name, dice, orders) for name in ids]
    spoken = [line for row in opened for line in messages(row, dice)]
    said = [mention(n, dice.choice(opened), dice) for n in range(conversations * 2)] if opened else []
    rows = {
        "conversations": opened,
        "messages": spoken,
        "orders": bought,
        "order_items": [item(row, line, dice) for row in bought for line in (1, 2) if line == 1 or dice.random() < 0.3],
        "returns": [a_return(n, dice.choice(bought), dice) for n in range(orders // 5)],
        "reviews": [review(n, dice.choice(bought), dice) for n in range(orders // 4)],
        "surveys": [survey(n, dice.choice(ids), dice) for n in range(conversations // 3)],
        "exchange_rates": [rate(name, n, dice) for name in ("EUR", "JPY") for n in range(3)],
        "catalogue": [{"sku": f"s{n}", "family": f"f{n % 2}"} for n in range(3)],
        "agents": [{"agent_id": name, "team": "day"} for name in ("ann", "bob")],
        "shifts": [shift(n, dice) for n in range(20)],
        "mentions": said,
        "mention_topics": [placed(row, dice) for row in said],
        "filtered": [polite(line["message_id"], dice) for line in spoken if dice.random() < 0.3],
        "mention_sentiment": [
            {"mention_id": m["mention_id"], "label": dice.choice(["negative", "neutral"])} for m in said
        ],
        "issue_threads": [thread(row, dice) for row in opened],
        "conversation_sentiment": [mood(row, dice) for row in opened if dice.random() < 0.9],
        "ticket_events": [event(n, dice.choice(opened), dice) for n in range(conversations * 2)] if opened else [],
        "demand_mentions": [wish(row, dice) for row in said if dice.random() < 0.3],
        "risk_scores": [risk(row, dice) for row in opened],
        "customers": [{"customer_key": f"k{n}", "may_market": (True, False, None)[n % 3]} for n in range(15)],
        "topics": [{"topic_id": name, "state": "live", "family": None} for name in ("t1", "t2", "unassigned")],
        "faq": [{"question_id": "q1", "topic_id": "t1"}],
        "topic_map": [{"topic_id": "t1", "parent": "f"}],
        "faq_answers": [{"question_id": "q1", "language": "en", "rank": 1, "answer": "so", "judged": 12, "share": 1.0}],
    }
    return {name: table(getattr(schema, name.upper()), *told) for name, told in rows.items()}


def moment(dice):
    """Ties are common: whole hours of few days."""
    return START + dice.randrange(DAYS) * DAY + dice.randrange(24) * HOUR


def day(ms):
    return dt.datetime.fromtimestamp(ms / 1000, tz=SETTINGS.shop.clock).date()


def conversation(name, dice, orders):
    at, order_id = moment(dice), f"o{dice.randrange(orders)}" if orders and dice.random() < 0.5 else None
    local = dt.datetime.fromtimestamp(at / 1000, tz=SETTINGS.shop.clock)
    return {
        "conversation_id": name,
        "channel": dice.choice(["chat", "email"]),
        "market": dice.choice(["DE", "US"]),
        "customer_key": f"k{dice.randrange(15)}",
        "agent_id": dice.choice([None, "ann"]),
        "order_id": order_id,
        "sku": dice.choice(["unknown", "s0"]),
        "opened_ms": at,
        "closed_ms": dice.choice([None, at + HOUR]),
        "day": local.date(),
        "weekday": local.isoweekday(),
        "hour": local.hour,
        "status": dice.choice(["open", "resolved", "unknown"]),
    }


def messages(row, dice):
    at = row["opened_ms"]
    for seq in range(1, dice.randrange(1, 7)):
        at += dice.choice([0, 1000, 400_000])
        author = dice.choice(["customer", "agent", "bot", "system"])
        yield {
            "message_id": f"{row['conversation_id']}-{seq}",
            "conversation_id": row["conversation_id"],
            "seq": seq,
            "author": author,
            "agent_id": dice.choice(["ann", "bob", None]) if author == "agent" else None,
            "public": dice.random() < 0.8,
            "sent_ms": at,
        }


def order(number, dice):
    at = moment(dice)
    return {
        "order_id": f"o{number}",
        "market": dice.choice(["DE", "US"]),
        "customer_key": f"k{dice.randrange(15)}",
        "ordered_ms": at,
        "day": day(at),
        "promised_ms": dice.choice([None, at + 5 * DAY, (at // DAY + 5) * DAY]),
        "shipped_ms": at + DAY,
        "delivered_ms": dice.choice([None, at + 4 * DAY, at + 6 * DAY]),
        "total_minor": dice.choice([None, 0, 999, 4500]),
        "cost_minor": dice.choice([None, 300]),
        "currency": dice.choice(["USD", "USD", "EUR", "JPY", "XXX"]),
        "customer_told": dice.random() < 0.9,
        "status": dice.choice(["delivered", "cancelled"]),
    }


def rate(currency, number, dice):
    """The first one holds from the second month only."""
    return {"currency": currency, "valid_from_ms": START + (number * 15 + 30) * DAY, "rate": dice.choice([1.1, 0.0067])}


def item(row, line, dice):
    return {"order_id": row["order_id"], "line": line, "sku": f"s{dice.randrange(4)}", "quantity": dice.randrange(1, 4)}


def a_return(number, row, dice):
    at = row["ordered_ms"] + dice.choice([6, 6, 30, 50]) * DAY
    return {
        "return_id": f"r{number}",
        "order_id": row["order_id"],
        "returned_ms": at,
        "reason": dice.choice(["small", "broken"]),
        "refund_minor": dice.choice([None, 333, 999]),
    }


def review(number, row, dice):
    return {
        "review_id": f"v{number}",
        "order_id": dice.choice([row["order_id"], None]),
        "rating": dice.randrange(10) / 9,
    }


def survey(number, conversation_id, dice):
    score = dice.randrange(1, 6)
    scale = {"score": score, "scale_min": 1, "scale_max": 5, "rating": (score - 1) / 4}
    return {"survey_id": f"u{number}", "conversation_id": conversation_id, "answered_ms": moment(dice), **scale}


def shift(number, dice):
    at = START + (number // 2) * DAY + dice.randrange(24) * HOUR
    return {"agent_id": ("ann", "cy")[number % 2], "starts_ms": at, "ends_ms": at + 8 * HOUR}


def mention(number, row, dice):
    at = row["opened_ms"] + dice.choice([0, 0, 1000])
    spoken = dice.random() < 0.8
    return {
        "mention_id": f"m{number:04}",
        "origin": "message" if spoken else "review",
        "origin_id": f"{row['conversation_id']}-1",
        "conversation_id": row["conversation_id"] if spoken else None,
        "customer_key": row["customer_key"],
        "order_id": row["order_id"],
        "market": row["market"],
        "sku": dice.choice(["s0", "s1", "unknown"]),
        "said_ms": at,
        "day": day(at),
        "text": f"words {number}",
    }


def polite(message_id, dice):
    reason = dice.choice(["thanks", "greeting", "answer"])
    return {"origin": "message", "origin_id": message_id, "piece": 1, "reason": reason}


def placed(row, dice):
    return {"mention_id": row["mention_id"], "topic_id": dice.choice(["t1", "t2", "unassigned"]), "similarity": 0.5}


def felt(row, dice):
    return {"mention_id": row["mention_id"], "label": dice.choice(["negative", "neutral"])}


def thread(row, dice):
    topic = dice.choice(["t1", "t2"])
    names = {"conversation_id": row["conversation_id"], "customer_key": row["customer_key"], "topic_id": topic}
    return names | {"thread_id": f"{row['customer_key']} {topic}", "contacted_ms": row["opened_ms"]}


def event(number, row, dice):
    kind = dice.choice(["opened", "solved", "closed", "reopened", "assigned", "escalated", "schedule"])
    value = dice.choice({"assigned": ["ann", "bob", None], "schedule": ["desk", "night", "gone"]}.get(kind, [None]))
    at = row["opened_ms"] + dice.choice([-400_000, -1000, 0, 1000, 1000, 30 * HOUR])
    names = {"event_id": f"e{number}", "conversation_id": row["conversation_id"], "kind": kind, "value": value}
    return names | {"agent_id": dice.choice([None, "ann"]), "occurred_ms": at}


def mood(row, dice):
    bad = dice.random() < 0.5
    recovered = dice.choice([True, False, None]) if bad else None
    return {"conversation_id": row["conversation_id"], "turned_bad": bad, "recovered": recovered}


def wish(row, dice):
    sold = dice.random() < 0.5
    names = {"asked": dice.choice(["belt", "pouch", "a rare thing"]), "for_what": dice.choice([None, "hoodie"])}
    return {"mention_id": row["mention_id"], "sold": sold, "sku": "s0" if sold else None, **names}


def risk(row, dice):
    names = {"head": "repeat_contact", "case_id": row["conversation_id"], "conversation_id": row["conversation_id"]}
    return names | {"probability": dice.choice([0.1, 0.5]), "reasons": ["because"]}


# ---------------------------------------------------------------- the contract


def river(tables, engine, jobs=JOBS):
    """Every table that the jobs write, as the store would keep it."""
    known = dict(tables)
    for job in jobs:
        frames = [engine.frame(given(known, read)) for read in job.READS]
        rows = job.work(*frames, run=Run(SETTINGS, engine))
        for of, part in zip(written(job), rows if isinstance(job.WRITES, tuple) else (rows,), strict=True):
            known[of.name] = conform(of, part if hasattr(part, "iloc") else engine.arrow(part))
    return {of.name: known[of.name] for job in jobs for of in written(job)}


def given(known, read):
    """A table as it stands; where a job reads what it wrote before, nothing was written yet."""
    return table(read.table) if isinstance(read, schema.Previous) else known[read.name]


def written(job):
    return job.WRITES if isinstance(job.WRITES, tuple) else (job.WRITES,)


def shuffled(tables, dice):
    orders = {name: pa.array(dice.sample(range(len(rows)), len(rows)), pa.int64()) for name, rows in tables.items()}
    return {name: rows.take(orders[name]) for name, rows in tables.items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_every_engine_and_every_order_of_rows_gives_the_same_tables(seed):
    tables = shop(seed)
    expected = river(tables, ENGINES["local"])
    assert {name for name, rows in expected.items() if not len(rows)} <= MAY_BE_EMPTY
    for engine in ENGINES.values():
        told = river(shuffled(tables, random.Random(seed)), engine)
        assert [name for name, rows in told.items() if not rows.equals(expected[name])] == []


@pytest.mark.parametrize(("conversations", "orders"), [(0, 0), (0, 30), (30, 0)])
def test_a_shop_without_orders_or_without_conversations_goes_through_on_every_engine(conversations, orders):
    tables = shop(5, conversations=conversations, orders=orders)
    first, *others = (river(tables, engine) for engine in ENGINES.values())
    assert all(first == other for other in others)
    assert len(first["conversation_facts"]) == conversations
    assert len(first["order_facts"]) == orders


def test_no_conversation_and_no_order_vanishes():
    tables = shop(9)
    told = river(tables, ENGINES["local"], JOBS[:2])
    for raw, facts in (("conversations", "conversation_facts"), ("orders", "order_facts")):
        key = told[facts].column_names[0]
        assert sorted(tables[raw][key].to_pylist()) == told[facts][key].to_pylist()


@pytest.mark.parametrize("name", sorted(KPIS))
def test_a_kpi_is_said_in_words_in_both_languages(name):
    group, kpi = KPIS[name]
    assert name == kpi.name
    assert group in ("volume", "efficiency", "quality", "benefit")
    assert kpi.asks.endswith("?")
    assert kpi.asks_zh.endswith("？")
    assert kpi.means.endswith(".")
    assert kpi.label
    assert any("\u4e00" <= letter <= "\u9fff" for letter in kpi.label_zh)
    assert kpi.unit
    assert kpi.better in ("up", "down", "neither")


@pytest.mark.parametrize("name", sorted(KPIS))
def test_a_kpi_carries_a_worked_example_and_names_only_kpis_that_exist(name):
    _, kpi = KPIS[name]
    assert re.search(r"\d", kpi.example)
    assert kpi.example.endswith(".")
    assert kpi.differs == "" or kpi.differs.endswith(".")
    assert set(kpi.beside) <= set(KPIS) - {name}


@pytest.mark.parametrize("name", sorted(KPIS))
def test_a_kpi_is_of_published_facts_that_have_a_day(name):
    _, kpi = KPIS[name]
    tables = [table for table in (kpi.of, kpi.per) if table is not None]
    assert all(table.published and "day" in table.arrow.names for table in tables)
