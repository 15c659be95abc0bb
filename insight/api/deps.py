"""What routes and pages are handed: the published file, the settings, and the questions they may be asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from insight.published import Generation
from insight.settings import Settings


class Question(BaseModel):
    """The parameters of a route; one that is not named here is refused. Alone: a route without parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Top(Question):
    """A list that is cut."""

    limit: int = Field(default=20, ge=1, le=200, description="how many, best first")


def _snapshot(request: Request) -> Generation:
    generation: Generation = request.state.generation
    return generation


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Snapshot = Annotated[Generation, Depends(_snapshot)]
"""The published file, the same one for the whole answer."""

Told = Annotated[Settings, Depends(_settings)]
"""The settings."""

Nothing = Annotated[Question, Query()]
"""No parameter at all."""
