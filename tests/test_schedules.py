"""The clock of the business, against a second one that looks at every minute."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insight.engines import ENGINES
from insight.schedules import business_ms, first_that_fits
from insight.schema import CONVERSATIONS
from insight.settings import WEEKDAYS, Schedule
from tests.rows import found, table

MINUTE = 60_000
HOUR = 60 * MINUTE
BERLIN, CHICAGO, UTC = (ZoneInfo(name) for name in ("Europe/Berlin", "America/Chicago", "UTC"))
OFFICE = Schedule(name="office", hours={day: ["09:00-12:00", "13:00-18:00"] for day in WEEKDAYS[:5]})
ALWAYS = Schedule(name="always", hours={day: ["00:00-24:00"] for day in WEEKDAYS})


def ms(text, zone=UTC):
    return round(dt.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def between(since, until, schedule=OFFICE, zone=BERLIN):
    return int(business_ms(np.array([since]), np.array([until]), schedule, zone=zone)[0])


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        ("2026-01-05 10:00", "2026-01-05 10:20", 20),
        ("2026-01-05 11:50", "2026-01-05 13:10", 20),  # over lunch
        ("2026-01-05 17:50", "2026-01-06 09:10", 20),  # over night
        ("2026-01-02 17:30", "2026-01-05 09:30", 60),  # over a weekend
        ("2026-01-03 10:00", "2026-01-04 20:00", 0),  # all of it on a weekend
        ("2026-01-05 08:00", "2026-01-05 09:00", 0),  # it opens at nine, and nine is the end of the span
        ("2026-01-05 09:00", "2026-01-12 09:00", 5 * 8 * 60),  # a week
    ],
)
def test_only_opening_hours_count(since, until, minutes):
    assert between(ms(since, BERLIN), ms(until, BERLIN)) == minutes * MINUTE


def test_a_holiday_is_closed_whatever_the_weekday():
    closed = OFFICE.model_copy(update={"holidays": (dt.date(2026, 1, 6),)})
    since, until = ms("2026-01-05 17:00", BERLIN), ms("2026-01-07 10:00", BERLIN)
    assert (between(since, until), between(since, until, closed)) == (10 * HOUR, 2 * HOUR)


def test_the_night_in_which_the_clock_changes():
    # 29 March 2026: 02:00 becomes 03:00. From Saturday 22:00 to Sunday 06:00 the clock shows eight hours, seven pass.
    spring = ms("2026-03-28 22:00", BERLIN), ms("2026-03-29 06:00", BERLIN)
    # 25 October 2026: 03:00 becomes 02:00. Nine hours pass.
    autumn = ms("2026-10-24 22:00", BERLIN), ms("2026-10-25 06:00", BERLIN)
    assert [between(*night, ALWAYS) // HOUR for night in (spring, autumn)] == [7, 9]
    # Open from two to three at night: an hour that is left out in spring and shown twice in autumn.
    early = Schedule(name="early", hours={"sun": ["02:00-03:00"]})
    assert [between(*night, early) // HOUR for night in (spring, autumn)] == [0, 2]
    # Open from half past two: in spring the clock shows a time of the span from three on.
    later = Schedule(name="later", hours={"sun": ["02:30-05:00"]})
    assert [between(*night, later) // MINUTE for night in (spring, autumn)] == [120, 180]


def test_a_schedule_has_a_zone_of_its_own():
    chicago = OFFICE.model_copy(update={"zone": "America/Chicago"})
    since, until = ms("2026-01-05 09:00", CHICAGO), ms("2026-01-05 10:00", CHICAGO)
    assert (between(since, until, chicago), between(since, until)) == (HOUR, 60 * MINUTE)
    assert between(ms("2026-01-05 17:00", CHICAGO), ms("2026-01-05 18:00", CHICAGO)) == 0


def test_the_later_moment_first_is_no_time_at_all_and_no_rows_give_no_rows():
    assert between(ms("2026-01-05 12:00"), ms("2026-01-05 10:00")) == 0
    assert len(business_ms(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), OFFICE, zone=UTC)) == 0


def naive(since, until, schedule, zone):
    """Every minute of the span: does the clock on the wall show an opening hour?"""
    spans = {
        day: [tuple(_minutes(part) for part in text.split("-")) for text in schedule.hours.get(day, [])]
        for day in WEEKDAYS
    }
    total = 0
    for at in range(since, until, MINUTE):
        shown = dt.datetime.fromtimestamp(at / 1000, tz=zone)
        minute = shown.hour * 60 + shown.minute
        inside = any(a <= minute < b for a, b in spans[WEEKDAYS[shown.weekday()]])
        total += MINUTE * (inside and shown.date() not in schedule.holidays)
    return total


def _minutes(text):
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
CHANGES = tuple(ms(text) for text in ("2026-03-07 20:00", "2026-03-28 12:00", "2026-10-24 12:00", "2026-04-04 06:00"))


@st.composite
def schedules(draw):
    hours = {}
    for day in WEEKDAYS:
        cuts = sorted(draw(st.lists(st.integers(0, 48), max_size=6, unique=True)))
        spans = [(a * 30, b * 30) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
        hours[day] = [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans]
    if not any(hours.values()):
        hours["mon"] = ["00:00-24:00"]
    holidays = draw(st.sets(st.dates(dt.date(2026, 3, 1), dt.date(2026, 10, 31)), max_size=3))
    return Schedule(name="any", hours=hours, holidays=tuple(sorted(holidays)))


@settings(max_examples=60, deadline=None)
@given(schedules(), st.sampled_from(ZONES), st.sampled_from(CHANGES), st.integers(0, 2000), st.integers(0, 2500))
@example(ALWAYS, "Europe/Berlin", CHANGES[1], 0, 2500)
def test_any_schedule_gives_what_looking_at_each_minute_gives(schedule, zone, start, lead, length):
    since = start + lead * MINUTE
    until = since + length * MINUTE
    assert between(since, until, schedule, ZoneInfo(zone)) == naive(since, until, schedule, ZoneInfo(zone))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.integers(ms("2024-01-01"), ms("2027-01-01")), st.integers(0, 400 * 24 * HOUR))
def test_a_schedule_that_never_closes_runs_as_the_calendar_does(zone, since, length):
    assert between(since, since + length, ALWAYS, ZoneInfo(zone)) == length


@settings(max_examples=30, deadline=None)
@given(schedules(), st.sampled_from(ZONES), st.lists(st.integers(0, 40 * 24 * HOUR), min_size=3, max_size=3))
def test_time_over_two_spans_is_the_time_of_both(schedule, zone, moments):
    a, b, c = (CHANGES[1] + m for m in sorted(moments))
    zone = ZoneInfo(zone)
    assert between(a, c, schedule, zone) == between(a, b, schedule, zone) + between(b, c, schedule, zone)


def test_the_first_schedule_that_fits_counts_and_without_one_nobody_knows():
    told = (
        Schedule(name="chat_desk", hours=OFFICE.hours, channels=("chat",), markets=("DE",)),
        Schedule(name="amazon", hours=OFFICE.hours, platforms=("amazon",)),
        Schedule(name="chats", hours=OFFICE.hours, channels=("chat",)),
    )
    rows = [("chat", "DE", "amazon"), ("chat", "US", "amazon"), ("chat", "US", "ebay"), ("email", "US", "ebay")]
    names = [{"conversation_id": f"{n}", "channel": c, "market": m, "platform": p} for n, (c, m, p) in enumerate(rows)]
    conversations = table(CONVERSATIONS, *names)
    got = found(lambda frame: frame.select("conversation_id", name=first_that_fits(told)), conversations)
    assert [row["name"] for row in got] == ["chat_desk", "amazon", "chats", "unknown"]
    alone = ENGINES["local"].frame(conversations).select(name=first_that_fits(())).collect("pyarrow").to_native()
    assert set(alone["name"].to_pylist()) == {"unknown"}
