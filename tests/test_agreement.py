"""Two people, one item: quadratic weighted kappa, its interval, and what to do about it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.agreement import ENOUGH, weighted_kappa

PAIRS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=60)


def sides(pairs):
    return [a for a, _ in pairs], [b for _, b in pairs]


def test_by_hand():
    """Levels 1 to 3, so weights of disagreement 0, 1/4, 1.

    Six pairs: (1,1) (2,2) (3,3) (3,3) (1,2) (2,3). Seen: (1/4 + 1/4) / 6 = 1/12.
    First: 1 ×2, 2 ×2, 3 ×2. Second: 1 ×1, 2 ×2, 3 ×3. By chance, times 36: one step apart 2·2 + 2·1 + 2·3 + 2·2 = 16
    at 1/4 is 4; two steps apart 2·3 + 2·1 = 8; together 12, of 36 that is 1/3. Kappa = 1 - (1/12) / (1/3) = 3/4.
    """
    found = weighted_kappa(*sides([(1, 1), (2, 2), (3, 3), (3, 3), (1, 2), (2, 3)]), levels=3)
    assert found.kappa == pytest.approx(0.75)
    assert (found.n, found.same) == (6, 4)


def naive(pairs):
    """One minus the mean squared distance seen, over the mean squared distance of all pairs of the two lists."""
    first, second = sides(pairs)
    seen = sum((a - b) ** 2 for a, b in pairs) / len(pairs)
    chance = sum((a - b) ** 2 for a in first for b in second) / len(pairs) ** 2
    return None if chance == 0 else 1 - seen / chance


@settings(max_examples=150, deadline=None)
@given(PAIRS)
def test_it_is_that_of_a_second_implementation(pairs):
    found = weighted_kappa(*sides(pairs), levels=5)
    expected = naive(pairs)
    assert found.kappa == (None if expected is None else pytest.approx(expected, abs=1e-9))
    if found.low is not None:
        assert -1 <= found.low <= found.kappa + 1e-5
        assert found.kappa - 1e-5 <= found.high <= 1


def test_it_is_that_of_a_known_library():
    metrics = pytest.importorskip("sklearn.metrics")
    dice = np.random.default_rng(2)
    first = dice.integers(1, 6, 80)
    second = np.clip(first + dice.integers(-1, 2, 80), 1, 5)
    expected = metrics.cohen_kappa_score(first, second, weights="quadratic", labels=[1, 2, 3, 4, 5])
    assert weighted_kappa(first.tolist(), second.tolist(), levels=5).kappa == pytest.approx(expected)


def test_who_is_first_does_not_matter():
    pairs = [(1, 2), (3, 3), (5, 4), (2, 2), (4, 1)]
    one, other = weighted_kappa(*sides(pairs), levels=5), weighted_kappa(*sides([(b, a) for a, b in pairs]), levels=5)
    assert (one.kappa, one.low, one.high) == pytest.approx((other.kappa, other.low, other.high))


def agreeing(count, *, apart):
    """Pairs over all levels, of which one in `apart` is two levels off."""
    return [(n % 5 + 1, n % 5 + 1 if n % apart else (n % 5 + 2) % 5 + 1) for n in range(count)]


def test_verdicts():
    assert weighted_kappa(*sides(agreeing(60, apart=20)), levels=5).verdict == "keep"
    assert weighted_kappa(*sides(agreeing(60, apart=2)), levels=5).verdict == "rewrite"
    assert weighted_kappa(*sides(agreeing(ENOUGH - 1, apart=20)), levels=5).verdict == "cannot tell"
    assert weighted_kappa([], [], levels=5).verdict == "cannot tell"


def test_where_nobody_ever_departs_from_one_level_nothing_can_be_told():
    """All the same level: agreement is whole, and chance alone would give it."""
    found = weighted_kappa([5] * 90, [5] * 90, levels=5)
    assert (found.kappa, found.same, found.verdict) == (None, 90, "cannot tell")


def test_one_lonely_fail_among_many_passes_is_no_reason_to_rewrite_an_item():
    """31 of 32 the same, and yet kappa is 0: it hangs on a single pair."""
    found = weighted_kappa([2] * 32, [2] * 31 + [1], levels=2)
    assert (found.kappa, found.telling, found.low, found.verdict) == (pytest.approx(0), 1, None, "cannot tell")


@pytest.mark.parametrize(("rho", "n"), [(0.5, 40), (0.8, 40), (0.95, 100)])
def test_the_interval_holds_the_truth(rho, n):
    dice = np.random.default_rng(4)
    both = np.digitize(dice.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 60_000), [-1.6, -1, -0.3, 0.5]) + 1
    truth = weighted_kappa(both[:, 0], both[:, 1], levels=5).kappa
    held = 0
    for _ in range(300):
        some = both[dice.integers(0, len(both), n)]
        found = weighted_kappa(some[:, 0], some[:, 1], levels=5)
        held += found.low <= truth <= found.high
    assert 0.9 <= held / 300 <= 0.99
