"""A KPI over any slice and any days: the engine adds up, a few rows come back, and here they get value and interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from insight import intervals
from insight.engines.base import Frame
from insight.kpis import ordered
from insight.kpis.base import Kpi
from insight.kpis.calendar import CALENDAR, calendar

SHOWN = ("num", "den", "n", "value", "low", "high")
EVERYTHING = "_everything"
"""A column of one value, so that the whole is grouped like any slice."""
NOTHING: Mapping[str, nw.Expr] = MappingProxyType({})


def measure(
    kpi: Kpi,
    frame: Frame,
    *,
    per: Frame | None = None,
    by: Sequence[str] = (),
    since: dt.date | None = None,
    until: dt.date | None = None,
    made: Mapping[str, nw.Expr] = NOTHING,
    where: Sequence[nw.Expr] = (),
) -> Frame:
    """One row per slice, in the order of `by`: its columns, then num, den, n, value, low, high (95 %).

    num and den are null for percentiles and distinct counts; value is null where nothing was counted, low and high
    also where too little was counted for an interval, and always for plain counts. Without `by` there is one row.

    :param frame: rows of `kpi.of`.
    :param per: rows of `kpi.per`, where the KPI has one; `by` must then be columns of both.
    :param by: columns of the rows; `weekday`, `week` (its Monday) and `month` (its first day) follow from `day`.
    :param since: first day that counts; all from the first where None.
    :param until: first day that counts no more.
    :param made: columns that `by` names and the rows do not have.
    :param where: only rows for which all of these hold are counted.
    :raises ValueError: the KPI is over two tables and `per` was not given.
    """
    if (kpi.per is None) != (per is None):
        raise ValueError(f"{kpi.name}: `per` must be the rows of {kpi.per.name if kpi.per else 'nothing'}")
    cut = Cut((EVERYTHING, *by), since, until, made, where)
    rows = _added_up(kpi, frame, cut)
    if per is not None:
        rows = _over(rows, _exposure(kpi, per, cut))
    if not by and rows.empty:
        rows = pd.DataFrame({column: [0] for column in rows.columns})
    measured: Frame = nw.from_native(_table(kpi, rows, list(by))).lazy()
    return measured


@dataclass(frozen=True)
class Cut:
    """Which rows count, and what they are grouped by."""

    keys: tuple[str, ...]
    since: dt.date | None
    until: dt.date | None
    made: Mapping[str, nw.Expr]
    where: Sequence[nw.Expr]

    @property
    def told(self) -> list[str]:
        """The columns that the keys are made of."""
        return list(dict.fromkeys("day" if key in CALENDAR else key for key in self.keys))

    def of(self, frame: Frame, **amounts: nw.Expr) -> Frame:
        """The rows that count, with the keys and these amounts. Wide tables are made narrow first, to save time."""
        named = [key for key in self.told if key not in self.made and key not in (EVERYTHING, "day")]
        flags = {f"_is{place}": flag for place, flag in enumerate(self.where)}
        rows = frame.select("day", *named, nw.lit(0).alias(EVERYTHING), **self.made, **flags, **amounts)
        wanted = [nw.col(flag) for flag in flags]
        wanted += [] if self.since is None else [nw.col("day") >= self.since]
        wanted += [] if self.until is None else [nw.col("day") < self.until]
        return rows.filter(*wanted) if wanted else rows


def _added_up(kpi: Kpi, frame: Frame, cut: Cut) -> pd.DataFrame:
    """One row per slice: n, and the sums or places that its value and interval are made of."""
    num = kpi.num if kpi.kind in ("mean", "percentile", "distinct") else kpi.num.cast(nw.Int64)
    den, keys = kpi.den.cast(nw.Int64), list(cut.keys)
    counted = cut.of(frame, _den=den, _num=nw.when(den > 0).then(num)).filter(~nw.col("_num").is_null())
    if kpi.kind in ("percentile", "distinct"):
        raw = calendar(counted.select(*cut.told, "_num").collect("pyarrow").to_native(), keys)
        return ordered.places(raw, keys, kpi.percentile) if kpi.kind == "percentile" else ordered.different(raw, keys)
    adds_up = _squares if kpi.kind == "mean" else _sums
    return _few(adds_up(kpi, counted, cut.told), keys)


def _exposure(kpi: Kpi, frame: Frame, cut: Cut) -> pd.DataFrame:
    """One row per slice of the other table: the sum below."""
    rows = cut.of(frame, _den=kpi.den.cast(nw.Int64))
    return _few(rows.group_by(cut.told).agg(nw.col("_den").sum()), list(cut.keys))


def _few(frame: Frame, keys: list[str]) -> pd.DataFrame:
    """The few rows that adding up leaves, a day still being a day; days of one week, or month, come together here."""
    told = frame.collect("pyarrow").to_native()
    rows: pd.DataFrame = calendar(told, keys).to_pandas(types_mapper=pd.ArrowDtype)
    return rows.groupby(keys, as_index=False, sort=False).sum() if set(told.column_names) != set(rows) else rows


def _whole(amount: nw.Expr, digits: int) -> nw.Expr:
    """An amount as a whole number of 10^-digits, halves upwards on every engine."""
    return (amount * float(10**digits) + 0.5).floor().cast(nw.Int64)


def _sums(kpi: Kpi, counted: Frame, keys: list[str]) -> Frame:
    return counted.group_by(keys).agg(nw.len().alias("n"), nw.col("_num").sum(), nw.col("_den").sum())


def _squares(kpi: Kpi, counted: Frame, keys: list[str]) -> Frame:
    """Sums, and for the interval those of squares and products, in coarser units so that they stay whole numbers."""
    y, x = _kept(kpi)
    coarse = {"_y": _whole(nw.col("_num") * kpi.scale, y), "_x": _whole(nw.col("_den"), x)}
    rows = counted.with_columns(_num=_whole(nw.col("_num"), kpi.digits), **coarse)
    rows = rows.with_columns(
        _yy=nw.col("_y") * nw.col("_y"), _xx=nw.col("_x") * nw.col("_x"), _xy=nw.col("_y") * nw.col("_x")
    )
    return rows.group_by(keys).agg(
        nw.len().alias("n"), *(nw.col(c).sum() for c in ("_num", "_den", "_yy", "_xx", "_xy"))
    )


def _kept(kpi: Kpi) -> tuple[int, int]:
    """How many decimals of num and den the squares are made of; below 0: tens, hundreds …"""
    return min(kpi.digits, 4) - kpi.coarse[0], -kpi.coarse[1]


def _over(rows: pd.DataFrame, exposure: pd.DataFrame) -> pd.DataFrame:
    """Sums of two tables side by side; a slice that only one of them has is 0 in the other."""
    both = rows.drop(columns="_den").merge(exposure, on=[*exposure.columns.drop("_den")], how="outer")
    return both.fillna(dict.fromkeys(("n", "_num", "_den"), 0))


def _table(kpi: Kpi, rows: pd.DataFrame, by: list[str]) -> pa.Table:
    """The slices in order, with what is shown of each."""
    rows = rows.sort_values(by, ignore_index=True) if by else rows
    sums = {c: np.asarray(rows[c].astype("float64"), dtype=np.float64) for c in rows.columns.difference(by)}
    columns = {key: pa.Array.from_pandas(rows[key]) for key in by}
    columns |= {name: pa.array(values, from_pandas=True) for name, values in _shown(kpi, sums).items()}
    return pa.table(columns | {"n": columns["n"].cast(pa.int64())})


def _shown(kpi: Kpi, sums: dict[str, intervals.Numbers]) -> dict[str, intervals.Numbers]:
    """num, den, n, value, low, high from what the engine added up."""
    nothing = np.full(len(sums["n"]), np.nan)
    shown = dict.fromkeys(SHOWN, nothing) | {"n": sums["n"]}
    if kpi.kind == "distinct":
        return shown | {"value": sums["_different"]}
    if kpi.kind == "percentile":
        at = (sums["n"] - 1) * kpi.percentile
        value = sums["_below"] + (sums["_above"] - sums["_below"]) * (at - np.floor(at))
        unit = np.where(sums["n"] > 0, kpi.scale, np.nan)
        return shown | {"value": value * unit, "low": sums["_low"] * unit, "high": sums["_high"] * unit}
    num, den = sums["_num"] / 10.0**kpi.digits, sums["_den"]
    if kpi.kind == "count":
        return shown | {"num": num, "den": den, "value": num}
    low, high = _interval(kpi, sums, num)
    value = num / np.where(den > 0, den, np.nan) * kpi.scale
    return shown | {"num": num, "den": den, "value": value, "low": low, "high": high}


def _interval(kpi: Kpi, sums: dict[str, intervals.Numbers], num: intervals.Numbers) -> intervals.Ends:
    """The 95 % interval that fits the kind."""
    den = sums["_den"]
    if kpi.kind == "share":
        return intervals.wilson(num, den)
    if kpi.kind == "rate":
        low, high = intervals.poisson(num, den)
        return low * kpi.scale, high * kpi.scale
    y, x = (10.0**digits for digits in _kept(kpi))
    yy, xx, xy = sums["_yy"] / y**2, sums["_xx"] / x**2, sums["_xy"] / (y * x)
    return intervals.ratio_of_sums(num * kpi.scale, den, sums["n"], yy, xx, xy)
