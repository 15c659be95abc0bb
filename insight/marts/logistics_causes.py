"""Which carrier, lane, warehouse or marketplace explains a rise in late parcels and in contacts about them, since when?

Orders by the week in which they were handed over. A contact takes days to come, so a young order counts as the share of
an order whose contacts would have come by now; the youngest two weeks are left out.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import clock, intervals, segments
from insight.periods import WEEK
from insight.schema import ALL

PROPERTIES = ["carrier", "lane", "warehouse", "platform", "market"]
"""In this order: of two conjunctions that hold the same orders, the one that names the earlier ones is told."""

WEEKS = 16
YOUNG_WEEKS = 2
"""So many of the newest weeks tell too little of contacts."""

LATEST_CONTACT = 56
"""Days after hand-over; a later contact is about something else."""

USUAL_LAG = 28
"""Days over which contacts come evenly where nobody knows."""

WORTH = 10
"""What all lanes say about how late contacts come counts as much as so many contacts of the lane's own."""

LATE = "late"
MEASURES = {
    "parcel": ("logistics.where_is_it", "logistics.late", "logistics.lost_or_not_received"),
    "damage": ("logistics.damaged_in_transit",),
    "customs": ("logistics.customs_or_import",),
    "address": ("logistics.wrong_address_or_delivery_place",),
}
"""Contacts by what they are about. Beside them `late`: orders that came after the promised day, or not by then."""

FOUND_NEAR, PARCEL = "logistics", "parcel"
"""A topic that was found in the texts and lies nearest to the logistics family speaks of where a parcel is."""

LEAST_EVENTS = 20
RISE, NO_RISE, CANNOT_TELL = "rise", "no rise", "cannot tell"

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]


def measures_of(topics: pd.DataFrame) -> dict[str, str]:
    """The measure of each topic that speaks of logistics.

    :param topics: topic_id, family (empty where it was found in the texts), near (the family it lies nearest to).
    """
    found = {topic: name for name, listed in MEASURES.items() for topic in listed}
    near = topics[(topics["family"] == "") & (topics["near"] == FOUND_NEAR)]
    return found | dict.fromkeys(near["topic_id"], PARCEL)


def causes(
    orders: pd.DataFrame, said: pd.DataFrame, *, newest_ms: int, first_said: dt.date | None, zone: Any, few: int
) -> pd.DataFrame:
    """One row per measure and part that rose, or one per measure that says that none did; see LOGISTICS_CAUSES.

    :param orders: order_id, PROPERTIES, shipped_ms (whole), late (yes, no or None), of orders handed over.
    :param said: order_id, measure, customer_key, said_ms, text, language, by said_ms; messages only.
    :param newest_ms: how far the data reach. :param first_said: the first day with a message, None without one.
    """
    today = int(clock.days(clock.to_local(np.array([newest_ms]), zone))[0])
    rows = _by_week(orders, today, zone)
    tables = {LATE: _late(rows)}
    told_since = (first_said - dt.date(1970, 1, 1)).days if first_said else today
    for name in MEASURES:
        tables[name] = _contacted(rows, said[said["measure"] == name], today, told_since, zone)
    judged = {name: table for name, table in tables.items() if _enough(table)}
    found = []
    for name, table in tables.items():
        quotes = said[said["measure"] == name]
        found += _rows(name, table, quotes, tests=len(judged), few=few) if name in judged else [_silent(name, table)]
    starts = [dt.date(1970, 1, 1) + dt.timedelta(days=today - WEEK * (WEEKS - n)) for n in range(WEEKS)]
    out = pd.DataFrame(found, columns=COLUMNS)
    return out.assign(
        since=pd.Series([None if pd.isna(week) else starts[int(week)] for week in out["since"]], dtype=object),
        weeks=pd.Series([starts for _ in found], dtype=object),
    )


COLUMNS = [
    "measure", "rank", "verdict", *PROPERTIES,
    "since", "orders_before", "events_before", "orders_after", "events_after",
    "per_100_before", "before_low", "before_high", "per_100_after", "after_low", "after_high",
    "ratio", "ratio_low", "ratio_high", "beyond", "explained", "p", "rest_p", "customers", "quote", "quote_language",
    "orders_inside", "events_inside", "orders_outside", "events_outside",
]  # fmt: skip


class Table:
    """Counts of one measure by cell (C) and week (W): events, exposure (in orders), orders; and the orders' rows."""

    def __init__(self, rows: pd.DataFrame, event: npt.NDArray[np.bool_], weight: Floats) -> None:
        self.rows = rows.assign(event=event, weight=weight)[weight > 0]
        keyed = self.rows.groupby(PROPERTIES, sort=True)
        self.cells = pd.DataFrame(list(keyed.groups), columns=PROPERTIES, dtype=object)
        self.cell_of = keyed.ngroup().to_numpy()
        place, shape = self.cell_of * WEEKS + self.rows["week"].to_numpy(), (len(self.cells), WEEKS)
        size = len(self.cells) * WEEKS
        self.events = np.bincount(place, self.rows["event"], size).reshape(shape).round().astype(np.int64)
        self.exposure: Floats = np.bincount(place, self.rows["weight"], size).reshape(shape).astype(np.float64)
        self.orders = np.bincount(place, minlength=size).reshape(shape)


def _by_week(orders: pd.DataFrame, today: int, zone: Any) -> pd.DataFrame:
    """Orders handed over in the last 16 whole weeks, with the day and the week (0 the oldest); by order_id."""
    shipped = clock.days(clock.to_local(orders["shipped_ms"].to_numpy("int64"), zone))
    rows = orders.assign(shipped_day=shipped, week=WEEKS - 1 - (today - 1 - shipped) // WEEK)
    rows = rows[(rows["week"] >= 0) & (rows["shipped_day"] < today)]
    return rows.astype({"late": object, **dict.fromkeys(["order_id", *PROPERTIES], object)}).sort_values(
        "order_id", ignore_index=True
    )


def _late(rows: pd.DataFrame) -> Table:
    """Orders whose promised day is over, and which of them were late."""
    known = rows["late"].notna().to_numpy()
    return Table(rows, (rows["late"] == True).to_numpy(), known.astype(np.float64))  # noqa: E712 (may be None)


def _contacted(rows: pd.DataFrame, said: pd.DataFrame, today: int, told_since: int, zone: Any) -> Table:
    """Orders that a customer wrote about within 56 days of hand-over, each counted once."""
    first = said.groupby("order_id")["said_ms"].min()
    moment = rows["order_id"].map(first)
    known = moment.notna().to_numpy()
    lag = np.full(len(rows), -1)
    days = clock.days(clock.to_local(moment[known].to_numpy("int64"), zone))
    lag[known] = np.maximum(days - rows["shipped_day"].to_numpy()[known], 0)
    event = known & (lag < LATEST_CONTACT) & (rows["shipped_day"].to_numpy() + lag < today)
    age = today - rows["shipped_day"].to_numpy("int64")
    weight = _seen_share(rows["lane"].to_numpy(), age, np.where(event, lag, -1))
    old_enough = (rows["week"] < WEEKS - YOUNG_WEEKS) & (rows["shipped_day"] >= told_since)
    return Table(rows, event, np.where(old_enough, weight, 0))


def _seen_share(lanes: npt.NDArray[Any], age: Wholes, lag: Wholes) -> Floats:
    """The share of an order's contacts that come within its age: how late they come on its lane, and on all lanes.

    Learned from orders that are old enough to have seen them all; -1 stands for no contact.
    """
    even = np.minimum(np.arange(1, LATEST_CONTACT + 1) / USUAL_LAG, 1)
    old = (age > LATEST_CONTACT) & (lag >= 0)
    every = _drawn(lag[old], even)
    found = np.empty(len(age))
    last = np.clip(age, 1, LATEST_CONTACT) - 1
    for lane in np.unique(lanes.astype(str)):
        mine = lanes == lane
        found[mine] = _drawn(lag[old & mine], every)[last[mine]]
    return found


def _drawn(lag: Wholes, usual: Floats) -> Floats:
    """Shares within 1, 2, … days, drawn towards the usual ones the more, the fewer lags are known."""
    counted = np.bincount(lag, minlength=LATEST_CONTACT)[:LATEST_CONTACT].cumsum()
    found: Floats = (counted + WORTH * usual) / (len(lag) + WORTH)
    return found


def _enough(table: Table) -> bool:
    weeks = (table.exposure.sum(axis=0) > 0).sum() if len(table.cells) else 0
    return bool(table.events.sum() >= LEAST_EVENTS and weeks > segments.Rules().least_before)


def _silent(measure: str, table: Table) -> tuple[object, ...]:
    """The row of a measure of which nobody can tell anything."""
    return (measure, 1, CANNOT_TELL, *(ALL for _ in PROPERTIES), *_figures(table, None, None), *_whole(table))


def _rows(measure: str, table: Table, said: pd.DataFrame, *, tests: int, few: int) -> list[tuple[object, ...]]:
    """The parts that rose, each chance counted for every measure that was looked at."""
    found, rest = segments.search(table.cells, table.events, table.exposure, segments.Rules(level=0.05 / tests))
    rest = min(rest * tests, 1.0)
    if not found:
        figures = list(_figures(table, None, None))
        figures[FIGURES.index("p")] = rest
        return [(measure, 1, NO_RISE, *(ALL for _ in PROPERTIES), *figures, *_whole(table))]
    rows = []
    for rank, part in enumerate(found, 1):
        where = [part.where.get(name, ALL) for name in PROPERTIES]
        figures = list(_figures(table, part, _words(table, part, said, few)))
        figures[FIGURES.index("p")], figures[FIGURES.index("rest_p")] = min(part.p * tests, 1.0), rest
        rows.append((measure, rank, RISE, *where, *figures, *_whole(table, part)))
    return rows


FIGURES = COLUMNS[COLUMNS.index("since") : COLUMNS.index("orders_inside")]


def _words(table: Table, part: segments.Found, said: pd.DataFrame, few: int) -> tuple[int, str | None, str | None]:
    """Customers who wrote about orders of the part since it rose, and the newest words where enough did."""
    inside = part.inside[table.cell_of] & (table.rows["week"].to_numpy() >= part.start) & table.rows["event"].to_numpy()
    rows = said[said["order_id"].isin(table.rows["order_id"][inside])]
    customers = int(rows["customer_key"].nunique())
    if customers < few:
        return customers, None, None
    return customers, str(rows["text"].iloc[-1]), str(rows["language"].iloc[-1])


def _figures(
    table: Table, part: segments.Found | None, words: tuple[int, str | None, str | None] | None
) -> tuple[object, ...]:
    """Orders, events and rates before and since, in the order of FIGURES; none of them without a part.

    Where every order counts as a whole one the rate is a share; else its exposure is taken as known.
    """
    if part is None:
        return (None,) * len(FIGURES[:-3]) + (0, None, None)
    x, t = _both(table.events, part), _both(table.exposure, part)
    n = _both(table.orders, part)
    low, high = intervals.wilson(x, n) if (t == n).all() else intervals.poisson(x, t)
    [ratio_low], [ratio_high] = intervals.rate_ratio(x[1:], t[1:], x[:1], t[:1])
    rate = [100 * e / over if over else None for e, over in zip(x, t, strict=True)]
    ratio = rate[1] / rate[0] if rate[0] and rate[1] is not None else None
    beyond = float(x[1] - x[0] * t[1] / t[0]) if t[0] else float(x[1])
    return (
        part.start, int(n[0]), int(x[0]), int(n[1]), int(x[1]),
        rate[0], 100 * low[0], 100 * high[0], rate[1], 100 * low[1], 100 * high[1],
        ratio, float(ratio_low), float(ratio_high) if np.isfinite(ratio_high) else None,
        beyond, part.explained, None, None, *(words or (0, None, None)),
    )  # fmt: skip


def _both(values: npt.NDArray[Any], part: segments.Found) -> Floats:
    """Sums of the part before it rose and since."""
    mine = values[part.inside]
    return np.array([mine[:, : part.start].sum(), mine[:, part.start :].sum()], dtype=np.float64)


def _whole(table: Table, part: segments.Found | None = None) -> tuple[list[int], ...]:
    """Orders and events per week, of the part and of all others."""
    inside = np.zeros(len(table.cells), bool) if part is None else part.inside
    return tuple(
        [int(v) for v in values[cells].sum(axis=0)]
        for cells in (inside, ~inside)
        for values in (table.orders, table.events)
    )
