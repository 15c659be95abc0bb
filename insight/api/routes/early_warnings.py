"""GET /early-warnings: what got worse, where and since when, how sure that is, and who should look at it first."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from insight.api.deps import Name, Question, Snapshot, Told
from insight.api.remember import Remembered
from insight.api.routes.topics import SHOWN, TOLD
from insight.published import Generation
from insight.schema import ALL

ROUTER = APIRouter(route_class=Remembered, tags=["early warnings"])

Kind = Literal["more contacts", "low scores", "contacts again", "ends bad", "parcels"]


class Sign(BaseModel):
    """One figure that stands out, against what the weeks before make one expect of it."""

    kind: Kind = Field(description="what came up more often", examples=["ends bad"])
    measure: str | None = Field(description="of parcels: late, parcel, damage, customs or address", examples=[None])
    market: str = Field(description="country, or 'all'", examples=["DE"])
    sku: str = Field(description="product, or 'all'", examples=["all"])
    since: date = Field(description="first day that is counted", examples=["2026-11-14"])
    observed: int = Field(description="contacts, bad conversations or orders", examples=[19])
    of: int | None = Field(description="that they are a part of; null for contacts", examples=[48])
    expected: float = Field(description="what the weeks before make one expect", examples=[7.7])
    ratio: float | None = Field(description="observed by expected", examples=[2.5])
    q: float = Field(description="share of false ones among all signs that are as clear", examples=[0.004])


class EarlyWarning(BaseModel):
    """One matter that got worse, with all its signs."""

    warning_id: str = Field(examples=["w0a1b2c3d4e"])
    rank: int = Field(description="1 is the most important", examples=[1])
    state: Literal["now", "over"] = Field(description="over: raised more than 7 days ago, or again since")
    day: date = Field(description="the day that raised it", examples=["2026-11-20"])
    since: date = Field(description="since when it holds", examples=["2026-11-07"])
    nth: int = Field(description="how many times it has spoken without two weeks between", examples=[2])
    kind: Kind = Field(description="of the clearest sign", examples=["ends bad"])
    measure: str | None = Field(description="of parcels: late, parcel, damage, customs or address", examples=[None])
    topic_id: str | None = Field(description="null where only parcels tell it", examples=["quality.wears_out"])
    name_en: str | None = Field(description="of the topic", examples=["Wears out soon"])
    name_zh: str | None = Field(examples=["很快用坏"])
    market: str = Field(description="country, or 'all'", examples=["DE"])
    sku: str = Field(description="product that holds most of it, or 'all'", examples=["all"])
    carrier: str = Field(description="of parcels, or 'all'", examples=["all"])
    lane: str = Field(examples=["all"])
    warehouse: str = Field(examples=["all"])
    platform: str = Field(examples=["all"])
    observed: int = Field(description="of the clearest sign", examples=[19])
    of: int | None = Field(description="that they are a part of; null for contacts", examples=[48])
    expected: float = Field(examples=[7.7])
    low: float = Field(description="lower end of where 95 % of usual windows lie", examples=[3.0])
    high: float = Field(description="upper end of it", examples=[14.0])
    ratio: float | None = Field(examples=[2.5])
    p: float = Field(description="chance of so many or more where nothing is unusual", examples=[0.0001])
    q: float = Field(description="of alerts as clear as this, so many are false", examples=[0.004])
    customers: int = Field(description="distinct customers behind the signs", examples=[17])
    at_least: float = Field(description="customers beyond the usual, lower end of the 95 % interval", examples=[4.1])
    signs: list[Sign] = Field(description="the clearest first")
    conversations: list[str] = Field(description="newest examples, only where enough customers spoke")
    quotes: list[str] = Field(description="customers' words, only where enough of them spoke")
    owner: str = Field(description="who should look at it first", examples=["Product"])
    owner_zh: str = Field(examples=["产品"])
    remedies: list[str] = Field(description="what may help, as a suggestion")
    remedies_zh: list[str]

    @property
    def part(self) -> str:
        """Carrier, lane, warehouse and platform where they are told; empty where they are not."""
        return " · ".join(one for one in (self.carrier, self.lane, self.warehouse, self.platform) if one != ALL)


class EarlyWarnings(BaseModel):
    """The alerts of the last 28 days, the most important first."""

    warnings: list[EarlyWarning]
    total: int = Field(description="how many there are before the limit", examples=[3])


class Asked(Question):
    """Which of them."""

    market: Name = Field(default="", description="only of this market or of all; none means any")
    state: Literal["now", "over"] | None = Field(default=None, description="both where not told")
    limit: int = Field(default=50, ge=1, le=500, description="how many, the most important first")


ROWS = """
select w.*, t.name_en, t.name_zh, t.named_by, t.customers as speakers, count(*) over () as total
from mart.main.early_warnings w left join mart.main.topics t using (topic_id)
where (w.topic_id is null or list_contains(?::varchar[], t.state))
  and (? = '' or w.market in (?, 'all')) and (?::varchar is null or w.state = ?)
order by w.rank limit ?
"""
PARTS = ("kind", "measure", "market", "sku", "since", "observed", "of", "expected", "ratio", "q")


def read(generation: Generation, *, asked: Asked, few: int) -> EarlyWarnings:
    """The alerts; muted, merged and retired topics are silent."""
    bound = [list(SHOWN), asked.market, asked.market, asked.state, asked.state, asked.limit]
    rows = generation.rows(ROWS, bound)
    return EarlyWarnings(
        warnings=[EarlyWarning(**_discreet(row, few), signs=_signs(row)) for row in rows],
        total=rows[0]["total"] if rows else 0,
    )


def _signs(row: dict[str, Any]) -> list[Sign]:
    told = zip(*(row[f"sign_{name}"] for name in PARTS), strict=True)
    return [Sign(**dict(zip(PARTS, one, strict=True))) for one in told]


def _discreet(row: dict[str, Any], few: int) -> dict[str, Any]:
    """A name that is made of customers' words needs as many of them as a quote does, and so do examples."""
    if row["topic_id"] is not None and row["named_by"] not in TOLD and row["speakers"] < few:
        row = row | {"name_en": row["topic_id"], "name_zh": row["topic_id"]}
    return row if row["customers"] >= few else row | {"conversations": [], "quotes": []}


@ROUTER.get("/early-warnings", operation_id="early_warnings", summary="What got worse, and who should look at it?")
def early_warnings(asked: Annotated[Asked, Query()], generation: Snapshot, told: Told) -> EarlyWarnings:
    """Contacts, scores, second contacts, moods and parcels judged together: of all alerts 5 % may be false."""
    return read(generation, asked=asked, few=told.privacy.min_customers)
