"""What a reader may know of a risk head's figures: how good they are, where, on what, and week by week."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight import clock, goodness, intervals
from insight.risk_scoring import GROUPS, matured
from insight.risk_training import Flags, Learned, Measured, ranked
from insight.risks.base import Head
from insight.schema import ALL, RISK_CARDS, RISK_WEEKS

STEADY = (0.8, 1.25)
"""Observed by expected of a week within these is no drift."""
FIRST, AGAIN = "first contact", "came before"
EPOCH = dt.date(1970, 1, 1)


def cards(head: Head, rows: pd.DataFrame, learned: Learned, zone: ZoneInfo, *, few: int) -> pa.Table:
    """The rows of risk_cards: all, each market and language, and customers who were there before or not.

    :param few: a part of the cases with fewer distinct customers is not told.
    """
    tested, late = learned.tested, ~matured(head, rows)
    whole = {"part": ALL, "value": ALL} | _figures(learned, np.ones(len(tested.place), dtype=bool))
    if learned.trees is not None:
        whole |= {"challenger_gain": _told(learned.trees[0]), "challenger_low": _told(learned.trees[1])}
    found = [whole | {"unmatured": int(late.sum()), "response_rate": _response(head, rows)}]
    parts = {part: rows[part].to_numpy(dtype=object) for part in GROUPS} | {"seen": _seen(rows)}
    for part, values in parts.items():
        for value in sorted(set(values[tested.place])):
            mine = values == value
            if len(set(tested.customers[mine[tested.place]])) < few:
                continue
            figures = _figures(learned, mine[tested.place], f"{part}={value}")
            told = {"unmatured": int((late & mine).sum()), "response_rate": _response(head, rows[mine])}
            found.append({"part": part, "value": value} | figures | told)
    trained, days = learned.trained, _days(rows, tested, zone)
    same = {
        "head": head.name,
        "speaks": learned.model.speaks,
        "because": learned.because,
        "trained_since": trained.since,
        "trained_until": trained.until,
        "tested_since": days[0],
        "tested_until": days[1],
        "trained": trained.cases,
        "trained_events": trained.events,
    }
    return pa.Table.from_pylist([same | row for row in found], schema=RISK_CARDS.arrow)


def _days(rows: pd.DataFrame, tested: Measured, zone: ZoneInfo) -> tuple[dt.date | None, dt.date | None]:
    """First day of the cases that were measured, and the first day after them."""
    days = local_days(rows["scored_ms"].to_numpy(dtype=np.int64)[tested.place], zone)
    if not len(days):
        return None, None
    return EPOCH + dt.timedelta(days=int(days.min())), EPOCH + dt.timedelta(days=int(days.max()) + 1)


def local_days(moments: npt.NDArray[np.int64], zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """Days since 1970 on the clock of the business."""
    return clock.days(clock.to_local(moments, zone))


def _figures(learned: Learned, mine: Flags, term: str = "") -> dict[str, object]:
    """Counts, calibration and ranking of some of the measured cases."""
    tested = learned.tested
    happened, chance, plain = tested.happened[mine], tested.chance[mine], tested.card[mine]
    off = goodness.observed_by_expected(happened, chance)
    shifted = term in learned.model.groups
    order = ranked(happened, chance, plain, tested.customers[mine])
    return {
        "cases": len(happened),
        "events": off.events,
        "expected": off.expected,
        "ratio": _told(off.ratio),
        "ratio_low": _told(off.low),
        "ratio_high": _told(off.high),
        "calibration": "recalibrated" if shifted and off.verdict == "calibrated" else off.verdict,
        "auc": _told(order.auc),
        "auc_low": _told(order.low),
        "auc_high": _told(order.high),
        "average_precision": _told(goodness.average_precision(happened, chance)),
        "lift_at_10": _told(goodness.lift(happened, chance)),
        "ece": _told(goodness.calibration_error(happened, chance)),
        "card_auc": _told(order.card),
        "gain": _told(order.gain),
        "gain_low": _told(order.gain_low),
    }


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _response(head: Head, rows: pd.DataFrame) -> float | None:
    """Of the matured cases that were asked, the share that answered; none where nobody need answer."""
    mine = rows[matured(head, rows) & rows["asked"].to_numpy(dtype=bool)]
    needed = bool((rows["asked"].to_numpy(dtype=bool) != rows["answered"].to_numpy(dtype=bool)).any())
    return float(mine["answered"].to_numpy(dtype=bool).mean()) if needed and len(mine) else None


def _seen(rows: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Whether the case is its customer's first one in the data, by the moment of the score."""
    order = rows.sort_values(["customer_key", "scored_ms", "case_id"])
    first = ~order["customer_key"].duplicated().reindex(rows.index).to_numpy(dtype=bool)
    return np.where(first, FIRST, AGAIN).astype(object)


def weeks(head: Head, rows: pd.DataFrame, tested: Measured, zone: ZoneInfo, *, few: int) -> pd.DataFrame:
    """The rows of risk_weeks: the measured cases by the week of their score.

    :param few: a week with fewer distinct customers is not told.
    """
    days = local_days(rows["scored_ms"].to_numpy(dtype=np.int64)[tested.place], zone)
    monday = days - (days + 3) % 7  # 1970-01-01 was a Thursday
    found, place = np.unique(monday, return_inverse=True)
    cases = np.bincount(place, minlength=len(found))
    events = np.bincount(place, weights=tested.happened, minlength=len(found)).astype(np.int64)
    expected = np.bincount(place, weights=tested.chance, minlength=len(found))
    low, high = intervals.poisson(events, expected)
    ratio = np.divide(events, expected, out=np.full(len(found), np.nan), where=expected > 0)
    steady = (low >= STEADY[0]) & (high <= STEADY[1])
    drifted = (low > STEADY[1]) | (high < STEADY[0])
    told = pd.DataFrame(
        {
            "head": head.name,
            "week": pd.Series([EPOCH + dt.timedelta(days=int(d)) for d in found], dtype=pd.ArrowDtype(pa.date32())),
            "cases": cases.astype(np.int64),
            "events": events,
            "expected": expected,
            "ratio": ratio,
            "low": low,
            "high": high,
            "verdict": np.select([drifted, steady], ["drifted", "calibrated"], "cannot tell").astype(object),
        }
    )[list(RISK_WEEKS.arrow.names)]
    customers = pd.Series(tested.customers).groupby(place).nunique().reindex(range(len(found))).to_numpy()
    return told[customers >= few].reset_index(drop=True)
