"""What became of a conversation, told by its log or by what its source tells without one."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.engines import ENGINES
from insight.facts import tickets
from insight.facts.spoken import READ, in_order
from insight.schema import AGENTS, CONVERSATION_FACTS, CONVERSATIONS, MENTIONS, MESSAGES, TICKET_EVENTS
from tests.rows import HOUR, START, found, table

TEAMS = {"ann": "day", "cy": "day", "bob": "night", "dan": "unknown"}


def conversation(name="c", **told):
    return {"conversation_id": name, "source": "desk", "opened_ms": START, **told}


def event(hours, kind, agent=None, value=None, of="c"):
    return {"conversation_id": of, "occurred_ms": START + round(hours * HOUR), "kind": kind, "agent_id": agent} | {
        "value": value
    }


def message(hours, author, agent=None, of="c", *, public=True, meant=True):
    names = {"conversation_id": of, "sent_ms": START + round(hours * HOUR), "author": author, "agent_id": agent}
    return names | {"public": public, "meant": meant}


def told(conversations, events=(), messages=()):
    """By conversation, what is told of it; the same from every engine."""
    said = [{**m, "message_id": f"m{n}", "seq": n} for n, m in enumerate(sorted(messages, key=lambda m: m["sent_ms"]))]
    mentions = [
        {"mention_id": f"x{n}", "origin": "message", "origin_id": m["message_id"]}
        for n, m in enumerate(said)
        if m["author"] == "customer" and m["meant"]
    ]
    logged = [{**e, "event_id": f"e{n:03}"} for n, e in enumerate(events)]
    tables = (
        table(CONVERSATIONS, *conversations),
        table(MESSAGES, *({k: v for k, v in m.items() if k != "meant"} for m in said)),
        table(MENTIONS, *mentions),
        table(TICKET_EVENTS, *logged),
        table(AGENTS, *({"agent_id": name, "team": team} for name, team in TEAMS.items())),
    )
    rows = found(lambda *frames: became(*frames, said=tables[1]), *tables)
    return {row["conversation_id"]: row for row in rows}


def became(*frames, said):
    """Frames of one engine, through to a frame of it."""
    engine = ENGINES["memory" if "pandas" in str(type(frames[0].to_native())) else "local"]
    return tickets.told(*frames, said=in_order(said.select(READ)), engine=engine)


def one(events=(), messages=(), **row):
    found_ = told([conversation(**row)], events, messages)["c"]
    hours = {
        n: found_[n] if found_[n] is None else (found_[n] - START) / HOUR for n in ("settled_first_ms", "settled_ms")
    }
    return {**found_, "first": hours["settled_first_ms"], "last": hours["settled_ms"]}


def told_of(row, *names):
    return tuple(row[name] for name in names)


# ---------------------------------------------------------------- settled, and opened again


def test_solved_reopened_and_solved_again():
    row = one([event(2, "solved", "ann"), event(5, "reopened"), event(9, "solved", "bob")])
    assert told_of(row, "first", "last", "reopens", "resolved", "resolved_by") == (2, 9, 1, True, "bob")


def test_closing_for_good_what_was_solved_days_ago_is_no_second_solution():
    row = one([event(2, "solved", "ann"), event(98, "closed")], closed_ms=START + 98 * HOUR, status="resolved")
    assert told_of(row, "first", "last", "reopens", "resolved_by") == (2, 2, 0, "ann")


def test_closed_without_being_solved_is_settled():
    assert told_of(one([event(3, "closed", "ann")]), "first", "last", "resolved") == (3, 3, True)


def test_what_is_open_again_was_settled_once_and_is_not_settled():
    row = one([event(2, "solved", "ann"), event(5, "reopened")], status="resolved", closed_ms=START + 2 * HOUR)
    assert told_of(row, "first", "last", "reopens", "resolved", "resolved_by") == (2, None, 1, False, None)


def test_a_second_solved_says_that_it_was_open_in_between():
    row = one([event(2, "solved", "ann"), event(9, "solved", "bob")])
    assert told_of(row, "first", "last", "reopens") == (2, 9, 1)


def test_a_log_that_begins_in_the_middle_still_tells_a_reopening():
    assert told_of(one([event(1, "reopened")]), "first", "reopens", "resolved") == (None, 1, False)


def test_reopened_and_solved_at_one_moment_is_solved():
    row = one([event(2, "solved", "ann"), event(4, "solved", "ann"), event(4, "reopened")])
    assert told_of(row, "last", "reopens", "resolved") == (4, 1, True)


def test_without_a_log_the_closing_time_is_both_resolutions():
    row = one(messages=[message(0, "customer"), message(1, "agent", "ann")], closed_ms=START + 2 * HOUR)
    assert told_of(row, "first", "last", "reopens", "resolved", "resolved_by") == (2, 2, 0, True, "ann")


def test_without_a_log_an_issue_after_the_closing_is_a_reopening_and_thanks_are_none():
    closed = {"closed_ms": START + 2 * HOUR, "status": "resolved"}
    row = one(messages=[message(0, "customer"), message(3, "customer")], **closed)
    assert told_of(row, "first", "last", "reopens", "resolved") == (2, None, 1, True)
    row = one(messages=[message(0, "customer"), message(3, "customer", meant=False)], **closed)
    assert told_of(row, "first", "last", "reopens", "resolved") == (2, 2, 0, True)
    row = one(messages=[message(0, "customer"), message(3, "customer", public=False)], **closed)
    assert row["reopens"] == 0


def test_what_no_source_tells_is_unknown():
    names = ("first", "last", "reopens", "resolved", "resolved_by", "handoffs", "transfers", "escalated")
    assert told_of(one(), *names) == (None,) * 8
    assert told_of(one(status="open"), "resolved", "reopens") == (False, None)


@pytest.mark.parametrize(
    ("status", "closed", "expected"),
    [
        ("resolved", None, True),
        ("unknown", START, True),
        ("open", START, True),
        ("open", None, False),
        ("unknown", None, None),
    ],
)
def test_without_a_log_settled_is_what_the_source_tells_by_status_or_by_time(status, closed, expected):
    assert one(status=status, closed_ms=closed)["resolved"] is expected


def test_a_source_that_logs_tells_never_of_what_it_does_not_log():
    rows = told(
        [conversation("a"), conversation("b"), conversation("c", source="chat")],
        [event(1, "solved", "ann", of="a"), event(1, "escalated", of="a"), event(1, "assigned", value="ann", of="a")],
    )
    names = ("reopens", "escalated", "handoffs", "resolved")
    assert told_of(rows["a"], *names) == (0, True, 0, True)
    assert told_of(rows["b"], *names) == (0, False, 0, None)
    assert told_of(rows["c"], *names) == (None, None, None, None)


# ---------------------------------------------------------------- who settled it


def test_where_the_log_names_nobody_the_last_agent_who_wrote_before_settled_it():
    talk = [message(0, "customer"), message(1, "agent", "ann"), message(2, "agent", "bob", public=False)]
    late = message(4, "agent", "cy")
    assert one([event(3, "solved")], [*talk, late])["resolved_by"] == "bob"
    assert one([event(3, "solved", "dan")], [*talk, late])["resolved_by"] == "dan"
    assert one(messages=[*talk, late], closed_ms=START + 3 * HOUR)["resolved_by"] == "bob"
    assert one(messages=[*talk, late], status="resolved")["resolved_by"] == "cy", "no time of settling is told"
    assert one(messages=[*talk, late], status="open")["resolved_by"] is None


# ---------------------------------------------------------------- handed on


def handed(*agents):
    row = one([event(n, "assigned", value=name) for n, name in enumerate(agents)])
    return row["handoffs"], row["transfers"]


def test_a_handoff_is_a_change_of_agent_and_a_transfer_one_of_team():
    assert handed("ann") == (0, 0)
    assert handed("ann", "cy") == (1, 0)
    assert handed("ann", "bob", "ann") == (2, 2)
    assert handed("ann", "ann") == (0, 0)


def test_nobody_hands_nothing_on_and_is_only_passed_through():
    assert handed(None, "ann") == (0, 0)
    assert handed("ann", None, "ann") == (0, 0)
    assert handed("ann", "", "bob") == (1, 1)


def test_a_transfer_is_unknown_where_a_team_is():
    assert handed("ann", "dan") == (1, None)
    assert handed("dan") == (0, 0)
    assert handed("ann", "somebody new") == (1, None)


def test_without_assignments_who_answers_in_public_tells():
    talk = [message(1, "agent", "ann"), message(2, "agent", "bob", public=False), message(3, "agent", "ann")]
    assert told_of(one(messages=talk), "handoffs", "transfers") == (0, 0)
    talk = [message(1, "agent", "ann"), message(2, "customer"), message(3, "agent"), message(4, "agent", "bob")]
    assert told_of(one(messages=talk), "handoffs", "transfers") == (1, 1)


# ---------------------------------------------------------------- what vendors call settled at first contact


def test_vendor_proxies_by_hand():
    minute = 60_000
    rows = [
        {"resolved": True, "first_resolution_ms": 15 * minute, "agent_messages": 1, "agents": 1},
        {"resolved": True, "first_resolution_ms": 15 * minute + 1, "agent_messages": 2, "agents": 1},
        {"resolved": True, "first_resolution_ms": None, "agent_messages": 0, "agents": 2},
        {"resolved": False, "first_resolution_ms": 5, "agent_messages": 1, "agents": 1},
        {"resolved": None, "agent_messages": 1, "agents": 1},
    ]
    facts = table(CONVERSATION_FACTS, *({"conversation_id": f"{n}", **row} for n, row in enumerate(rows)))
    names = list(tickets.proxies())
    told_ = found(
        lambda frame: frame.drop(*names).with_columns(**tickets.proxies()).select("conversation_id", *names), facts
    )
    assert [told_of(row, *names) for row in sorted(told_, key=lambda row: row["conversation_id"])] == [
        (True, True, True),
        (False, False, True),
        (None, False, False),
        (None, None, None),
        (None, None, None),
    ]


# ---------------------------------------------------------------- a second way, one event after the other


KINDS = ("opened", "solved", "closed", "reopened")
EVENT = st.tuples(st.integers(0, 6), st.sampled_from(KINDS), st.sampled_from([None, "ann", "bob"]))


def naive(log):
    """Walks through the log as a person would."""
    first = last = by = None
    state, reopens, seen = None, 0, False
    rank = {"opened": 0, "reopened": 1, "solved": 2, "closed": 3}
    for at, kind, agent in sorted(log, key=lambda e: (e[0], rank[e[1]])):
        if kind in ("opened", "reopened"):
            if state == "settled" or (kind == "reopened" and state is None):
                reopens, seen = reopens + 1, True
            state = "open"
        else:
            if kind == "solved" and state == "settled":
                reopens += 1
            if kind == "solved" or state != "settled":
                first, last, by, seen = at if first is None else first, at, agent, True
            state = "settled"
    if not seen:
        return None
    return (first, last, by, reopens, True) if state == "settled" else (first, None, None, reopens, False)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(EVENT, max_size=7), min_size=1, max_size=5))
def test_any_log_gives_what_walking_through_it_gives(logs):
    logs = [list({(at, kind): (at, kind, agent) for at, kind, agent in log}.values()) for log in logs]
    events = [event(at, kind, agent, of=f"c{n}") for n, log in enumerate(logs) for at, kind, agent in log]
    rows = told([conversation(f"c{n}") for n in range(len(logs))], events)
    for n, log in enumerate(logs):
        row, expected = rows[f"c{n}"], naive(log)
        if expected is not None:
            first, last = (
                None if row[c] is None else (row[c] - START) // HOUR for c in ("settled_first_ms", "settled_ms")
            )
            assert (first, last, row["resolved_by"], row["reopens"], row["resolved"]) == expected
        else:
            assert told_of(row, "settled_ms", "resolved", "resolved_by") == (None, None, None)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([None, "ann", "bob", "cy"]), max_size=8))
def test_any_chain_of_assignments_gives_what_counting_changes_gives(chain):
    held = [name for name in chain if name]
    pairs = list(pairwise(held))
    expected = sum(a != b for a, b in pairs), sum(TEAMS[a] != TEAMS[b] for a, b in pairs)
    assert handed(*chain) == (expected if chain else (None, None))
