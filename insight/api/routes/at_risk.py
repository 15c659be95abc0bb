"""GET /at-risk: which customers may come back about an open issue, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from insight.api.deps import IN_PLACES, Places, Snapshot, Told
from insight.api.remember import Remembered
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["at risk"])


class Customer(BaseModel):
    """One customer who may write again about the same issue, and the reasons."""

    rank: int = Field(description="1 is most at risk", examples=[1])
    customer_key: str = Field(description="keyed hash of the customer", examples=["9f2c81"])
    conversation_id: str = Field(description="the contact that is scored", examples=["c00412"])
    probability: float = Field(description="of writing again about the same issue within 7 days", examples=[0.62])
    reasons: list[str] = Field(description="why, strongest first", examples=[["third contact about the same issue"]])
    reasons_zh: list[str] = Field(description="the same in Chinese", examples=[["第三次联系同一问题"]])
    topic_id: str = Field(examples=["t-late"])
    topic_en: str = Field(description="the topic's name", examples=["Parcel is late"])
    topic_zh: str = Field(description="the topic's name in Chinese", examples=["包裹延误"])
    last_words: str = Field(
        description="the customer's last mention, personal data masked", examples=["Still nothing!"]
    )
    start_mood: float | None = Field(
        description="of the contact's first third, -1 (bad) to 1 (good); null where the customer wrote no words",
        examples=[-0.2],
    )
    end_mood: float | None = Field(description="of its last third", examples=[-0.7])
    language: str = Field(description="of the customer, ISO 639-1", examples=["en"])
    platform: str = Field(examples=["amazon"])
    market: str = Field(examples=["DE"])
    order_id: str | None = Field(examples=["o00017"])
    order_minor: int | None = Field(description="value of the order, minor units of its currency", examples=[8990])
    currency: str | None = Field(examples=["EUR"])
    last_contact_at: datetime = Field(description="when the contact opened, UTC")
    hours_left: float = Field(description="until the 7 days are over", examples=[96.5])


class AtRisk(BaseModel):
    """The list that a team can work through, cut at its capacity."""

    customers: list[Customer]
    total: int = Field(description="customers that the list names", examples=[20])


class Asked(Places):
    """Which part of the list."""

    limit: int | None = Field(
        default=None, ge=1, le=200, description="how many, most likely first; the team's capacity where not told"
    )


LIST = """
select a.*, coalesce(t.name_en, a.topic_id) as topic_en, coalesce(t.name_zh, a.topic_id) as topic_zh,
       s.start_mood, s.end_mood, count(*) over () as total
from mart.main.at_risk a left join mart.main.topics t using (topic_id)
    left join mart.main.conversation_sentiment s using (conversation_id)
where a.listed and {places} order by a.rank limit ?
"""
"""Only who was named: the others have not been drawn yet, and some of them will be left alone by lot.

A contact about no known topic is at risk too; its topic has no name then.
"""


def read(generation: Generation, *, places: Places, limit: int) -> AtRisk:
    """The first customers of the list, by rank."""
    rows = generation.rows(LIST.format(places=IN_PLACES), [*places.bound, limit])
    return AtRisk(customers=[Customer(**row) for row in rows], total=rows[0]["total"] if rows else 0)


@ROUTER.get("/at-risk", operation_id="at_risk", summary="Who may come back about an open issue, and why?")
def at_risk(asked: Annotated[Asked, Query()], generation: Snapshot, told: Told) -> AtRisk:
    """Most likely first, cut at what the team can work through in a day."""
    return read(generation, places=asked, limit=asked.limit or told.service.at_risk)
