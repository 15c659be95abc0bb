"""The shapes that the server draws stay inside their boxes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from insight.api.charts import HEAT_LEVELS, heat, spark, whisker

REAL = st.floats(-1e9, 1e9)


def test_a_line_runs_from_the_lowest_to_the_highest_value() -> None:
    line = spark([1, 2, None, 3])

    assert line is not None
    assert ("0.0,27.0 33.3,15.0 100.0,3.0", (100.0, 3.0)) == (line.points, line.ends)


def test_one_value_is_no_line() -> None:
    assert [None, None, None] == [spark([]), spark([1.0]), spark([None, 4.0, None])]


@given(st.lists(st.none() | REAL))
def test_a_line_stays_in_its_box(values: list[float | None]) -> None:
    line = spark(values)
    points = [tuple(map(float, p.split(","))) for p in line.points.split()] if line else []

    assert all(0 <= x <= 100 and 3 <= y <= 27 for x, y in points)


@given(*[st.floats(0, 1e9) for _ in range(4)], st.floats(1e-6, 1e9))
def test_a_whisker_stays_on_its_scale(value: float, low: float, high: float, before: float, most: float) -> None:
    marks = whisker(value, low, high, before, most=most)

    assert marks is not None
    assert all(2 <= m <= 98 for m in (marks.low, marks.value, marks.high, marks.before or 2))


def test_what_has_no_value_has_no_whisker() -> None:
    assert [None, None] == [whisker(None, 1, 2, 1, most=3), whisker(1, 1, 1, 1, most=0)]


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_shades_follow_the_value(value: float, most: float) -> None:
    assert 0 <= heat(value, most) <= HEAT_LEVELS
    assert (0 == heat(value, most)) == (value == 0 or most == 0)
