"""What was known at a moment: against a count by hand and a slow second way."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insight.asof import as_of

ROW = st.tuples(st.integers(0, 3), st.integers(-50, 50), st.integers(0, 1))
ASK = st.tuples(st.integers(0, 5), st.integers(-60, 60))


def test_three_reviews_two_of_them_written_by_then() -> None:
    ids, known, bad = np.array([7, 7, 7, 8]), np.array([30, 10, 20, 5]), np.array([1.0, 0.0, 1.0, 1.0])

    many, bads, newest = as_of(ids, known, bad, np.array([7, 8, 9]), np.array([20, 4, 99]))

    assert [2, 0, 0] == many.tolist()
    assert [1, 0, 0] == bads.tolist()
    assert [20, 0, 0] == newest.tolist()


@given(st.lists(ROW, max_size=30), st.lists(ASK, max_size=10))
def test_as_a_loop_would_count(rows: list[tuple[int, int, int]], asks: list[tuple[int, int]]) -> None:
    ids, known, values = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    asked, at = (np.array([ask[k] for ask in asks], dtype=np.int64) for k in range(2))

    many, sums, newest = as_of(ids, known, values.astype(np.float64), asked, at)

    for place, (who, moment) in enumerate(asks):
        mine = [row for row in rows if row[0] == who and row[1] <= moment]
        assert (len(mine), sum(row[2] for row in mine)) == (many[place], sums[place])
        assert max((row[1] for row in mine), default=0) == newest[place]
