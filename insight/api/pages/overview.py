"""The overview: how are we doing, what do customers complain about, who may come back, what is asked for, and when?"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse

from insight import trajectories
from insight.api import charts, complaints, figures
from insight.api.change import change
from insight.api.deps import Name, Places, Question, Snapshot, Told
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import at_risk, counts, demand, health, kpis, topics
from insight.api.routes.topics import Topic
from insight.api.words import Words, accepted
from insight.published import Generation
from insight.schema import TOO_FEW, UNASSIGNED
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

MOST_TOPICS = 8
MOST_LINES = 5
"""More lines than that cannot be told apart."""
MOST_CUSTOMERS = 9
MOST_SIGNALS = 10


class View(Question):
    """What the address of the page says: language and places."""

    lang: Literal["en", "zh"] | None = Field(default=None, description="else the browser's language")
    market: Name = ""
    platform: Name = ""

    @property
    def places(self) -> Places:
        """The choice as the API takes it."""
        return Places(**{k: (v,) for k, v in (("market", self.market), ("platform", self.platform)) if v})

    def address(self, lang: str) -> str:
        """The same view in another language."""
        asked = {"lang": lang, "market": self.market, "platform": self.platform}
        return f"/?{urlencode({k: v for k, v in asked.items() if v})}"


@ROUTER.get("/", response_class=HTMLResponse)
def overview(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """The page, from the same answers that the API gives."""
    lang = asked.lang or accepted(request.headers.get("accept-language", ""))
    words = Words(lang, told.shop.clock)
    few = told.privacy.min_customers
    found = _complaints(generation, asked=asked, told=told)
    found["island"] = _island(found["trend"], found["topics"], words)
    context = {
        "view": asked,
        "shop": told.shop,
        "health": health.read(generation),
        "choices": figures.choices(generation),
        "tiles": figures.tiles(generation, places=asked.places, few=few),
        "all_kpis": kpis.read(generation, few=few).kpis,
        "change": change,
        "spark": charts.spark,
        "risk": _risk(generation, asked),
        "mood_word": trajectories.word,
        "demand": _demand(generation),
        "hours": figures.hours(generation, places=asked.places),
        "heat": charts.heat,
        "counts": counts.read(generation),
        **found,
    }
    return HTMLResponse(render("overview.html", words, **context))


def _complaints(generation: Generation, *, asked: View, told: Settings) -> dict[str, Any]:
    """The topics with most contacts, their whiskers on one scale, and their weeks."""
    every = topics.read(generation, places=asked.places, told=told).topics
    shown = [t for t in every if t.topic_id != UNASSIGNED and t.contacts][:MOST_TOPICS]
    most = max((v for t in shown for v in (t.high, t.previous_per_100_orders) if v is not None), default=0.0)
    lines = [t.topic_id for t in shown[:MOST_LINES]]
    until = complaints.period(generation, zone=told.shop.clock).until
    return {
        "topics": shown,
        "unassigned": next((t for t in every if t.topic_id == UNASSIGNED), None),
        "whiskers": {t.topic_id: _whisker(t, most) for t in shown},
        "where": figures.where(generation) if asked.places.everywhere else {},
        "trend": figures.trend(generation, topics=lines, until=until, places=asked.places),
    }


def _whisker(topic: Topic, most: float) -> charts.Whisker | None:
    return charts.whisker(topic.per_100_orders, topic.low, topic.high, topic.previous_per_100_orders, most=most)


def _island(trend: figures.Trend | None, shown: list[Topic], words: Words) -> dict[str, Any] | None:
    """What charts.js draws, already in the reader's language."""
    if trend is None:
        return None
    names = {t.topic_id: getattr(t, f"name_{words.lang}") for t in shown}
    return {
        "weeks": [words.say("topics.week_of", day=words.day(day)) for day in trend.starts],
        "ticks": [words.day(day) for day in trend.starts],
        "lines": [
            {"name": names[topic], "values": values, "labels": [words.number(v, 1) for v in values]}
            for topic, values in trend.lines.items()
        ],
    }


def _risk(generation: Generation, asked: View) -> at_risk.AtRisk:
    return at_risk.read(generation, places=asked.places, limit=MOST_CUSTOMERS)


def _demand(generation: Generation) -> list[demand.Signal]:
    """What too few ask for has no name that could be shown."""
    signals = demand.read(generation, limit=MOST_SIGNALS + 1).signals
    return [s for s in signals if s.asked != TOO_FEW][:MOST_SIGNALS]
