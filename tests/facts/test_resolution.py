"""Was the matter settled: did the source close it, did the customer come back?"""

from hypothesis import given, settings
from hypothesis import strategies as st

from insight.facts import resolution
from insight.schema import CONVERSATIONS, ISSUE_THREADS, UNASSIGNED
from tests.rows import DAY, START, found, table

WEEK = 7 * DAY


def test_time_to_close_is_unknown_while_open_or_long_before_the_opening_and_never_negative():
    rows = table(
        CONVERSATIONS,
        {"opened_ms": START, "closed_ms": START + 90_000},
        {"opened_ms": START, "closed_ms": START - 300_000},
        {"opened_ms": START, "closed_ms": START - 300_001},
        {"opened_ms": START},
    )
    told = found(lambda frame: frame.select(open_ms=resolution.since_opening("closed_ms")), rows)
    assert sorted(row["open_ms"] is not None and row["open_ms"] for row in told) == [False, False, 0, 90_000]


def test_matured_needs_seven_whole_days_of_data_after_the_opening():
    rows = table(CONVERSATIONS, {"opened_ms": START}, {"opened_ms": START + 1})
    told = found(lambda frame: frame.select("opened_ms", m=resolution.matured(newest_ms=START + WEEK)), rows)
    assert {row["opened_ms"]: row["m"] for row in told} == {START: True, START + 1: False}


def contact(conversation, thread, day, topic="t", order=None, kind="repeat"):
    moment = START + round(day * DAY)
    names = {"conversation_id": conversation, "topic_id": topic, "thread_id": thread, "order_id": order}
    return names | {"contacted_ms": moment, "kind": kind}


def came_back(*contacts, newest_day=100):
    rows = found(resolution.returns, table(ISSUE_THREADS, *contacts), newest_ms=START + newest_day * DAY)
    return {row["conversation_id"]: row["came_back"] for row in rows}


def test_a_second_contact_about_the_issue_within_seven_days_is_a_return():
    assert came_back(contact("a", "x", 0), contact("b", "x", 6)) == {"a": True, "b": False}


def test_exactly_seven_days_later_is_no_return():
    assert came_back(contact("a", "x", 0), contact("b", "x", 7)) == {"a": False, "b": False}


def test_another_issue_is_no_return():
    assert came_back(contact("a", "x", 0), contact("b", "y", 1)) == {"a": False, "b": False}


def test_the_same_order_is_a_return_whatever_it_is_about():
    late, refund = contact("a", "x", 0, order="o"), contact("b", "y", 6.9, topic="u", order="o")
    assert came_back(late, refund) == {"a": True, "b": False}
    assert came_back(late, {**refund, "order_id": "p"}) == {"a": False, "b": False}
    assert came_back(late, {**refund, "customer_key": "another"}) == {"a": False, "b": False}
    assert came_back(late, contact("b", "y", 7, topic="u", order="o")) == {"a": False, "b": False}


def test_thanks_and_what_was_asked_for_are_no_return_and_hide_none():
    first, back = contact("a", "x", 0), contact("c", "x", 4)
    for kind in ("thanks", "asked for"):
        between = contact("b", "x", 2) | {"kind": kind}
        assert came_back(first, between) == {"a": False, "b": None}
        assert came_back(first, between, back) == {"a": True, "b": None, "c": False}
    ordered = contact("b", "y", 2, topic="u", order="o") | {"kind": "thanks"}
    assert came_back(contact("a", "x", 0, order="o"), ordered) == {"a": False, "b": None}


def test_who_could_not_be_seen_to_return_did_not_stay_away():
    assert came_back(contact("a", "x", 0, topic=UNASSIGNED)) == {"a": None}
    assert came_back(contact("a", "x", 0, topic=UNASSIGNED, order="o")) == {"a": False}
    assert came_back(contact("a", "x", 0, topic=UNASSIGNED), contact("a", "y", 0)) == {"a": False}


def test_one_of_two_issues_coming_back_is_a_return():
    contacts = contact("a", "x", 0), contact("a", "y", 0, topic="u"), contact("b", "y", 3, topic="u")
    assert came_back(*contacts) == {"a": True, "b": False}


def test_two_issues_of_one_conversation_in_one_thread_are_no_return():
    assert came_back(contact("a", "x", 0), contact("a", "x", 0, topic="u")) == {"a": False}


def test_nothing_is_said_before_seven_days_have_passed():
    contacts = contact("a", "x", 0), contact("b", "x", 1)
    assert came_back(*contacts, newest_day=7) == {"a": True, "b": None}
    assert came_back(*contacts, newest_day=6) == {"a": None, "b": None}


KINDS = st.sampled_from(["first", "repeat", "repeat", "thanks", "asked for"])
CONTACT = st.tuples(st.integers(0, 9), st.integers(0, 3), st.sampled_from([0, 0, 3, 6.9, 7, 7.1, 14, 30]))
ORDER = st.sampled_from([None, "o", "p"])
COUNTED = ("first", "repeat")
TOPICS = (UNASSIGNED, "i1", "i2", "i3")


@settings(max_examples=20, deadline=None)
@given(
    st.lists(CONTACT, max_size=14),
    st.lists(ORDER, min_size=10, max_size=10),
    st.lists(KINDS, min_size=10, max_size=10),
    st.integers(0, 40),
)
def test_any_threads_give_what_looking_at_each_pair_gives(contacts, orders, kinds, newest_day):
    unique = {(conversation, thread): day for conversation, thread, day in contacts}
    rows = [
        contact(f"c{c}", f"t{t}", day, topic=TOPICS[t], order=orders[c], kind=kinds[c])
        for (c, t), day in unique.items()
    ]
    expected = {}
    for row in rows:
        mine = [r for r in rows if r["conversation_id"] == row["conversation_id"]]
        back = any(later(r, other) for r in mine for other in rows if same_thread(r, other))
        back |= any(later(first(mine), first(all_of(rows, other))) for other in same_order(rows, row))
        seen = all(r["contacted_ms"] + WEEK <= START + newest_day * DAY for r in mine)
        seen &= any((r["topic_id"] != UNASSIGNED or r["order_id"]) and r["kind"] in COUNTED for r in mine)
        expected[row["conversation_id"]] = back if seen else None
    assert expected == came_back(*rows, newest_day=newest_day)


def same_thread(one, other):
    return one["thread_id"] == other["thread_id"]


def same_order(rows, row):
    return [r for r in rows if row["order_id"] and r["order_id"] == row["order_id"]]


def all_of(rows, row):
    return [r for r in rows if r["conversation_id"] == row["conversation_id"]]


def first(rows):
    return min(rows, key=lambda r: r["contacted_ms"])


def later(one, other):
    """Does `other` count and follow `one` within 7 days? At the same moment the id decides who is first."""
    gap = other["contacted_ms"] - one["contacted_ms"]
    return other["kind"] in COUNTED and (
        0 < gap < WEEK or (gap == 0 and other["conversation_id"] > one["conversation_id"])
    )
