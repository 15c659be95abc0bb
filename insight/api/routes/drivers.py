"""GET /drivers: which topics go with satisfaction, returns, bad reviews and second purchases, and how much of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from insight import drivers
from insight.api.deps import Question, Snapshot, Told
from insight.api.remember import Remembered
from insight.api.routes.topics import TOLD
from insight.marts.drivers import NOT_HELD, OUTCOMES
from insight.published import Generation
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, tags=["topics"])

Name = Literal["csat", "low_csat", "bad_review", "returned", "repurchase"]
UNKNOWN = ("price_changes", "promotions", "who_writes", "who_answers", "severity")
"""What nothing tells of, and what may stand behind a difference."""


class Driver(BaseModel):
    """A topic that may go with an outcome: an association with what is held, never a cause."""

    topic_id: str = Field(examples=["returns.refund_status"])
    name_en: str = Field(examples=["Waiting for the refund"])
    name_zh: str = Field(examples=["等待退款"])
    rank: int = Field(description="worse ones first by points, then better ones", examples=[1])
    verdict: Literal["worse", "better", "cannot tell", "too few"] = Field(
        description="surely, by the interval and not one of many by chance"
    )
    with_n: int = Field(description="conversations or orders with the topic", examples=[52])
    customers: int = Field(description="distinct customers of those", examples=[50])
    share: float = Field(description="of all that have an outcome", examples=[0.07])
    value: float | None = Field(description="the outcome with the topic", examples=[0.4])
    without: float | None = Field(description="the outcome of those without it, as they are", examples=[0.66])
    raw: float | None = Field(description="value less without", examples=[-0.26])
    expected: float | None = Field(description="what such conversations or orders have without it", examples=[0.57])
    difference: float | None = Field(description="value less expected: adjusted; null for too few", examples=[-0.17])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[-0.25])
    high: float | None = Field(description="upper end of it", examples=[-0.09])
    points: float | None = Field(description="share x difference: over all of them", examples=[-0.012])
    points_low: float | None = Field(description="lower end of its 95 % interval", examples=[-0.018])
    points_high: float | None = Field(description="upper end of it", examples=[-0.006])
    e_value: float | None = Field(
        description="how many times likelier something that is not held must make both to explain it", examples=[2.7]
    )
    e_near: float | None = Field(description="the same for the end of the interval nearer to nothing", examples=[1.95])
    q: float | None = Field(description="share of false ones among topics as clear", examples=[0.001])


class Outcome(BaseModel):
    """An outcome and its topics."""

    outcome: Name = Field(description="what came of it")
    unit: Literal["conversations", "orders"] = Field(description="what is counted")
    scale: Literal["mean", "share"] = Field(description="mean of 0 worst to 1 best, or a share of 1")
    better: Literal["up", "down"] = Field(description="which way is better")
    n: int = Field(description="conversations or orders with an outcome", examples=[744])
    left_out: int = Field(description="those without: nobody answered, or too young", examples=[4756])
    usual: float = Field(description="the outcome of all", examples=[0.64])
    held: list[str] = Field(description="confounders that are held", examples=[["market", "channel", "delivery"]])
    drivers: list[Driver] = Field(description="by rank")


class Drivers(BaseModel):
    """All outcomes that anybody told."""

    outcomes: list[Outcome]
    not_held: list[str] = Field(description="known, not held: it may come of the topic itself", examples=[["handling"]])
    not_known: list[str] = Field(description="not known, may stand behind a difference", examples=[["promotions"]])
    few: int = Field(description="fewer conversations or orders with a topic than this tell nothing", examples=[30])


class Asked(Question):
    """Which outcome."""

    outcome: Name | None = Field(default=None, description="all where not told")


ROWS = """
select d.*, t.name_en, t.name_zh, t.named_by, t.customers as spoke
from mart.main.drivers d left join mart.main.topics t using (topic_id) order by outcome, rank
"""
REVEALING = ("value", "without", "raw")
ABOUT = ("outcome", "unit", "scale", "better", "n", "left_out", "usual", "held")


def read(generation: Generation, *, told: Settings, outcome: str | None = None) -> Drivers:
    """The drivers as they were published; what few customers said or did is kept back."""
    rows = generation.rows(ROWS)
    found = []
    for one in OUTCOMES:
        mine = [row for row in rows if row["outcome"] == one.name]
        if mine and outcome in (None, one.name):
            about = {name: mine[0][name] for name in ABOUT}
            found.append(Outcome(**about, drivers=[_driver(row, told.privacy.min_customers) for row in mine]))
    return Drivers(outcomes=found, not_held=list(NOT_HELD), not_known=list(UNKNOWN), few=drivers.FEW_UNITS)


def _driver(row: dict[str, Any], few: int) -> Driver:
    """A topic goes by its id where its name is made of the words of too few customers."""
    if row["customers"] < few:
        row = row | dict.fromkeys(REVEALING)
    if not (row["named_by"] in TOLD or (row["spoke"] or 0) >= few) or not row["name_en"]:
        row = row | dict.fromkeys(("name_en", "name_zh"), row["topic_id"])
    return Driver(**row)


@ROUTER.get("/drivers", operation_id="drivers", summary="Which topics go with bad outcomes, and how much of them?")
def all_drivers(asked: Annotated[Asked, Query()], generation: Snapshot, told: Told) -> Drivers:
    """Adjusted differences with their intervals, and what they come to over all. Associations, no causes."""
    return read(generation, told=told, outcome=asked.outcome)
