"""A small shop, already published, that the API and the page are tested on: made here, seeded, no job needed."""

from __future__ import annotations

import datetime as dt
import random
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from insight import schema
from insight.engines import ENGINES
from insight.kpis import KPIS
from insight.kpis.table import over_periods
from insight.marts import qa_sample, topic_costs
from insight.periods import Period
from insight.published import TABLES_OUT, Folder
from insight.run import Run
from insight.settings import Quality, Settings
from jobs import complaints as complaints_job
from jobs import findings as findings_job
from jobs import heads as heads_job
from jobs import hour_forecast as hour_forecast_job
from jobs import low_scores as low_scores_job
from jobs import qa_sample as qa_sample_job
from tests.rows import kept, plain

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
    """Rows with every column of the schema but `<x>_at`, which publishing makes; what is not told is plain."""
    names = [n for n in table.arrow.names if f"{n[:-3]}_ms" not in table.arrow.names or not n.endswith("_at")]
    unknown = {key for row in rows for key in row} - set(names)
    assert not unknown, f"{table.name} has no {unknown}"
    fields = [table.arrow.field(n) for n in names]
    return pa.table({f.name: pa.array([row.get(f.name, plain(f)) for row in rows], f.type) for f in fields})


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
        "customer_turns": [turn(fact) for fact in facts],
        **issue_threads(facts),
        **qa(facts),
        "order_facts": [order(n, dice) for n in range(conversations * 4)],
        "customer_facts": [customer(n, random.Random(n)) for n in range(conversations)],
        **worklists(facts),
        "demand_signals": demand(),
        **costs(facts),
        "faq": faq(),
        "faq_answers": faq_answers(),
        "topic_map": topic_map(said),
        **fixes(),
        "topic_history": [happened(t[0]) for t in TOPICS],
        "emerging": emerging(),
        **risk_cards(),
        "early_warnings": early_warnings(),
        "drivers": drivers(),
        **actions(),
        "hour_load": [load(w, h) for w in range(1, 8) for h in range(24)],
        "agent_day": agent_days(facts),
        "agent_figures": agent_figures(facts),
        "coaching": coaching(facts),
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
    return shop | {"kpis": kpis(shop), "complaints": complaints(shop), **patterns(shop), **staffing(shop)}


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


def issue_threads(facts: Rows) -> dict[str, Rows]:
    """Ann's late parcel, asked about three times over two of her ids, and somebody's only contact."""
    ids = [fact["conversation_id"] for fact in facts[:4]]
    told = (
        ("first", "first", 1, "Where is my parcel?"),
        ("same order and issue", "repeat", 2, "My parcel is still not here."),
        ("same issue", "thanks", 2, "The parcel arrived today."),
    )
    rows: Rows = []
    for n, (link, kind, nth, proof) in enumerate(told):
        rows.append(
            {"conversation_id": ids[n], "topic_id": "t-late", "thread_id": f"{ids[0]}/t-late", "customer_key": "ann"}
            | {"order_id": "o00017" if n < 2 else None, "contacted_ms": at(LAST, n), "nth": nth, "link": link}
            | {"kind": kind, "proof": proof, "gap_hours": 1.0 if n else None}
            | {"previous_conversation_id": ids[n - 1] if n else None}
        )
    alone = {"conversation_id": ids[3], "topic_id": "t-small", "thread_id": f"{ids[3]}/t-small", "customer_key": "bob"}
    rows.append(alone | {"contacted_ms": at(LAST), "nth": 1, "link": "first", "kind": "first", "proof": "Too small."})
    tie = {"customer_key": "ann by mail", "person_key": "ann", "by": "same order", "through": "o00017"}
    return {"issue_threads": rows, "customer_links": [tie | {"since_ms": at(LAST, 1), "conversations": 1}]}


def turn(fact: Row) -> Row:
    """The first time a customer waited."""
    shared = set(schema.CUSTOMER_TURNS.arrow.names) & set(schema.CONVERSATION_FACTS.arrow.names)
    wait, since = fact["first_response_ms"], fact["opened_ms"]
    row = {name: fact[name] for name in shared & fact.keys()} | {"turn": 1, "since_ms": since, "until_ms": since + wait}
    waited = {"wait_ms": wait, "waited_ms": wait, "needs_reply": True}
    return row | waited | {"late": wait > 60_000, "late_24h": wait > 86_400_000}


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


def fixes() -> Shop:
    """A jacket that runs small and comes late from China to Germany, a bag that is not of leather, and calm things."""
    issue = {"sku": "JKT-01", "topic_id": "t-small", "family": "outdoor", "rank": 1, "contacts": 24, "customers": 22}
    issue |= {"return_comments": 19, "reviews": 7, "orders": 875, "per_100_orders": 2.51, "shrunk": 2.37, "low": 1.49}
    issue |= {"high": 3.44, "family_customers": 4, "family_orders": 2621, "family_per_100": 0.15, "ratio": 16.5}
    issue |= {"ratio_low": 5.6, "ratio_high": 65.0, "q": 0.0001, "verdict": "more than its family"}
    calm = issue | {"sku": "BAG-07", "topic_id": "t-broken", "rank": 2, "customers": 3, "verdict": "cannot tell"}
    size = {"sku": "JKT-01", "family": "outdoor", "rank": 1, "small": 148, "large": 10, "both": 1, "in_words": 84}
    size |= {"sent_back": 126, "orders": 875, "returns": 144, "share_of_returns": 0.875, "balance": -0.85, "low": -0.92}
    gap = {"sku": "BAG-07", "attribute": "material", "rank": 1, "customers": 9, "mentions": 11, "orders": 811}
    gap |= {"per_100_orders": 0.9, "low": 0.4, "high": 1.6, "said": ["plastic"], "promised": ["leather"]}
    gap |= {
        "sentence": "Made of leather.",
        "verdict": "says otherwise",
        "quote": "It is plastic!",
        "quote_language": "en",
    }
    weeks = [LAST - dt.timedelta(days=7 * (16 - n)) for n in range(16)]
    counted = {"orders_inside": [50] * 16, "events_inside": [1] * 10 + [20] * 6}
    counted |= {"weeks": weeks, "orders_outside": [400] * 16, "events_outside": [9] * 16}
    rise = {"measure": "late", "rank": 1, "verdict": "rise", "carrier": "DHL", "lane": "CN-DE", "since": weeks[10]}
    rise |= dict.fromkeys(("warehouse", "platform", "market"), schema.ALL) | {"orders_before": 500, "events_before": 10}
    rise |= {"orders_after": 300, "events_after": 120, "per_100_before": 2.0, "before_low": 1.1, "before_high": 3.6}
    rise |= {"per_100_after": 40.0, "after_low": 34.6, "after_high": 45.6, "ratio": 20.0, "ratio_low": 10.6, "p": 0.01}
    rise |= {"ratio_high": 42.8, "beyond": 114.0, "explained": 0.97, "rest_p": 0.6, "customers": 31} | counted
    calm_rise = {"measure": "parcel", "rank": 1, "verdict": "no rise", "customers": 0} | counted
    calm_rise |= dict.fromkeys(("carrier", "lane", "warehouse", "platform", "market"), schema.ALL)
    days = {
        "carrier": "DHL",
        "lane": "CN-DE",
        "orders": 800,
        "delivered": 700,
        "on_the_way": 100,
        "promised_days": 15.0,
    }
    days |= {"days_median": 12.4, "median_low": 12.0, "median_high": 13.1, "days_p90": 22.3, "p90_low": 21.5}
    days |= {"judged": 780, "late": 130, "late_share": 0.167, "late_low": 0.142, "late_high": 0.194}
    days |= {"verdict": "later than others"}
    return {
        "sku_issues": [issue | {"quote": "Runs a whole size small.", "quote_language": "en"}, calm],
        "size_bias": [size | {"high": -0.76, "verdict": "runs small", "quote": "Too tight.", "quote_language": "en"}],
        "listing_gaps": [gap],
        "logistics_causes": [rise, calm_rise],
        "delivery": [days, days | {"carrier": schema.ALL, "lane": schema.ALL, "verdict": "cannot tell"}],
    }


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


def risk_cards() -> Shop:
    """A risk that own cases moved, and one that nobody could measure yet."""
    card = {"head": "repeat_contact", "part": "all", "value": "all", "speaks": "blend", "because": "no gain"}
    card |= {"trained_since": FIRST, "trained_until": FIRST + dt.timedelta(days=80), "trained": 3392}
    card |= {"tested_since": FIRST + dt.timedelta(days=50), "tested_until": LAST, "trained_events": 466}
    card |= {"cases": 2594, "events": 411, "unmatured": 365, "expected": 378.5, "ratio": 1.086, "ratio_low": 0.98}
    card |= {"ratio_high": 1.2, "calibration": "calibrated", "auc": 0.773, "auc_low": 0.743, "auc_high": 0.797}
    card |= {"average_precision": 0.41, "lift_at_10": 3.1, "ece": 0.018, "card_auc": 0.75, "gain": 0.023}
    card |= {"gain_low": 0.014, "challenger_gain": -0.02, "challenger_low": -0.032}
    german = card | {"part": "market", "value": "DE", "cases": 642, "events": 127, "calibration": "too few"}
    fresh = {"head": "dispute", "part": "all", "value": "all", "speaks": "scorecard", "because": "too few"}
    fresh |= {"calibration": "too few", "unmatured": 12, "response_rate": 0.25}
    week = {"head": "repeat_contact", "week": FIRST + dt.timedelta(days=51), "cases": 286, "events": 42}
    week |= {"expected": 42.4, "ratio": 0.99, "low": 0.71, "high": 1.34, "verdict": "cannot tell"}
    weight = {"head": "repeat_contact", "kind": "sign", "term": "second_contact", "speaks": "blend", "prior": 0.9}
    weight |= {"spread": 0.5, "weight": 0.3, "error": 0.15, "words": "second contact about this issue in {span}"}
    base = {"head": "repeat_contact", "kind": "curve", "term": "7", "speaks": "blend", "prior": -4.1, "weight": -4.4}
    shift = base | {"kind": "group", "term": "market=DE", "prior": 0.0, "weight": 0.2}
    return {
        "risk_cards": [card, german, card | {"part": "seen", "value": "came before"}, fresh],
        "risk_weeks": [week],
        "risk_weights": [weight | {"words_zh": "{span}内第二次联系同一问题"}, base, shift],
    }


def drivers() -> Rows:
    """Lateness goes with low satisfaction and returns, small sizes with neither; of broken zips too few tell."""
    row = {"outcome": "csat", "unit": "conversations", "scale": "mean", "better": "up", "n": 353, "left_out": 547}
    row |= {"usual": 0.71, "held": ["market", "channel", "wait"], "topic_id": "t-late", "rank": 1, "with_n": 92}
    row |= {"customers": 85, "share": 0.26, "value": 0.52, "without": 0.78, "raw": -0.26, "expected": 0.655}
    row |= {"difference": -0.135, "low": -0.21, "high": -0.06, "points": -0.0351, "points_low": -0.055}
    row |= {"points_high": -0.015, "e_value": 2.1, "e_near": 1.5, "q": 0.002, "verdict": "worse"}
    calm = row | {"topic_id": "t-small", "rank": 2, "difference": 0.01, "low": -0.05, "high": 0.07, "points": 0.003}
    calm |= {"points_low": -0.015, "points_high": 0.021, "q": 0.7, "e_value": 1.2, "e_near": 1.0}
    figures = ("expected", "difference", "low", "high", "points", "points_low", "points_high", "e_value", "e_near", "q")
    few = row | dict.fromkeys(figures) | {"topic_id": "t-broken", "rank": 3, "with_n": 4, "customers": 3}
    back = row | {"outcome": "returned", "unit": "orders", "scale": "share", "better": "down", "n": 3100, "value": 0.3}
    back |= {"usual": 0.05, "without": 0.04, "raw": 0.26, "expected": 0.16, "difference": 0.14, "low": 0.05}
    back |= {"high": 0.23, "points": 0.0042, "points_low": 0.001, "points_high": 0.007, "share": 0.03}
    return [row, calm | {"verdict": "cannot tell"}, few | {"verdict": "too few"}, back]


def actions() -> Shop:
    """A size chart that worked, a lid that did not, a notice that is too young, and one of which nothing is known."""
    row = {"action": 1, "name": "New size chart", "topic_ids": ["t-small", "sizing"], "skus": ["JKT-01"], "markets": []}
    row |= {"since": LAST - dt.timedelta(days=56), "written": LAST - dt.timedelta(days=60), "after_the_fact": False}
    row |= {"reaches": "everyone", "hoped": 0.3, "why": "it runs small", "verdict": "worked", "ratio": 0.4, "low": 0.2}
    row |= {"high": 0.7, "chance": 0.001, "detectable": 0.45, "weeks_before": 9, "weeks_after": 8, "treated": 1}
    row |= {"others": 6, "contacts_before": 72, "contacts_after": 24, "expected_after": 60.0, "unplaced": 12}
    row |= {"swing": 0.25, "memory": 0.5, "wider": 1.1, "earlier": 1.05, "earlier_low": 0.7, "earlier_high": 1.6}
    lid = row | {"action": 2, "name": "Another lid", "verdict": "did not", "ratio": 1.1, "low": 0.8, "high": 1.5}
    lid |= {"against": ["after the fact", "unplaced"], "after_the_fact": True, "unknown": []}
    figures = ("ratio", "low", "high", "chance", "detectable", "expected_after", "swing", "memory", "wider")
    young = row | dict.fromkeys((*figures, "earlier", "earlier_low", "earlier_high", "written"))
    young |= {"action": 3, "name": "A notice", "verdict": "too early", "weeks_after": 2, "after_the_fact": None}
    lost = young | {"action": 4, "name": "Lost", "verdict": "cannot tell", "skus": ["JKT-99"], "unknown": ["JKT-99"]}
    weeks = [
        {"action": 1, "week": LAST - dt.timedelta(days=7 * (17 - n)), "part": "before" if n < 9 else "after"}
        | {"contacts": 8 if n < 9 else 3, "orders": 50.0, "per_1000": 160.0 if n < 9 else 60.0, "others_contacts": 20}
        | {"others_orders": 900.0, "others_per_1000": 22.2, "expected_per_1000": 150.0}
        for n in range(17)
    ]
    return {"effects": [row, lid, young, lost | {"against": ["not written", "unknown"]}], "effect_weeks": weeks}


def early_warning(rank: int, **told: Any) -> Row:
    """Nineteen contacts in the last full week, where five were to be expected; and more of them end bad."""
    last, first = LAST - dt.timedelta(days=1), LAST - dt.timedelta(days=7)
    row = {"warning_id": f"w{rank:010}", "rank": rank, "state": "now", "day": last, "since": first, "nth": 1}
    row |= {"kind": "more contacts", "topic_id": "t-late", "market": "DE", "sku": schema.ALL, "observed": 19}
    row |= {"carrier": schema.ALL, "lane": schema.ALL, "warehouse": schema.ALL, "platform": schema.ALL}
    row |= {"expected": 5.2, "low": 1.0, "high": 11.0, "ratio": 19 / 5.2, "p": 0.0001, "q": 0.01, "customers": 17}
    row |= {"at_least": 5.7, "sign_kind": ["more contacts", "ends bad"], "sign_measure": [None, None]}
    row |= {"sign_market": ["DE", "all"], "sign_sku": ["all", "all"], "sign_since": [first, first]}
    row |= {"sign_observed": [19, 12], "sign_of": [None, 30], "sign_expected": [5.2, 4.0], "sign_ratio": [3.7, 3.0]}
    row |= {"sign_q": [0.01, 0.03], "conversations": ["c00001"], "quotes": ["Wo bleibt mein Paket?"]}
    row |= {"owner": "Logistics", "owner_zh": "物流", "remedies": ["Write to them", "Send again"]}
    return row | {"remedies_zh": ["主动告知", "补发"]} | told


def early_warnings() -> Rows:
    lane = {"kind": "parcels", "measure": "late", "topic_id": None, "market": "all", "carrier": "DHL", "lane": "CN-DE"}
    lane |= {"observed": 40, "of": 100, "expected": 2.0, "low": 1.0, "high": 4.0, "ratio": 20.0, "customers": 39}
    lane |= {"sign_kind": ["parcels"], "sign_measure": ["late"], "sign_market": ["all"], "sign_sku": ["all"]}
    lane |= {"sign_since": [LAST - dt.timedelta(days=42)], "sign_observed": [40], "sign_of": [100], "sign_q": [0.01]}
    lane |= {"sign_expected": [2.0], "sign_ratio": [20.0], "at_least": 28.0, "quotes": ["DHL is late again."]}
    over = {"state": "over", "topic_id": "t-small", "market": schema.ALL, "day": LAST - dt.timedelta(days=16)}
    return [early_warning(1, **lane), early_warning(2), early_warning(3, **over, since=LAST - dt.timedelta(days=22))]


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


def customer(n: int, dice: random.Random) -> Row:
    again = dice.random() < 0.3
    return {
        "customer_key": f"k{n:04}",
        "platform": dice.choice(PLATFORMS),
        "shop": "main",
        "market": dice.choice(MARKETS),
        "sku": dice.choice(("JKT-01", "JKT-02", "BAG-07")),
        "family": "outdoor",
        "day": FIRST + dt.timedelta(days=dice.randrange(DAYS)),
        "first_ordered_ms": at(FIRST),
        "last_ordered_ms": at(FIRST),
        "orders": 1 + again,
        "cancelled_orders": 0,
        "contacts": 0,
        "repurchased_90d": again,
        "repurchased_180d": again or None,
        "revenue_90d_minor": 5000 + 4000 * again,
        "margin_90d_minor": 900 + 700 * again,
        "lifetime_revenue_minor": 5000 + 4000 * again,
        "lifetime_refund_minor": 0,
        "lifetime_margin_minor": 900 + 700 * again,
    }


def kpis(shop: Shop) -> Rows:
    """As the job makes them: the fixture is no second definition of a KPI."""
    tables = {t.name: t for _, kpi in KPIS.values() for t in (kpi.of, kpi.per) if t is not None}
    facts = {name: ENGINES["memory"].frame(arrow(t, shop.get(name, []))) for name, t in tables.items()}
    return over_periods(KPIS, facts).to_dict("records")


def qa(facts: Rows) -> Shop:
    """As the job draws them; every conversation has two messages."""
    names = [*qa_sample_job.JUDGED_BY]
    told = pd.DataFrame([{name: fact[name] for name in names} for fact in facts], columns=names)
    risks = pd.DataFrame({"conversation_id": told["conversation_id"], "risk": 0.2})
    drawn = qa_sample.sample(told, risks, arrow(schema.QA_SAMPLE, []).to_pandas(), quality=Quality(per_week=20))
    rows = drawn.astype(object).where(drawn.notna(), None).to_dict("records")
    opened = {fact["conversation_id"]: fact["opened_ms"] for fact in facts}
    said = [
        {"conversation_id": row["conversation_id"], "seq": seq, "author": author, "text": text, "language": "en"}
        | {"sent_ms": opened[row["conversation_id"]] + seq}
        for row in rows
        for seq, author, text in ((1, "customer", "Where is my parcel?"), (2, "agent", "On its way."))
    ]
    return {"qa_sample": rows, "qa_transcripts": said}


def patterns(shop: Shop) -> dict[str, Rows]:
    """Findings and the reasons of low scores, as the jobs make them."""
    run = Run(Settings.model_validate({"home": Path(), "shop": {"zone": ZONE.key}}), ENGINES["memory"])
    found = {}
    for job in (findings_job, low_scores_job):
        frames = [run.engine.frame(arrow(t, shop[t.name])) for t in job.READS]
        found[job.WRITES.name] = kept(job.WRITES, job.work(*frames, run=run))
    return found


def staffing(shop: Shop) -> dict[str, Rows]:
    """The forecast and the plan of people, as the jobs make them; two agents are on shift in daytime, also to come."""
    run = Run(Settings.model_validate({"home": Path(), "shop": {"zone": ZONE.key}}), ENGINES["memory"])
    facts = run.engine.frame(arrow(schema.CONVERSATION_FACTS, shop["conversation_facts"]))
    starts = [at(FIRST + dt.timedelta(days=n), 1) for n in range(DAYS + 15)]
    shifts = [
        {"agent_id": agent, "starts_ms": start, "ends_ms": start + 8 * 3_600_000}
        for agent in ("a0", "a1")
        for start in starts
    ]
    forecasts = hour_forecast_job.work(facts, run=run)
    hours = run.engine.frame(pa.Table.from_pandas(forecasts[0], preserve_index=False))
    people = heads_job.work(facts, hours, run.engine.frame(arrow(schema.SHIFTS, shifts)), run=run)
    written = zip((*hour_forecast_job.WRITES, *heads_job.WRITES), (*forecasts, *people), strict=True)
    return {table.name: kept(table, rows) for table, rows in written}


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
        "listed": True,
        "named_day": LAST - dt.timedelta(days=1),
        "low_csat": 0.3,
        "bad_review": 0.22 if n % 2 else None,
    }


def worklists(facts: Rows) -> Shop:
    """More at risk than the team can work on, what became of the list, what to do, and two further lists."""
    waiting = at_risk(6, facts) | {"customer_key": "wait6", "rank": 7, "listed": False, "named_day": None}
    steps = [
        step(
            "t-small", "action", "size", "Name the size to take, and offer the exchange", "给出合适的尺码，并提供换货"
        ),
        step("t-refund", "answer", "answer", "The money is with you in 3 days.", language="en"),
        step("t-refund", "answer", "answer", "El dinero llega en 3 días.", language="es"),
        *(step(t[0], "rule", "specialist", "Hand it to somebody who can decide", "转给能决定的同事") for t in TOPICS),
    ]
    return {
        "at_risk": [*(at_risk(n, facts) for n in range(6)), waiting],
        "flagged": [flagged(n) for n in range(420)],
        "next_steps": steps,
        "high_value": [high_value(n, facts) for n in range(3)],
        "win_back": [win_back(n, facts) for n in range(12)],
    }


def step(topic: str, kind: str, action: str, words: str, zh: str = "", language: str = schema.ALL) -> Row:
    row = {"topic_id": topic, "kind": kind, "language": language, "rank": 1, "action": action, "step": words}
    told = {"contacts": 30, "judged": 28, "settled": 25, "share": 0.88, "low": 0.75, "high": 0.96, "usual": 0.8}
    return row | {"step_zh": zh or words} | (told if kind != "rule" else {})


def flagged(n: int) -> Row:
    """Every tenth is left alone, of whom half went bad, of the others a fifth; the newest sixty are not over yet."""
    day, held = FIRST + dt.timedelta(days=n // 4), n % 10 == 3
    bad = n % 20 == 3 if held else n % 5 == 0
    row = {"conversation_id": f"f{n:04}", "customer_key": f"kf{n:04}", "day": day, "named_ms": at(day, 15) + n}
    row |= {"rank": n % 4 + 1, "probability": 0.5, "hold_out": 0.1, "held_out": held, "first": True}
    return row | {"went_bad": bad if n < 360 else None}


def high_value(n: int, facts: Rows) -> Row:
    fact = facts[n + 20]
    row = {name: fact[name] for name in ("conversation_id", "platform", "market")}
    row |= {"customer_key": f"rich{n}", "rank": n + 1, "why": ["open contact", "bad review"][: 1 + n % 2]}
    row |= {"value_minor": 90_000 - 10_000 * n, "measured": "margin", "least_minor": 15_500, "orders": 9 - n}
    row |= {"topic_id": TOPICS[n][0], "last_words": TOPICS[n][5], "language": TOPICS[n][4], "answered": n != 1}
    return row | {"last_contact_ms": fact["opened_ms"], "last_ordered_ms": at(FIRST), "probability": 0.2}


def win_back(n: int, facts: Rows) -> Row:
    """Six agreed to receive marketing, three did not, of three nobody knows."""
    fact, asked = facts[(n + 40) % len(facts)], n % 2 == 0
    row = {name: fact[name] for name in ("conversation_id", "platform", "market")}
    row |= {"customer_key": f"gone{n}", "kind": "asked" if asked else "unhappy", "rank": n // 2 + 1}
    row |= {"reason": "hood" if asked else "topic", "sold": False if asked else None, "answered": n != 4}
    row |= {"topic_id": TOPICS[0][0], "last_words": f"gone words {n}", "language": "en", "waited_ms": 60_000}
    row |= {"days_since": 9.0 + n, "usual_days": None if asked else 25.0, "orders": 0 if asked else 2}
    row |= {"value_minor": None if asked else 9_900, "last_contact_ms": fact["opened_ms"]}
    return row | {"may_market": (True, True, False, None)[n % 4]}


def faq() -> Rows:
    """Two questions: one with answers, asked in English and Chinese; one that brings customers back."""
    asked = {"customers": 40, "unanswered": 1, "judged": 38, "usual": 0.86, "topic_id": "t-refund"}
    first = {"question_id": "q-refund", "contacts": 42, "settled": 35, "share": 0.92, "low": 0.79, "high": 0.97}
    words = {
        "question": "When do I get my money?",
        "question_en": "When do I get my money?",
        "question_zh": "什么时候退款？",
    }
    second = {"question_id": "q-again", "contacts": 20, "settled": 10, "share": 0.26, "low": 0.15, "high": 0.42}
    german = {"question": "Passiert wieder nichts?", "question_en": None, "question_zh": None, "languages": ["de"]}
    return [
        asked | first | words | {"gap": "", "languages": ["en", "zh"]},
        asked | second | german | {"gap": "comes back", "topic_id": schema.UNASSIGNED},
    ]


def faq_answers() -> Rows:
    """The surest answers of the first question."""
    told = {"question_id": "q-refund", "rank": 1, "contacts": 12, "customers": 12, "judged": 11, "settled": 11}
    shares = {"share": 0.93, "low": 0.8, "high": 0.99}
    return [
        told | shares | {"language": "en", "answer": "The money is with you in 3 days."},
        told | shares | {"language": "zh", "answer": "三天内到账。"},
    ]


def costs(facts: Rows) -> Shop:
    """The last 56 days of working time at 25 an hour, every ninth conversation with a refund, of which some no rate."""
    span = Period(LAST - dt.timedelta(days=28), LAST)
    rows = pd.DataFrame(
        [{k: f[k] for k in ("conversation_id", "order_id", "platform", "market", "day")} for f in facts]
    )
    rows = rows.assign(topic_id=[f["topic_id"] for f in facts], row_id=rows["conversation_id"], kind="handling")
    rows = topic_costs.within(rows.assign(handle_ms=pd.array([f["handle_ms"] for f in facts], "Int64")), span)
    rows = rows.sort_values(["row_id", "topic_id"], ignore_index=True)
    worked = [topic_costs.priced(part, 25.0, currency="USD") for _, part in rows.groupby("period")]
    paid = rows[::9].assign(kind="refund", handle_ms=pd.NA, conversation_id=None, row_id="r" + rows["row_id"])
    paid = paid.assign(amount_minor=pd.array([None if n % 7 == 3 else 1999 + n for n in range(len(paid))], "Int64"))
    lost = paid[:3].assign(kind="lost order", row_id=paid["order_id"], amount_minor=4500).drop_duplicates("row_id")
    every = pd.concat([*worked, paid, lost], ignore_index=True)
    sums = topic_costs.together(topic_costs.summed(every), priced=True, comparable=True)
    sums = sums.assign(since=span.since, until=span.until)
    tables = {"topic_cost_rows": every, "topic_costs": sums}
    return {name: t.astype(object).where(t.notna(), None).to_dict("records") for name, t in tables.items()}


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


NAMES = {"a0": "Lin", "a1": "Mei", "a2": "Anna", "a3": "Rui", "a4": "Kim"}
"""Kim is in another team than the others."""


def whose(agent: str) -> Row:
    return {"agent_id": agent, "name": NAMES[agent], "team": "night" if agent == "a4" else "day"}


def agent_days(facts: Rows) -> Rows:
    """Sums by agent and day; every agent was on shift for eight hours on each of those days."""
    by: dict[tuple[str, dt.date], Rows] = {}
    for fact in facts:
        by.setdefault((fact["agent_id"], fact["day"]), []).append(fact)
    return [
        whose(agent)
        | {"day": day, "conversations": len(own), "replies": 2 * len(own), "first_response_median_s": 40.0}
        | {
            "handle_ms": sum(f["handle_ms"] for f in own),
            "active_ms": sum(f["handle_ms"] for f in own),
            "surveys": 0,
            "csat_rating_sum": 0.0,
            "shift_hours": 8.0,
        }
        | {"matured": 0, "came_back": 0, "timed": 0, "late": 0}
        for (agent, day), own in sorted(by.items())
    ]


def agent_figures(facts: Rows) -> Rows:
    """Lin surely below, Mei surely above, Anna like the others, Rui nobody can tell, Kim with too few cases."""
    verdicts = ("below the others", "above the others", "like the others", "cannot tell", "not ranked")
    shares = (0.31, 0.11, 0.2, 0.22, 0.21)
    rows = []
    for agent, verdict, share in zip(NAMES, verdicts, shares, strict=True):
        n = 12 if verdict == "not ranked" else 120
        row = whose(agent) | {"measure": "came_back", "measured_in": "share", "better": "down", "n": n}
        row |= {
            "observed": share + 0.02,
            "expected": 0.21,
            "adjusted": share,
            "low": share - 0.05,
            "high": share + 0.06,
        }
        row |= {"others": 0.2, "chance_low": 0.13, "chance_high": 0.28, "q": None if n < 30 else 0.01}
        row |= {"verdict": verdict, "since": LAST - dt.timedelta(days=84), "until": LAST}
        times = {"measure": "handle_s", "measured_in": "seconds", "verdict": "cannot tell" if n > 30 else "not ranked"}
        times |= {"observed": 210.0, "expected": 200.0, "adjusted": 205.0, "low": 190.0, "high": 230.0}
        times |= {"others": 200.0, "chance_low": 170.0, "chance_high": 235.0}
        rows += [row, row | times]
    return rows if facts else []


def coaching(facts: Rows) -> Rows:
    """Lin should read, and learn from Mei; Mei settles one topic surely better."""
    own = {agent: [f["conversation_id"] for f in facts if f["agent_id"] == agent] for agent in ("a0", "a1")}
    row = whose("a0") | {"skill": "resolution", "topic_id": schema.ALL, "kind": "coaching", "measure": "came_back"}
    row |= {"measured_in": "share", "n": 120, "observed": 0.33, "adjusted": 0.31, "low": 0.26, "high": 0.37}
    row |= {"others": 0.2, "q": 0.01, "read": own["a0"][:5], "learn": own["a1"][:1], "learn_from": ["a1"]}
    well = {"topic_id": "t-late", "kind": "best practice", "adjusted": 0.11, "low": 0.06, "high": 0.17}
    well |= {"read": own["a1"][:2], "learn": [], "learn_from": []}
    return [row, row | whose("a1") | well] if facts else []


def counts(conversations: int) -> Rows:
    stages = {"read": {"in": conversations + 2, "messages": conversations, "rejects": 2}}
    stages["mentions"] = {"in": conversations + 300, "mentions": conversations, "greeting": 200, "thanks": 100}
    rows = ((stage, outcome, n) for stage, outcomes in stages.items() for outcome, n in outcomes.items())
    return [{"stage": stage, "outcome": outcome, "rows": n, "closes": True} for stage, outcome, n in rows]
