"""GET /kpis and /kpis/{name}: every KPI with its definition, and one KPI sliced by any dimension over any days."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import narwhals as nw
from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, Field

from insight.api.deps import Name, Nothing, Question, Snapshot, Told
from insight.api.problems import flaw, unknown
from insight.api.remember import Remembered
from insight.engines import Frame
from insight.kpis import KPIS, Kpi, measure
from insight.published import Generation
from insight.schema import Table

ROUTER = APIRouter(route_class=Remembered, tags=["kpis"])


class Value(BaseModel):
    """One value with what it rests on."""

    n: int = Field(description="rows that were counted", examples=[1432])
    value: float | None = Field(description="null where nothing was counted, or too few rows", examples=[0.088])
    low: float | None = Field(description="lower end of the 95 % interval", examples=[0.075])
    high: float | None = Field(description="upper end of the 95 % interval", examples=[0.104])
    few: bool = Field(default=False, description="kept back: it would tell what single customers said or did")


class Period(Value):
    """A KPI in one period."""

    since: date = Field(description="first day", examples=["2026-10-25"])
    until: date = Field(description="first day after", examples=["2026-11-22"])


class Definition(BaseModel):
    """What a KPI means."""

    kpi: str = Field(examples=["first_response_late"])
    group: str = Field(description="volume, efficiency, quality or benefit", examples=["efficiency"])
    label: str = Field(description="short name", examples=["Late first replies"])
    label_zh: str = Field(description="short name in Chinese", examples=["首次回复超时"])
    asks: str = Field(description="the question it answers")
    asks_zh: str = Field(description="the question in Chinese")
    means: str = Field(description="its definition in words")
    unit: str = Field(description="share, seconds, count, per 100 …", examples=["share"])
    better: Literal["up", "down", "neither"] = Field(description="which way is better")


class OneKpi(Definition):
    """A KPI with its definition, now and in the period before."""

    current: Period
    previous: Period | None = Field(description="null where the data do not reach back so far")


class AllKpis(BaseModel):
    """Every KPI."""

    kpis: list[OneKpi]


Dimension = Literal[
    "platform", "shop", "market", "language", "channel", "sku", "family", "carrier", "lane",
    "topic_id", "agent_id", "team", "day", "weekday", "hour",
]  # fmt: skip
MOST_SLICES = 5000


def _once(names: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    if len(set(names)) < len(names):
        raise ValueError("each dimension can be named once")
    return names


By = Annotated[tuple[Dimension, ...], Field(max_length=3), AfterValidator(_once)]
Names = Annotated[tuple[Name, ...], Field(max_length=100)]


class Slicing(Question):
    """Which rows are counted, and into which slices. Several values of one dimension mean any of them."""

    by: By = Field(default=(), description="one slice per combination of these, each named once")
    since: date | None = Field(default=None, description="first day; the start of the published period where not told")
    until: date | None = Field(default=None, description="first day after; the end of the published period likewise")
    limit: int = Field(default=1000, ge=1, le=MOST_SLICES, description="how many slices, in the order of `by`")
    platform: Names = ()
    shop: Names = ()
    market: Names = ()
    language: Names = ()
    channel: Names = ()
    sku: Names = ()
    family: Names = ()
    carrier: Names = ()
    lane: Names = ()
    topic_id: Names = ()
    agent_id: Names = ()
    team: Names = ()
    weekday: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(default=(), description="1 Monday … 7 Sunday")
    hour: tuple[Annotated[int, Field(ge=0, le=23)], ...] = ()

    @property
    def only(self) -> dict[str, tuple[Any, ...]]:
        """The dimensions of which only some values are counted."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in NO_DIMENSIONS}
        return {name: values for name, values in given.items() if values}


NO_DIMENSIONS = {"by", "since", "until", "limit"}


class Slice(Value):
    """A KPI in one slice."""

    slice: dict[str, str | int | date] = Field(
        description="the slice's value of each dimension", examples=[{"market": "DE"}]
    )


class Sliced(BaseModel):
    """One KPI over a span of days, slice by slice."""

    kpi: Definition
    since: date = Field(description="first day", examples=["2026-10-25"])
    until: date = Field(description="first day after", examples=["2026-11-22"])
    slices: list[Slice]
    cut: bool = Field(description="there are more slices than `limit`")


PAIRS = """
select c.*, p.since as p_since, p.until as p_until, p.n as p_n, p.value as p_value, p.low as p_low, p.high as p_high
from mart.main.kpis c left join mart.main.kpis p on p.kpi = c.kpi and p.period = 'previous'
where c.period = 'current'
"""


REVEALING = ("share", "mean", "percentile")
"""Kinds of KPI that tell what customers said or did; counts and rates only tell how many there were."""


def discreet(row: dict[str, Any], definition: Kpi, *, few: int) -> dict[str, Any]:
    """A value with its ends, kept back where it rests on fewer than `few` rows and reveals what is in them.

    The mean rating of one customer is that customer's rating. How many rows there are is told all the same.
    """
    if definition.kind not in REVEALING or not 0 < row["n"] < few:
        return row
    return row | {"value": None, "low": None, "high": None, "few": True}


def read(generation: Generation, *, few: int) -> AllKpis:
    """The KPIs as they were published, in the order in which they are defined; see `discreet`."""
    published = {row["kpi"]: row for row in generation.rows(PAIRS)}
    return AllKpis(kpis=[_pair(published[name], kpi, few) for name, (_, kpi) in KPIS.items() if name in published])


def _pair(row: dict[str, Any], definition: Kpi, few: int) -> OneKpi:
    before = {name: row[f"p_{name}"] for name in ("since", "until", "n", "value", "low", "high")}
    return OneKpi(
        **row,
        current=Period(**discreet(row, definition, few=few)),
        previous=Period(**discreet(before, definition, few=few)) if before["since"] else None,
    )


@ROUTER.get("/kpis", operation_id="kpis", summary="How are we doing, against the period before?")
def kpis(asked: Nothing, generation: Snapshot, told: Told) -> AllKpis:
    """The last 28 days of the data that can be judged against the 28 before."""
    return read(generation, few=told.privacy.min_customers)


@ROUTER.get("/kpis/{name}", operation_id="kpi", summary="One KPI, sliced by any dimension over any days")
def kpi(
    name: Annotated[str, Path(max_length=80)], asked: Annotated[Slicing, Query()], generation: Snapshot, told: Told
) -> Sliced:
    """Measured from row-level facts, so that a percentile or a distinct count is right in every slice.

    A share, mean or percentile of fewer rows than `privacy.min_customers` is kept back: `few` is true then.
    """
    few = told.privacy.min_customers
    known = [one for one in read(generation, few=few).kpis if one.kpi == name]
    if not known:
        raise unknown("KPI")
    since, until = asked.since or known[0].current.since, asked.until or known[0].current.until
    if since >= until:
        raise flaw("`since` must be before `until`.")
    _, definition = KPIS[name]
    _refuse_foreign(asked, definition)
    rows = measure(
        definition,
        _rows(generation, definition.of, asked),
        per=None if definition.per is None else _rows(generation, definition.per, asked),
        by=asked.by,
        since=since,
        until=until,
    )
    every = rows.head(asked.limit + 1).collect("pyarrow").to_native().to_pylist()
    found = [discreet(row, definition, few=few) for row in every]
    return Sliced(
        kpi=Definition(**known[0].model_dump()),
        since=since,
        until=until,
        slices=[Slice(**row, slice={key: row[key] for key in asked.by}) for row in found[: asked.limit]],
        cut=len(found) > asked.limit,
    )


def _refuse_foreign(asked: Slicing, definition: Kpi) -> None:
    """Say which dimensions the KPI has; one over two tables has those of both."""
    tables = [t for t in (definition.of, definition.per) if t is not None]
    ours = [name for name in Slicing.model_fields if all(name in t.arrow.names for t in tables)] + ["day"]
    if not {*asked.by, *asked.only} <= set(ours):
        raise flaw(f"This KPI has the dimensions {', '.join(ours)}.")


def _rows(generation: Generation, table: Table, asked: Slicing) -> Frame:
    frame = generation.frame(table)
    return frame.filter(*(nw.col(name).is_in(values) for name, values in asked.only.items())) if asked.only else frame
