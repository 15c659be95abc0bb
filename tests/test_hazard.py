"""The hazard: by hand, against a second way to the same figures, and where little is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from insight import hazard

ENDS = (1.0, 3.0, 7.0)
LOOSE = 1e4


def cases(seed: int = 3, n: int = 400, p: int = 3):
    """Signs, days to the event (NaN for none), and days watched."""
    dice = np.random.default_rng(seed)
    x = dice.normal(size=(n, p))
    odds = x @ np.array([0.8, -0.5, 0.0])[:p]
    happened = np.full(n, np.nan)
    for end, length in zip(ENDS, (1, 2, 4), strict=True):
        now = np.isnan(happened) & (dice.random(n) < expit(odds - 2.2))
        happened[now] = end - length * dice.random(int(now.sum()))
    seen = dice.choice([0.5, 2.0, 7.0, 30.0], n)
    return x, np.where(happened <= seen, happened, np.nan), seen


def periods(x, happened, seen):
    """One row per case and interval that counts, in plain loops: signs, one-hot interval, whether it happened there."""
    rows, outcome = [], []
    for one, day, until in zip(x, happened, seen, strict=True):
        start = 0.0
        for k, end in enumerate(ENDS):
            here = day <= end and (day > start or k == 0)
            if here or (until >= end and not day <= end):
                rows.append([*np.eye(len(ENDS))[k], *one])
                outcome.append(here)
            if here:
                break
            start = end
    return np.array(rows), np.array(outcome)


def flat(p: int = 3) -> hazard.Hazard:
    return hazard.certain(ENDS, np.zeros(len(ENDS)), np.zeros(p))


def test_chances_by_hand() -> None:
    curve = hazard.certain(ENDS, np.log([1 / 9, 1 / 4, 1 / 3]), [np.log(2)])

    assert curve.within([0.0], 1.0) == pytest.approx(0.1)
    assert curve.within([0.0], 3.0) == pytest.approx(1 - 0.9 * 0.8)
    assert curve.within([0.0], 7.0) == pytest.approx(1 - 0.9 * 0.8 * 0.75)
    assert curve.within([np.log(2)], 1.0) == pytest.approx(2 / 11)
    with pytest.raises(ValueError, match="not in tuple"):
        curve.within([0.0], 2.0)


def test_what_was_not_watched_to_the_end_of_an_interval_does_not_count() -> None:
    counts, here = hazard.watched(ENDS, [np.nan, 2.0, np.nan, 2.0, 0.0], [30.0, 30.0, 2.9, 1.0, 5.0])

    assert [[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]] == counts.astype(int).tolist()
    assert [[0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]] == here.astype(int).tolist()


def test_the_same_as_a_logistic_regression_on_rows_of_persons_and_periods() -> None:
    x, happened, seen = cases()
    rows, outcome = periods(x, happened, seen)
    other = LogisticRegression(C=1e8, fit_intercept=False, tol=1e-10, max_iter=1000).fit(rows, outcome)

    found = hazard.fit(x, happened, seen, prior=flat(), spread=np.full(6, LOOSE))

    assert np.concatenate([found.curve, found.weights]) == pytest.approx(other.coef_[0], abs=1e-4)


def test_prior_and_weights_as_a_search_of_the_same_height_finds_them() -> None:
    x, happened, seen = cases(5)
    prior = hazard.certain(ENDS, [-1.0, -2.0, -3.0], [0.5, 0.0, 1.0])
    spread = np.array([1.0, 1.0, 1.0, 0.1, 0.2, 0.05])
    weight = np.random.default_rng(0).uniform(0, 2, len(x))
    counts, here = hazard.watched(ENDS, happened, seen)
    means = np.concatenate([prior.curve, prior.weights])

    def depth(at):
        odds = (x @ at[3:])[:, None] + at[:3]
        told = counts * weight[:, None] * (here * odds - np.log1p(np.exp(odds)))
        return 0.5 * np.sum(((at - means) / spread) ** 2) - told.sum()

    other = minimize(depth, means, method="BFGS", options={"gtol": 1e-7})
    found = hazard.fit(x, happened, seen, prior=prior, spread=spread, weight=weight)

    assert np.concatenate([found.curve, found.weights]) == pytest.approx(other.x, abs=1e-4)

    def bend(a, b, step=1e-3):
        i, j = np.eye(6)[a] * step, np.eye(6)[b] * step
        return (depth(other.x + i + j) - depth(other.x + i - j) - depth(other.x - i + j) + depth(other.x - i - j)) / (
            4 * step**2
        )

    bends = np.array([[bend(a, b) for b in range(6)] for a in range(6)])
    assert found.error == pytest.approx(np.sqrt(np.diag(np.linalg.inv(bends))), rel=0.01)


def test_without_a_case_the_prior_speaks_and_with_many_the_cases_do() -> None:
    prior = hazard.certain(ENDS, [-1.0, -2.0, -3.0], [0.5, 0.0, 1.0])
    spread = np.full(6, 0.3)
    none = hazard.fit(np.empty((0, 3)), [], [], prior=prior, spread=spread)
    x, happened, seen = cases(1, 20_000)
    many = hazard.fit(x, happened, seen, prior=prior, spread=spread)

    assert none.weights == pytest.approx(prior.weights)
    assert none.error == pytest.approx(spread)
    assert many.weights == pytest.approx([0.8, -0.5, 0.0], abs=0.08)
    assert (many.error < 0.05).all()


def test_a_weight_of_two_is_the_case_twice() -> None:
    x, happened, seen = cases(7, 60)
    twice = np.arange(60) < 20
    rows = np.concatenate([np.arange(60), np.flatnonzero(twice)])

    one = hazard.fit(x, happened, seen, prior=flat(), spread=np.ones(6), weight=1.0 + twice)
    other = hazard.fit(x[rows], happened[rows], seen[rows], prior=flat(), spread=np.ones(6))

    assert one.weights == pytest.approx(other.weights, abs=1e-8)


def test_95_percent_of_the_intervals_hold_the_truth() -> None:
    inside = []
    for seed in range(60):
        found = hazard.fit(*cases(seed, 600), prior=flat(), spread=np.full(6, 3.0))
        inside.append(np.abs(found.weights - [0.8, -0.5, 0.0]) <= 1.96 * found.error[3:])

    assert 0.88 <= np.mean(inside) <= 0.995


def test_signs_that_tell_the_same_and_outcomes_without_exception_do_not_break_it() -> None:
    x, _, seen = cases(2, 50)
    doubled = np.column_stack([x, x])
    for day in (0.5, np.nan):
        prior = hazard.certain(ENDS, np.zeros(3), np.zeros(6))
        found = hazard.fit(doubled, np.full(50, day), seen, prior=prior, spread=np.ones(9))
        assert np.isfinite(found.weights).all()
        assert np.isfinite(found.error).all()


@given(st.integers(0, 10_000), st.lists(st.floats(-40, 40), min_size=1, max_size=20))
def test_longer_windows_are_never_less_likely_and_order_stays(seed: int, added: list[float]) -> None:
    dice = np.random.default_rng(seed)
    curve = hazard.certain(ENDS, dice.normal(-3, 2, 3), [])
    chances = np.array([curve.within(np.sort(added), days) for days in ENDS])

    assert ((chances >= 0) & (chances <= 1)).all()
    assert (np.diff(chances, axis=0) >= 0).all()
    assert (np.diff(chances, axis=1) >= 0).all()


def test_two_fits_are_the_same_to_the_last_bit() -> None:
    told = cases(9)
    one, other = (hazard.fit(*told, prior=flat(), spread=np.ones(6)) for _ in range(2))

    assert one.weights.tobytes() == other.weights.tobytes()
