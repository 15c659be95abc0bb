"""The challenger: what it says adds up, is the same each time, and can be kept as text."""

from __future__ import annotations

import numpy as np
import pytest

from insight import challenger, goodness
from insight.errors import MissingPart


def cases(seed: int = 1, n: int = 3000):
    dice = np.random.default_rng(seed)
    x = dice.normal(size=(n, 4))
    odds = np.where(x[:, 0] > 0.5, 2.0, -1.0) + 0.8 * x[:, 1] * (x[:, 2] > 0) - 1
    return x, dice.random(n) < 1 / (1 + np.exp(-odds))


@pytest.fixture(scope="module")
def forests() -> challenger.Forests:
    return challenger.fit(*cases(), leaf=20)


def test_it_finds_steps_and_interplay(forests: challenger.Forests) -> None:
    x, happened = cases(2)

    assert goodness.auc(happened, forests.added(x)) > 0.78
    assert goodness.calibration_error(happened, 1 / (1 + np.exp(-forests.added(x)))) < 0.06


def test_reasons_add_up_exactly(forests: challenger.Forests) -> None:
    x, _ = cases(3)
    told = forests.reasons(x)

    assert (len(x), 5) == told.shape
    assert np.abs(told.sum(axis=1) - forests.added(x)).max() < 1e-9
    assert np.ptp(told[:, -1]) < 1e-9  # the base is the same for all


def test_kept_as_text_it_says_the_same(forests: challenger.Forests) -> None:
    x, _ = cases(4)
    again = challenger.read(forests.text())

    assert np.array_equal(again.added(x), forests.added(x))
    assert again.text() == forests.text()


def test_two_fits_are_the_same_to_the_last_bit(forests: challenger.Forests) -> None:
    assert challenger.fit(*cases(), leaf=20).text() == forests.text()


def test_more_of_a_rising_sign_never_lowers_the_chance() -> None:
    dice = np.random.default_rng(6)
    x = dice.normal(size=(1500, 2))
    happened = dice.random(1500) < 1 / (1 + np.exp(-np.sin(2 * x[:, 0]) - x[:, 1]))
    grown = challenger.fit(x, happened, rising=(1, -1), leaf=10)
    line = np.linspace(-3, 3, 200)

    assert (np.diff(grown.added(np.column_stack([line, np.zeros(200)]))) >= -1e-12).all()
    assert (np.diff(grown.added(np.column_stack([np.zeros(200), line]))) <= 1e-12).all()


def test_no_case_has_no_score(forests: challenger.Forests) -> None:
    assert (0,) == forests.added(np.empty((0, 4))).shape
    assert (0, 5) == forests.reasons(np.empty((0, 4))).shape


def test_another_text_is_refused() -> None:
    for text in ("", "tree\n", f"{challenger.HEADER}\n", "insight forests 0\ntree\n"):
        with pytest.raises(MissingPart):
            challenger.read(text)
