"""Reports to read and to print: which there are, and each as a page of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse

from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.problems import unknown
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.reports import REPORTS, document

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/reports"


@ROUTER.get(PATH, response_class=HTMLResponse)
def reports(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """The list of reports, and in which forms each can be had."""
    words = words_of(asked, told, request)
    context = {"reports": list(REPORTS), **shared(asked, generation, told, path=PATH)}
    return HTMLResponse(render("reports.html", words, **context))


@ROUTER.get(PATH + "/{report}", response_class=HTMLResponse)
def one_report(
    report: Annotated[str, Path(max_length=20)],
    asked: Annotated[View, Query()],
    generation: Snapshot,
    told: Told,
    request: Request,
) -> HTMLResponse:
    """One report, for the screen and for paper. It is about the whole shop."""
    if report not in REPORTS:
        raise unknown("report")
    words = words_of(asked, told, request)
    made = document(REPORTS[report], generation, told, words)
    return HTMLResponse(render("report.html", words, document=made, name=report, view=asked, path=f"{PATH}/{report}"))
