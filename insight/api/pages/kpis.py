"""The figures: all of them at a glance, and each by itself: what it means, sliced, over time, against its target."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from pydantic import BeforeValidator
from starlette.responses import HTMLResponse

from insight.api import kpi_figures, topic_figures
from insight.api.change import change, changed
from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.problems import unknown
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import findings, kpis, slices, topics
from insight.api.routes.kpis import OneKpi
from insight.api.routes.slices import DAYS, Dimension, Slice, Sliced, Slicing
from insight.api.words import Words
from insight.kpis import KPIS
from insight.published import Generation
from insight.schema import UNKNOWN
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/kpis"
GROUPS = ("volume", "efficiency", "quality", "benefit")
WEEKS = 16
"""Weeks that a figure is drawn over."""
IN_ORDER = (*DAYS, "weekday", "hour")
"""Dimensions whose values have an order of their own; others are listed by how much there is of each."""
MOST_FINDINGS = 8
MOST_REASONS, FEW_REASONS = 10, 5
"""Topics of low scores that are shown; where none is sure, only a few."""
REVIEWS = ("bad_review_share",)
"""Figures that reviews make."""
FIRST = ("market", "platform", "channel", "shop")
"""What a figure is shown by where nothing was chosen: the first that has more than one value in the data."""


def _empty(value: object) -> object:
    """What a form sends for a field that was left empty."""
    return None if value == "" else value


class Choice(View):
    """How one figure is looked at."""

    by: Annotated[Dimension | None, BeforeValidator(_empty)] = None
    since: Annotated[date | None, BeforeValidator(_empty)] = None
    until: Annotated[date | None, BeforeValidator(_empty)] = None

    def address(self, lang: str, path: str = "/") -> str:
        """The choice goes along to the other figures and languages, not to other pages."""
        plain = super().address(lang, path)
        if not path.startswith(PATH):
            return plain
        chosen = {"by": self.by, "since": self.since, "until": self.until}
        told = urlencode({name: str(value) for name, value in chosen.items() if value is not None})
        return f"{plain}&{told}" if told else plain

    def slicing(self, *by: Dimension, since: date | None, until: date | None, **told: Any) -> Slicing:
        """The question to the API."""
        places = {k: (v,) for k, v in (("market", self.market), ("platform", self.platform)) if v}
        return Slicing(by=by, since=since, until=until, **places, **told)


@ROUTER.get(PATH, response_class=HTMLResponse)
def every_kpi(asked: Annotated[Choice, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """All figures by group: now, before, target, n and interval."""
    words = words_of(asked, told, request)
    known = kpis.read(generation, few=told.privacy.min_customers).kpis
    context = {
        "groups": [(group, [one for one in known if one.group == group]) for group in GROUPS],
        "change": change,
        "missed": [one for one in known if one.reached == "missed"],
        "reached": [one for one in known if one.reached == "reached"],
        "worse": [one for one in known if one.verdict == "worse"],
        "better": [one for one in known if one.verdict == "better"],
        "findings": findings.worth_saying(generation, most=MOST_FINDINGS),
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("kpis.html", words, **context))


@ROUTER.get(PATH + "/{name}", response_class=HTMLResponse)
def one_kpi(
    name: Annotated[str, Path(max_length=80)],
    asked: Annotated[Choice, Query()],
    generation: Snapshot,
    told: Told,
    request: Request,
) -> HTMLResponse:
    """One figure: its question and meaning, by a dimension, week by week, and what answers the same otherwise."""
    words = words_of(asked, told, request)
    known = {one.kpi: one for one in kpis.read(generation, few=told.privacy.min_customers).kpis}
    if name not in known:
        raise unknown("KPI")
    one, chosen = known[name], _by(generation, name, asked)
    whole = slices.sliced(generation, name, _whole(one, asked), told)
    found = slices.sliced(generation, name, _sliced_by(one, chosen, asked), told)
    named = _named(generation, chosen, words, told)
    shown = _listed(found, chosen)
    context = {
        "kpi": one,
        "whole": whole,
        "total": whole.slices[0],
        "moved": changed(KPIS[name][1], whole.slices[0], whole.slices[0].previous),
        "by": chosen,
        "found": found,
        "shown": shown,
        "hidden": len(found.slices) - len(shown),
        "named": named,
        "picture_of_slices": kpi_figures.slices(shown, named, one.unit, words),
        "weeks": _weeks(generation, one, whole, asked, words, told) if chosen not in DAYS else None,
        "csv": _csv(name, found, asked, chosen),
        "beside": [known[other] for other in one.beside if other in known],
        "low": _low(generation, name, words, told),
        **shared(asked, generation, told, path=f"{PATH}/{name}"),
    }
    return HTMLResponse(render("kpi.html", words, **context))


def _by(generation: Generation, name: str, asked: Choice) -> Dimension:
    """The dimension that was chosen, else the first that tells anything."""
    known = slices.dimensions(KPIS[name][1])
    if asked.by is not None:
        return asked.by
    table = KPIS[name][1].of
    some = [d for d in FIRST if d in known]
    counts = ", ".join(f"count(distinct {d}) as {d}" for d in some)
    [row] = generation.rows(f"select {counts} from mart.main.{table.name}") if some else [{}]  # noqa: S608 - names of schema.py
    found = next((d for d in some if row[d] > 1), "month")
    return next(d for d in get_args(Dimension) if d == found)


def _whole(one: OneKpi, asked: Choice) -> Slicing:
    return asked.slicing(since=asked.since, until=asked.until, compare="previous")


def _sliced_by(one: OneKpi, by: Dimension, asked: Choice) -> Slicing:
    compare = None if by in DAYS else "previous"
    return asked.slicing(by, since=asked.since, until=asked.until, compare=compare, limit=slices.MOST_SLICES)


def _listed(found: Sliced, by: Dimension) -> list[Slice]:
    """The slices in their own order, or those with most rows first; the newest days."""
    if by in IN_ORDER:
        return found.slices[-kpi_figures.MOST :]
    ranked = sorted(found.slices, key=lambda one: (-one.n, str(one.slice[by])))
    return ranked[: kpi_figures.MOST]


def _weeks(
    generation: Generation, one: OneKpi, whole: Sliced, asked: Choice, words: Words, told: Settings
) -> dict[str, Any] | None:
    """The whole weeks up to the end of the period."""
    monday = whole.until - timedelta(days=whole.until.weekday())
    question = asked.slicing("week", since=monday - timedelta(weeks=WEEKS), until=monday)
    found = slices.sliced(generation, one.kpi, question, told)
    named = _named(generation, "week", words, told)
    figure = kpi_figures.weeks(found.slices, named, one.unit, words)
    return figure and {"figure": figure, "rows": [(named(s), s) for s in found.slices]}


def _named(generation: Generation, by: Dimension, words: Words, told: Settings) -> Callable[[Slice], str]:
    """The names of slices in the reader's language."""
    names: dict[str, str] = {}
    if by == "topic_id":
        every = topics.read(generation, places=View().places, told=told, states=None).topics
        names = {topic.topic_id: topic_figures.name(topic, words.lang) for topic in every}
    say: dict[str, Callable[[Any], str]] = {
        "market": words.place,
        "platform": words.platform,
        "weekday": lambda day: words.weekday(day, "wide"),
        "hour": lambda hour: f"{hour}:00",
        "day": words.day,
        "week": lambda day: words.say("topics.week_of", day=words.day(day)),
        "month": lambda day: f"{day:%Y-%m}",
        "topic_id": lambda topic: names.get(topic, topic),
        "language": lambda code: str(words.locale.languages.get(code, code)),
    }

    def named(one: Slice) -> str:
        value = one.slice[by]
        return words.say("figures.unknown") if value == UNKNOWN else say.get(by, str)(value)

    return named


def _low(generation: Generation, name: str, words: Words, told: Settings) -> dict[str, Any] | None:
    """Why scores are low, on the pages of the figures that scores make."""
    kind = "survey" if name.startswith("csat_") else "review" if name in REVIEWS else None
    if kind is None:
        return None
    found = findings.reasons(generation, kind=kind, few=told.privacy.min_customers).reasons
    some = [one for one in found if one.reason_kind == "topic"]
    every = topics.read(generation, places=View().places, told=told, states=None).topics
    return {
        "kind": kind,
        "topics": [one for one in some if one.verdict != "cannot tell"][:MOST_REASONS] or some[:FEW_REASONS],
        "words": [one for one in found if one.reason_kind == "word"],
        "low_all": max((one.low_all for one in some), default=0),
        "others_all": max((one.others_all for one in some), default=0),
        "names": {topic.topic_id: topic_figures.name(topic, words.lang) for topic in every},
    }


def _csv(name: str, found: Sliced, asked: Choice, by: Dimension) -> str:
    """Where the slices lie as a file."""
    told: dict[str, object] = {"by": by, "since": found.since, "until": found.until}
    told |= {"market": asked.market, "platform": asked.platform, "compare": "" if by in DAYS else "previous"}
    told["limit"] = slices.MOST_SLICES
    return f"/api/v1/kpis/{name}/slices.csv?{urlencode({k: v for k, v in told.items() if v})}"
