"""How many people are needed in each coming hour, and how many are planned?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from insight import hours, intervals, schedules, staffing
from insight.arrivals import Numbers
from insight.settings import Schedule, Staffing

LIVE = ("chat", "call", "phone", "voice")
"""Channels in which a customer waits for the answer; all others are worked off as tickets."""
ONE_AT_A_TIME = ("call", "phone", "voice")
FEW = 30
"""Handled conversations below which their time is not known."""
SESSION_MS = 60 * 60 * 1000
"""A chat that lasts longer was left and taken up again: its length tells nothing of how long it kept a place busy."""
IDLE = 0.05
"""Contacts an hour below which nobody is kept waiting for them, where no opening hours are told."""
USUAL_DAYS = 28
"""Days before the forecast whose shifts are the usual ones, where none are told for the coming days."""
DAY_MS = 24 * 60 * 60 * 1000

NEEDED = ["live_low", "live_high", "live_cautious", "busy", "busy_cautious", "tickets"]


@dataclass(frozen=True)
class Grid:
    """The coming hours: days × hours of the clock, in the order of the days."""

    days: Sequence[Any]
    lasts_h: Numbers
    mark: Sequence[str]


@dataclass(frozen=True)
class Opened:
    """For how long each hour is open to a channel, shape (days, 24): to customers who wait, and to work off tickets."""

    live: Numbers
    tickets: Numbers


def basis(facts: pd.DataFrame, told: Staffing) -> pd.DataFrame:
    """Rows of STAFFING_BASIS: how long a conversation of each channel takes, and how many wait.

    Handling time is attention: moments shared with other conversations count in part. A chat keeps a place of a person
    busy as long as it lasts, or as long as its turns take where all places are taken: places × attention, if more.

    :param facts: channel, handle_ms, handle_shared_ms, duration_ms, waiting.
    """
    rows = []
    for channel, part in facts.groupby("channel", sort=True):
        live = channel in LIVE
        slots = 1 if not live or channel in ONE_AT_A_TIME else told.concurrency
        handle = _seconds(part["handle_ms"])
        shared = _seconds(part["handle_shared_ms"])
        known = len(handle) >= FEW
        row = {"channel": channel, "live": live, "places": slots, "n": len(handle)}
        row |= {"waiting": int(part["waiting"].sum()), "state": "known" if known else "cannot tell"}
        if known:
            shared = shared if len(shared) else handle
            attention = float(shared.mean())
            low, high = _mean_ends(shared)
            session = _seconds(part["duration_ms"][part["duration_ms"] <= SESSION_MS])
            place = max(float(session.mean()) if len(session) else 0.0, attention * slots) if live else attention
            row |= {"handle_s": float(handle.mean()), "attention_s": attention, "low": low, "high": high}
            row |= {"median_s": float(np.median(handle)), "p90_s": float(np.quantile(handle, 0.9)), "place_s": place}
        rows.append(row)
    columns = ["channel", "live", "places", "n", "state", "handle_s", "median_s", "p90_s", "attention_s", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "place_s", "waiting"])


def _seconds(millis: pd.Series) -> Numbers:
    """Known times in seconds."""
    return millis.dropna().to_numpy("float64") / 1000


def _mean_ends(values: Numbers) -> tuple[float, float]:
    """The 95 % interval of a mean."""
    n = len(values)
    low, high = intervals.ratio_of_sums(values.sum(), n, n, (values**2).sum(), n, values.sum())
    return max(float(low), 0.0), float(high)


def plan(
    expected: pd.DataFrame,
    base: pd.DataFrame,
    shifts: pd.DataFrame,
    *,
    told: Staffing,
    zone: ZoneInfo,
    opens: Sequence[Schedule] = (),
) -> pd.DataFrame:
    """Rows of HEADS: one per coming hour.

    :param expected: rows of HOUR_FORECAST.
    :param base: rows of STAFFING_BASIS; channels whose times are not known are left out.
    :param shifts: starts_ms, ends_ms.
    """
    known = base[base["state"] == "known"].set_index("channel")
    channels = [c for c in known.index if c in set(expected["channel"])]
    if not channels:
        return pd.DataFrame(columns=COLUMNS)
    grid = _grid(expected)
    planned, how = _planned(shifts, grid, zone)
    needed = {name: np.zeros(grid.lasts_h.shape) for name in (*NEEDED, "contacts", "below", "above")}
    is_open = np.zeros(grid.lasts_h.shape, dtype=bool)
    for channel in channels:
        mine, row = expected[expected["channel"] == channel], known.loc[channel].to_dict()
        cells = {name: _cells(mine, name, grid) for name in ("expected", "low", "high")}
        opened = _opened(channel, opens, grid, zone, cells["expected"], planned)
        part = _needs(cells, row, opened, grid.lasts_h, told)
        is_open |= (opened.live if row["live"] else opened.tickets) > 0
        for name, values in part.items():
            needed[name] += values
    return _rows(grid, needed, is_open, planned, how, told)


def _needs(
    cells: Mapping[str, Numbers], row: Mapping[str, Any], opened: Opened, lasts_h: Numbers, told: Staffing
) -> dict[str, Numbers]:
    """People that one channel needs, before shrinkage; a live one is worked off as tickets while it is closed.

    :param cells: expected, low and high of HOUR_FORECAST, by day and hour.
    :param row: its row of STAFFING_BASIS.
    """
    live = bool(row["live"])
    shape, awake = lasts_h.shape, (opened.live > 0) & live
    work_h = cells["expected"] * ~awake * row["attention_s"] / 3600
    backlog_h = row["waiting"] * row["attention_s"] / 3600
    days, cap = told.backlog_days, told.max_occupancy
    found = {"tickets": staffing.drained(work_h, opened.tickets, backlog_h=backlog_h, days=days, occupancy=cap)}
    if not live:
        return found
    aim = staffing.Aim(told.answer_within_s, told.service_level, cap, told.patience_s, int(row["places"]))
    most = np.maximum(cells["high"], cells["expected"])
    usual, many = (np.where(awake, part / np.maximum(lasts_h, 1e-9), 0.0).ravel() for part in (cells["expected"], most))
    place = np.full(usual.shape, float(row["place_s"]))
    gone, patient = (staffing.people(usual, place, aim, patient=patient) for patient in (False, True))
    cautious = np.maximum(staffing.people(many, place, aim, patient=True), gone)
    busy = row["attention_s"] / 3600 / cap
    by_hour = {
        "live_low": np.minimum(gone, patient),
        "live_high": np.maximum(gone, patient),
        "live_cautious": cautious,
        "busy": usual * busy,
        "busy_cautious": many * busy,
    }
    found |= {name: np.asarray(values, dtype=float).reshape(shape) for name, values in by_hour.items()}
    below, above = cells["expected"] - cells["low"], cells["high"] - cells["expected"]
    return found | {"contacts": cells["expected"], "below": below**2, "above": above**2}


def _rows(
    grid: Grid, needed: Mapping[str, Numbers], is_open: Any, planned: Numbers, how: str, told: Staffing
) -> pd.DataFrame:
    """The plan as rows, for hours that there are.

    Who waits for a chat works off tickets meanwhile, as far as the cap on occupancy allows.
    """
    rows = []
    heads = {}
    for name in ("low", "high", "cautious"):
        busy = needed["busy_cautious" if name == "cautious" else "busy"] + needed["tickets"]
        heads[name] = staffing.scheduled(np.maximum(needed[f"live_{name}"], busy), told.shrinkage)
    ends = {"low": needed["contacts"] - np.sqrt(needed["below"]), "high": needed["contacts"] + np.sqrt(needed["above"])}
    for nth, hour in zip(*np.nonzero(grid.lasts_h), strict=True):
        at = (nth, hour)
        row = {"day": grid.days[nth], "hour": int(hour), "weekday": grid.days[nth].isoweekday(), "mark": grid.mark[nth]}
        row |= {"opened": bool(is_open[at]), "live": float(needed["contacts"][at])}
        row |= {"live_low": round(max(float(ends["low"][at]), 0)), "live_high": round(float(ends["high"][at]))}
        row |= {"working_low": int(needed["live_low"][at]), "working_high": int(needed["live_high"][at])}
        row |= {"working_cautious": int(needed["live_cautious"][at]), "tickets": float(needed["tickets"][at])}
        row |= {f"heads_{name}": int(values[at]) for name, values in heads.items()}
        here = None if how == "unknown" else float(planned[at])
        row |= {"planned": here, "planned_how": how, "verdict": _verdict(row, here)}
        rows.append(row)
    found = pd.DataFrame(rows, columns=COLUMNS)
    found["planned"] = found["planned"].astype("Float64")
    return found


def _verdict(row: Mapping[str, Any], planned: float | None) -> str:
    """The plan against the need: closed, cannot tell, too few, tight, enough or spare."""
    if not row["opened"] and not row["heads_high"]:
        return "closed"
    if planned is None:
        return "cannot tell"
    if planned < row["heads_low"]:
        return "too few"
    if planned < row["heads_high"]:
        return "tight"
    return "spare" if planned >= row["heads_cautious"] + 1 else "enough"


def _grid(expected: pd.DataFrame) -> Grid:
    """The coming hours, from the rows of any channel: all have the same."""
    one = expected[expected["channel"] == expected["channel"].iloc[0]]
    days = sorted(set(one["day"]))
    marks = expected[expected["mark"] != ""].groupby("day")["mark"].min()
    grid = Grid(days, np.zeros((len(days), 24)), [str(marks.get(day, "")) for day in days])
    return Grid(days, _cells(one, "lasts_h", grid), grid.mark)


def _cells(rows: pd.DataFrame, name: str, grid: Grid) -> Numbers:
    """A column by day and hour; 0 where there is no such hour."""
    found = np.zeros((len(grid.days), 24))
    place = {day: nth for nth, day in enumerate(grid.days)}
    found[[place[day] for day in rows["day"]], rows["hour"].to_numpy("int64")] = rows[name].to_numpy("float64")
    return found


def _opened(
    channel: str, opens: Sequence[Schedule], grid: Grid, zone: ZoneInfo, expected: Numbers, planned: Numbers
) -> Opened:
    """When a channel is open: by any schedule that it may have.

    Without one it is open whenever customers write; tickets are then worked off while somebody is on shift.
    """
    mine = [s for s in opens if not s.channels or channel in s.channels]
    if not mine:
        awake = expected >= IDLE * grid.lasts_h
        return Opened(grid.lasts_h * awake, grid.lasts_h * (planned > 0) if planned.any() else grid.lasts_h)
    first, last = _span(grid, zone)
    found = np.zeros(grid.lasts_h.shape)
    for schedule in mine:
        spans = schedules.opening(schedule, first, last, zone=zone)
        found = np.maximum(found, _by_hour(spans.since.clip(first, last), spans.until.clip(first, last), grid, zone))
    return Opened(found, found)


def _planned(shifts: pd.DataFrame, grid: Grid, zone: ZoneInfo) -> tuple[Numbers, str]:
    """People on shift by hour: as told for these days, else as usual in the four weeks before, else not known."""
    first, last = _span(grid, zone)
    starts, ends = (shifts[name].to_numpy("int64") for name in ("starts_ms", "ends_ms"))
    lasts = np.maximum(grid.lasts_h, 1e-9)
    coming = _by_hour(starts.clip(first, last), ends.clip(first, last), grid, zone) / lasts
    if len(starts) and ends.max() >= last:
        return coming, "told"
    since = first - USUAL_DAYS * DAY_MS
    parts = hours.cut(starts.clip(since, first), ends.clip(since, first), zone=zone)
    if parts["hours"].sum() <= 0:
        return np.zeros(grid.lasts_h.shape), "unknown"
    usual = parts.groupby(["weekday", "hour"])["hours"].sum() / (USUAL_DAYS / 7)
    week = np.array([[usual.get((day.isoweekday(), hour), 0.0) for hour in range(24)] for day in grid.days])
    return week * (grid.lasts_h > 0), "usual"


def _span(grid: Grid, zone: ZoneInfo) -> tuple[int, int]:
    """The moments at which the coming days begin and end."""
    first = pd.Timestamp(grid.days[0]).tz_localize(zone)
    last = (pd.Timestamp(grid.days[-1]) + pd.Timedelta(days=1)).tz_localize(zone)
    return int(first.timestamp() * 1000), int(last.timestamp() * 1000)


def _by_hour(starts: Any, ends: Any, grid: Grid, zone: ZoneInfo) -> Numbers:
    """Hours of spans by day and hour of the clock."""
    found = np.zeros(grid.lasts_h.shape)
    place = {day: nth for nth, day in enumerate(grid.days)}
    parts = hours.cut(starts, ends, zone=zone)
    parts = parts[(parts["hours"] > 0) & parts["day"].isin(place)]
    days = np.array([place[day] for day in parts["day"]], dtype=np.int64)
    np.add.at(found, (days, parts["hour"].to_numpy("int64")), parts["hours"].to_numpy("float64"))
    return found


COLUMNS = ["day", "hour", "weekday", "mark", "opened", "live", "live_low", "live_high", "working_low", "working_high"]
COLUMNS += [
    "working_cautious",
    "tickets",
    "heads_low",
    "heads_high",
    "heads_cautious",
    "planned",
    "planned_how",
    "verdict",
]
