"""Frequent questions: who asked, what was answered, what then happened; a naive second count beside the mart."""

import numpy as np
import pandas as pd
import pytest

from insight.marts import faq

DAY = 86_400_000
AXES = {"label": 0, "size": 1, "when": 2}


def embed(texts):
    """A space in which texts that share a known word lie together, and all others apart."""
    rows = np.zeros((len(texts), 64), np.float32)
    for row, text in zip(rows, texts, strict=True):
        known = [axis for word, axis in AXES.items() if word in text.casefold()]
        row[known[0] if known else 3 + sum(map(ord, text)) % 61] = 1
    return rows


def world(times=10, *, back=(), answer="Sie finden das Rücksendeetikett im Konto.", extra=()):
    """So many customers ask for the label, in two languages, and are answered after a question of the agent."""
    said, messages, facts = [], [], []
    for n in range(times):
        text = "Where is the label?" if n % 2 else "Wo ist das label?"
        c = f"c{n:02}"
        said.append(mention(n, text, topic="returns"))
        messages += talk(c, n, text, ["Which order is it?", f"Dear Kim {n},\n{answer} Bye"])
        facts.append({"conversation_id": c, "came_back": n in back, "answered": True})
    for n in range(times, times + 12):  # another question, with another answer
        text = "Which size do I need?"
        said.append(mention(n, text, topic="sizing"))
        messages += talk(f"c{n:02}", n, text, ["We will look into it for you soon.", *extra])
        facts.append({"conversation_id": f"c{n:02}", "came_back": None, "answered": True})
    return pd.DataFrame(said), pd.DataFrame(messages), pd.DataFrame(facts).astype({"came_back": "object"})


def mention(n, text, *, topic):
    where = {"mention_id": f"m{n:02}", "origin": "message", "origin_id": f"c{n:02}-1", "conversation_id": f"c{n:02}"}
    language = "de" if text.startswith("Wo ") else "en"
    return where | {"customer_key": f"k{n}", "language": language, "said_ms": n * DAY, "text": text, "topic_id": topic}


def talk(c, n, text, answers):
    yield {"conversation_id": c, "seq": 1, "author": "customer", "message_id": f"{c}-1", "text": text, "language": "de"}
    for seq, answer in enumerate(answers, start=2):
        line = {"conversation_id": c, "seq": seq, "author": "agent", "message_id": f"{c}-{seq}"}
        yield line | {"text": answer, "language": "de"}


def run(said, messages, facts, *, few=5):
    rows = faq.grouped(faq.asked(said, newest_ms=30 * DAY), embed, min_customers=few)
    best = faq.answers(faq.told(rows, messages), facts, embed, min_customers=few)
    return rows, best, faq.listed(rows, facts, best)


def test_one_question_in_two_languages_with_the_answer_that_settled_it():
    said, messages, facts = world(back=(0,))
    _, best, listed = run(said, messages, facts)

    assert listed["question_en"].tolist() == ["Which size do I need?", "Where is the label?"]
    question = listed.to_dict("records")[1]
    assert (question["contacts"], question["customers"], sorted(question["languages"])) == (10, 10, ["de", "en"])
    assert (question["judged"], question["settled"], question["share"]) == (10, 9, 0.9)
    assert question["question_zh"] is None
    assert question["gap"] == ""
    [answer] = best[best["question_id"] == question["question_id"]].to_dict("records")
    assert answer["answer"] == "Sie finden das Rücksendeetikett im Konto."
    assert (answer["contacts"], answer["judged"], answer["settled"], answer["rank"]) == (10, 10, 9, 1)
    # usual share 9/10: (9 + 10 · .9) / (10 + 10)
    assert answer["share"] == pytest.approx(18 / 20)


def test_names_and_questions_of_agents_are_no_answers():
    _, best, _ = run(*world())

    assert not best["answer"].str.contains("Kim|order").any()


def test_what_is_said_in_every_conversation_answers_none():
    said, messages, facts = world(extra=["Sie finden das Rücksendeetikett im Konto."])
    _, best, listed = run(said, messages, facts)

    assert best["answer"].tolist() == ["We will look into it for you soon."]
    assert listed["gap"].tolist() == ["", "no common answer"]


def test_a_question_that_brings_customers_back_more_than_usual_is_a_gap():
    said, messages, facts = world(times=12, back=range(9))
    calm = pd.DataFrame({"conversation_id": [f"x{n}" for n in range(200)], "came_back": False, "answered": True})
    _, _, listed = run(said, messages, pd.concat([facts, calm], ignore_index=True))

    found = listed.set_index("question_en").loc["Where is the label?"]
    assert found["gap"] == "comes back"
    assert found["high"] < found["usual"]


def test_what_too_few_asked_is_not_shown_nor_what_is_old():
    said, messages, facts = world()

    assert run(said, messages, facts, few=13)[2].empty
    assert run(said.assign(said_ms=-200 * DAY), messages, facts)[2].empty
    assert run(said.iloc[:0], messages, facts)[2].empty


def test_shuffled_rows_give_the_same():
    said, messages, facts = world(back=(1, 2))
    _, best, listed = run(said, messages, facts)
    mixed = [rows.sample(frac=1, random_state=3).reset_index(drop=True) for rows in (said, messages, facts)]
    _, best_2, listed_2 = run(*mixed)

    pd.testing.assert_frame_equal(best, best_2)
    pd.testing.assert_frame_equal(listed, listed_2)


def test_few_uses_say_little_about_an_answer():
    few, many = faq.settled(5, 5, 0.8), faq.settled(500, 500, 0.8)

    assert few[0] < many[0]
    assert few[1] < many[1]
    assert few[1] < few[0] < few[2]
