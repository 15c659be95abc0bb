"""Drivers: which topics go with each outcome, how much of it they come to, and what was held to say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from insight.api import charts
from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import drivers
from insight.api.routes.drivers import Driver, Outcome
from insight.api.words import Words
from insight.drivers import BETTER, CANNOT_TELL, TOO_FEW, WORSE

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/drivers"
SURE = (WORSE, BETTER)
MOST = 12
"""Topics of each outcome about which nothing can be told, the largest ones."""
STARS = 4
"""From 1 to 5 are four steps."""


@dataclass(frozen=True)
class Shown:
    """An outcome as the page shows it: its first sentence, its topics with their marks, and how many are too few."""

    outcome: Outcome
    says: str
    rows: list[tuple[Driver, charts.Meter]]
    unclear: int
    few: int


@ROUTER.get(PATH, response_class=HTMLResponse)
def page(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """A sentence for each outcome, then its topics with intervals, then what is held and what is not."""
    words = words_of(asked, told, request)
    found = drivers.read(generation, told=told)
    context = {
        "found": found,
        "shown": [_shown(one, words) for one in found.outcomes],
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("drivers.html", words, **context))


def sentence(of: Outcome, words: Words) -> str:
    """The first thing to know of an outcome: the topic that goes with most of it, or that none surely does."""
    sure = [one for one in of.drivers if one.verdict in SURE]
    if not sure:
        told = any(one.verdict == CANNOT_TELL for one in of.drivers)
        return words.say(f"drivers_{'none' if told else 'too_few'}.{of.outcome}", n=words.number(of.n))
    first = sure[0]
    low, high = sorted(abs(100 * (end or 0.0)) for end in (first.low, first.high))
    return words.say(
        f"drivers_says.{of.outcome}_{first.verdict}",
        topic=first.name_zh if words.lang == "zh" else first.name_en,
        value=words.number(abs(100 * (first.difference or 0.0)), 1),
        low=words.number(low, 1),
        high=words.number(high, 1),
        n=words.number(first.with_n),
        stars=words.number(abs(STARS * (first.difference or 0.0)), 2),
        points=words.number(abs(100 * (first.points or 0.0)), 2),
    )


def _shown(of: Outcome, words: Words) -> Shown:
    sure = [one for one in of.drivers if one.verdict in SURE]
    unclear = sorted((one for one in of.drivers if one.verdict == CANNOT_TELL), key=lambda one: -one.with_n)
    told = [*sure, *unclear[:MOST]]
    most = max((abs(end) for one in told for end in (one.low or 0.0, one.high or 0.0)), default=0.0) or 1.0
    rows = [(one, _mark(one, most)) for one in told]
    few = sum(one.verdict == TOO_FEW for one in of.drivers)
    return Shown(of, sentence(of, words), rows, max(0, len(unclear) - MOST), few)


def _mark(one: Driver, most: float) -> charts.Meter:
    """The adjusted difference with its interval on the outcome's own scale; nothing is in the middle."""
    return charts.meter(*(float(v or 0.0) / most for v in (one.difference, one.low, one.high)))
