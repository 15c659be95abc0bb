"""Logistics: the smallest part of the orders that explains a rise, week by week, and promised against delivered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import logistics
from insight.api.routes.logistics import Cause
from insight.api.words import Words
from insight.schema import ALL, UNKNOWN

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/logistics"


@ROUTER.get(PATH, response_class=HTMLResponse)
def page(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """What rose where and since when; then every carrier on every lane."""
    words = words_of(asked, told, request)
    found = logistics.read(generation, few=told.privacy.min_customers)
    rises = [cause for cause in found.causes if cause.verdict == "rise"]
    lanes = [d for d in found.delivery if ALL not in (d.carrier, d.lane) and UNKNOWN not in (d.carrier, d.lane)]
    context = {
        "rises": rises,
        "quiet": [cause for cause in found.causes if cause.verdict != "rise"],
        "where": lambda cause: where(cause, words),
        "island": _island(rises[0], words) if rises else None,
        "rows": _weeks(rises[0]) if rises else [],
        "lanes": lanes,
        "later": [d for d in lanes if d.verdict == "later than others"],
        "whole": next((d for d in found.delivery if (d.carrier, d.lane) == (ALL, ALL)), None),
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("logistics.html", words, **context))


def where(cause: Cause, words: Words) -> str:
    """The conditions of a part in words; all orders where there is none."""
    return cause.part or words.say("logistics.everywhere")


def _weeks(cause: Cause) -> list[dict[str, Any]]:
    """Counts of each week, of the part and of all other orders, with events per 100 orders where there are any."""

    def rate(events: int, orders: int) -> float | None:
        return 100 * events / orders if orders else None

    return [
        {
            "week": week,
            "orders": n,
            "events": x,
            "rate": rate(x, n),
            "rest_orders": m,
            "rest_events": y,
            "rest": rate(y, m),
        }
        for week, n, x, m, y in zip(
            cause.weeks,
            cause.orders_inside,
            cause.events_inside,
            cause.orders_outside,
            cause.events_outside,
            strict=True,
        )
    ]


def _island(cause: Cause, words: Words) -> dict[str, Any]:
    """What charts.js draws: the part and all other orders, week by week."""
    rows = [row for row in _weeks(cause) if row["rate"] is not None or row["rest"] is not None]
    named = (("rate", where(cause, words)), ("rest", words.say("logistics.others")))
    return {
        "weeks": [words.say("topics.week_of", day=words.day(row["week"])) for row in rows],
        "ticks": [words.day(row["week"]) for row in rows],
        "lines": [
            {"name": name, "values": [row[key] for row in rows], "labels": [words.number(row[key], 1) for row in rows]}
            for key, name in named
        ],
    }
