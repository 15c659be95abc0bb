"""Spans of time cut into the hours of a clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import hours
from tests.rows import HOUR, START

MINUTE = 60_000


def moment(text, zone):
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def cut(*spans, zone="UTC"):
    rows = hours.cut([a for a, _ in spans], [b for _, b in spans], zone=ZoneInfo(zone))
    return {(r.span, r.day, r.weekday, r.hour): round(r.hours, 6) for r in rows.itertuples()}


def test_a_span_is_shared_between_the_hours_that_it_touches():
    thursday = dt.date(2026, 1, 1)
    assert cut((START + 30 * MINUTE, START + 135 * MINUTE)) == {
        (0, thursday, 4, 0): 0.5,
        (0, thursday, 4, 1): 1.0,
        (0, thursday, 4, 2): 0.25,
    }


def test_a_night_shift_belongs_to_both_of_its_days():
    span = moment("2026-01-04T23:00", "Asia/Shanghai"), moment("2026-01-05T01:00", "Asia/Shanghai")
    assert cut(span, zone="Asia/Shanghai") == {
        (0, dt.date(2026, 1, 4), 7, 23): 1.0,
        (0, dt.date(2026, 1, 5), 1, 0): 1.0,
    }


@pytest.mark.parametrize(
    ("night", "inside"), [("2026-03-29", {0: 1, 1: 1, 3: 1}), ("2026-10-25", {0: 1, 1: 1, 2: 2, 3: 1})]
)
def test_the_nights_of_changed_clocks_lose_or_double_an_hour(night, inside):
    span = moment(f"{night}T00:00", "Europe/Berlin"), moment(f"{night}T04:00", "Europe/Berlin")
    assert {hour: n for (_, _, _, hour), n in cut(span, zone="Europe/Berlin").items()} == inside


def test_hours_begin_with_the_clock_where_it_is_not_a_whole_hour_from_utc():
    nine = moment("2026-01-05T09:00", "Asia/Kathmandu")
    assert list(cut((nine, nine + HOUR), zone="Asia/Kathmandu").values()) == [1.0]


def test_an_empty_span_and_no_span_give_nothing_to_count():
    assert sum(cut((START, START)).values()) == 0
    assert cut() == {}


SPAN = st.tuples(st.integers(0, 5000), st.integers(0, 400))


@settings(max_examples=20, deadline=None)
@given(st.lists(SPAN, max_size=3), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"]))
def test_any_spans_give_what_counting_minutes_gives(spans, zone):
    base = moment("2026-03-07T12:00", zone)
    expected = {}
    for number, (start, minutes) in enumerate(spans):
        for minute in range(start, start + minutes):
            local = dt.datetime.fromtimestamp(base / 1000 + minute * 60, tz=ZoneInfo(zone))
            key = (number, local.date(), local.isoweekday(), local.hour)
            expected[key] = expected.get(key, 0) + 1
    told = cut(*((base + a * MINUTE, base + (a + n) * MINUTE) for a, n in spans), zone=zone)
    assert {key: round(n / 60, 6) for key, n in expected.items()} == {key: n for key, n in told.items() if n}
