"""The job that lays out the topics: those that somebody speaks of, by what is said about them."""

import numpy as np
import pytest

from insight.engines import ENGINES
from insight.run import Run
from insight.schema import MENTION_TOPICS, MENTIONS, TOPIC_MAP, TOPICS, UNASSIGNED, VECTORS
from insight.settings import Settings
from jobs import topic_map as job
from tests.rows import kept, table

AXES = {"size.small": 0, "size.large": 1, "t-new": 2, UNASSIGNED: 3}


def told(placed, *, engine="local", reverse=False):
    """The rows of TOPIC_MAP by topic; `placed` is topic and how of each mention, each in words of its own."""
    rows = [(f"m{n:02}", f"h{n:02}", topic, how) for n, (topic, how) in enumerate(placed)]
    said = rows[::-1] if reverse else rows
    vectors = [(key, np.eye(4)[AXES[topic]] + 0.1 * n) for n, (_, key, topic, _) in enumerate(rows)]
    tables = [
        table(MENTIONS, *({"mention_id": m, "text_hash": h} for m, h, _, _ in said)),
        table(MENTION_TOPICS, *({"mention_id": m, "topic_id": t, "how": how} for m, _, t, how in said)),
        table(TOPICS, *({"topic_id": t, "family": "size" if "." in t else None} for t in AXES)),
        table(VECTORS, *({"text_hash": h, "vector": (v / np.linalg.norm(v)).tolist()} for h, v in vectors)),
    ]
    run = Run(Settings(home="."), ENGINES[engine])
    return {r["topic_id"]: r for r in kept(TOPIC_MAP, job.work(*(run.engine.frame(t) for t in tables), run=run))}


SAID = [("size.small", "seed"), ("size.large", "seed"), ("t-new", "found"), (UNASSIGNED, "none")]


@pytest.mark.parametrize("engine", ENGINES)
def test_topics_that_somebody_speaks_of_have_a_place(engine):
    rows = told(SAID, engine=engine)

    assert {"size.small", "size.large", "t-new"} == set(rows)
    assert {"size"} == {row["parent"] for row in rows.values()}
    assert {1, 2, 3} == {row["place"] for row in rows.values()}
    assert rows == told(SAID, engine=engine, reverse=True)


def test_what_only_the_context_tells_says_nothing_about_a_topic():
    assert {"size.small"} == set(told([("size.small", "seed"), ("t-new", "context")]))


def test_where_nobody_has_spoken_of_a_topic_there_is_no_map():
    assert {} == told([])
    assert {} == told([(UNASSIGNED, "none")])
