"""Actions: a sentence on what each of them did, its weeks against the expected ones, and what speaks against it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from insight.api.actions import sentence, where
from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import effects
from insight.api.routes.effects import ActionEffect, Week
from insight.api.words import Words

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/actions"
TONES = {"worked": "good", "did not": "bad"}


@ROUTER.get(PATH, response_class=HTMLResponse)
def page(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """Every action of the register in its order."""
    words = words_of(asked, told, request)
    found = effects.read(generation, few=told.privacy.min_customers).effects
    context = {
        "actions": found,
        "says": lambda one: sentence(one, words),
        "where": lambda one: where(one, words),
        "tones": TONES,
        "figures": {one.action: figure(one, words) for one in found},
        "series": [
            {"name": words.say("actions.treated"), "colour": "line1"},
            {"name": words.say("actions.expected"), "colour": "line2"},
        ],
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("actions.html", words, **context))


def figure(one: ActionEffect, words: Words) -> dict[str, Any] | None:
    """The weeks as charts.js draws them: what was counted, what was to be expected, and the day of the action."""
    weeks = one.weeks
    if not any(week.per_1000 for week in weeks):
        return None
    step = max(1, -(-len(weeks) // 5))
    shown = list(range(0, len(weeks), step))
    begins = sum(week.week < one.since for week in weeks) - 0.5
    axis = {"fixedrange": True, "zeroline": False, "tickfont": {"size": 12}}
    return {
        "data": [
            _line([week.per_1000 for week in weeks], weeks, "line1", 3, words),
            _line([week.expected_per_1000 for week in weeks], weeks, "line2", 2, words),
        ],
        "layout": {
            "height": 240,
            "margin": {"l": 40, "r": 14, "t": 8, "b": 34},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": "var(--soft)"},
            "showlegend": False,
            "hovermode": "closest",
            "xaxis": {
                **axis,
                "showgrid": False,
                "tickvals": shown,
                "ticktext": [words.day(weeks[place].week) for place in shown],
            },
            "yaxis": {**axis, "rangemode": "tozero", "gridcolor": "var(--rule)", "nticks": 5},
            "shapes": [
                {"type": "line", "x0": begins, "x1": begins, "y0": 0, "y1": 1, "yref": "paper"}
                | {"line": {"color": "var(--soft)", "width": 1, "dash": "dot"}}
            ],
        },
    }


def _line(values: list[float | None], weeks: list[Week], colour: str, width: int, words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(range(len(weeks))),
        "y": values,
        "text": [
            f"{words.say('topics.week_of', day=words.day(week.week))}<br>{words.number(value, 1)}"
            for week, value in zip(weeks, values, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": f"var(--{colour})", "width": width},
        "hoverlabel": {"bgcolor": "var(--card)", "bordercolor": f"var(--{colour})", "font": {"color": "var(--ink)"}},
    }
