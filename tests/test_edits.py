"""What edits come to: as a person expects, and as a slow second reading of the ledger says."""

import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.edits import made, replay
from insight.schema import UNASSIGNED
from tests.edits import PARCELS, REFUNDS, SIZES, TOPICS, ZIPS, assigned, edit, undo


def after(*ledger, rows=None, topics=TOPICS):
    return replay(ledger, assigned(rows), topics)


def topic_of(replayed):
    rows = replayed.assignments
    return dict(zip(rows["mention_id"], rows["topic_id"], strict=True))


def topic(replayed, topic_id):
    return replayed.topics.set_index("topic_id").loc[topic_id].to_dict()


def outcome(replayed, one):
    row = replayed.outcomes.set_index("edit_id").loc[one.edit_id]
    return row["outcome"], row["by"]


def pairs(rows, *columns):
    return list(zip(*(rows[c] for c in columns), strict=True))


# ---------------------------------------------------------------- one kind at a time


def test_without_edits_all_is_as_the_machine_said():
    replayed = after()
    assert replayed.assignments.drop(columns="automatic_id").equals(assigned())
    assert list(replayed.topics["state"]) == ["live", "live", "candidate", "new"]
    assert all(rows.empty for rows in (replayed.tags, replayed.history, replayed.examples, replayed.outcomes))


def test_a_name_outlives_a_run_that_names_anew():
    renamed = edit("rename", REFUNDS, name="Money back")
    anew = TOPICS.assign(name_en="another name")
    for topics in (TOPICS, anew):
        assert topic(after(renamed, topics=topics), REFUNDS)["name_en"] == "Money back"
    assert topic(after(renamed), REFUNDS)["name_zh"] == "退款"
    assert topic(after(renamed, topics=anew), ZIPS)["name_en"] == "another name"


def test_of_two_names_in_one_language_the_later_counts_and_an_undo_brings_back_the_first():
    first, second = edit("rename", SIZES, name="Too small"), edit("rename", SIZES, name="Tight")
    chinese = edit("rename", SIZES, name="太小", language="zh")
    replayed = after(first, second, chinese)
    assert (topic(replayed, SIZES)["name_en"], topic(replayed, SIZES)["name_zh"]) == ("Tight", "太小")
    assert outcome(replayed, first) == ("overruled", second.edit_id)
    back = after(first, second, chinese, undo(second))
    assert topic(back, SIZES)["name_en"] == "Too small"
    assert outcome(back, first) == ("stands", "")


def test_a_merge_takes_later_mentions_along_and_no_others():
    merge = edit("merge", ZIPS, into=SIZES)
    later = {"m0": SIZES, "m6": ZIPS, "m7": ZIPS, "m99": ZIPS, "m3": PARCELS, "m8": UNASSIGNED}
    replayed = after(merge, rows=later)
    assert topic_of(replayed) == later | dict.fromkeys(["m6", "m7", "m99"], SIZES)
    assert topic(replayed, ZIPS)["state"] == "merged"
    assert topic(replayed, ZIPS)["merged_into"] == SIZES
    assert list(replayed.assignments["automatic_id"]) == list(later.values())


def test_merges_follow_each_other_to_the_end():
    chain = [edit("merge", ZIPS, into=REFUNDS), edit("merge", REFUNDS, into=PARCELS)]
    assert set(topic_of(after(*chain)).values()) == {SIZES, PARCELS, UNASSIGNED}
    assert topic(after(*chain), ZIPS)["merged_into"] == PARCELS


def test_a_split_makes_a_topic_whose_id_follows_from_the_edit():
    split = edit("split", SIZES, mentions=["m1", "m0"])
    replayed = after(split)
    assert [m for m, t in topic_of(replayed).items() if t == split.born] == ["m0", "m1"]
    assert topic_of(replayed)["m2"] == SIZES
    born = topic(replayed, split.born)
    assert (born["kind"], born["state"]) == ("found", "live")
    assert pd.isna(born["name_en"])
    assert list(replayed.assignments["how"])[:3] == ["manual", "manual", "seed"]
    assert pairs(replayed.history, "topic_id", "event", "other_id") == [
        (SIZES, "split off", split.born),
        (split.born, "split from", SIZES),
    ]


def test_mentions_that_the_machine_later_puts_into_a_split_off_topic_return_when_the_split_is_undone():
    split = edit("split", SIZES, mentions=["m0"])
    rows = {"m0": SIZES, "m1": SIZES, "m50": split.born}
    assert topic_of(after(split, rows=rows)) == {"m0": split.born, "m1": SIZES, "m50": split.born}
    assert topic_of(after(split, undo(split), rows=rows)) == dict.fromkeys(rows, SIZES)
    merged = [split, undo(split), edit("merge", SIZES, into=PARCELS)]
    assert topic_of(after(*merged, rows=rows)) == dict.fromkeys(rows, PARCELS)


def test_topics_that_people_split_off_are_not_taken_from_the_last_run():
    split = edit("split", SIZES, mentions=["m0"])
    last = pd.concat([TOPICS, TOPICS.head(1).assign(topic_id=split.born, state="muted")])
    assert topic(after(split, topics=last), split.born)["state"] == "live"
    assert split.born not in set(after(split, undo(split), topics=last).topics["topic_id"])


def test_a_moved_mention_is_where_a_person_put_it_whatever_the_machine_says_later():
    move = edit("move", into=PARCELS, mentions=["m0"])
    for said in (SIZES, ZIPS, UNASSIGNED, "a.topic.that.is.gone"):
        assert topic_of(after(move, rows={"m0": said})) == {"m0": PARCELS}


def test_a_mention_can_be_moved_out_of_all_topics():
    replayed = after(edit("move", into=UNASSIGNED, mentions=["m0"]))
    row = replayed.assignments.iloc[0]
    assert (row["topic_id"], row["similarity"], row["how"]) == (UNASSIGNED, 0.0, "manual")
    assert replayed.examples.empty


def test_mute_unmute_accept_and_reject_change_states_and_an_undo_takes_them_back():
    mute, accept = edit("mute", REFUNDS), edit("accept", REFUNDS)
    assert topic(after(mute, accept), REFUNDS)["state"] == "muted"
    assert topic(after(mute, accept, edit("unmute", REFUNDS)), REFUNDS)["state"] == "live"
    assert topic(after(mute, accept, undo(accept), undo(mute)), REFUNDS)["state"] == "candidate"
    assert topic(after(accept, topics=TOPICS.assign(state="retired")), REFUNDS)["state"] == "retired"


def test_mentions_of_a_rejected_topic_have_none_until_it_is_accepted():
    reject = edit("reject", ZIPS)
    replayed = after(reject)
    assert topic(replayed, ZIPS)["state"] == "retired"
    assert [topic_of(replayed)[m] for m in ("m6", "m7")] == [UNASSIGNED] * 2
    assert list(replayed.assignments["how"])[6:8] == ["none"] * 2
    assert list(replayed.assignments["similarity"])[6:8] == [0.0] * 2
    assert topic_of(after(reject, edit("accept", ZIPS))) == topic_of(after())


def test_manual_tags_stand_beside_the_machines_topic():
    tag = edit("tag", PARCELS, mentions=["m0", "m5"], who="bob")
    replayed = after(tag, edit("tag", REFUNDS, mentions=["m0"]), edit("untag", PARCELS, mentions=["m5"]))
    assert topic_of(replayed) == topic_of(after())
    assert pairs(replayed.tags, "mention_id", "topic_id", "who") == [("m0", PARCELS, "bob"), ("m0", REFUNDS, "ann")]


def test_a_tag_follows_a_merge_and_is_taken_off_by_the_name_of_either():
    ledger = [edit("tag", ZIPS, mentions=["m0"]), edit("merge", ZIPS, into=PARCELS)]
    assert pairs(after(*ledger).tags, "mention_id", "topic_id") == [("m0", PARCELS)]
    assert after(*ledger, edit("untag", PARCELS, mentions=["m0"])).tags.empty


def test_what_people_confirm_teaches_the_head():
    ledger = [
        edit("move", into=PARCELS, mentions=["m0"]),
        edit("tag", REFUNDS, mentions=["m1"]),
        edit("accept", ZIPS, mentions=["m6", "m7"]),
        edit("move", into=SIZES, mentions=["m7", "gone"]),
        edit("reject", REFUNDS),
    ]
    learned = {("m0", PARCELS), ("m6", ZIPS), ("m7", SIZES)}
    assert set(pairs(after(*ledger).examples, "mention_id", "topic_id")) == learned
    assert ("m1", REFUNDS) in pairs(after(*ledger[:4]).examples, "mention_id", "topic_id")


# ---------------------------------------------------------------- what is not there, and what contradicts


def test_edits_on_mentions_that_are_gone_are_kept_and_wait_for_them():
    split = edit("split", SIZES, mentions=["m0", "lost1", "lost2"])
    replayed = after(split)
    assert pairs(replayed.outcomes, "outcome", "waits_for") == [("stands", 2)]
    assert topic_of(after(split, rows={"lost1": PARCELS})) == {"lost1": split.born}


def test_edits_on_a_topic_that_is_not_there_wait_for_it():
    rename = edit("rename", REFUNDS, name="Money back")
    without = TOPICS[TOPICS["topic_id"] != REFUNDS]
    assert outcome(after(rename, topics=without), rename) == ("waiting", f"no topic {REFUNDS}")
    assert topic(after(rename), REFUNDS)["name_en"] == "Money back"


def test_edits_on_a_split_that_is_undone_wait_until_it_stands_again():
    split = edit("split", SIZES, mentions=["m0"])
    rename, move = edit("rename", split.born, name="Tight toes"), edit("move", into=split.born, mentions=["m3"])
    gone = undo(split)
    ledger = [split, rename, move, gone]
    assert topic_of(after(*ledger)) == topic_of(after())
    assert outcome(after(*ledger), rename)[0] == outcome(after(*ledger), move)[0] == "waiting"
    back = after(*ledger, undo(gone))
    assert topic(back, split.born)["name_en"] == "Tight toes"
    assert {m for m, t in topic_of(back).items() if t == split.born} == {"m0", "m3"}


def test_a_merge_that_would_close_a_loop_is_left_out_even_where_nobody_checked():
    ledger = [edit("merge", SIZES, into=PARCELS), edit("merge", PARCELS, into=ZIPS), edit("merge", ZIPS, into=SIZES)]
    replayed = after(*ledger)
    assert topic_of(replayed)["m0"] == ZIPS
    assert outcome(replayed, ledger[2]) == ("waiting", f"a loop through {SIZES}")
    assert topic_of(after(edit("merge", SIZES, into=SIZES))) == topic_of(after())


def test_an_undo_of_what_is_not_there_and_of_itself_does_nothing():
    merge = edit("merge", SIZES, into=PARCELS)
    early = undo(merge)
    assert topic_of(after(early, merge))["m0"] == PARCELS
    assert outcome(after(early, merge), early)[0] == "waiting"


def test_nothing_to_replay_over_gives_tables_of_the_same_types():
    empty = replay([edit("split", SIZES, mentions=["m0"])], assigned({}), TOPICS)
    full = after(edit("split", SIZES, mentions=["m0"]))
    assert empty.assignments.empty
    for name in ("assignments", "topics", "tags", "history", "examples", "outcomes"):
        assert list(getattr(empty, name).dtypes) == list(getattr(full, name).dtypes), name


def test_arrow_columns_give_the_same_as_plain_ones():
    ledger = [edit("merge", ZIPS, into=SIZES), edit("move", into=PARCELS, mentions=["m0"]), edit("reject", REFUNDS)]
    arrow = replay(
        ledger,
        assigned().convert_dtypes(dtype_backend="pyarrow"),
        TOPICS.convert_dtypes(dtype_backend="pyarrow"),
    )
    assert topic_of(arrow) == topic_of(after(*ledger))
    assert list(arrow.assignments["how"]) == list(after(*ledger).assignments["how"])
    assert list(arrow.assignments["similarity"]) == list(after(*ledger).assignments["similarity"])


def test_shuffled_mentions_come_to_the_same_topics():
    ledger = [edit("split", SIZES, mentions=["m0", "m4"]), edit("merge", ZIPS, into=SIZES)]
    rows = list(topic_of(after()).items())
    random.Random(3).shuffle(rows)
    assert topic_of(after(*ledger, rows=dict(rows))) == topic_of(after(*ledger))


# ---------------------------------------------------------------- against a slow second reading


class Reading:
    """The ledger read anew for each question, one mention and one topic at a time."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.seeds = {t for t in TOPICS["topic_id"] if t != UNASSIGNED}
        self.stands = [e for n, e in enumerate(ledger) if not self.is_undone(n) and e.kind != "undo"]
        self.merges, self.valid = {}, []
        for e in self.stands:
            if self.can(e):
                self.valid.append(e)
                if e.kind == "merge":
                    self.merges[e.topic_id] = e.other_id

    def is_undone(self, n):
        target = self.ledger[n].edit_id
        return any(
            e.kind == "undo" and e.other_id == target and not self.is_undone(m)
            for m, e in enumerate(self.ledger)
            if m > n
        )

    def topics(self):
        return self.seeds | {e.born for e in self.valid if e.kind == "split"}

    def can(self, e):
        if e.kind == "split":
            return True
        wanted = {e.topic_id, e.other_id} - {None} - ({UNASSIGNED} if e.kind == "move" else set())
        if not wanted <= self.topics():
            return False
        if e.kind == "merge":
            trial = {**self.merges, e.topic_id: e.other_id}
            at = e.topic_id
            for _ in range(len(trial) + 1):
                at = trial.get(at, at)
            return at not in trial
        return True

    def end(self, topic_id):
        if topic_id in self.merges:
            return self.end(self.merges[topic_id])
        for e in self.ledger:
            if e.kind == "split" and e.born == topic_id and e not in self.valid:
                return self.end(e.topic_id)
        return topic_id

    def last(self, topic_id, *kinds):
        return next((e.kind for e in reversed(self.valid) if e.kind in kinds and e.topic_id == topic_id), None)

    def where(self, topic_id):
        end = self.end(topic_id)
        return UNASSIGNED if self.last(end, "accept", "reject") == "reject" else end

    def topic_of(self, mention, automatic):
        for e in reversed(self.valid):
            if e.kind in ("split", "move") and mention in e.mentions:
                return self.where(e.born if e.kind == "split" else e.other_id)
        return self.where(automatic)

    def state(self, topic_id):
        if topic_id in self.merges:
            return "merged"
        decided = self.last(topic_id, "accept", "reject")
        if decided == "reject":
            return "retired"
        if self.last(topic_id, "mute", "unmute") == "mute":
            return "muted"
        machine = dict(zip(TOPICS["topic_id"], TOPICS["state"], strict=True)).get(topic_id, "live")
        return "live" if decided == "accept" and machine in ("new", "candidate") else machine

    def name(self, topic_id):
        given = [e.value for e in self.valid if e.kind == "rename" and e.topic_id == topic_id and e.language == "en"]
        machine = dict(zip(TOPICS["topic_id"], TOPICS["name_en"], strict=True)).get(topic_id)
        return given[-1] if given else machine


MENTIONS = [f"m{n}" for n in range(9)]
some_mentions = st.lists(st.sampled_from([*MENTIONS, "gone"]), min_size=1, max_size=3, unique=True)


@st.composite
def ledgers(draw, tags=False):
    """Edits that nobody checked: on topics there and gone, in any order, with undos of edits and of undos."""
    ledger = []
    for n in range(draw(st.integers(1, 12))):
        born = [e.born for e in ledger if e.kind == "split"]
        topics = st.sampled_from([SIZES, PARCELS, REFUNDS, ZIPS, "no.such", *born])
        kinds = ["rename", "merge", "merge", "split", "move", "mute", "unmute", "accept", "reject", "undo", "undo"]
        kind = draw(st.sampled_from(kinds + ["tag", "untag"] * tags))
        told = {"topic_id": draw(topics)} if kind not in ("move", "undo") else {}
        if kind == "merge":
            told["other_id"] = draw(topics)
        if kind == "move":
            told["other_id"] = draw(st.one_of(topics, st.just(UNASSIGNED)))
        if kind == "undo":
            told["other_id"] = draw(st.sampled_from([*(e.edit_id for e in ledger), "e0"]))
        if kind == "rename":
            told |= {"value": draw(st.sampled_from(["One", "Two"])), "language": draw(st.sampled_from(["en", "zh"]))}
        if kind in ("split", "move", "tag", "untag"):
            told["mentions"] = draw(some_mentions)
        ledger.append(made(kind, at_ms=n, who="ann", **told))
    return ledger


@given(ledgers())
@settings(max_examples=40, deadline=None)
def test_any_ledger_comes_to_what_a_slow_reading_says(ledger):
    replayed, reading = after(*ledger), Reading(ledger)
    machine = topic_of(after())
    assert topic_of(replayed) == {m: reading.topic_of(m, t) for m, t in machine.items()}
    assert set(replayed.topics["topic_id"]) == reading.topics()
    for row in replayed.topics.itertuples():
        assert row.state == reading.state(row.topic_id)
        assert (None if pd.isna(row.name_en) else row.name_en) == reading.name(row.topic_id)


@given(ledgers(tags=True), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_undoing_everything_gives_the_start_back(ledger, chance):
    standing = [e for e, state in zip(ledger, after(*ledger).outcomes["outcome"], strict=True) if state != "undone"]
    standing = [e for e in standing if e.kind != "undo"]
    chance.shuffle(standing)
    back, start = after(*ledger, *(undo(e) for e in standing)), after()
    assert back.assignments.equals(start.assignments)
    assert back.topics.equals(start.topics)
    assert back.tags.empty
    assert back.examples.empty
    assert not set(back.history["event"])


@given(ledgers(tags=True))
@settings(max_examples=25, deadline=None)
def test_mentions_that_no_edit_touches_keep_their_topic(ledger):
    named = {m for e in ledger if e.kind in ("split", "move") for m in e.mentions}
    emptied = {e.topic_id for e in ledger if e.kind in ("merge", "reject")}
    machine = topic_of(after())
    untouched = {m: t for m, t in machine.items() if m not in named and t not in emptied}
    assert untouched.items() <= topic_of(after(*ledger)).items()


@given(ledgers(tags=True))
@settings(max_examples=10, deadline=None)
def test_a_second_replay_gives_the_same_tables(ledger):
    one, two = after(*ledger), after(*ledger)
    for name in ("assignments", "topics", "tags", "history", "examples", "outcomes"):
        assert getattr(one, name).equals(getattr(two, name))


def test_an_id_follows_from_the_content_and_not_from_the_order_of_mentions():
    one = made("split", at_ms=1, who="ann", topic_id=SIZES, mentions=["b", "a", "b"])
    assert one == made("split", at_ms=1, who="ann", topic_id=SIZES, mentions=("a", "b"))
    assert one.edit_id != made("split", at_ms=2, who="ann", topic_id=SIZES, mentions=("a", "b")).edit_id
    assert one.born.removeprefix("t") in one.edit_id


@pytest.mark.parametrize("count", [0, 1])
def test_all_the_same_topic_or_none(count):
    rows = dict.fromkeys([f"m{n}" for n in range(count)], SIZES)
    assert set(topic_of(after(edit("merge", SIZES, into=PARCELS), rows=rows)).values()) == (
        {PARCELS} if count else set()
    )
