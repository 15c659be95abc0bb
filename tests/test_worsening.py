"""Shares that get worse: the chance by hand, what is expected, and what stays calm."""

import datetime as dt
from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import worsening
from insight.periods import Period
from insight.schema import ALL
from insight.worsening import Counts, Rules

FIRST = dt.date(2026, 1, 1)
DAYS = 150


def rising(up, low, n):
    """Rising factorial a(a + 1) … (a + n - 1) of a = up / low."""
    found = Fraction(1)
    for step in range(n):
        found *= Fraction(up, low) + step
    return found


def chance(x, n, a, b):
    """P(X >= x) of a beta-binomial whose parameters are whole, in exact fractions."""
    return sum(comb(n, k) * rising(a, 1, k) * rising(b, 1, n - k) / rising(a + b, 1, n) for k in range(x, n + 1))


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 9), st.integers(1, 9))
def test_the_chance_is_that_of_the_exact_sum(x, more, a, b):
    n = x + more
    [found] = worsening.tail(np.array([x]), np.array([n]), np.array([a / (a + b)]), np.array([a + b], float))
    assert found == pytest.approx(float(chance(x, n, a, b)), rel=1e-7)


def test_95_of_100_usual_windows_lie_between_the_ends():
    low, high = worsening.ends(np.array([40]), np.array([0.25]), np.array([40.0]))
    inside = chance(int(low[0]), 40, 10, 30) - chance(int(high[0]) + 1, 40, 10, 30)
    assert inside >= Fraction(95, 100)
    assert float(inside) < 0.98


def counts(each=4, bad_each=1, *, cells=(("t", "DE"), ("u", "DE")), **changed):
    of = np.full((len(cells), DAYS), each, np.int64)
    bad = np.full((len(cells), DAYS), bad_each, np.int64)
    for days, value in changed.get("worse", ()):
        bad[0, days] = value
    return Counts(pd.DataFrame(list(cells), columns=worsening.CELL), FIRST, of, bad)


def test_a_steady_share_is_expected_as_it_was_and_calm():
    judged = worsening.judge(counts(), days=7)
    assert judged.share[:, -1] == pytest.approx([0.25, 0.25], abs=0.01)
    assert judged.p[:, :, -1] == pytest.approx(1.0)
    assert judged.of[:, 0, -1].tolist() == [28, 112]


def test_a_share_that_triples_stands_out_in_the_cell_and_nowhere_else():
    judged = worsening.judge(counts(worse=[(slice(DAYS - 7, DAYS), 3)]), days=1)
    assert judged.p[0, 0, -1] < 1e-4
    assert judged.p[0, 1, -1] == 1
    assert (judged.bad[0, 0, -1], judged.share[0, -1]) == (21, pytest.approx(0.25, abs=0.01))


def test_what_lasts_longer_than_the_window_is_still_held_against_the_weeks_before_it():
    judged = worsening.judge(counts(worse=[(slice(DAYS - 28, DAYS), 2)]), days=1)
    assert judged.share[0, -1] == pytest.approx(0.25, abs=0.01)
    assert judged.p[1, 0, -1] < 1e-4


def test_with_too_few_weeks_or_conversations_nobody_can_tell():
    young = counts(worse=[(slice(DAYS - 7, DAYS), 4)])
    young.of[:, : DAYS - 50] = young.bad[:, : DAYS - 50] = 0
    assert np.isnan(worsening.judge(young, days=1).p[:, :, -1]).all()
    thin = counts()
    thin.of[0, DAYS - 28 :] = thin.bad[0, DAYS - 28 :] = 0
    thin.of[0, -4:] = thin.bad[0, -4:] = 1
    assert np.isnan(worsening.judge(thin, days=1).p[:, 0, -1]).all()


def test_only_the_asked_days_are_judged():
    assert np.isnan(worsening.judge(counts(), days=3).p[:, :, : DAYS - 3]).all()


def test_a_cell_of_few_is_expected_to_be_like_its_kin():
    """By hand: the topic elsewhere 1 of 2, the market's other topics 1 of 4, all as a prior of 20."""
    cells = (("t", "DE"), ("t", "US"), ("u", "DE"))
    base = Counts(pd.DataFrame(cells, columns=worsening.CELL), FIRST, *(np.zeros((3, DAYS), np.int64) for _ in "ab"))
    base.of[1:], base.bad[1], base.bad[2] = 4, 2, 1
    n = 4 * 84
    every = (n * 0.75 + 1) / (2 * n + 2)
    topic, market = ((bad * 84 + 20 * every) / (n + 20) for bad in (2, 1))
    odds = (topic / (1 - topic)) * (market / (1 - market)) / (every / (1 - every))
    found = worsening.judge(base, days=1, rules=Rules())
    assert found.share[0, -1] == pytest.approx(odds / (1 + odds))


def test_rows_are_counted_by_market_and_over_all():
    day = dt.date(2026, 1, 3)
    rows = [("t", "DE", day, True), ("t", "US", day, False), ("t", "DE", FIRST, False)]
    frame = pd.DataFrame(rows, columns=["topic_id", "market", "day", "bad"])
    period = Period(FIRST, FIRST + dt.timedelta(days=3))
    found = worsening.counted(frame, period)
    assert found.cells["market"].tolist() == ["DE", "US", ALL]
    assert found.of.tolist() == [[1, 0, 1], [0, 0, 1], [1, 0, 2]]
    assert found.bad.tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 1]]
    alone = worsening.counted(frame[frame["market"] == "DE"], period)
    assert alone.cells["market"].tolist() == ["DE"]
    assert worsening.judge(worsening.counted(frame.iloc[:0], period), days=2).p.shape == (2, 0, 3)
