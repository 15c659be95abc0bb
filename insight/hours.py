"""Spans of time cut into the hours of a clock: who was on shift when, and how often an hour occurred."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from insight import clock

QUARTER_MS = 15 * 60 * 1000
HOUR_MS = 4 * QUARTER_MS


def cut(starts_ms: Any, ends_ms: Any, *, zone: ZoneInfo) -> pd.DataFrame:
    """One row per span and local hour that it touches: span (its number), day, weekday (1 Monday), hour, hours inside.

    Spans are half-open. They are cut at quarters of an hour first, since every zone differs from UTC by whole quarters.
    """
    starts, ends = np.asarray(starts_ms, dtype=np.int64), np.asarray(ends_ms, dtype=np.int64)
    first = starts // QUARTER_MS
    quarters = np.maximum(-(-ends // QUARTER_MS) - first, 0)
    span = np.repeat(np.arange(len(starts)), quarters)
    nth = np.arange(len(span)) - np.repeat(np.cumsum(quarters) - quarters, quarters)
    at_ms = (first[span] + nth) * QUARTER_MS
    inside_ms = np.minimum(at_ms + QUARTER_MS, ends[span]) - np.maximum(at_ms, starts[span])
    local_ms = clock.to_local(at_ms, zone)
    parts = pd.DataFrame({"span": span, "local_hour": local_ms // HOUR_MS, "hours": np.maximum(inside_ms, 0) / HOUR_MS})
    parts = parts.groupby(["span", "local_hour"], as_index=False)[["hours"]].sum()
    shown_ms = parts.pop("local_hour").to_numpy(np.int64) * HOUR_MS
    return parts.assign(
        day=clock.days(shown_ms).astype("datetime64[D]").astype(object),
        weekday=clock.weekdays(shown_ms),
        hour=clock.hours(shown_ms),
    )
