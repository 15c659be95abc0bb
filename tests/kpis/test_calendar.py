"""Weekdays, weeks and months of days."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from insight.kpis.calendar import calendar

DAYS = st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)), min_size=1)


@given(DAYS)
def test_they_are_those_of_the_calendar(days: list[dt.date]) -> None:
    rows = calendar(pa.table({"day": pa.array(days, pa.date32())}), ["day", "weekday", "week", "month"]).to_pylist()

    assert rows == [
        {
            "day": day,
            "weekday": day.isoweekday(),
            "week": day - dt.timedelta(days=day.weekday()),
            "month": day.replace(day=1),
        }
        for day in days
    ]


def test_the_day_stays_only_where_it_is_a_key() -> None:
    rows = pa.table({"day": pa.array([dt.date(2024, 12, 30)], pa.date32()), "n": np.array([1])})

    assert ["n", "week"] == calendar(rows, ["week"]).column_names
    assert ["day", "n"] == calendar(rows, ["day"]).column_names
