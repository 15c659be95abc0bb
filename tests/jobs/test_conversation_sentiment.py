"""The job on every engine: moods by the seller's own head, whatever the order of the rows."""

from __future__ import annotations

import random

import numpy as np
import pytest

from insight.engines import ENGINES
from insight.run import Run
from insight.schema import MESSAGES
from insight.sentiment_fit import Rows, fit
from insight.settings import Settings
from jobs import conversation_sentiment
from tests.rows import DAY, START, kept, table

LESSONS = {
    0: ("this is awful", "awful and broken", "broken again, awful"),
    1: ("when does it ship?", "the order number", "my order, when?"),
    2: ("this is wonderful", "wonderful, thank you", "thank you so much"),
}


@pytest.fixture(scope="module")
def own():
    """A small head of the seller's own, as rows of the lake."""
    told = [(text, number) for number, texts in LESSONS.items() for text in texts * 8]
    classes = np.array([number for _, number in told], np.int64)
    rows = Rows([text for text, _ in told], ["en"] * len(told), classes, np.ones(len(told)))
    return fit(rows, speaks="own").to_table()


SAID = (
    ("healed", "customer", "this is awful, broken again"),
    ("healed", "agent", "awful, I am sorry"),
    ("healed", "customer", "wonderful, thank you so much"),
    ("lost", "customer", "when does it ship?"),
    ("lost", "customer", "awful, broken again"),
    ("calm", "customer", "my order, when?"),
    ("mute", "agent", "hello?"),
)
MESSAGES_SAID = table(
    MESSAGES,
    *(
        {
            "message_id": f"m{n}",
            "conversation_id": conversation,
            "seq": n,
            "author": author,
            "public": True,
            "sent_ms": START + n * DAY,
            "text": text,
            "language": "en",
        }
        for n, (conversation, author, text) in enumerate(SAID, start=1)
    ),
)


def moods(engine, messages, own):
    on = ENGINES[engine]
    rows = conversation_sentiment.work(on.frame(messages), on.frame(own), run=Run(Settings(home="."), on))
    return kept(conversation_sentiment.WRITES, rows)


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_each_conversation_in_words_has_the_way_of_its_mood(engine, own):
    rows = {row["conversation_id"]: row for row in moods(engine, MESSAGES_SAID, own)}

    assert {"healed": True, "lost": False, "calm": None} == {name: row["recovered"] for name, row in rows.items()}
    assert {"healed": 2, "lost": 2, "calm": 1} == {name: row["scored"] for name, row in rows.items()}
    assert {"own"} == {row["speaks"] for row in rows.values()}


def test_shuffled_rows_and_other_engines_give_the_same_table(own):
    expected = moods("local", MESSAGES_SAID, own)
    dice = random.Random(1)
    for engine in ENGINES:
        mixed = [rows.take(dice.sample(range(len(rows)), len(rows))) for rows in (MESSAGES_SAID, own)]
        assert expected == moods(engine, *mixed)
