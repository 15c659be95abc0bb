"""`python -m tests.bench.threads [CONTACTS]`: how well repeats are told in the labelled pairs, and how fast.

Precision, recall and F1 by language, on the half that words and rules were tuned on and on the half held back; then the
seconds for a million contacts (or CONTACTS) of made-up customers.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
import pyarrow as pa

from insight.threads import issue_threads
from tests.rows import DAY, START
from tests.thread_pairs import LANGUAGES, judged, scores

ARROW = {"customer_key": "string", "order_id": "string"}
WORDS = (
    "where is my parcel, it should be here by now",
    "the kettle is broken",
    "thank you, the parcel arrived today",
    "still no answer from you",
    "here is the photo of the box",
    "please send me the invoice of last week",
)


def quality() -> pd.DataFrame:
    """One row per half and language."""
    rows = judged()
    return pd.DataFrame(
        [
            {"half": half, "language": language, "pairs": len(part), **scores(part)}
            for half in ("tuned", "held")
            for language in (*LANGUAGES, "all")
            for part in [
                rows[(rows["half"] == half) & rows["language"].isin([language] if language != "all" else LANGUAGES)]
            ]
        ]
    )


def made(contacts: int, seed: int = 7) -> tuple[pd.DataFrame, ...]:
    """Mentions, topics, conversations and messages: two contacts a customer on average, half of them with an order."""
    chance = np.random.default_rng(seed)
    n = np.arange(contacts)
    ids = [f"c{i:08}" for i in n]
    customer = chance.integers(0, contacts // 2, contacts)
    at_ms = START + chance.integers(0, 365, contacts) * DAY
    text = np.array(WORDS, dtype=object)[chance.integers(0, len(WORDS), contacts)]
    order = np.where(chance.random(contacts) < 0.5, [f"o{c}" for c in customer], None)
    keys = [f"k{c:08}" for c in customer]
    mentions = pa.table({"mention_id": ids, "origin": ["message"] * contacts, "conversation_id": ids, "text": text})
    mentions = mentions.append_column("order_id", pa.array(order, pa.string())).append_column("said_ms", [at_ms])
    topics = pa.table(
        {"mention_id": ids, "topic_id": [f"f{i % 9}.t{i % 45}" for i in n], "similarity": chance.random(contacts)}
    )
    talks = pa.table({"conversation_id": ids, "customer_key": keys, "first_key": keys, "language": ["en"] * contacts})
    talks = talks.append_column("order_id", pa.array(order, pa.string()))
    said = pa.table({"conversation_id": ids * 2, "seq": [1] * contacts + [2] * contacts})
    said = said.append_column("author", [["customer"] * contacts + ["agent"] * contacts])
    said = said.append_column("public", [[True] * 2 * contacts]).append_column(
        "sent_ms", [np.concatenate([at_ms, at_ms + 1])]
    )
    said = said.append_column("text", [[*text, *["Could you please send us a photo?"] * contacts]])
    return tuple(table.to_pandas(types_mapper=pd.ArrowDtype) for table in (mentions, topics, talks, said))


def main(contacts: int) -> None:
    """Print both."""
    sys.stdout.write(quality().round(3).to_string(index=False) + "\n")
    frames = made(contacts)
    families = {f"f{i % 9}.t{i % 45}": f"f{i % 9}" for i in range(45)}
    started = time.perf_counter()
    rows = issue_threads(*frames, families=families)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{len(rows):,} contacts in {seconds:.1f} s; {rows['kind'].value_counts().to_dict()}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
