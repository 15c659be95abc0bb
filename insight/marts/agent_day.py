"""What did each agent do on each day? Sums only, so that any span of days is sums over sums; no ranking."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from insight import hours
from insight.schema import UNKNOWN

KEY = ["agent_id", "day"]


def days(answered: pd.DataFrame, shifts: pd.DataFrame, agents: pd.DataFrame, *, zone: ZoneInfo) -> pd.DataFrame:
    """One row per agent and day with an answered conversation or a shift.

    :param answered: answered conversations as in CONVERSATION_FACTS. A conversation belongs wholly to the agent who
        answered it first and to the day of its opening.
    :param agents: agent_id, name, team.
    """
    rows = answered.sort_values("conversation_id").assign(
        one=1,
        surveyed=answered["csat_rating"].notna().astype("int64"),
        csat_rating=answered["csat_rating"].fillna(0.0),
        judged=answered["came_back"].notna().astype("int64"),
        came_back=answered["came_back"].fillna(False).astype("int64"),
        timed=answered["late_response"].notna().astype("int64"),
        late=answered["late_response"].fillna(False).astype("int64"),
    )
    found = rows.groupby(KEY, as_index=False).agg(
        conversations=("one", "sum"),
        replies=("agent_messages", "sum"),
        first_response_median_s=("first_response_ms", "median"),
        handle_ms=("handle_ms", "sum"),
        active_ms=("handle_shared_ms", "sum"),
        surveys=("surveyed", "sum"),
        csat_rating_sum=("csat_rating", "sum"),
        matured=("judged", "sum"),
        came_back=("came_back", "sum"),
        timed=("timed", "sum"),
        late=("late", "sum"),
    )
    found["first_response_median_s"] /= 1000
    found = found.merge(on_shift(shifts, zone=zone), on=KEY, how="outer")
    counts = found.columns.difference([*KEY, "first_response_median_s"])
    found[counts] = found[counts].fillna(0)
    found = found.merge(agents, on="agent_id", how="left").fillna({"team": UNKNOWN})
    return found.assign(name=found["name"].fillna(found["agent_id"]))


def on_shift(shifts: pd.DataFrame, *, zone: ZoneInfo) -> pd.DataFrame:
    """One row per agent and local day with a shift: shift_hours. A night shift is shared between its two days."""
    parts = hours.cut(shifts["starts_ms"], shifts["ends_ms"], zone=zone)
    parts = parts.assign(agent_id=shifts["agent_id"].to_numpy(dtype=object)[parts["span"]])
    return parts.rename(columns={"hours": "shift_hours"}).groupby(KEY, as_index=False)[["shift_hours"]].sum()
