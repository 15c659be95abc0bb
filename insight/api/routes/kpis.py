"""GET /kpis: every KPI with its definition, against the period before."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from insight.api.deps import Nothing, Snapshot
from insight.api.remember import Remembered
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["kpis"])


class Value(BaseModel):
    """One value with what it rests on."""

    n: int = Field(description="rows that were counted", examples=[1432])
    value: float | None = Field(description="null where nothing was counted", examples=[0.088])
    low: float | None = Field(description="lower end of the 95 % interval", examples=[0.075])
    high: float | None = Field(description="upper end of the 95 % interval", examples=[0.104])


class Period(Value):
    """A KPI in one period."""

    since: date = Field(description="first day", examples=["2026-10-25"])
    until: date = Field(description="first day after", examples=["2026-11-22"])


class OneKpi(BaseModel):
    """A KPI with its definition, now and in the period before."""

    kpi: str = Field(examples=["first_response_late"])
    group: str = Field(description="volume, efficiency, quality or benefit", examples=["efficiency"])
    label: str = Field(description="short name", examples=["Late first replies"])
    label_zh: str = Field(description="short name in Chinese", examples=["首次回复超时"])
    asks: str = Field(description="the question it answers")
    asks_zh: str = Field(description="the question in Chinese")
    means: str = Field(description="its definition in words")
    unit: str = Field(description="share, seconds, count, per 100 …", examples=["share"])
    better: Literal["up", "down", "neither"] = Field(description="which way is better")
    current: Period
    previous: Period | None


class AllKpis(BaseModel):
    """Every KPI."""

    kpis: list[OneKpi]


PAIRS = """
select c.*, p.since as p_since, p.until as p_until, p.n as p_n, p.value as p_value, p.low as p_low, p.high as p_high
from mart.main.kpis c left join mart.main.kpis p on p.kpi = c.kpi and p.period = 'previous'
where c.period = 'current' order by c.kpi
"""


def read(generation: Generation) -> AllKpis:
    """The KPIs as they were published, by name."""
    return AllKpis(kpis=[_pair(row) for row in generation.rows(PAIRS)])


def _pair(row: dict[str, Any]) -> OneKpi:
    before = {name: row[f"p_{name}"] for name in Period.model_fields}
    return OneKpi(**row, current=Period(**row), previous=Period(**before) if before["since"] else None)


@ROUTER.get("/kpis", operation_id="kpis", summary="How are we doing, against the period before?")
def kpis(asked: Nothing, generation: Snapshot) -> AllKpis:
    """The last 28 days of the data that can be judged against the 28 before."""
    return read(generation)
