"""Model cards: what each risk predicts, who speaks for it and why, how good it is, and every weight in words."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from insight.api import charts
from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import risk_models
from insight.api.routes.risk_models import RiskModel, Week
from insight.api.words import Words, catalogue

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/models"
MOST = 2.0
"""Observed by expected that the scale of a week reaches to."""


@ROUTER.get(PATH, response_class=HTMLResponse)
def page(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """One card per risk."""
    words = words_of(asked, told, request)
    context = {
        "models": risk_models.read(generation).models,
        "named": lambda model, section: named(model, section, words),
        "times": lambda weight: words.number(math.exp(weight), 2),
        "whisker": whisker,
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("models.html", words, **context))


def named(model: RiskModel, section: str, words: Words) -> str:
    """What the catalogue says of a head in a section; a head that it does not know, by its name."""
    said = catalogue(words.lang)[section].get(model.head)
    return str(said) if said is not None else model.head


def whisker(week: Week) -> charts.Whisker | None:
    """Observed by expected of a week with its interval, 1 being the hollow mark."""
    return charts.whisker(week.ratio, week.low, week.high, 1.0, most=MOST)
