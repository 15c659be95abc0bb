"""GET /findings and /low_scores: what goes with good and bad outcomes, and with low scores."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from insight.api.deps import Question, Snapshot, Told, Top
from insight.api.remember import Remembered
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["kpis"])


class Finding(BaseModel):
    """An outcome that surely differs between a part and the rest. It goes together; nothing says why."""

    rank: int = Field(description="1 differs most, in spreads of single rows", examples=[1])
    outcome: str = Field(description="what differs", examples=["review"])
    split: str = Field(description="what sets the rows apart", examples=["late"])
    part: str = Field(description="yes, or a value of the split", examples=["yes"])
    unit: str = Field(description="stars of 5, or share", examples=["stars of 5"])
    n: int = Field(description="rows of the part", examples=[892])
    value: float = Field(description="the outcome in the part", examples=[2.29])
    others_n: int = Field(description="rows of the others", examples=[13020])
    others: float = Field(description="the outcome in the others", examples=[4.28])
    difference: float = Field(description="value less others", examples=[-1.99])
    low: float = Field(description="lower end of its 95 % interval", examples=[-2.1])
    high: float = Field(description="upper end of it", examples=[-1.88])
    q: float = Field(description="chance, after Benjamini and Hochberg over all comparisons", examples=[0.001])
    said: str = Field(description="as a sentence")
    said_zh: str = Field(description="the same in Chinese")


class Findings(BaseModel):
    """What surely goes together, the largest differences first."""

    findings: list[Finding]


class Reason(BaseModel):
    """A topic or word, and how often low scores and the others hold it."""

    kind: Literal["survey", "review"] = Field(description="scores of conversations, or reviews of orders")
    reason_kind: Literal["topic", "word"] = Field(description="what it is")
    reason: str = Field(description="the topic's id, or the word", examples=["zipper"])
    reason_en: str = Field(description="the word in English", examples=["zipper"])
    reason_zh: str = Field(description="the word in Chinese", examples=["拉链"])
    low_n: int = Field(description="low scores with it", examples=[31])
    low_all: int = Field(description="all low scores with words", examples=[220])
    others_n: int = Field(description="other scores with it", examples=[12])
    others_all: int = Field(description="all other scores with words", examples=[640])
    share: float = Field(description="low_n of low_all", examples=[0.14])
    others: float = Field(description="others_n of others_all", examples=[0.02])
    difference: float = Field(description="share less others", examples=[0.12])
    low: float = Field(description="lower end of its 95 % interval", examples=[0.08])
    high: float = Field(description="upper end of it", examples=[0.17])
    verdict: Literal["more often", "less often", "cannot tell"] = Field(description="as sure as chance allows")
    quote: str | None = Field(description="a customer's words, where enough customers spoke")


class Reasons(BaseModel):
    """What low scores hold more often than the others; first what is set apart most."""

    reasons: list[Reason]


class Kind(Question):
    """Which scores."""

    kind: Literal["survey", "review"] | None = Field(default=None, description="both where not told")


def read(generation: Generation, *, limit: int) -> Findings:
    """The findings as they were published."""
    rows = generation.rows("select * from mart.main.findings order by rank limit ?", [limit])
    return Findings(findings=[Finding(**row) for row in rows])


def worth_saying(generation: Generation, *, most: int) -> list[Finding]:
    """The first findings: of each part of a split only the outcome that differs most."""
    firsts: dict[tuple[str, str], Finding] = {}
    for one in read(generation, limit=200).findings:
        firsts.setdefault((one.split, one.part), one)
    return list(firsts.values())[:most]


def reasons(generation: Generation, *, kind: str | None, few: int) -> Reasons:
    """Topics and words of low scores; what fewer than `few` customers speak of is not told."""
    query = "select * from mart.main.low_scores where customers >= ? order by kind, reason_kind, rank"
    rows: list[dict[str, Any]] = generation.rows(query, [few])
    return Reasons(reasons=[Reason(**row) for row in rows if kind in (None, row["kind"])])


@ROUTER.get("/findings", operation_id="findings", summary="What goes with good and bad outcomes?")
def findings(asked: Annotated[Top, Query()], generation: Snapshot) -> Findings:
    """Every outcome by every obvious split over all days, false ones held to 5 %. Associations, no causes."""
    return read(generation, limit=asked.limit)


@ROUTER.get("/low_scores", operation_id="low_scores", summary="What do low scores speak of more than others?")
def low_scores(asked: Annotated[Kind, Query()], generation: Snapshot, told: Told) -> Reasons:
    """Topics and words of surveyed conversations and reviewed orders, low scores against the others."""
    return reasons(generation, kind=asked.kind, few=told.privacy.min_customers)
