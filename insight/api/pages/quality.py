"""Quality checks: which conversations are to be scored, the form to score one, and what all scores come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from insight import quality
from insight.api.deps import Name, Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.problems import unknown
from insight.api.render import render
from insight.api.routes import qa
from insight.api.scoring import Book, Scored, sample_rows, take
from insight.api.writing import form as form_fields
from insight.api.writing import own_site
from insight.published import Generation
from insight.scorebook import Scorebook
from insight.scores import NOT_APPLICABLE, Asked, ScoreError
from insight.settings import Item, Settings

ROUTER = APIRouter(route_class=Scored, include_in_schema=False)

PATH = "/quality"
MOST_NEEDED = 10_000
"""Beyond so many scores the number itself says nothing more."""
SIGNS = {"low score": "low_score", "ended badly": "ended_badly", "came back": "came_back"}
"""What went wrong in a conversation, and the key of its words."""
AUTHORS = ("customer", "agent", "bot", "system")
TRANSCRIPT = """
select author, agent_id, sent_at, text, language from mart.main.qa_transcripts where conversation_id = ? order by seq
"""


class Chosen(View):
    """What the address of these pages says: also which week, who scores, and what was just taken."""

    week: date | None = None
    scorer: Name = ""
    saved: Name = ""

    def address(self, lang: str, path: str = PATH) -> str:
        """The same choice, in a language; who scores goes along on these pages."""
        plain = super().address(lang, path)
        week = self.week.isoformat() if self.week else ""
        more = {k: v for k, v in (("week", week), ("scorer", self.scorer)) if v and path.startswith(PATH)}
        return f"{plain}&{urlencode(more)}" if more else plain


@ROUTER.get(PATH, response_class=HTMLResponse)
def overview(
    asked: Annotated[Chosen, Query()], generation: Snapshot, book: Book, told: Told, request: Request
) -> HTMLResponse:
    """What is to be scored, how far it is, and what the scores come to."""
    words = words_of(asked, told, request)
    sample = qa.read_sample(generation, book, asked=qa.Week(week=asked.week), told=told)
    found = qa.read_results(generation, book, weeks=quality.WEEKS, told=told)
    context = {
        "sample": sample,
        "streams": {name: _todo(sample, name) for name in ("random", "coaching")},
        "found": found,
        "signs": SIGNS,
        "agreed": {v: sum(a.verdict == v for a in found.agreements) for v in ("keep", "rewrite", "cannot tell")},
        "label": "label_zh" if words.lang == "zh" else "label",
        "most_needed": MOST_NEEDED,
        "saved": asked.saved,
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("quality.html", words, **context))


def _todo(sample: qa.Sample, stream: str) -> dict[str, list[qa.Drawn]]:
    """The conversations of a stream that still need somebody, and the others."""
    rows = [row for row in sample.conversations if row.stream == stream]
    needs = [row for row in rows if row.scored_by < 1 + row.double]
    return {"open": needs, "done": [row for row in rows if row not in needs]}


@ROUTER.get(PATH + "/{sample_id}", response_class=HTMLResponse)
def form(
    sample_id: Annotated[str, Path(max_length=40)],
    asked: Annotated[Chosen, Query()],
    generation: Snapshot,
    book: Book,
    told: Told,
    request: Request,
) -> HTMLResponse:
    """One conversation beside the rubric. Nobody sees what others gave: two people are to judge apart."""
    row = _drawn(generation, sample_id)
    mine = quality.by_conversation(book.read()).get(row["conversation_id"], {}).get(asked.scorer, {})
    sent = {f"item.{name}": NOT_APPLICABLE if s.level is None else str(s.level) for name, s in mine.items()}
    sent |= {f"note.{name}": score.note for name, score in mine.items()} | {"scorer": asked.scorer}
    return HTMLResponse(_page(row, sent, asked=asked, generation=generation, told=told, request=request))


@ROUTER.post(PATH + "/{sample_id}", dependencies=[Depends(own_site)])
def save(
    sample_id: Annotated[str, Path(max_length=40)],
    asked: Annotated[Chosen, Query()],
    sent: Annotated[dict[str, str], Depends(form_fields)],
    generation: Snapshot,
    book: Book,
    told: Told,
    request: Request,
) -> Response:
    """Take what the form says, then lead on to the next conversation; or show the form again with what is wrong."""
    row = _drawn(generation, sample_id)
    scorer = sent.get("scorer", "").strip()
    given = [
        (item.name, Asked(row["conversation_id"], scorer, item.name, sent[f"item.{item.name}"], _note(sent, item)))
        for item in told.quality.rubric
        if sent.get(f"item.{item.name}")
    ]
    wrong = "no_scorer" if not scorer else "no_level" if not given else ""
    if not wrong:
        try:
            take(book, given, sample=[row], told=told, via="page")
        except ScoreError:
            wrong = "not_taken"
    if wrong:
        again = _page(row, sent, asked=asked, generation=generation, told=told, request=request, wrong=wrong)
        return HTMLResponse(again, 422)
    following = _next(sample_rows(generation), row, scorer, book, told.quality.rubric)
    path = f"{PATH}/{following}" if following else PATH
    onward = asked.model_copy(update={"scorer": scorer[:80]}).address(words_of(asked, told, request).lang, path)
    return RedirectResponse(f"{onward}&{urlencode({'saved': sample_id})}", 303)


def _note(sent: Mapping[str, str], item: Item) -> str:
    return sent.get(f"note.{item.name}", "")


def _drawn(generation: Generation, sample_id: str) -> dict[str, Any]:
    """The row of a conversation that was drawn.

    :raises HTTPException: 404, there is none of this name.
    """
    for row in sample_rows(generation):
        if row["sample_id"] == sample_id:
            return row
    raise unknown("conversation in the sample")


def _next(
    rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any], scorer: str, book: Scorebook, rubric: Sequence[Item]
) -> str:
    """The next conversation of the same week and stream that still needs this person; empty where none does."""
    told = quality.by_conversation(book.read())
    mine = [one for one in rows if (one["week"], one["stream"]) == (row["week"], row["stream"])]
    mine.sort(key=lambda one: (one["place"] <= row["place"], one["place"]))
    for one in mine:
        people = quality.done(told.get(one["conversation_id"], {}), rubric)
        if scorer not in people and len(people) < 1 + one["double"]:
            return str(one["sample_id"])
    return ""


def _page(
    row: Mapping[str, Any],
    sent: Mapping[str, str],
    *,
    asked: Chosen,
    generation: Generation,
    told: Settings,
    request: Request,
    wrong: str = "",
) -> str:
    words = words_of(asked, told, request)
    zh = words.lang == "zh"
    context = {
        "row": row,
        "messages": generation.rows(TRANSCRIPT, [row["conversation_id"]]),
        "authors": AUTHORS,
        "signs": SIGNS,
        "items": [(i, i.label_zh if zh else i.label, i.asks_zh if zh else i.asks) for i in told.quality.rubric],
        "sent": sent,
        "wrong": wrong,
        "saved": asked.saved,
        **shared(asked, generation, told, path=f"{PATH}/{row['sample_id']}"),
    }
    return render("quality_form.html", words, **context)
