"""One group against another, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import contrast


def test_shares_by_hand() -> None:
    """Newcombe 1998, table II: 56 of 70 against 48 of 80 differ by .2, 95 %: .0524 to .3339."""
    told = contrast.shares([56], [70], [48], [80])

    assert [0.2, 0.0524, 0.3339] == [round(float(v[0]), 4) for v in (told.difference, told.low, told.high)]


def test_the_chance_of_equal_shares_is_one_and_of_opposite_ones_nothing() -> None:
    told = contrast.shares([10, 50], [50, 50], [20, 0], [100, 50])

    assert pytest.approx([1.0, 0.0], abs=1e-12) == list(told.p)
    assert [0.0, True] == [told.size[0], told.size[1] > 1]


def test_means_by_hand() -> None:
    """1, 2, 3 against 4, 6, 8: means 2 and 6, variances 1 and 4, error √(1/3 + 4/3) = 1.29099."""
    told = contrast.means([6], [14], [3], [18], [116], [3])

    assert pytest.approx([-4.0, -4 - 1.959964 * 1.290994, -4 + 1.959964 * 1.290994], abs=1e-5) == [
        told.difference[0],
        told.low[0],
        told.high[0],
    ]
    assert pytest.approx((4 - 1.959964 * 1.290994) / np.sqrt(2.5), abs=1e-5) == told.size[0]


def test_values_that_never_vary_differ_surely_or_not_at_all() -> None:
    told = contrast.means([3, 3], [3, 3], [3, 3], [6, 3], [12, 3], [3, 3])

    assert ([0.0, 1.0], [np.inf, 0.0]) == (list(told.p), list(told.size))


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_an_interval_holds_its_difference_and_turns_with_the_sides(x: int, n: int, y: int, m: int) -> None:
    there, back = (
        contrast.shares([min(x, n)], [n], [min(y, m)], [m]),
        contrast.shares([min(y, m)], [m], [min(x, n)], [n]),
    )

    assert there.low[0] - 1e-9 <= there.difference[0] <= there.high[0] + 1e-9
    assert pytest.approx((there.low[0], there.high[0])) == (-back.high[0], -back.low[0])
    assert -1 - 1e-9 <= there.low[0] <= there.high[0] <= 1 + 1e-9


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    chance = np.random.default_rng(5)
    n, m, p, q = 60, 200, 0.3, 0.2
    told = contrast.shares(chance.binomial(n, p, 4000), [n], chance.binomial(m, q, 4000), [m])

    assert 0.94 <= np.mean((told.low <= p - q) & (p - q <= told.high)) <= 0.965
