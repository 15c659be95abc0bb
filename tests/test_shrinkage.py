"""Rates of many kindred things: the few are drawn towards the usual, and nobody tops by luck."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from insight import shrinkage

COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 5000)), min_size=1, max_size=12)


def naive_prior(events, exposure):
    """Marshall's moments, one sum at a time."""
    mean = sum(events) / sum(exposure)
    spread = sum(n * (x / n - mean) ** 2 for x, n in zip(events, exposure, strict=True)) / sum(exposure)
    chance = mean / (sum(exposure) / len(exposure))
    spread = max(spread - chance, chance)
    return mean**2 / spread, mean / spread


def test_a_prior_worked_by_hand():
    # 12 events in 300: mean .04; variance 100/300 · (.03² + .02² + .05²) = .001266667, less chance .04/100 = .0004
    found = shrinkage.prior([1, 2, 9], 100)
    assert found == (pytest.approx(0.0016 / 0.000866667, rel=1e-5), pytest.approx(0.04 / 0.000866667, rel=1e-5))


@given(COUNTS)
def test_priors_agree_with_a_plain_loop(counts):
    events, exposure = zip(*counts, strict=True)
    found = shrinkage.prior(events, exposure)
    if sum(events):
        assert found == pytest.approx(naive_prior(events, exposure), rel=1e-6)
        assert found.exposure <= np.mean(exposure) * (1 + 1e-6)
    else:
        assert all(math.isnan(part) for part in found)


def test_many_priors_at_once_are_the_single_ones():
    groups = [([1, 2, 9], [100, 100, 100]), ([5, 0], [40, 900]), ([0, 0], [10, 10])]
    sums = [(sum(x), sum(n), sum(a * a / b for a, b in zip(x, n, strict=True)), len(x)) for x, n in groups]
    events, exposure = shrinkage.priors(*zip(*sums, strict=True))
    for place, (x, n) in enumerate(groups):
        assert (events[place], exposure[place]) == pytest.approx(shrinkage.prior(x, n), nan_ok=True)


@given(COUNTS)
def test_a_shrunk_rate_lies_between_its_own_and_the_usual_one(counts):
    events, exposure = (np.array(part) for part in zip(*counts, strict=True))
    usual = shrinkage.prior(events, exposure)
    if not events.sum():
        return
    rates, mean = shrinkage.shrunk(events, exposure, usual), usual.events / usual.exposure
    own = events / exposure
    assert (rates.mean >= np.minimum(own, mean) - 1e-9).all()
    assert (rates.mean <= np.maximum(own, mean) + 1e-9).all()
    assert (rates.low <= rates.mean).all()
    assert (rates.mean <= rates.high).all()


@pytest.mark.parametrize(("small", "large"), [(0, 0), (1, 0), (5, 5), (40, 3)])
def test_a_balance_is_the_beta_of_scipy(small, large):
    middle, (low, high) = shrinkage.balance([small], [large], worth=4)
    beta = stats.beta(large + 2, small + 2)
    assert middle[0] == pytest.approx(2 * beta.mean() - 1)
    assert (low[0], high[0]) == pytest.approx((2 * beta.ppf(0.025) - 1, 2 * beta.ppf(0.975) - 1))


def test_one_voice_tells_little_and_sides_mirror_each_other():
    middle, (low, high) = shrinkage.balance([1, 0], [0, 1], worth=4)
    assert middle.tolist() == pytest.approx([-0.2, 0.2])
    assert low[0] < 0 < high[0]
    assert (low[0], high[0]) == (pytest.approx(-high[1]), pytest.approx(-low[1]))
