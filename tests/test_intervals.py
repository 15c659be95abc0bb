"""How far may the truth lie from what was counted?"""

import math

import narwhals as nw
import numpy as np
import pyarrow as pa
import pytest

from insight import intervals
from tests.rows import found


def ends(pair):
    return [round(float(v), 4) for v in np.atleast_1d(np.stack(pair, axis=-1)).ravel()]


def test_wilson_gives_the_textbook_ends():
    assert ends(intervals.wilson([10], [100])) == [0.0552, 0.1744]


def test_a_share_of_nothing_or_of_all_ends_exactly_there():
    low, high = intervals.wilson([0, 7], [7, 7])
    assert (low[0], high[1]) == (0.0, 1.0)
    assert (high[0], low[1]) == (pytest.approx(0.3543, abs=1e-4), pytest.approx(0.6457, abs=1e-4))


def test_the_ends_of_a_count_are_garwoods():
    assert ends(intervals.poisson([0, 1, 10], [1, 1, 1])) == [0.0, 3.6889, 0.0253, 5.5716, 4.7954, 18.3904]


def test_a_rate_is_scaled_by_its_exposure_and_unknown_without_any():
    assert ends(intervals.poisson([10], [200])) == [0.024, 0.092]
    assert np.isnan(intervals.poisson([3], [0])).all()
    assert np.isnan(intervals.wilson([0], [0])).all()


def test_a_mean_is_the_normal_interval_by_hand():
    # 1 … 5: mean 3, s² = 2.5, half = 1.959964 · √(2.5 / 5) = 1.3859
    values = np.arange(1.0, 6.0)
    n = len(values)
    assert ends(intervals.ratio_of_sums([15], [n], [n], [(values**2).sum()], [n], [15])) == [1.6141, 4.3859]


def test_a_ratio_without_spread_has_no_width_and_one_row_tells_no_spread():
    y, x = np.array([2.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0])
    sums = [[float(v)] for v in (y.sum(), x.sum(), 3, (y * y).sum(), (x * x).sum(), (x * y).sum())]
    assert ends(intervals.ratio_of_sums(*sums)) == [2.0, 2.0]
    assert np.isnan(intervals.ratio_of_sums([5], [1], [1], [25], [1], [5])).all()


def binomial(n, p):
    def chance(k):
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        return math.exp(ways + k * math.log(p) + (n - k) * math.log1p(-p))

    return [chance(k) for k in range(n + 1)]


@pytest.mark.parametrize("percentile", [0.5, 0.9])
def test_order_statistics_enclose_a_percentile_at_least_as_often_as_they_say(percentile):
    sizes = pa.table({"n": [*range(1, 130), 200, 333, 1000]})
    low, high = intervals.order_statistics(nw.col("n"), percentile)
    places = found(lambda frame: frame.with_columns(low=low, high=high), sizes)
    known = [row for row in places if row["low"] is not None]
    assert min(row["n"] for row in known) == {0.5: 8, 0.9: 53}[percentile], "fewer values cannot enclose it"
    for row in known:
        # The low-th value lies below the percentile and the high-th above it when so many of n values lie below.
        covered = sum(binomial(row["n"], percentile)[int(row["low"]) : int(row["high"])])
        assert covered >= intervals.LEVEL, row


def test_the_ratio_of_two_rates_is_clopper_pearson_of_their_share():
    # 20 of 30 events fall in the first of two equal periods: its share of them is 0.4719 … 0.8271.
    ratio = np.array(intervals.rate_ratio([20], [100], [10], [100]))
    assert ends(ratio / (1 + ratio)) == [0.4719, 0.8271]
    longer = np.array(intervals.rate_ratio([20], [200], [10], [100]))
    assert ends(longer) == ends(ratio / 2), "twice the exposure is half the rate"


def test_the_ratio_turned_around_is_its_reciprocal():
    low, high = intervals.rate_ratio([7], [50], [19], [80])
    base_low, base_high = intervals.rate_ratio([19], [80], [7], [50])
    assert [1 / high[0], 1 / low[0]] == pytest.approx([base_low[0], base_high[0]])


def test_the_ratio_to_nothing_has_no_upper_end_and_of_nothing_to_nothing_none_at_all():
    low, high = intervals.rate_ratio([6, 0, 0], [9, 9, 9], [0, 6, 0], [9, 9, 9])
    assert (low[0] > 0, high[0], low[1], high[1] < 1) == (True, np.inf, 0.0, True)
    assert np.isnan([low[2], high[2]]).all()
    assert np.isnan(intervals.rate_ratio([3], [0], [3], [9])).all()


@pytest.mark.parametrize("expected", [2.0, 10.0, 40.0])
def test_two_equal_rates_are_called_different_at_most_five_times_in_a_hundred(expected):
    counts = np.arange(0, 120)
    chance = np.array([math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in counts])
    x, y = (a.ravel() for a in np.meshgrid(counts, counts))
    low, high = intervals.rate_ratio(x, np.ones_like(x), y, np.ones_like(y))
    assert np.outer(chance, chance).ravel()[(low > 1) | (high < 1)].sum() <= 1 - intervals.LEVEL
