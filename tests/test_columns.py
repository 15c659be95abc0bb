"""First rows and look-ups against slow second ways to say them."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from insight.columns import combined, filled, first_rows, look_up

KEYS = st.lists(st.one_of(st.none(), st.sampled_from("abcd")), max_size=12)


@given(KEYS)
def test_first_rows_are_those_whose_key_was_not_there_before(keys):
    slow = [n for n, key in enumerate(keys) if key is not None and key not in keys[:n]]

    assert slow == first_rows(pa.array(keys, pa.string())).tolist()


@given(KEYS, st.lists(st.tuples(st.one_of(st.none(), st.sampled_from("abc")), st.one_of(st.none(), st.integers(0, 9)))))
def test_a_look_up_finds_the_first_value_that_was_told(wanted, pairs):
    slow = [next((v for k, v in pairs if k == w and v is not None and w is not None), None) for w in wanted]

    found = look_up(
        pa.array(wanted, pa.string()),
        pa.array([k for k, _ in pairs], pa.string()),
        pa.array([v for _, v in pairs], pa.int64()),
    )
    assert slow == found.to_pylist()


def test_joined_keys_keep_their_borders():
    left = combined([pa.array(["a", "ab"]), pa.array(["bc", "c"])])

    assert 2 == len(set(left.to_pylist()))


def test_what_nobody_told_is_filled():
    assert ["a", "unknown", "unknown"] == filled(pa.array(["a", "", None]), "unknown").to_pylist()
