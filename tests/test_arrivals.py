"""Contacts by day and hour of the business clock: what is known, what is not, and what is no part of the stream."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import arrivals
from tests.rows import DAY, HOUR, START

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")


def at(zone, *told):
    return int(dt.datetime(*told, tzinfo=zone).timestamp() * 1000)


def steady(days, per_hour=2, start=START):
    """So many contacts in every hour."""
    return [start + h * HOUR + n for h in range(days * 24) for n in range(per_hour)]


def test_the_first_and_the_last_hour_are_only_partly_in_the_data_and_unknown():
    series = arrivals.of_moments([START + 5 * HOUR, START + 6 * HOUR, START + 6 * HOUR + 9, START + 9 * HOUR], UTC)

    assert [0, 2, 0, 0] == list(series.counts[0, 5:9])
    assert [0, 1, 1, 1, 0] == list(series.known[0, 5:10])
    assert 2 == series.contacts


def test_hours_of_a_night_of_changed_clocks_last_as_long_as_they_do():
    autumn = arrivals.lengths(arrivals.number_of(dt.date(2026, 10, 25)), 1, BERLIN)[0]
    spring = arrivals.lengths(arrivals.number_of(dt.date(2026, 3, 29)), 1, BERLIN)[0]

    assert (2, 25) == (autumn[2], autumn.sum())
    assert (0, 23) == (spring[2], spring.sum())


def test_a_clock_that_moves_by_half_an_hour_has_an_hour_and_a_half():
    day = arrivals.lengths(arrivals.number_of(dt.date(2026, 4, 5)), 1, ZoneInfo("Australia/Lord_Howe"))[0]

    assert (1.5, 24.5) == (day[1], day.sum())


def test_both_hours_of_the_autumn_night_count_into_the_one_that_the_clock_shows():
    midnight = at(BERLIN, 2026, 10, 25)
    series = arrivals.of_moments(
        [midnight, *(midnight + 2 * HOUR + n * HOUR // 2 for n in range(4)), midnight + DAY], BERLIN
    )

    assert (4, 2) == (series.counts[0, 2], series.known[0, 2])


def test_contacts_of_a_trickle_before_and_after_the_stream_are_left_out():
    stream = steady(60)
    before = [START - DAY * 10 * n for n in range(1, 9)]
    after = [START + 60 * DAY + DAY * 9 * n for n in range(1, 12)]

    series = arrivals.stream(arrivals.of_moments(before + stream + after, UTC))

    assert (dt.date(2026, 1, 1), 60) == (arrivals.date_of(series.first), series.days)
    assert (8, 11) == (series.before, series.after)
    assert len(stream) == series.contacts


def test_a_quiet_shop_is_no_trickle():
    told = [START + n * 3 * DAY for n in range(40)]

    series = arrivals.stream(arrivals.of_moments(told, UTC))

    assert (1, 1, ()) == (series.before, series.after, series.outages)
    assert 3 * 39 + 1 == series.days


def test_weekends_without_contacts_are_no_outage():
    told = [ms for ms in steady(70, per_hour=1) if dt.datetime.fromtimestamp(ms / 1000, tz=UTC).weekday() < 5]

    series = arrivals.stream(arrivals.of_moments(told, UTC))

    assert () == series.outages
    assert (series.known[8:-2] == 1).all()


def test_a_day_on_which_a_busy_shop_has_nobody_is_unknown():
    lost = 40
    told = [ms for ms in steady(70) if (ms - START) // DAY != lost]

    series = arrivals.stream(arrivals.of_moments(told, UTC))

    assert (lost,) == series.outages
    assert not series.known[lost].any()
    assert 69 == series.told


def test_missing_weeks_are_unknown_and_not_empty():
    told = [ms for ms in steady(120) if not 50 <= (ms - START) // DAY < 85]

    series = arrivals.stream(arrivals.of_moments(told, UTC))

    assert not series.known[50:85].any()
    assert series.known[85:119].all()
    assert (2, 2) == (series.before, series.after)


def test_a_weekday_that_is_closed_from_now_on_is_empty_after_some_weeks():
    told = [ms for ms in steady(140) if (ms - START) // DAY < 70 or ((ms - START) // DAY) % 7]

    series = arrivals.stream(arrivals.of_moments(told, UTC))

    assert series.known[133].all()
    assert 0 == series.counts[133].sum()


def test_what_was_known_before_a_day_does_not_know_that_day():
    series = arrivals.of_moments(steady(10), UTC)

    past, padded = series.until(series.first + 4), series.until(series.end + 3)

    assert (4, 13) == (past.days, padded.days)
    assert not padded.known[10:].any()


def test_fewer_than_two_moments_are_no_series():
    assert arrivals.of_moments([], UTC) is None
    assert arrivals.of_moments([START], UTC) is None


@given(
    st.lists(st.integers(START, START + 400 * DAY), min_size=2, max_size=60),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_no_contact_is_counted_twice_or_in_an_hour_that_is_not_known(moments, zone):
    series = arrivals.of_moments(moments, ZoneInfo(zone))
    cut = arrivals.stream(series)

    assert not series.counts[series.known == 0].any()
    assert len(moments) == series.before + series.contacts + series.after
    assert len(moments) >= cut.before + cut.contacts + cut.after
    assert cut.days <= series.days


def test_the_order_of_the_rows_does_not_matter():
    told = steady(20)
    mixed = random.Random(3).sample(told, len(told))

    assert np.array_equal(arrivals.of_moments(told, UTC).counts, arrivals.of_moments(mixed, UTC).counts)


@pytest.mark.parametrize("day", [dt.date(1970, 1, 1), dt.date(2026, 2, 28)])
def test_days_and_their_numbers_are_one(day):
    assert day == arrivals.date_of(arrivals.number_of(day))
