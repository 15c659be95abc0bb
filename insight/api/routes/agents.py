"""GET /agents and /agents/{id}: each agent beside others with the same cases, own past, and conversations to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from insight import fairness
from insight.api.deps import Name, Nothing, Question, Snapshot, Told
from insight.api.problems import unknown
from insight.api.remember import Remembered
from insight.api.routes import kpis
from insight.api.routes.kpis import OneKpi, Period
from insight.api.routes.topics import TOLD
from insight.engines import ENGINES, Frame
from insight.kpis import KPIS, measure
from insight.published import Generation
from insight.schema import ALL
from insight.settings import Settings

ROUTER = APIRouter(route_class=Remembered, tags=["agents"])

Verdict = Literal["above the others", "like the others", "below the others", "cannot tell", "not ranked"]
KPI_OF = {
    "came_back": "repeat_contact_share",
    "csat_rating": "csat_mean",
    "late_response": "late_response_share",
    "reopened": "reopen_share",
    "handle_s": "handle_mean",
}
"""The KPI whose target and benchmark stand beside a measure."""
OWN = (
    "first_response_median",
    "late_response_share",
    "handle_mean",
    "csat_mean",
    "first_contact_resolution",
    "recovered_share",
)
"""In which KPIs an agent is compared with the agent's own past."""
RECENT = 30


class Figure(BaseModel):
    """One measure of one agent over the last 12 weeks, beside others with the same cases."""

    measure: str = Field(
        description="came_back, csat_rating, soured, late_response, reopened or handle_s", examples=["came_back"]
    )
    measured_in: str = Field(description="unit: share, 0 to 1, or seconds", examples=["share"])
    better: Literal["up", "down"] = Field(description="which way is better")
    n: int = Field(description="conversations that could be judged", examples=[174])
    observed: float | None = Field(description="the raw figure; null where it rests on too few", examples=[0.109])
    expected: float | None = Field(description="a typical agent with the very same cases", examples=[0.129])
    adjusted: float | None = Field(
        description="with the mix of all cases, shrunk; null where there is nobody to compare with", examples=[0.13]
    )
    low: float | None = Field(description="lower end of the 95 % interval of `adjusted`", examples=[0.094])
    high: float | None = Field(description="upper end of it", examples=[0.172])
    others: float | None = Field(description="a typical agent with the mix of all cases", examples=[0.142])
    chance_low: float | None = Field(description="lower end of what chance alone explains", examples=[0.093])
    chance_high: float | None = Field(description="upper end of it", examples=[0.21])
    q: float | None = Field(description="share of false ones among those that are as clear", examples=[0.93])
    verdict: Verdict = Field(description="above is better; never by chance of many comparisons")
    target: float | None = Field(description="for the agent, the team or all; null where none is set", examples=[0.1])
    benchmark: float | None = Field(description="what others reach; null where none is set", examples=[0.15])
    few: bool = Field(description="kept back: it would tell what single customers said or did")


class Load(BaseModel):
    """What an agent did in the same 12 weeks; sums, with no ranking."""

    conversations: int = Field(description="first answered by the agent", examples=[202])
    replies: int = Field(description="messages of people in them", examples=[512])
    shift_hours: float | None = Field(description="hours on shift; null where no shift is told", examples=[412.0])
    per_hour: float | None = Field(description="conversations per hour on shift", examples=[0.49])
    occupancy: float | None = Field(description="active time by time on shift", examples=[0.12])
    first_response_median_s: float | None = Field(description="of its conversations, seconds", examples=[48.0])
    handle_mean_s: float | None = Field(description="active time per conversation, seconds", examples=[410.0])
    handed_on: float | None = Field(description="share handed to a colleague; null where unknown", examples=[0.05])
    escalated: float | None = Field(description="share escalated; null where no log tells", examples=[0.02])


class Agent(BaseModel):
    """One agent."""

    agent_id: str = Field(examples=["A01"])
    name: str = Field(description="as the seller calls the agent", examples=["Lin"])
    team: str = Field(examples=["Morning"])
    load: Load = Field(description="how much, and how fast")
    figures: list[Figure] = Field(description="one per measure that could be compared")


class Conversation(BaseModel):
    """One conversation to read, by the id under which its own system knows it."""

    conversation_id: str = Field(examples=["T-61023"])
    agent_id: str = Field(description="who answered it first", examples=["A01"])
    agent: str = Field(description="that agent's name", examples=["Lin"])
    opened_at: datetime = Field(description="when it opened")
    channel: str = Field(examples=["email"])
    market: str = Field(examples=["DE"])
    topic_id: str = Field(examples=["refund.waiting"])
    name_en: str = Field(description="name of the topic", examples=["Waiting for the refund"])
    name_zh: str = Field(description="name of the topic in Chinese", examples=["等待退款"])
    came_back: bool | None = Field(description="the customer wrote again about it within 7 days; null: not known")
    soured: bool | None = Field(description="the mood turned bad and stayed bad; null: not known")
    late: bool | None = Field(description="the first answer came after the limit; null: not known")


class Lesson(BaseModel):
    """A skill in which an agent surely stands out, and the conversations that show it."""

    agent_id: str = Field(examples=["A05"])
    name: str = Field(examples=["Jun"])
    team: str = Field(examples=["Morning"])
    skill: str = Field(description="resolution, satisfaction, tone or first_response", examples=["resolution"])
    topic_id: str = Field(description="the topic in which it shows, or 'all'", examples=["all"])
    topic_en: str = Field(description="its name; empty for all", examples=[""])
    topic_zh: str = Field(description="its name in Chinese; empty for all", examples=[""])
    kind: Literal["coaching", "best practice"] = Field(description="surely below, or surely above the others")
    measured_in: str = Field(description="unit of the figures", examples=["share"])
    n: int = Field(description="conversations that could be judged", examples=[233])
    observed: float = Field(description="the raw figure", examples=[0.24])
    adjusted: float = Field(description="with the mix of all cases, shrunk", examples=[0.21])
    low: float = Field(description="lower end of its 95 % interval", examples=[0.17])
    high: float = Field(description="upper end of it", examples=[0.27])
    others: float = Field(description="a typical agent with the mix of all cases", examples=[0.14])
    read: list[Conversation] = Field(description="the agent's own that show it most")
    learn: list[Conversation] = Field(description="hard ones on the same topics that went well with colleagues")


class Agents(BaseModel):
    """All agents, by name: there is no ranking."""

    since: date | None = Field(description="first day; null where no agent answered", examples=["2026-04-07"])
    until: date | None = Field(description="first day after", examples=["2026-06-30"])
    min_cases: int = Field(description="below so many cases nobody is compared", examples=[30])
    teams: list[str] = Field(description="every team", examples=[["Morning", "Night"]])
    agents: list[Agent]
    lessons: list[Lesson] = Field(description="surely below first, then surely above; empty where nobody stands out")


class Own(OneKpi):
    """A KPI of one agent, now and before, with what it should reach."""

    target: float | None = Field(description="for the agent, the team or all", examples=[0.1])
    benchmark: float | None = Field(description="what others reach", examples=[0.15])


class OneAgent(BaseModel):
    """One agent: beside the others, beside the own past, and conversations."""

    agent: Agent = Field(description="the agent beside the others")
    lessons: list[Lesson] = Field(description="in which skills the agent surely stands out")
    own: list[Own] = Field(description="the last 28 days that can be judged against the 28 before")
    recent: list[Conversation] = Field(description="the newest conversations that the agent answered first")


class Asked(Question):
    """Which agents."""

    team: Name = Field(default="", description="one team; all where not told")


PERIOD = "select min(since) as since, min(until) as until from mart.main.agent_figures"
FIGURES = "select * from mart.main.agent_figures order by agent_id, measure"
LESSONS = "select * from mart.main.coaching order by kind desc, lower(name), agent_id, q, skill, topic_id"
LOADS = """
with answered as (
    select agent_id, median(first_response_ms) / 1000 as first_response_median_s,
        avg(handle_shared_ms) / 1000 as handle_mean_s, avg((handoffs > 0)::int) as handed_on,
        avg(escalated::int) as escalated
    from mart.main.conversation_facts where answered and day >= ? and day < ? group by agent_id
)
select d.agent_id, max(d.name) as name, max(d.team) as team, sum(conversations)::bigint as conversations,
    sum(replies)::bigint as replies, sum(shift_hours) as hours, sum(active_ms)::double as active_ms,
    any_value(a.first_response_median_s) as first_response_median_s, any_value(a.handle_mean_s) as handle_mean_s,
    any_value(a.handed_on) as handed_on, any_value(a.escalated) as escalated
from mart.main.agent_day d left join answered a using (agent_id)
where d.day >= ? and d.day < ? group by d.agent_id order by lower(max(d.name)), d.agent_id
"""
SHOWN = """
select f.conversation_id, f.agent_id, coalesce(a.name, f.agent_id) as agent, f.opened_at, f.channel, f.market,
    f.topic_id, f.came_back,
    case when f.turned_bad then not f.recovered else f.turned_bad end as soured, f.late_response as late,
    t.name_en, t.name_zh, t.named_by, t.customers
from mart.main.conversation_facts f left join mart.main.topics t using (topic_id)
    left join (select agent_id, max(name) as name from mart.main.agent_day group by agent_id) a using (agent_id)
"""
CHOSEN = SHOWN + "where list_contains(?::varchar[], f.conversation_id)"
NEWEST = SHOWN + "where f.agent_id = ? and f.answered order by f.opened_ms desc, f.conversation_id limit ?"
TOPICS = """
select topic_id, name_en, name_zh, named_by, customers from mart.main.topics where list_contains(?::varchar[], topic_id)
"""
ROWS = "select * from mart.main.conversation_facts where agent_id = ?"
REVEALING = ("first_response_median_s", "handle_mean_s", "handed_on", "escalated")
HOUR_MS = 3_600_000


def read(generation: Generation, *, told: Settings, team: str = "") -> Agents:
    """Every agent of a team, or of all, who answered or was on shift in the period of the comparison."""
    [period] = generation.rows(PERIOD)
    since, until = period["since"], period["until"]
    rows = generation.rows(LOADS, [since, until, since, until]) if since else []
    figures: dict[str, list[dict[str, Any]]] = {}
    for row in generation.rows(FIGURES):
        figures.setdefault(row["agent_id"], []).append(row)
    on_shift = any(row["hours"] for row in rows)
    agents = [_agent(row, figures.get(row["agent_id"], []), told, on_shift=on_shift) for row in rows]
    return Agents(
        **period,
        min_cases=fairness.MIN_CASES,
        teams=sorted({agent.team for agent in agents}),
        agents=[agent for agent in agents if team in ("", agent.team)],
        lessons=[one for one in _lessons(generation, told=told) if team in ("", one.team)],
    )


def _agent(row: dict[str, Any], figures: list[dict[str, Any]], told: Settings, *, on_shift: bool) -> Agent:
    """One agent with sums and figures. Where no shift is told at all, hours are not nought but unknown."""
    hours = row["hours"] if on_shift else None
    few = row["conversations"] < told.privacy.min_customers
    load = Load(
        conversations=row["conversations"],
        replies=row["replies"],
        shift_hours=hours,
        per_hour=row["conversations"] / hours if hours else None,
        occupancy=row["active_ms"] / HOUR_MS / hours if hours else None,
        **{name: None if few else row[name] for name in REVEALING},
    )
    who = {name: row[name] for name in ("agent_id", "name", "team")}
    return Agent(**who, load=load, figures=[_figure(one, told) for one in figures])


def _figure(row: dict[str, Any], told: Settings) -> Figure:
    """A figure with what it should reach; kept back where it would tell of single customers."""
    aim = told.aim(KPI_OF.get(row["measure"], ""), team=row["team"], agent_id=row["agent_id"])
    few = row["n"] < told.privacy.min_customers
    if few:
        row = row | dict.fromkeys(("observed", "expected", "adjusted", "low", "high", "chance_low", "chance_high"))
    return Figure(**row, few=few, target=aim and aim.target, benchmark=aim and aim.benchmark)


def _lessons(generation: Generation, *, told: Settings) -> list[Lesson]:
    """The list of coaching with its conversations, in the order in which they should be read."""
    rows = generation.rows(LESSONS)
    wanted = sorted({one for row in rows for name in ("read", "learn") for one in row[name]})
    known = {one.conversation_id: one for one in _conversations(generation.rows(CHOSEN, [wanted]), told=told)}
    topics = {t["topic_id"]: _topic(t, told) for t in generation.rows(TOPICS, [[row["topic_id"] for row in rows]])}
    lessons = []
    for row in rows:
        name_en, name_zh = topics.get(row["topic_id"], ("", "") if row["topic_id"] == ALL else (row["topic_id"],) * 2)
        listed = {name: [known[one] for one in row[name] if one in known] for name in ("read", "learn")}
        lessons.append(Lesson(**row | listed, topic_en=name_en, topic_zh=name_zh))
    return lessons


def _conversations(rows: Sequence[dict[str, Any]], *, told: Settings) -> list[Conversation]:
    return [Conversation(**row | dict(zip(("name_en", "name_zh"), _topic(row, told), strict=True))) for row in rows]


def _topic(row: dict[str, Any], told: Settings) -> tuple[str, str]:
    """A topic's names, which need as many customers as a quote where they are made of customers' words."""
    shown = row["named_by"] in TOLD or (row["customers"] or 0) >= told.privacy.min_customers
    return (row["name_en"], row["name_zh"]) if shown and row["name_en"] else (row["topic_id"], row["topic_id"])


@ROUTER.get("/agents", operation_id="agents", summary="How does each agent do beside others with the same cases?")
def agents(asked: Annotated[Asked, Query()], generation: Snapshot, told: Told) -> Agents:
    """By name, never by rank: who is surely above or below the others, and whom nobody can tell apart."""
    return read(generation, told=told, team=asked.team)


@ROUTER.get("/agents/{agent_id}", operation_id="agent", summary="How does one agent do, and what shows it?")
def agent(agent_id: Annotated[str, Path(max_length=200)], asked: Nothing, generation: Snapshot, told: Told) -> OneAgent:
    """Beside the others, beside the own past, with conversations to read."""
    return one(generation, agent_id, told=told)


def one(generation: Generation, agent_id: str, *, told: Settings) -> OneAgent:
    """One agent; raises the problem of an unknown id."""
    every = read(generation, told=told)
    known = [agent for agent in every.agents if agent.agent_id == agent_id]
    if not known:
        raise unknown("agent")
    return OneAgent(
        agent=known[0],
        lessons=[lesson for lesson in every.lessons if lesson.agent_id == agent_id],
        own=_own(generation, known[0], told=told),
        recent=_conversations(generation.rows(NEWEST, [agent_id, RECENT]), told=told),
    )


def _own(generation: Generation, who: Agent, *, told: Settings) -> list[Own]:
    """The agent's own KPIs over the periods of the published ones; the agent's rows are read once for all of them."""
    few = told.privacy.min_customers
    rows = ENGINES["memory"].frame(generation.sql(ROWS, [who.agent_id]))
    found = []
    for whole in kpis.read(generation, few=few).kpis:
        if whole.kpi in OWN:
            aim = told.aim(whole.kpi, team=who.team, agent_id=who.agent_id)
            current = _measured(rows, whole.current, whole.kpi, few=few)
            before = whole.previous and _measured(rows, whole.previous, whole.kpi, few=few)
            more = {"target": aim and aim.target, "benchmark": aim and aim.benchmark}
            found.append(Own(**whole.model_dump() | {"current": current, "previous": before} | more))
    return found


def _measured(rows: Frame, period: Period, name: str, *, few: int) -> Period:
    _, kpi = KPIS[name]
    told = measure(kpi, rows, since=period.since, until=period.until).collect("pyarrow").to_native().to_pylist()
    value = kpis.discreet(told[0], kpi, few=few) if told else {"n": 0}
    kept = {key: value.get(key) for key in ("n", "value", "low", "high")}
    return Period(since=period.since, until=period.until, few=value.get("few", False), **kept)
