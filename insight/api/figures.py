"""The figures of the overview for any choice of places, measured from row-level facts as the KPIs themselves are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from insight.api.deps import IN_PLACES, Places
from insight.api.routes import kpis
from insight.api.routes.kpis import OneKpi, Period
from insight.engines import ENGINES, Frame
from insight.kpis import KPIS, measure
from insight.published import Generation
from insight.schema import ALL, Table

TILES = (
    "conversations",
    "contacts_per_100_orders",
    "first_response_median",
    "late_response_share",
    "handle_mean",
    "first_contact_resolution",
    "csat_mean",
    "recovered_share",
    "bad_review_share",
    "late_delivery_share",
    "return_rate",
    "conversion_after_contact",
    "unanswered_share",
)
MOST_TILES = 10
"""The figures that a manager looks at first: how much, how fast, how well, and what it costs. Where the data
cannot tell one, the next takes its place; the table of all figures still has it."""

WEEKS = 12
PERIOD = 28


@dataclass(frozen=True)
class Tile:
    """A KPI now and before, and its weeks, oldest first; the last week ends with the current period."""

    kpi: OneKpi
    weeks: tuple[float | None, ...]


def tiles(generation: Generation, *, places: Places, few: int) -> list[Tile]:
    """The first figures, counted in these places only, and kept back like those of the API: see `kpis.discreet`."""
    published = {one.kpi: one for one in kpis.read(generation, few=few).kpis}
    shown = [published[name] for name in TILES if name in published and published[name].current.n][:MOST_TILES]
    if not shown:
        return []
    slots = Slots(generation, places)
    return [_tile(one, slots, few) for one in shown]


SLOTS = """
select {columns}, case
    when weekly then (?::date - 1 - f.day) // 7
    else -1 - (?::date - 1 - f.day) // {period}
end as slot
from mart.main.{table} f, (values (true), (false)) twice(weekly)
where f.day < ?::date and f.day >= ?::date - {reach} and {places} and slot between -2 and {weeks} - 1
"""
"""Each row twice: it counts in its week (0 the last, 1 the one before …) and in its period (-1 current, -2 before)."""


class Slots:
    """Facts of some places, by slot. KPIs whose periods end on the same day share them."""

    def __init__(self, generation: Generation, places: Places) -> None:
        self._generation, self._places = generation, places
        self._known: dict[tuple[str, date], Frame] = {}

    def of(self, table: Table, until: date) -> Frame:
        """The rows of a table in the slots that end with `until`."""
        if (table.name, until) not in self._known:
            shape = {"table": table.name, "columns": _counted(table), "places": IN_PLACES}
            query = SLOTS.format(**shape, period=PERIOD, weeks=WEEKS, reach=7 * WEEKS)
            rows = self._generation.sql(query, [until, until, until, until, *self._places.bound])
            self._known[table.name, until] = ENGINES["memory"].frame(rows)
        return self._known[table.name, until]


def _counted(table: Table) -> str:
    """The columns that a KPI can be made of: all but texts and timestamps, and whom to tell apart."""
    plain = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_date)
    names = [c.name for c in table.columns if any(is_one(c.type) for is_one in plain)]
    return ", ".join(f"f.{name}" for name in (*names, "customer_key"))


def _tile(one: OneKpi, slots: Slots, few: int) -> Tile:
    """One KPI in all its slots at once. Where the published one has nothing before, neither have its places."""
    _, kpi = KPIS[one.kpi]
    until = one.current.until
    per = None if kpi.per is None else slots.of(kpi.per, until)
    found = measure(kpi, slots.of(kpi.of, until), per=per, by=["slot"]).collect("pyarrow").to_native().to_pylist()
    by_slot = {row["slot"]: kpis.discreet(row, kpi, few=few) for row in found}
    current = _period(by_slot.get(-1), one.current.since, until)
    before = one.previous and _period(by_slot.get(-2), one.previous.since, one.previous.until)
    weeks = tuple(by_slot.get(week, {}).get("value") for week in reversed(range(WEEKS)))
    return Tile(one.model_copy(update={"current": current, "previous": before}), weeks)


def _period(row: dict[str, Any] | None, since: date, until: date) -> Period:
    empty: dict[str, Any] = {"n": 0, "value": None, "low": None, "high": None, "few": False}
    return Period(since=since, until=until, **{name: (row or empty).get(name, empty[name]) for name in empty})


@dataclass(frozen=True)
class Trend:
    """Weekly contacts of some topics, oldest week first; per 100 orders of the week where each week has orders."""

    starts: list[date]
    per_orders: bool
    lines: dict[str, list[float]]


WEEKLY = """
select t.topic_id, (?::date - 1 - m.day) // 7 as week, count(distinct m.conversation_id) as contacts
from mart.main.mentions m join mart.main.mention_topics t using (mention_id)
where m.day < ?::date and m.day >= ?
  and m.origin = 'message' and list_contains(?::varchar[], t.topic_id) and {places} group by all
"""
WEEKLY_ORDERS = """
select (?::date - 1 - day) // 7 as week, count(*) as orders from mart.main.order_facts
where day < ?::date and day >= ? and {places} group by all
"""
FIRST_DAY = "select min(day) as first from mart.main.mentions"
MOST_WEEKS = 16


def trend(generation: Generation, *, topics: list[str], until: date, places: Places) -> Trend | None:
    """Whole weeks back from `until`; None where the data hold fewer than two."""
    first = generation.rows(FIRST_DAY)[0]["first"]
    weeks = min(MOST_WEEKS, (until - first).days // 7) if first else 0
    if weeks < 2 or not topics:
        return None
    since = until - timedelta(days=7 * weeks)
    said = generation.rows(WEEKLY.format(places=IN_PLACES), [until, until, since, topics, *places.bound])
    ordered = {
        row["week"]: row["orders"]
        for row in generation.rows(WEEKLY_ORDERS.format(places=IN_PLACES), [until, until, since, *places.bound])
    }
    contacts = {(row["topic_id"], row["week"]): row["contacts"] for row in said}
    per_orders = len(ordered) == weeks
    lines = {
        topic: [
            contacts.get((topic, week), 0) * (100 / ordered[week] if per_orders else 1)
            for week in reversed(range(weeks))
        ]
        for topic in topics
    }
    return Trend([since + timedelta(days=7 * week) for week in range(weeks)], per_orders, lines)


@dataclass(frozen=True)
class Hours:
    """How many conversations open in each hour of the week, on average."""

    weeks: int
    mean: dict[tuple[int, int], float]
    alone: float | None

    @property
    def busiest(self) -> tuple[int, int]:
        """Weekday and hour."""
        return max(sorted(self.mean), key=lambda slot: self.mean[slot])


OPENED = """
select l.weekday, l.hour, l.weeks, l.agents_on_shift, coalesce(c.opened, 0) as opened
from mart.main.hour_load l left join (
    select weekday, hour, count(*) as opened from mart.main.conversation_facts where {places} group by all
) c using (weekday, hour) order by l.weekday, l.hour
"""


def hours(generation: Generation, *, places: Places) -> Hours | None:
    """The load by weekday and hour; None where there is none. `alone` is the share that opens with nobody on shift."""
    rows = generation.rows(OPENED.format(places=IN_PLACES), places.bound)
    opened = sum(row["opened"] for row in rows)
    if not opened:
        return None
    unstaffed = sum(row["opened"] for row in rows if not row["agents_on_shift"])
    staffed = any(row["agents_on_shift"] for row in rows)
    mean = {(row["weekday"], row["hour"]): row["opened"] / max(1, row["weeks"]) for row in rows}
    return Hours(max(row["weeks"] for row in rows), mean, unstaffed / opened if staffed else None)


WHERE = """
select topic_id, case when sku = ? then 'markets' else 'products' end as kind,
       case when sku = ? then market else sku end as name, contacts, per_100_orders
from mart.main.complaints where (sku = ?) <> (market = ?) and contacts > 0
qualify row_number() over (partition by topic_id, kind order by contacts desc, name) <= 3
order by topic_id, kind, contacts desc, name
"""


def where(generation: Generation) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """For each topic, the three markets and the three products with most contacts."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in generation.rows(WHERE, [ALL] * 4):
        found.setdefault((row["topic_id"], row["kind"]), []).append(row)
    return found


CHOICES = """
select list(distinct market order by market) as markets, list(distinct platform order by platform) as platforms
from mart.main.conversation_facts
"""


def choices(generation: Generation) -> dict[str, list[str]]:
    """What can be chosen from."""
    return {name: values or [] for name, values in generation.rows(CHOICES)[0].items()}
