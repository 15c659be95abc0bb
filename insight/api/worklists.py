"""What routes and pages of the lists share: who stands on them, what people did about each, and what is to be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from fastapi import Depends, Request

from insight.api.deps import IN_PLACES, Places
from insight.api.remember import Remembered
from insight.casebook import Casebook
from insight.followups import Asked, Entry, State, checked, standing
from insight.marts import flagged
from insight.published import Generation
from insight.schema import UNKNOWN
from insight.settings import Settings

LISTED: Mapping[str, str] = {
    "at_risk": "mart.main.at_risk l",
    "high_value": "mart.main.high_value l",
    "win_back": "mart.main.win_back l",
}
WHICH: Mapping[str, str] = {"at_risk": "listed", "high_value": "true", "win_back": "may_market"}
"""Who of a list may be shown: of those at risk the named, of those to be won back who agreed to receive marketing."""
UNTOLD = ("No topic told", "未说明话题")
"""The name of what a customer said nothing about."""
ROWS = """
select l.*, case l.topic_id when '{unknown}' then '{en}' else coalesce(t.name_en, l.topic_id) end as topic_en,
       case l.topic_id when '{unknown}' then '{zh}' else coalesce(t.name_zh, l.topic_id) end as topic_zh
from {table} left join mart.main.topics t using (topic_id) where {which} and {places} order by {order}
"""
NAMES: Mapping[str, str] = {"unknown": UNKNOWN, "en": UNTOLD[0], "zh": UNTOLD[1], "places": IN_PLACES}
"""What stands in queries for fixed words of ours."""
ORDER: Mapping[str, str] = {"at_risk": "l.rank", "high_value": "l.rank", "win_back": "l.kind desc, l.rank"}
"""Who was unhappy comes before who only asked."""
KINDS = ("answer", "action", "rule")
"""What speaks first about the next step: what customers were told, what was done, and our own rule last."""


class Worked(Remembered):
    """A route whose answer follows from what people wrote about the lists too."""

    @staticmethod
    def beside(request: Request) -> str:
        """How much was written."""
        return str(request.app.state.casebook.revision())


def _casebook(request: Request) -> Casebook:
    book: Casebook = request.app.state.casebook
    return book


Book = Annotated[Casebook, Depends(_casebook)]
"""What people did about customers on the lists."""


@dataclass(frozen=True)
class Case:
    """A row of a list, what stands about it, where that puts it, and what to do next (null where nothing is known)."""

    row: dict[str, Any]
    state: State
    place: str
    step: dict[str, Any] | None


def day_of(generation: Generation, told: Settings) -> dt.date:
    """The day up to which the data reach, on the clock of the business: today, as far as the lists know."""
    return dt.datetime.fromtimestamp(generation.as_of_ms / 1000, tz=told.shop.clock).date()


def cases(generation: Generation, book: Casebook, listed: str, *, places: Places, told: Settings) -> list[Case]:
    """Everybody on a list who may be shown, in its order."""
    query = ROWS.format(table=LISTED[listed], which=WHICH[listed], order=ORDER[listed], **NAMES)
    states, today, steps = standing(book.read()), day_of(generation, told), _steps(generation)
    found = []
    for row in generation.rows(query, places.bound):
        state = states.get((listed, row["conversation_id"]), State())
        step = next_step(steps.get(row["topic_id"], ()), row["language"])
        found.append(Case(row, state, state.place(today), step))
    return found


def _steps(generation: Generation) -> dict[str, list[dict[str, Any]]]:
    """What is to be done, by topic."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in generation.rows("select * from mart.main.next_steps order by topic_id, kind, language, rank"):
        found.setdefault(row["topic_id"], []).append(row)
    return found


def next_step(rows: Sequence[dict[str, Any]], language: str) -> dict[str, Any] | None:
    """What to do about a topic: an answer in the customer's language, else what was done, else our rule."""
    for kind in KINDS:
        for row in rows:
            if row["kind"] == kind and row["rank"] == 1 and (kind != "answer" or row["language"] == language):
                return row
    return None


def saved(generation: Generation) -> flagged.Saved:
    """What being named comes to."""
    names = "day, named_ms, conversation_id, held_out, first, hold_out, went_bad"
    return flagged.saved(generation.rows(f"select {names} from mart.main.flagged"))  # noqa: S608 - names of ours


def left_alone(generation: Generation) -> int:
    """How many customers are left alone by lot at this moment."""
    query = "select count(*) as n from mart.main.flagged where first and held_out and named_ms > ?"
    return int(generation.rows(query, [generation.as_of_ms - flagged.STAY_MS])[0]["n"])


def take(book: Casebook, asked: Asked, *, generation: Generation, told: Settings, via: str) -> Entry | None:
    """Write an entry; none where it would change nothing.

    :raises EntryError: it cannot be taken.
    """
    known: list[str] = []
    if asked.listed in LISTED:
        query = f"select conversation_id from {LISTED[asked.listed]} where {WHICH[asked.listed]}"  # noqa: S608
        known = [row["conversation_id"] for row in generation.rows(query)]
    today, now = day_of(generation, told), int(time() * 1000)

    def check(earlier: Sequence[Entry]) -> Entry | None:
        return checked(asked, known=known, earlier=earlier, today=today, at_ms=now, via=via)

    return book.append(asked.listed, asked.conversation_id, check)
