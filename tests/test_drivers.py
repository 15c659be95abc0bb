"""Which topics go with an outcome: by hand, beside a second way to count, and whatever comes in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from insight import drivers
from insight.drivers import BETTER, CANNOT_TELL, TOO_FEW, WORSE, Drivers, Mentioned


def flags(*columns: list[int] | np.ndarray) -> Mentioned:
    return Mentioned.of(*np.nonzero(np.column_stack(columns)))


def compare(y, said, count, factors=(), customers=None, **told) -> Drivers:
    customers = np.arange(len(y)) if customers is None else customers
    return drivers.compare(y, said, count, factors, customers, **{"scale": "share", "others": False, **told})


def test_without_confounders_it_is_the_plain_difference_and_its_interval() -> None:
    """20 of 40 with the topic, 15 of 60 without: .5 less .25; over all 100 that is .4 x .25."""
    has = np.repeat([1, 0], [40, 60])
    y = np.concatenate([np.repeat([1, 0], [20, 20]), np.repeat([1, 0], [15, 45])])
    found = compare(y, flags(has), 1)
    error = np.sqrt(0.25 / 40 + 0.1875 / 60)
    half = student.ppf(0.975, 39) * error

    assert (40, 40, 0.4) == (found.n[0], found.customers[0], found.share[0])
    assert (0.5, 0.25, 0.25) == (found.value[0], found.without[0], found.raw[0])
    assert pytest.approx((0.25, 0.25, 0.1), abs=0.004) == (found.expected[0], found.difference[0], found.points[0])
    assert pytest.approx((0.25 - half, 0.25 + half), abs=0.01) == (found.low[0], found.high[0])
    assert found.points_low[0] < 0.1 < found.points_high[0]
    assert [WORSE] == found.verdicts("down")
    assert [BETTER] == found.verdicts("up")


def test_a_confounder_is_taken_out() -> None:
    """Late parcels cost .4 and the topic .1; nine of ten with the topic are late, one of ten without: raw is .42."""
    late = np.concatenate([np.repeat([1, 0], [90, 10]), np.repeat([1, 0], [10, 90])])
    has = np.repeat([1, 0], [100, 100])
    y = 0.9 - 0.4 * late - 0.1 * has + np.tile([0.01, -0.01], 100)
    found = compare(y, flags(has), 1, [late], scale="mean")

    assert -0.42 == pytest.approx(found.raw[0])
    assert -0.1 == pytest.approx(found.difference[0], abs=0.005)
    assert -0.05 == pytest.approx(found.points[0], abs=0.003)


def test_a_topic_that_comes_with_another_is_not_charged_for_it() -> None:
    bad = np.tile([1, 1, 0, 0, 0], 60)
    rider = np.tile([1, 1, 0, 0, 1], 60)
    y = 0.8 - 0.3 * bad + np.tile([0.02, -0.02], 150)
    found = compare(y, flags(bad, rider), 2, scale="mean")

    assert [-0.3, 0.0] == pytest.approx(list(found.difference), abs=0.01)
    assert found.raw[1] < -0.19
    assert [WORSE, CANNOT_TELL] == found.verdicts("up")


def test_where_each_unit_is_about_something_a_topic_is_set_beside_the_others() -> None:
    """A .2 of 50, B .5 of 30, C .8 of 20 conversations: without A they would have (.5 x 30 + .8 x 20) / 50 = .62."""
    topic = np.repeat([0, 1, 2], [50, 30, 20] * 1)
    topic = np.tile(topic, 10)
    y = np.array([0.2, 0.5, 0.8])[topic] + np.tile([0.01, -0.01], 500)
    found = compare(y, Mentioned.of(np.arange(1000), topic), 3, scale="mean", others=True)

    assert [0.62, (0.2 * 50 + 0.8 * 20) / 70, (0.2 * 50 + 0.5 * 30) / 80] == pytest.approx(
        list(found.expected), abs=0.002
    )
    assert 0 == pytest.approx(found.share @ found.value - y.mean(), abs=1e-9)


def test_an_order_that_is_looked_at_twice_counts_once_and_by_the_look_that_brought_the_topic() -> None:
    """Rows 0 and 1 are one order: t0 is new in row 0, t1 in row 1, where t0 stands already."""
    said = Mentioned.of([0, 1, 1], [0, 0, 1], [True, False, True])
    y = np.concatenate([[0.0, 1.0], np.tile([0.0, 1.0], 40)])
    found = compare(y, said, 2, population=81)

    assert [1, 1] == list(found.n)
    assert [0.0, 1.0] == list(found.value)
    assert [1 / 81, 1 / 81] == list(found.share)


def test_pairs_come_in_any_order_and_doubles_count_once() -> None:
    said = Mentioned.of([1, 0, 1, 1], [0, 1, 0, 0], [False, True, True, False])

    assert ([0, 1], [1, 0], [True, True]) == (list(said.units), list(said.topics), list(said.first))


@pytest.mark.parametrize(
    ("with_", "events", "without", "few"),
    [(29, 15, 100, True), (30, 15, 100, False), (100, 50, 29, True), (60, 9, 300, True), (60, 51, 300, True)],
)
def test_too_few_are_told_apart(with_: int, events: int, without: int, few: bool) -> None:
    """Fewer than 30 with or without it, fewer than 10 events or non-events: nothing is said."""
    calm = round(without * (0.9 if events > with_ / 2 else 0.1))
    y = np.concatenate([np.arange(with_) < events, np.arange(without) < calm]).astype(float)
    found = compare(y, flags(np.repeat([1, 0], [with_, without])), 1)

    assert few == found.few[0] == np.isnan(found.difference[0])
    assert (TOO_FEW in found.verdicts("down")) == few


def test_rows_of_one_customer_are_one_piece_of_evidence() -> None:
    dice = np.random.default_rng(3)
    has, late = dice.random(400) < 0.3, dice.integers(0, 3, 400)
    y = (dice.random(400) < 0.2 + 0.2 * has).astype(float)
    once = compare(y, flags(has), 1, [late])
    twice = compare(np.tile(y, 2), flags(np.tile(has, 2)), 1, [np.tile(late, 2)], np.tile(np.arange(400), 2))
    blind = compare(np.tile(y, 2), flags(np.tile(has, 2)), 1, [np.tile(late, 2)])

    assert once.high[0] - once.low[0] == pytest.approx(twice.high[0] - twice.low[0], rel=0.01)
    assert blind.high[0] - blind.low[0] < 0.75 * (once.high[0] - once.low[0])


def test_the_e_value_is_that_of_its_source() -> None:
    """VanderWeele and Ding (2017): a risk ratio of 3.9 has 7.26, and its end of 1.8 has 3.0; .26 is the other way."""
    assert [7.26, 3.0, 7.26, 1.0] == pytest.approx(
        list(drivers._e_value(np.array([3.9, 1.8, 1 / 3.9, 1.0]))), abs=0.005
    )


# ---------------------------------------------------------------- a second way to count


def naive(y, has, factors, *, share: bool, others: bool):
    """Dense columns, plain Newton steps, and means over copies of the rows: differences only."""
    columns = [np.ones(len(y)), *has.T.astype(float)]
    for codes in factors:
        columns += [(codes == level).astype(float) for level in np.unique(codes)]
    x = np.column_stack(columns)
    tight = np.diag([0.0] + [0.16] * (x.shape[1] - 1))
    level = (lambda eta: 1 / (1 + np.exp(-eta))) if share else (lambda eta: eta)
    beta = np.zeros(x.shape[1])
    for _ in range(60):
        mean = level(x @ beta)
        weight = mean * (1 - mean) if share else np.ones(len(y))
        beta += np.linalg.solve(x.T @ (x * weight[:, None]) + tight, x.T @ (y - mean) - tight @ beta)
    found = []
    for topic in range(has.shape[1]):
        expected = []
        for row in np.flatnonzero(has[:, topic]):
            bare = x[row].copy()
            bare[1 + topic] = 0
            alone = others and has[row].sum() == 1
            if not alone:
                expected.append(level(bare @ beta))
                continue
            mix = np.array([(has[~has[:, topic], s]).sum() * (s != topic) for s in range(has.shape[1])])
            expected.append(sum(w * level(bare @ beta + beta[1 + s]) for s, w in enumerate(mix)) / mix.sum())
        found.append(y[has[:, topic]].mean() - np.mean(expected))
    return np.array(found)


def random_world(seed: int, *, n: int = 600, exclusive: bool = False):
    dice = np.random.default_rng(seed)
    late, market = dice.integers(0, 5, n), dice.integers(0, 3, n)
    has = dice.random((n, 3)) < np.stack([0.2 + 0.1 * late, np.full(n, 0.3), 0.2 + 0.1 * market], axis=1)
    if exclusive:
        has[~has.any(axis=1), 1] = True
    odds = -1.5 + 0.4 * late + 0.3 * market + has @ np.array([0.0, 0.8, -0.4])
    return (dice.random(n) < 1 / (1 + np.exp(-odds))).astype(float), has, late, market, dice.integers(0, n // 2, n)


@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize("scale", ["share", "mean"])
def test_a_second_way_to_count_gives_the_same(scale: str, others: bool) -> None:
    y, has, late, market, whose = random_world(5, exclusive=others)
    found = compare(y, Mentioned.of(*np.nonzero(has)), 3, [late, market], whose, scale=scale, others=others)

    expected = naive(y, has, [late, market], share=scale == "share", others=others)
    assert expected == pytest.approx(found.difference, abs=1e-7)


def test_intervals_are_as_wide_as_those_of_customers_left_out_one_by_one() -> None:
    """The jackknife over customers needs no derivative at all."""
    y, has, late, market, whose = random_world(8, n=400)
    said = Mentioned.of(*np.nonzero(has))
    found = compare(y, said, 3, [late, market], whose)
    left = []
    for one in np.unique(whose):
        kept = whose != one
        told = compare(y[kept], Mentioned.of(*np.nonzero(has[kept])), 3, [late[kept], market[kept]], whose[kept])
        left.append(np.stack([told.difference, told.points]))
    spread = np.array(left)
    jackknife = np.sqrt((len(left) - 1) / len(left) * ((spread - spread.mean(axis=0)) ** 2).sum(axis=0))
    wide = student.ppf(0.975, found.customers - 1)

    assert jackknife[0] * wide == pytest.approx((found.high - found.low) / 2, rel=0.06)
    assert jackknife[1] * wide == pytest.approx((found.points_high - found.points_low) / 2, rel=0.06)


# ---------------------------------------------------------------- whatever comes


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([0.0, 1.0]),
            st.lists(st.integers(0, 3), max_size=4),
            st.integers(0, 4),
            st.integers(0, 9),
        ),
        max_size=90,
    ),
    times=st.integers(1, 3),
    others=st.booleans(),
    scale=st.sampled_from(["share", "mean"]),
)
def test_any_rows_give_figures_that_fit_together(rows, times: int, others: bool, scale: str) -> None:
    rows = rows * times
    units = [at for at, row in enumerate(rows) for _ in row[1]]
    said = Mentioned.of(units, [topic for row in rows for topic in row[1]])
    y, factor, whose = (np.array([row[at] for row in rows]) for at in (0, 2, 3))
    found = compare(y, said, 4, [factor.astype(int)], whose, scale=scale, others=others)
    told = ~found.few

    assert all(getattr(found, name).shape == (4,) for name in Drivers.__dataclass_fields__)
    assert (found.n[told] >= drivers.FEW_UNITS).all()
    assert (found.low[told] <= found.difference[told] + 1e-9).all()
    assert (found.difference[told] <= found.high[told] + 1e-9).all()
    assert np.isnan(found.difference[found.few]).all()
    assert not np.isnan(found.difference[told]).any()
    assert set(found.verdicts("down")) <= {WORSE, BETTER, CANNOT_TELL, TOO_FEW}


def test_the_order_of_rows_does_not_matter() -> None:
    y, has, late, market, whose = random_world(2)
    order = np.random.default_rng(1).permutation(len(y))
    one = compare(y, Mentioned.of(*np.nonzero(has)), 3, [late, market], whose)
    other = compare(y[order], Mentioned.of(*np.nonzero(has[order])), 3, [late[order], market[order]], whose[order])

    for name in ("difference", "low", "high", "points", "points_low", "e_value", "p", "q"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-9)


def test_an_outcome_that_never_differs_tells_nothing() -> None:
    found = compare(np.ones(100), flags(np.arange(100) < 40), 1)

    assert [TOO_FEW] == found.verdicts("down")
    assert (40, 1.0, 0.0) == (found.n[0], found.value[0], found.raw[0])


def test_steps_hold_equally_many_and_a_common_value_is_a_step_of_its_own() -> None:
    assert [50] * 20 == list(np.bincount(drivers.steps(np.arange(1000.0)))[1:])
    mixed = np.bincount(drivers.steps(np.concatenate([np.zeros(600), np.arange(1.0, 401)])))
    assert 0 == mixed[0]
    assert mixed[1] in (600, 601, 602)
    assert 15 <= len(mixed[2:]) <= 19
    assert [0, 1] == list(drivers.steps([np.nan, 3.0]))
    assert [] == list(drivers.steps([]))


def test_only_what_varies_can_be_held() -> None:
    market = np.repeat([0, 1], [50, 50])
    rare = np.repeat([0, 1], [95, 5])

    assert ["market", "rare"] == drivers.held({"market": market, "one": np.zeros(100, dtype=int), "rare": rare})
