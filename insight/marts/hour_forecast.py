"""How many contacts will come in each hour and on each day of the coming weeks, and how good is that forecast?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from insight import arrivals, backtest, forecast
from insight.arrivals import WEEK, Numbers, Series
from insight.backtest import LEVELS, Figure, Held, Pairs, Ruler
from insight.forecast import Kind, Special
from insight.schema import ALL
from insight.settings import Promotion, Schedule

STOPPED = 14
"""Days without a contact at the end of the data after which a channel is no longer forecast."""
OURS = "ours"

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Outlook:
    """What is expected of one channel: contacts, shape (days, 24), and what a special day adds, shape (days,)."""

    expected: Numbers
    spread: Numbers
    pairs: Pairs
    models: Mapping[str, Pairs]
    speaks: str
    scale: Numbers


@dataclass(frozen=True)
class Ahead:
    """The coming days: their first number since 1970, and how long each hour of the clock lasts, shape (days, 24)."""

    first: int
    lengths: Numbers

    @property
    def days(self) -> int:
        """How many."""
        return len(self.lengths)


def special_days(channel: str, schedules: Sequence[Schedule], promotions: Sequence[Promotion]) -> dict[int, Kind]:
    """Told holidays of the schedules that a channel may have, and promotions; a holiday within one is a holiday."""
    found: dict[int, Kind] = {}
    for promotion in promotions:
        found |= dict.fromkeys(
            range(arrivals.number_of(promotion.since), arrivals.number_of(promotion.until)), "promotion"
        )
    for schedule in schedules:
        if not schedule.channels or channel in schedule.channels:
            found |= dict.fromkeys((arrivals.number_of(day) for day in schedule.holidays), "holiday")
    return found


def coming(newest: dt.date, *, weeks: int, zone: ZoneInfo) -> Ahead:
    """The weeks that begin on the day after the newest contact."""
    first = arrivals.number_of(newest) + 1
    return Ahead(first, arrivals.lengths(first, weeks * WEEK, zone))


def forecasts(
    counted: pd.DataFrame,
    *,
    zone: ZoneInfo,
    weeks: int,
    schedules: Sequence[Schedule] = (),
    promotions: Sequence[Promotion] = (),
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows of HOUR_FORECAST, DAY_FORECAST and FORECAST_QUALITY.

    The sum over channels, 'all', is what its channels add up to; its intervals are learned from the sums of the past.

    :param counted: channel, day, hour, conversations: one row per hour of the clock with a conversation.
    :param weeks: how far ahead.
    """
    hours: Rows = []
    days: Rows = []
    quality: Rows = []
    if len(counted):
        after = coming(counted["day"].max(), weeks=weeks, zone=zone)
        told: dict[str, Outlook] = {}
        for name, part in counted.groupby("channel", sort=True):
            channel = str(name)
            special = special_days(channel, schedules, promotions)
            series = _series(part, zone)
            why = unfit(series, after.first)
            if why:
                quality.append(_unmeasured(channel, series, why))
                continue
            told[channel] = outlook(series, after, special)
            _tell(channel, told[channel], after, special, hours, days)
            quality += _measured(channel, series, told[channel])
        if told:
            every = _sum(list(told.values()))
            _tell(ALL, every, after, special_days(ALL, schedules, promotions), hours, days)
            quality += _measured(ALL, None, every)
    return _frame(hours, HOURS), _frame(days, DAYS), _frame(quality, QUALITY)


def unfit(series: Series, first: int) -> str:
    """Why nothing can be forecast; empty where something can.

    :param first: the first day that is to be forecast.
    """
    if first - series.end > STOPPED:
        return "stopped"
    if series.told < forecast.HISTORY:
        return "too few days"
    return "too few contacts" if series.contacts < forecast.FEW else ""


def outlook(series: Series, after: Ahead, special: Special) -> Outlook:
    """Forecast a channel, by the model with the smallest errors so far.

    The backtest looks as far ahead as the forecast does, or as far as the history allows for a week of origins.
    """
    past = series.until(after.first)
    reach = min(after.days, (past.days - forecast.LEARN - backtest.SETTLE) // WEEK * WEEK)
    looked = backtest.backtest(past, days=reach, special=special)
    every, spread = forecast.ahead(past, after.days, special)
    speaks = list(every)[backtest.pick(looked.losses)]
    models = {name: backtest.always(looked, name) for name in every}
    return Outlook(every[speaks] * after.lengths, spread, backtest.picked(looked), models, speaks, looked.scale)


def _series(counted: pd.DataFrame, zone: ZoneInfo) -> Series:
    """The trusted part of a channel's arrivals."""
    days = np.asarray(pa.array(counted["day"]).cast(pa.int32()), dtype=np.int64)
    hours = counted["hour"].to_numpy("int64")
    each = days * 24 + hours
    ends = int(each.min()), int(each.max())
    return arrivals.stream(arrivals.of_counts(days, hours, counted["conversations"], ends=ends, zone=zone))


def _sum(parts: list[Outlook]) -> Outlook:
    """All channels together."""
    expected = np.sum([part.expected for part in parts], axis=0)
    weight = np.sum([part.expected.sum(axis=1) * part.spread for part in parts], axis=0)
    models = {name: backtest.together([part.models[name] for part in parts]) for name in parts[0].models}
    pairs = backtest.together([part.pairs for part in parts])
    spread = weight / np.maximum(expected.sum(axis=1), 1e-9)
    return Outlook(expected, spread, pairs, models, "sum", np.full(len(pairs.origins), np.nan))


def _tell(channel: str, told: Outlook, after: Ahead, special: Special, hours: Rows, days: Rows) -> None:
    """Rows of hours that there are, and of days, with their intervals."""
    rule = _rule(told.pairs)
    extra = np.repeat(told.spread[:, None], 24, axis=1)
    by_hour = [rule.hours.ends(told.expected, level, extra) for level in range(len(LEVELS))]
    sums = told.expected.sum(axis=1)
    by_day = [rule.days.ends(sums, level, told.spread) for level in range(len(LEVELS))]
    for nth in range(after.days):
        day = arrivals.date_of(after.first + nth)
        mark = special.get(after.first + nth, "")
        shared = {"channel": channel, "day": day, "weekday": day.isoweekday(), "mark": mark}
        days.append(shared | {"expected": float(sums[nth])} | _ends([(low[nth], high[nth]) for low, high in by_day]))
        for hour in np.flatnonzero(after.lengths[nth] > 0):
            ends = _ends([(low[nth, hour], high[nth, hour]) for low, high in by_hour])
            length = float(after.lengths[nth, hour])
            expected = float(told.expected[nth, hour])
            hours.append(shared | {"hour": int(hour), "lasts_h": length, "expected": expected} | ends)


def _rule(pairs: Pairs) -> Ruler:
    """Intervals by the newest origins: all have come true."""
    return backtest.ruler(pairs.complete(int(pairs.origins[-1]) + pairs.truth.shape[1]))


def _ends(ends: list[tuple[Any, Any]]) -> dict[str, int]:
    """The columns of the intervals."""
    (low, high), (low_95, high_95) = ends
    return {"low": int(low), "high": int(high), "low_95": int(min(low, low_95)), "high_95": int(max(high, high_95))}


def _measured(channel: str, series: Series | None, told: Outlook) -> Rows:
    """How well the procedure and each of its models did, at origins where intervals could be given."""
    held = backtest.held(told.pairs)
    days = told.pairs.truth.shape[1]
    base = told.models[forecast.NAIVE]
    rows: Rows = []
    for name, pairs in {OURS: told.pairs, **told.models}.items():
        score = backtest.score(pairs, base, held.ready, told.scale)
        row = {"channel": channel, "model": name, "speaks": name in (OURS, told.speaks)} | _history(series)
        row |= {"origins": int(held.ready.sum()), "horizon_days": days, "spans": score.against.spans}
        row |= {"wape": score.wape.value, "day_wape": score.day_wape.value, "mase": score.mase}
        row |= {"against_naive": score.against.value, "low": score.against.low, "high": score.against.high}
        verdict = backtest.verdict(score.against)
        rows.append(row | {"verdict": verdict, "why": ""} | (_coverage(held, days) if name == OURS else {}))
    return rows


def _coverage(held: Held, days: int) -> dict[str, Any]:
    """The shares of hours and days that lay in their intervals."""
    inside: list[Figure] = [backtest.figure(held.expecting[k], held.expecting_n, days) for k in range(len(LEVELS))]
    by_day = backtest.figure(held.days[0], held.days_n, days)
    found = {"hours": int(held.expecting_n.sum()), "covers_80": inside[0].value, "covers_95": inside[1].value}
    found |= {"covers_80_low": inside[0].low, "covers_80_high": min(inside[0].high, 1.0)}
    return found | {"days_cover_80": by_day.value}


def _unmeasured(channel: str, series: Series, why: str) -> dict[str, Any]:
    """A channel that nothing can be said of, and why."""
    row = {"channel": channel, "model": OURS, "speaks": False, "verdict": "cannot tell", "why": why}
    return row | _history(series) | {"origins": 0, "horizon_days": 0, "spans": 0}


def _history(series: Series | None) -> dict[str, Any]:
    """What the forecast rests on; for the sum it stands with its channels."""
    if series is None:
        return {}
    return {
        "history_days": series.told,
        "contacts": series.contacts,
        "left_out": series.before + series.after,
        "outages": len(series.outages),
    }


ENDS = ["low", "high", "low_95", "high_95"]
HOURS = ["channel", "day", "hour", "weekday", "lasts_h", "mark", "expected", *ENDS]
DAYS = ["channel", "day", "weekday", "mark", "expected", *ENDS]
QUALITY = ["channel", "model", "speaks", "history_days", "contacts", "left_out", "outages", "origins", "horizon_days"]
QUALITY += ["spans", "hours", "wape", "day_wape", "mase", "against_naive", "low", "high", "covers_80", "covers_80_low"]
QUALITY += ["covers_80_high", "covers_95", "days_cover_80", "verdict", "why"]
COUNTS = ["history_days", "contacts", "left_out", "outages", "hours"]


def _frame(rows: Rows, columns: list[str]) -> pd.DataFrame:
    """Rows with these columns; a figure that is none is null."""
    found = pd.DataFrame(rows, columns=columns)
    for name in found.columns.intersection(COUNTS):
        found[name] = found[name].astype("Int64")
    for name in found.columns[[found[c].dtype == float for c in found.columns]]:
        found[name] = found[name].astype("Float64").where(np.isfinite(found[name]))
    return found
