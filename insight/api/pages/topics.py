"""Topics to look at: which there are and how near they are, how they grow, where they come from; and each by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from html import unescape
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse

from insight import pictures
from insight.api import complaints, figures, topic_figures
from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, alerts, island, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import topics
from insight.api.routes.topics import Topic
from insight.api.words import Words
from insight.pictures import PAGE, Says
from insight.published import Generation
from insight.schema import UNASSIGNED, UNKNOWN
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/explore/topics"


@ROUTER.get(PATH, response_class=HTMLResponse)
def explore(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """All topics: families, map, weeks, languages and products, tree."""
    words = words_of(asked, told, request)
    every = topics.read(generation, places=asked.places, told=told)
    shown = [topic for topic in every.topics if topic.topic_id != UNASSIGNED]
    context = {
        "families": [(family, [t for t in shown if t.family == family.family]) for family in every.families],
        "states": Counter(topic.state for topic in shown),
        "hidden": every.hidden,
        "count": len(shown),
        "unassigned": next((t for t in every.topics if t.topic_id == UNASSIGNED), None),
        "alerts": alerts(generation, asked, few=told.privacy.min_customers),
        "most": max((family.contacts for family in every.families), default=0),
        **_pictures(generation, shown, asked=asked, told=told, words=words),
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("explore.html", words, **context))


@ROUTER.get(PATH + "/{topic_id}", response_class=HTMLResponse)
def one_topic(
    topic_id: Annotated[str, Path(max_length=200)],
    asked: Annotated[View, Query()],
    generation: Snapshot,
    told: Told,
    request: Request,
) -> HTMLResponse:
    """One topic: its state, its weeks, where it is told, in which words, what happened to it, and what it is like."""
    words = words_of(asked, told, request)
    found = topics.one(generation, topic_id, page=topics.Page(limit=1), told=told)
    every = {t.topic_id: t for t in topics.read(generation, places=asked.places, told=told, states=None).topics}
    until = complaints.period(generation, zone=told.shop.clock).until
    trend = figures.trend(generation, topics=[topic_id], until=until, places=asked.places)
    context = {
        "found": found,
        "topic": every[topic_id],
        "names": {other: topic_figures.name(t, words.lang) for other, t in every.items()},
        "family": topic_figures.family_name(found.topic.near_family or found.topic.family, words.lang),
        "island": trend and island(trend, [every[topic_id]], words),
        "per_orders": trend is not None and trend.per_orders,
        "alerts": alerts(generation, asked, few=told.privacy.min_customers, topic_id=topic_id),
        **shared(asked, generation, told, path=f"{PATH}/{topic_id}"),
    }
    return HTMLResponse(render("topic.html", words, **context))


def _says(words: Words) -> Says:
    """The words of the pictures in the reader's language."""
    return Says(
        customers=lambda count: words.say("explore.customers", count=count),
        contacts=lambda count: words.say("topics.contacts", count=count),
        share=lambda share: words.percent(share, 0),
        day=words.day,
        week=lambda day: words.say("topics.week_of", day=words.day(day)),
        rest=words.say("explore.rest"),
        apart=words.say("explore.apart"),
    )


def _pictures(
    generation: Generation, shown: list[Topic], *, asked: View, told: Settings, words: Words
) -> dict[str, Any]:
    """The figures of the page, each with the rows that its table is made of; None where there is nothing to draw."""
    places, lang, says = asked.places, words.lang, _says(words)
    spots = topic_figures.spots(generation, shown, places=places, lang=lang)
    weeks = topic_figures.weeks(generation, shown, places=places, told=told, lang=lang)
    found: dict[str, Any] = {
        "weeks": [words.say("topics.week_of", day=words.day(day)) for day in sorted({row["week"] for row in weeks})],
        "map": _drawn(pictures.topic_map, spots, says),
        "tree": _drawn(pictures.hierarchy, spots, says),
        "time": _drawn(pictures.over_time, weeks, says),
    }
    for part, named in (("language", _tongue(words)), ("sku", _product(words))):
        rows = topic_figures.split(generation, shown, part, places=places, told=told, lang=lang)
        rows = [row | {"part_name": named(row["part"])} for row in rows]
        found[part] = _drawn(pictures.split, rows, says)
    return found | {"spots": spots}


def _tongue(words: Words) -> Callable[[str], str]:
    """The names of languages in the reader's."""
    return lambda code: str(words.locale.languages.get(code, code))


def _product(words: Words) -> Callable[[str], str]:
    """SKUs as they are, and a word where nobody told one."""
    return lambda sku: words.say("explore.unnamed") if sku == UNKNOWN else sku


def _drawn(draw: Callable[..., Any], rows: list[dict[str, Any]], says: Says) -> dict[str, Any] | None:
    """A figure as charts.js takes it, and its series with the names of their colours, for legend and table."""
    if not rows:
        return None
    figure = draw(rows, look=PAGE, says=says).update_layout(showlegend=False)
    series = [
        {
            "name": unescape(trace.name),
            "colour": _colour(trace),
            "values": trace.y if trace.type == "scatter" else trace.x,
        }
        for trace in figure.data
        if trace.name
    ]
    return {"figure": figure.to_plotly_json(), "series": series, "heads": _heads(figure)}


def _heads(figure: Any) -> list[str]:
    """What stands beside the rows of a figure."""
    return [unescape(head) for head in figure.layout.yaxis.ticktext or ()]


def _colour(trace: Any) -> str:
    """The name that page.css has for the colour of a trace."""
    value = trace.fillcolor if trace.type == "scatter" and trace.stackgroup else None
    value = value or (trace.marker.color if trace.type == "bar" else trace.marker.line.color)
    return str(value).removeprefix("var(--").removesuffix(")")
