"""People for each coming hour, by hand: places, opening hours, shifts, and what cannot be told."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from insight import schema
from insight.marts import heads
from insight.settings import Schedule, Staffing
from insight.store import conform
from tests.rows import DAY, HOUR

UTC = ZoneInfo("UTC")
MONDAY = dt.date(2026, 3, 2)
MIDNIGHT = int(dt.datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
TOLD = Staffing(shrinkage=0, concurrency=1)


def facts(channel="chat", n=100, handle_s=300.0, shared_s=None, duration_s=None, waiting=0):
    duration = handle_s if duration_s is None else duration_s
    row = {"channel": channel, "handle_ms": handle_s * 1000, "duration_ms": duration * 1000, "waiting": False}
    row |= {"handle_shared_ms": (handle_s if shared_s is None else shared_s) * 1000}
    rows = pd.DataFrame([row] * n)
    rows.loc[: waiting - 1, "waiting"] = True
    return rows


def expected(channel="chat", per_hour=44.0, days=7, low=35, high=50, first=MONDAY):
    rows = [
        {"channel": channel, "day": first + dt.timedelta(days=d), "hour": h, "weekday": d % 7 + 1, "lasts_h": 1.0}
        | {"mark": "", "expected": per_hour, "low": low, "high": high, "low_95": 0, "high_95": 99}
        for d in range(days)
        for h in range(24)
    ]
    return pd.DataFrame(rows)


def shifts(*spans):
    return pd.DataFrame(
        [(MIDNIGHT + a * HOUR, MIDNIGHT + b * HOUR) for a, b in spans], columns=["starts_ms", "ends_ms"]
    )


NOBODY = shifts().astype("int64")


def plan(rows=None, handled=None, spans=NOBODY, told=TOLD, zone=UTC, opens=()):
    base = heads.basis(facts() if handled is None else handled, told)
    conform(schema.STAFFING_BASIS, base)
    found = heads.plan(expected() if rows is None else rows, base, spans, told=told, zone=zone, opens=opens)
    return conform(schema.HEADS, found).to_pandas().set_index(["day", "hour"])


def test_the_band_is_that_of_the_two_formulas():
    row = plan().loc[(MONDAY, 10)]

    # 44 an hour at 300 s are 3.67 Erlang: within 60 s, Erlang A has .811 answered by 5 people, Erlang C .668 by 5 and
    # .868 by 6; 50 an hour are 4.17 Erlang: Erlang C has .773 answered by 6 and .909 by 7
    assert (5, 6) == (row["working_low"], row["working_high"])
    assert (5, 6) == (row["heads_low"], row["heads_high"])
    assert row["heads_cautious"] == 7
    assert (35, 50, 44.0) == (row["live_low"], row["live_high"], row["live"])


def test_breaks_and_leave_are_added():
    assert [8, 9] == list(plan(told=Staffing(concurrency=1)).loc[(MONDAY, 10), ["heads_low", "heads_high"]])


@pytest.mark.parametrize(
    ("on_shift", "verdict"), [(4, "too few"), (5, "tight"), (6, "enough"), (7, "enough"), (8, "spare")]
)
def test_the_verdict_sets_shifts_beside_the_need(on_shift, verdict):
    found = plan(spans=shifts(*[(0, 7 * 24)] * on_shift))

    assert (verdict, on_shift, "told") == tuple(found.loc[(MONDAY, 10), ["verdict", "planned", "planned_how"]])


def test_half_an_hour_on_shift_is_half_a_person():
    found = plan(spans=shifts((10, 10.5), (0, 7 * 24)))

    assert 1.5 == found.loc[(MONDAY, 10), "planned"]


def test_without_shifts_for_the_coming_days_the_usual_ones_stand():
    usual = [(-24 * 7 * week + 9, -24 * 7 * week + 17) for week in range(1, 5)]

    found = plan(spans=shifts(*usual, *usual[:2]))

    assert (1.5, "usual") == tuple(found.loc[(MONDAY, 10), ["planned", "planned_how"]])
    assert 0 == found.loc[(MONDAY + dt.timedelta(days=1), 10), "planned"]


def test_without_any_shift_nothing_is_said_about_gaps():
    found = plan()

    assert {"cannot tell"} == set(found["verdict"])
    assert found["planned"].isna().all()


def test_nobody_is_needed_while_it_is_closed_and_the_chats_wait_for_the_morning():
    schedule = Schedule(name="desk", hours={d: ["09:00-17:00"] for d in ("mon", "tue", "wed", "thu", "fri")})

    found = plan(rows=expected(per_hour=2.0), opens=[schedule])

    assert (0, "closed") == tuple(found.loc[(MONDAY, 8), ["heads_high", "verdict"]])
    # 9 hours of the night with 2 chats of 5 minutes each are 1.5 hours of work, in 8 hours at 85 %
    assert 1.5 / 8 / 0.85 == pytest.approx(found.loc[(MONDAY, 9), "tickets"])
    assert "closed" == found.loc[(MONDAY + dt.timedelta(days=5), 12), "verdict"]


def test_a_holiday_is_closed():
    schedule = Schedule(name="desk", hours={"mon": ["09:00-17:00"], "tue": ["09:00-17:00"]}, holidays=(MONDAY,))

    found = plan(opens=[schedule])

    assert "closed" == found.loc[(MONDAY, 12), "verdict"]
    assert found.loc[(MONDAY + dt.timedelta(days=1), 12), "opened"]


def test_a_schedule_of_another_zone_opens_by_its_own_clock():
    schedule = Schedule(name="desk", zone="Asia/Shanghai", hours={"tue": ["09:00-17:00"]})

    found = plan(opens=[schedule]).reset_index()

    opened = found[found["opened"]]
    assert {(MONDAY + dt.timedelta(days=1), h) for h in range(1, 9)} == set(
        zip(opened["day"], opened["hour"], strict=True)
    )


def test_tickets_are_worked_off_and_not_queued():
    found = plan(rows=expected("email", per_hour=6.0), handled=facts("email", handle_s=600.0, waiting=12))

    # a day has 24 × 6 tickets of 10 minutes, 24 hours of work, and the first one 2 hours that wait
    assert (24 + 2) / 24 / 0.85 == pytest.approx(found.loc[(MONDAY, 3), "tickets"])
    assert 24 / 24 / 0.85 == pytest.approx(found.loc[(MONDAY + dt.timedelta(days=1), 3), "tickets"])
    assert (0, 0, 2) == tuple(found.loc[(MONDAY, 3), ["working_low", "working_high", "heads_high"]])


def test_who_waits_for_chats_works_off_tickets_meanwhile():
    both = pd.concat([expected(per_hour=1.0, low=0, high=2), expected("email", per_hour=1.0, low=0, high=2)])
    handled = pd.concat([facts(handle_s=60.0), facts("email", handle_s=600.0)])

    row = plan(rows=both, handled=handled).loc[(MONDAY, 10)]

    assert (1, 1) == (row["working_high"], row["heads_high"])
    assert row["tickets"] > 0


def test_a_chat_keeps_a_place_busy_as_long_as_it_lasts():
    told = Staffing(concurrency=2, shrinkage=0)
    slow, packed = (
        heads.basis(facts(handle_s=100.0, shared_s=80.0, duration_s=duration), told) for duration in (300.0, 120.0)
    )

    assert (80.0, 300.0) == tuple(slow.loc[0, ["attention_s", "place_s"]])
    assert 160.0 == packed.loc[0, "place_s"]


def test_calls_are_held_one_at_a_time():
    assert 1 == heads.basis(facts("call"), Staffing(concurrency=3)).loc[0, "places"]


def test_a_chat_that_was_left_for_days_does_not_tell_how_long_chats_last():
    handled = pd.concat([facts(handle_s=100.0, duration_s=200.0), facts(n=50, handle_s=100.0, duration_s=90_000.0)])

    assert 200.0 == heads.basis(handled, TOLD).loc[0, "place_s"]


def test_a_channel_without_known_times_is_not_counted():
    unknown = facts("chat", n=5)

    assert 0 == len(plan(handled=unknown))
    assert "cannot tell" == heads.basis(unknown, TOLD).loc[0, "state"]


def test_the_long_hour_of_autumn_is_no_busier():
    rows = expected(days=1, first=dt.date(2026, 10, 25))
    rows.loc[rows["hour"] == 2, ["lasts_h", "expected"]] = [2.0, 88.0]

    found = plan(rows=rows, zone=ZoneInfo("Europe/Berlin"))

    assert [5, 6] == list(found.loc[(dt.date(2026, 10, 25), 2), ["working_low", "working_high"]])


def test_nothing_is_planned_from_nothing():
    empty = heads.basis(facts().head(0), TOLD)

    assert 0 == len(heads.plan(expected().head(0), empty, NOBODY, told=TOLD, zone=UTC))


def test_the_order_of_the_rows_does_not_matter():
    rows = pd.concat([expected(), expected("email", per_hour=3.0)])
    handled = pd.concat([facts(), facts("email")])

    one, other = (plan(r, h) for r, h in ((rows, handled), (rows.sample(frac=1, random_state=2), handled.iloc[::-1])))

    pd.testing.assert_frame_equal(one, other)


def test_usual_shifts_are_counted_over_four_weeks():
    assert heads.USUAL_DAYS * DAY == 28 * 24 * HOUR
    assert np.isclose(plan(spans=shifts((-24, -23))).loc[(MONDAY + dt.timedelta(days=6), 0), "planned"], 0.25)
