"""The lists that the team works from: who is at risk today, who is worth most and waits, and who can be won back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from insight.api import worklists
from insight.api.deps import Name, Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.render import render
from insight.api.routes import worklists as routes
from insight.api.worklists import Book, Worked
from insight.api.writing import form, own_site
from insight.casebook import Casebook
from insight.followups import KINDS, OUTCOMES, Asked, EntryError
from insight.published import Generation
from insight.settings import Settings

ROUTER = APIRouter(route_class=Worked, include_in_schema=False)

DAYS = (1, 3, 7)
"""For how many days a customer can be put off here."""
MOST = 60
"""Customers that a page shows where no capacity cuts the list; the file has all."""


@dataclass(frozen=True)
class Page:
    """One of the three pages: its address, its section of words, its template, and who reads its list."""

    path: str
    name: str
    template: str
    read: Callable[..., Any]


PAGES = {
    "at_risk": Page("/today", "today", "today.html", routes.read_today),
    "high_value": Page("/high-value", "high_value", "high_value.html", routes.read_high_value),
    "win_back": Page("/win-back", "win_back", "win_back.html", routes.read_win_back),
}


class Chosen(View):
    """What the address of these pages says: also whose customers are shown, who works here, and what was just done."""

    agent: Name = ""
    who: Name = ""
    saved: Name = ""

    def address(self, lang: str, path: str = "/today") -> str:
        """The same choice, in a language; whose customers and who works here goes along on these pages."""
        plain = super().address(lang, path)
        own = path in {page.path for page in PAGES.values()}
        more = {k: v for k, v in (("agent", self.agent), ("who", self.who)) if v and own}
        return f"{plain}&{urlencode(more)}" if more else plain


@ROUTER.get("/today", response_class=HTMLResponse)
def today(
    asked: Annotated[Chosen, Query()], generation: Snapshot, book: Book, told: Told, request: Request
) -> HTMLResponse:
    """Whom to write to today, and what the list saves."""
    return HTMLResponse(_page("at_risk", asked, generation, book, told, request))


@ROUTER.get("/high-value", response_class=HTMLResponse)
def high_value(
    asked: Annotated[Chosen, Query()], generation: Snapshot, book: Book, told: Told, request: Request
) -> HTMLResponse:
    """The most valuable customers who wait or went away unhappy."""
    return HTMLResponse(_page("high_value", asked, generation, book, told, request))


@ROUTER.get("/win-back", response_class=HTMLResponse)
def win_back(
    asked: Annotated[Chosen, Query()], generation: Snapshot, book: Book, told: Told, request: Request
) -> HTMLResponse:
    """Who asked or was unhappy and did not buy, and who of them may be written to."""
    return HTMLResponse(_page("win_back", asked, generation, book, told, request))


@ROUTER.post("/today", dependencies=[Depends(own_site)])
def write(
    asked: Annotated[Chosen, Query()],
    sent: Annotated[dict[str, str], Depends(form)],
    generation: Snapshot,
    book: Book,
    told: Told,
    request: Request,
) -> Response:
    """Take what a form says about one customer, then show the list again; or say what is wrong."""
    listed = sent.get("listed", "")
    page = PAGES.get(listed)
    try:
        worklists.take(
            book, _said(sent, worklists.day_of(generation, told)), generation=generation, told=told, via="page"
        )
    except EntryError:
        wrong = "no_name" if not sent.get("who", "").strip() else "not_taken"
        shown = listed if page else "at_risk"
        return HTMLResponse(_page(shown, asked, generation, book, told, request, wrong=wrong), 422)
    assert page is not None  # what is on no list was refused above
    again = asked.model_copy(update={"who": sent.get("who", "").strip()})
    onward = again.address(words_of(asked, told, request).lang, page.path)
    return RedirectResponse(f"{onward}&{urlencode({'saved': _kind(sent)})}#list", 303)


def _kind(sent: dict[str, str]) -> str:
    """Which button was pressed; whatever else came is none of them."""
    kind = sent.get("act", "").partition(":")[0]
    return kind if kind in KINDS else "none"


def _said(sent: dict[str, str], today: dt.date) -> Asked:
    """The entry that a form means: its button says what is done, `undo:17` also with what."""
    kind, who = _kind(sent), sent.get("who", "")
    days = sent.get("days", "")
    until = today + dt.timedelta(days=int(days)) if days.isdecimal() and len(days) < 4 else today
    value = {
        "assign": who if sent.get("act") == "assign:me" else sent.get("assignee", ""),
        "snooze": until.isoformat(),
        "outcome": sent.get("outcome", ""),
        "undo": sent.get("act", "").partition(":")[2],
    }.get(kind, "")
    return Asked(sent.get("listed", ""), sent.get("conversation_id", ""), kind, value, who, sent.get("note", ""))


def _page(
    listed: str,
    asked: Chosen,
    generation: Generation,
    book: Casebook,
    told: Settings,
    request: Request,
    *,
    wrong: str = "",
) -> str:
    words, page = words_of(asked, told, request), PAGES[listed]
    chosen = routes.AskedFor(
        platform=asked.places.platform,
        market=asked.places.market,
        agent=asked.agent,
        limit=None if listed == "at_risk" else MOST,
    )
    every = worklists.cases(generation, book, listed, places=chosen, told=told)
    context = {
        "found": page.read(generation, book, asked=chosen, told=told),
        "away": [case for case in every if case.place in ("snoozed", "done")],
        "listed": listed,
        "pages": PAGES,
        "outcomes": OUTCOMES,
        "days": DAYS,
        "wrong": wrong,
        "saved": asked.saved if asked.saved in KINDS else "",
        **shared(asked, generation, told, path=page.path),
    }
    return render(page.template, words, **context)
