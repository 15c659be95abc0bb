"""What every scorer keeps, whatever it scores: one row each, probabilities, any order of rows, no rows at all."""

import random

import pyarrow as pa
import pytest

from insight.schema import (
    CONVERSATION_FACTS,
    CONVERSATIONS,
    ISSUE_THREADS,
    MENTION_SENTIMENT,
    MENTIONS,
    MESSAGES,
    ORDERS,
    SENTIMENT_HEAD,
)
from insight.scorers import SCORERS
from insight.settings import Settings
from insight.store import conform
from tests.rows import DAY, HOUR, START, table

TEXTS = [
    "arrived broken",
    "",
    "谢谢，还没收到",
    "¿dónde está?",
    "😡" * 40,
    "x" * 5_000,
    "a\nb\tc",
    "I will open a dispute!!",
]
LANGUAGES = ["en", "zh", "es", "unknown"]


def example(seed, size=40):
    """Small tables of every kind that a scorer reads, related to each other, made by chance."""
    chance = random.Random(seed)
    names = [f"c{i:02}" for i in range(size)]
    said = [(c, i) for c in names for i in range(chance.randint(0, 3))]
    told = {
        c: {
            "conversation_id": c,
            "customer_key": chance.choice("abcd"),
            "order_id": chance.choice(["o1", "o2", None]),
            "opened_ms": START + chance.randint(0, 90) * DAY,
            "channel": "chat",
        }
        for c in names
    }
    word = {(c, i): {"text": chance.choice(TEXTS), "language": chance.choice(LANGUAGES)} for c, i in said}
    when = {(c, i): told[c]["opened_ms"] + i * HOUR for c, i in said}
    return {
        CONVERSATIONS: [{**t, "status": "resolved", "closed_ms": t["opened_ms"]} for t in told.values()],
        CONVERSATION_FACTS: [
            {
                **t,
                "needs_answer": True,
                "answered": chance.random() < 0.5,
                "late_response": True,
                "agents": 2,
                "first_response_ms": HOUR,
                "agent_messages": 1,
                "came_back": chance.choice([True, False, None]),
            }
            for t in told.values()
        ],
        MESSAGES: [
            {
                "message_id": f"{c}-{i}",
                "conversation_id": c,
                "seq": i,
                "public": True,
                "sent_ms": when[c, i],
                "author": chance.choice(["customer", "agent", "bot"]),
                **word[c, i],
            }
            for c, i in said
        ],
        MENTIONS: [
            {
                "mention_id": f"{c}-{i}:0",
                "origin": "message",
                "origin_id": f"{c}-{i}",
                "conversation_id": c,
                "customer_key": told[c]["customer_key"],
                "said_ms": when[c, i],
                **word[c, i],
            }
            for c, i in said
        ],
        MENTION_SENTIMENT: [
            {"mention_id": f"{c}-{i}:0", "label": chance.choice(["negative", "unsure"])} for c, i in said
        ],
        SENTIMENT_HEAD: [],
        ISSUE_THREADS: [
            {
                "conversation_id": c,
                "topic_id": "t",
                "thread_id": told[c]["customer_key"],
                "customer_key": told[c]["customer_key"],
                "contacted_ms": when[c, 0],
            }
            for c, i in said
            if i == 0
        ],
        ORDERS: [{"order_id": "o1", "promised_ms": START + 20 * DAY}, {"order_id": "o2"}],
    }


def score(scorer, rows, shuffle=None):
    tables = []
    for of in scorer.reads:
        part = list(rows[of])
        if shuffle:
            shuffle.shuffle(part)
        tables.append(table(of, *part))
    return conform(scorer.writes, scorer.score(*tables, settings=Settings(home="."))), tables[0]


@pytest.fixture(params=sorted(SCORERS))
def scorer(request):
    return SCORERS[request.param]


def test_it_is_known_by_its_name_and_asks_a_question(scorer):
    assert SCORERS[scorer.name] is scorer
    assert scorer.asks.endswith("?")


@pytest.mark.parametrize("seed", range(3))
def test_each_row_of_the_first_table_is_scored_once(scorer, seed):
    scored, first = score(scorer, example(seed))
    (key,) = scorer.writes.key

    assert sorted(first[key].to_pylist()) == sorted(scored[key].to_pylist())


def test_probabilities_are_between_nought_and_one(scorer):
    scored, _ = score(scorer, example(1))
    names = [n for n in ("negative", "neutral", "positive", "probability") if n in scored.column_names]

    assert names
    assert all(0 <= value <= 1 for name in names for value in scored[name].to_pylist())


def test_the_order_of_rows_does_not_matter(scorer):
    rows = example(2)

    assert score(scorer, rows)[0].equals(score(scorer, rows, shuffle=random.Random(5))[0])


def test_no_rows_give_no_rows(scorer):
    scored, _ = score(scorer, {of: [] for of in scorer.reads})

    assert 0 == scored.num_rows
    assert isinstance(scored, pa.Table)
