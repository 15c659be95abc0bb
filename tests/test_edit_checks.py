"""Which edits are refused, which replace others, and what the person is told."""

import pytest
from hypothesis import given, settings

from insight.edit_checks import LONGEST, check
from insight.edits import EditError, known, replay
from insight.schema import UNASSIGNED
from tests.edits import PARCELS, REFUNDS, SIZES, TOPICS, ZIPS, assigned, edit, undo
from tests.test_edits import ledgers

MACHINE = known(TOPICS)
AUTOMATIC = dict(zip(assigned()["mention_id"], assigned()["topic_id"], strict=True))


def notes(new, *ledger):
    return check(new, MACHINE, ledger, AUTOMATIC)


def refused(new, *ledger):
    with pytest.raises(EditError) as error:
        notes(new, *ledger)
    return str(error.value)


def test_a_plain_edit_of_each_kind_is_taken_without_a_word():
    for one in (
        edit("rename", SIZES, name="Too small"),
        edit("rename", SIZES, name="太小", language="zh"),
        edit("merge", ZIPS, into=SIZES),
        edit("split", SIZES, mentions=["m0"]),
        edit("split", UNASSIGNED, mentions=["m8"]),
        edit("move", into=PARCELS, mentions=["m0", "m8"]),
        edit("move", into=UNASSIGNED, mentions=["m0"]),
        edit("mute", SIZES),
        edit("tag", PARCELS, mentions=["m0"]),
        edit("accept", REFUNDS),
        edit("accept", ZIPS, mentions=["m6"]),
        edit("reject", ZIPS),
    ):
        assert notes(one) == (), one.kind


def test_an_unknown_topic_is_refused_and_the_nearest_are_named_by_id_and_by_name():
    assert f"{SIZES} (Runs small)" in refused(edit("mute", "sizing.smal"))
    assert f"{PARCELS} (Parcel is late)" in refused(edit("merge", SIZES, into="parcel is late"))
    assert ZIPS in refused(edit("move", into="拉链", mentions=["m0"]))
    assert "topics list" in refused(edit("tag", "zzzzzzzzzz", mentions=["m0"]))


def test_an_unknown_mention_is_refused_and_how_many_there_are():
    said = refused(edit("split", SIZES, mentions=["m0", "x1", "x2", "x3", "x4"]))
    assert "x1, x2, x3 and 1 more" in said


def test_an_unknown_edit_is_refused_and_the_nearest_is_named():
    mute = edit("mute", SIZES)
    assert mute.edit_id in refused(undo(mute.edit_id[:-1] + "x"), mute)
    assert "topics edits" in refused(undo("zzz"))


def test_unknown_kinds_and_half_edits_are_refused():
    assert "rename, merge, split" in refused(edit("explode", SIZES))
    assert "no mentions" in refused(edit("split", SIZES))
    assert "no value" in refused(edit("rename", SIZES, name=""))
    assert "no other_id" in refused(edit("merge", SIZES))


def test_the_same_edit_twice_is_refused():
    mute = edit("mute", SIZES)
    assert "made already" in refused(mute, mute)


def test_a_topic_is_not_merged_into_itself_nor_round_in_a_loop():
    assert "into itself" in refused(edit("merge", SIZES, into=SIZES))
    one = edit("merge", SIZES, into=PARCELS)
    assert f"{PARCELS} → {SIZES} → {PARCELS}" in refused(edit("merge", PARCELS, into=SIZES), one)
    two = edit("merge", PARCELS, into=ZIPS)
    said = refused(edit("merge", ZIPS, into=SIZES), one, two)
    assert f"{ZIPS} → {SIZES} → {PARCELS} → {ZIPS}" in said
    assert f"undo {one.edit_id}" in said


@pytest.mark.parametrize(
    "new",
    [
        edit("rename", ZIPS, name="Zips"),
        edit("merge", ZIPS, into=PARCELS),
        edit("merge", PARCELS, into=ZIPS),
        edit("split", ZIPS, mentions=["m6"]),
        edit("move", into=ZIPS, mentions=["m0"]),
        edit("mute", ZIPS),
        edit("tag", ZIPS, mentions=["m0"]),
        edit("accept", ZIPS),
        edit("reject", ZIPS),
    ],
    ids=lambda e: e.kind,
)
def test_a_topic_that_was_merged_or_rejected_is_edited_no_more(new):
    merge = edit("merge", ZIPS, into=SIZES)
    said = refused(new, merge)
    assert f"merged into {SIZES} (Runs small)" in said
    assert f"undo {merge.edit_id}" in said
    reject = edit("reject", ZIPS)
    if new.kind == "accept":
        assert notes(new, reject) == (f"replaces {reject.edit_id}",)
    else:
        assert reject.edit_id in refused(new, reject)


def test_what_fits_no_topic_is_no_topic():
    for new in (
        edit("mute", UNASSIGNED),
        edit("merge", SIZES, into=UNASSIGNED),
        edit("tag", UNASSIGNED, mentions=["m0"]),
    ):
        assert "is no topic" in refused(new)


def test_names_are_one_short_line_and_nobody_elses():
    for name in (" Too small", "Too  small", "Too\nsmall", "x" * (LONGEST + 1), "\x1b[31mred"):
        assert "this is no name" in refused(edit("rename", SIZES, name=name))
    assert PARCELS in refused(edit("rename", SIZES, name="parcel is LATE"))
    assert "en or zh" in refused(edit("rename", SIZES, name="Zu klein", language="de"))
    assert "has that name" in refused(edit("rename", SIZES, name="Runs small"))
    assert notes(edit("rename", SIZES, name="zip · broken"), edit("merge", ZIPS, into=SIZES)) == ()


def test_the_later_of_two_names_in_one_language_counts_and_says_so():
    first = edit("rename", SIZES, name="Too small")
    assert notes(edit("rename", SIZES, name="Tight"), first) == (f"replaces {first.edit_id}",)
    assert notes(edit("rename", SIZES, name="太小", language="zh"), first) == ()


def test_what_would_change_nothing_is_refused():
    muted, tagged = edit("mute", SIZES), edit("tag", PARCELS, mentions=["m0"])
    moved = edit("move", into=PARCELS, mentions=["m0"])
    for new, ledger in (
        (edit("mute", SIZES), [muted]),
        (edit("unmute", SIZES), []),
        (edit("tag", PARCELS, mentions=["m0"]), [tagged]),
        (edit("untag", PARCELS, mentions=["m1"]), [tagged]),
        (edit("move", into=PARCELS, mentions=["m0"]), [moved]),
        (edit("accept", REFUNDS), [edit("accept", REFUNDS)]),
    ):
        assert "nothing would change" in refused(new, *ledger)
    assert notes(edit("unmute", SIZES), muted) == (f"replaces {muted.edit_id}",)
    assert notes(edit("untag", PARCELS, mentions=["m0", "m1"]), tagged) == ()
    assert notes(edit("move", into=PARCELS, mentions=["m3"])) == ()  # it is there: a person confirms it


def test_only_what_was_found_can_be_accepted_or_rejected():
    assert "is live" in refused(edit("accept", SIZES))
    assert "mute it" in refused(edit("reject", SIZES))
    split = edit("split", SIZES, mentions=["m0"])
    assert f"undo {split.edit_id}" in refused(edit("reject", split.born), split)


def test_a_mention_is_split_from_the_topic_where_it_is():
    assert f"m3 in {PARCELS}" in refused(edit("split", SIZES, mentions=["m0", "m3"]))
    first = edit("split", SIZES, mentions=["m0"])
    assert f"m0 in {first.born}" in refused(edit("split", SIZES, mentions=["m0", "m1"]), first)
    assert notes(edit("split", SIZES, mentions=["m6"]), edit("merge", ZIPS, into=SIZES)) == ()


def test_a_move_of_what_was_split_away_replaces_that_and_says_so():
    split = edit("split", SIZES, mentions=["m0"])
    assert notes(edit("move", into=PARCELS, mentions=["m0", "m1"]), split) == (
        f"replaces what {split.edit_id} says of them",
    )


def test_an_undo_says_which_edits_wait_and_a_second_one_is_refused():
    split = edit("split", SIZES, mentions=["m0"])
    rename = edit("rename", split.born, name="Tight toes")
    gone = undo(split)
    assert notes(gone, split, rename) == (f"{rename.edit_id} (rename) waits",)
    assert gone.edit_id in refused(undo(split), split, rename, gone)
    assert gone.edit_id in refused(edit("mute", split.born), split, rename, gone)
    assert notes(undo(gone), split, rename, gone) == (
        f"{split.edit_id} (split) stands again",
        f"{rename.edit_id} (rename) stands again",
    )


def test_an_undone_edit_does_not_come_back_against_a_later_one():
    one = edit("merge", SIZES, into=PARCELS)
    gone = undo(one)
    for later in (edit("merge", SIZES, into=ZIPS), edit("merge", PARCELS, into=SIZES)):
        assert notes(later, one, gone) == ()
        assert later.edit_id in refused(undo(gone), one, gone, later)
    assert notes(undo(gone), one, gone, edit("mute", ZIPS)) == (f"{one.edit_id} (merge) stands again",)


def test_an_undo_says_which_edit_counts_instead():
    one, two = edit("rename", SIZES, name="Small"), edit("rename", SIZES, name="Tight")
    gone = undo(two)
    assert notes(gone, one, two) == (f"{one.edit_id} (rename) stands again",)
    assert f"{one.edit_id} (rename) counts no more" in notes(undo(gone), one, two, gone)


def test_an_undo_of_what_a_later_edit_replaced_says_that_nothing_else_changes():
    one, two = edit("rename", SIZES, name="Small"), edit("rename", SIZES, name="Tight")
    assert notes(undo(one), one, two) == (f"changes nothing, for {two.edit_id} counts",)


@given(ledgers(tags=True))
@settings(max_examples=20, deadline=None)
def test_an_edit_that_is_taken_stands_at_once_and_puts_off_no_other_but_by_an_undo(ledger):
    taken = []
    for one in ledger:
        try:
            check(one, MACHINE, taken, AUTOMATIC)
        except EditError:
            continue
        taken.append(one)
        outcomes = replay(taken, assigned(), TOPICS).outcomes.set_index("edit_id")["outcome"]
        assert outcomes[one.edit_id] == "stands"
        assert "waiting" not in set(outcomes) or any(e.kind == "undo" for e in taken)
