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


Name = Annotated[str, Field(max_length=80)]
"""One value of a dimension."""


class Places(Question):
    """Which platforms and markets; several values of one parameter mean any of them, none means all."""

    platform: tuple[Name, ...] = Field(default=(), max_length=20, description="amazon, shopify, ebay …")
    market: tuple[Name, ...] = Field(default=(), max_length=50, description="country or marketplace")

    @property
    def bound(self) -> list[list[str]]:
        """The four values that `IN_PLACES` binds."""
        return [list(self.platform), list(self.platform), list(self.market), list(self.market)]

    @property
    def everywhere(self) -> bool:
        """Nothing was chosen."""
        return not (self.platform or self.market)


IN_PLACES = (
    "(len(?::varchar[]) = 0 or list_contains(?::varchar[], platform))"
    " and (len(?::varchar[]) = 0 or list_contains(?::varchar[], market))"
)
"""The condition of `Places` in SQL, with values bound and never pasted."""


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
