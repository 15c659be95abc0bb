"""When do customers write, and who is there?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from insight import clock, hours, intervals

KEY = ["weekday", "hour"]


def load(opened: pd.DataFrame, shifts: pd.DataFrame, *, zone: ZoneInfo) -> pd.DataFrame:
    """One row per weekday and hour that occurs between the first and the last opening.

    An hour that comes twice or never in a night of changed clocks is counted twice or never.

    :param opened: one row per conversation: opened_ms, day, weekday, hour, as in CONVERSATION_FACTS.
    :param shifts: starts_ms, ends_ms.
    """
    if opened.empty:
        return pd.DataFrame(columns=[*KEY, "conversations", "weeks", "per_hour", "low", "high", "agents_on_shift"])
    ends = opened["opened_ms"].agg(["min", "max"]).to_numpy("int64")
    begun = ends - clock.to_local(ends, zone) % hours.HOUR_MS  # not every zone is whole hours away from UTC
    first, last = int(begun[0]), int(begun[1]) + hours.HOUR_MS
    occurred = hours.cut([first], [last], zone=zone)
    weeks = occurred.groupby(KEY)["hours"].sum().round()
    found = pd.DataFrame({"weeks": weeks[weeks > 0].astype("int64")})
    found["conversations"] = opened.groupby(KEY).size().reindex(found.index, fill_value=0)
    found["agents_on_shift"] = (_on_shift(shifts, first, last, zone) / found["weeks"]).reindex(found.index).fillna(0.0)
    found["per_hour"] = found["conversations"] / found["weeks"]
    spread = _dispersion(opened, occurred, found["per_hour"])
    low, high = intervals.poisson(found["conversations"] / spread, found["weeks"] / spread)
    return found.assign(low=low, high=high).reset_index()


def _on_shift(shifts: pd.DataFrame, first_ms: int, last_ms: int, zone: ZoneInfo) -> pd.Series:
    """Agent hours by weekday and hour, within the span of the data."""
    starts, ends = (shifts[name].clip(first_ms, last_ms) for name in ("starts_ms", "ends_ms"))
    parts = hours.cut(starts, ends, zone=zone)
    return parts.groupby(KEY)["hours"].sum()


def _dispersion(opened: pd.DataFrame, occurred: pd.DataFrame, expected: pd.Series) -> float:
    """How much more the counts of single hours vary than chance alone would have it; at least 1.

    Customers write in waves, so that a plain Poisson interval is too narrow: it is widened by this factor.
    Source: P. McCullagh and J. A. Nelder (1989), Generalized linear models, 2nd ed., 4.5 and 6.2 (Pearson's X² / df).
    """
    each = occurred.set_index(["day", *KEY]).index
    counts = opened.groupby(["day", *KEY]).size().reindex(each, fill_value=0).reset_index(name="n")
    counts = counts.join(expected.rename("expected"), on=KEY)
    counts = counts[counts["expected"] > 0]
    freedom = len(counts) - int((expected > 0).sum())
    chi2 = float(((counts["n"] - counts["expected"]) ** 2 / counts["expected"]).sum())
    return max(chi2 / freedom, 1.0) if freedom > 0 else 1.0
