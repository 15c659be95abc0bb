"""What settled an issue before: answers, deeds, and rules where the data say nothing."""

import pandas as pd
import pytest

from insight import shipped
from insight.marts import next_steps
from insight.marts.faq import settled

TOPICS = pd.DataFrame(
    {"topic_id": ["logistics.late", "t1", "logistics.other"], "family": ["logistics", None, "logistics"]}
)
NO_ANSWER = pd.DataFrame(
    columns=["question_id", "language", "rank", "answer", "contacts", "judged", "settled", "share", "low", "high"]
)
NO_QUESTION = pd.DataFrame(columns=["question_id", "topic_id"])


def contacts(*groups):
    """Facts and deeds of (topic, n, how many came back, action or nothing, distinct customers)."""
    facts, done = [], []
    for number, (topic, n, back, action, customers) in enumerate(groups):
        for i in range(n):
            name = f"{number}-{i}"
            facts.append((name, topic, f"{number}k{i % customers}", None if back is None else i < back))
            if action:
                done.append((name, action))
    columns = ["conversation_id", "topic_id", "customer_key", "came_back"]
    told = pd.DataFrame(facts, columns=columns).astype({"came_back": "boolean"})
    return told, pd.DataFrame(done, columns=["conversation_id", "action"])


def steps(*groups, questions=NO_QUESTION, answers=NO_ANSWER, few=5):
    found = next_steps.steps(*contacts(*groups), questions, answers, TOPICS, few=few)
    return found[found["kind"] != "rule"].to_dict("records"), found


def test_a_deed_after_which_customers_stayed_away_is_suggested_with_its_figures():
    [row], _ = steps(("t1", 20, 2, "refund", 20), ("t1", 20, 10, None, 20))
    share, low, high = settled(18, 20, 28 / 40)
    assert (row["action"], row["contacts"], row["judged"], row["settled"]) == ("refund", 20, 20, 18)
    assert [row["share"], row["low"], row["high"], row["usual"]] == pytest.approx([share, low, high, 0.7])
    assert row["step_zh"]


def test_the_surest_deed_comes_first():
    rows, _ = steps(("t1", 12, 0, "resend", 12), ("t1", 60, 3, "refund", 60), ("t1", 40, 30, None, 40))
    assert [(row["rank"], row["action"]) for row in rows] == [(1, "refund"), (2, "resend")]


@pytest.mark.parametrize(
    ("group", "why"),
    [
        (("t1", 9, 0, "refund", 9), "too few could be judged"),
        (("t1", 20, 15, "refund", 20), "they came back more than usual"),
        (("t1", 20, 0, "refund", 4), "too few customers"),
        (("t1", 20, None, "refund", 20), "nobody knows whether they came back"),
        (("unassigned", 20, 0, "refund", 20), "no topic is no issue"),
        (("unknown", 20, 0, "refund", 20), "no topic is no issue"),
    ],
)
def test_a_deed_is_not_suggested_where(group, why):
    rows, _ = steps(group, ("t1", 40, 10, None, 40))
    assert rows == [], why


def test_an_answer_that_settled_it_is_named_by_language():
    questions = pd.DataFrame({"question_id": ["q"], "topic_id": ["t1"]})
    row = {"question_id": "q", "rank": 1, "contacts": 20, "judged": 18, "settled": 17, "share": 0.9, "high": 0.97}
    told = [
        row | {"language": "en", "answer": "surer", "low": 0.8},
        row | {"language": "en", "answer": "less sure", "low": 0.7},
        row | {"language": "de", "answer": "zu wenige", "low": 0.8, "judged": 9},
        row | {"language": "es", "answer": "peor", "low": 0.2, "share": 0.3},
    ]
    rows, _ = steps(("t1", 40, 10, None, 40), questions=questions, answers=pd.DataFrame(told))
    assert [(r["language"], r["rank"], r["step"]) for r in rows] == [("en", 1, "surer"), ("en", 2, "less sure")]


def test_a_rule_of_the_topic_else_of_its_family_else_of_any():
    _, found = steps()
    rules = found.set_index("topic_id")["action"].to_dict()
    assert rules == {"logistics.late": "carrier", "logistics.other": "tracking", "t1": "specialist"}
    assert found["share"].isna().all()


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("We have REFUNDED 20 EUR", "refund"),
        ("我们已为您退款", "refund"),
        ("Ersatz ist unterwegs", "resend"),
        ("给您补发一个新的", "resend"),
        ("Here is a voucher for you", "voucher"),
        ("您的物流单号是 [id]", "tracking"),
        ("返送ラベルをお送りします", "return_label"),
    ],
)
def test_a_deed_is_heard_in_what_agents_write(words, action):
    messages = pd.DataFrame({"conversation_id": ["c", "c", "d"], "text": [words, words, "Have a nice day (+ more)"]})
    assert next_steps.deeds(messages).values.tolist() == [["c", action]]


def test_every_rule_names_a_deed_that_is_told_in_both_languages():
    told = shipped.toml(next_steps.FILE)
    assert set(told["rules"].values()) <= set(told["actions"])
    for about in told["actions"].values():
        assert about["en"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in about["zh"])
        assert all(words == words.lower() for words in about["said"])
