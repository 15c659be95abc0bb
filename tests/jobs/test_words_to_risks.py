"""From mentions to moods, threads, risks and wishes: the jobs run on every engine and agree."""

import pytest

from insight.engines import ENGINES
from insight.run import Run
from insight.schema import (
    CATALOGUE,
    CONVERSATION_FACTS,
    CONVERSATIONS,
    CUSTOMER_LINKS,
    DEMAND_MENTIONS,
    ISSUE_THREADS,
    MENTION_SENTIMENT,
    MENTION_TOPICS,
    MENTIONS,
    MESSAGES,
    ORDERS,
    RISK_SCORES,
    SENTIMENT_HEAD,
    TOPICS,
    Previous,
)
from insight.settings import Settings
from insight.store import conform
from jobs import demand, risks, sentiment, threads
from tests.rows import DAY, START, table

SAID = {
    "a": ("my camera arrived broken", 0),
    "b": ("the camera is still broken, do you have a case for it?", 2),
    "c": ("有没有防水壳", 9),
}
ANN = {"customer_key": "ann", "order_id": "o1"}
TABLES = {
    CATALOGUE: table(CATALOGUE, {"sku": "C1", "name": "Acme Camera", "family": "camera"}),
    CONVERSATIONS: table(
        CONVERSATIONS, *({**ANN, "conversation_id": c, "opened_ms": START + d * DAY} for c, (_, d) in SAID.items())
    ),
    CONVERSATION_FACTS: table(
        CONVERSATION_FACTS,
        *(
            {**ANN, "conversation_id": c, "opened_ms": START + d * DAY, "needs_answer": True}
            for c, (_, d) in SAID.items()
        ),
    ),
    MESSAGES: table(
        MESSAGES,
        *(
            {
                "message_id": f"m{c}",
                "conversation_id": c,
                "author": "customer",
                "public": True,
                "text": t,
                "language": "en",
                "sent_ms": START + d * DAY,
            }
            for c, (t, d) in SAID.items()
        ),
    ),
    MENTIONS: table(
        MENTIONS,
        *(
            {
                **ANN,
                "mention_id": f"m{c}:0",
                "origin": "message",
                "origin_id": f"m{c}",
                "conversation_id": c,
                "text": t,
                "sku": "C1",
                "language": "zh" if c == "c" else "en",
                "said_ms": START + d * DAY,
            }
            for c, (t, d) in SAID.items()
        ),
    ),
    MENTION_TOPICS: table(
        MENTION_TOPICS, *({"mention_id": f"m{c}:0", "topic_id": "wish" if c == "c" else "broken"} for c in SAID)
    ),
    ORDERS: table(ORDERS, {"order_id": "o1"}),
    SENTIMENT_HEAD: table(SENTIMENT_HEAD),
    TOPICS: table(TOPICS),
    CUSTOMER_LINKS: table(CUSTOMER_LINKS),
}


@pytest.fixture(scope="module", params=sorted(ENGINES))
def lake(request):
    """The tables that the four jobs leave behind, one after the other, on one engine."""
    engine = ENGINES[request.param]
    run, found = Run(Settings(home="."), engine), dict(TABLES)

    def given(read):
        """A table as it stands; nothing where no feed tells it, and where a job reads what it wrote before."""
        of = read.table if isinstance(read, Previous) else read
        return engine.frame(table(of) if of is not read else found.get(of, table(of)))

    for job in (sentiment, threads, risks, demand):
        rows = job.work(*(given(read) for read in job.READS), run=run)
        writes = job.WRITES if isinstance(job.WRITES, tuple) else (job.WRITES,)
        found |= {of: conform(of, part) for of, part in zip(writes, rows if len(writes) > 1 else (rows,), strict=True)}
    return {of: {tuple(row[k] for k in of.key): row for row in rows.to_pylist()} for of, rows in found.items()}


def test_a_broken_camera_is_negative_and_a_wish_is_not(lake):
    labels = {mention: row["label"] for (mention,), row in lake[MENTION_SENTIMENT].items()}

    assert {"ma:0": "negative", "mb:0": "negative", "mc:0": "neutral"} == labels


def test_writing_about_it_again_is_one_thread(lake):
    assert {"a": 1, "b": 2, "c": 1} == {of: row["nth"] for (of, _), row in lake[ISSUE_THREADS].items()}


def test_who_wrote_again_is_more_at_risk(lake):
    scores = {case: row for (head, case), row in lake[RISK_SCORES].items() if head == "repeat_contact"}

    assert scores["c"]["probability"] < scores["a"]["probability"] < scores["b"]["probability"]
    assert "second contact about this issue in 2 days" in scores["b"]["reasons"]


def test_what_is_asked_for_has_one_spelling(lake):
    asked = {mention: row["asked"] for (mention, *_), row in lake[DEMAND_MENTIONS].items()}

    assert {"mb:0": "case", "mc:0": "waterproof case"} == asked
