"""Figures of probabilities, by hand and against other ways to the same figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from insight import goodness

SOME = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40)


def test_auc_by_hand() -> None:
    # pairs of bad and good: 3 over 1, 3 over 2, 2 over 1, 2 and 2 a tie
    assert goodness.auc([True, True, False, False], [3, 2, 1, 2]) == 3.5 / 4
    assert goodness.auc([True, False], [1, 1]) == 0.5
    assert math.isnan(goodness.auc([True, True], [1, 2]))
    assert math.isnan(goodness.auc([], []))


@given(SOME)
def test_auc_is_the_share_of_pairs(rows) -> None:
    happened, score = np.array([r[0] for r in rows]), np.array([r[1] for r in rows], dtype=float)
    bad, good = score[happened], score[~happened]
    if not len(bad) or not len(good):
        assert math.isnan(goodness.auc(happened, score))
        return
    pairs = [1.0 if b > g else 0.5 if b == g else 0.0 for b in bad for g in good]
    assert goodness.auc(happened, score) == pytest.approx(np.mean(pairs))
    assert goodness.auc(happened, score) == pytest.approx(roc_auc_score(happened, score))
    assert goodness.auc(happened, score) == pytest.approx(1 - goodness.auc(happened, -score))


def test_lift_by_hand() -> None:
    happened = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0] * 2)
    score = np.array([9, 5, 8, 1, 1, 1, 1, 1, 1, 1] * 2)

    assert goodness.lift(happened, score) == pytest.approx(5.0)  # the top two came back, a fifth of all did
    assert goodness.lift(happened, score, 0.2) == pytest.approx(2.5)
    assert goodness.lift(happened, np.ones(20)) == pytest.approx(1.0)  # all the same: the usual rate
    assert goodness.lift(happened, score, 1.0) == pytest.approx(1.0)
    assert math.isnan(goodness.lift(np.zeros(5), np.ones(5)))
    assert math.isnan(goodness.lift([], []))


def test_ties_at_the_end_of_the_top_share_count_in_parts() -> None:
    # room for 2 of 10: one case of score 9, and one of the three of score 5, of which one came back
    happened = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    score = [9, 5, 5, 5, 1, 1, 1, 1, 1, 1]

    assert goodness.lift(happened, score, 0.2) == pytest.approx((1 / 3) / 2 / 0.1)


def test_calibration_error_by_hand() -> None:
    happened = np.array([0, 0, 1, 1])
    chance = np.array([0.1, 0.3, 0.6, 0.8])

    assert goodness.calibration_error(happened, chance, bins=2) == pytest.approx((0.2 + 0.3) / 2)
    assert goodness.calibration_error(happened, chance, bins=1) == pytest.approx(0.05)
    assert goodness.calibration_error(happened, chance) == pytest.approx((0.1 + 0.3 + 0.4 + 0.2) / 4)
    assert math.isnan(goodness.calibration_error([], []))


def test_true_chances_have_a_small_error_and_stretched_ones_a_large_one() -> None:
    dice = np.random.default_rng(4)
    chance = dice.beta(1, 5, 20_000)
    happened = dice.random(20_000) < chance

    assert goodness.calibration_error(happened, chance) < 0.01
    assert goodness.calibration_error(happened, np.minimum(2 * chance, 1)) > 0.1


def test_average_precision_and_brier_by_hand() -> None:
    assert goodness.average_precision([1, 0, 1, 0], [4, 3, 2, 1]) == pytest.approx((1 + 2 / 3) / 2)
    assert math.isnan(goodness.average_precision([0, 0], [1, 2]))
    assert goodness.brier([1, 0], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)
    assert goodness.brier([1, 0], [0.8, 0.4]) == pytest.approx(brier_score_loss([1, 0], [0.8, 0.4]))


def test_observed_by_expected_and_what_is_said_of_it() -> None:
    def verdict(events: int, expected: float) -> str:
        return goodness.observed_by_expected(np.ones(events), np.full(100, expected / 100)).verdict

    few = goodness.observed_by_expected(np.ones(9), np.full(9, 1.0))

    assert (9, 9.0, 1.0, "too few") == (few.events, few.expected, few.ratio, few.verdict)
    assert few.low == pytest.approx(0.4572, abs=0.001)  # exact Poisson limits of 9: 4.115 and 17.08
    assert few.high == pytest.approx(1.8983, abs=0.001)
    assert ("calibrated", "more than expected", "fewer than expected") == (
        verdict(300, 300),
        verdict(300, 200),
        verdict(300, 400),
    )


def test_draws_take_customers_whole() -> None:
    customers = np.array(["b", "a", "b", "c"])
    seen = []

    def measure(rows):
        seen.append(sorted(rows))
        return float(len(rows))

    goodness.over_customers(measure, customers, np.array([1, 2, 3, 4]), draws=50)

    assert all(rows.count(1) == rows.count(3) for rows in seen)
    assert any(4 in rows and 2 not in rows for rows in seen)


def test_intervals_over_customers_are_wider_where_cases_hang_together() -> None:
    dice = np.random.default_rng(2)
    whose = np.repeat(np.arange(60), 20)
    level = np.repeat(dice.normal(0, 1, 60), 20)
    happened = dice.random(1200) < 1 / (1 + np.exp(-level - 1))
    score = level + dice.normal(0, 1, 1200)

    apart = goodness.over_customers(goodness.auc, np.arange(1200), happened, score)
    whole = goodness.over_customers(goodness.auc, whose, happened, score)

    assert np.std(whole) > 1.3 * np.std(apart)
    assert np.array_equal(whole, goodness.over_customers(goodness.auc, whose, happened, score))


def test_the_quick_way_over_customers_is_the_slow_one() -> None:
    dice = np.random.default_rng(8)
    whose, happened = dice.integers(0, 40, 300), dice.random(300) < 0.3
    scores = np.column_stack([dice.integers(0, 5, 300), dice.normal(size=300) + happened])

    quick = goodness.auc_over_customers(happened, scores, whose, draws=30)

    for n in range(2):
        slow = goodness.over_customers(goodness.auc, whose, happened, scores[:, n], draws=30)
        assert quick[:, n] == pytest.approx(slow)
