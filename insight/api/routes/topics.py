"""GET /topics and /topics/{id}: what customers talk about, how much, where, since when, and in which words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from insight import taxonomy
from insight.api import complaints
from insight.api.deps import Places, Question, Snapshot, Told
from insight.api.problems import unknown
from insight.api.remember import Remembered
from insight.published import Generation
from insight.schema import ALL, UNASSIGNED
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, tags=["topics"])

State = Literal["live", "new", "candidate", "muted", "merged", "retired"]
SHOWN: tuple[State, ...] = ("live", "new", "candidate")
"""What is shown where nobody asks for more: topics that somebody works with."""


class Topic(BaseModel):
    """One topic, with how often customers contact us about it; last 28 days against the 28 before."""

    topic_id: str = Field(description="stays with the topic", examples=["t-small"])
    name_en: str = Field(examples=["Runs small"])
    name_zh: str = Field(examples=["尺码偏小"])
    named_by: str = Field(description="taxonomy, rule, model or person", examples=["taxonomy"])
    state: str = Field(description="live, new, candidate, muted, merged or retired", examples=["live"])
    kind: str = Field(description="seed: of the taxonomy; found: in the texts; none: fits no topic", examples=["seed"])
    family: str | None = Field(description="of the taxonomy; null for a topic that was found", examples=["sizing"])
    near_family: str | None = Field(
        description="its family, else the one it is nearest to; null where nobody speaks of it", examples=["sizing"]
    )
    merged_into: str | None = Field(description="the topic that took it in", examples=[None])
    like_id: str | None = Field(description="another topic that it may be a part of; a person decides", examples=[None])
    words: list[str] = Field(
        description="the words that set it apart, best first", examples=[["small", "size", "tight"]]
    )
    why: list[str] = Field(
        default=[],
        description="words of the reasons that customers tell, clearest first",
        examples=[["waist", "tight"]],
    )
    why_zh: list[str] = Field(default=[], description="the same in Chinese", examples=[["腰围", "紧"]])
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


class Family(BaseModel):
    """The topics of one family together: contacts about two of them count in both."""

    family: str | None = Field(description="of the taxonomy; null: topics found in the texts", examples=["sizing"])
    name_en: str = Field(examples=["Sizing and fit"])
    name_zh: str = Field(examples=["尺码与合身"])
    topics: int = Field(description="topics of the list in it", examples=[4])
    mentions: int = Field(description="sum over its topics, in the whole data", examples=[520])
    contacts: int = Field(description="sum over its topics, in the period", examples=[98])
    previous_contacts: int = Field(description="in the period before", examples=[91])


class Topics(BaseModel):
    """Topics, most contacts first; what fits no topic yet is among them, as 'unassigned'."""

    topics: list[Topic]
    families: list[Family] = Field(description="sums over the topics of the list, most contacts first")
    hidden: int = Field(description="topics in a state that was not asked for", examples=[2])


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
    tagged: bool = Field(description="a person gave it this topic beside its own", examples=[False])


class Event(BaseModel):
    """Something that happened to a topic."""

    event: str = Field(description="born, retired, reactivated, merged into, split from, renamed …", examples=["born"])
    other_id: str | None = Field(description="the other topic, where there is one", examples=[None])
    version: int = Field(description="of the run that did it; 0: a person did", examples=[1])
    decided_at: datetime | None = Field(description="when the person did, UTC")


class OneTopic(BaseModel):
    """A topic with its evidence."""

    topic: Topic
    withheld: str | None = Field(description="why no words of customers are shown, where that is so", examples=[None])
    quotes: list[Quote] = Field(description="each from another customer, most typical first")
    markets: list[Cell] = Field(description="most contacts first")
    skus: list[Cell] = Field(description="most contacts first")
    days: list[Day] = Field(description="days with at least one mention, oldest first")
    history: list[Event] = Field(description="what happened to it, runs first, then people's edits as they were taken")
    nearest: list[str] = Field(description="topics most alike that are shown, best first", examples=[["t-large"]])
    tagged: int = Field(description="mentions of other topics that people gave this one too; listed here", examples=[0])
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
ABOUT = """
with about as (
    select mention_id, bool_and(tagged) as tagged from (
        select mention_id, false as tagged from mart.main.mention_topics where topic_id = ?
        union all select mention_id, true from mart.main.mention_tags where topic_id = ?
    ) group by mention_id
)
"""
"""The mentions of a topic: its own, and those that people gave it besides."""

DAYS = """
select m.day, count(*) as mentions, count(*) filter (tagged) as tagged
from mart.main.mentions m join about using (mention_id) group by m.day order by m.day
"""
SAID = """
select m.*, tagged, coalesce(s.label, 'unsure') as sentiment
from mart.main.mentions m join about using (mention_id) left join mart.main.mention_sentiment s using (mention_id)
where m.said_ms < ? or (m.said_ms = ? and m.mention_id > ?)
order by m.said_ms desc, m.mention_id limit ?
"""
EVERY = """
select t.*, m.parent as near_family
from mart.main.topics t left join mart.main.topic_map m using (topic_id)
"""
HISTORY = """
select event, other_id, version, decided_at from mart.main.topic_history where topic_id = ?
order by version = 0, version, decided_ms, event, edit_id
"""


NOT_HEARD: dict[str, Any] = dict.fromkeys(("per_100_orders", "low", "high", "previous_per_100_orders", "quote")) | {
    "contacts": 0,
    "previous_contacts": 0,
    "verdict": "cannot tell",
}
"""A topic about which nobody wrote in either period."""


def read(generation: Generation, *, places: Places, told: Settings, states: Collection[str] | None = SHOWN) -> Topics:
    """Topics in these states (None: all), most contacts first. Where few customers spoke, the words are kept back."""
    few = told.privacy.min_customers
    found = complaints.counted(generation, places=places, zone=told.shop.clock, few=few)
    every = [NOT_HEARD | found.get(row["topic_id"], {}) | row for row in generation.rows(EVERY)]
    rows = [row for row in every if states is None or row["state"] in states]
    rows.sort(key=lambda row: (-row["contacts"], row["topic_id"]))
    tongues = _tongues(generation, [row["quote"] for row in rows if row["quote"]])
    return Topics(
        topics=[Topic(**_withheld(row, few), quote_language=tongues.get(row["quote"])) for row in rows],
        families=_families(rows),
        hidden=len(every) - len(rows),
    )


def _families(rows: list[dict[str, Any]]) -> list[Family]:
    """Sums by family; topics that were found are one of their own, and what fits no topic is in none."""
    names = taxonomy.families()
    sums: dict[str | None, dict[str, int]] = {}
    for row in rows:
        if row["topic_id"] != UNASSIGNED:
            own = sums.setdefault(row["family"], dict.fromkeys(("topics", *SUMMED), 0))
            own["topics"] += 1
            for name in SUMMED:
                own[name] += row[name]
    found = [
        Family(family=family, name_en=name_en, name_zh=name_zh, **own)
        for family, own in sums.items()
        for name_en, name_zh in [names.get(family or "", FOUND if family is None else (family, family))]
    ]
    return sorted(found, key=lambda one: (-one.contacts, one.family is None, str(one.family)))


SUMMED = ("mentions", "contacts", "previous_contacts")
FOUND = ("Found in the texts", "文本中新发现")


def _tongues(generation: Generation, quotes: list[str]) -> dict[str | None, str]:
    """The language of each quote."""
    query = "select text, min(language) as language from mart.main.mentions where list_contains(?, text) group by text"
    return {row["text"]: row["language"] for row in generation.rows(query, [quotes])} if quotes else {}


def _withheld(row: dict[str, Any], few: int) -> dict[str, Any]:
    """Words, and names that are made of them, are what customers wrote: they need as many customers as a quote."""
    if row["customers"] >= few or row["topic_id"] == UNASSIGNED:
        return row
    told = {} if row["named_by"] in TOLD else {"name_en": row["topic_id"], "name_zh": row["topic_id"]}
    return row | told | {"words": [], "why": [], "why_zh": [], "quote": None}


TOLD = ("taxonomy", "person")
"""Names that are not made of customers' words."""


def _said(generation: Generation, topic_id: str, page: Page) -> tuple[list[Said], str | None]:
    """One page of mentions, and the cursor of the next."""
    ms, mention = page.behind
    rows = generation.rows(ABOUT + SAID, [topic_id, topic_id, ms, ms, mention, page.limit + 1])
    said = [Said(**row) for row in rows[: page.limit]]
    last = rows[page.limit - 1] if len(rows) > page.limit else None
    return said, None if last is None else f"{last['said_ms']}.{last['mention_id']}"


class Asked(Places):
    """Which topics."""

    state: tuple[State, ...] = Field(
        default=SHOWN, max_length=6, description="only topics in these states; live, new and candidate where not told"
    )


@ROUTER.get("/topics", operation_id="topics", summary="What do customers complain about, and is it growing?")
def topics(asked: Annotated[Asked, Query()], generation: Snapshot, told: Told) -> Topics:
    """Most contacts of the last 28 days first. Muted, merged and retired topics are shown where they are asked for."""
    return read(generation, places=asked, told=told, states=asked.state)


@ROUTER.get("/topics/{topic_id}", operation_id="topic", summary="One topic with its evidence")
def topic(
    topic_id: Annotated[str, Path(max_length=200)], page: Annotated[Page, Query()], generation: Snapshot, told: Told
) -> OneTopic:
    """Where it is talked about, day by day, and in which words; words only where enough customers spoke."""
    return one(generation, topic_id, page=page, told=told)


def one(generation: Generation, topic_id: str, *, page: Page, told: Settings) -> OneTopic:
    """A topic in whatever state.

    :raises HTTPException: there is none of this id.
    """
    few = told.privacy.min_customers
    every = {one.topic_id: one for one in read(generation, places=Places(), told=told, states=None).topics}
    if topic_id not in every:
        raise unknown("topic")
    withheld = _why_withheld(every[topic_id], few)
    said, cursor = _said(generation, topic_id, page) if withheld is None else ([], None)
    quotes = "select quote as text, language from mart.main.topic_quotes where topic_id = ? order by rank"
    near = generation.rows("select nearest from mart.main.topic_map where topic_id = ?", [topic_id])
    days = generation.rows(ABOUT + DAYS, [topic_id, topic_id])
    return OneTopic(
        topic=every[topic_id],
        withheld=withheld,
        quotes=[Quote(**row) for row in generation.rows(quotes, [topic_id])] if withheld is None else [],
        markets=_cells(generation, topic_id, "market", "sku"),
        skus=_cells(generation, topic_id, "sku", "market"),
        days=[Day(**row) for row in days],
        history=[Event(**row) for row in generation.rows(HISTORY, [topic_id])],
        nearest=[other for row in near for other in row["nearest"] if other in every and every[other].state in SHOWN],
        tagged=sum(row["tagged"] for row in days),
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
