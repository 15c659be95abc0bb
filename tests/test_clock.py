"""Wall clocks and UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insight import clock

ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe"]
)
MOMENTS = st.integers(min_value=631_152_000_000, max_value=2_000_000_000_000)


def wall(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@given(st.lists(MOMENTS, min_size=1, max_size=30), ZONES)
def test_every_moment_shows_what_python_says_the_clock_showed(moments, name):
    zone = ZoneInfo(name)
    slow = [datetime.fromtimestamp(m / 1000, UTC).astimezone(zone) for m in moments]

    local = clock.to_local(np.array(moments), zone)

    assert [s.replace(tzinfo=UTC).toordinal() - 719_163 for s in slow] == clock.days(local).tolist()
    assert [s.isoweekday() for s in slow] == clock.weekdays(local).tolist()
    assert [s.hour for s in slow] == clock.hours(local).tolist()


@given(st.lists(MOMENTS, min_size=1, max_size=30), ZONES)
def test_what_the_clock_showed_leads_back_to_the_moment_or_to_the_hour_before_it_that_looks_the_same(moments, name):
    zone = ZoneInfo(name)

    back = clock.to_utc(clock.to_local(np.array(moments), zone), zone)

    assert {True} == {b == m or (b < m <= b + 3_600_000) for b, m in zip(back.tolist(), moments, strict=True)}


def test_an_hour_that_the_clock_leaves_out_is_read_as_if_it_had_not_been_moved_yet():
    local = np.array([wall("2024-03-31T01:30"), wall("2024-03-31T02:30"), wall("2024-03-31T03:30")])

    assert [wall("2024-03-31T00:30"), wall("2024-03-31T01:30"), wall("2024-03-31T01:30")] == clock.to_utc(
        local, ZoneInfo("Europe/Berlin")
    ).tolist()


def test_an_hour_that_the_clock_shows_twice_is_the_first_one():
    found = clock.to_utc(np.array([wall("2024-10-27T02:30")]), ZoneInfo("Europe/Berlin"))

    assert [wall("2024-10-27T00:30")] == found.tolist()


def test_no_moments_are_no_moments():
    assert 0 == len(clock.to_utc(np.array([], dtype=np.int64), ZoneInfo("Asia/Tokyo")))
    assert timedelta(0) == timedelta(clock.days(np.array([0])).item())
