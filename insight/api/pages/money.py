"""What complaints cost: the sum in one sentence, the dearest topics, and for each the rows it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse

from insight.api.deps import Places, Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import topic_costs
from insight.api.routes.topic_costs import Opened, TopicCost
from insight.schema import UNASSIGNED, UNKNOWN

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/money"
MOST_BARS = 10
MOST_ROWS = 500
NO_TOPIC = (UNKNOWN, UNASSIGNED)
"""What no topic can be said of: it stands in the table, and in no list of the dearest."""
PARTS = (("handling", "handling_minor", "line1"), ("refund", "refund_minor", "line2"), ("lost", "lost_minor", "line3"))
"""The parts of a cost: their name, their column, and the name of their colour."""


@dataclass(frozen=True)
class Piece:
    """One part of a bar, in percent of the widest bar: where it begins, how wide it is, and its colour."""

    x: float
    width: float
    colour: str


def stack(cost: TopicCost, *, most: int) -> list[Piece]:
    """The parts of a cost one behind the other; nothing where nothing costs anything."""
    pieces, x = list[Piece](), 0.0
    for _, column, colour in PARTS:
        width = 100 * (getattr(cost, column) or 0) / most if most else 0.0
        if width:
            pieces.append(Piece(round(x, 2), round(width, 2), colour))
        x += width
    return pieces


class OneTopic(View):
    """What the address of a topic's rows says."""

    period: Annotated[str, Field(pattern="^(current|previous)$")] = "current"


@ROUTER.get(PATH, response_class=HTMLResponse)
def money(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """The page, from the same answer that the API gives."""
    words = words_of(asked, told, request)
    found = topic_costs.read(generation, places=asked.places, told=told)
    dearest = [t for t in found.topics if t.total_minor and t.topic_id not in NO_TOPIC][:MOST_BARS]
    most = max((topic.total_minor for topic in dearest), default=0)
    context: dict[str, Any] = {
        "found": found,
        "untold": sum(topic.total_minor for topic in found.topics if topic.topic_id in NO_TOPIC),
        "bars": [(topic, stack(topic, most=most)) for topic in dearest],
        "parts": [part for part in PARTS if found.priced or part[0] != "handling"],
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("money.html", words, **context))


@ROUTER.get(PATH + "/{topic_id}", response_class=HTMLResponse)
def money_of_topic(
    topic_id: Annotated[str, Path(max_length=200)],
    asked: Annotated[OneTopic, Query()],
    generation: Snapshot,
    told: Told,
    request: Request,
) -> HTMLResponse:
    """The rows that one topic's cost is made of."""
    words = words_of(asked, told, request)
    places: Places = asked.places
    which = Opened.model_validate({"period": asked.period, "limit": MOST_ROWS, **places.model_dump()})
    name_en, name_zh = topic_costs.names_of(generation, told=told).get(topic_id, (topic_id, topic_id))
    context = {
        "found": topic_costs.opened(generation, topic_id, asked=which, told=told),
        "period": asked.period,
        "name": name_zh if words.lang == "zh" else name_en,
        **shared(asked, generation, told, path=f"{PATH}/{topic_id}"),
    }
    return HTMLResponse(render("money_rows.html", words, **context))
