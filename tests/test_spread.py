"""Intervals of counts: quantiles against a second implementation, and coverage where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from insight import spread

LEVELS = (0.8, 0.95)
NONE = np.zeros(0)


def learned(mean, truth, extra=None):
    return spread.calibrated(mean, truth, LEVELS, np.zeros(len(mean)) if extra is None else extra)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("dispersion", [1e-9, 0.05, 2.0])
def test_quantiles_are_those_of_another_implementation(share, dispersion):
    mean = np.array([1e-6, 0.3, 1.0, 8.5, 240.0, 9000.0])
    size = 1 / dispersion
    expected = poisson.ppf(share, mean) if dispersion < 1e-6 else nbinom.ppf(share, size, size / (size + mean))

    found = spread.quantile(np.full(mean.shape, share), mean, np.full(mean.shape, dispersion))

    assert list(np.maximum(expected, 0)) == list(found)


@pytest.mark.parametrize("dispersion", [0.0, 0.2])
@pytest.mark.parametrize("typical", [0.4, 3.0, 60.0])
def test_intervals_hold_what_they_are_said_to_hold(typical, dispersion):
    dice = np.random.default_rng(5)
    mean = typical * dice.gamma(4, 0.25, 12_000)
    truth = dice.poisson(mean * (dice.gamma(1 / dispersion, dispersion, len(mean)) if dispersion else 1.0))
    rule = learned(mean[::2], truth[::2].astype(float))

    held = rule.holds(mean[1::2], truth[1::2].astype(float), np.zeros(6000))
    for level, wanted in enumerate(LEVELS):
        low, high = rule.ends(mean[1::2], level)
        inside = (truth[1::2] >= low) & (truth[1::2] <= high)
        assert wanted == pytest.approx(inside.mean(), abs=0.03)
        assert list(inside) == list(held[level])


def test_the_wider_interval_holds_the_narrower_one():
    dice = np.random.default_rng(1)
    mean = dice.uniform(0.1, 40, 2000)
    rule = learned(mean, dice.poisson(mean).astype(float))

    (low, high), (low_95, high_95) = (rule.ends(mean, level) for level in (0, 1))

    assert (low_95 <= low).all()
    assert (high_95 >= high).all()


def test_nothing_learned_is_poisson():
    rule = learned(NONE, NONE)

    low, high = rule.ends(np.array([9.0]), 0)

    assert (poisson.ppf(0.1, 9), poisson.ppf(0.9, 9)) == (low[0], high[0])


def test_a_day_whose_multiplier_is_unsure_has_a_wider_interval():
    rule = learned(NONE, NONE)

    plain, special = (rule.ends(np.array([50.0]), 0, extra) for extra in (0.0, np.array([0.25])))

    assert special[0] < plain[0] < plain[1] < special[1]
