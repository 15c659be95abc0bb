"""Agents: who stands out beside others with the same cases, who should be coached in what; and each agent alone."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse

from insight.api import charts
from insight.api.change import change
from insight.api.deps import Name, Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import agents
from insight.api.routes.agents import Agent, Agents, Figure
from insight.fairness import ABOVE, BELOW, CANNOT_TELL, LIKE, NOT_RANKED

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/agents"
GROUPS = (BELOW, ABOVE, CANNOT_TELL, LIKE, NOT_RANKED)
"""Who needs help first, then who can give it; within a group by name, since nobody can tell them apart."""
MEASURES = ("came_back", "csat_rating", "soured", "late_response", "reopened", "handle_s")


class TeamView(View):
    """What the address of the page of agents says: one team, or all."""

    team: Name = ""

    def address(self, lang: str, path: str = PATH) -> str:
        """The same choice, in a language; the team counts on the page of agents only."""
        plain = super().address(lang, path)
        return f"{plain}&{urlencode({'team': self.team})}" if self.team and path == PATH else plain


@ROUTER.get(PATH, response_class=HTMLResponse)
def everybody(asked: Annotated[TeamView, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """All agents: who stands out, each measure in groups, what they did, and what to read."""
    words = words_of(asked, told, request)
    found = agents.read(generation, told=told, team=asked.team)
    context = {
        "found": found,
        "standing": standing(found),
        "measures": [table for name in MEASURES if (table := _table(found, name))],
        "agent_path": agent_path,
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("agents.html", words, **context))


@ROUTER.get(PATH + "/{agent_id}", response_class=HTMLResponse)
def one_agent(
    agent_id: Annotated[str, Path(max_length=200)],
    asked: Annotated[View, Query()],
    generation: Snapshot,
    told: Told,
    request: Request,
) -> HTMLResponse:
    """One agent: beside the others, beside the own past, what to read, and the newest conversations."""
    words = words_of(asked, told, request)
    found = agents.one(generation, agent_id, told=told)
    figures = {figure.measure: figure for figure in found.agent.figures}
    context = {
        "found": found,
        "agent": found.agent,
        "figures": [
            (figures[name], _whisker(figures[name], figures[name].high)) for name in MEASURES if name in figures
        ],
        "change": change,
        "agent_path": agent_path,
        **shared(asked, generation, told, path=agent_path(agent_id)),
    }
    return HTMLResponse(render("agent.html", words, **context))


def agent_path(agent_id: str) -> str:
    """The address of one agent's page; an id may hold any sign."""
    return f"{PATH}/{quote(agent_id, safe='')}"


def standing(found: Agents) -> dict[str, list[str]]:
    """Names of those who are surely below or above the others in any measure, and of those who are in neither."""
    by = {v: [a.name for a in found.agents if any(f.verdict == v for f in a.figures)] for v in (BELOW, ABOVE)}
    compared = [a.name for a in found.agents if any(f.verdict != NOT_RANKED for f in a.figures)]
    return {"below": by[BELOW], "above": by[ABOVE], "compared": compared}


def _table(found: Agents, measure: str) -> dict[str, Any] | None:
    """One measure: its agents by group, with whiskers on one scale; None where nobody has it."""
    rows = [(agent, figure) for agent in found.agents for figure in agent.figures if figure.measure == measure]
    if not rows:
        return None
    most = max((figure.high for _, figure in rows if figure.high is not None), default=0.0)
    groups = [(v, [_row(agent, f, most) for agent, f in rows if f.verdict == v]) for v in GROUPS]
    first = rows[0][1]
    return {
        "measure": measure,
        "unit": first.measured_in,
        "others": first.others,
        "aims": any(f.target is not None or f.benchmark is not None for _, f in rows),
        "groups": [(verdict, members) for verdict, members in groups if members],
    }


def _row(agent: Agent, figure: Figure, most: float) -> tuple[Agent, Figure, charts.Whisker | None]:
    return agent, figure, _whisker(figure, most)


def _whisker(figure: Figure, most: float | None) -> charts.Whisker | None:
    """The adjusted figure with its interval; the hollow mark is a typical agent."""
    top = max(most or 0.0, figure.others or 0.0)
    return charts.whisker(figure.adjusted, figure.low, figure.high, figure.others, most=top)
