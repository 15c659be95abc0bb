"""What `insight eval stability` shows: each step, the runs beside the last one, and how they meet the contract."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

from insight.cli.summary import WIDE

if TYPE_CHECKING:
    from insight.evaluate.stability import Stability, Step

KEPT, LOSS = 0.99, 0.01
"""The contract: at least so many old mentions keep their id, at most so much accuracy is lost beside a refit."""


def show(found: Stability, name: str) -> None:
    """One row for each run, and below them what it comes to."""
    columns = ("run on", "mentions", "topics", "born", "unassigned", "kept", "joined", "accuracy", "nmi")
    shown = Table(title=f"stability on {name}", title_justify="left", box=box.SIMPLE_HEAD)
    for column in columns:
        shown.add_column(column, no_wrap=True)
    for step in found.steps:
        shown.add_row(f"{100 * step.share:.0f} % of rows", *_figures(step))
    for what, step in (
        ("nothing new", found.again),
        ("another encoder", found.other),
        ("found anew", found.refit),
    ):
        shown.add_row(what, *_figures(step))
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(highlight=False, width=WIDE)
    console.print(shown)
    console.print(f"kept at least {_figure(found.kept)} (contract ≥ {KEPT}); {_losses(found)}")
    console.print(
        f"a run with nothing new leaves {'every row as it was' if found.identical else 'some rows changed'}; "
        f"numbered by size, as without a memory, {_figure(found.renumbered)} would be kept"
    )


def told(found: Stability) -> dict[str, Any]:
    """All figures by name, for machines."""
    return asdict(found) | {"kept": found.kept, "accuracy_loss": found.accuracy_loss, "nmi_loss": found.nmi_loss}


def _losses(found: Stability) -> str:
    if found.accuracy_loss is None:
        return "no loss is told without --gold"
    return f"loss beside a refit: accuracy {found.accuracy_loss:+.3f} (contract ≤ {LOSS}), nmi {found.nmi_loss:+.3f}"


def _figures(step: Step) -> list[str]:
    quality = (step.quality.accuracy, step.quality.nmi) if step.quality else (None, None)
    shares = (step.unassigned, step.kept, step.joined, *quality)
    return [f"{step.mentions:,}", str(step.topics), str(step.born), *map(_figure, shares)]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
