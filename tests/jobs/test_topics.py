"""From mentions to vectors and topics: only new texts are embedded, nothing depends on the order of rows."""

import random

import numpy as np
import pyarrow as pa
import pytest

from insight import edits, encoders, features, placing, taxonomy, topic_ids
from insight.encoders import static
from insight.engines import ENGINES
from insight.model_names import NoAnswer
from insight.namer import Namer
from insight.pieces import text_hash
from insight.pooling import StaticTable
from insight.run import Run
from insight.schema import (
    ENCODER_FEATURES,
    MENTION_SENTIMENT,
    MENTION_TOPICS,
    MENTIONS,
    TOPIC_QUOTES,
    TOPICS,
    UNASSIGNED,
    VECTORS,
)
from insight.settings import Encoder, Names, Settings, Topics
from insight.store import conform
from jobs import topics, vectors
from tests.rows import DAY, START, table

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


PHRASES = []


@pytest.fixture(autouse=True)
def counting(monkeypatch):
    """The fake encoder, and a taxonomy whose leaves have no phrases unless a test tells some."""
    Counting.asked = []
    PHRASES.clear()
    monkeypatch.setitem(encoders.ENCODERS, "static", lambda part: Counting())
    monkeypatch.setattr(taxonomy, "phrases", lambda: tuple(PHRASES))
    monkeypatch.setattr(placing, "phrases", lambda: tuple(PHRASES))


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


def found(run, said, before=(), told=(), *, unhappy=(), model=None):
    """What the job says: tags, history, quotes, topics and assignments; `before` is what it said last time."""
    tables = dict(zip(topics.WRITES, before, strict=True)) if before else {}
    previous = (run.engine.frame(tables.get(r.table, r.table.arrow.empty_table())) for r in topics.READS[5:])
    moods = table(MENTION_SENTIMENT, *({"mention_id": m, "label": "negative"} for m in unhappy))
    frames = run.engine.frame(said), run.engine.frame(embedded(run, said)), run.engine.frame(moods)
    rows = topics.work(*frames, told, model or Namer(Names()), *previous, run=run)
    return [conform(t, part) for t, part in zip(topics.WRITES, rows, strict=True)]


def places(rows):
    """The topic of each mention."""
    return {row["mention_id"]: row["topic_id"] for row in rows[-1].to_pylist()}


def spoken(rows):
    """The topics that somebody speaks of, by id."""
    return {row["topic_id"]: row for row in rows[-2].to_pylist() if row["mentions"] and row["topic_id"] != UNASSIGNED}


def edit(kind, **told):
    return edits.made(kind, at_ms=START, who="mei", **told)


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
    _, history, quotes, card, placed = (rows.to_pylist() for rows in found(run, mentions()))
    assert len(placed) == 36
    assert {row["topic_id"] for row in placed} <= {row["topic_id"] for row in card}
    assert sum(row["mentions"] for row in card) == 36
    names = {row["name_en"] for row in card if row["kind"] == "found"}
    assert len(names) == 3
    assert any("size" in name or "small" in name for name in names)
    assert {row["name_zh"] for row in card} >= {"暂未归类"}
    assert {row["rank"] for row in quotes} == {1, 2, 3}
    assert len(quotes) == 9
    assert {"born"} == {row["event"] for row in history}


def test_topics_of_the_taxonomy_are_there_with_nobody_speaking_of_them(run):
    card = {row["topic_id"]: row for row in found(run, mentions())[-2].to_pylist()}
    leaf = card["sizing.too_small"]
    assert ("seed", "live", "sizing", 0) == (leaf["kind"], leaf["state"], leaf["family"], leaf["mentions"])
    assert ("taxonomy", "尺码偏小") == (leaf["named_by"], leaf["name_zh"])


def test_what_a_phrase_says_goes_to_its_leaf_and_only_the_rest_is_clustered(run):
    for topic, words in (("sizing.too_small", SUBJECTS[0]), ("account.warranty", "the warranty of my toaster")):
        PHRASES.extend(taxonomy.Phrase(f"{words} {more}", "en", topic) for more in range(24))
    rows = found(run, mentions())
    assert 12 == spoken(rows)["sizing.too_small"]["mentions"]
    assert {"seed": 12, "found": 24} == {
        how: rows[-1]["how"].to_pylist().count(how) for how in set(rows[-1]["how"].to_pylist())
    }


def test_old_mentions_keep_their_topic_and_new_ones_join_it(run):
    first = found(run, mentions(each=12))
    second = found(run, mentions(each=20), first)
    before, after = places(first), places(second)
    assert before == {mention: after[mention] for mention in before}
    assert set(after.values()) == set(before.values())
    assert {"new"} == {row["state"] for row in spoken(first).values()}
    assert {"candidate"} == {row["state"] for row in spoken(second).values()}
    versions = {row["mention_id"]: row["version"] for row in second[-1].to_pylist()}
    assert {1} == {versions[mention] for mention in before}
    assert {2} == {version for mention, version in versions.items() if mention not in before}


def test_a_run_that_has_nothing_new_says_the_same_again(run):
    first = found(run, mentions())
    assert all(a.equals(b) for a, b in zip(first, found(run, mentions(), first), strict=True))


def test_a_run_cut_short_between_two_tables_is_done_again_alike(run):
    first = found(run, mentions(each=12))
    whole = found(run, mentions(each=20), first)
    for written in range(len(whole)):
        torn = [*whole[:written], *first[written:]]
        assert all(a.equals(b) for a, b in zip(whole, found(run, mentions(each=20), torn), strict=True))


def test_edits_outlive_new_data_and_leave_everything_else_alone(run):
    first = found(run, mentions(each=12))
    shoes, parcel, refund = (places(first)[f"m{subject}-00"] for subject in range(3))
    told = (
        edit("rename", topic_id=shoes, value="Runs small", language="en"),
        edit("merge", topic_id=refund, other_id=parcel),
        edit("split", topic_id=shoes, mentions=("m0-00", "m0-01")),
    )
    tags, history, _, _, _ = second = found(run, mentions(each=20), first, told)
    after, topic = places(second), {row["topic_id"]: row for row in second[-2].to_pylist()}
    assert ("Runs small", "person") == (topic[shoes]["name_en"], topic[shoes]["named_by"])
    assert ("merged", parcel, 0) == (topic[refund]["state"], topic[refund]["merged_into"], topic[refund]["mentions"])
    assert {parcel} == {after[f"m{subject}-{i:02}"] for subject in (1, 2) for i in range(20)}
    assert after["m0-00"] == after["m0-01"] == told[2].born
    assert {shoes} == {after[f"m0-{i:02}"] for i in range(2, 12)}
    assert {"merged into", "took in", "renamed", "split off", "split from"} <= set(history["event"].to_pylist())
    assert 0 == len(tags)
    undone = (*told, *(edit("undo", other_id=one.edit_id) for one in told))
    third = places(found(run, mentions(each=20), second, undone))
    assert places(first) == {mention: third[mention] for mention in places(first)}


def test_a_topic_that_nobody_speaks_of_any_more_is_retired_and_comes_back(run):
    first = found(run, mentions(each=12))
    late = mentions(each=12).to_pandas()
    late["said_ms"] += topic_ids.SILENT_MS + 1000 * DAY * late["mention_id"].str.startswith("m1")
    late["mention_id"] += "-late"
    both = pa.concat_tables(
        [
            mentions(each=12),
            pa.Table.from_pandas(late[late["mention_id"].str.startswith("m1")], MENTIONS.arrow, preserve_index=False),
        ]
    )
    second = found(run, both, first)
    states = {row["topic_id"]: row["state"] for row in second[-2].to_pylist()}
    assert "retired" == states[places(first)["m0-00"]]
    assert "candidate" == states[places(first)["m1-00"]]


def test_shuffled_rows_and_other_engines_give_the_same():
    runs = [Run(Settings(home=".", topics=Topics(min_mentions=8)), engine) for engine in ENGINES.values()]
    results = [found(run, mentions(seed=seed)) for run in runs for seed in (None, 1, 2)]
    assert all(all(a.equals(b) for a, b in zip(result, results[0], strict=True)) for result in results)


def test_no_mentions_give_no_found_topic(run):
    _, _, quotes, card, placed = found(run, mentions(each=0))
    assert {"seed", "none"} == set(card["kind"].to_pylist())
    assert 0 == sum(card["mentions"].to_pylist())
    assert placed.equals(MENTION_TOPICS.arrow.empty_table())
    assert quotes.equals(TOPIC_QUOTES.arrow.empty_table())
    assert card.schema == TOPICS.arrow


@pytest.mark.parametrize(("each", "customers"), [(3, 3), (12, 4)])
def test_what_too_few_mentions_or_customers_speak_of_stays_unassigned(run, each, customers):
    said = mentions(each=each).to_pandas()
    said["customer_key"] = "ann" + (said["mention_id"].str[-2:].astype(int) % customers).astype(str)
    rows = found(run, pa.Table.from_pandas(said, MENTIONS.arrow, preserve_index=False))
    assert {UNASSIGNED} == set(places(rows).values())


class Model:
    """A fake model: gives every topic the name that its first word has here."""

    name, most = "tiny", 60
    answers = {"parcel": '{"en": "Parcel does not arrive", "zh": "包裹没有到达"}', "shoes": "no idea"}  # noqa: RUF012

    def __init__(self):
        self.asked = 0

    def ask(self, task, material):
        self.asked += 1
        told = next((answer for word, answer in self.answers.items() if f'"{word}"' in material), None)
        if told is None:
            raise NoAnswer("took too long")
        return told


def test_a_model_names_what_it_can_and_a_run_without_changes_asks_nothing_about_it(run):
    model = Model()
    first = found(run, mentions(), model=model)
    by = {row["naming"]: row for row in spoken(first).values()}
    assert ["named", "no answer: took too long", "refused: no JSON"] == sorted(by)
    assert ("Parcel does not arrive", "model", "tiny") == tuple(
        by["named"][k] for k in ("name_en", "named_by", "naming_model")
    )
    assert {"rule"} == {row["named_by"] for naming, row in by.items() if naming != "named"}
    assert 3 == model.asked
    again = found(run, mentions(), first, model=model)
    assert again[3].equals(first[3])
    assert 4 == model.asked  # only about the topic for which there was no answer
    off = found(run, mentions(), first)
    assert {"rule"} == {row["named_by"] for row in spoken(off).values()}


def test_the_card_tells_what_the_unhappy_say_more_than_others(run):
    shoes = "shoes lace sole heel toe tongue strap buckle lining stitch leather rubber"
    rows = mentions(each=50).to_pylist()
    for row in rows:
        row["text"] = row["text"].replace("the shoes are small", shoes) + " hinge" * (row["mention_id"][3:] > "39")
        row["text_hash"] = text_hash(row["text"])
    said = table(MENTIONS, *rows)
    found_ids = [topic for topic, row in spoken(found(run, said)).items() if "lace" in row["words"]]
    together = [edit("merge", topic_id=other, other_id=found_ids[0]) for other in found_ids[1:]]
    angry = [row["mention_id"] for row in rows if "hinge" in row["text"]]
    assert ["hinge"] == spoken(found(run, said, told=together, unhappy=angry))[found_ids[0]]["why"]
    assert [] == spoken(found(run, said, told=together))[found_ids[0]]["why"]
