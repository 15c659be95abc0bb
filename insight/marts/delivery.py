"""What was promised and when did it come, by carrier and lane: parcels on the way count as such, none is dropped."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import clock
from insight.engines.base import Frame
from insight.facts.orders import CANCELLED, deliveries_told, late
from insight.intervals import Z, wilson
from insight.periods import DAY_MS
from insight.schema import ALL

CELL = ["carrier", "lane"]
LEAST = 30
"""Below so many orders a cell is told, but not judged."""

WORSE, BETTER, AS_OTHERS, CANNOT_TELL = "later than others", "earlier than others", "like others", "cannot tell"

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


DAYS = 91
"""Thirteen weeks of hand-over."""


def handed_over(orders: Frame, dues: Frame, *, newest_ms: int) -> Frame:
    """Orders that a carrier got, with due_ms, late (see facts.orders) and told: its platform tells deliveries.

    :param dues: order_id, due_ms. :param newest_ms: how far the orders reach.
    """
    rows = orders.join(dues, on="order_id", how="left")
    rows = rows.with_columns(late=late(newest_ms=newest_ms), told=deliveries_told())
    on_its_way = ~nw.col("status").str.to_lowercase().is_in(list(CANCELLED)) & (nw.col("shipped_ms") <= newest_ms)
    return rows.filter(on_its_way)


def recent(rows: pd.DataFrame, *, newest_ms: int, zone: ZoneInfo) -> pd.DataFrame:
    """Orders handed over on the last 91 complete days, over shipped_ms."""
    today = clock.days(clock.to_local(np.array([newest_ms]), zone))[0]
    day = clock.days(clock.to_local(rows["shipped_ms"].to_numpy("int64"), zone))
    kept: pd.DataFrame = rows[(day >= today - DAYS) & (day < today)]
    return kept


class Quantile(NamedTuple):
    """When so many have arrived, and the ends of its 95 % interval; None where the data do not reach so far."""

    value: float | None
    low: float | None
    high: float | None


def quantiles(days: Floats, arrived: Flags, shares: tuple[float, ...]) -> list[Quantile]:
    """After how many days these shares of parcels have arrived: Kaplan and Meier, parcels on the way being censored.

    The interval holds the days at which the share that is still on the way may be 1 - share, by Greenwood's variance on
    the log-log scale. Source: E. L. Kaplan and P. Meier (1958), Nonparametric estimation from incomplete observations,
    JASA 53; R. Brookmeyer and J. Crowley (1982), A confidence interval for the median survival time, Biometrics 38.

    :param days: from the order to its arrival, or to the end of the data where it is on the way, shape (n,).
    """
    times, place = np.unique(days[arrived], return_inverse=True)
    if not len(times):
        return [Quantile(None, None, None) for _ in shares]
    came = np.bincount(place).astype(np.float64)
    at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
    left: Floats = np.cumprod(1 - came / at_risk).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(came / (at_risk * (at_risk - came)))) / np.abs(np.log(left))
        low, high = left ** np.exp(Z * spread), left ** np.exp(-Z * spread)
    low, high = (np.nan_to_num(end, nan=0.0).astype(np.float64) for end in (low, high))
    return [Quantile(_first(times, left, 1 - s), _first(times, low, 1 - s), _first(times, high, 1 - s)) for s in shares]


def _first(times: Floats, left: Floats, share: float) -> float | None:
    """The first time at which no more than `share` is left."""
    below = np.flatnonzero(left <= share + 1e-12)
    return float(times[below[0]]) if len(below) else None


def delivery(orders: pd.DataFrame, *, newest_ms: int) -> pd.DataFrame:
    """One row per carrier and lane, with 'all' for the sums over either; see DELIVERY in schema.py.

    :param orders: of orders handed over in the period: carrier, lane, ordered_ms, shipped_ms, due_ms (None where
        nothing was promised), delivered_ms (None while on the way), told (its platform tells deliveries), late (yes,
        no, None).
    """
    parts = [orders, orders.assign(carrier=ALL), orders.assign(lane=ALL), orders.assign(carrier=ALL, lane=ALL)]
    rows = pd.concat([part.astype(dict.fromkeys([*CELL, "late"], object)) for part in parts], ignore_index=True)
    found = [_cell(str(carrier), str(lane), part, newest_ms) for (carrier, lane), part in rows.groupby(CELL, sort=True)]
    out = pd.DataFrame(found, columns=COLUMNS)
    low, high = wilson(out["late"], out["judged"])
    share = out["late"] / out["judged"].where(out["judged"] > 0)
    out = out.assign(late_share=share, late_low=low, late_high=high)
    return out.assign(verdict=_verdicts(out))


COLUMNS = [
    "carrier", "lane", "orders", "delivered", "on_the_way", "promised_days", "days_median", "median_low", "median_high",
    "days_p90", "p90_low", "p90_high", "transit_median", "judged", "late",
]  # fmt: skip


def _cell(carrier: str, lane: str, rows: pd.DataFrame, newest_ms: int) -> tuple[object, ...]:
    """Counts and days of one cell."""
    told = rows[rows["told"].astype(bool)]
    arrived = told["delivered_ms"].notna().to_numpy()
    until = told["delivered_ms"].fillna(newest_ms).to_numpy("float64")
    median, p90 = quantiles((until - told["ordered_ms"].to_numpy("float64")) / DAY_MS, arrived, (0.5, 0.9))
    [transit] = quantiles((until - told["shipped_ms"].to_numpy("float64")) / DAY_MS, arrived, (0.5,))
    promised = rows[rows["due_ms"].notna()]
    wait = (promised["due_ms"] - promised["ordered_ms"]).to_numpy("float64") / DAY_MS
    judged = rows["late"].notna()
    return (
        carrier, lane, len(rows), int(arrived.sum()), int((~arrived).sum()),
        float(np.median(wait)) if len(wait) else None,
        *median, *p90, transit.value, int(judged.sum()), int((rows["late"] == True).sum()),  # noqa: E712 (may be None)
    )  # fmt: skip


def _verdicts(out: pd.DataFrame) -> list[str]:
    """A carrier on a lane against the share of all other judged orders: their Wilson intervals do not overlap."""
    whole = out[(out["carrier"] == ALL) & (out["lane"] == ALL)]
    if whole.empty:
        return []
    late, judged = int(whole["late"].iloc[0]), int(whole["judged"].iloc[0])
    low, high = wilson(late - out["late"], judged - out["judged"])
    single = ((out["carrier"] != ALL) & (out["lane"] != ALL) & (out["judged"] >= LEAST)).to_numpy()
    mine_low, mine_high = out["late_low"].to_numpy("float64"), out["late_high"].to_numpy("float64")
    alike = (mine_low <= high) & (mine_high >= low) & (mine_high - mine_low <= 0.1)
    found = np.select(
        [~single, mine_low > high, mine_high < low, alike], [CANNOT_TELL, WORSE, BETTER, AS_OTHERS], CANNOT_TELL
    )
    return [str(verdict) for verdict in found]
