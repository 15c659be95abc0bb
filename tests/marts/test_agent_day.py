"""What did each agent do on each day?"""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd

from insight.marts import agent_day
from insight.schema import AGENT_DAY
from tests.rows import HOUR, START, kept

THURSDAY = dt.date(2026, 1, 1)
FACTS = [
    "agent_messages",
    "first_response_ms",
    "handle_ms",
    "handle_shared_ms",
    "csat_rating",
    "came_back",
    "late_response",
]


def days(*answered, shifts=(), zone="UTC"):
    """Rows by agent and day, from (agent, *FACTS) of conversations of one day."""
    told = [(agent, THURSDAY, f"{n}", *facts) for n, (agent, *facts) in enumerate(answered)]
    rows = pd.DataFrame(told, columns=["agent_id", "day", "conversation_id", *FACTS])
    rows = rows.convert_dtypes(dtype_backend="pyarrow")
    spans = pd.DataFrame(shifts, columns=["agent_id", "starts_ms", "ends_ms"])
    agents = pd.DataFrame({"agent_id": ["ann"], "name": ["Ann"], "team": ["day"]})
    found = agent_day.days(rows, spans, agents, zone=ZoneInfo(zone))
    return {(row["agent_id"], row["day"]): row for row in kept(AGENT_DAY, found)}


def test_everything_adds_up_over_days():
    row = days(
        ("ann", 2, 10_000, 60_000, 40_000, 0.75, True, False),
        ("ann", 3, 30_000, 5_000, 5_000, None, False, True),
        ("ann", 1, 50_000, 0, 0, None, None, None),
    )
    assert row["ann", THURSDAY] == {
        "agent_id": "ann",
        "day": THURSDAY,
        "conversations": 3,
        "replies": 6,
        "first_response_median_s": 30.0,
        "handle_ms": 65_000,
        "active_ms": 45_000,
        "surveys": 1,
        "csat_rating_sum": 0.75,
        "matured": 2,
        "came_back": 1,
        "timed": 2,
        "late": 1,
        "shift_hours": 0,
        "name": "Ann",
        "team": "day",
    }


def test_an_agent_on_shift_without_a_conversation_is_shown_with_nothing_done():
    row = days(shifts=[("bob", START + 8 * HOUR, START + 16 * HOUR)])["bob", THURSDAY]
    assert (row["conversations"], row["shift_hours"], row["team"], row["name"]) == (0, 8.0, "unknown", "bob")
    assert row["first_response_median_s"] is None


def test_a_night_shift_is_shared_between_its_days_of_the_business():
    told = days(shifts=[("ann", START + 14 * HOUR, START + 22 * HOUR)], zone="Asia/Shanghai")
    assert {day: row["shift_hours"] for (_, day), row in told.items()} == {THURSDAY: 2.0, dt.date(2026, 1, 2): 6.0}
    assert days() == {}
