"""Twelve conversations under four definitions of first contact resolution, as docs/definitions.md shows them."""

from pathlib import Path

import pytest

from insight import schema
from insight.engines import ENGINES
from insight.kpis import KPIS, measure
from insight.run import Run
from insight.settings import Settings
from jobs import conversation_facts
from tests.rows import DAY, START, table

MINUTE = 60_000

# conversation, day of opening, who replies in public, who leaves a note, after how many minutes it is settled
TWELVE = (
    ("1", 0, ["ann"], [], [5]),
    ("2", 1, ["ann"], [], [5]),
    ("3", 3, ["ann", "ann"], [], [40]),  # the customer of 2 again, two days later
    ("4", 0, ["ann"], [], [360]),
    ("5", 0, ["ann"] * 4, [], [2880]),
    ("6", 0, ["ann", "bob"], [], [14]),
    ("7", 0, ["ann"], ["bob"], [20]),
    ("8", 2, ["ann"], [], [3]),
    ("9", 8, ["bob"] * 3, [], []),  # the customer of 8 again, six days later; never settled
    ("10", 0, [], [], [10]),  # nobody answers, the system closes it, and the customer gives up
    ("11", 0, ["ann", "ann"], [], [8, 180]),  # opened again after an hour
    ("12", 27, ["ann"], [], [2]),  # three days before the data end
)
SAME_CUSTOMER = {"3": "2", "9": "8"}
EXPECTED = {
    "first_contact_resolution": {"2": False, "8": False, "12": None},
    "closed_at_once_share": {"3": False, "4": False, "5": False, "7": False, "9": None},
    "one_reply_share": {"3": False, "5": False, "6": False, "9": None, "10": False, "11": False},
    "one_teammate_share": {"6": False, "7": False, "9": None, "10": False},
}
"""By definition, the conversations that it does not call settled; None are not judged."""

OF_ELEVEN = {"first_contact_resolution": 9, "closed_at_once_share": 7, "one_reply_share": 6, "one_teammate_share": 8}
FACTS = dict(zip(EXPECTED, ("came_back", "closed_at_once", "one_reply", "one_teammate"), strict=True))


def conversation(name, day):
    at = START + day * DAY
    return {"conversation_id": name, "source": "desk", "customer_key": SAME_CUSTOMER.get(name, name), "opened_ms": at}


def messages(name, day, replies, notes):
    at = START + day * DAY
    lines = [("customer", None, True), *(("agent", a, True) for a in replies), *(("agent", a, False) for a in notes)]
    for seq, (author, agent, public) in enumerate(lines, 1):
        names = {"message_id": f"{name}-{seq}", "conversation_id": name, "seq": seq, "author": author}
        yield {**names, "agent_id": agent, "public": public, "sent_ms": at + (seq - 1) * MINUTE // 2}


def events(name, day, settled):
    at = START + day * DAY
    changes = [(minutes, "solved") for minutes in settled] + [(60, "reopened")] * (len(settled) - 1)
    for number, (minutes, kind) in enumerate(changes):
        names = {"event_id": f"{name}-{number}", "conversation_id": name, "kind": kind}
        yield {**names, "occurred_ms": at + minutes * MINUTE}


def thread(name, day):
    who = SAME_CUSTOMER.get(name, name)
    return {"conversation_id": name, "topic_id": "late", "thread_id": who, "contacted_ms": START + day * DAY}


def facts(engine):
    told = {
        "conversations": [conversation(name, day) for name, day, *_ in TWELVE] + [conversation("last", 30)],
        "messages": [m for name, day, replies, notes, _ in TWELVE for m in messages(name, day, replies, notes)],
        "ticket_events": [e for name, day, _, _, settled in TWELVE for e in events(name, day, settled)],
        "issue_threads": [thread(name, day) for name, day, *_ in TWELVE],
    }
    frames = [
        engine.frame(table(getattr(schema, read.name.upper()), *told.get(read.name, ())))
        for read in conversation_facts.READS
    ]
    rows = conversation_facts.work(*frames, run=Run(Settings(home=Path()), engine))
    return [row for row in engine.arrow(rows).to_pylist() if row["conversation_id"] != "last"]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("name", EXPECTED)
def test_each_definition_calls_settled_what_it_says(engine, name):
    rows = {row["conversation_id"]: row for row in facts(engine)}
    column = FACTS[name]
    for conversation_id, row in rows.items():
        judged = None if row[column] is None else row[column] != (column == "came_back")
        assert judged == EXPECTED[name].get(conversation_id, True), (name, conversation_id)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_four_shares_of_the_same_twelve(name):
    engine = ENGINES["local"]
    rows = [{k: v for k, v in row.items() if not k.endswith("_at")} for row in facts(engine)]
    frame = engine.frame(table(schema.CONVERSATION_FACTS, *rows))
    [told] = measure(KPIS[name][1], frame).collect("pyarrow").to_native().to_pylist()
    assert (told["num"], told["den"]) == (OF_ELEVEN[name], 11)
