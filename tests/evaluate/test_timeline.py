"""Counts of what had happened by a moment, against plain loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insight.evaluate.timeline import Timeline, together

THINGS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=25)
ASKED = st.lists(st.tuples(st.integers(0, 4), st.integers(-5, 40)), min_size=1, max_size=10)


def columns(rows):
    told = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return told[:, 0].copy(), told[:, 1].copy()


@given(THINGS, ASKED, st.integers(1, 20))
def test_amounts_newest_and_following(things, asked, span: int) -> None:
    group, at = columns(things)
    who, when = columns(asked)
    weights = np.arange(len(things)) % 3 + 1.0
    line, weighed = Timeline(group, at), Timeline(group, at, weights)
    newest, following = line.newest(who, when), line.following(who, when)

    for k, (g, t) in enumerate(asked):
        before = [n for n, (h, s) in enumerate(things) if h == g and s <= t]
        after = [n for n, (h, s) in enumerate(things) if h == g and s > t]
        recent = [n for n in before if things[n][1] > t - span]
        assert len(before) == line.amount(who, when)[k]
        assert len(recent) == line.amount(who, when, span)[k]
        assert weights[before].sum() == weighed.amount(who, when)[k]
        assert (things[newest[k]][1] if newest[k] >= 0 else None) == max((things[n][1] for n in before), default=None)
        assert (things[following[k]][1] if following[k] >= 0 else None) == min(
            (things[n][1] for n in after), default=None
        )


def test_moments_of_what_was_found() -> None:
    line = Timeline(np.array([1, 0, 1]), np.array([30, 20, 10]))
    found = line.newest(np.array([1, 0, 2, 1]), np.array([15, 19, 99, 30]))

    assert [2, -1, -1, 0] == found.tolist()
    assert [10, -7, -7, 30] == line.moment(found, otherwise=-7).tolist()


def test_nothing_at_all() -> None:
    none = np.empty(0, dtype=np.int64)
    line = Timeline(none, none)

    assert [0.0] == line.amount(np.array([0]), np.array([5])).tolist()
    assert [-1] == line.newest(np.array([0]), np.array([5])).tolist()
    assert [0] == line.moment(np.array([-1])).tolist()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20))
def test_one_number_for_each_combination(pairs) -> None:
    a, b = columns(pairs)
    found = together(a, b)

    for i, one in enumerate(pairs):
        for j, other in enumerate(pairs):
            assert (one == other) == (found[i] == found[j])
