"""Benjamini and Hochberg, by hand and by a second way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.discovery import benjamini_hochberg


@given(st.lists(st.one_of(st.floats(0, 1), st.none()), max_size=30), st.integers(0, 60))
def test_false_discoveries_are_counted_as_by_hand(told, tests):
    p = np.array([np.nan if v is None else v for v in told], dtype=float)
    known = sorted(v for v in told if v is not None)
    many = max(tests, len(known))
    by_hand = [
        np.nan if v is None else min(min(w * many / (n + 1) for n, w in enumerate(known) if w >= v), 1) for v in told
    ]

    assert benjamini_hochberg(p, tests=tests) == pytest.approx(np.array(by_hand, dtype=float), nan_ok=True)


def test_what_was_not_told_is_no_test_and_the_shape_stays():
    p = np.array([[0.01, 0.04, 0.03], [0.005, 0.9, np.nan]])
    # sorted .005 .01 .03 .04 .9, times 5 / rank: .025 .025 .05 .05 .9
    expected = np.array([[0.025, 0.05, 0.05], [0.025, 0.9, np.nan]])
    assert benjamini_hochberg(p) == pytest.approx(expected, nan_ok=True)
