"""Options that several commands share, and what every command needs to begin."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from insight import settings
from insight.clients import world
from insight.ledger import ledger
from insight.namer import Namer
from insight.published import Folder
from insight.run import Places
from insight.settings import Settings
from insight.store import Store
from insight.version import code_digest

SettingsPath = Annotated[
    Path, typer.Option("--settings", "-s", help="Which insight.toml to use.", show_default=True, dir_okay=False)
]


class Lang(StrEnum):
    """Languages of what is written for people."""

    en = "en"
    zh = "zh"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of words for people.")]
HERE = Path("insight.toml")
NOT_IN_RESULTS = {"home", "lake", "people", "serve"}


def places(told: Settings) -> Places:
    """The lake and the doors of the river."""
    doors = {"world": world(told), "edits": ledger(told), "namer": Namer(told.names)}
    return Places({"": Store(told.lake_path), **doors, "published": Folder(told.lake_path)})


def version(told: Settings) -> str:
    """Code and settings as one text; where results lie and how they are served change none."""
    return code_digest() + told.model_dump_json(exclude=NOT_IN_RESULTS)


def read(path: Path) -> Settings:
    """The settings, with the environment's overrides."""
    return settings.read(path)
