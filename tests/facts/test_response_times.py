"""How long did customers wait for a person, and how long was a person at work?"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.facts import response_times
from insight.schema import MESSAGES
from tests.rows import START, found, table

MINUTE = 60_000
SHARED = Path(__file__).resolve().parents[2] / "../shared/data/conversations"


def talk(*lines, conversation="c"):
    """Messages from (author, seconds after the start[, agent[, public]])."""
    rows = []
    for seq, line in enumerate(lines, start=1):
        author, second, agent, public = (*line, *(None, True)[len(line) - 2 :])
        rows.append(
            {
                "message_id": f"{conversation}-{seq}",
                "conversation_id": conversation,
                "seq": seq,
                "author": author,
                "agent_id": agent,
                "public": public,
                "sent_ms": START + int(second * 1000),
            }
        )
    return rows


def facts(*lines, names=()):
    """The facts of one conversation; only those that are named, where any is."""
    [row] = response_times.facts(table(MESSAGES, *talk(*lines))).to_pylist()
    return {name: row[name] for name in names or row}


ANSWERS = ("waits", "wait_ms", "first_response_ms", "answered_by")


def answers(*lines):
    told = facts(*lines, names=ANSWERS)
    return None if told["first_response_ms"] is None else told


def test_the_first_response_counts_from_the_first_customer_message():
    told = answers(("customer", 0), ("customer", 20), ("agent", 50, "ann"))
    assert told == {"waits": 1, "wait_ms": 50_000, "first_response_ms": 50_000, "answered_by": "ann"}


def test_each_wait_counts_from_the_first_unanswered_message():
    told = answers(("customer", 0), ("agent", 10), ("customer", 100), ("customer", 130), ("agent", 160), ("agent", 170))
    assert (told["waits"], told["wait_ms"], told["first_response_ms"]) == (2, 10_000 + 60_000, 10_000)


def test_a_bot_answers_nothing():
    told = answers(("customer", 0), ("bot", 1), ("customer", 30), ("bot", 31), ("agent", 90))
    assert (told["waits"], told["wait_ms"]) == (1, 90_000)


def test_an_internal_note_and_a_line_of_the_system_answer_nothing():
    told = answers(("customer", 0), ("agent", 5, "ann", False), ("system", 6), ("agent", 40, "bob"))
    assert (told["first_response_ms"], told["answered_by"]) == (40_000, "bob")


def test_what_an_agent_wrote_before_the_customer_is_no_answer():
    told = answers(("agent", 0, "ann"), ("customer", 100), ("agent", 130, "bob"))
    assert (told["waits"], told["first_response_ms"], told["answered_by"]) == (1, 30_000, "bob")


def test_a_conversation_that_nobody_answered_has_no_answer():
    assert answers(("customer", 0), ("bot", 1), ("customer", 500)) is None
    assert answers(("agent", 0)) is None


def test_a_reply_at_the_same_moment_took_no_time():
    told = answers(("customer", 0), ("agent", 0))
    assert (told["waits"], told["first_response_ms"]) == (1, 0)


def test_messages_are_counted_by_author_without_notes_and_lines_of_the_system():
    lines = [("bot", 0), ("customer", 10), ("agent", 30, "ann"), ("agent", 31, "ann", False), ("system", 99)]
    expected = {
        "messages": 3,
        "customer_messages": 1,
        "agent_messages": 1,
        "duration_ms": 30_000,
        "asked_ms": START + 10_000,
    }
    assert facts(*lines, names=expected) == expected


def test_handling_counts_each_gap_before_a_persons_message_up_to_five_minutes():
    # 20 s to answer; the customer's 40 s are not the agent's; 600 s count as 300; a note after 7 s counts.
    lines = [
        ("customer", 0),
        ("agent", 20, "ann"),
        ("customer", 60),
        ("agent", 660, "bob"),
        ("agent", 667, "bob", False),
    ]
    assert facts(*lines, names=("handle_ms", "agents")) == {"handle_ms": (20 + 300 + 7) * 1000, "agents": 2}


def test_handling_of_a_message_out_of_the_blue_is_nothing():
    told = facts(("agent", 0))
    assert (told["handle_ms"], told["handle_shared_ms"], told["agents"]) == (0, 0, 0)


def test_a_conversation_in_which_no_person_wrote_has_no_handling_time():
    told = facts(("customer", 0), ("bot", 9))
    assert (told["handle_ms"], told["handle_shared_ms"], told["agents"]) == (None, None, 0)


def test_lines_of_the_system_alone_are_a_conversation_in_which_nobody_spoke():
    told = facts(("system", 0))
    assert (told["messages"], told["waits"], told["asked_ms"], told["handle_ms"]) == (0, 0, None, None)


def test_no_message_gives_no_row():
    assert len(response_times.facts(table(MESSAGES))) == 0


def late(channel, asked_s, first_response_ms, newest_s):
    row = {
        "channel": pa.array([channel]),
        "asked_ms": pa.array([None if asked_s is None else asked_s * 1000], pa.int64()),
        "first_response_ms": pa.array([first_response_ms], pa.int64()),
    }
    judged = response_times.late({"chat": 60, "email": 600, "default": 3600}, newest_ms=newest_s * 1000)
    [told] = found(lambda frame: frame.select(late=judged), pa.table(row))
    return told["late"]


@pytest.mark.parametrize(
    ("channel", "first_response_ms", "expected"),
    [
        ("chat", 60_000, False),
        ("chat", 60_001, True),
        ("email", 600_000, False),
        ("email", 600_001, True),
        ("call", 3_600_000, False),
        ("call", 3_600_001, True),
    ],
)
def test_a_response_is_late_after_the_limit_of_its_channel(channel, first_response_ms, expected):
    assert late(channel, 0, first_response_ms, newest_s=10**6) is expected


def test_unanswered_is_late_once_the_limit_has_passed_and_unknown_before():
    assert late("chat", 1000, None, newest_s=1061) is True
    assert late("chat", 1000, None, newest_s=1060) is None
    assert late("chat", None, None, newest_s=1060) is None


# ---------------------------------------------------------------- a second, naive implementation


def naive(messages):
    """One conversation's facts by walking through its messages."""
    waiting, waits, answered_by, handle, agents, before = None, [], None, None, set(), None
    for m in messages:
        if m["author"] == "system":
            continue
        if m["author"] == "agent":
            gap = 0 if before is None else min(m["sent_ms"] - before, 5 * MINUTE)
            handle = (handle or 0) + gap
            agents |= {m["agent_id"]} - {None}
        before = m["sent_ms"]
        if not m["public"]:
            continue
        if m["author"] == "customer" and waiting is None:
            waiting = m["sent_ms"]
        if m["author"] == "agent" and waiting is not None:
            answered_by = m["agent_id"] if not waits else answered_by
            waits.append(m["sent_ms"] - waiting)
            waiting = None
    spoken = [m for m in messages if m["public"] and m["author"] != "system"]
    return {
        "messages": len(spoken),
        "customer_messages": sum(m["author"] == "customer" for m in spoken),
        "agent_messages": sum(m["author"] == "agent" for m in spoken),
        "duration_ms": spoken[-1]["sent_ms"] - spoken[0]["sent_ms"] if spoken else None,
        "asked_ms": next((m["sent_ms"] for m in spoken if m["author"] == "customer"), None),
        "waits": len(waits),
        "wait_ms": sum(waits),
        "first_response_ms": waits[0] if waits else None,
        "answered_by": answered_by,
        "handle_ms": handle,
        "agents": len(agents),
    }


LINE = st.tuples(
    st.sampled_from(["customer", "customer", "agent", "agent", "bot", "system"]),
    st.sampled_from([0, 0, 1, 59_999, 60_000, 299_999, 300_000, 300_001, 86_400_000]),
    st.sampled_from(["ann", "bob", None]),
    st.sampled_from([True, True, True, False]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(LINE, min_size=1, max_size=9), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_any_conversation_gives_what_walking_through_it_gives(conversations, dice):
    rows, expected = [], {}
    for number, lines in enumerate(conversations):
        at, spoken = 0, []
        for author, gap, agent, public in lines:
            at += gap
            spoken.append((author, at / 1000, agent if author == "agent" else None, public))
        mine = talk(*spoken, conversation=f"c{number}")
        rows += mine
        expected[f"c{number}"] = naive(mine)
    dice.shuffle(rows)
    told = {row.pop("conversation_id"): row for row in response_times.facts(table(MESSAGES, *rows)).to_pylist()}
    for row in told.values():
        row.pop("handle_shared_ms")
    assert expected == told


# ---------------------------------------------------------------- a public reference


@pytest.mark.skipif(not SHARED.is_dir(), reason="the STAR conversations are not beside this checkout")
def test_star_gives_the_reference_figures():
    """Customers and agents speak in 4,257 of its 4,510 conversations, and 4,129 of those are answered."""
    rows = pq.read_table(SHARED / "star_messages.parquet")
    rows = rows.filter(pc.is_in(rows["role"], value_set=pa.array(["customer", "agent"])))
    messages = pa.table(
        {
            "conversation_id": rows["conversation_id"].cast(pa.string()),
            "seq": rows["seq"],
            "author": rows["role"].cast(pa.string()),
            "agent_id": rows["role"].cast(pa.string()),
            "public": pa.repeat(True, len(rows)),
            "sent_ms": pc.divide(rows["ts"].cast(pa.int64()), 1000),
        }
    )
    told = response_times.facts(messages)
    first = sorted(ms / 1000 for ms in told["first_response_ms"].to_pylist() if ms is not None)
    assert (len(first), first[2064], first[round(0.9 * 4128)]) == (4129, 19.0, 57.0)
    assert round(sum(s > 60 for s in first) / len(first), 3) == 0.088
    assert len(told) == 4257
