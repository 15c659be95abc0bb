"""Knowledge: what customers ask again and again, which answers settled it, and which questions are badly answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import faq

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/knowledge"
MOST = 40
MOST_GAPS = 10


@ROUTER.get(PATH, response_class=HTMLResponse)
def knowledge(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """Questions with their answers, and the gaps first: those that come back, then those asked most without one."""
    words = words_of(asked, told, request)
    every = faq.read(generation, limit=10_000)
    gaps = [one for one in every.questions if one.gap]
    gaps.sort(key=lambda one: (one.gap != "comes back", -one.contacts, one.question_id))
    context = {
        "questions": every.questions[:MOST],
        "total": every.total,
        "answered": sum(not one.gap for one in every.questions),
        "returning": sum(one.gap == "comes back" for one in every.questions),
        "gaps": gaps[:MOST_GAPS],
        "more_gaps": max(0, len(gaps) - MOST_GAPS),
        "names": faq.names(generation, words.lang),
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("knowledge.html", words, **context))
