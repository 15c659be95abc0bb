"""Who is who from run to run: versions, states, and mentions that follow their conversation."""

import pandas as pd
import pytest

from insight import topic_ids
from insight.schema import UNASSIGNED

COLUMNS = ["mention_id", "topic_id", "how", "similarity", "version", "automatic_id", "automatic_how"]


def earlier(*rows):
    """MENTION_TOPICS of the last run: mention, automatic topic, how the machine came to it, version."""
    told = [(m, topic, how, 0.5, version, topic, how) for m, topic, how, version in rows]
    return pd.DataFrame(told, columns=COLUMNS).astype({"version": "int64"})


def test_a_version_is_one_more_than_any_before():
    assert 1 == topic_ids.this_version(earlier())
    assert 4 == topic_ids.this_version(earlier(("a", "t0", "found", 3), ("b", "t1", "seed", 1)))


def test_a_text_keeps_what_the_machine_said_of_its_words_and_not_what_its_conversation_said():
    said = pd.DataFrame({"mention_id": ["a", "b", "c", "d"], "text_hash": ["x", "x", "y", "z"]})
    before = earlier(("a", UNASSIGNED, "none", 1), ("b", "t0", "found", 1), ("c", "t0", "context", 1))
    assert {"x": "t0", "y": UNASSIGNED} == topic_ids.kept(said, before)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([("t0", "c"), (UNASSIGNED, "c")], ["t0", "t0"]),
        ([("t0", "c"), (UNASSIGNED, "d")], ["t0", UNASSIGNED]),
        ([("t0", "c"), ("t1", "c"), (UNASSIGNED, "c")], ["t0", "t1", UNASSIGNED]),
        ([("t0", None), (UNASSIGNED, None)], ["t0", UNASSIGNED]),
        ([(UNASSIGNED, "c")], [UNASSIGNED]),
        ([], []),
    ],
)
def test_a_mention_follows_its_conversation_where_that_speaks_of_one_topic(told, found):
    topics = pd.Series([topic for topic, _ in told], dtype="str")
    conversations = pd.Series([conversation for _, conversation in told], dtype="str")
    assert found == topic_ids._in_company(topics, conversations).tolist()


def test_states_follow_from_the_assignments():
    day = 86_400_000
    rows = pd.DataFrame(
        [("t0", 1, 100 * day), ("t0", 2, 100 * day), ("t1", 2, 100 * day), ("t2", 1, 9 * day), (UNASSIGNED, 1, 0)],
        columns=["topic_id", "version", "said_ms"],
    )
    before = pd.DataFrame({"topic_id": ["t2", "t3", "sizing.too_small"], "kind": ["found", "found", "seed"]})
    told = topic_ids.automatic(rows, before).set_index("topic_id")
    assert {"t0": "candidate", "t1": "new", "t2": "retired", "t3": "retired"} == dict(
        told["state"][told["kind"] == "found"]
    )
    assert {"live"} == set(told["state"][told["kind"] == "seed"])
