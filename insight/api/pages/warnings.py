"""Early warnings: what got worse, how sure that is, in whose words, and who should look at it first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from insight.api import alerts
from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import early_warnings
from insight.api.routes.early_warnings import EarlyWarning
from insight.api.words import Words
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/warnings"
MOST = 500


@ROUTER.get(PATH, response_class=HTMLResponse)
def page(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """What holds now, the most important first, and what is over."""
    words = words_of(asked, told, request)
    every = standing(generation, asked, few=told.privacy.min_customers, most=MOST)
    context = {
        "worse": [one for one in every if one.state == "now"],
        "over": [one for one in every if one.state == "over"],
        **helpers(words),
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("warnings.html", words, **context))


def standing(
    generation: Generation, asked: View, *, few: int, most: int, state: str | None = None
) -> list[EarlyWarning]:
    """The alerts of the chosen market, the most important first; alerts know no choice of platform."""
    which = early_warnings.Asked.model_validate({"market": asked.market, "state": state, "limit": most})
    return early_warnings.read(generation, asked=which, few=few).warnings


def helpers(words: Words) -> dict[str, object]:
    """What the template writes alerts with."""
    return {
        "matter_of": lambda one: alerts.matter(one, words),
        "place_of": lambda one: alerts.where(one, words),
        "sign_of": lambda sign, one: alerts.said(sign, one, words),
    }
