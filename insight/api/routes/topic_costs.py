"""GET /topic_costs and /topic_costs/{id}/rows: what the trouble with each topic costs, and every row that is in it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from insight.api.deps import IN_PLACES, Places, Snapshot, Told
from insight.api.problems import unknown
from insight.api.remember import Remembered
from insight.api.routes import topics
from insight.marts import topic_costs
from insight.published import Generation
from insight.schema import ALL, UNKNOWN
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, tags=["money"])

UNTOLD = ("No topic told", "未说明话题")
"""The name of what nobody told a topic of."""

Kind = Literal["handling", "refund", "lost order"]


class Cost(BaseModel):
    """What was spent, paid back and lost; in minor units of the shop's currency."""

    conversations: int = Field(description="worked on it", examples=[61])
    handle_ms: int = Field(description="working time on it", examples=[18300000])
    handling_minor: int | None = Field(description="its price; null where no wage is told", examples=[12708])
    refunds: int = Field(description="refunds of orders that were mainly about it", examples=[9])
    refund_minor: int = Field(description="their amount", examples=[41200])
    lost_orders: int = Field(description="cancelled orders with a contact, mainly about it", examples=[2])
    lost_minor: int = Field(description="what they would have brought, less what is among the refunds", examples=[7800])
    total_minor: int = Field(description="the sum of the three, to the cent", examples=[61708])
    low: float = Field(description="lower end of its 95 % interval", examples=[31000.0])
    high: float = Field(description="upper end of it", examples=[92400.0])
    unpriced: int = Field(description="rows whose amount nobody can tell: in no sum", examples=[0])
    previous_total_minor: int | None = Field(
        description="in the 28 days before; null where the data do not reach back", examples=[48100]
    )
    verdict: str = Field(description="growing, shrinking, steady or cannot tell", examples=["cannot tell"])


class TopicCost(Cost):
    """What one topic costs."""

    topic_id: str = Field(description="'unknown' where nobody told a topic", examples=["t-small"])
    name_en: str = Field(examples=["Runs small"])
    name_zh: str = Field(examples=["尺码偏小"])


class TopicCosts(BaseModel):
    """What the trouble with topics costs, dearest first."""

    currency: str = Field(description="the shop's own, ISO 4217", examples=["USD"])
    since: date | None = Field(description="first day; null where there is no row", examples=["2026-10-25"])
    until: date | None = Field(description="first day after", examples=["2026-11-22"])
    priced: bool = Field(description="a wage is told, so that working time has a price", examples=[True])
    total: Cost | None = Field(description="of all topics: to the cent the sum of what follows")
    topics: list[TopicCost] = Field(description="dearest first")


class CostRow(BaseModel):
    """One amount that a topic is counted with."""

    kind: Kind = Field(examples=["refund"])
    row_id: str = Field(description="id of the conversation, return or order", examples=["R50014"])
    day: date = Field(description="business time zone", examples=["2026-11-20"])
    conversation_id: str | None = Field(description="the conversation that was worked on", examples=[None])
    order_id: str | None = Field(description="the order it is about", examples=["#1001"])
    platform: str = Field(examples=["amazon"])
    market: str = Field(examples=["DE"])
    handle_ms: int | None = Field(description="working time on this topic", examples=[None])
    amount_minor: int | None = Field(description="null without a wage, a rate or an amount", examples=[4290])


class CostRows(BaseModel):
    """Every row behind one figure."""

    currency: str = Field(description="the shop's own, ISO 4217", examples=["USD"])
    count: int = Field(description="rows in all", examples=[72])
    total_minor: int = Field(description="their sum: the figure that is opened here", examples=[61708])
    rows: list[CostRow] = Field(description="largest amounts first")
    cut: bool = Field(description="there are more behind `offset` + `limit`", examples=[False])


class Opened(Places):
    """Which rows."""

    period: Literal["current", "previous"] = Field(default="current", description="these 28 days, or those before")
    kind: Kind | None = Field(default=None, description="only of one kind")
    limit: int = Field(default=200, ge=1, le=1000, description="how many, largest amounts first")
    offset: int = Field(default=0, ge=0, le=10_000_000, description="how many to pass over")


SUMS = """
select topic_id, period,
    count(*) filter (kind = 'handling') as conversations,
    coalesce(sum(handle_ms), 0)::bigint as handle_ms,
    coalesce(sum(amount_minor) filter (kind = 'handling'), 0)::bigint as handling_minor,
    count(*) filter (kind = 'refund') as refunds,
    coalesce(sum(amount_minor) filter (kind = 'refund'), 0)::bigint as refund_minor,
    count(*) filter (kind = 'lost order') as lost_orders,
    coalesce(sum(amount_minor) filter (kind = 'lost order'), 0)::bigint as lost_minor,
    count(*) filter (amount_minor is null) as unpriced,
    coalesce(sum(amount_minor::hugeint * amount_minor), 0)::double as squares
from mart.main.topic_cost_rows where {places} group by all order by all
"""
SPAN = """
select max(since) as since, max(until) as until, coalesce(bool_or(handling_minor is not null), false) as priced,
    coalesce(bool_or(previous_total_minor is not null), false) as comparable
from mart.main.topic_costs
"""


def read(generation: Generation, *, places: Places, told: Settings) -> TopicCosts:
    """Costs in these places, added up from the rows; see `topic_costs.together`."""
    [span] = generation.rows(SPAN)
    sums = generation.sql(SUMS.format(places=IN_PLACES), places.bound).to_pandas()
    known = {"priced": span["priced"], "comparable": span["comparable"]}
    whole = sums.drop(columns="topic_id").groupby("period", as_index=False).sum().assign(topic_id=ALL)
    names = names_of(generation, told=told)
    return TopicCosts(
        currency=told.shop.currency,
        since=span["since"],
        until=span["until"],
        priced=span["priced"],
        total=next((Cost(**row) for row in _rows(topic_costs.together(whole, **known))), None),
        topics=[
            TopicCost(**row, name_en=name_en, name_zh=name_zh)
            for row in _rows(topic_costs.together(sums, **known))
            for name_en, name_zh in [names.get(row["topic_id"], (row["topic_id"],) * 2)]
        ],
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain dicts, what is not known being None."""
    return [
        {str(name): value for name, value in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def names_of(generation: Generation, *, told: Settings) -> dict[str, tuple[str, str]]:
    """The names of every topic in English and Chinese, kept back where few customers spoke; and of no topic."""
    every = topics.read(generation, places=Places(), told=told, states=None).topics
    return {topic.topic_id: (topic.name_en, topic.name_zh) for topic in every} | {UNKNOWN: UNTOLD}


BEHIND = """
from mart.main.topic_cost_rows
where topic_id = ? and period = ? and (?::varchar is null or kind = ?) and {places}
"""
ROWS = "select * {behind} order by amount_minor desc nulls last, kind, row_id limit ? offset ?"
SUM = "select count(*) as count, coalesce(sum(amount_minor), 0)::bigint as total_minor {behind}"


def opened(generation: Generation, topic_id: str, *, asked: Opened, told: Settings) -> CostRows:
    """The rows of one topic.

    :raises HTTPException: there is no topic of this id.
    """
    if topic_id not in names_of(generation, told=told):
        raise unknown("topic")
    behind, bound = BEHIND.format(places=IN_PLACES), [topic_id, asked.period, asked.kind, asked.kind, *asked.bound]
    [whole] = generation.rows(SUM.format(behind=behind), bound)
    rows = generation.rows(ROWS.format(behind=behind), [*bound, asked.limit, asked.offset])
    return CostRows(
        currency=told.shop.currency,
        rows=[CostRow(**row) for row in rows],
        cut=asked.offset + len(rows) < whole["count"],
        **whole,
    )


@ROUTER.get("/topic_costs", operation_id="topic_costs", summary="What does the trouble with each topic cost?")
def costs(asked: Annotated[Places, Query()], generation: Snapshot, told: Told) -> TopicCosts:
    """Working time, refunds and lost orders of the last 28 days, each amount counted once; parts add up to the cent.

    Working time is shared equally among the topics of a conversation. A refund, and an order that was cancelled and
    asked about, belong to the main topic of what was said about the order. None of it is said to be caused by a topic.
    """
    return read(generation, places=asked, told=told)


@ROUTER.get(
    "/topic_costs/{topic_id}/rows", operation_id="topic_cost_rows", summary="Which rows is the cost of a topic made of?"
)
def rows(
    topic_id: Annotated[str, Path(max_length=200)], asked: Annotated[Opened, Query()], generation: Snapshot, told: Told
) -> CostRows:
    """Conversations, returns and orders with their amounts, largest first."""
    return opened(generation, topic_id, asked=asked, told=told)
