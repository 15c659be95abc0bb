"""A static table: what a vector is, what may not change it, and what a changed file is met with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import features, pooling
from insight.errors import MissingPart
from insight.pooling import StaticTable

TEXTS = ["too small", "not refund, exchange", "物流太慢了", "", "x" * 100_000, "😀", "Größe passt nicht"]


@pytest.fixture(scope="module")
def table():
    _, hashes = features.hashed(TEXTS)
    known = np.unique(hashes)
    return StaticTable.rounded(known, np.random.default_rng(1).normal(size=(len(known), 24)).astype(np.float32))


def slow(table, text):
    """The vector of one text, feature by feature."""
    row = dict(zip(table.hashes.tolist(), table.rows * table.scales[:, None].astype(np.float64), strict=True))
    total = sum((row[h] for h in features.hashed([text])[1].tolist() if h in row), np.zeros(table.dimensions))
    return total / np.linalg.norm(total)


def test_a_vector_is_the_sum_of_what_is_known_made_one_long(table):
    for text, vector in zip(TEXTS, table.vectors(TEXTS), strict=True):
        assert np.allclose(vector, slow(table, text), atol=1e-5 if len(text) < 1000 else 1e-3)


@settings(deadline=None)
@given(st.lists(st.sampled_from(TEXTS) | st.text(max_size=12), max_size=12))
def test_a_vector_does_not_depend_on_its_neighbours(table, texts):
    together = table.vectors(texts)
    assert together.shape == (len(texts), 24)
    for text, vector in zip(texts, together, strict=True):
        assert np.array_equal(table.vectors([text])[0], vector)


def test_threads_and_slices_change_no_bit(table, monkeypatch):
    many = TEXTS * 40
    monkeypatch.setattr(pooling, "SLICE", 7)
    one = table.vectors(many)
    monkeypatch.setattr(pooling, "threads", lambda: 1)
    monkeypatch.setattr(pooling, "SLICE", 4096)
    assert np.array_equal(one, table.vectors(many))


def test_what_nothing_is_known_of_lies_where_the_empty_text_lies(table):
    empty, unknown = table.vectors(["", "qqqq zzzz"])
    assert np.array_equal(empty, unknown)
    assert np.isclose(np.linalg.norm(empty), 1)


def test_bytes_are_little_and_nothing_of_meaning_is_lost():
    known = np.sort(np.random.default_rng(2).integers(1, 2**63, 500).astype(np.uint64))
    exact = StaticTable.exact(known, np.random.default_rng(3).normal(size=(500, 64)).astype(np.float32))
    rounded = StaticTable.rounded(exact.hashes, exact.rows)
    assert rounded.rows.dtype == np.int8
    back = rounded.rows * rounded.scales[:, None]
    cosine = (back * exact.rows).sum(1) / np.linalg.norm(back, axis=1) / np.linalg.norm(exact.rows, axis=1)
    assert cosine.min() > 0.999


def test_a_table_comes_back_as_it_was_written(table):
    again = StaticTable.from_bytes(table.to_bytes())
    assert again.digest == table.digest
    assert again.to_bytes() == table.to_bytes()


@settings(deadline=None)
@given(st.integers(min_value=0), st.integers(0, 7))
def test_one_flipped_bit_is_refused_with_both_hashes(table, place, bit):
    data = bytearray(table.to_bytes())
    head = 8 + int.from_bytes(data[:8], "little")
    data[head + place % (len(data) - head)] ^= 1 << bit
    with pytest.raises(MissingPart) as error:
        StaticTable.from_bytes(bytes(data))
    assert error.value.wanted == table.digest
    assert error.value.came not in ("", table.digest)


@pytest.mark.parametrize("data", [b"", b"not a table", b"\x00" * 64])
def test_what_is_no_table_is_refused(data):
    with pytest.raises(MissingPart):
        StaticTable.from_bytes(data)
