"""Looking back: no origin knows what comes after it, errors are what a second way finds, intervals hold their share."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy.stats import poisson

from insight import backtest, forecast
from insight.arrivals import Series, number_of

MONDAY = number_of(dt.date(2026, 1, 5))


def made(days=140, seed=4, level=6.0, dispersion=0.1):
    """Counts of a shop with quiet nights and weekends, some days busier than others by chance."""
    dice = np.random.default_rng(seed)
    hour = 0.2 + np.clip(np.sin((np.arange(24) - 6) * np.pi / 14), 0, None)
    week = np.array([1.3, 1.1, 1, 1, 0.9, 0.4, 0.3])
    rates = level * week[np.arange(days) % 7, None] * hour
    counts = dice.poisson(rates * dice.gamma(1 / dispersion, dispersion, (days, 1)))
    return Series(MONDAY, counts.astype(float), np.ones((days, 24)))


@pytest.fixture(scope="module")
def looked():
    return backtest.backtest(made(), days=7, special={})


def test_no_origin_knows_what_comes_after_it():
    plain, other = made(), made()
    other.counts[70:] = 99.0

    before, after = (backtest.backtest(s, days=7, special={}) for s in (plain, other))
    rows = before.origins <= MONDAY + 70
    picks = [backtest.picked(b).expected[(b.origins + 7 <= MONDAY + 70)] for b in (before, after)]

    assert rows.sum() > 10
    assert np.array_equal(before.forecasts[:, rows], after.forecasts[:, rows])
    assert np.array_equal(*picks)


def test_errors_are_those_that_a_loop_finds(looked):
    said, naive = backtest.picked(looked), backtest.always(looked, forecast.NAIVE)
    held = backtest.held(said)
    score = backtest.score(said, naive, held.ready, looked.scale)

    off = base = came = days = 0.0
    for n in np.flatnonzero(held.ready):
        for day in range(7):
            days += abs(said.expected[n, day].sum() - said.truth[n, day].sum())
            for hour in range(24):
                off += abs(said.expected[n, day, hour] - said.truth[n, day, hour])
                base += abs(naive.expected[n, day, hour] - said.truth[n, day, hour])
                came += said.truth[n, day, hour]

    assert (off / came, days / came, off / base) == pytest.approx(
        (score.wape.value, score.day_wape.value, score.against.value)
    )
    assert score.against.low < score.against.value < score.against.high


def test_the_unit_of_mase_is_the_change_from_week_to_week(looked):
    series, origin = made(), looked.origins[30]
    past = series.counts[: origin - MONDAY]

    assert np.abs(past[7:] - past[:-7]).mean() == pytest.approx(looked.scale[30])


def test_a_shop_with_a_weekly_rhythm_is_forecast_better_than_by_last_week(looked):
    said, naive = backtest.picked(looked), backtest.always(looked, forecast.NAIVE)
    score = backtest.score(said, naive, backtest.held(said).ready, looked.scale)

    assert score.against.value < 0.85
    assert "better" == backtest.verdict(score.against)


def test_intervals_hold_their_share_of_what_had_not_come_yet(looked):
    held = backtest.held(backtest.picked(looked))

    assert 0.76 <= held.hours[0].sum() / held.hours_n.sum() <= 0.84
    assert 0.92 <= held.hours[1].sum() / held.hours_n.sum() <= 0.98


def test_unknown_hours_are_not_judged():
    series = made()
    series.known[100:107], series.counts[100:107] = 0, 0
    looked = backtest.backtest(series, days=7, special={})

    whole = looked.origins == MONDAY + 100
    assert not looked.known[whole].any()
    assert 0 == looked.losses[:, whole].sum()


def test_the_expectation_is_picked_and_not_the_median_of_hours_that_are_mostly_empty():
    series = made(level=0.15, dispersion=0.01)
    said = backtest.picked(backtest.backtest(series, days=7, special={}))
    late = said.origins > MONDAY + 70

    assert said.truth[late].sum() == pytest.approx(said.expected[late].sum(), rel=0.25)


def test_sums_over_channels_add_up(looked):
    said = backtest.picked(looked)
    both = backtest.together([said, said])

    assert np.array_equal(2 * said.expected, both.expected)
    assert np.array_equal(2 * said.truth, both.truth)


def test_channels_of_different_age_are_summed_where_they_have_origins():
    old, young = (
        backtest.picked(backtest.backtest(s, days=7, special={})) for s in (made(90), made(90).until(MONDAY + 40))
    )
    both = backtest.together([old, young])

    assert set(old.origins) | set(young.origins) == set(both.origins)
    assert old.truth[-1].sum() == both.truth[-1].sum()


def test_the_floor_is_what_chance_alone_leaves():
    mean = np.array([0.2, 1.0, 7.5, 40.0])
    shape = (1, 1, 4)
    said = backtest.Pairs(
        np.array([0]), mean.reshape(shape), np.zeros(shape), np.ones(shape, dtype=bool), np.zeros((1, 1))
    )
    counts = np.arange(400)
    expected = sum((np.abs(counts - m) * poisson.pmf(counts, m)).sum() for m in mean) / mean.sum()

    assert expected == pytest.approx(backtest.floor(said, np.array([True])))


def test_few_spans_are_no_verdict():
    assert "cannot tell" == backtest.verdict(backtest.Figure(0.7, 0.6, 0.8, 3))
    assert "better" == backtest.verdict(backtest.Figure(0.7, 0.6, 0.8, 4))
    assert "worse" == backtest.verdict(backtest.Figure(1.3, 1.1, 1.5, 9))
    assert "cannot tell" == backtest.verdict(backtest.Figure(0.9, 0.7, 1.1, 9))
    assert "cannot tell" == backtest.verdict(backtest.Figure(float("nan"), float("nan"), float("nan"), 9))


def test_too_few_days_have_no_origin_and_no_figure():
    looked = backtest.backtest(made(20), days=7, special={})
    held = backtest.held(backtest.picked(looked))

    assert 0 == held.hours_n.sum()
    assert np.isnan(backtest.figure(held.hours[0], held.hours_n, 7).value)
