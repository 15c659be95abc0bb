"""Simple models of contacts an hour, and the multipliers of special days: worked by hand and by a second way."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from insight import forecast
from insight.arrivals import Series, number_of
from insight.forecast import Stack

MONDAY = number_of(dt.date(2026, 1, 5))


def series(weeks, day=lambda week, weekday: 24.0, known=1.0):
    """Days with so many contacts, spread evenly over their hours."""
    counts = np.array([[day(week, weekday) / 24] * 24 for week in range(weeks) for weekday in range(7)])
    return Series(MONDAY, counts, np.full(counts.shape, known))


def expected(past, model, days=7, special=None):
    return forecast.ahead(past, days, special or {})[0][model].sum(axis=1)


def test_last_week_is_repeated_by_the_naive_model():
    past = series(3, lambda week, weekday: 10.0 * week + weekday)

    assert [20 + d for d in range(7)] * 2 == pytest.approx(list(expected(past, "seasonal naive", 14)))


def test_an_unknown_hour_is_taken_from_the_week_before_by_the_naive_model():
    past = series(3, lambda week, weekday: 24.0 * (week + 1))
    past.known[-1], past.counts[-1] = 0, 0

    assert [72.0] * 6 + [48.0] == pytest.approx(list(expected(past, "seasonal naive")))


@pytest.mark.parametrize(
    ("model", "value"),
    [("mean of 4 weeks", (4 + 5 + 6 + 93) / 4), ("mean of 8 weeks", (1 + 2 + 3 + 4 + 5 + 6 + 93 + 0) / 8)],
)
def test_means_are_means_of_the_last_weeks(model, value):
    past = series(8, lambda week, weekday: [0, 1, 2, 3, 4, 5, 6, 93][week])

    assert [value] * 7 == pytest.approx(list(expected(past, model)))


def test_one_odd_week_does_not_move_the_median():
    past = series(8, lambda week, weekday: 900.0 if week == 6 else 30.0)

    assert [30.0] * 7 == pytest.approx(list(expected(past, "median of 6 weeks")))


@pytest.mark.parametrize("model", list(forecast.MODELS))
def test_every_model_finds_an_unchanging_week(model):
    past = series(10, lambda week, weekday: 240.0 if weekday < 5 else 48.0)

    assert [240.0] * 5 + [48.0] * 2 == pytest.approx(list(expected(past, model)), rel=0.02)


def test_the_profile_follows_a_level_that_changed():
    past = series(12, lambda week, weekday: 100.0 if week < 8 else 200.0)

    steady, agile = (expected(past, f"{name} profile")[0] for name in ("steady", "agile"))

    assert 130 < steady < agile < 200


def test_hours_that_last_two_hours_are_counted_by_the_hour():
    past = series(6)
    past.known[-1, 2], past.counts[-1, 2] = 2, 2.0

    rates = forecast.ahead(past, 7, {})[0]

    assert all(found[6, 2] == pytest.approx(1.0, rel=0.02) for found in rates.values())


def test_the_profile_is_the_posterior_mean_written_out():
    dice = np.random.default_rng(2)
    counts, known = dice.poisson(3, (5, 7, 24)).astype(float), np.ones((5, 7, 24))
    found = forecast.profile(8, 2)(Stack(counts, known))

    shape_w, level_w = ([0.5 ** ((4 - week) / half) for week in range(5)] for half in (8, 2))
    rates = np.zeros((7, 24))
    for day in range(7):
        day_rate = sum(w * counts[k, day].sum() for k, w in enumerate(shape_w)) / (24 * sum(shape_w))
        for hour in range(24):
            alike = sum(w * counts[k, d, hour] for k, w in enumerate(shape_w) for d in range(7))
            day_rates = [
                sum(w * counts[k, d].sum() for k, w in enumerate(shape_w)) / (24 * sum(shape_w)) for d in range(7)
            ]
            common = alike / (sum(day_rates) * sum(shape_w))
            own = sum(w * counts[k, day, hour] for k, w in enumerate(shape_w))
            rates[day, hour] = (own + 6 * day_rate * common) / (sum(shape_w) + 6)
    level = sum(w * counts[k].sum() for k, w in enumerate(level_w)) + 4
    level /= sum(w * rates.sum() for w in level_w) + 4

    assert found == pytest.approx(rates * level)


def test_the_multiplier_of_special_days_is_drawn_to_one_by_a_day():
    special = {MONDAY + 30: "promotion", MONDAY + 31: "promotion"}
    past = series(10, lambda week, weekday: 300.0 if week * 7 + weekday in (30, 31) else 100.0)

    factor = forecast.factors(past, special)["promotion"]

    assert ((600 + 100) / (200 + 100), 2) == (pytest.approx(factor.times), factor.days)


def test_days_of_a_promotion_are_not_taken_for_usual_ones():
    special = {MONDAY + day: "promotion" for day in range(63, 70)} | {MONDAY + 72: "promotion"}
    past = series(10, lambda week, weekday: 500.0 if week == 9 else 100.0)

    found = expected(past, "steady profile", 7, special)

    assert [100.0, 100.0] == pytest.approx(list(found[:2]), rel=0.02)
    assert found[2] > 350


def test_a_promotion_without_a_past_one_is_as_usual_but_unsure():
    found, spread = forecast.ahead(series(6), 7, {MONDAY + 44: "promotion"})

    assert [0, 0, forecast.UNSURE, 0, 0, 0, 0] == list(spread)
    assert 24.0 == pytest.approx(found["mean of 4 weeks"][2].sum())


def test_a_shop_that_is_always_on_promotion_is_forecast_all_the_same():
    special = {MONDAY + day: "promotion" for day in range(100)}

    assert (expected(series(6), "steady profile", 7, special) > 20).all()


def test_a_past_without_any_contact_expects_none():
    for model in forecast.MODELS:
        assert [0.0] * 7 == pytest.approx(list(expected(series(4, lambda *_: 0.0), model)), abs=1e-6)
