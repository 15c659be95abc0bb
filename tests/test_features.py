"""Features against a slow second implementation that spells them out, and what must not change them."""

import unicodedata
from collections import Counter
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import features, shipped

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LIKELY = st.text("abcdeéÜñß ?!1é大大变變気しないで😀.ー\t", max_size=40)


def one(text):
    return list(features.hashed([text])[1])


def letters(text):
    """Each letter of a text with its kind, folded one by one."""
    table = str.maketrans(shipped.toml("han.toml")["from"], shipped.toml("han.toml")["to"])
    for char in (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower():
        if not 0x300 <= ord(char) < 0x370:
            kind, char = int(features.kinds()[ord(char)]), char.translate(table)
            latin = 0xC0 <= ord(char) < 0x250 or 0x1E00 <= ord(char) < 0x1F00
            yield kind, unicodedata.normalize("NFD", char)[0] if latin else char


def spelled(text):
    """The features of a text as words, in no order."""
    runs = [(kind, "".join(char for _, char in some)) for kind, some in groupby(letters(text), key=itemgetter(0))]
    words = [run if kind == 1 else None for kind, run in runs if kind in (1, 2)]
    found = ["always", *(f"pair {a} {b}" for a, b in pairwise(words) if a and b)]
    for kind, run in runs:
        if kind == 1:
            found += [
                f"word {run}",
                *(f"piece <{run}>"[at + 6 : at + 10] for at in range(len(run) - 1) if len(run) > 4),
            ]
        if kind == 2:
            found += [f"run {run[at : at + n]}" for at in range(len(run)) for n in (1, 2, 3) if at + n <= len(run)]
        if kind == 3:
            found += [f"mark {char}" for char in run]
    return found


@settings(deadline=None)  # the first one waits for the compiler
@given(st.lists(LIKELY | ANY, max_size=6))
def test_features_are_those_that_the_slow_way_spells(texts):
    ends, hashes = features.hashed(texts)
    meant = [spelled(text) for text in texts]
    assert np.diff(ends).tolist() == [len(words) for words in meant]
    for words, start, end in zip(meant, ends[:-1], ends[1:], strict=True):
        assert sorted(Counter(words).values()) == sorted(Counter(hashes[start:end].tolist()).values())
    assert len(set(hashes.tolist())) == len({word for words in meant for word in words})


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("GRÖẞE", "große"),
        ("CAFÉ", "cafe"),
        ("café", "café"),
        ("ＡＢＣ１", "abc1"),
        ("變壞了", "变坏了"),
        ("発送", "发送"),
        ("don’t", "don't"),
    ],
)
def test_spellings_of_one_word_are_one(text, same):
    assert one(text) == one(same)


def test_the_order_of_words_matters():
    assert set(one("not refund, exchange")) != set(one("not exchange, refund"))


def test_a_question_is_told_from_a_statement():
    assert len(one("it fits?")) == len(one("it fits")) + 1


@pytest.mark.parametrize("text", ["", "   ", "...", "\u0301"])
def test_a_text_without_letters_has_the_feature_of_all_texts(text):
    assert one(text) == [features.ALWAYS]


def test_a_null_is_an_empty_text():
    assert features.hashed(pa.array(["a", None, "b"]))[0].tolist() == [0, 2, 3, 5]


def test_a_text_of_100_kb_is_read_whole():
    ends, _ = features.hashed(["broken zipper " * 7_000])
    assert ends[-1] > 14_000


@given(st.lists(ANY, min_size=1, max_size=5))
def test_slices_and_chunks_of_arrow_give_what_lists_give(texts):
    whole = features.hashed(texts)
    chunked = pa.chunked_array([pa.array(["x", *texts], pa.string()).slice(1), pa.array([], pa.string())])
    assert np.array_equal(whole[0], features.hashed(chunked)[0])
    assert np.array_equal(whole[1], features.hashed(chunked)[1])
