"""Comparing people fairly: against figures worked by hand, a second implementation, and teams whose skill is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import fairness
from insight.discovery import benjamini_hochberg
from insight.fairness import ABOVE, BELOW, CANNOT_TELL, LIKE, NOT_RANKED, compare, levels
from tests.bench.agents import error_ratio, result, team


def cases(*told):
    """Units, topics and outcomes from (unit, topic, cases, bad ones)."""
    rows = [(unit, topic, n < bad) for unit, topic, number, bad in told for n in range(number)]
    units, topics, bad = (np.array(column) for column in zip(*rows, strict=True))
    return units.astype(np.int64), levels(topics, least=1), bad.astype(float)


def share(*told, count=None):
    units, topics, bad = cases(*told)
    return compare(units, count or int(units.max()) + 1, [topics], bad, scale="share")


def verdicts(found, better="down"):
    return found.verdicts(benjamini_hochberg(np.where(found.cases >= 30, found.p, np.nan)), better=better)


# ---------------------------------------------------------------- who gets the hard cases


def test_who_gets_the_hard_cases_is_not_blamed_for_them():
    """Of the hard topic 40 in 100 end badly with everybody, of the easy one 10; the second unit gets the hard ones."""
    found = share((0, "easy", 400, 40), (0, "hard", 50, 20), (1, "easy", 50, 5), (1, "hard", 400, 160))

    assert [60 / 450, 165 / 450] == list(found.observed)
    assert found.observed == pytest.approx(found.expected, abs=0.01)
    assert found.standard(found.effect) == pytest.approx(np.full(2, found.usual), abs=0.01)
    assert not {ABOVE, BELOW} & set(verdicts(found))


def test_who_does_most_of_a_topic_badly_does_not_make_it_look_hard():
    """The others show that the topic is easy: 10 in 100 go wrong with them, 40 with the unit that has most of it."""
    others = [(unit, topic, 60, 6) for unit in range(1, 6) for topic in ("a", "b")]
    found = share((0, "a", 400, 160), (0, "b", 60, 24), *others)

    assert found.observed[0] == pytest.approx(0.4)
    assert found.expected[0] < 0.2
    assert [BELOW] == verdicts(found)[:1]
    assert BELOW not in verdicts(found)[1:]


def test_a_better_unit_stands_above_and_one_with_few_cases_is_not_ranked():
    found = share((0, "a", 500, 25), *[(unit, "a", 500, 100) for unit in (1, 2, 3, 4)], (5, "a", 29, 29))

    assert [ABOVE, *[verdicts(found)[1]] * 4, NOT_RANKED] == verdicts(found)
    assert BELOW not in verdicts(found)


def test_the_same_in_everything_is_called_alike_only_with_enough_cases():
    many, few = (share(*[(unit, "a", n, n // 5) for unit in range(8)]) for n in (3000, 40))

    assert {LIKE} == set(verdicts(many))
    assert {CANNOT_TELL} == set(verdicts(few))


def test_a_difference_too_small_to_matter_is_alike_however_sure_it_is():
    found = share((0, "a", 40_000, 8_600), *[(unit, "a", 40_000, 8_000) for unit in range(1, 6)])

    assert found.p[0] < 1e-6
    assert {LIKE} == set(verdicts(found))


def test_up_is_better_for_a_mean():
    draw = np.random.default_rng(3)
    units = np.repeat(np.arange(4), 400)
    rating = 0.7 + 0.2 * (units == 2) - 0.2 * (units == 1) + draw.normal(0, 0.2, len(units))
    found = compare(units, 4, [], rating, scale="mean")

    assert [BELOW, ABOVE] == verdicts(found, "up")[1:3]
    assert [ABOVE, BELOW] == verdicts(found, "down")[1:3]


def test_a_typical_time_is_told_in_its_own_unit():
    """Geometric means of 100 and 200 seconds; half of it is a ratio, so both ends are."""
    draw = np.random.default_rng(4)
    units = np.repeat(np.arange(4), 500)
    seconds = np.exp(np.log(np.where(units == 0, 200, 100)) + draw.normal(0, 0.4, len(units)))
    found = compare(units, 4, [], seconds, scale="log")

    assert found.observed == pytest.approx([200, 100, 100, 100], rel=0.06)
    assert found.standard(found.effect) == pytest.approx([200, 100, 100, 100], rel=0.08)
    assert verdicts(found)[0] == BELOW


# ---------------------------------------------------------------- second implementations


def one_way(values, spread):
    """Units' effects in a one-way layout of equal sizes, by plain sums over a fine grid of how far units differ."""
    means, size = values.mean(axis=1), values.shape[1]
    noise = values.var(axis=1, ddof=1).mean() / size
    total, likely = np.zeros(len(means)), 0.0
    for tau in np.linspace(1e-4, 4 * spread, 4000):
        wide = tau**2 + noise
        fits = np.exp(-0.5 * ((means - means.mean()) ** 2).sum() / wide) * wide ** (-(len(means) - 1) / 2)
        fits *= np.exp(-0.5 * (tau / spread) ** 2)
        total += fits * tau**2 / wide * (means - means.mean())
        likely += fits
    return total / likely


@pytest.mark.parametrize("differ", [0.0, 0.03, 0.1, 0.3])
def test_shrinking_agrees_with_plain_sums(differ):
    draw = np.random.default_rng(11)
    values = draw.normal(0, differ, (12, 1)) + draw.normal(0, 0.4, (12, 60))
    found = compare(np.repeat(np.arange(12), 60), 12, [], values.ravel(), scale="mean")

    assert found.effect == pytest.approx(one_way(values, fairness.SPREAD["mean"]), abs=0.002 + 0.02 * differ)


def test_an_interval_of_many_equal_cases_is_the_plain_one():
    """With a lot of cases nothing is left to shrink: 1.96 standard errors of log-odds against the mean of all six."""
    bad = np.array([2_000 + 1_000 * unit for unit in range(6)])
    found = share(*[(unit, "a", 20_000, int(n)) for unit, n in enumerate(bad)])
    odds = np.log(bad / (20_000 - bad))
    each = 1 / bad + 1 / (20_000 - bad)
    plain = (5 / 6) ** 2 * each + (each.sum() - each) / 36

    assert found.effect == pytest.approx(odds - odds.mean(), abs=0.01)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * np.sqrt(plain), rel=0.03)


def test_limits_of_chance_are_those_of_a_funnel_plot():
    """Where all are alike, about 1.96 standard errors of the usual share, against the mean of all."""
    found = share(*[(unit, "a", n, n // 5) for unit, n in enumerate((100, 400, *[1600] * 22))])
    low, high = found.chance()
    plain = 1.96 * np.sqrt(0.2 * 0.8 / found.cases) * 23 / 24

    assert (high - low) / 2 == pytest.approx(plain, rel=0.06)
    assert (low < 0.2).all()
    assert (high > 0.2).all()


def test_joint_levels_with_few_rows_are_one():
    assert [1, 1, 2, 2, 0, 0] == list(levels(np.array(list("aabbab")), np.array([1, 1, 1, 1, 2, 2]), least=2))
    assert [0, 0, 0] == list(levels(np.array(["x", "y", "z"]), least=2))


# ---------------------------------------------------------------- hostile input


@pytest.mark.parametrize("outcome", [[0.0] * 40, [1.0] * 40, []])
def test_where_nothing_differs_there_is_nothing_to_compare(outcome):
    units = np.arange(len(outcome)) % 2
    assert compare(units.astype(np.int64), 2, [], np.array(outcome), scale="share") is None


def test_one_alone_is_compared_with_nobody():
    assert compare(np.zeros(50, dtype=np.int64), 1, [], np.arange(50) % 2, scale="share") is None


ROW = st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 1), st.floats(1e-6, 1e9))


@given(st.lists(ROW, min_size=2, max_size=60), st.sampled_from(["share", "mean", "log"]))
def test_whatever_the_cases_are_figures_are_finite_and_in_order(rows, scale):
    units, topics, flags, amounts = (np.array(column) for column in zip(*rows, strict=True))
    outcome = flags.astype(float) if scale == "share" else np.tanh(amounts) if scale == "mean" else amounts
    found = compare(units, 6, [levels(topics, least=2)], outcome, scale=scale)
    if found is None:
        return

    assert np.isfinite([found.effect, found.low, found.high]).all()
    assert (found.low <= found.effect + 1e-9).all()
    assert (found.effect <= found.high + 1e-9).all()
    assert ((found.p >= 0) & (found.p <= 1)).all()
    assert {NOT_RANKED} == {v for v, n in zip(verdicts(found), found.cases, strict=True) if n < 30} | {NOT_RANKED}
    assert not [v for v, n in zip(verdicts(found), found.cases, strict=True) if n < 30 and v != NOT_RANKED]


def test_the_names_of_units_do_not_matter():
    drawn = team(5)
    turned = (len(drawn.skill) - 1 - drawn.agent).astype(np.int64)
    topic = [levels(drawn.mix[0], least=5)]
    one, other = (compare(u, len(drawn.skill), topic, drawn.bad, scale="share") for u in (drawn.agent, turned))

    assert one.effect == pytest.approx(other.effect[::-1], abs=1e-9)


# ---------------------------------------------------------------- teams whose true skill is known


def test_skewed_routing_is_seen_through():
    """Forty agents; hard topics go to some. Means over drawn teams; `tests/bench/agents.py` has many more."""
    every = [result(team(seed)) for seed in range(12)]
    raw, shrunk, covered = (np.mean([getattr(r, name) for r in every]) for name in ("raw", "shrunk", "covered"))

    assert 0.45 < raw < 0.65
    assert shrunk >= 0.70
    assert shrunk > raw + 0.1
    assert error_ratio(every) <= 0.75
    assert 0.9 <= covered <= 0.99
    assert sum(r.wrong for r in every) <= 0.05 * max(1, sum(r.below + r.above for r in every))


def test_of_equals_hardly_anybody_is_called_below_the_others():
    every = [result(team(100 + seed, differ=0.0)) for seed in range(8)]

    assert sum(r.below for r in every) <= 0.05 * sum(r.ranked for r in every)
    assert sum(r.below + r.above > 0 for r in every) <= 1
