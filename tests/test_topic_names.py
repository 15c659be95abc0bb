"""Clusters to words, names and quotes."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import language, topic_names
from insight.schema import UNASSIGNED
from insight.topic_names import Word


def said(*rows):
    """Mentions: topic, customer, text, and where needed the language."""
    columns = {"label": "int64", "customer_key": "str", "text": "str", "language": "str"}
    frame = pd.DataFrame([(*row, "en")[:4] for row in rows], columns=list(columns)).astype(columns)
    names = frame["label"].map(lambda label: f"t{label}" if label >= 0 else UNASSIGNED)
    numbers = [f"m{i:03}" for i in range(len(frame))]
    return frame.assign(mention_id=numbers, topic_id=names, similarity=1.0, how="found")


def words(frame, topics, enough):
    found = topic_names.words(frame, topics=topics, split=language.words, min_customers=enough)
    return [[one.word for one in few] for few in found]


def names(*topics, spoken="en"):
    return topic_names.names(
        [[Word(*one) if isinstance(one, tuple) else Word(one, spoken) for one in few] for few in topics]
    )


SHOES = [(0, f"c{i}", f"these shoes are too small {'pinching' if i == 0 else ''}") for i in range(6)]
PARCELS = [(1, f"c{i}", "where is my parcel") for i in range(6)]


def test_words_set_topics_apart_and_stop_words_do_not_count():
    shoes, parcels = words(said(*SHOES, *PARCELS), 2, 5)
    assert set(shoes) == {"shoes", "small"}
    assert parcels == ["parcel"]


def test_a_word_of_too_few_customers_is_not_shown_however_often_they_say_it():
    loud = [(0, "c0", f"pinching pinching {i}") for i in range(50)]
    assert "pinching" not in words(said(*SHOES, *loud), 1, 2)[0]
    assert "pinching" in words(said(*SHOES, *loud), 1, 1)[0]


def test_forms_of_one_word_are_told_once():
    rows = [(0, f"c{i}", "refund refunds refunded the shoes") for i in range(5)]
    assert len(words(said(*rows), 1, 1)[0]) == 2


@pytest.mark.parametrize(
    ("text", "language_", "word"), [("裙子太小了", "zh", "裙子"), ("サイズが小さいです", "ja", "サイズ")]
)
def test_words_of_chinese_and_japanese(text, language_, word):
    assert word in words(said(*[(0, f"c{i}", text, language_) for i in range(5)]), 1, 5)[0]


def test_topics_without_mentions_have_no_words():
    assert words(said(*SHOES).head(0), 2, 5) == [[], []]


def test_a_name_is_readable_in_both_languages_whatever_the_customers_spoke():
    english, chinese = names(["erstattung", "paket"], ["refund", "size"], ["裙子"])
    assert english == ["refund · package", "refund · size", "dress"]
    assert chinese == ["退款 · 包裹", "退款 · 尺码", "连衣裙"]


def test_no_two_names_are_equal():
    words_of = [["refund"], ["refund"], ["refund", "late"], ["erstattung"], [], []]
    for told in names(*words_of):
        assert len(set(told)) == len(words_of)
        assert all(told)


def test_words_that_the_reader_does_not_understand_stand_only_where_there_are_too_few_others():
    mixed = [("nie", "de"), ("gasket", "en"), ("verschoben", "de"), ("hinge", "en"), ("垫圈", "zh")]
    english, chinese = names(mixed, mixed[:2])
    assert ["gasket · hinge", "gasket · nie"] == english
    assert ["gasket · hinge · 垫圈", "gasket · nie"] == chinese


def test_quotes_are_the_nearest_each_from_another_customer_in_other_words():
    frame = said(
        (0, "ann", "far away"), (0, "ann", "near"), (0, "bob", "NEAR!"), (0, "bob", "second"), (0, "eve", "third"),
    )  # fmt: skip
    frame["similarity"] = [0.1, 0.9, 0.8, 0.7, 0.6]
    quotes = topic_names.quotes(frame, min_customers=3)
    assert list(zip(quotes["rank"], quotes["quote"], strict=True)) == [(1, "near"), (2, "second"), (3, "third")]


def test_a_topic_of_too_few_customers_is_not_quoted():
    assert len(topic_names.quotes(said(*SHOES), min_customers=7)) == 0
    assert len(topic_names.quotes(said(*SHOES), min_customers=6)) > 0


def test_a_name_that_another_topic_has_in_any_letters_is_not_given():
    english, chinese = topic_names.names([[Word("refund", "en")]], (["Refund"], ["退款"]))
    assert ["refund (2)"] == english
    assert ["退款 (2)"] == chinese


def test_what_fits_no_topic_or_only_follows_its_conversation_is_not_quoted():
    frame = said(*SHOES, *PARCELS, *((-1, f"c{i}", f"hm {i}") for i in range(9)))
    frame["how"] = ["found"] * 6 + ["context"] * 6 + ["none"] * 9
    assert {"t0"} == set(topic_names.quotes(frame, min_customers=5)["topic_id"])


def test_a_word_counts_once_per_customer_and_is_of_the_language_that_most_of_them_speak():
    rows = [
        (0, "ann", "karton karton", "de"),
        (0, "ann", "karton", "en"),
        (0, "bob", "Karton!", "de"),
        (0, "cat", "box"),
    ]
    counted = topic_names.counted(topic_names.spoken(said(*rows), language.words))
    assert [("box", 1, "en"), ("karton", 2, "de")] == list(
        counted[["word", "customers", "language"]].itertuples(index=False, name=None)
    )
    meant = topic_names.counted(topic_names.spoken(said(*rows), language.words), {"karton": "box"})
    assert [("box", 3, "de")] == list(meant[["word", "customers", "language"]].itertuples(index=False, name=None))


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.text(max_size=20)), max_size=12), st.randoms())
def test_hostile_texts_in_any_order_have_the_same_words(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, two = (topic_names.words(said(*r), topics=3, split=language.words, min_customers=1) for r in (rows, shuffled))
    assert one == two
