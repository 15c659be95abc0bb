"""A small shop, already published, that the API and the page are tested on: made here, seeded, no job needed."""

from __future__ import annotations

import datetime as dt
import random
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from insight import schema
from insight.engines import ENGINES
from insight.kpis import KPIS
from insight.kpis.table import over_periods
from insight.published import TABLES_OUT, Folder
from insight.run import Run
from insight.settings import Settings
from jobs import complaints as complaints_job

Row = dict[str, Any]
Rows = list[Row]
Shop = dict[str, Rows]

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = dt.date(2026, 7, 25)
DAYS = 120
LAST = FIRST + dt.timedelta(days=DAYS)
"""The first day after the data; the current period is the 28 days before it."""

TOPICS = (
    ("t-small", "Runs small", "尺码偏小", ["small", "size", "tight"], "en", "Two sizes too small, I could not zip it."),
    ("t-late", "Parcel is late", "包裹延误", ["parcel", "late"], "de", "Mein Paket hängt seit zwölf Tagen in Leipzig."),
    ("t-broken", "Zip breaks", "拉链坏了", ["拉链", "zip", "broke"], "zh", "拉链用了一个星期就坏了，太失望了。"),
    (
        "t-refund",
        "Waiting for the refund",
        "等待退款",
        ["refund", "days"],
        "es",
        "¿Dónde está mi reembolso? Ya van diez días.",
    ),
)
MARKETS = ("US", "DE", "CN", "ES")
PLATFORMS = ("amazon", "shopify", "ebay")


def at(day: dt.date, hour: int = 0) -> int:
    """A moment in ms since 1970."""
    return int(dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.UTC).timestamp() * 1000)


def publish(folder: Path, shop: Shop) -> None:
    """Publish a shop as `insight run` would; other rows get another id."""
    rows = [arrow(table, shop.get(table.name, [])) for table in TABLES_OUT]
    Folder(folder).write(schema.PUBLISHED, rows, fingerprint="made in tests")


def arrow(table: schema.Table, rows: Rows) -> pa.Table:
    """Rows with every column of the schema but `<x>_at`, which publishing makes; what is not told is null."""
    names = [n for n in table.arrow.names if f"{n[:-3]}_ms" not in table.arrow.names or not n.endswith("_at")]
    unknown = {key for row in rows for key in row} - set(names)
    assert not unknown, f"{table.name} has no {unknown}"
    return pa.table({n: pa.array([row.get(n) for row in rows], table.arrow.field(n).type) for n in names})


@cache
def make(seed: int = 7, conversations: int = 900) -> Shop:
    """Every published table of a shop: four topics, three platforms and four markets; do not change it in place."""
    dice = random.Random(seed)
    facts = [conversation(n, dice) for n in range(conversations)]
    said = [mention(fact, dice) for fact in facts]
    shop = {
        "topics": topics(said),
        "mentions": [m for m, _ in said],
        "mention_topics": [placed(m["mention_id"], t) for m, t in said],
        "mention_sentiment": [sentiment(m) for m, _ in said],
        "topic_quotes": [quote(t, said) for t in TOPICS],
        "conversation_sentiment": [mood(fact) for fact in facts],
        "conversation_facts": facts,
        "order_facts": [order(n, dice) for n in range(conversations * 4)],
        "at_risk": [at_risk(n, facts) for n in range(6)],
        "demand_signals": demand(),
        "topic_map": topic_map(said),
        "topic_history": [happened(t[0]) for t in TOPICS],
        "emerging": emerging(),
        "hour_load": [load(w, h) for w in range(1, 8) for h in range(24)],
        "counts": counts(conversations),
        "intake": [
            {
                "source": "chat",
                "file": "chat.csv",
                "feeds": "messages",
                "sha256": "0" * 64,
                "rows_in": conversations + 2,
            }
            | {"rows_out": conversations, "rows_skipped": 0, "rows_rejected": 2}
        ],
        "rejects": [
            {"source": "chat", "file": "chat.csv", "line": 17, "field": "sent", "reason": "naive_time"}
            | {"came": "2026-08-01 10:00", "wanted": "a time with its zone", "fix": "set zone for this source"},
            {"source": "chat", "file": "chat.csv", "line": 40, "field": "message_id", "reason": "duplicate"}
            | {"came": "m-12", "wanted": "an id that occurs once", "fix": "export again"},
        ],
    }
    return shop | {"kpis": kpis(shop), "complaints": complaints(shop)}


def conversation(n: int, dice: random.Random) -> Row:
    day = FIRST + dt.timedelta(days=int(DAYS * dice.random() ** 0.7))
    hour = min(23, max(0, int(dice.gauss(13, 4))))
    wait = int(1000 * dice.expovariate(1 / 40))
    matured = day < LAST - dt.timedelta(days=7)
    csat = dice.choices((None, 1, 2, 4, 5), (60, 4, 5, 13, 18))[0]
    topic = dice.choices([t[0] for t in TOPICS] + [schema.UNASSIGNED], (30, 26, 16, 12, 16))[0]
    return {
        "conversation_id": f"c{n:05}",
        "platform": dice.choice(PLATFORMS),
        "shop": "main",
        "market": dice.choice(MARKETS),
        "language": dice.choice(("en", "de", "zh", "es")),
        "channel": dice.choice(("chat", "email")),
        "agent_id": f"a{dice.randrange(5)}",
        "team": "day",
        "sku": dice.choice(("JKT-01", "JKT-02", "BAG-07")),
        "family": "outdoor",
        "carrier": dice.choice(("DHL", "UPS")),
        "topic_id": topic,
        "customer_key": f"k{dice.randrange(600):04}",
        "order_id": f"o{dice.randrange(3000):05}",
        "opened_ms": at(day, hour),
        "day": day,
        "weekday": day.isoweekday(),
        "hour": hour,
        "messages": 4,
        "customer_messages": 2,
        "agent_messages": 2,
        "needs_answer": True,
        "answered": True,
        "first_response_ms": wait,
        "waits": 2,
        "wait_ms": 2 * wait,
        "handle_ms": 5 * wait,
        "duration_ms": 9 * wait,
        "agents": 1,
        "resolved": True,
        "matured": matured,
        "came_back": dice.random() < 0.2 if matured else None,
        "csat_score": csat,
        "csat_rating": None if csat is None else (csat - 1) / 4,
        "top_box": None if csat is None else csat == 5,
        "turned_bad": n % 3 == 0,
        "recovered": n % 2 == 0 if n % 3 == 0 else None,
        "presale": False,
        "converted": None,
    }


def mention(fact: Row, dice: random.Random) -> tuple[Row, str]:
    told = next((t for t in TOPICS if t[0] == fact["topic_id"]), None)
    words = told[5] if told else dice.choice(("do you have a hood for it?", "what about the other colour"))
    row = {"mention_id": f"m-{fact['conversation_id']}", "origin": "message", "origin_id": fact["conversation_id"]}
    row |= {k: fact[k] for k in ("conversation_id", "customer_key", "order_id", "sku", "platform", "market", "day")}
    row |= {"language": told[4] if told else "en", "said_ms": fact["opened_ms"], "text": words, "text_hash": words[:8]}
    return row, fact["topic_id"]


def placed(mention_id: str, topic_id: str) -> Row:
    how = "none" if topic_id == schema.UNASSIGNED else "found"
    row = {"mention_id": mention_id, "topic_id": topic_id, "similarity": 0.8, "how": how, "version": 1}
    return row | {"automatic_id": topic_id, "automatic_how": how}


def topics(said: list[tuple[Row, str]]) -> Rows:
    known = [(t[0], t[1], t[2], t[3]) for t in TOPICS] + [(schema.UNASSIGNED, "Unassigned", "未归类", [])]
    rows = []
    for topic_id, name_en, name_zh, words in known:
        mine = [m for m, t in said if t == topic_id]
        rows.append(
            {"topic_id": topic_id, "name_en": name_en, "name_zh": name_zh, "words": words, "mentions": len(mine)}
            | dict.fromkeys(("state", "automatic_state"), "live")
            | {"kind": "none" if topic_id == schema.UNASSIGNED else "found", "named_by": "rule"}
            | {"naming": "", "why": [], "why_zh": []}
            | {"customers": len({m["customer_key"] for m in mine}), "share": len(mine) / max(1, len(said))}
            | {"first_said_ms": min((m["said_ms"] for m in mine), default=None)}
            | {"last_said_ms": max((m["said_ms"] for m in mine), default=None)}
        )
    return rows


def topic_map(said: list[tuple[Row, str]]) -> Rows:
    spoken = [t[0] for t in TOPICS if any(topic == t[0] for _, topic in said)]
    return [
        {"topic_id": topic, "x": place / 3, "y": -place / 4, "parent": "sizing" if place < 2 else "returns"}
        | {"place": place + 1, "joined": 0.2 + place / 10 if place else None}
        | {"nearest": [other for other in spoken if other != topic]}
        for place, topic in enumerate(spoken)
    ]


def happened(topic_id: str) -> Row:
    return {"topic_id": topic_id, "event": "born", "version": 1, "edit_id": ""}


def alert(topic_id: str, **told: Any) -> Row:
    """Nineteen contacts in the last full week, where five were to be expected."""
    row = {"topic_id": topic_id, "market": "DE", "sku": schema.ALL, "day": LAST - dt.timedelta(days=1)}
    row |= {"window_days": 7, "state": "alert", "observed": 19, "expected": 5.2, "low": 1.0, "high": 11.0}
    row |= {"ratio": 19 / 5.2, "p": 0.0001, "q": 0.01, "customers": 17, "exposure": 300.0, "exposed": "orders"}
    return row | {"silent_until": LAST + dt.timedelta(days=6), "quote": "Wo bleibt mein Paket?"} | told


def emerging() -> Rows:
    everywhere = {"market": schema.ALL, "observed": 31, "expected": 12.0, "ratio": 31 / 12}
    calm = {"state": "calm", "observed": 3, "ratio": 0.6, "p": 0.8, "q": 1.0, "silent_until": None, "quote": None}
    return [alert("t-late"), alert("t-late", **everywhere), alert("t-small", **calm)]


def sentiment(row: Row) -> Row:
    shares = {"negative": 0.7, "neutral": 0.2, "positive": 0.1}
    return {"mention_id": row["mention_id"], **shares, "label": "negative", "speaks": "shipped"}


def mood(fact: Row) -> Row:
    """Who turned bad started there; who recovered ended well."""
    bad, well = fact["turned_bad"], fact["recovered"]
    start, end = (-0.8 if bad else 0.1), (0.9 if well else -0.7 if bad else 0.1)
    row = {"conversation_id": fact["conversation_id"], "scored": 3, "start_mood": start, "end_mood": end}
    row |= {"lowest_mood": min(start, end), "slope": (end - start) / 2, "speaks": "shipped"}
    return row | {"turned_bad": bad, "recovered": well}


def quote(topic: tuple[Any, ...], said: list[tuple[Row, str]]) -> Row:
    first = next(m for m, t in said if t == topic[0])
    row = {"topic_id": topic[0], "rank": 1, "mention_id": first["mention_id"]}
    return row | {"quote": topic[5], "language": topic[4]}


def order(n: int, dice: random.Random) -> Row:
    day = FIRST + dt.timedelta(days=dice.randrange(DAYS))
    returned = dice.random() < 0.08
    return {
        "order_id": f"o{n:05}",
        "platform": dice.choice(PLATFORMS),
        "shop": "main",
        "market": dice.choice(MARKETS),
        "carrier": dice.choice(("DHL", "UPS")),
        "lane": "CN-DE",
        "sku": dice.choice(("JKT-01", "JKT-02", "BAG-07")),
        "family": "outdoor",
        "customer_key": f"k{dice.randrange(2000):04}",
        "ordered_ms": at(day, 9),
        "day": day,
        "currency": "USD",
        "total_minor": dice.randrange(1500, 12000),
        "items": 1,
        "delivered": True,
        "late": dice.random() < 0.1,
        "transit_days": 6.5,
        "returned": returned,
        "return_reason": "size_too_small" if returned else None,
        "refund_minor": 2000 if returned else 0,
        "review_rating": None,
        "bad_review": None,
        "contacts": int(dice.random() < 0.25),
    }


def kpis(shop: Shop) -> Rows:
    """As the job makes them: the fixture is no second definition of a KPI."""
    tables = (schema.CONVERSATION_FACTS, schema.ORDER_FACTS)
    facts = {t.name: ENGINES["memory"].frame(arrow(t, shop[t.name])) for t in tables}
    return over_periods(KPIS, facts, zone=ZONE).to_dict("records")


def complaints(shop: Shop) -> Rows:
    """As the job makes them; every order has one line."""
    frame = ENGINES["memory"].frame
    spoken = [frame(arrow(t, shop[t.name])) for t in (schema.MENTIONS, schema.MENTION_TOPICS, schema.MENTION_SENTIMENT)]
    orders = frame(arrow(schema.ORDER_FACTS, shop["order_facts"]))
    run = Run(Settings.model_validate({"home": Path(), "shop": {"zone": ZONE.key}}), ENGINES["memory"])
    return complaints_job.work(*spoken, orders, orders, run=run).to_dict("records")


def at_risk(n: int, facts: Rows) -> Row:
    fact = facts[n]
    return {
        "customer_key": f"risk{n}",
        "rank": n + 1,
        "conversation_id": fact["conversation_id"],
        "probability": 0.81 - n * 0.07,
        "reasons_zh": ["第三次联系同一问题", "首次回复等了26小时"],
        "reasons": ["third contact about the same issue", "waited 26 hours for the first reply"],
        "topic_id": TOPICS[n % 4][0],
        "last_words": TOPICS[n % 4][5],
        "language": TOPICS[n % 4][4],
        "platform": fact["platform"],
        "market": fact["market"],
        "order_id": fact["order_id"],
        "order_minor": 8990,
        "currency": "USD",
        "last_contact_ms": at(LAST - dt.timedelta(days=2), 15),
        "hours_left": 120.0 - n,
    }


def demand() -> Rows:
    things = (
        ("hood", "jacket", 42, False, None),
        ("shoulder strap", "bag", 27, False, None),
        ("rain cover", "bag", 9, True, "COV-01"),
    )
    return [
        {"asked": asked, "for_what": what, "askers": askers, "mentions": askers + 3, "per_1000_contacts": askers / 0.9}
        | {"low": askers / 0.9 - 6, "high": askers / 0.9 + 8, "sold": sold, "sku": sku, "asked_and_bought": askers // 7}
        | {"markets": ["US", "DE"], "quote": f"do you have a {asked} for the {what}?"}
        for asked, what, askers, sold, sku in things
    ]


def load(weekday: int, hour: int) -> Row:
    per_hour = max(0.0, 6 - abs(hour - 13) * 0.6) * (0.5 if weekday > 5 else 1.0)
    row = {"weekday": weekday, "hour": hour, "conversations": round(per_hour * 17), "weeks": 17, "per_hour": per_hour}
    return row | {"low": per_hour * 0.8, "high": per_hour * 1.2, "agents_on_shift": 3.0 if 8 <= hour < 20 else 0.0}


def counts(conversations: int) -> Rows:
    stages = {"read": {"in": conversations + 2, "messages": conversations, "rejects": 2}}
    stages["mentions"] = {"in": conversations + 300, "mentions": conversations, "greeting": 200, "thanks": 100}
    rows = ((stage, outcome, n) for stage, outcomes in stages.items() for outcome, n in outcomes.items())
    return [{"stage": stage, "outcome": outcome, "rows": n, "closes": True} for stage, outcome, n in rows]
