"""Low scores in surveys: who was asked, who answered, what was known when the conversation ended."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from insight import shipped
from insight.errors import LeakError
from insight.risks import HEADS
from insight.risks.base import CASE, FATE, Cases
from insight.schema import CONVERSATION_FACTS, CONVERSATIONS, MESSAGES, SURVEYS, Table
from insight.settings import Settings
from tests.rows import HOUR, START, table

HEAD = HEADS["low_csat"]
SETTINGS = Settings(home=Path("/nowhere"))


def at(hours: float) -> int:
    return START + int(hours * HOUR)


def talk(name: str, hours: float, *, who: str = "ann", channel: str = "chat") -> dict[Table, dict[str, Any]]:
    """A conversation of one message that nobody answered."""
    where = {"platform": "shopify", "channel": channel, "customer_key": who}
    message = {"message_id": f"{name}.1", "conversation_id": name, "seq": 1, "author": "customer", "public": True}
    return {
        CONVERSATION_FACTS: {"conversation_id": name, "opened_ms": at(hours), "needs_answer": True, **where},
        CONVERSATIONS: {"conversation_id": name, "opened_ms": at(hours), "first_key": who, **where},
        MESSAGES: {**message, "sent_ms": at(hours), "text": "hello?", "language": "en"},
    }


def survey(name: str, of: str, hours: float, rating: float) -> dict[Table, dict[str, Any]]:
    return {SURVEYS: {"survey_id": name, "conversation_id": of, "answered_ms": at(hours), "rating": rating}}


WORLD = [
    talk("a", 0),
    talk("b", 100),
    talk("c", 200),
    talk("d", 300),
    talk("e", 400, channel="email"),
    survey("1", "a", 5, 0.25),
    survey("2", "b", 110, 1.0),
    survey("3", "c", 199, 0.0),
]


def tables(*rows: dict[Table, dict[str, Any]]) -> list[pa.Table]:
    return [table(of, *(row[of] for row in rows if of in row)) for of in HEAD.reads]


def cases(*rows: dict[Table, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = HEAD.cases(*tables(*rows), settings=SETTINGS).checked(HEAD.name)
    told = found.rows[[*CASE, *FATE]].astype(object)
    listed = told.where(told.notna(), None).to_dict("records")
    for place, row in enumerate(listed):
        row["signs"] = {key: float(one.values[place]) for key, one in found.signs.items() if one.values[place]}
    return {row["case_id"]: row for row in listed}


def test_two_of_five_is_low_and_who_did_not_answer_says_nothing() -> None:
    found = cases(*WORLD)

    assert (at(5), True) == (found["a"]["event_ms"], found["a"]["answered"])
    assert (None, True) == (found["b"]["event_ms"], found["b"]["answered"])
    assert (None, False) == (found["d"]["event_ms"], found["d"]["answered"])


def test_an_answer_before_the_end_leaves_nothing_to_foresee() -> None:
    assert (None, False) == (cases(*WORLD)["c"]["event_ms"], cases(*WORLD)["c"]["answered"])


def test_asked_is_where_any_survey_is_told() -> None:
    found = cases(*WORLD)

    assert {"a": True, "b": True, "c": True, "d": True, "e": False} == {
        name: row["asked"] for name, row in found.items()
    }
    assert not any(row["asked"] or row["answered"] for row in cases(*WORLD[:5]).values())


def test_a_low_score_before_is_a_sign_from_the_moment_it_was_given() -> None:
    found = cases(*WORLD)

    assert "rated_low_before" not in found["a"]["signs"]
    assert 1 == found["b"]["signs"]["rated_low_before"]
    assert "rated_low_before" not in cases(talk("x", 0), talk("y", 3), survey("1", "x", 5, 0.0))["y"]["signs"]
    assert (
        "rated_low_before" not in cases(talk("x", 0), talk("y", 9, who="bob"), survey("1", "x", 5, 0.0))["y"]["signs"]
    )


def test_signs_are_those_of_the_end_of_the_conversation() -> None:
    assert 1 == cases(*WORLD)["d"]["signs"]["no_answer"]


def test_what_comes_later_changes_no_sign() -> None:
    whole = cases(*WORLD)

    then = cases(*WORLD[:2], *WORLD[5:6])

    assert whole["b"]["signs"] == then["b"]["signs"]


def test_a_sign_that_is_known_later_fails_by_its_name() -> None:
    found = HEAD.cases(*tables(*WORLD), settings=SETTINGS)
    late = dataclasses.replace(found.signs["threat"], known_ms=found.signs["threat"].known_ms + at(10_000))

    with pytest.raises(LeakError, match="low_csat: threat"):
        Cases(found.rows, {**found.signs, "threat": late}).checked(HEAD.name)


def test_every_sign_of_the_card_is_there() -> None:
    found = HEAD.cases(*tables(*WORLD), settings=SETTINGS)

    assert set(shipped.toml(HEAD.card)["reasons"]) <= set(found.signs)


def test_an_empty_shop_has_no_cases() -> None:
    assert {} == cases()
