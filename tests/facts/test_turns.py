"""Every time a customer waited: since when, for whom, and whether a reply was due at all."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.engines import ENGINES
from insight.facts import turns
from insight.mentions import TEXTS, filtered, pieces, told
from insight.run import Run
from insight.schema import AGENTS, CONVERSATION_FACTS, CUSTOMER_TURNS, FILTERED, MENTIONS, MESSAGES
from insight.settings import Settings
from insight.store import conform
from jobs import customer_turns
from tests.facts.test_response_times import LINE, talk
from tests.rows import DAY, HOUR, START, found, table

SETTINGS = Settings(home=Path(), shop={"zone": "Europe/Berlin"})


def waited(*lines, thanks=(), about=(), facts=None, agents=()):
    """Rows of the job for one conversation; `thanks` and `about` are the numbers of such messages."""
    rows = talk(*lines)
    tables = (
        table(MESSAGES, *rows),
        table(CONVERSATION_FACTS, {"conversation_id": "c", "opened_ms": START, **(facts or {})}),
        table(AGENTS, *agents),
        table(MENTIONS, *({"mention_id": f"{n}", "origin": "message", "origin_id": f"c-{n}"} for n in about)),
        table(
            FILTERED, *({"origin": "message", "origin_id": f"c-{n}", "piece": 1, "reason": "thanks"} for n in thanks)
        ),
    )
    results = []
    for engine in ENGINES.values():
        work = customer_turns.work(*map(engine.frame, tables), run=Run(SETTINGS, engine))
        results.append(conform(CUSTOMER_TURNS, engine.arrow(work)).to_pylist())
    assert results[0] == results[1]
    return results[0]


def column(rows, name):
    return [row[name] for row in rows]


def test_each_wait_is_a_turn_from_the_first_unanswered_message():
    rows = waited(("customer", 0), ("customer", 20), ("agent", 50, "ann"), ("customer", 100), ("agent", 130, "bob"))
    assert column(rows, "turn") == [1, 2]
    assert column(rows, "wait_ms") == [50_000, 30_000]
    assert column(rows, "agent_id") == ["ann", "bob"]
    assert column(rows, "since_ms") == [START, START + 100_000]


def test_a_wait_that_nobody_ended_goes_on_to_the_end_of_the_data():
    [row] = waited(("customer", 0), ("bot", 1), ("agent", 3600, "ann", False), facts={"agent_id": "cy"})
    assert (row["answered"], row["until_ms"], row["wait_ms"], row["waited_ms"]) == (False, None, None, 3_600_000)
    assert row["agent_id"] == "cy"


def test_a_turn_has_the_names_of_its_conversation_and_the_team_of_who_answered():
    facts = {"market": "DE", "topic_id": "t1", "family": "bags", "agent_id": "ann", "team": "day"}
    agents = {"agent_id": "ann", "team": "day"}, {"agent_id": "bob", "team": "night"}
    rows = waited(("customer", 0), ("agent", 9, "bob"), ("customer", 20), facts=facts, agents=agents)
    assert column(rows, "team") == ["night", "day"]
    assert {(row["market"], row["topic_id"], row["family"]) for row in rows} == {("DE", "t1", "bags")}


def test_a_turn_counts_on_the_day_and_hour_of_the_business_when_it_began():
    [row] = waited(("customer", 23.5 * 3600), ("agent", 30 * 3600))  # 00:30 on Friday in Berlin
    assert (row["day"], row["weekday"], row["hour"]) == (dt.date(2026, 1, 2), 5, 0)


def test_thanks_alone_need_no_reply_and_are_never_late():
    rows = waited(("customer", 0), ("agent", 9, "ann"), ("customer", 20), ("agent", 3 * 86_400), thanks=[3])
    assert column(rows, "needs_reply") == [True, False]
    assert column(rows, "late_24h") == [False, None]


def test_thanks_with_a_question_in_them_or_behind_them_need_a_reply():
    both = ("customer", 0), ("customer", 5), ("agent", 9, "ann")
    assert column(waited(*both, thanks=[1, 2]), "needs_reply") == [False]
    assert column(waited(*both, thanks=[1, 2], about=[2]), "needs_reply") == [True]
    assert column(waited(*both, thanks=[1]), "needs_reply") == [True]


@pytest.mark.parametrize(
    ("text", "prompt", "expected"),
    [
        ("Thanks!", "", True),
        ("Hello, ok, thank you. Bye", "Your parcel left today.", True),
        ("好的，谢谢", "包裹今天已经寄出。", True),
        ("Hello", "", False),  # who only says hello awaits an answer
        ("please reply", "", False),
        ("Thanks, but where is my parcel?", "", False),
        ("Yes", "Shall I send you a new one?", False),  # an answer: now it is the shop's turn
        ("", "", False),  # a picture, perhaps
    ],
)
def test_words_tell_whether_a_message_needs_no_reply(text, prompt, expected):
    row = {"origin": "message", "origin_id": "m", "text": text, "prompt": prompt, "said_ms": 0, "language": "en"}
    texts = pa.table({f.name: pa.array([row.get(f.name)], f.type) for f in TEXTS})
    cut = pa.Table.from_batches(pieces(texts.to_batches()))
    tables = told(cut, texts, SETTINGS.shop.clock), filtered(cut)
    assert [r["origin_id"] for r in found(turns.closings, *tables)] == (["m"] if expected else [])


def over(wait_s, since_s, newest_s, needs_reply=True):
    row = {"needs_reply": [needs_reply], "since_ms": [since_s * 1000], "wait_ms": [wait_s and wait_s * 1000]}
    columns = {
        name: pa.array(value, pa.bool_() if name == "needs_reply" else pa.int64()) for name, value in row.items()
    }
    judge = turns.over(turns.AMAZON_MS, newest_ms=newest_s * 1000)
    [told] = found(lambda frame: frame.select(late=judge), pa.table(columns))
    return told["late"]


def test_late_is_what_took_longer_than_a_day_answered_or_not():
    day, far = 86_400, 10**7
    assert over(day, 0, far) is False
    assert over(day + 1, 0, far) is True
    assert over(None, 0, day + 1) is True
    assert over(None, 0, day) is None
    assert over(day + 1, 0, far, needs_reply=False) is None


def test_the_channels_limit_and_the_day_of_amazon_are_two_things():
    [row] = waited(("customer", 0), ("agent", 61, "ann"), facts={"channel": "chat"})
    assert (row["late"], row["late_24h"]) == (True, False)


def test_a_weekend_is_no_excuse_for_amazon():
    # Friday 17:00 to Monday 9:00
    [row] = waited(("customer", 86_400 + 17 * 3600), ("agent", 4 * 86_400 + 9 * 3600), facts={"channel": "marketplace"})
    assert row["wait_ms"] == 2 * DAY + 16 * HOUR
    assert row["late_24h"] is True


def test_without_a_message_there_is_no_turn():
    assert waited() == []
    assert waited(("agent", 0, "ann"), ("bot", 3)) == []


# ---------------------------------------------------------------- a second, naive implementation


def naive(messages, newest_ms):
    """Turns by walking through a conversation: (since, wait, who, needs a reply, late by 24 hours)."""
    found, open_turn = [], None
    for m in messages:
        if m["public"] and m["author"] == "customer":
            open_turn = open_turn or {"since": m["sent_ms"], "asks": False}
            open_turn["asks"] |= m["message_id"] not in THANKS
        if m["public"] and m["author"] == "agent" and open_turn:
            found.append((open_turn["since"], m["sent_ms"] - open_turn["since"], m["agent_id"], open_turn["asks"]))
            open_turn = None
    if open_turn:
        found.append((open_turn["since"], None, None, open_turn["asks"]))
    rows = []
    for since, wait, who, asks in found:
        late = (newest_ms - since if wait is None else wait) > DAY
        rows.append((since, wait, who or "unknown", asks, late if asks and (wait is not None or late) else None))
    return rows


THANKS = {f"c{n}-{seq}" for n in range(6) for seq in (1, 2, 5)}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(LINE, min_size=1, max_size=8), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_any_conversation_gives_the_turns_that_walking_through_it_gives(conversations, dice):
    rows, expected = [], {}
    for number, lines in enumerate(conversations):
        at, spoken = 0, []
        for author, gap, agent, public in lines:
            at += gap
            spoken.append((author, at / 1000, agent if author == "agent" else None, public))
        mine = talk(*spoken, conversation=f"c{number}")
        rows += mine
        expected[f"c{number}"] = mine
    newest = max(row["sent_ms"] for row in rows)
    expected = {name: naive(mine, newest) for name, mine in expected.items()}
    dice.shuffle(rows)
    tables = (
        table(MESSAGES, *rows),
        table(CONVERSATION_FACTS, *({"conversation_id": name} for name in expected)),
        table(AGENTS),
        table(MENTIONS),
        table(
            FILTERED, *({"origin": "message", "origin_id": n, "piece": 1, "reason": "thanks"} for n in sorted(THANKS))
        ),
    )
    for engine in ENGINES.values():
        work = engine.arrow(customer_turns.work(*map(engine.frame, tables), run=Run(SETTINGS, engine)))
        told = {name: [] for name in expected}
        for row in conform(CUSTOMER_TURNS, work).to_pylist():
            told[row["conversation_id"]].append(
                tuple(row[name] for name in ("since_ms", "wait_ms", "agent_id", "needs_reply", "late_24h"))
            )
        assert told == expected
