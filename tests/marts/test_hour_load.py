"""When do customers write, and who is there?"""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from insight.marts import hour_load
from tests.rows import HOUR, START


def load(*opened_hours, shifts=(), zone="UTC"):
    """Rows by weekday and hour, from hours after the start at which conversations open."""
    rows = []
    for after in opened_hours:
        at = START + round(after * HOUR)
        local = dt.datetime.fromtimestamp(at / 1000, tz=ZoneInfo(zone))
        rows.append((at, local.date(), local.isoweekday(), local.hour))
    opened = pd.DataFrame(rows, columns=["opened_ms", "day", "weekday", "hour"])
    spans = pd.DataFrame(
        [(START + round(a * HOUR), START + round(b * HOUR)) for a, b in shifts], columns=["starts_ms", "ends_ms"]
    )
    found = hour_load.load(opened, spans.astype("int64"), zone=ZoneInfo(zone))
    return {(row["weekday"], row["hour"]): row for row in found.to_dict("records")}


def test_hours_without_a_conversation_count_in_the_mean():
    told = load(0, 0.5, 14 * 24, 28 * 24 - 1)
    assert len(told) == 7 * 24
    row = told[4, 0]
    assert (row["conversations"], row["weeks"], row["per_hour"]) == (3, 4, 0.75)
    assert (told[1, 9]["conversations"], told[1, 9]["per_hour"], told[1, 9]["low"]) == (0, 0.0, 0.0)
    assert told[1, 9]["high"] > 0


def test_only_hours_between_the_first_and_the_last_opening_occurred():
    told = load(5.5, 7.2)
    assert {cell: row["weeks"] for cell, row in told.items()} == {(4, 5): 1, (4, 6): 1, (4, 7): 1}
    assert load() == {}


def test_conversations_that_come_evenly_have_the_exact_poisson_interval():
    row = load(*(week * 168 for week in range(4)), 4 * 168 - 1)[4, 0]
    # 4 events: 1.0899 … 10.2416, in 4 weeks
    assert (row["low"], row["high"]) == (pytest.approx(1.08987 / 4, rel=1e-4), pytest.approx(10.24159 / 4, rel=1e-4))


def test_conversations_that_come_in_waves_have_a_wider_one():
    even = load(*[week * 168 for week in range(4)] * 5, 4 * 168 - 1)[4, 0]
    waves = load(*[0] * 20, 4 * 168 - 1)[4, 0]
    assert even["per_hour"] == waves["per_hour"] == 5.0
    assert waves["high"] - waves["low"] > 2 * (even["high"] - even["low"])


def test_agents_on_shift_are_the_mean_over_all_weeks_of_the_data():
    told = load(0, 2 * 168 - 0.5, shifts=[(0, 1), (0, 0.5), (168, 169), (-9, -1), (900, 999)])
    assert told[4, 0]["agents_on_shift"] == (1 + 0.5 + 1) / 2
    assert told[5, 0]["agents_on_shift"] == 0


def test_the_hour_that_comes_twice_in_autumn_is_counted_twice():
    midnight = dt.datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin"))
    first = (midnight.timestamp() * 1000 - START) / HOUR
    told = load(first, first + 4, zone="Europe/Berlin")
    assert {hour: row["weeks"] for (_, hour), row in told.items()} == {0: 1, 1: 1, 2: 2, 3: 1}


def test_no_conversation_is_lost_where_the_zone_is_half_an_hour_off():
    told = load(*range(30), zone="Asia/Kolkata")
    assert sum(row["conversations"] for row in told.values()) == 30
    assert {row["weeks"] for row in told.values()} == {1}
