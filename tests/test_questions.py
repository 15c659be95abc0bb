"""Which sentences ask, and which wordings are one question."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import questions


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hello. Where is my parcel? Thanks!", "Where is my parcel?"),
        ("Is it blue?? And how much is it?", "Is it blue?? And how much is it?"),
        ("It is broken.", ""),
        ("你好。什么时候发货？谢谢", "什么时候发货？"),
        ("能退款吗", "能退款吗"),
        ("返金はいつですか。お願いします。", "返金はいつですか。"),
        ("", ""),
    ],
)
def test_only_the_sentences_that_ask_are_kept(text, asked):
    assert asked == questions.asked(text)


@pytest.mark.parametrize(
    ("sentence", "tells"),
    [
        ("You have 30 days, the label is free.", True),
        ("退货标签已发您邮箱,交给邮局就行。", True),
        ("Can you confirm your order number?", False),
        ("Dear Javier Solano García:", False),
        ("Yuki", False),
        ("Thank you very much!", False),
    ],
)
def test_an_answer_neither_asks_nor_greets_and_is_no_name(sentence, tells):
    assert tells == questions.tells(sentence)


def test_answers_that_differ_in_a_number_are_one():
    assert questions.plain("It ships in 3 days.") == questions.plain("it  ships in 12 days.")


def unit(*angles):
    """Vectors in the plane at so many degrees."""
    turned = np.radians(angles)
    return np.column_stack([np.cos(turned), np.sin(turned)]).astype(np.float32)


def test_near_wordings_are_one_question_and_far_ones_are_not():
    assert [0, 0, 1, 0, 1] == questions.same(unit(0, 5, 120, 10, 125)).tolist()


def test_a_wording_beyond_those_compared_joins_the_nearest_or_stands_alone(monkeypatch):
    monkeypatch.setattr(questions, "COMPARED", 3)

    assert [0, 0, 1, 1, 2] == questions.same(unit(0, 5, 120, 118, 240)).tolist()


@pytest.mark.parametrize("count", [0, 1])
def test_one_wording_or_none_is_no_matter(count):
    assert count == len(questions.same(unit(*range(count))))


@given(st.lists(st.integers(0, 359), min_size=2, max_size=12), st.randoms())
def test_the_order_of_wordings_does_not_matter(angles, dice):
    order = list(range(len(angles)))
    dice.shuffle(order)
    first, second = questions.same(unit(*angles)), questions.same(unit(*[angles[n] for n in order]))
    pairs = {(first[a] == first[b]) == (second[order.index(a)] == second[order.index(b)]) for a in order for b in order}

    if (
        len(set(np.round(np.abs(np.subtract.outer(angles, angles)), 0).ravel()))
        == len(angles) * (len(angles) - 1) // 2 + 1
    ):
        assert pairs == {True}  # without ties of distances, which may be merged in either order


@given(st.text(max_size=200))
def test_sentences_hold_every_word(text):
    assert "".join(text.split()) == "".join("".join(questions.sentences(text)).split())
