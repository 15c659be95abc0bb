"""From mentions to vectors and topics: only new texts are embedded, nothing depends on the order of rows."""

import random

import numpy as np
import pytest

from insight import encoders, features
from insight.encoders import static
from insight.engines import ENGINES
from insight.pieces import text_hash
from insight.pooling import StaticTable
from insight.run import Run
from insight.schema import ENCODER_FEATURES, MENTION_TOPICS, MENTIONS, TOPIC_QUOTES, TOPICS, UNASSIGNED, VECTORS
from insight.settings import Encoder, Settings, Topics
from insight.store import conform
from jobs import topics, vectors
from tests.rows import START, table

SUBJECTS = ["the shoes are small", "where is my parcel", "refund the money please"]


class Counting:
    """A fake encoder: says what it was asked for, and puts texts that share words together."""

    name = "counting 1"
    asked: list[str] = []  # noqa: RUF012 - emptied before each test

    def encode(self, texts, tell):
        self.asked.extend(texts)
        rows = np.full((len(texts), 64), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[int(text_hash(word), 16) % 64] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def counting(monkeypatch):
    Counting.asked = []
    monkeypatch.setitem(encoders.ENCODERS, "static", lambda part: Counting())


@pytest.fixture(params=ENGINES)
def run(request):
    return Run(Settings(home=".", topics=Topics(min_mentions=8), encoder=Encoder()), ENGINES[request.param])


def mentions(each=12, seed=None):
    rows = [
        {
            "mention_id": f"m{subject}-{i:02}",
            "conversation_id": f"c{subject}-{i}",
            "customer_key": f"ann{i}",
            "text": f"{words} {'thing' * (i % 3)}{i}",
            "text_hash": text_hash(f"{words} {'thing' * (i % 3)}{i}"),
            "language": "en",
            "said_ms": START + i,
        }
        for subject, words in enumerate(SUBJECTS)
        for i in range(each)
    ]
    if seed is not None:
        random.Random(seed).shuffle(rows)
    return table(MENTIONS, *rows)


def embedded(run, said, previous=None, taught=None):
    previous = VECTORS.arrow.empty_table() if previous is None else previous
    taught = ENCODER_FEATURES.arrow.empty_table() if taught is None else taught
    frames = (run.engine.frame(rows) for rows in (said, taught, previous))
    return conform(VECTORS, vectors.work(*frames, run=run))


def found(run, said):
    frames = run.engine.frame(said), run.engine.frame(embedded(run, said))
    return [conform(t, rows) for t, rows in zip(topics.WRITES, topics.work(*frames, run=run), strict=True)]


def test_only_texts_that_no_earlier_run_has_embedded_are_embedded(run):
    first = embedded(run, mentions(each=5))
    assert len(Counting.asked) == 15
    Counting.asked.clear()
    both = embedded(run, mentions(each=6), first)
    assert len(Counting.asked) == 3
    assert both.equals(embedded(run, mentions(each=6)))


def test_vectors_of_texts_that_are_gone_and_of_another_encoder_are_dropped(run):
    rows = embedded(run, mentions())
    assert embedded(run, mentions(each=2), rows).num_rows == 6
    foreign = rows.set_column(1, VECTORS.arrow.field("encoder"), [["another"] * rows.num_rows])
    Counting.asked.clear()
    assert set(embedded(run, mentions(), foreign)["encoder"].to_pylist()) == {"counting 1"}
    assert len(Counting.asked) == rows.num_rows


def test_a_taught_encoder_makes_all_vectors_anew(run):
    rows = embedded(run, mentions())
    known = features.hashed(["the shoes are small"])[1]
    lesson = StaticTable.rounded(np.unique(known), np.eye(len(set(known)), 8, dtype=np.float32) + 1)
    taught = embedded(run, mentions(), rows, static.to_rows(lesson))
    assert set(taught["encoder"].to_pylist()) == {f"static {lesson.digest[:12]}"}
    assert {len(vector) for vector in taught["vector"].to_pylist()} == {8}
    assert taught.num_rows == rows.num_rows


def test_each_mention_has_a_topic_and_each_topic_a_name_words_and_quotes(run):
    card, placed, quotes = (rows.to_pylist() for rows in found(run, mentions()))
    assert len(placed) == 36
    assert {row["topic_id"] for row in placed} <= {row["topic_id"] for row in card}
    assert sum(row["mentions"] for row in card) == 36
    names = {row["name_en"] for row in card if row["topic_id"] != UNASSIGNED}
    assert len(names) == 3
    assert any("size" in name or "small" in name for name in names)
    assert {row["name_zh"] for row in card} >= {"暂未归类"}
    assert {row["rank"] for row in quotes} == {1, 2, 3}
    assert len(quotes) == 9


def test_shuffled_rows_and_other_engines_give_the_same():
    runs = [Run(Settings(home=".", topics=Topics(min_mentions=8)), engine) for engine in ENGINES.values()]
    results = [found(run, mentions(seed=seed)) for run in runs for seed in (None, 1, 2)]
    assert all(all(a.equals(b) for a, b in zip(result, results[0], strict=True)) for result in results)


def test_no_mentions_give_no_topic_but_the_one_for_the_rest(run):
    card, placed, quotes = found(run, mentions(each=0))
    assert card["topic_id"].to_pylist() == [UNASSIGNED]
    assert placed.equals(MENTION_TOPICS.arrow.empty_table())
    assert quotes.equals(TOPIC_QUOTES.arrow.empty_table())
    assert card.schema == TOPICS.arrow


def test_too_few_mentions_of_a_thing_stay_unassigned(run):
    card, placed, _ = found(run, mentions(each=3))
    assert card["topic_id"].to_pylist() == [UNASSIGNED]
    assert set(placed["topic_id"].to_pylist()) == {UNASSIGNED}
