"""Effects: worked by hand, against a naive second way, in worlds made by chance, and on hostile panels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from insight import effects
from insight.effects import CANNOT_TELL, DID_NOT, TOO_EARLY, WORKED, Panel
from insight.evaluate.effects import WORLDS, World


def panel(contacts, orders=None, *, start, spike=0, acted=1):
    """The first units acted on from a week on, the others left alone."""
    counts = np.asarray(contacts, dtype=np.float64)
    over = np.full(counts.shape, 1000.0) if orders is None else np.asarray(orders, dtype=np.float64)
    starts = np.where(np.arange(len(counts)) < acted, start, -1)
    names = tuple(f"u{n}" for n in range(len(counts)))
    return Panel(names, counts, over, starts, np.zeros(counts.shape[1], dtype=bool), spike)


def steady(before, after, others, *, weeks=(8, 6), n=5):
    """Every week is like the one before, but for the action and for what changes everywhere."""
    b, a = weeks
    return [[before] * b + [after] * a, *([[o * 1.0] * b + [o * others] * a for o in range(20, 20 + n)])]


def test_by_hand() -> None:
    """40 a week become 24 while the others go up by half: 24 / (40 · 1.5) = 0.4 of what was to be expected."""
    found = effects.effect(panel(steady(40, 24, 1.5), start=8), hoped=0.3)

    assert found.estimate is not None
    assert found.estimate.ratio == pytest.approx(0.4, abs=0.003)
    assert found.expected[0, :8] == pytest.approx([40] * 8, rel=0.01)
    assert found.expected[0, 8:] == pytest.approx([60] * 6, rel=0.01)
    assert (WORKED, 8, 6, 1, 5) == (found.verdict, found.before, found.after, found.treated, found.others)
    assert found.estimate.chance < 0.001


def test_orders_are_what_contacts_are_counted_over() -> None:
    """Twice the orders and twice the contacts are no effect; the same contacts from twice the orders are half."""
    orders = [[1000.0] * 8 + [2000.0] * 6, *([[1000.0] * 14] * 5)]
    doubled, same = (effects.effect(panel(steady(40, y, 1), orders, start=8), hoped=0.3) for y in (80, 40))

    assert doubled.estimate.ratio == pytest.approx(1, abs=0.01)
    assert same.estimate.ratio == pytest.approx(0.5, abs=0.005)
    assert (DID_NOT, WORKED) == (doubled.verdict, same.verdict)


def naive(told: Panel, noise: float) -> tuple[float, float]:
    """The log ratio and its error, week by week, for noise without memory: weighted means of log rates by loops."""
    n, weeks = told.contacts.shape
    rates = np.log(told.contacts / told.orders)
    shared = [np.mean([rates[u, t] for u in range(1, n)]) for t in range(weeks)]
    sums = {False: [0.0, 0.0], True: [0.0, 0.0]}
    for t in range(weeks):
        others = sum(1 / told.contacts[u, t] for u in range(1, n)) / (n - 1) ** 2
        variance = noise**2 * (1 + 1 / (n - 1)) + 1 / told.contacts[0, t] + others
        sums[t >= told.starts[0]][0] += (rates[0, t] - shared[t]) / variance
        sums[t >= told.starts[0]][1] += 1 / variance
    late, early = sums[True], sums[False]
    return late[0] / late[1] - early[0] / early[1], float(np.sqrt(1 / late[1] + 1 / early[1]))


def test_many_contacts_agree_with_the_naive_way() -> None:
    """Where counts are large logarithms are as good as counts, and without memory every week counts alike."""
    dice = np.random.default_rng(5)
    rates = 4000 * np.exp(dice.normal(0, 0.2, (9, 1)) + dice.normal(0, 0.1, (1, 20)) + dice.normal(0, 0.12, (9, 20)))
    told = panel(np.round(rates), start=12)
    noise, alone, _ = effects._learn(told)
    noise = effects.Noise(np.concatenate([[noise.shape[0]], np.zeros(19)]))
    stack = effects._stack(told, noise, alone)
    middle, error = naive(told, noise.swing)

    assert stack.at(0.0) == pytest.approx(middle, abs=0.02)
    assert stack.z(middle)[1] == pytest.approx(error, rel=0.05)


def test_noise_is_learned_from_the_units_left_alone() -> None:
    """Memory and swing that were put in are found, and pure chance shows next to no swing."""
    made = [World("plain", before=60, after=20, weekly=60).panel([2, run]) for run in range(6)]
    learned = [effects._learn(one)[0] for one in made]
    calm = [effects._learn(World("calm", swing=0.0, weekly=60).panel([3, run]))[0] for run in range(4)]

    assert np.mean([one.swing for one in learned]) == pytest.approx(0.28, abs=0.05)
    assert np.mean([one.memory for one in learned]) == pytest.approx(0.6, abs=0.12)
    assert max(one.swing for one in calm) < 0.12


def test_who_was_chosen_for_a_rise_is_not_told_to_have_worked() -> None:
    """Contacts double for four weeks and are as before then: nothing happened, though they fell by half."""
    rows = [[20] * 12 + [40] * 4 + [20] * 6, *([[20] * 22] * 6)]
    naively = effects.effect(panel(rows, start=16), hoped=0.3).estimate
    found = effects.effect(panel(rows, start=16, spike=4), hoped=0.3)

    assert found.verdict != WORKED
    assert abs(np.log(found.estimate.ratio)) < abs(np.log(naively.ratio))
    assert (12, 6) == (found.before, found.after)


def test_too_few_weeks_are_too_early_and_no_past_is_no_answer() -> None:
    early = effects.effect(panel(steady(40, 10, 1, weeks=(10, 3)), start=10), hoped=0.3)
    young = effects.effect(panel(steady(40, 10, 1, weeks=(5, 9)), start=5), hoped=0.3)
    nobody = effects.effect(panel(steady(0, 10, 1), start=8), hoped=0.3)

    assert (TOO_EARLY, 3) == (early.verdict, early.after)
    assert (CANNOT_TELL, None) == (young.verdict, young.estimate)
    assert (CANNOT_TELL, None) == (nobody.verdict, nobody.estimate)


def test_without_comparison_nobody_is_told_that_it_worked() -> None:
    """A fall to a tenth against one other unit, and against none."""
    for others in (0, 1):
        found = effects.effect(panel(steady(50, 5, 1, n=others), start=8), hoped=0.3)
        assert (True, CANNOT_TELL) == (found.weak, found.verdict)
        assert found.estimate.ratio == pytest.approx(0.1, abs=0.02)


def test_no_contact_at_all_afterwards_is_an_end_without_bottom() -> None:
    found = effects.effect(panel(steady(30, 0, 1), start=8), hoped=0.3)

    assert found.estimate.ratio < 0.01
    assert 0 == found.estimate.low
    assert found.estimate.high < 0.5
    assert WORKED == found.verdict


def test_units_that_had_drifted_before_are_not_believed() -> None:
    rows = [[200 * 0.85**t for t in range(24)], *([[100 + 2 * n] * 24 for n in range(6)])]
    found = effects.effect(panel(rows, start=16), hoped=0.3)

    assert found.drifted
    assert WORKED != found.verdict


def test_several_units_and_several_days() -> None:
    """Two units acted on in different weeks are one effect; the first day of one is no effect in the other."""
    rows = [[40] * 8 + [20] * 8, [60] * 11 + [30] * 5, *([[30 + n] * 16 for n in range(6)])]
    told = replace(panel(rows, start=8, acted=2), starts=np.array([8, 11, *[-1] * 6]))
    found = effects.effect(told, hoped=0.3)

    assert found.estimate.ratio == pytest.approx(0.5, abs=0.01)
    assert (2, 11, 8) == (found.treated, found.before, found.after)


def test_small_units_left_alone_are_put_together() -> None:
    rows = [[40] * 14, [30] * 14, *([[0.5] * 14] * 7), [0] * 14]
    joined = effects.pooled(panel(rows, start=8))

    assert 1 + 1 + 2 == len(joined.units)
    assert joined.contacts.sum() == np.sum(rows)
    assert joined.units[0] == "u0"
    assert all(joined.contacts[1:].sum(axis=1) >= effects.LEAST_CONTACTS)


def test_the_order_of_units_does_not_matter() -> None:
    told = WORLDS[2].panel([1, 1])
    turned = replace(
        told,
        units=told.units[::-1],
        contacts=told.contacts[::-1],
        orders=told.orders[::-1],
        starts=told.starts[::-1],
    )
    one, other = (effects.effect(p, hoped=0.3).estimate for p in (told, turned))

    assert (one.ratio, one.low, one.high) == pytest.approx((other.ratio, other.low, other.high), rel=1e-6)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_in_worlds_made_by_chance(world: World) -> None:
    """Few and seeded: without an effect hardly ever 'worked', and the interval holds the truth nearly always."""
    found = [effects.effect(replace(world, before=24).panel([11, run]), hoped=0.3) for run in range(8)]
    held = sum(one.estimate.low <= 1 + world.effect <= one.estimate.high for one in found)
    worked = sum(one.verdict == WORKED for one in found)

    assert held >= 6
    assert worked >= 3 if world.effect else worked <= 1


counts = st.integers(0, 30).map(float)
panels = st.integers(1, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(counts, min_size=12, max_size=12), min_size=n, max_size=n),
        st.lists(st.lists(st.sampled_from([0.0, 1.0, 500.0]), min_size=12, max_size=12), min_size=n, max_size=n),
        st.integers(0, 13),
        st.sampled_from([0, 4]),
    )
)


@how(max_examples=25, deadline=None)
@given(panels)
def test_whatever_comes_is_answered(told) -> None:
    """No hole, no zero and no odd start breaks it; ends lie around the estimate, and chances are chances."""
    contacts, orders, start, spike = told
    over = np.asarray(orders)
    found = effects.effect(panel(np.where(over > 0, contacts, 0), over, start=start, spike=spike), hoped=0.3)

    assert found.verdict in effects.VERDICTS
    if found.estimate is not None:
        low, middle, high = found.estimate.low, found.estimate.ratio, found.estimate.high
        assert 0 <= low <= middle * (1 + 1e-6) <= high * (1 + 1e-5)
        assert 0 <= found.estimate.chance <= 1
        assert 0 <= found.estimate.detectable <= 1  # 0: not even a fall to nothing would show
