"""Fitting, keeping and speaking of a sentiment head, on a language small enough to be learned in a moment."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import sentiment_head
from insight.errors import MissingPart
from insight.schema import SENTIMENT_HEAD
from insight.sentiment_fit import Rows, calibrated, fit, surest
from insight.sentiment_head import CLASSES, Head, encoder_name
from insight.store import conform
from tests.moods import rows_of_moods


@pytest.fixture(scope="module")
def head():
    rows, held = rows_of_moods(240, seed=1), rows_of_moods(120, seed=2)
    one = fit(rows, speaks="own")
    return calibrated(one, one.chances(held.texts, held.languages), held.classes)


def test_it_learns_what_words_mean(head):
    held = rows_of_moods(150, seed=3)
    chances = head.chances(held.texts, held.languages)

    assert (chances.argmax(axis=1) == held.classes).mean() > 0.9
    assert np.allclose(1, chances.sum(axis=1))


def test_of_what_it_labels_nine_of_ten_are_right_on_held_rows(head):
    held = rows_of_moods(300, seed=4)
    chances = head.chances(held.texts, held.languages)
    labels = head.labels(chances)
    told = [(label, CLASSES[c]) for label, c in zip(labels, held.classes, strict=True) if label != "unsure"]

    assert sum(label == truth for label, truth in told) >= 0.9 * len(told) > 0


def test_rows_that_count_for_nothing_change_nothing(head):
    rows = rows_of_moods(240, seed=1)
    noise = Rows(rows.texts, rows.languages, rows.classes[::-1].copy(), np.zeros(len(rows)))
    with_noise, without = fit(rows + noise, speaks="own"), fit(rows, speaks="own")
    chances = [one.chances(["blorp", "zing"], ["en", "en"]) for one in (with_noise, without)]

    assert (chances[0].argmax(axis=1) == chances[1].argmax(axis=1)).all()


def test_the_same_rows_give_the_same_bytes():
    assert (
        fit(rows_of_moods(60, seed=1), speaks="own").to_bytes()
        == fit(rows_of_moods(60, seed=1), speaks="own").to_bytes()
    )


def test_a_head_is_kept_in_a_file_and_in_a_table_without_loss(head):
    texts, languages = ["zing zing blorp", "meeple", "谢谢", ""], ["en", "en", "zh", "unknown"]
    said = head.chances(texts, languages)
    filed = Head.from_bytes(head.to_bytes())
    rows = conform(SENTIMENT_HEAD, head.to_table())
    kept = Head.from_table(rows)

    assert said.tolist() == filed.chances(texts, languages).tolist() == kept.chances(texts, languages).tolist()
    assert (head.sure, "own") == (kept.sure, kept.speaks)


def test_an_empty_table_is_no_head():
    assert Head.from_table(SENTIMENT_HEAD.arrow.empty_table()) is None


def test_a_head_of_other_rules_is_refused(head):
    data = head.to_bytes().replace(b'\\"features\\": \\"', b'\\"features\\": \\"9', 1)
    length = int.from_bytes(data[:8], "little") + 1

    with pytest.raises(MissingPart, match="other rules"):
        Head.from_bytes(length.to_bytes(8, "little") + data[8:])


def test_a_shipped_head_of_another_encoder_is_refused(head, monkeypatch, tmp_path):
    (tmp_path / "head").write_bytes(replace(head, encoder="another one").to_bytes())
    monkeypatch.setattr(sentiment_head.shipped, "path", lambda name: tmp_path / "head")
    sentiment_head.shipped_head.cache_clear()
    with pytest.raises(MissingPart, match="belongs to another encoder"):
        sentiment_head.shipped_head()
    sentiment_head.shipped_head.cache_clear()


def test_a_kept_head_of_another_encoder_does_not_speak(head):
    assert Head.from_table(conform(SENTIMENT_HEAD, replace(head, encoder="another one").to_table())) is None
    assert Head.from_table(conform(SENTIMENT_HEAD, head.to_table())).encoder == encoder_name()


@pytest.mark.parametrize("text", ["", "   ", "...", "\n\t", ",;-"])
def test_a_text_without_letters_digits_and_marks_gets_the_shares_of_the_classes(head, text):
    (row,) = head.chances([text], ["en"])

    assert row.tolist() == pytest.approx(head.base.tolist())


def test_a_very_long_text_has_an_answer(head):
    (row,) = head.chances(["blorp " * 17_000], ["en"])

    assert 0 == row.argmax()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_texts_get_probabilities_that_do_not_depend_on_their_neighbours(texts):
    one = _small()
    together = one.chances(texts, ["en"] * len(texts))

    assert np.allclose(1, together.sum(axis=1))
    assert [one.chances([text], ["en"])[0].tolist() for text in texts] == together.tolist()


@cache
def _small():
    return fit(rows_of_moods(60, seed=1), speaks="own")


def test_the_bound_is_the_least_above_which_nine_of_ten_are_right():
    best = np.array([0.5] * 10 + [0.7] * 20)
    chances = np.column_stack([best, (1 - best) / 2, (1 - best) / 2])
    classes = np.array([1] * 10 + [0] * 19 + [1])

    assert 0.51 == surest(chances, classes)
    assert 0.95 == surest(chances, np.ones(30, np.int64))
