"""Topics as people see them: the published ones, under the edits made since."""

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from insight.curated import Curated
from insight.edits import replay, stand
from insight.errors import PublishedError
from insight.schema import UNASSIGNED
from tests.edits import PARCELS, REFUNDS, SIZES, TOPICS, ZIPS, assigned, edit, publish, undo
from tests.test_edits import ledgers


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("world"))


def topics(now):
    return {row["topic_id"]: row for row in now.topics()}


def test_topics_are_counted_with_what_fits_none_and_shares_that_sum_to_one(published):
    now = topics(Curated(published, []))
    assert {t: row["mentions"] for t, row in now.items()} == {SIZES: 3, PARCELS: 2, REFUNDS: 1, ZIPS: 2, UNASSIGNED: 1}
    assert next(iter(now)) == SIZES
    assert now[SIZES]["customers"] == 3
    assert sum(row["share"] for row in now.values()) == pytest.approx(1)
    assert (now[SIZES]["name_zh"], now[SIZES]["family"], now[SIZES]["words"]) == (
        "尺码偏小",
        "shop",
        ["small", "tight"],
    )


def test_edits_since_the_last_run_are_seen_at_once(published):
    split = edit("split", SIZES, mentions=["m1"])
    merge = edit("merge", ZIPS, into=split.born)
    now = Curated(published, [split, merge, edit("rename", PARCELS, name="Late")])
    rows = topics(now)
    assert rows[split.born]["mentions"] == 3
    assert rows[ZIPS]["mentions"] == 0
    assert (rows[ZIPS]["state"], rows[ZIPS]["merged_into"]) == ("merged", split.born)
    assert rows[PARCELS]["name_en"] == "Late"
    assert rows[split.born]["name_en"] == split.born
    assert {said["mention_id"]: said["by_hand"] for said in now.said(split.born)} == {
        "m1": True,
        "m6": False,
        "m7": False,
    }


def test_mentions_of_a_topic_begin_with_its_quotes_and_are_found_by_words(published):
    now = Curated(published, [])
    assert [said["mention_id"] for said in now.said(SIZES)] == ["m2", "m1", "m0"]
    assert [said["mention_id"] for said in now.said(SIZES, "ZIPPER small")] == ["m1"]
    assert [said["mention_id"] for said in now.said(ZIPS, "拉链")] == ["m7"]
    assert now.said(SIZES, "%") == now.said("no.such") == []


def test_how_many_mentions_an_edit_moves(published):
    start = stand([], Curated(published, []).machine)
    merge, move = edit("merge", SIZES, into=PARCELS), edit("move", into=PARCELS, mentions=["m0", "m8", "gone"])
    assert Curated(published, [merge]).changed(start) == 3
    assert Curated(published, [move]).changed(start) == 2
    assert Curated(published, [move, merge]).changed(start) == 4
    assert Curated(published, [merge, undo(merge)]).changed(start) == 0
    assert Curated(published, [edit("mute", SIZES)]).changed(start) == 0


@given(ledgers(tags=True))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_seen_before_a_run_is_what_the_run_will_say(published, ledger):
    now, then = Curated(published, ledger), replay(ledger, assigned(), TOPICS)
    seen = {row["topic_id"]: row["mentions"] for row in now.topics() if row["mentions"]}
    assert seen == then.assignments["topic_id"].value_counts().to_dict()
    assert now.changed(stand([], now.machine)) == (then.assignments["topic_id"] != assigned()["topic_id"]).sum()
    states = then.topics.set_index("topic_id")["state"].to_dict()
    assert states == {row["topic_id"]: row["state"] for row in now.topics() if row["topic_id"] != UNASSIGNED}


def test_a_file_from_before_topics_could_be_edited_says_what_to_do():
    class Old:
        def rows(self, query, params=()):
            raise duckdb.BinderException("no column automatic_state")

    with pytest.raises(PublishedError, match="insight run"):
        Curated(Old(), [])
