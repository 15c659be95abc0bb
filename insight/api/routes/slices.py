"""GET /kpis/{name} and its CSV: one KPI by any dimension over any days, against before and its target."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import narwhals as nw
from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from insight.api.change import WHOLE, Reached, Verdict, changed, reached
from insight.api.deps import Name, Question, Snapshot, Told
from insight.api.problems import flaw, unknown
from insight.api.remember import Remembered
from insight.api.routes.kpis import Definition, OneKpi, Value, discreet, read
from insight.kpis import KPIS, Kpi, measure
from insight.kpis.calendar import CALENDAR
from insight.periods import Period
from insight.published import Generation
from insight.settings import Settings, Target
from insight.sheets import csv_text

ROUTER = APIRouter(route_class=Remembered, tags=["kpis"])

Dimension = Literal[
    "platform", "shop", "market", "language", "channel", "sku", "family", "carrier", "lane", "warehouse",
    "topic_id", "agent_id", "team", "day", "week", "month", "weekday", "hour",
]  # fmt: skip
DAYS = ("day", "week", "month")
"""Dimensions whose slices lie one after the other, so that none of them has a twin in the period before."""
MOST_SLICES = 5000
NOW = "_now"


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
    compare: Literal["previous"] | None = Field(
        default=None, description="each slice also over as many days before; not by day, week or month"
    )
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
    warehouse: Names = ()
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


NO_DIMENSIONS = {"by", "since", "until", "compare", "limit"}


class Slice(Value):
    """A KPI in one slice."""

    slice: dict[str, str | int | date] = Field(
        description="the slice's value of each dimension", examples=[{"market": "DE"}]
    )
    previous: Value | None = Field(default=None, description="over as many days before; null where not asked for")
    verdict: Verdict | None = Field(default=None, description="of the change; unclear: it may be chance")
    target: float | None = Field(default=None, description="of the agent, the team or the shop", examples=[0.1])
    benchmark: float | None = Field(default=None, description="what others reach", examples=[0.12])
    reached: Reached | None = Field(default=None, description="as sure as its 95 % interval allows")


class Sliced(BaseModel):
    """One KPI over a span of days, slice by slice."""

    kpi: Definition
    dimensions: list[str] = Field(description="what it can be sliced by", examples=[["platform", "market", "week"]])
    since: date = Field(description="first day", examples=["2026-10-25"])
    until: date = Field(description="first day after", examples=["2026-11-22"])
    before: date | None = Field(
        default=None, description="first day of the period before, which ends with `since`; null where it is not told"
    )
    slices: list[Slice]
    cut: bool = Field(description="there are more slices than `limit`")


def dimensions(kpi: Kpi) -> list[str]:
    """What a KPI can be sliced by: the columns of its table, of both where there are two, and what days make."""
    tables = [t for t in (kpi.of, kpi.per) if t is not None]
    named = {name for name in Dimension.__args__ if all(name in t.arrow.names for t in tables)}  # type: ignore[attr-defined]
    return [name for name in Dimension.__args__ if name in {*named, *CALENDAR}]  # type: ignore[attr-defined]


def sliced(generation: Generation, name: str, asked: Slicing, told: Settings) -> Sliced:
    """A KPI as it was asked for.

    :raises HTTPException: 404 for a KPI that is not published, 422 for days or dimensions that make no sense.
    """
    few = told.privacy.min_customers
    known = read(generation, few=few, name=name).kpis
    if not known:
        raise unknown("KPI")
    _, kpi = KPIS[name]
    span = _span(asked, known[0])
    _refuse_foreign(asked, kpi)
    before = span.before if asked.compare and _reaches_back(generation, kpi, span.before) else None
    rows = _measured(generation, kpi, asked, since=before.since if before else span.since, split=span)
    pairs = _paired(rows, kpi, asked.by)
    aim = Aim(told.targets, kpi, asked, known[0], span)
    slices = [
        _slice(kpi, pair, {key: pair[0][key] for key in asked.by}, few=few, compared=before is not None, aim=aim)
        for pair in pairs[: asked.limit]
    ]
    return Sliced(
        kpi=Definition(**known[0].model_dump()),
        dimensions=dimensions(kpi),
        since=span.since,
        until=span.until,
        before=before and before.since,
        slices=slices,
        cut=len(pairs) > asked.limit,
    )


def _span(asked: Slicing, known: OneKpi) -> Period:
    since, until = asked.since or known.current.since, asked.until or known.current.until
    if since >= until:
        raise flaw("`since` must be before `until`.")
    return Period(since, until)


def _refuse_foreign(asked: Slicing, kpi: Kpi) -> None:
    """Say which dimensions the KPI has; one over two tables has those of both."""
    ours = dimensions(kpi)
    if not {*asked.by, *asked.only} <= set(ours):
        raise flaw(f"This KPI has the dimensions {', '.join(ours)}.")
    if asked.compare and set(DAYS) & set(asked.by):
        raise flaw("A day, week or month has no twin in the period before: compare by something else.")


def _reaches_back(generation: Generation, kpi: Kpi, before: Period) -> bool:
    """See `periods.reaches_back`; in SQL, which answers from the statistics of the file."""
    queries = [f"select min(day) as first from mart.main.{t.name}" for t in (kpi.of, kpi.per) if t is not None]  # noqa: S608 - names of schema.py
    firsts = [generation.rows(query)[0]["first"] for query in queries]
    return all(first is not None and first <= before.since for first in firsts)


def _measured(generation: Generation, kpi: Kpi, asked: Slicing, *, since: date, split: Period) -> list[dict[str, Any]]:
    """Rows of `measure`; `_now` tells the period from the one before."""
    wanted = [
        (nw.col("day").dt.weekday() if name == "weekday" else nw.col(name)).is_in(values)
        for name, values in asked.only.items()
    ]
    found = measure(
        kpi,
        generation.frame(kpi.of),
        per=None if kpi.per is None else generation.frame(kpi.per),
        by=[*asked.by, NOW],
        since=since,
        until=split.until,
        made={NOW: (nw.col("day") >= split.since).cast(nw.Int64)},
        where=wanted,
    )
    rows: list[dict[str, Any]] = found.collect("pyarrow").to_native().to_pylist()
    return rows


def _paired(rows: list[dict[str, Any]], kpi: Kpi, by: tuple[str, ...]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each slice now and before, in their order; where one of the two is empty, nothing was counted in it."""
    nothing = {"n": 0, "value": 0.0 if kpi.kind in WHOLE else None, "low": None, "high": None}
    empty: dict[tuple[Any, ...], dict[int, dict[str, Any]]] = {} if by else {(): {}}
    for row in rows:
        empty.setdefault(tuple(row[key] for key in by), {})[row[NOW]] = row
    keys = {key: dict(zip(by, key, strict=True)) for key in empty}
    return [(keys[k] | nothing | told.get(1, {}), keys[k] | nothing | told.get(0, {})) for k, told in empty.items()]


def _slice(
    kpi: Kpi,
    pair: tuple[dict[str, Any], dict[str, Any]],
    names: dict[str, Any],
    *,
    few: int,
    compared: bool,
    aim: Aim,
) -> Slice:
    now, before = (Value(**discreet(row, kpi, few=few)) for row in pair)
    moved = changed(kpi, now, before) if compared else None
    target = aim.of(names)
    return Slice(
        **now.model_dump(),
        slice=names,
        previous=before if compared else None,
        verdict=moved.verdict if moved else None,
        target=target and target.target,
        benchmark=target and target.benchmark,
        reached=reached(kpi, now, target.target) if target else None,
    )


class Aim:
    """Which target holds for a slice: that of its agent, else of its team, else of the shop.

    How many of something the whole shop wants says nothing about its parts, or about other days than the published.
    """

    def __init__(self, targets: tuple[Target, ...], kpi: Kpi, asked: Slicing, known: OneKpi, span: Period) -> None:
        mine = [target for target in targets if target.kpi == kpi.name]
        self._by_agent = {t.agent_id: t for t in mine if t.agent_id is not None}
        self._by_team = {t.team: t for t in mine if t.team is not None and t.agent_id is None}
        general = [t for t in mine if t.team is None and t.agent_id is None]
        partial = asked.by or asked.only or (span.since, span.until) != (known.current.since, known.current.until)
        self._general = general[-1] if general and not (kpi.kind in WHOLE and partial) else None
        self._only = {key: values[0] for key, values in asked.only.items() if len(values) == 1}

    def of(self, names: dict[str, Any]) -> Target | None:
        """The target of one slice; None where nobody told one."""
        known = self._only | names
        agent, team = self._by_agent.get(known.get("agent_id", "")), self._by_team.get(known.get("team", ""))
        return agent or team or self._general


@ROUTER.get("/kpis/{name}", operation_id="kpi", summary="One KPI, sliced by any dimension over any days")
def kpi(
    name: Annotated[str, Path(max_length=80)], asked: Annotated[Slicing, Query()], generation: Snapshot, told: Told
) -> Sliced:
    """Measured from row-level facts, so that a percentile or a distinct count is right in every slice.

    A share, mean or percentile of fewer rows than `privacy.min_customers` is kept back: `few` is true then.
    """
    return sliced(generation, name, asked, told)


@ROUTER.get(
    "/kpis/{name}/slices.csv",
    operation_id="kpi_csv",
    summary="The same as CSV: one KPI, by any dimension over any days",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
def kpi_csv(
    name: Annotated[str, Path(max_length=80)], asked: Annotated[Slicing, Query()], generation: Snapshot, told: Told
) -> Response:
    """One line per slice, for a spreadsheet: text that it would take for a formula stands behind an apostrophe."""
    found = sliced(generation, name, asked, told)
    head = [*asked.by, "kpi", "unit", "since", "until", "n", "value", "low", "high"]
    head += ["previous_n", "previous_value", "verdict", "target", "benchmark", "reached"]
    lines = [_line(found, one, asked.by) for one in found.slices]
    name_of_file = {"Content-Disposition": f'attachment; filename="{found.kpi.kpi}.csv"'}
    return Response(csv_text(head, lines), media_type="text/csv; charset=utf-8", headers=name_of_file)


def _line(found: Sliced, one: Slice, by: tuple[str, ...]) -> list[object]:
    before = one.previous
    named: list[object] = [one.slice[key] for key in by]
    figures = [one.n, one.value, one.low, one.high, before and before.n, before and before.value]
    said = [found.kpi.kpi, found.kpi.unit, found.since, found.until]
    return [*named, *said, *figures, one.verdict, one.target, one.benchmark, one.reached]
