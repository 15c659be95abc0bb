"""Weekdays, weeks and months, which follow from the day of a row and stand in no table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Days = npt.NDArray[np.int64]


def weekday(days: Days) -> Days:
    """1 Monday … 7 Sunday of days since 1970-01-01, which was a Thursday."""
    return (days + 3) % 7 + 1


def week(days: Days) -> Days:
    """The Monday on or before each day."""
    return days - (days + 3) % 7


def month(days: Days) -> Days:
    """The first day of each day's month."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


CALENDAR = {"weekday": weekday, "week": week, "month": month}
"""What follows from the day, by the name of its dimension."""


def calendar(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Rows with the columns of the keys that follow from `day`, and without the day where it is no key itself."""
    for key in [key for key in keys if key in CALENDAR]:
        days = rows["day"].cast(pa.int32()).to_numpy().astype(np.int64)
        told = pa.array(CALENDAR[key](days).astype(np.int32))
        rows = rows.append_column(key, told.cast(pa.int64() if key == "weekday" else pa.date32()))
    return rows if "day" in keys or "day" not in rows.column_names else rows.drop_columns(["day"])
