"""Staffing: how many contacts are expected in the coming weeks, how many people they need, how many are planned?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from insight.api import charts
from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import staffing
from insight.api.routes.staffing import Expected, Forecast, Hour, Plan, Quality
from insight.api.words import Words

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/staffing"
WEEK = 7


@dataclass(frozen=True)
class Day:
    """One coming day: what is expected, and its hours."""

    expected: Expected
    hours: list[Hour]

    @property
    def busiest(self) -> Hour | None:
        """The open hour that needs most people."""
        opened = [hour for hour in self.hours if hour.verdict != "closed"]
        return max(opened, key=lambda hour: (hour.heads_high, hour.live), default=None)

    @property
    def short(self) -> list[Hour]:
        """Hours with too few people."""
        return [hour for hour in self.hours if hour.verdict == "too few"]

    @property
    def person_hours(self) -> int:
        """What the day takes at the upper end of the band."""
        return sum(hour.heads_high for hour in self.hours)


@ROUTER.get(PATH, response_class=HTMLResponse)
def page(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """The coming week at a glance, each day and hour, and how far to trust it."""
    words = words_of(asked, told, request)
    plan, forecast = staffing.plan(generation), staffing.forecast(generation)
    days = by_day(plan, forecast)
    week = [hour for day in days[:WEEK] for hour in day.hours if hour.verdict != "closed"]
    context = {
        "plan": plan,
        "days": days,
        "week": days[:WEEK],
        "worst": worst(week),
        "open_hours": week,
        "top_day": max(days[:WEEK], key=lambda day: day.expected.expected, default=None),
        "most": max((hour.heads_high for hour in week), default=0),
        "ours": [row for row in forecast.quality if row.model == "ours"],
        "speaks": _speaks(forecast.quality),
        "naive": {row.channel: row for row in forecast.quality if row.model == "seasonal naive"},
        "told": told.staffing,
        "heat": charts.heat,
        "people": lambda hour: people(hour, words),
        "contacts": lambda value: words.number(value, 0 if value >= 10 else 1),
        "planned": lambda hour: words.number(hour.planned),
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("staffing.html", words, **context))


def by_day(plan: Plan, forecast: Forecast) -> list[Day]:
    """The coming days in their order; hours are empty where people cannot be told."""
    hours: dict[date, list[Hour]] = defaultdict(list)
    for hour in plan.hours:
        hours[hour.day].append(hour)
    return [Day(day, hours[day.day]) for day in forecast.days]


def worst(hours: list[Hour]) -> Hour | None:
    """The hour that lacks most people; where none does, the one that needs most."""
    short = [hour for hour in hours if hour.verdict == "too few"]
    if short:
        return max(short, key=lambda hour: (hour.heads_low - (hour.planned or 0), hour.live))
    return max(hours, key=lambda hour: (hour.heads_high, hour.live), default=None)


def people(hour: Hour, words: Words) -> str:
    """'5 to 6 people', or '5 people'."""
    if hour.heads_low == hour.heads_high:
        return words.say("staffing.people", count=hour.heads_high)
    return words.say("staffing.people_range", low=words.number(hour.heads_low), count=hour.heads_high)


def _speaks(quality: list[Quality]) -> dict[str, str]:
    """By channel, the simple model whose forecast is shown."""
    found: dict[str, Any] = {row.channel: row.model for row in quality if row.speaks and row.model != "ours"}
    return found
