"""Conversations with several issues in seven languages: every issue is a mention of its own, courtesies are none.

tests/data/multi_issue.tsv holds every message of 84 conversations. A customer's message has in `gold` the topics that
it brings, and in `spans`, in the same order, the words that carry each; both are joined by "|" and empty where the
message only greets, thanks, says who is writing, picks from a menu, answers, quotes or signs. A line break inside a
text is written as a backslash and an n.

An issue is *found* where a mention of its message holds all words of its span and none of the span of another topic:
two issues in one mention are both missed. A message without gold *leaks* where it gives a mention. A mention of a
message with gold that holds no word of any span is *idle*: it is text around the issues that was taken for one.
Conversations whose number is divisible by three were measured only after the words and rules had been settled.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from insight.pieces import split

FIXTURE = Path(__file__).parent / "data" / "multi_issue.tsv"
LANGUAGES = ("en", "zh", "de", "es", "fr", "ja", "pt")


class Message(NamedTuple):
    """What a customer wrote, and the words that carry each of its issues."""

    conversation: int
    language: str
    text: str
    prompt: str
    issues: tuple[tuple[str, str], ...]


@cache
def messages() -> tuple[Message, ...]:
    with FIXTURE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    said = []
    for before, row in zip([None, *rows], rows, strict=False):
        if row["author"] != "customer":
            continue
        asked = before and before["conversation"] == row["conversation"] and before["author"] != "customer"
        issues = zip(*(filter(None, row[column].split("|")) for column in ("gold", "spans")), strict=True)
        prompt = before["text"].replace(r"\n", "\n") if asked else ""
        text = row["text"].replace(r"\n", "\n")
        said.append(Message(int(row["conversation"]), row["language"], text, prompt, tuple(issues)))
    return tuple(said)


def words(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def found(message: Message, mentions: list[str]) -> list[bool]:
    """Whether a mention holds an issue and none of another topic, for each issue of a message."""
    held = [{topic for topic, span in message.issues if words(span) in words(m)} for m in mentions]
    return [
        any(words(span) in words(m) and topics == {topic} for m, topics in zip(mentions, held, strict=True))
        for topic, span in message.issues
    ]


def mentions(message: Message) -> list[str]:
    return [piece.text for piece in split(message.text, message.prompt) if not piece.reason]


def recall(chosen: list[Message]) -> float:
    return float(np.mean([hit for message in chosen for hit in found(message, mentions(message))]))


def test_the_fixture_is_what_it_says():
    by_language = {language: [m for m in messages() if m.language == language] for language in LANGUAGES}
    issues = Counter(m.conversation for m in messages() for _ in m.issues)
    assert {len({m.conversation for m in said}) for said in by_language.values()} == {12}
    assert sorted(issues) == list(range(1, 85))
    assert set(issues.values()) == {1, 2, 3, 4}
    assert all(m.text.count(span) == 1 for m in messages() for _, span in m.issues)


def test_every_issue_becomes_a_mention_of_its_own():
    assert recall(list(messages())) >= 0.85


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_issue_becomes_a_mention_of_its_own_in_every_language(language):
    assert recall([m for m in messages() if m.language == language]) >= 0.75


def test_conversations_that_no_rule_was_made_for_do_as_well():
    assert recall([m for m in messages() if m.conversation % 3 == 0]) >= 0.85


def test_what_says_nothing_gives_no_mention():
    leaks = [m.text for m in messages() if not m.issues and mentions(m)]
    assert leaks == []


def test_nearly_every_mention_carries_an_issue():
    idle = [
        text
        for m in messages()
        if m.issues
        for text in mentions(m)
        if not any(words(span) in words(text) or words(text) in words(span) for _, span in m.issues)
    ]
    assert len(idle) <= 0.01 * sum(len(mentions(m)) for m in messages())
