"""What people did about customers: what stands, what can be taken, and that nothing is taken twice."""

import datetime as dt
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.followups import KINDS, LONGEST, OUTCOMES, Asked, Entry, EntryError, checked, standing, state

TODAY = dt.date(2026, 3, 2)
MEI = Asked("at_risk", "c1", "assign", "mei", "mei")


def take(asked, earlier=(), today=TODAY):
    return checked(asked, known=["c1"], earlier=list(earlier), today=today, at_ms=5, via="page")


def book(*asked):
    """Entries as they are taken one after the other."""
    entries = []
    for one in asked:
        entry = take(one, entries)
        if entry:
            entries.append(replace(entry, taken=len(entries) + 1))
    return entries


def said(kind, value, who="mei", note=""):
    return replace(MEI, kind=kind, value=value, who=who, note=note)


def test_an_entry_is_what_was_said_with_its_moment():
    assert take(said("outcome", " refund ", " mei ", " paid ")) == Entry(
        5, "at_risk", "c1", "outcome", "refund", "mei", "paid", "page"
    )


def test_who_is_put_off_leaves_the_list_until_the_day():
    found = state(book(said("snooze", "2026-03-05")))
    assert [found.place(TODAY + dt.timedelta(days=n)) for n in range(4)] == ["snoozed", "snoozed", "snoozed", "open"]


def test_who_is_assigned_stays_and_who_is_done_leaves():
    assert state(book(MEI)).place(TODAY) == "assigned"
    assert state(book(MEI, said("assign", ""))).place(TODAY) == "open"
    for outcome in OUTCOMES:
        found = state(book(MEI, said("outcome", outcome)))
        assert (found.place(TODAY), found.assigned, found.outcome) == ("done", "mei", outcome)


def test_undoing_is_an_entry_and_brings_back_what_stood_before():
    entries = book(MEI, said("assign", "tom"), said("outcome", "helped"), said("undo", "3"))
    assert (state(entries).place(TODAY), state(entries).assigned, len(entries)) == ("assigned", "tom", 4)
    back = [*entries, replace(take(said("undo", "2"), entries), taken=5)]
    assert state(back).assigned == "mei"
    assert state(back).last.taken == 1


def test_what_is_sent_twice_is_taken_once():
    for one in (MEI, said("snooze", "2026-03-05"), said("outcome", "refund", note="paid")):
        assert len(book(one, one, one)) == 1
    assert len(book(MEI, said("undo", "1"), said("undo", "1"))) == 2
    assert len(book(MEI, said("undo", "1"), MEI)) == 3
    assert len(book(said("outcome", "refund"), said("outcome", "refund", note="now really"))) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        said("assign", "mei", who="  "),
        said("assign", "mei", who="x" * 81),
        said("assign", "x" * 81),
        said("assign", "mei", note="x" * 2001),
        said("outcome", "vanished"),
        said("outcome", ""),
        said("snooze", TODAY.isoformat()),
        said("snooze", "2020-01-01"),
        said("snooze", (TODAY + dt.timedelta(days=LONGEST + 1)).isoformat()),
        said("snooze", "soon"),
        said("undo", "1"),
        said("undo", ""),
        said("delete", "1"),
        replace(MEI, conversation_id="nobody"),
        replace(MEI, listed="secret"),
    ],
)
def test_what_cannot_be_taken_says_what_was_wanted(wrong):
    with pytest.raises(EntryError) as error:
        take(wrong)
    assert error.value.wanted
    assert "nobody" not in error.value.came


def test_an_undo_cannot_be_undone():
    with pytest.raises(EntryError):
        take(said("undo", "2"), book(MEI, said("undo", "1")))


def test_who_has_left_the_published_list_can_still_be_closed():
    assert checked(said("outcome", "helped"), known=[], earlier=book(MEI), today=TODAY, at_ms=1, via="api")


def test_each_list_keeps_its_own():
    found = standing([*book(MEI), replace(book(said("outcome", "helped"))[0], listed="win_back")])
    assert {key: told.place(TODAY) for key, told in found.items()} == {
        ("at_risk", "c1"): "assigned",
        ("win_back", "c1"): "done",
    }


def naive(entries, today):
    """A second count, from the newest entry backwards."""
    gone, assigned, until, outcome = set(), None, None, None
    for entry in reversed(entries):
        if entry.kind == "undo":
            gone.add(entry.value)
        elif str(entry.taken) not in gone:
            if entry.kind == "assign" and assigned is None:
                assigned = entry.value
            if entry.kind == "snooze" and until is None:
                until = entry.value
            if entry.kind == "outcome" and outcome is None:
                outcome = entry.value
    if outcome:
        return "done"
    return "snoozed" if until and until > today.isoformat() else "assigned" if assigned else "open"


@given(st.integers(0, 10_000))
def test_what_stands_equals_a_naive_second_count(seed):
    dice, entries = random.Random(seed), []
    for _ in range(12):
        kind = dice.choice(KINDS)
        value = {
            "assign": dice.choice(["", "mei", "tom"]),
            "snooze": (TODAY + dt.timedelta(days=dice.randrange(1, 9))).isoformat(),
            "outcome": dice.choice(OUTCOMES),
            "undo": str(dice.randrange(1, 12)),
        }[kind]
        try:
            entry = take(said(kind, value), entries)
        except EntryError:
            continue
        if entry:
            entries.append(replace(entry, taken=len(entries) + 1))
    for days in range(10):
        today = TODAY + dt.timedelta(days=days)
        assert state(entries).place(today) == naive(entries, today)
