"""GET /demand: what customers ask for, and whether we sell it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from insight.api.deps import Snapshot, Top
from insight.api.remember import Remembered
from insight.published import Generation
from insight.schema import TOO_FEW

SIGNALS = """
select *, count(*) over () as total from mart.main.demand_signals
order by asked = ?, low desc nulls last, askers desc, asked limit ?
"""
ROUTER = APIRouter(route_class=Remembered, tags=["demand"])


class Signal(BaseModel):
    """One thing that customers ask for."""

    asked: str = Field(description="what they ask for", examples=["hood"])
    for_what: str | None = Field(description="what it should most often go with", examples=["jacket"])
    askers: int = Field(description="distinct customers", examples=[42])
    mentions: int = Field(description="pieces of text", examples=[47])
    per_1000_contacts: float | None = Field(description="askers per 1,000 conversations", examples=[8.3])
    shrunk: float | None = Field(
        description="the same, drawn to what is usual for a thing the more, the less is known", examples=[7.9]
    )
    low: float | None = Field(description="lower end of its 95 % interval; the order of the list", examples=[6.1])
    high: float | None = Field(description="upper end of its 95 % interval", examples=[11.2])
    sold: bool = Field(description="the catalogue already has it")
    sku: str | None = Field(description="the product of the catalogue that answers it", examples=["COV-01"])
    asked_and_bought: int = Field(description="askers who ordered within 7 days of asking", examples=[5])
    markets: list[str] = Field(description="where it is asked for, most first", examples=[["US", "DE"]])
    quote: str | None = Field(
        description="a customer's words, only where enough customers spoke", examples=["Any hood?"]
    )


class Demand(BaseModel):
    """What customers ask for, surest first."""

    signals: list[Signal]
    total: int = Field(description="things that are asked for", examples=[31])


def read(generation: Generation, *, limit: int) -> Demand:
    """The things that most customers surely ask for; last, what too few ask for to be named."""
    rows = generation.rows(SIGNALS, [TOO_FEW, limit])
    return Demand(signals=[Signal(**row) for row in rows], total=rows[0]["total"] if rows else 0)


@ROUTER.get("/demand", operation_id="demand", summary="What do customers ask for, and do we sell it?")
def demand(asked: Annotated[Top, Query()], generation: Snapshot) -> Demand:
    """Surest first: by the lower end of the interval."""
    return read(generation, limit=asked.limit)
