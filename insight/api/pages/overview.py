"""The overview: how are we doing, what do customers complain about, who may come back, what is asked for, and when?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from insight import trajectories
from insight.api import charts, complaints, figures
from insight.api.change import change
from insight.api.deps import Snapshot, Told
from insight.api.pages import warnings
from insight.api.pages.base import View, island, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import at_risk, demand, findings, topics
from insight.api.routes.topics import Topic
from insight.published import Generation
from insight.schema import TOO_FEW, UNASSIGNED
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

MOST_TOPICS = 8
MOST_LINES = 5
"""More lines than that cannot be told apart."""
MOST_CUSTOMERS = 9
MOST_SIGNALS = 10
MOST_FINDINGS = 3
MOST_WARNINGS = 3


@ROUTER.get("/", response_class=HTMLResponse)
def overview(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """The page, from the same answers that the API gives."""
    words, few = words_of(asked, told, request), told.privacy.min_customers
    found = _complaints(generation, asked=asked, told=told)
    found["island"] = island(found["trend"], found["topics"], words)
    context = {
        "tiles": figures.tiles(generation, places=asked.places, few=few),
        "change": change,
        "spark": charts.spark,
        "worse": warnings.standing(generation, asked, few=few, most=MOST_WARNINGS, state="now"),
        **warnings.helpers(words),
        "risk": _risk(generation, asked),
        "mood_word": trajectories.word,
        "demand": _demand(generation),
        "hours": figures.hours(generation, places=asked.places),
        "heat": charts.heat,
        "findings": findings.worth_saying(generation, most=MOST_FINDINGS),
        **found,
        **shared(asked, generation, told, path="/"),
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


def _risk(generation: Generation, asked: View) -> at_risk.AtRisk:
    return at_risk.read(generation, places=asked.places, limit=MOST_CUSTOMERS)


def _demand(generation: Generation) -> list[demand.Signal]:
    """What too few ask for has no name that could be shown."""
    signals = demand.read(generation, limit=MOST_SIGNALS + 1).signals
    return [s for s in signals if s.asked != TOO_FEW][:MOST_SIGNALS]
