"""A sample whose weights are known: the draw can be repeated, and what it says is right on average."""

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.sampling import PARTS, Estimate, allocated, draw, estimate, strata, to_be_sure, to_tell, to_tell_from


def frame(count, *, seed=3, agents=6):
    """Conversations with agents, channels and topics of very different size, and a score that depends on each."""
    dice = np.random.default_rng(seed)
    share = 1 / np.arange(1, agents + 1)
    agent = dice.choice([f"a{n}" for n in range(agents)], count, p=share / share.sum())
    channel = dice.choice(["chat", "email"], count, p=[0.7, 0.3])
    topic = dice.choice([f"t{n}" for n in range(12)], count)
    level = np.array(
        [{"a0": 0.9, "a1": 0.5}.get(a, 0.7) - 0.2 * (c == "email") for a, c in zip(agent, channel, strict=True)]
    )
    rows = pd.DataFrame({"agent_id": agent, "channel": channel, "topic_id": topic})
    rows.insert(0, "conversation_id", [f"c{n:04}" for n in range(count)])
    return rows, pd.Series(np.clip(level + dice.normal(0, 0.15, count), 0, 1), index=rows["conversation_id"])


def ids(rows):
    return rows["conversation_id"].tolist()


def test_the_draw_is_the_same_for_the_same_rows_in_any_order():
    rows, _ = frame(300)
    first = draw(rows, size=40, seed=7, purpose="w1")
    again = draw(rows.sample(frac=1, random_state=1), size=40, seed=7, purpose="w1")
    assert first.to_dict("records") == again.to_dict("records")
    assert len(set(ids(first))) == 40


def test_another_week_and_another_seed_draw_another_sample():
    rows, _ = frame(300)
    first = set(ids(draw(rows, size=40, seed=7, purpose="w1")))
    assert first != set(ids(draw(rows, size=40, seed=7, purpose="w2")))
    assert first != set(ids(draw(rows, size=40, seed=8, purpose="w1")))


def test_rows_that_come_later_in_other_strata_change_nothing_in_the_order_of_a_stratum():
    """An agent who stays with as many draws keeps the same conversations."""
    rows, _ = frame(300)
    late = rows[rows["agent_id"] == "a0"].head(9).assign(conversation_id=[f"late{n}" for n in range(9)])
    drawn = [draw(r, size=40, seed=7, purpose="w") for r in (rows, pd.concat([rows, late]))]
    by = [{s: ids(g.sort_values("conversation_id")) for s, g in d.groupby("stratum")} for d in drawn]
    counts = [d.groupby("stratum")["stratum_drawn"].first() for d in drawn]
    same = [s for s in by[0] if "a0" not in s and s in by[1] and counts[0][s] == counts[1][s]]
    assert len(same) >= 4
    assert [by[0][s] for s in same] == [by[1][s] for s in same]


def test_every_agent_is_drawn_and_a_large_cell_is_a_stratum_of_its_own():
    rows, _ = frame(300)
    rows.loc[:119, list(PARTS)] = ["a0", "chat", "t0"]
    drawn = draw(rows, size=40, seed=7, purpose="w")
    assert set(drawn["agent_id"]) == set(rows["agent_id"])
    assert "a0 · chat · t0" in set(drawn["stratum"])


def test_sizes_of_strata_and_draws_add_up():
    rows, _ = frame(300)
    each = draw(rows, size=40, seed=7, purpose="w").drop_duplicates("stratum")
    assert (each["stratum_size"].sum(), each["stratum_drawn"].sum()) == (300, 40)
    assert (each["stratum_drawn"] <= each["stratum_size"]).all()


def test_more_agents_than_draws_share_a_stratum():
    rows, _ = frame(300, agents=25)
    drawn = draw(rows, size=10, seed=7, purpose="w")
    assert len(drawn) == 10
    assert "* · * · *" in set(strata(rows, size=10))


@pytest.mark.parametrize(("count", "size", "expected"), [(0, 5, 0), (3, 5, 3), (5, 0, 0), (5, 1, 1), (5, 5, 5)])
def test_edges(count, size, expected):
    rows, _ = frame(10)
    assert len(draw(rows.head(count), size=size, seed=1, purpose="w")) == expected


def test_draws_are_shared_out_in_proportion_with_one_for_each():
    """By hand: of 10 draws over 70, 20, 9 and 1 the smallest gets its one, the others what proportion gives."""
    assert allocated([70, 20, 9, 1], 10) == [6, 2, 1, 1]
    assert allocated([70, 20, 9, 1], 100) == [70, 20, 9, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(0, 12))
def test_no_other_whole_numbers_give_a_narrower_interval(sizes, more):
    """Against trying all: with equal spread the variance is the sum of N² / n."""
    total = min(len(sizes) + more, sum(sizes))
    every = [got for got in itertools.product(*(range(1, n + 1) for n in sizes)) if sum(got) == total]
    best = min(sum(n * n / g for n, g in zip(sizes, got, strict=True)) for got in every)
    got = allocated(sizes, total)
    assert sum(got) == total
    assert sum(n * n / g for n, g in zip(sizes, got, strict=True)) == pytest.approx(best)


# ---------------------------------------------------------------- what a sample says


def test_the_mean_by_hand():
    """80 conversations of one stratum score .5 on average, 20 of the other 1: (80 · .5 + 20 · 1) / 100 = .6."""
    found = estimate([0.4, 0.6, 1.0, 1.0], ["big", "big", "small", "small"], [80, 80, 20, 20])
    assert found.value == pytest.approx(0.6)
    assert found.n == 4


def naive(values, strata, sizes):
    """Mean and variance as a textbook writes them for strata of two or more (Cochran 5.6), one by one."""
    groups = defaultdict(list)
    for value, stratum, size in zip(values, strata, sizes, strict=True):
        groups[stratum, size].append(value)
    whole = sum(size for _, size in groups)
    mean = sum(size * sum(told) / len(told) for (_, size), told in groups.items()) / whole
    variance = 0.0
    for (_, size), told in groups.items():
        middle = sum(told) / len(told)
        spread = sum((value - middle) ** 2 for value in told) / (len(told) - 1)
        variance += (size / whole) ** 2 * (1 - len(told) / size) * spread / len(told)
    return mean, variance


def test_mean_and_interval_are_those_of_a_second_implementation():
    from scipy.stats import t

    dice = np.random.default_rng(5)
    strata_ = np.repeat(["a", "b", "c"], [5, 8, 3])
    sizes = np.repeat([40, 90, 12], [5, 8, 3])
    values = np.round(dice.random(16), 2)
    mean, variance = naive(values, strata_, sizes)
    size = mean * (1 - mean) / variance * (1.959963984540054 / t.ppf(0.975, 13)) ** 2
    z = 1.959963984540054
    middle = (mean + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * math.sqrt(mean * (1 - mean) / size + z**2 / (4 * size**2))
    found = estimate(values, strata_, sizes)
    assert (found.value, found.low, found.high) == pytest.approx((mean, middle - half, middle + half))


def test_a_part_of_the_conversations_is_judged_by_its_own_rows():
    values = [0.2, float("nan"), 0.6, float("nan")]
    found = estimate(values, ["a", "a", "b", "b"], [10, 10, 30, 30])
    assert found.n == 2
    assert found.value == pytest.approx((5 * 0.2 + 15 * 0.6) / 20)


def test_without_scores_there_is_no_figure_and_with_one_no_interval():
    assert estimate([], [], []) == Estimate(0)
    assert estimate([float("nan")], ["a"], [3]) == Estimate(0)
    found = estimate([0.5], ["a"], [30])
    assert (found.n, found.value, found.low, found.high) == (1, 0.5, None, None)


def test_equal_scores_are_no_certainty():
    found = estimate([1.0] * 10, ["a"] * 10, [200] * 10)
    assert found.value == found.high == 1
    assert found.low < 0.75


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1) | st.just(float("nan")), st.integers(0, 4)), max_size=30))
def test_ends_enclose_the_mean_and_stay_within_the_scale(rows):
    counts = Counter(stratum for _, stratum in rows)
    found = estimate([v for v, _ in rows], [s for _, s in rows], [counts[s] + s * 3 for _, s in rows])
    if found.low is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("scored", [1.0, 0.6])
def test_the_estimate_is_right_on_average_and_its_interval_holds_the_truth(scored):
    """300 draws of 40 from 300: also where only the first three fifths of the order were scored."""
    rows, truth = frame(300)
    target, means, held = truth.mean(), [], 0
    for seed in range(300):
        drawn = draw(rows, size=40, seed=seed, purpose="w")
        drawn = drawn.head(round(len(drawn) * scored))
        found = estimate(truth[drawn["conversation_id"]].to_numpy(), drawn["stratum"], drawn["stratum_size"])
        means.append(found.value)
        held += found.low <= target <= found.high
    error = np.std(means) / math.sqrt(len(means))
    assert abs(np.mean(means) - target) < 3 * error + (0 if scored == 1 else 0.01)
    assert 0.92 <= held / 300 <= 0.995


def test_every_conversation_of_a_stratum_is_as_likely_as_it_is_said_to_be():
    rows, _ = frame(60)
    seen, told = Counter(), {}
    for seed in range(400):
        drawn = draw(rows, size=12, seed=seed, purpose="w")
        seen.update(drawn["conversation_id"])
        told |= dict(zip(drawn["conversation_id"], drawn["stratum_drawn"] / drawn["stratum_size"], strict=True))
    for name, share in told.items():
        assert abs(seen[name] / 400 - share) < 4.5 * math.sqrt(share * (1 - share) / 400) + 1e-9


# ---------------------------------------------------------------- what a claim would need


def test_the_numbers_that_a_claim_would_need():
    """Quantiles 1.96 + 0.84 = 2.80; 7.849 · (.85 · .15 + .75 · .25) / .01 = 247.2, so 248 of each."""
    assert to_tell(0.85, 0.75) == 248
    assert to_tell(0.85, 0.80) == 903
    assert to_tell(0.8, 0.8) is None


def test_so_many_scores_do_tell_the_two_apart_four_times_in_five():
    dice = np.random.default_rng(1)
    n = to_tell(0.85, 0.75)
    one, other = dice.binomial(n, 0.85, 4000) / n, dice.binomial(n, 0.75, 4000) / n
    error = np.sqrt(one * (1 - one) / n + other * (1 - other) / n)
    assert np.mean((one - other) / error > 1.96) == pytest.approx(0.8, abs=0.03)


def test_scores_that_spread_less_need_fewer():
    told = Estimate(20, 0.7, 0.6, 0.8, 0.2)
    assert to_tell_from(0.8, told) == math.ceil(2.8015852**2 * 0.04 / 0.01)
    assert to_tell_from(0.8, Estimate(1, 0.7)) > to_tell_from(0.8, told)
    assert to_tell_from(0.7, told) is None
    assert to_tell_from(0.7, Estimate(0)) is None


def test_how_many_make_a_figure_sure():
    assert to_be_sure(Estimate(1, 0.5), 0.03) == 1064
    assert to_be_sure(Estimate(100, 0.5, 0.4401, 0.5599), 0.03) == 399
    assert to_be_sure(Estimate(0), 0.03) is None
