"""GET /kpis: every KPI with its definition, now, before, and against its target."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from insight.api.change import Reached, Verdict, changed, reached
from insight.api.deps import Nothing, Snapshot, Told
from insight.api.remember import Remembered
from insight.kpis import KPIS, Kpi
from insight.published import Generation

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
    example: str = Field(default="", description="a case worked by hand")
    differs: str = Field(default="", description="how other tools count it, where that differs")
    beside: tuple[str, ...] = Field(default=(), description="KPIs that answer the same question in another way")


class OneKpi(Definition):
    """A KPI with its definition, now and in the period before."""

    current: Period
    previous: Period | None = Field(description="null where the data do not reach back so far")
    verdict: Verdict | None = Field(
        default=None,
        description="of the change: better, worse, plain (neither is good), same, or unclear: it may be chance",
    )
    target: float | None = Field(default=None, description="what the shop aims at", examples=[0.1])
    benchmark: float | None = Field(default=None, description="what others reach", examples=[0.12])
    reached: Reached | None = Field(
        default=None, description="reached or missed where the whole 95 % interval lies on one side of the target"
    )


class AllKpis(BaseModel):
    """Every KPI."""

    kpis: list[OneKpi]


PAIRS = """
select c.*, p.since as p_since, p.until as p_until, p.n as p_n, p.value as p_value, p.low as p_low, p.high as p_high
from mart.main.kpis c left join mart.main.kpis p on p.kpi = c.kpi and p.period = 'previous'
where c.period = 'current' and (? is null or c.kpi = ?)
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


def read(generation: Generation, *, few: int, name: str | None = None) -> AllKpis:
    """The KPIs as they were published, in the order in which they are defined, or one of them; see `discreet`."""
    published = {row["kpi"]: row for row in generation.rows(PAIRS, [name, name])}
    return AllKpis(kpis=[_pair(published[name], kpi, few) for name, (_, kpi) in KPIS.items() if name in published])


def _pair(row: dict[str, Any], definition: Kpi, few: int) -> OneKpi:
    before = {name: row[f"p_{name}"] for name in ("since", "until", "n", "value", "low", "high")}
    current = Period(**discreet(row, definition, few=few))
    previous = Period(**discreet(before, definition, few=few)) if before["since"] else None
    moved = changed(definition, current, previous)
    return OneKpi(
        **row | {"example": definition.example, "differs": definition.differs, "beside": definition.beside},
        current=current,
        previous=previous,
        verdict=moved.verdict if moved else None,
        reached=reached(definition, current, row["target"]),
    )


@ROUTER.get("/kpis", operation_id="kpis", summary="How are we doing, against the period before?")
def kpis(asked: Nothing, generation: Snapshot, told: Told) -> AllKpis:
    """The last 28 days of the data that can be judged against the 28 before."""
    return read(generation, few=told.privacy.min_customers)
