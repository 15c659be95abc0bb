"""Where did a rise begin? Planted ones are found with their start, and where nothing changed nothing is told."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from insight import segments
from insight.segments import Rules

WEEKS, START = 14, 9
RULES = Rules(trials=99)


def world(seed, planted=None, *, ratio=4.0, scatter=0.0):
    """Cells of four properties, their counts and exposure; `planted` rises from week 9 on."""
    dice = np.random.default_rng(seed)
    lanes = {"CN-US": ("Orbit", "Sino"), "CN-DE": ("Orbit", "Sino"), "US-US": ("Blue",), "DE-DE": ("Fuchs",)}
    rows = [
        (carrier, lane, house, platform)
        for lane, carriers in lanes.items()
        for carrier in carriers
        for house in (("Shenzhen", "Yiwu") if lane.startswith("CN") else ("Local",))
        for platform in ("amazon", "ebay")
    ]
    cells = pd.DataFrame(rows, columns=["carrier", "lane", "warehouse", "platform"], dtype=object)
    exposure = dice.poisson(dice.uniform(20, 60, len(cells))[:, None] * np.ones(WEEKS)).astype(float)
    rate = 0.04 * dice.uniform(0.5, 1.5, len(cells))[:, None] * np.exp(dice.normal(0, scatter, WEEKS))
    if planted is not None:
        rate[np.ix_(mask(cells, planted), np.arange(START, WEEKS))] *= ratio
    return cells, dice.binomial(exposure.astype(int), np.minimum(rate, 0.9)), exposure


def mask(cells, where):
    return np.all([cells[name] == value for name, value in where.items()] or [[True] * len(cells)], axis=0)


PLANTED = [
    {"carrier": "Orbit", "lane": "CN-DE"},
    {"warehouse": "Yiwu"},
    {"carrier": "Sino", "warehouse": "Shenzhen"},
    {"platform": "ebay", "warehouse": "Yiwu"},
    {},
]


@pytest.mark.parametrize("planted", PLANTED, ids=str)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_planted_part_is_found_first_with_its_week_and_explains_the_rise(planted, seed):
    cells, events, exposure = world(seed, planted)
    (first, *more), rest = segments.search(cells, events, exposure, RULES)
    assert (first.inside == mask(cells, planted)).all()
    assert abs(first.start - START) <= 1
    assert first.explained > 0.7
    assert first.p <= 0.05 < rest
    assert more == []


def test_where_nothing_changed_nothing_is_told():
    found = [segments.search(*world(seed), RULES)[0] for seed in range(12)]
    assert sum(map(bool, found)) <= 2  # 5 % are allowed by chance


def test_weeks_that_scatter_all_together_are_no_rise():
    found = [segments.search(*world(seed, scatter=0.35), RULES)[0] for seed in range(8)]
    assert sum(map(bool, found)) <= 2


def test_two_rises_are_told_one_after_the_other():
    cells, events, exposure = world(4, {"warehouse": "Yiwu"}, ratio=5)
    dice, more = np.random.default_rng(1), mask(cells, {"carrier": "Blue"})
    events[np.ix_(more, np.arange(6, WEEKS))] += dice.poisson(8, (more.sum(), WEEKS - 6))
    found, _ = segments.search(cells, events, exposure, RULES)
    assert sorted(tuple(sorted(part.where.items())) for part in found) == [
        (("carrier", "Blue"),),
        (("warehouse", "Yiwu"),),
    ]


def test_of_parts_with_the_same_orders_the_shortest_stands():
    cells = pd.DataFrame([("Blue", "US-US"), ("Fuchs", "DE-DE")], columns=["carrier", "lane"], dtype=object)
    listed = segments.parts(cells, np.array([50.0, 50.0]), RULES)
    assert listed.names == [{}, {"carrier": "Blue"}, {"carrier": "Fuchs"}]


def test_unknown_is_no_part_and_small_ones_are_none():
    cells = pd.DataFrame([("unknown", "A"), ("Blue", "A"), ("Fuchs", "A")], columns=["carrier", "lane"], dtype=object)
    listed = segments.parts(cells, np.array([50.0, 50.0, 3.0]), RULES)
    assert listed.names == [{}, {"carrier": "Blue"}]


def test_the_ratio_is_that_of_two_binomials():
    seen, expected, total = 30.0, 18.0, 60.0
    wanted = binom.logpmf(30, 60, 0.5) - binom.logpmf(30, 60, 0.3)
    found = segments._ratio(np.array([seen, 10.0]), np.array([expected, 18.0]), np.array([total, 60.0]))
    assert found == pytest.approx([wanted, 0])


def test_every_conjunction_is_looked_at_once():
    cells, events, _ = world(1)
    listed = segments.parts(cells, events.sum(axis=1).astype(float), Rules(least_events=1))
    plain = set()
    for flags in product([False, True], repeat=4):
        columns = [name for name, used in zip(cells.columns, flags, strict=True) if used]
        for row in cells.itertuples(index=False):
            plain.add(mask(cells, {name: getattr(row, name) for name in columns}).tobytes())
    dense = listed.matrix.toarray().astype(bool)
    assert {row.tobytes() for row in dense} == plain
    assert len(dense) == len(plain)
    for name, row in zip(listed.names, dense, strict=True):
        assert (row == mask(cells, name)).all()


def test_the_order_of_cells_does_not_matter_to_what_is_found():
    cells, events, exposure = world(2, {"warehouse": "Yiwu"})
    order = np.random.default_rng(0).permutation(len(cells))
    [first], _ = segments.search(cells, events, exposure, RULES)
    [other], _ = segments.search(cells.iloc[order].reset_index(drop=True), events[order], exposure[order], RULES)
    assert (first.where, first.start) == (other.where, other.start)


@pytest.mark.parametrize("weeks", [0, 1, 4])
def test_too_little_tells_nothing(weeks):
    cells, events, exposure = world(1)
    exposure[:, weeks:] = 0
    assert segments.search(cells, events, exposure, RULES) == ([], 1.0)
    assert segments.search(cells[:0], events[:0], exposure[:0], RULES) == ([], 1.0)
