"""GET /topics and /topics/{id}: what customers talk about, how much, where, since when, and in which words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from insight.api import complaints
from insight.api.deps import Places, Question, Snapshot, Told
from insight.api.problems import unknown
from insight.api.remember import Remembered
from insight.published import Generation
from insight.schema import ALL, UNASSIGNED
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, tags=["topics"])


class Topic(BaseModel):
    """One topic, with how often customers contact us about it; last 28 days against the 28 before."""

    topic_id: str = Field(description="stays with the topic", examples=["t-small"])
    name_en: str = Field(examples=["Runs small"])
    name_zh: str = Field(examples=["尺码偏小"])
    words: list[str] = Field(
        description="the words that set it apart, best first", examples=[["small", "size", "tight"]]
    )
    mentions: int = Field(description="pieces of text about it in the whole data", examples=[310])
    customers: int = Field(description="distinct customers who spoke about it in the whole data", examples=[280])
    share: float = Field(description="of all mentions", examples=[0.17])
    contacts: int = Field(description="conversations in the period", examples=[61])
    previous_contacts: int = Field(description="in the period before", examples=[44])
    per_100_orders: float | None = Field(description="contacts per 100 orders", examples=[2.9])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[2.2])
    high: float | None = Field(description="upper end of its 95 % interval", examples=[3.7])
    previous_per_100_orders: float | None = Field(description="in the period before", examples=[2.1])
    verdict: str = Field(description="growing, shrinking, steady or cannot tell", examples=["growing"])
    quote: str | None = Field(
        description="a customer's words, only where enough customers spoke", examples=["Too small."]
    )
    quote_language: str | None = Field(description="ISO 639-1", examples=["en"])


class Topics(BaseModel):
    """All topics, most contacts first; what fits no topic yet is among them, as 'unassigned'."""

    topics: list[Topic]


class Cell(BaseModel):
    """Contacts about the topic in one market or for one product."""

    name: str = Field(description="the market or the SKU", examples=["DE"])
    contacts: int = Field(examples=[21])
    orders: int = Field(examples=[830])
    per_100_orders: float | None = Field(examples=[2.5])
    low: float | None = Field(examples=[1.6])
    high: float | None = Field(examples=[3.8])
    verdict: str = Field(examples=["growing"])


class Day(BaseModel):
    """One day of the topic's series."""

    day: date = Field(description="business time zone", examples=["2026-11-20"])
    mentions: int = Field(examples=[7])


class Quote(BaseModel):
    """What one customer said, personal data masked."""

    text: str = Field(examples=["It runs two sizes small."])
    language: str = Field(description="ISO 639-1", examples=["en"])


class Said(Quote):
    """One mention, and the conversation it stands in."""

    mention_id: str = Field(examples=["m-00042"])
    conversation_id: str | None = Field(examples=["c00412"])
    origin: str = Field(description="message, review, survey or return", examples=["message"])
    said_at: datetime = Field(description="UTC")
    platform: str = Field(examples=["amazon"])
    market: str = Field(examples=["DE"])
    sku: str = Field(examples=["JKT-01"])
    sentiment: str = Field(description="negative, neutral, positive or unsure", examples=["negative"])


class OneTopic(BaseModel):
    """A topic with its evidence."""

    topic: Topic
    withheld: str | None = Field(description="why no words of customers are shown, where that is so", examples=[None])
    quotes: list[Quote] = Field(description="each from another customer, most typical first")
    markets: list[Cell] = Field(description="most contacts first")
    skus: list[Cell] = Field(description="most contacts first")
    days: list[Day] = Field(description="days with at least one mention, oldest first")
    mentions: list[Said] = Field(description="newest first")
    next_cursor: str | None = Field(description="send it as `cursor` for the mentions that follow; null at the end")


class Page(Question):
    """Which mentions of a topic."""

    limit: int = Field(default=20, ge=1, le=100, description="how many mentions, newest first")
    cursor: str | None = Field(default=None, max_length=400, pattern=r"^\d{1,15}\..+$", description="next_cursor")

    @property
    def behind(self) -> tuple[int, str]:
        """The moment and the mention that the cursor stands behind; all are behind the start."""
        ms, _, mention = (self.cursor or f"{2**62}.").partition(".")
        return int(ms), mention


CELLS = """
select {name} as name, contacts, orders, per_100_orders, low, high, verdict from mart.main.complaints
where topic_id = ? and {name} <> ? and {other} = ? order by contacts desc, name limit 50
"""
DAYS = """
select m.day, count(*) as mentions from mart.main.mentions m join mart.main.mention_topics t using (mention_id)
where t.topic_id = ? group by m.day order by m.day
"""
SAID = """
select m.*, coalesce(s.label, 'unsure') as sentiment
from mart.main.mentions m join mart.main.mention_topics t using (mention_id)
left join mart.main.mention_sentiment s using (mention_id)
where t.topic_id = ? and (m.said_ms < ? or (m.said_ms = ? and m.mention_id > ?))
order by m.said_ms desc, m.mention_id limit ?
"""


NOT_HEARD: dict[str, Any] = dict.fromkeys(("per_100_orders", "low", "high", "previous_per_100_orders", "quote")) | {
    "contacts": 0,
    "previous_contacts": 0,
    "verdict": "cannot tell",
}
"""A topic about which nobody wrote in either period."""


def read(generation: Generation, *, places: Places, told: Settings) -> Topics:
    """All topics, most contacts first. Topics that too few customers spoke about keep their words to themselves."""
    few = told.privacy.min_customers
    found = complaints.counted(generation, places=places, zone=told.shop.clock, few=few)
    rows = [
        NOT_HEARD | found.get(row["topic_id"], {}) | row for row in generation.rows("select * from mart.main.topics")
    ]
    rows.sort(key=lambda row: (-row["contacts"], row["topic_id"]))
    tongues = _tongues(generation, [row["quote"] for row in rows if row["quote"]])
    return Topics(topics=[Topic(**_withheld(row, few), quote_language=tongues.get(row["quote"])) for row in rows])


def _tongues(generation: Generation, quotes: list[str]) -> dict[str | None, str]:
    """The language of each quote."""
    query = "select text, min(language) as language from mart.main.mentions where list_contains(?, text) group by text"
    return {row["text"]: row["language"] for row in generation.rows(query, [quotes])} if quotes else {}


def _withheld(row: dict[str, Any], few: int) -> dict[str, Any]:
    """Words and names are made of what customers wrote: they need as many customers as a quote."""
    if row["customers"] >= few or row["topic_id"] == UNASSIGNED:
        return row
    return row | {"name_en": row["topic_id"], "name_zh": row["topic_id"], "words": [], "quote": None}


def _said(generation: Generation, topic_id: str, page: Page) -> tuple[list[Said], str | None]:
    """One page of mentions, and the cursor of the next."""
    ms, mention = page.behind
    rows = generation.rows(SAID, [topic_id, ms, ms, mention, page.limit + 1])
    said = [Said(**row) for row in rows[: page.limit]]
    last = rows[page.limit - 1] if len(rows) > page.limit else None
    return said, None if last is None else f"{last['said_ms']}.{last['mention_id']}"


@ROUTER.get("/topics", operation_id="topics", summary="What do customers complain about, and is it growing?")
def topics(asked: Annotated[Places, Query()], generation: Snapshot, told: Told) -> Topics:
    """Most contacts of the last 28 days first."""
    return read(generation, places=asked, told=told)


@ROUTER.get("/topics/{topic_id}", operation_id="topic", summary="One topic with its evidence")
def topic(
    topic_id: Annotated[str, Path(max_length=200)], page: Annotated[Page, Query()], generation: Snapshot, told: Told
) -> OneTopic:
    """Where it is talked about, day by day, and in which words; words only where enough customers spoke."""
    few = told.privacy.min_customers
    known = [one for one in read(generation, places=Places(), told=told).topics if one.topic_id == topic_id]
    if not known:
        raise unknown("topic")
    withheld = _why_withheld(known[0], few)
    said, cursor = _said(generation, topic_id, page) if withheld is None else ([], None)
    quotes = "select quote as text, language from mart.main.topic_quotes where topic_id = ? order by rank"
    return OneTopic(
        topic=known[0],
        withheld=withheld,
        quotes=[Quote(**row) for row in generation.rows(quotes, [topic_id])] if withheld is None else [],
        markets=_cells(generation, topic_id, "market", "sku"),
        skus=_cells(generation, topic_id, "sku", "market"),
        days=[Day(**row) for row in generation.rows(DAYS, [topic_id])],
        mentions=said,
        next_cursor=cursor,
    )


def _why_withheld(topic: Topic, few: int) -> str | None:
    """Words are shown where many say alike; what fits no topic is as many different things as customers."""
    if topic.topic_id == UNASSIGNED:
        return "each of these stands alone: no topic has enough customers who say the same"
    return None if topic.customers >= few else f"fewer than {few} customers spoke about it"


def _cells(generation: Generation, topic_id: str, name: str, other: str) -> list[Cell]:
    query = CELLS.format(name=name, other=other)
    return [Cell(**row) for row in generation.rows(query, [topic_id, ALL, ALL])]
