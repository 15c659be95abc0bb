"""GET /effects: what each action of the register did to contacts about its topics, and how sure that is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from insight import taxonomy
from insight.api.deps import Nothing, Snapshot, Told
from insight.api.remember import Remembered
from insight.api.routes.topics import TOLD
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["effects"])


class Week(BaseModel):
    """Seven days, counted from the first day of the action; rates are contacts per 1,000 orders."""

    week: dt.date = Field(description="its first day", examples=["2026-05-10"])
    part: str = Field(description="before, spike, out (counts for neither) or after", examples=["after"])
    contacts: int = Field(description="conversations about the topics, units acted on", examples=[3])
    orders: float = Field(description="orders that such contacts are to be expected from", examples=[66.3])
    per_1000: float | None = Field(description="contacts per 1,000 of them", examples=[45.3])
    others_contacts: int = Field(description="the same, units left alone", examples=[8])
    others_orders: float = Field(description="the same, units left alone", examples=[1249.3])
    others_per_1000: float | None = Field(description="the same, units left alone", examples=[6.4])
    expected_per_1000: float | None = Field(description="to be expected without the action", examples=[160.7])


class ActionTopic(BaseModel):
    """What an action is to make rarer: a topic or a family of topics."""

    topic_id: str = Field(examples=["how_to"])
    name_en: str = Field(examples=["How to use it"])
    name_zh: str = Field(examples=["使用方法"])


class ActionEffect(BaseModel):
    """One action, its verdict, and what it rests on; ratios in times of what was to be expected without it."""

    action: int = Field(description="its place in the register", examples=[1])
    name: str = Field(description="what was done", examples=["Pairing video on the listing"])
    topics: list[ActionTopic]
    skus: list[str] = Field(description="for these products only; none: all", examples=[["CAM-03"]])
    markets: list[str] = Field(description="in these markets only; none: all", examples=[[]])
    since: dt.date = Field(description="the first day on which it could work", examples=["2026-05-10"])
    until: dt.date | None = Field(description="the first day on which it no longer did")
    written: dt.date | None = Field(description="when it was written down", examples=["2026-05-06"])
    after_the_fact: bool | None = Field(description="written down later than it began; null: nobody tells")
    spiked: bool = Field(description="chosen because contacts had just risen")
    reaches: str = Field(description="orders: who orders from that day on; everyone", examples=["everyone"])
    hoped: float = Field(description="share by which contacts were to fall at least", examples=[0.5])
    why: str = Field(description="why it was done", examples=["customers cannot connect it"])
    verdict: str = Field(description="worked, did not, too early or cannot tell", examples=["worked"])
    ratio: float | None = Field(description="contacts in times of the expected", examples=[0.24])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[0.12])
    high: float | None = Field(description="upper end of it; null: none", examples=[0.57])
    chance: float | None = Field(description="how often so clear a fall comes by chance", examples=[0.001])
    detectable: float | None = Field(description="the fall told in four of five cases", examples=[0.6])
    weeks_before: int = Field(description="whole weeks of the level before", examples=[9])
    weeks_after: int = Field(description="whole weeks after", examples=[7])
    weeks_out: int = Field(description="weeks that count for neither", examples=[0])
    treated: int = Field(description="units acted on", examples=[1])
    others: int = Field(description="units compared with, small ones put together", examples=[5])
    others_out: int = Field(description="units of another action about the same topic, left out", examples=[0])
    contacts_before: int = Field(description="in the level before", examples=[72])
    contacts_after: int = Field(description="after the action", examples=[16])
    expected_after: float | None = Field(description="to be expected then without it", examples=[65.9])
    unplaced: int = Field(description="conversations that name no product or market", examples=[104])
    swing: float | None = Field(description="spread from week to week beside counting", examples=[0.26])
    memory: float | None = Field(description="correlation of a week with the next", examples=[0.3])
    wider: float | None = Field(description="by how much placebos widened the interval", examples=[1.0])
    earlier: float | None = Field(description="the same estimate for a day before: should be 1", examples=[1.1])
    earlier_low: float | None = Field(description="lower end of its interval", examples=[0.7])
    earlier_high: float | None = Field(description="upper end of it", examples=[1.6])
    siblings: float | None = Field(description="the same for products of the family", examples=[1.2])
    siblings_low: float | None = Field(description="lower end of its interval", examples=[0.7])
    siblings_high: float | None = Field(description="upper end of it", examples=[2.1])
    unknown: list[str] = Field(description="names that nothing in the data has: mistyped?", examples=[[]])
    against: list[str] = Field(description="what speaks against believing it", examples=[["unplaced"]])
    weeks: list[Week]


class Effects(BaseModel):
    """The actions in the order of the register."""

    effects: list[ActionEffect]


ACTIONS = "select * from mart.main.effects order by action"
WEEKS = "select * from mart.main.effect_weeks order by action, week"
TOPICS = "select topic_id, name_en, name_zh, named_by, customers from mart.main.topics"


def read(generation: Generation, *, few: int) -> Effects:
    """Every action with its weeks; a name made of the words of too few customers is its id."""
    names = _names(generation, few)
    weeks: dict[int, list[Week]] = {}
    for row in generation.rows(WEEKS):
        weeks.setdefault(row["action"], []).append(Week(**row))
    found = []
    for row in generation.rows(ACTIONS):
        told = [(name, *names.get(name, (name, name))) for name in row["topic_ids"]]
        topics = [ActionTopic(topic_id=name, name_en=english, name_zh=chinese) for name, english, chinese in told]
        found.append(ActionEffect(**row, topics=topics, weeks=weeks.get(row["action"], [])))
    return Effects(effects=found)


def _names(generation: Generation, few: int) -> dict[str, tuple[str, str]]:
    """What families, leaves and topics are called in English and Chinese."""
    found: dict[str, tuple[str, str]] = dict(taxonomy.families())
    found |= {leaf.topic_id: (leaf.name, leaf.name_zh) for leaf in taxonomy.leaves()}
    rows: list[dict[str, Any]] = generation.rows(TOPICS)
    shown = [row for row in rows if row["named_by"] in TOLD or row["customers"] >= few]
    return found | {row["topic_id"]: (row["name_en"], row["name_zh"]) for row in shown}


@ROUTER.get("/effects", operation_id="effects", summary="Did what was done make contacts rarer?")
def effects(asked: Nothing, generation: Snapshot, told: Told) -> Effects:
    """Every action of the register against units left alone: verdict, 95 % interval, weeks, what speaks against it."""
    return read(generation, few=told.privacy.min_customers)
