"""GET /counts: where every row that came in is now, and why some were refused."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from insight.api.deps import Nothing, Snapshot
from insight.api.remember import Remembered
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["counts"])

MOST_REJECTS = 200
"""Each refused row has its reasons in the lake; here are the first ones, by file and line."""


class Outcome(BaseModel):
    """Where the rows of a stage went."""

    outcome: str = Field(description="'in', or where the rows went: a table, or a reason", examples=["greeting"])
    rows: int = Field(description="how many", examples=[412])


class Stage(BaseModel):
    """One stage of the river: what came in equals what went out, by outcome."""

    stage: str = Field(description="read, messages, mentions …", examples=["mentions"])
    rows_in: int = Field(description="rows that came in", examples=[9120])
    outcomes: list[Outcome] = Field(description="where they went")
    closes: bool = Field(description="rows in = the sum of all outcomes")


class File(BaseModel):
    """One file that was read."""

    source: str = Field(description="name of the source in insight.toml", examples=["chat"])
    file: str = Field(description="path below the folder of insight.toml", examples=["chat.csv"])
    feeds: str = Field(description="the table it feeds", examples=["messages"])
    rows_in: int = Field(description="rows found in the file", examples=[1000])
    rows_out: int = Field(description="rows that went on", examples=[990])
    rows_skipped: int = Field(description="rows that the mapping says to leave out", examples=[8])
    rows_rejected: int = Field(description="rows that were refused", examples=[2])


class Reject(BaseModel):
    """Why one row was refused. What was found in it stays in the lake: it may be personal."""

    source: str = Field(examples=["chat"])
    file: str = Field(examples=["chat.csv"])
    line: int = Field(
        description="line or row number in the file, the header being 1; 0 for the whole file", examples=[17]
    )
    field: str = Field(description="which column", examples=["sent"])
    reason: str = Field(description="short code", examples=["naive_time"])
    wanted: str = Field(description="what would have been accepted", examples=["a time with its zone"])
    fix: str = Field(description="what to do", examples=["set zone for this source"])


class Counts(BaseModel):
    """Every row that came in is somewhere."""

    closes: bool = Field(description="every stage closes")
    stages: list[Stage]
    files: list[File]
    rejects: list[Reject] = Field(description=f"the first {MOST_REJECTS}, by source, file and line")
    rejects_total: int = Field(description="all reasons why rows were refused", examples=[2])


def read(generation: Generation) -> Counts:
    """The whole account of one published file."""
    stages = _stages(generation)
    rejects = generation.rows(
        "select source, file, line, field, reason, wanted, fix from mart.main.rejects"
        " order by source, file, line, field limit ?",
        [MOST_REJECTS],
    )
    return Counts(
        closes=all(stage.closes for stage in stages),
        stages=stages,
        files=[File(**row) for row in generation.rows("select * from mart.main.intake order by source, file")],
        rejects=[Reject(**row) for row in rejects],
        rejects_total=generation.rows("select count(*) as n from mart.main.rejects")[0]["n"],
    )


def _stages(generation: Generation) -> list[Stage]:
    """Stages in the order in which the job that counts wrote them: largest intake is not an order, the river is."""
    by_stage: dict[str, Stage] = {}
    for row in generation.rows("select * from mart.main.counts order by stage, rows desc, outcome"):
        stage = by_stage.setdefault(row["stage"], Stage(stage=row["stage"], rows_in=0, outcomes=[], closes=True))
        stage.closes = stage.closes and row["closes"]
        if row["outcome"] == "in":
            stage.rows_in = row["rows"]
        else:
            stage.outcomes.append(Outcome(outcome=row["outcome"], rows=row["rows"]))
    return list(by_stage.values())


@ROUTER.get("/counts", operation_id="counts", summary="Where is every row that came in?")
def counts(asked: Nothing, generation: Snapshot) -> Counts:
    """Per stage, per file, and the reasons of refused rows."""
    return read(generation)
