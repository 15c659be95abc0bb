"""Pairs of contacts in seven languages, through the real stages: pieces, vectors, topics of the taxonomy, threads.

tests/data/thread_pairs.tsv: two contacts of one customer with their channels, orders (A, B or none), the hours between,
the customer's words, the last words of the shop in between, and whether the second is a repeat about the same issue.
Half of the rows (`held`) was never looked at while words and rules were chosen.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pandas as pd

from insight.engines import ENGINES
from insight.namer import Namer
from insight.run import Run
from insight.schema import (
    CONVERSATIONS,
    CUSTOMER_LINKS,
    ENCODER_FEATURES,
    ISSUE_THREADS,
    MENTION_SENTIMENT,
    MESSAGES,
    ORDER_ITEMS,
    ORDERS,
    RETURNS,
    REVIEWS,
    SURVEYS,
    VECTORS,
)
from insight.settings import Names, Settings, Topics
from insight.store import conform
from jobs import mentions, threads, topics, vectors
from tests.rows import HOUR, START, table

FILE = Path(__file__).parent / "data/thread_pairs.tsv"
LANGUAGES = ("en", "zh", "de", "es", "fr", "ja", "pt")


def pairs() -> pd.DataFrame:
    """The rows of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return pd.DataFrame(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def judged() -> pd.DataFrame:
    """The pairs with `said` (the threads call the second contact a repeat of the first), its kind, and the topics."""
    told, engine = pairs(), ENGINES["local"]
    run = Run(Settings(home=".", topics=Topics(min_mentions=10_000)), engine)
    lake = {
        **{of: table(of) for of in (REVIEWS, SURVEYS, RETURNS, ORDERS, ORDER_ITEMS, ENCODER_FEATURES)},
        **{of: table(of) for of in (VECTORS, MENTION_SENTIMENT, CUSTOMER_LINKS)},
        CONVERSATIONS: table(CONVERSATIONS, *(c for row in told.itertuples() for c in conversations(row))),
        MESSAGES: table(MESSAGES, *(m for row in told.itertuples() for m in messages(row))),
    }

    def frames(reads):
        return (engine.frame(lake[getattr(of, "table", of)]) for of in reads)

    def keep(job, rows):
        writes = job.WRITES if isinstance(job.WRITES, tuple) else (job.WRITES,)
        rows = rows if isinstance(rows, tuple) else (rows,)
        lake.update({of: conform(of, part) for of, part in zip(writes, rows, strict=True)})

    keep(mentions, mentions.work(*frames(mentions.READS), run=run))
    keep(vectors, vectors.work(*frames(vectors.READS), run=run))
    before = (engine.frame(r.table.arrow.empty_table()) for r in topics.READS[5:])
    keep(topics, topics.work(*frames(topics.READS[:3]), (), Namer(Names()), *before, run=run))
    keep(threads, threads.work(*frames(threads.READS), run=run))
    rows = lake[ISSUE_THREADS].to_pandas()
    again = rows[rows["kind"].eq("repeat") & rows["previous_conversation_id"].notna()]
    said = set(zip(again["conversation_id"], again["previous_conversation_id"], strict=True))
    topic = rows.groupby("conversation_id")["topic_id"].agg(" ".join)
    kind = rows.groupby("conversation_id")["kind"].agg(" ".join)
    ids = told["pair"]
    return told.assign(
        truly=told["repeat"].eq("yes"),
        said=[(f"{i}-2", f"{i}-1") in said for i in ids],
        topics=[f"{topic.get(f'{i}-1', '')} | {topic.get(f'{i}-2', '')}" for i in ids],
        kind=[kind.get(f"{i}-2", "") for i in ids],
    )


def scores(rows: pd.DataFrame) -> dict[str, float]:
    """Precision, recall and F1 of the pairs called repeats."""
    right = int((rows["truly"] & rows["said"]).sum())
    precision, recall = right / max(int(rows["said"].sum()), 1), right / max(int(rows["truly"].sum()), 1)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * right / max(rows["said"].sum() + rows["truly"].sum(), 1),
    }


def conversations(row):
    """Both conversations of a pair."""
    for nth, hours in ((1, 0), (2, int(row.hours))):
        order = getattr(row, f"order_{nth}")
        yield {
            "conversation_id": f"{row.pair}-{nth}",
            "channel": getattr(row, f"channel_{nth}"),
            "customer_key": row.pair,
            "language": row.language,
            "order_id": f"{row.pair}-{order}" if order else None,
            "opened_ms": START + hours * HOUR,
        }


def messages(row):
    """The first contact with the shop's answer, and the second."""
    lines = (
        (1, 1, 0, "customer", row.first),
        (1, 2, 0.5, "agent", row.agent),
        (2, 1, int(row.hours), "customer", row.again),
    )
    for nth, seq, hours, author, text in lines:
        yield {
            "message_id": f"{row.pair}-{nth}-{seq}",
            "conversation_id": f"{row.pair}-{nth}",
            "seq": seq,
            "author": author,
            "public": True,
            "text": text,
            "language": row.language,
            "sent_ms": START + round(hours * HOUR),
        }
