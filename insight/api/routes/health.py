"""GET /health: is there something to serve, how old is it, and do its counts close?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from insight import __version__
from insight.api.deps import Nothing, Snapshot
from insight.api.remember import Remembered
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["health"])


class Health(BaseModel):
    """What is being served."""

    status: Literal["ok"] = Field(description="a problem with status 503 is sent instead where nothing can be served")
    version: str = Field(description="of insight", examples=["0.1.0"])
    published: str = Field(
        description="id of the published file; equal ids are equal data", examples=["3f9a1c0d5b7e2a64"]
    )
    as_of: datetime | None = Field(
        description="newest moment in the data, UTC; null while there are none", examples=["2026-11-21T14:03:00Z"]
    )
    counts_close: bool = Field(description="every row that came in is accounted for at every stage")
    rejected: int = Field(
        description="rows and whole files that were refused, each with its reasons in /counts", examples=[12]
    )


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 as a UTC datetime, exactly."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def read(generation: Generation) -> Health:
    """The health of one published file."""
    told = generation.rows(
        "select coalesce((select bool_and(closes) from mart.main.counts), true) as counts_close,"
        " (select count(distinct (source, file, line)) from mart.main.rejects) as rejected"
    )[0]
    as_of = moment(generation.as_of_ms) if generation.as_of_ms else None
    return Health(status="ok", version=__version__, published=generation.id, as_of=as_of, **told)


@ROUTER.get("/health", operation_id="health", summary="Is there something to serve, and how old is it?")
def health(asked: Nothing, generation: Snapshot) -> Health:
    """Answers from the published file; 503 where there is none."""
    return read(generation)
