"""GET /emerging: which issues come up more often than the orders explain, and since when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from insight.api.deps import Name, Question, Snapshot, Told
from insight.api.remember import Remembered
from insight.api.routes.topics import SHOWN, TOLD
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["topics"])


class Window(BaseModel):
    """A topic in one market and for one product over one or seven days, against what was to be expected."""

    topic_id: str = Field(examples=["quality.battery_or_charging"])
    name_en: str = Field(examples=["Battery and charging"])
    name_zh: str = Field(examples=["电池与充电问题"])
    family: str | None = Field(description="of the taxonomy; null for a topic that was found", examples=["quality"])
    market: str = Field(description="country, or 'all'", examples=["DE"])
    sku: str = Field(description="product, or 'all'", examples=["PWR-10"])
    since: date = Field(description="first day of the window", examples=["2026-11-14"])
    day: date = Field(description="last day of the window", examples=["2026-11-20"])
    window_days: int = Field(description="1 or 7", examples=[7])
    state: str = Field(description="alert, silent, calm or cannot tell", examples=["alert"])
    observed: int = Field(description="contacts in the window", examples=[19])
    expected: float | None = Field(description="contacts that orders and weekdays lead one to expect", examples=[5.2])
    low: float | None = Field(description="lower end of where 95 % of usual windows lie", examples=[1.0])
    high: float | None = Field(description="upper end of it", examples=[11.0])
    ratio: float | None = Field(description="observed by expected", examples=[3.7])
    q: float | None = Field(description="share of false alerts among those that are as clear as this", examples=[0.002])
    customers: int = Field(description="distinct customers in the window", examples=[17])
    exposed: str = Field(description="what it was compared with: orders, or contacts", examples=["orders"])
    silent_until: date | None = Field(description="first day on which it may speak again", examples=["2026-11-27"])
    quote: str | None = Field(
        description="a customer's words in the window, only where enough customers spoke", examples=["It won't charge."]
    )


class Emerging(BaseModel):
    """Alerts of the last 28 days, newest and strongest first; or how all stood on the last full day."""

    windows: list[Window]
    total: int = Field(description="how many there are before the limit", examples=[3])
    judged: int = Field(description="windows that could be judged on the last full day", examples=[862])
    until: date | None = Field(description="the last full day; null where nothing is judged", examples=["2026-11-20"])


class Asked(Question):
    """Which part of the table."""

    market: tuple[Name, ...] = Field(
        default=(), max_length=50, description="country or marketplace; 'all' for the sums over them; none means any"
    )
    state: tuple[Literal["alert", "silent", "calm", "cannot tell"], ...] = Field(
        default=("alert",), max_length=4, description="alerts where not told"
    )
    limit: int = Field(default=50, ge=1, le=500, description="how many, newest and strongest first")


ROWS = """
select e.*, t.name_en, t.name_zh, t.family, t.named_by, t.customers as speakers, count(*) over () as total
from mart.main.emerging e join mart.main.topics t using (topic_id)
where list_contains(?::varchar[], t.state) and list_contains(?::varchar[], e.state)
  and (len(?::varchar[]) = 0 or list_contains(?::varchar[], e.market))
order by e.day desc, e.ratio desc nulls last, e.topic_id, e.market, e.sku, e.window_days limit ?
"""
JUDGED = """
select max(day) as until, count(*) filter (p is not null and day = (select max(day) from mart.main.emerging)) as judged
from mart.main.emerging
"""


def read(generation: Generation, *, asked: Asked, few: int) -> Emerging:
    """The windows in these states; muted, merged and retired topics are silent."""
    markets = list(asked.market)
    rows = generation.rows(ROWS, [list(SHOWN), list(asked.state), markets, markets, asked.limit])
    [judged] = generation.rows(JUDGED)
    return Emerging(
        windows=[Window(**_discreet(row, few), since=_since(row)) for row in rows],
        total=rows[0]["total"] if rows else 0,
        **judged,
    )


def _since(row: dict[str, Any]) -> date:
    first: date = row["day"] - timedelta(days=row["window_days"] - 1)
    return first


def _discreet(row: dict[str, Any], few: int) -> dict[str, Any]:
    """A name that is made of customers' words needs as many of them as a quote does, and so does the quote."""
    if row["named_by"] not in TOLD and row["speakers"] < few:
        row = row | {"name_en": row["topic_id"], "name_zh": row["topic_id"]}
    return row if row["customers"] >= few else row | {"quote": None}


@ROUTER.get("/emerging", operation_id="emerging", summary="Which issues come up more often than usual, and since when?")
def emerging(asked: Annotated[Asked, Query()], generation: Snapshot, told: Told) -> Emerging:
    """Contacts against what orders, weekdays and the weeks before lead one to expect; 5 % of alerts may be false."""
    return read(generation, asked=asked, few=told.privacy.min_customers)
