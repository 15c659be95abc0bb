"""Input of which no topic can be made, or hardly: each has its outcome, from mentions through the whole job."""

import dataclasses
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from insight import edits, pieces, placing, taxonomy
from insight.edit_checks import check
from insight.edits import EditError, known
from insight.engines import ENGINES
from insight.pieces import text_hash
from insight.run import Run
from insight.schema import ENCODER_FEATURES, MENTION_TOPICS, MENTIONS, TOPICS, UNASSIGNED, VECTORS, Table
from insight.settings import Settings, Topics
from insight.store import Store, conform
from jobs import topics, vectors
from tests.rows import START, table

RUN = Run(Settings(home=".", topics=Topics(min_mentions=8)), ENGINES["local"])
LEAVES = {leaf.topic_id for leaf in taxonomy.leaves()}


def mentions(texts, language="en"):
    """Each text as a mention of a customer of its own."""
    return table(
        MENTIONS,
        *(
            {
                "mention_id": f"m{at:04}",
                "conversation_id": f"c{at}",
                "origin_id": f"o{at}",
                "customer_key": f"ann{at}",
                "text": text,
                "text_hash": text_hash(text),
                "language": language,
                "said_ms": START + at,
            }
            for at, text in enumerate(texts)
        ),
    )


KNOWN, FITTED = {}, {}


@pytest.fixture(scope="module", autouse=True)
def fitted_once():
    """The same lessons make the same head, so that each is fitted once for all tests."""
    real = placing.fit

    def fit(*lessons):
        key = tuple(part.tobytes() if isinstance(part, np.ndarray) else tuple(part) for part in lessons)
        if key not in FITTED:
            FITTED[key] = real(*lessons)
        return FITTED[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "fit", fit)
        yield


def embedded(said):
    """As the vectors job, the phrases of the taxonomy once for all tests."""
    previous = KNOWN.get("phrases", VECTORS.arrow.empty_table())
    frames = (RUN.engine.frame(rows) for rows in (said, ENCODER_FEATURES.arrow.empty_table(), previous))
    rows = conform(VECTORS, vectors.work(*frames, run=RUN))
    KNOWN.setdefault("phrases", rows)
    return rows


class NoModel:
    """A fake of the language model that names topics: it is switched off."""

    name = ""
    most = 0


def job(said, before=(), told=()):
    """What the topics job writes, by table; `before` is what it wrote last time."""
    there = {MENTIONS.name: said, VECTORS.name: embedded(said)}
    inputs = {}
    for read in topics.READS:
        table = getattr(read, "table", read)
        rows = (dict(before) if table is not read else there).get(table.name)
        if isinstance(table, Table):
            inputs[read] = RUN.engine.frame(table.arrow.empty_table() if rows is None else rows)
    rows = topics.work(*(inputs.get(r, told if r is edits.EDITS else NoModel()) for r in topics.READS), run=RUN)
    return {t.name: conform(t, part) for t, part in zip(topics.WRITES, rows, strict=True)}


def placed(found):
    return dict(zip(*(found["mention_topics"][name].to_pylist() for name in ("mention_id", "topic_id")), strict=True))


def spoken(found):
    return {row["topic_id"]: row for row in found["topics"].to_pylist() if row["mentions"]}


def closes(found, said):
    """Every mention has one row, and the topics' counts add up to them."""
    assert said["mention_id"].to_pylist() == found["mention_topics"]["mention_id"].to_pylist()
    assert len(said) == sum(found["topics"]["mentions"].to_pylist())
    again = job(said, found)
    assert all(again[name].equals(rows) for name, rows in found.items()), "nothing new, nothing changed"


EMOJI = ["😀", "👍👍", "😡😡😡", "❤️", "🙏🏽", "📦❓", "😭", "🤷‍♀️", "🔥", "🎉🎉", "💔", "👎"]
UNKNOWN_LANGUAGE = [
    f"{one} {two}"
    for one in ("qurzik vlemto", "ᚠᚢᚦᚨᚱᚲ ᚷᚹᚺ", "ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ", "ꦧꦱꦗꦮ ꦲꦏ꧀ꦱ")
    for two in ("zin", "dror", "ⵜⴰ", "ꦥ", "ᛁ")
]


@pytest.mark.parametrize("text", ["where is my parcel", "😀", "x", "!!!", "ᚠᚢᚦᚨᚱᚲ"])
def test_one_mention_has_a_row_and_makes_no_topic_of_its_own(text):
    said = mentions([text])
    found = job(said)
    assert set(placed(found).values()) <= LEAVES | {UNASSIGNED}
    closes(found, said)


def test_one_mention_that_the_taxonomy_knows_has_its_leaf():
    phrase = taxonomy.phrases()[0]
    assert {phrase.topic_id, UNASSIGNED} >= set(placed(job(mentions([phrase.text]))).values())


def test_what_all_say_in_the_same_words_is_one_topic():
    for text in ("the frobnicator wobbles at dusk", "zzz"):
        said = mentions([text] * 30)
        found = job(said)
        assert 1 == len(set(placed(found).values()))
        assert [30] == [row["mentions"] for row in spoken(found).values()]
        closes(found, said)


def test_what_few_customers_say_again_and_again_is_no_topic():
    said = mentions(["the frobnicator wobbles at dusk"] * 30).to_pandas()
    said["customer_key"] = "ann"
    said = pa.Table.from_pandas(said, MENTIONS.arrow, preserve_index=False)
    assert set(placed(job(said)).values()) <= LEAVES | {UNASSIGNED}


def test_emoji_alone_are_no_mention_and_counted_as_such():
    for text in EMOJI:
        assert ["no_words"] == [piece.reason for piece in pieces.split(text)], text


def test_emoji_that_come_as_mentions_all_the_same_are_counted_and_named():
    said = mentions(EMOJI * 3)
    found = job(said)
    assert all(row["name_en"].strip() and row["name_zh"].strip() for row in spoken(found).values())
    closes(found, said)


def test_a_language_that_nobody_knows_is_counted_and_falls_into_no_leaf():
    said = mentions(UNKNOWN_LANGUAGE * 2, "unknown")
    found = job(said)
    closes(found, said)
    sure = [topic for topic in placed(found).values() if topic in LEAVES]
    assert len(sure) <= len(said) / 10, sure


def test_many_copies_cost_as_their_distinct_texts():
    words = ["where is my parcel", "the frobnicator wobbles at dusk", "refund the money please"]
    few = job(mentions(words * 20))
    count = 100_000
    said = mentions(words).to_pandas()
    said = said.loc[np.arange(count) % 3].reset_index(drop=True)
    for column, lead in (("mention_id", "m"), ("conversation_id", "c"), ("origin_id", "o"), ("customer_key", "ann")):
        said[column] = lead + pd.Series(np.arange(count)).astype("str").str.zfill(7)
    said = pa.Table.from_pandas(said, MENTIONS.arrow, preserve_index=False)
    began = time.process_time()
    found = job(said)
    assert time.process_time() - began < 20
    by_text = dict(zip(said["text"].to_pylist(), placed(found).values(), strict=True))
    assert by_text == dict(zip(words, list(placed(few).values())[:3], strict=True))
    assert count == sum(found["topics"]["mentions"].to_pylist())


# ---------------------------------------------------------------- edits that cannot stand

BROKEN = [
    f"{thing} {what} {n}"
    for thing, what in (("frobnicator", "wobbles"), ("snorkel", "whistles"))
    for n in "abcdefghijkl"
]


def edit(kind, **content):
    return edits.made(kind, at_ms=START, who="mei", **content)


@pytest.fixture(scope="module")
def small():
    """A run over two found topics, with their ids."""
    said = mentions(BROKEN)
    return said, job(said)


def test_an_edit_on_an_id_that_does_not_exist_is_refused_with_the_nearest_and_waits_if_it_came_before(small):
    said, found = small
    machine = known(found["topics"].to_pandas().assign(state=lambda rows: rows["automatic_state"]))
    with pytest.raises(EditError, match=r"sizing\.too_small"):
        check(edit("mute", topic_id="sizing.to_small"), machine, (), placed(found))
    told = (edit("mute", topic_id="sizing.to_small"), edit("merge", topic_id="tffffffffff", other_id="t0000000000"))
    after = job(said, found, told)
    assert placed(found) == placed(after)
    outcomes = edits.stand(told, machine).outcomes
    assert [("waiting", "no topic sizing.to_small"), ("waiting", "no topic tffffffffff")] == list(outcomes.values())


def test_a_merge_loop_is_refused_and_of_a_ledger_that_has_one_the_last_merge_waits(small):
    said, found = small
    one, two = "sizing.too_small", "sizing.too_large"
    machine = known(found["topics"].to_pandas().assign(state=lambda rows: rows["automatic_state"]))
    first, second = edit("merge", topic_id=one, other_id=two), edit("merge", topic_id=two, other_id=one)
    with pytest.raises(EditError, match=f"{two} → {one} → {two}|{one} → {two} → {one}"):
        check(second, machine, (first,), placed(found))
    after = {row["topic_id"]: row for row in job(said, found, (first, second))["topics"].to_pylist()}
    assert ("merged", two) == (after[one]["state"], after[one]["merged_into"])
    assert "live" == after[two]["state"]


def test_of_two_edits_that_contradict_the_later_one_counts(small):
    said, found = small
    told = (
        edit("move", other_id="sizing.too_small", mentions=["m0000"]),
        edit("move", other_id="sizing.too_large", mentions=["m0000"]),
        edit("rename", topic_id="sizing.too_small", value="Tight", language="en"),
        edit("rename", topic_id="sizing.too_small", value="Narrow", language="en"),
    )
    after = job(said, found, told)
    assert "sizing.too_large" == placed(after)["m0000"]
    assert "Narrow" == {row["topic_id"]: row["name_en"] for row in after["topics"].to_pylist()}["sizing.too_small"]
    assert placed(found) == placed(job(said, after, (*told, *(edit("undo", other_id=e.edit_id) for e in told))))


# ---------------------------------------------------------------- a lake of an earlier version

BEFORE = ("topic_id", "name_en", "name_zh", "words", "mentions", "customers", "share", "first_said_ms", "last_said_ms")
"""Columns of topics when they had no states, and assignments had no versions."""


def test_topics_of_a_lake_that_an_earlier_version_wrote_keep_their_ids(small, tmp_path):
    said, found = small
    store = Store(tmp_path)
    for now, columns in ((TOPICS, BEFORE), (MENTION_TOPICS, ("mention_id", "topic_id", "similarity"))):
        older = dataclasses.replace(
            now, columns=tuple(c for c in now.columns if c.name.replace("_at", "_ms") in columns)
        )
        store.write(older, found[now.name].select(columns), fingerprint="f")
    read = {now.name: store.read(now) for now in (TOPICS, MENTION_TOPICS)}
    assert placed(found) == placed(job(said, read))
    more = mentions([*BROKEN, *(f"{text} again" for text in BROKEN)])
    after = job(more, read)
    assert placed(found) == {m: topic for m, topic in placed(after).items() if m in placed(found)}
    states = {row["topic_id"]: row["state"] for row in after["topics"].to_pylist() if row["kind"] == "found"}
    assert {topic for topic in placed(found).values() if topic not in LEAVES | {UNASSIGNED}} <= set(states)
    assert UNASSIGNED not in states


# ---------------------------------------------------------------- mentions that are gone


def test_edits_on_mentions_that_are_gone_change_nothing_else_and_are_told(small):
    said, found = small
    gone = ["m0000", "m0001"]
    rest = said.filter(pa.compute.invert(pa.compute.is_in(said["mention_id"], pa.array(gone))))
    told = (
        edit("tag", topic_id="sizing.too_small", mentions=["m0000", "m0005"]),
        edit("move", other_id="sizing.too_large", mentions=["m0001"]),
        edit("split", topic_id=placed(found)["m0002"], mentions=["m0000", "m0001"]),
    )
    after = job(rest, found, told)
    assert {m: topic for m, topic in placed(found).items() if m not in gone} == placed(after)
    assert ["m0005"] == after["mention_tags"]["mention_id"].to_pylist()
    assert not set(gone) & {m for name in after for row in after[name].to_pylist() for m in row.values() if m in gone}
    rows = after["mention_topics"].to_pandas()
    topics_now = (
        after["topics"].to_pandas().query("topic_id != @UNASSIGNED").assign(state=lambda t: t["automatic_state"])
    )
    outcomes = edits.replay(told, rows.assign(topic_id=rows["automatic_id"]), topics_now).outcomes
    assert [1, 1, 2] == outcomes["waits_for"].tolist()


# ---------------------------------------------------------------- muted topics


def test_a_muted_topic_stays_counted_and_muted_in_later_runs_until_that_is_undone(small):
    said, found = small
    topic = next(t for t in placed(found).values() if t != UNASSIGNED)
    mute = edit("mute", topic_id=topic)
    first = job(said, found, (mute,))
    second = job(said, first, (mute,))
    undone = job(said, second, (mute, edit("undo", other_id=mute.edit_id)))
    for after, state in ((first, "muted"), (second, "muted"), (undone, "new")):
        row = spoken(after)[topic]
        assert (state, spoken(found)[topic]["mentions"]) == (row["state"], row["mentions"])
        assert placed(found) == placed(after)
