"""GET /forecast and /staffing: how many contacts will come, how many people they need, and how many are planned."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from insight.api.deps import Name, Question, Snapshot
from insight.api.remember import Remembered
from insight.published import Generation
from insight.schema import ALL

ROUTER = APIRouter(route_class=Remembered, tags=["staffing"])

LONGEST = 56
"""Days that a forecast can reach ahead."""


class Expected(BaseModel):
    """Contacts that are expected, with the intervals that 80 % and 95 % of such cases have lain in."""

    day: date = Field(description="business time zone", examples=["2026-11-23"])
    mark: str = Field(description="holiday or promotion where settings tell one, else empty", examples=[""])
    expected: float = Field(description="conversations that need an answer", examples=[38.2])
    low: int = Field(description="lower end of the 80 % interval", examples=[30])
    high: int = Field(description="upper end of it", examples=[47])
    low_95: int = Field(description="lower end of the 95 % interval", examples=[26])
    high_95: int = Field(description="upper end of it", examples=[53])


class ExpectedHour(Expected):
    """The same for one hour of the business clock."""

    hour: int = Field(description="0 … 23", examples=[10])
    lasts_h: float = Field(description="1, or 2 where the clock shows the hour twice", examples=[1.0])


class Quality(BaseModel):
    """How good forecasts were on what has come since, and why there is none where there is none."""

    channel: str = Field(examples=["chat"])
    model: str = Field(description="'ours' picks the one that was best so far", examples=["ours"])
    speaks: bool = Field(description="the forecast comes from it", examples=[True])
    history_days: int | None = Field(description="days that are known; null for the sum", examples=[120])
    contacts: int | None = Field(description="conversations in them", examples=[5400])
    left_out: int | None = Field(description="conversations scattered before and after the stream", examples=[0])
    outages: int | None = Field(description="days taken for unknown", examples=[0])
    origins: int = Field(description="days from which it was tried", examples=[70])
    horizon_days: int = Field(description="how far ahead", examples=[14])
    spans: int = Field(description="tries that do not overlap", examples=[5])
    hours: int | None = Field(description="forecasts of hours with something expected", examples=[23519])
    wape: float | None = Field(description="errors of hours by contacts", examples=[0.38])
    day_wape: float | None = Field(description="errors of days by contacts", examples=[0.18])
    mase: float | None = Field(description="errors by the usual change from week to week", examples=[0.69])
    against_naive: float | None = Field(description="errors by those of last week's figures", examples=[0.73])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[0.64])
    high: float | None = Field(description="upper end of it", examples=[0.82])
    covers_80: float | None = Field(description="share of hours in the 80 % interval", examples=[0.81])
    covers_80_low: float | None = Field(description="lower end of its 95 % interval", examples=[0.78])
    covers_80_high: float | None = Field(description="upper end of it", examples=[0.84])
    covers_95: float | None = Field(description="share of hours in the 95 % interval", examples=[0.95])
    days_cover_80: float | None = Field(description="share of days in the 80 % interval", examples=[0.78])
    verdict: str = Field(description="better than last week's figures, worse, or cannot tell", examples=["better"])
    why: str = Field(description="why nothing is forecast, else empty", examples=[""])


class Forecast(BaseModel):
    """What is expected of one channel, or of all."""

    channel: str = Field(examples=["all"])
    channels: list[str] = Field(description="those that can be asked for", examples=[["all", "chat", "email"]])
    days: list[Expected]
    hours: list[ExpectedHour]
    quality: list[Quality] = Field(description="of this channel: ours first; of all, every channel's")


class Basis(BaseModel):
    """How long a conversation of a channel takes, over the last 84 days."""

    channel: str = Field(examples=["chat"])
    live: bool = Field(description="its customers wait; others are worked off as tickets", examples=[True])
    places: int = Field(description="conversations that one person holds at a time", examples=[2])
    n: int = Field(description="conversations with a known handling time", examples=[1243])
    state: str = Field(description="known, or cannot tell", examples=["known"])
    handle_s: float | None = Field(description="mean handling time", examples=[102.0])
    median_s: float | None = Field(examples=[94.0])
    p90_s: float | None = Field(description="exceeded by one in ten", examples=[172.0])
    attention_s: float | None = Field(description="mean, shared moments counted in part", examples=[88.0])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[85.0])
    high: float | None = Field(description="upper end of it", examples=[91.0])
    place_s: float | None = Field(description="how long it keeps a place of a person busy", examples=[221.0])
    waiting: int = Field(description="unanswered and not closed", examples=[45])


class Hour(BaseModel):
    """People needed and planned in one coming hour."""

    day: date = Field(description="business time zone", examples=["2026-11-23"])
    hour: int = Field(description="0 … 23", examples=[10])
    weekday: int = Field(description="1 Monday … 7 Sunday", examples=[1])
    mark: str = Field(description="holiday, promotion or empty", examples=[""])
    opened: bool = Field(description="some channel is open", examples=[True])
    live: float = Field(description="conversations expected whose customers wait", examples=[38.2])
    live_low: int = Field(description="lower end of the 80 % interval", examples=[30])
    live_high: int = Field(description="upper end of it", examples=[47])
    working_low: int = Field(description="people for them where customers give up (Erlang A)", examples=[4])
    working_high: int = Field(description="people for them where nobody gives up (Erlang C)", examples=[5])
    working_cautious: int = Field(description="the same at the upper end of the interval", examples=[6])
    tickets: float = Field(description="people who work off tickets", examples=[0.8])
    heads_low: int = Field(description="people on the plan, breaks and leave included: lower end", examples=[5])
    heads_high: int = Field(description="upper end", examples=[6])
    heads_cautious: int = Field(description="where as many come as the interval allows", examples=[8])
    planned: float | None = Field(description="people on shift; null where no shift is told", examples=[4.0])
    planned_how: str = Field(description="told, usual (as in the four weeks before) or unknown", examples=["told"])
    verdict: str = Field(description="too few, tight, enough, spare, closed or cannot tell", examples=["too few"])


class Plan(BaseModel):
    """The coming hours in their order, and what the figures rest on."""

    hours: list[Hour]
    basis: list[Basis]


class Asked(Question):
    """Which part of the forecast."""

    channel: Name = Field(default=ALL, description="chat, email …, or 'all'")
    days: int = Field(default=LONGEST, ge=1, le=LONGEST, description="how many days, the next ones first")


class Days(Question):
    """How far ahead."""

    days: int = Field(default=LONGEST, ge=1, le=LONGEST, description="how many days, the next ones first")


CHANNELS = "select distinct channel from mart.main.day_forecast order by channel <> 'all', channel"
DAYS = """
select * exclude (channel, weekday) from mart.main.day_forecast
where channel = ? and day < (select min(day) from mart.main.day_forecast) + ?::integer order by day
"""
HOURS = """
select * exclude (channel, weekday) from mart.main.hour_forecast
where channel = ? and day < (select min(day) from mart.main.day_forecast) + ?::integer order by day, hour
"""
QUALITY = """
select * from mart.main.forecast_quality where ? = 'all' or channel = ?
order by channel <> 'all', channel, model <> 'ours', wape nulls last, model
"""
PLAN = """
select * from mart.main.heads where day < (select min(day) from mart.main.heads) + ?::integer order by day, hour
"""
BASIS = "select * from mart.main.staffing_basis order by channel"


def forecast(generation: Generation, *, channel: str = ALL, days: int = LONGEST) -> Forecast:
    """What is expected, and how good such forecasts were."""
    asked: list[Any] = [channel, days]
    return Forecast(
        channel=channel,
        channels=[row["channel"] for row in generation.rows(CHANNELS)],
        days=[Expected(**row) for row in generation.rows(DAYS, asked)],
        hours=[ExpectedHour(**row) for row in generation.rows(HOURS, asked)],
        quality=[Quality(**row) for row in generation.rows(QUALITY, [channel, channel])],
    )


def plan(generation: Generation, *, days: int = LONGEST) -> Plan:
    """People needed and planned."""
    return Plan(
        hours=[Hour(**row) for row in generation.rows(PLAN, [days])],
        basis=[Basis(**row) for row in generation.rows(BASIS)],
    )


@ROUTER.get("/forecast", operation_id="forecast", summary="How many contacts will come in the coming hours and days?")
def get_forecast(asked: Annotated[Asked, Query()], generation: Snapshot) -> Forecast:
    """Level × hour of the week × holidays and promotions, by the simple model that was best so far."""
    return forecast(generation, channel=asked.channel, days=asked.days)


@ROUTER.get("/staffing", operation_id="staffing", summary="How many people does each coming hour need?")
def get_plan(asked: Annotated[Days, Query()], generation: Snapshot) -> Plan:
    """A band between Erlang A and Erlang C for chats and calls, and backlogs drained for tickets, beside the shifts."""
    return plan(generation, days=asked.days)
