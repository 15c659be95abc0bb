"""Percentiles and distinct counts of slices against a second, slow way."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.kpis import ordered
from tests.kpis.naive import percentile

FIRST = dt.date(2026, 1, 1)


def rows_of(seed: int, size: int, *, most: int = 9) -> list[dict[str, Any]]:
    dice = random.Random(seed)
    return [
        {
            "market": dice.choice(["DE", "US", "法国"]),
            "day": FIRST + dt.timedelta(days=dice.randrange(3)),
            "_num": dice.randrange(-most, most),
        }
        for _ in range(size)
    ]


def by_slice(rows: list[dict[str, Any]], keys: list[str]) -> dict[tuple[Any, ...], list[int]]:
    found: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row["_num"])
    return found


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 120), st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.sampled_from([9, 2**40]))
def test_percentiles_are_those_of_sorted_lists(seed: int, size: int, p: float, most: int) -> None:
    rows, keys = rows_of(seed, size, most=most), ["market", "day"]
    told = ordered.places(pa.Table.from_pylist(rows), keys, p)
    expected = {key: percentile(values, p, 1) for key, values in by_slice(rows, keys).items()}
    at = (told["n"] - 1) * p
    values = told["_below"] + (told["_above"] - told["_below"]) * (at % 1)

    assert expected == {
        tuple(key): (n, pytest.approx(value))
        for *key, n, value in zip(told["market"], told["day"], told["n"], values, strict=True)
    }


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 120), st.sampled_from([9, 2**40]))
def test_distinct_counts_are_those_of_sets(seed: int, size: int, most: int) -> None:
    rows = rows_of(seed, size, most=most)
    told = ordered.different(pa.Table.from_pylist(rows), ["market"])
    expected = {key: (len(values), len(set(values))) for key, values in by_slice(rows, ["market"]).items()}

    assert expected == {
        (key,): (n, different) for key, n, different in zip(told["market"], told["n"], told["_different"], strict=True)
    }


def test_values_with_fractions_keep_their_order() -> None:
    rows = pa.table({"market": ["DE"] * 3, "_num": [2.5, -1.25, 0.5]})

    [one] = ordered.places(rows, ["market"], 0.5).to_dict("records")
    assert (3, 0.5, 0.5) == (one["n"], one["_below"], one["_above"])


def test_nothing_has_no_slice() -> None:
    rows = pa.table({"market": pa.array([], pa.string()), "_num": pa.array([], pa.int64())})

    assert (0, 0) == (len(ordered.places(rows, ["market"], 0.5)), len(ordered.different(rows, ["market"])))
