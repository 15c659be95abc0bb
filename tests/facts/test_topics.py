"""What was a conversation mainly about?"""

from insight.facts import topics
from insight.schema import MENTION_TOPICS, MENTIONS, UNASSIGNED
from tests.rows import START, found, table


def main(*said):
    """The main topic of one conversation from (topic, second)."""
    mentions = [
        {"mention_id": f"m{n}", "conversation_id": "c", "said_ms": START + second} for n, (_, second) in enumerate(said)
    ]
    placed = [{"mention_id": f"m{n}", "topic_id": topic} for n, (topic, _) in enumerate(said)]
    rows = found(topics.main, table(MENTIONS, *mentions), table(MENTION_TOPICS, *placed))
    return [row["topic_id"] for row in rows]


def test_the_topic_with_most_mentions_wins():
    assert main(("b", 0), ("a", 1), ("a", 2)) == ["a"]


def test_among_equals_the_one_said_first_wins_and_then_the_first_by_id():
    assert main(("a", 5), ("b", 4)) == ["b"]
    assert main(("b", 4), ("a", 4)) == ["a"]


def test_what_fits_no_topic_counts_only_where_nothing_fits():
    assert main((UNASSIGNED, 0), (UNASSIGNED, 1), ("z", 2)) == ["z"]
    assert main((UNASSIGNED, 0)) == [UNASSIGNED]


def test_a_mention_without_a_conversation_counts_for_none():
    mention = table(MENTIONS, {"mention_id": "m", "conversation_id": None})
    assert found(topics.main, mention, table(MENTION_TOPICS, {"mention_id": "m", "topic_id": "a"})) == []


def test_orders_have_a_main_topic_too():
    mentions = [
        {"mention_id": f"m{n}", "conversation_id": f"c{n}", "order_id": order}
        for n, order in enumerate(["o", "o", "p"])
    ]
    placed = [{"mention_id": f"m{n}", "topic_id": topic} for n, topic in enumerate("aab")]
    rows = found(topics.main, table(MENTIONS, *mentions), table(MENTION_TOPICS, *placed), of="order_id")
    assert rows == [{"order_id": "o", "topic_id": "a"}, {"order_id": "p", "topic_id": "b"}]
