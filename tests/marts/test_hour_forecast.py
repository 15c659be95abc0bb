"""The forecast as tables: sums, nights of changed clocks, marks, and channels of which nothing can be said."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from insight import schema
from insight.marts import hour_forecast
from insight.settings import Promotion, Schedule
from insight.store import conform

UTC = ZoneInfo("UTC")
FIRST = dt.date(2026, 3, 2)
"""A Monday."""


def counted(channel="chat", days=70, per_hour=4, first=FIRST, seed=1, hours=range(8, 20), factor=None):
    """Contacts of some hours of each day."""
    dice = np.random.default_rng(seed)
    rows = []
    for n in range(days):
        day = first + dt.timedelta(days=n)
        for hour in hours:
            came = dice.poisson(per_hour * (factor or {}).get(day, 1.0) * (0.4 if day.isoweekday() > 5 else 1))
            rows += [(channel, day, hour, came)] if came else []
    return pd.DataFrame(rows, columns=["channel", "day", "hour", "conversations"])


def forecasts(*parts, zone=UTC, weeks=2, **told):
    found = hour_forecast.forecasts(pd.concat(parts, ignore_index=True), zone=zone, weeks=weeks, **told)
    tables = (schema.HOUR_FORECAST, schema.DAY_FORECAST, schema.FORECAST_QUALITY)
    return [conform(of, rows).to_pandas() for of, rows in zip(tables, found, strict=True)]


def test_days_add_up_from_hours_and_all_from_channels():
    hours, days, _ = forecasts(counted(), counted("email", per_hour=2, seed=2, days=69))

    sums = hours.groupby(["channel", "day"])["expected"].sum()
    assert np.allclose(sums, days.set_index(["channel", "day"])["expected"])
    wide = hours.pivot_table(index=["day", "hour"], columns="channel", values="expected")
    assert np.allclose(wide["chat"] + wide["email"], wide["all"])
    assert [FIRST + dt.timedelta(days=70 + n) for n in range(14)] == sorted(set(days["day"]))


def test_what_comes_every_week_is_expected():
    hours, days, quality = forecasts(counted(days=140))

    week = days[days["channel"] == "all"].set_index("weekday")["expected"].groupby(level=0).mean()
    assert week[1] == pytest.approx(48, rel=0.15)
    assert week[7] == pytest.approx(48 * 0.4, rel=0.2)
    night = hours[(hours["hour"] == 3) & (hours["channel"] == "chat")]
    assert (night["expected"] < 0.02).all()
    assert (night["high"] == 0).all()
    ours = quality[quality["model"] == "ours"].set_index("channel").loc["chat"]
    assert ours["against_naive"] < 0.85
    assert "better" == ours["verdict"]
    assert 0.74 < ours["covers_80"] < 0.86


def test_one_model_speaks_for_a_channel_and_ours_for_it():
    _, _, quality = forecasts(counted())

    assert 2 == quality[quality["channel"] == "chat"]["speaks"].sum()
    assert ["ours"] == list(quality[(quality["channel"] == "all") & quality["speaks"]]["model"])


def test_the_night_of_the_clock_has_an_hour_twice_or_not_at_all():
    autumn = forecasts(counted(first=dt.date(2026, 8, 17), days=66, hours=range(24)), zone=ZoneInfo("Europe/Berlin"))[0]
    spring = forecasts(counted(first=dt.date(2026, 1, 19), days=66, hours=range(24)), zone=ZoneInfo("Europe/Berlin"))[0]

    night = autumn[(autumn["channel"] == "chat") & (autumn["day"] == dt.date(2026, 10, 25))].set_index("hour")
    assert 2 == night.loc[2, "lasts_h"]
    usual = autumn[(autumn["channel"] == "chat") & (autumn["day"] == dt.date(2026, 11, 1))].set_index("hour")
    assert night.loc[2, "expected"] == pytest.approx(2 * usual.loc[2, "expected"])
    short = spring[(spring["channel"] == "chat") & (spring["day"] == dt.date(2026, 3, 29))]
    assert 23 == len(short)
    assert 2 not in set(short["hour"])


def test_promotions_and_holidays_are_marked_and_raise_or_lower_what_is_expected():
    past = [FIRST + dt.timedelta(days=n) for n in (30, 31, 32)]
    shut = [FIRST + dt.timedelta(days=n) for n in (16, 44, 51)]
    told = counted(factor=dict.fromkeys(past, 3.0) | dict.fromkeys(shut, 0.2))
    coming, closed = FIRST + dt.timedelta(days=72), FIRST + dt.timedelta(days=74)
    promotions = [
        Promotion(name="spring", since=past[0], until=past[-1] + dt.timedelta(days=1)),
        Promotion(name="summer", since=coming, until=coming + dt.timedelta(days=1)),
    ]
    schedule = Schedule(name="desk", hours={"mon": ["09:00-18:00"]}, holidays=(*shut, closed))

    days = forecasts(told, promotions=promotions, schedules=[schedule])[1]
    days = days[days["channel"] == "chat"].set_index("day")

    assert ("promotion", "holiday") == (days.loc[coming, "mark"], days.loc[closed, "mark"])
    assert days.loc[coming, "expected"] > 2 * days.loc[coming + dt.timedelta(days=7), "expected"]
    assert days.loc[closed, "expected"] < 0.6 * days.loc[closed + dt.timedelta(days=7), "expected"]
    assert "" == days.loc[coming + dt.timedelta(days=7), "mark"]


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (counted("fax", days=20, first=FIRST + dt.timedelta(days=50)), "too few days"),
        (counted("fax", hours=range(9, 10), per_hour=0.4), "too few contacts"),
        (counted("fax", days=50), "stopped"),
    ],
)
def test_a_channel_of_which_nothing_can_be_said_says_why(part, why):
    _, days, quality = forecasts(counted(), part)

    fax = quality[quality["channel"] == "fax"]
    assert [(why, "cannot tell", False)] == list(fax[["why", "verdict", "speaks"]].itertuples(index=False, name=None))
    assert {"all", "chat"} == set(days["channel"])


def test_a_short_history_is_forecast_but_not_judged():
    _, days, quality = forecasts(counted(days=34))

    assert 14 * 2 == len(days)
    assert {"cannot tell"} == set(quality["verdict"])


def test_nothing_is_forecast_from_nothing():
    hours, days, quality = forecasts(counted(days=0))

    assert (0, 0, 0) == (len(hours), len(days), len(quality))


def test_the_order_of_the_rows_does_not_matter():
    told = pd.concat([counted(), counted("email", seed=5)])

    for one, other in zip(forecasts(told), forecasts(told.sample(frac=1, random_state=1)), strict=True):
        pd.testing.assert_frame_equal(one, other)
