"""A small world of topics and mentions for tests of edits."""

import hashlib
import itertools
import json

import duckdb
import pandas as pd

from insight import edits
from insight.published import Published
from insight.schema import MENTIONS, UNASSIGNED
from tests.rows import START, table

SIZES, PARCELS, REFUNDS, ZIPS = "sizing.small", "delivery.late", "t0000000001", "t0000000002"

TOPICS = pd.DataFrame(
    [
        (SIZES, "seed", "live", "Runs small", "尺码偏小"),
        (PARCELS, "seed", "live", "Parcel is late", "包裹延误"),
        (REFUNDS, "found", "candidate", "refund · money", "退款"),
        (ZIPS, "found", "new", "zip · broken", "拉链"),
        (UNASSIGNED, "found", "live", "Fits no topic yet", "暂未归类"),
    ],
    columns=["topic_id", "kind", "state", "name_en", "name_zh"],
)


def assigned(rows=None):
    """The machine's assignments: eight mentions in four topics, one in none; or the ones that are told."""
    if rows is None:
        rows = {f"m{n}": topic for n, topic in enumerate([SIZES, SIZES, SIZES, PARCELS, PARCELS, REFUNDS, ZIPS, ZIPS])}
        rows |= {"m8": UNASSIGNED}
    how = ["none" if t == UNASSIGNED else "found" if t.startswith("t") else "seed" for t in rows.values()]
    return pd.DataFrame(
        {
            "mention_id": pd.Series(list(rows), dtype="str"),
            "topic_id": pd.Series(list(rows.values()), dtype="str"),
            "similarity": [0.0 if h == "none" else 0.5 for h in how],
            "how": pd.Series(how, dtype="str"),
            "version": pd.Series([1] * len(rows), dtype="int64"),
        }
    )


clock = itertools.count(START)


def edit(kind, topic=None, *, into=None, mentions=(), name=None, language=None, who="ann", at_ms=None):
    """An edit; each is made a moment after the one before."""
    return edits.made(
        kind,
        at_ms=next(clock) if at_ms is None else at_ms,
        who=who,
        topic_id=topic,
        other_id=into,
        mentions=mentions,
        value=name,
        language=("en" if language is None else language) if kind == "rename" else None,
    )


def undo(one):
    return edit("undo", into=one if isinstance(one, str) else one.edit_id)


TEXTS = [
    "the shoes are too small",
    "Too SMALL and the zipper broke",
    "size runs small",
    "where is my parcel",
    "parcel still not here [late]",
    "money back please",
    "zipper broke after a day",
    "拉链坏了",
    "what a day",
]


def publish(home, rows=None):
    """A published file over the small world, as a run leaves it; returns what reads it."""
    placed = assigned(rows).rename(columns={"topic_id": "automatic_id"}).assign(topic_id=UNASSIGNED)
    said = table(
        MENTIONS,
        *(
            {"mention_id": m, "text": TEXTS[n % len(TEXTS)], "customer_key": f"c{n % 3}", "said_ms": START + n}
            for n, m in enumerate(placed["mention_id"])
        ),
    )
    topics = TOPICS.rename(columns={"state": "automatic_state"}).assign(
        family="shop", words=[["small", "tight"]] * 5, why=[["zipper"]] * 5
    )
    quotes = pd.DataFrame([("m2", SIZES, 1)], columns=["mention_id", "topic_id", "rank"])
    folder = home / ".insight" / "published"
    folder.mkdir(parents=True)
    with duckdb.connect(folder / "one.duckdb") as db:
        for name, frame in {
            "topics": topics,
            "mention_topics": placed,
            "mentions": said,
            "topic_quotes": quotes,
        }.items():
            db.register("incoming", frame)
            db.execute(f"create table {name} as select * from incoming")
            db.unregister("incoming")
    sha256 = hashlib.sha256((folder / "one.duckdb").read_bytes()).hexdigest()
    manifest = {"id": "one", "file": "one.duckdb", "sha256": sha256, "fingerprint": "", "as_of_ms": START, "tables": {}}
    (folder / "one.json").write_text(json.dumps(manifest))
    (folder / "CURRENT").write_text("one")
    return Published(home / ".insight").current()
