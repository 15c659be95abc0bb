"""How well are contacts forecast? Rolling origins over a file of arrivals, each knowing only what lay before it."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import arrivals, backtest, cells, forecast
from insight.arrivals import WEEK, Series
from insight.backtest import Figure, Pairs
from insight.errors import SettingsError, SourceError
from insight.evaluate import base
from insight.feeds import Field

MOST = 400
"""Origins at most, the newest ones."""


@dataclass(frozen=True)
class ModelScore:
    """One simple model by itself at the same origins; `ratio` is its error in times of the seasonal naive one's."""

    wape: float
    mase: float
    day_wape: float
    ratio: float
    picked: float


@dataclass(frozen=True)
class ForecastScores:
    """Errors and coverage of the whole procedure; shares of 1, each with its 95 % interval where it has one.

    `contacts` of `days` from `first` to `last` were used; `unreadable` rows, and `before` and `after` the stream, were
    not, and `outages` are days that were taken for unknown. `coverage` is of hours in which something was expected,
    since hours that are always empty are easy, `coverage_all` of all. `ratio` is the error in times of the seasonal
    naive forecast's, `floor` what chance alone would leave of `wape`.
    """

    contacts: int
    unreadable: int
    before: int
    after: int
    outages: int
    first: date
    last: date
    days: int
    horizon_days: int
    origins: int
    hours: int
    wape: float
    mase: float
    naive_wape: float
    naive_mase: float
    ratio: float
    ratio_low: float
    ratio_high: float
    floor: float
    day_wape: float
    day_naive_wape: float
    coverage_80: float
    coverage_80_low: float
    coverage_80_high: float
    coverage_95: float
    coverage_all_80: float
    coverage_all_95: float
    day_coverage_80: float
    day_coverage_95: float
    verdict: str
    models: dict[str, ModelScore]
    seconds: float


def forecast_file(
    path: Path,
    *,
    opened: str,
    zone: str = "UTC",
    horizon: str = "7d",
    times: str = "iso",
    where: Sequence[str] = (),
) -> ForecastScores:
    """Measure the forecast on a Parquet, CSV or TSV file with one row per contact.

    :param opened: the column of moments.
    :param zone: the clock in which hours and days are counted, and of moments that name no zone.
    :param horizon: how far ahead, in whole weeks: 7d, 14d … 56d.
    :param times: how moments are written, as in insight.toml: iso, epoch_s, epoch_ms or a strptime pattern.
    :raises SourceError: no moment can be read, or there are too few days.
    :raises SettingsError: the zone or the horizon is none.
    """
    began = time.perf_counter()
    clock, days = _zone(zone), _days(horizon)
    moments, unreadable = _moments(path, opened, times=times, zone=zone, where=where)
    told = arrivals.of_moments(moments, clock)
    series = arrivals.stream(told) if told else None
    least = forecast.LEARN + backtest.SETTLE - 1 + 2 * days
    if series is None or series.days < least or series.contacts < forecast.FEW:
        came = "no day" if series is None else f"{series.days} days with {series.contacts} contacts"
        raise SourceError(
            "cannot tell how good a forecast is on so little",
            where=f"{path.name}, {opened}",
            came=came + (f", beside {series.before + series.after} scattered ones" if series else ""),
            wanted=f"{least} days and {forecast.FEW} contacts or more",
            fix="tell more weeks, or a shorter --horizon",
        )
    return _scores(series, days=days, unreadable=unreadable, began=began)


def _scores(series: Series, *, days: int, unreadable: int, began: float) -> ForecastScores:
    looked = backtest.backtest(series, days=days, special={}, most=MOST)
    said, naive = backtest.picked(looked), backtest.always(looked, forecast.NAIVE)
    inside = backtest.held(said)
    ours, base_score = (backtest.score(one, naive, inside.ready, looked.scale) for one in (said, naive))
    hours, expecting, by_day = (
        [backtest.figure(got[level], n, days) for level in range(len(backtest.LEVELS))]
        for got, n in (
            (inside.hours, inside.hours_n),
            (inside.expecting, inside.expecting_n),
            (inside.days, inside.days_n),
        )
    )
    return ForecastScores(
        contacts=series.contacts,
        unreadable=unreadable,
        before=series.before,
        after=series.after,
        outages=len(series.outages),
        first=arrivals.date_of(series.first),
        last=arrivals.date_of(series.end - 1),
        days=series.days,
        horizon_days=days,
        origins=int(inside.ready.sum()),
        hours=int(inside.hours_n.sum()),
        wape=ours.wape.value,
        mase=ours.mase,
        naive_wape=base_score.wape.value,
        naive_mase=base_score.mase,
        ratio=ours.against.value,
        ratio_low=ours.against.low,
        ratio_high=ours.against.high,
        floor=backtest.floor(said, inside.ready),
        day_wape=ours.day_wape.value,
        day_naive_wape=base_score.day_wape.value,
        coverage_80=expecting[0].value,
        coverage_80_low=expecting[0].low,
        coverage_80_high=_share(expecting[0]),
        coverage_95=expecting[1].value,
        coverage_all_80=hours[0].value,
        coverage_all_95=hours[1].value,
        day_coverage_80=by_day[0].value,
        day_coverage_95=by_day[1].value,
        verdict=backtest.verdict(ours.against),
        models=_models(looked, said, naive, inside.ready),
        seconds=time.perf_counter() - began,
    )


def _share(figure: Figure) -> float:
    """The upper end of a share."""
    return min(figure.high, 1.0)


def _models(looked: backtest.Backtest, said: Pairs, naive: Pairs, ready: np.ndarray) -> dict[str, ModelScore]:
    """Every candidate by itself, and how often it was picked."""
    found = {}
    for number, name in enumerate(forecast.MODELS):
        alone = backtest.always(looked, name)
        score = backtest.score(alone, naive, ready, looked.scale)
        taken = [
            np.array_equal(a, b) for a, b in zip(said.expected[ready], looked.forecasts[number][ready], strict=True)
        ]
        found[name] = ModelScore(
            score.wape.value, score.mase, score.day_wape.value, score.against.value, float(np.mean(taken))
        )
    return found


def _moments(path: Path, opened: str, *, times: str, zone: str, where: Sequence[str]) -> tuple[np.ndarray, int]:
    """The moments of a file in ms since 1970, and how many rows have none that can be read."""
    told = pa.concat_arrays(base.rows(path, [opened], where)[opened].chunks)
    found, faults = cells.typed(told, Field(opened, "moment"), cells.Form(times=times, zone=zone))
    moments = pc.drop_null(found)
    if not len(moments):
        fault = faults[0] if faults else None
        raise SourceError(
            "no row has a moment that can be read",
            where=f"{path.name}, {opened}",
            came=str(told[0].as_py())[:40],
            wanted=fault.wanted if fault else "a time such as 2024-11-02T14:30:00+01:00",
            fix="name another column, or say how it is written with --times",
        )
    return np.asarray(moments, dtype=np.int64), len(told) - len(moments)


def _zone(zone: str) -> ZoneInfo:
    if zone not in available_timezones():
        raise SettingsError(
            "there is no such time zone", where="--zone", came=zone, wanted="such as Europe/Berlin or UTC"
        )
    return ZoneInfo(zone)


def _days(horizon: str) -> int:
    """'7d' → 7."""
    found = re.fullmatch(r"(\d{1,2})d", horizon)
    days = int(found[1]) if found else 0
    if days not in range(WEEK, 8 * WEEK + 1, WEEK):
        raise SettingsError("this horizon cannot be measured", where="--horizon", came=horizon, wanted="7d, 14d … 56d")
    return days
