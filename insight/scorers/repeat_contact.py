"""How likely does the customer write again about the same issue within 7 days? A scorecard whose reasons add up.

The log-odds are the base and the points of each reason that applies (models/repeat_contact.toml), nothing else, so that
each score can be checked by hand. The score speaks as of the conversation's last public message, or as of its closing
where that came later: nothing that was said, bought or delivered after it counts. The language of a customer is no
reason.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa

from insight import shipped
from insight.phrases import SPACELESS, Finder
from insight.schema import (
    CONVERSATION_FACTS,
    CONVERSATIONS,
    ISSUE_THREADS,
    MENTION_SENTIMENT,
    MENTIONS,
    MESSAGES,
    ORDERS,
    REPEAT_RISKS,
)
from insight.scorers.base import Scorer
from insight.settings import Settings

CARD = "repeat_contact.toml"
WORDS = "sentiment.toml"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BAD = 0.3
"""From this chance on a customer's last words count as negative: who is about to leave is often curt, not loud."""
WINDOW_MS = 30 * DAY_MS
"""How far back an earlier contact about the issue counts."""

FILLED = {
    "third_contact": "contacts",
    "second_contact": "since_ms",
    "late_order": "late_ms",
    "slow_answer": "first_response_ms",
    "handed_over": "agents",
}
"""Which number a reason tells in its words, as {count} or, in ms, as {span}."""

LISTED = {"points": pa.float64(), "en": pa.string(), "zh": pa.string()}

UNITS = (("day", DAY_MS), ("hour", HOUR_MS), ("minute", 60_000))
UNITS_ZH = {"day": "天", "hour": "小时", "minute": "分钟"}

OF = "conversation_id"
READS = (CONVERSATION_FACTS, CONVERSATIONS, MESSAGES, MENTIONS, MENTION_SENTIMENT, ISSUE_THREADS, ORDERS)


def signs(
    facts: pd.DataFrame,
    conversations: pd.DataFrame,
    messages: pd.DataFrame,
    mentions: pd.DataFrame,
    sentiment: pd.DataFrame,
    threads: pd.DataFrame,
    orders: pd.DataFrame,
) -> pd.DataFrame:
    """One row per conversation: the moment of the score and what the scorecard looks at, all as of that moment."""
    parts = (
        ending(messages, mentions),
        conversations[[OF, "status", "closed_ms"]],
        wording(mentions, sentiment),
        earlier(threads),
    )
    rows = facts.merge(orders[["order_id", "promised_ms", "delivered_ms"]], how="left", on="order_id")
    for part in parts:
        rows = rows.merge(part, how="left", on=OF)
    last_ms = rows["last_ms"].fillna(rows["opened_ms"])
    rows["scored_ms"] = last_ms.where(~_yes(rows["closed_ms"].gt(last_ms)), rows["closed_ms"])
    rows["late_ms"] = rows["scored_ms"] - rows["promised_ms"]
    return rows.sort_values(OF, ignore_index=True)


def ending(messages: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """By conversation: its last public message: when, by whom, whether it raises something, whether it promises."""
    public = messages[messages["public"] & messages["author"].isin(["customer", "agent", "bot"])]
    last = public.sort_values([OF, "seq"]).drop_duplicates(OF, keep="last")
    promise = [
        author == "agent" and "promises" in _kinds(text, language)
        for author, text, language in zip(last["author"], last["text"], last["language"], strict=True)
    ]
    return pd.DataFrame(
        {
            OF: last[OF],
            "last_ms": last["sent_ms"],
            "last_author": last["author"],
            "last_raises": last["message_id"].isin(mentions["origin_id"]),
            "promise": promise,
        }
    )


def wording(mentions: pd.DataFrame, sentiment: pd.DataFrame) -> pd.DataFrame:
    """By conversation: whether the customer threatens or demands, and whether the last message may well be negative."""
    said = mentions[mentions["origin"].eq("message") & mentions[OF].notna()]
    said = said.merge(sentiment[["mention_id", "negative"]], on="mention_id", how="left")
    kinds = [_kinds(text, language) for text, language in zip(said["text"], said["language"], strict=True)]
    said = said.assign(threat=["threats" in k for k in kinds], demand=["demands" in k for k in kinds])
    said = said.sort_values([OF, "said_ms", "origin_id", "mention_id"])
    last = said["origin_id"].eq(said.groupby(OF)["origin_id"].transform("last"))
    said = said.assign(negative_end=last & (said["negative"] >= BAD).fillna(False))
    return said.groupby(OF)[["threat", "demand", "negative_end"]].any().reset_index()


def earlier(threads: pd.DataFrame) -> pd.DataFrame:
    """By conversation: the contacts about one of its issues in the 30 days up to it, and the time since the first."""
    rows = threads.sort_values(["thread_id", "contacted_ms", OF], ignore_index=True)
    ids = rows["thread_id"].factorize()[0].astype(np.int64)
    moments = rows["contacted_ms"].to_numpy(dtype=np.int64)
    span = int(np.ptp(moments)) + WINDOW_MS + 1 if len(rows) else 1
    place = ids * span + (moments - (moments.min() if len(rows) else 0))
    first = np.searchsorted(place, np.maximum(place - WINDOW_MS, ids * span))
    rows["contacts"] = np.arange(len(rows)) - first + 1
    rows["since_ms"] = moments - moments[first]
    most = rows.sort_values([OF, "contacts", "since_ms"]).drop_duplicates(OF, keep="last")
    return most[[OF, "contacts", "since_ms"]]


def applies(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Which reasons of the scorecard apply to each conversation."""
    asked, answered = _yes(rows["needs_answer"]), _yes(rows["answered"])
    customer_last, raises = rows["last_author"].eq("customer"), _yes(rows["last_raises"])
    late = rows["promised_ms"].lt(rows["scored_ms"]) & ~_yes(rows["delivered_ms"].le(rows["scored_ms"]))
    marks = {
        "third_contact": rows["contacts"].ge(3),
        "second_contact": rows["contacts"].eq(2),
        "no_answer": asked & ~answered,
        "late_order": late,
        "threat": rows["threat"],
        "open_question": answered & customer_last & raises,
        "promise": rows["promise"],
        "negative_end": rows["negative_end"],
        "demand": rows["demand"],
        "slow_answer": answered & _yes(rows["late_response"]),
        "handed_over": rows["agents"].ge(2),
        "one_reply": answered & rows["agent_messages"].eq(1) & ~customer_last,
        "closed": rows["status"].eq("resolved") & rows["closed_ms"].le(rows["scored_ms"]),
        "thanked": answered & customer_last & ~raises,
    }
    return {reason: _yes(mark) for reason, mark in marks.items()}


def _yes(mark: pd.Series) -> pd.Series:
    """What is not known does not apply."""
    return mark.fillna(False).astype(bool)


def reasons(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per conversation and reason that applies, strongest first: points, words in English and in Chinese."""
    parts = []
    for place, (reason, mark) in enumerate(applies(rows).items()):
        about, hit = shipped.toml(CARD)["reasons"][reason], rows[mark]
        told = hit[FILLED.get(reason, "scored_ms")].tolist()
        words = {language: [_in_words(about[language], int(n), language) for n in told] for language in ("en", "zh")}
        strength = {"strength": -abs(about["points"]), "place": place, "points": about["points"]}
        parts.append(pd.DataFrame({OF: hit[OF], **strength, **words}))
    return pd.concat(parts).sort_values([OF, "strength", "place"], ignore_index=True)


def _in_words(template: str, number: int, language: str) -> str:
    return template.format(count=number, span=_span(number, language))


def _span(ms: int, language: str) -> str:
    """A length of time in words, in its largest fitting unit, rounded down, at least 1 minute."""
    unit, size = next((u for u in UNITS if ms >= u[1]), UNITS[-1])
    count = max(1, ms // size)
    if language == "zh":
        return f"{count}{UNITS_ZH[unit]}"
    return f"{count} {unit}{'s' * (count > 1)}"


def _score(*tables: pa.Table, settings: Settings) -> pa.Table:
    rows = signs(*(table.to_pandas(types_mapper=pd.ArrowDtype) for table in tables))
    why = reasons(rows)
    counts = why.groupby(OF).size().reindex(rows[OF], fill_value=0).to_numpy(dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(counts)])
    listed = {name: pa.ListArray.from_arrays(ends, pa.array(why[name].tolist(), kind)) for name, kind in LISTED.items()}
    base = float(shipped.toml(CARD)["base"])
    logit = [base + math.fsum(points) for points in listed["points"].to_pylist()]
    scored = {
        OF: rows[OF],
        "customer_key": rows["customer_key"],
        "scored_ms": rows["scored_ms"],
        "speaks": ["scorecard"] * len(rows),
        "base": [base] * len(rows),
        "reasons": listed["en"],
        "reasons_zh": listed["zh"],
        "points": listed["points"],
        "logit": logit,
        "probability": [1 / (1 + math.exp(-each)) for each in logit],
        "came_back": rows["came_back"],
    }
    fields = [field for field in REPEAT_RISKS.arrow if field.name in scored]
    return pa.table([pa.array(scored[f.name], f.type, from_pandas=True) for f in fields], schema=pa.schema(fields))


SCORER = Scorer(
    "repeat_contact",
    "How likely does the customer of each conversation write again about the same issue within 7 days, and why?",
    READS,
    REPEAT_RISKS,
    _score,
)


@cache
def _finder(language: str) -> Finder:
    """Threats and demands of customers, promises of agents; what only sounds like one ("return policy") is neutral."""
    said = shipped.toml(WORDS).get(language, {})
    lists = {kind: said.get(kind, ()) for kind in ("neutral", "threats", "demands")}
    lists["promises"] = shipped.toml(CARD)["promises"].get(language, ())
    return Finder(lists, apart=language not in SPACELESS, accents=not said.get("plain", False))


def _kinds(text: str, language: str) -> set[str]:
    find = _finder(language)
    return {found.kind for found in find(find.fold(text))}
