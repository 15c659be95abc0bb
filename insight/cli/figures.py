"""Figures as JSON and as text: what every `insight eval` prints."""

from __future__ import annotations

import math
from typing import Any

from rich.console import Console

from insight.cli.summary import WIDE


def plain(value: Any) -> Any:
    """What JSON can hold: a number that is none is null."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def figure(value: float) -> str:
    """Three digits, or a dash where there is none."""
    return f"{value:.3f}" if math.isfinite(value) else "–"


def console() -> Console:
    """Where words go: as wide as the terminal, or wide enough for a table in a file."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDE)
