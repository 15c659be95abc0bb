"""What `insight eval taxonomy` shows: with no label, with a few, and by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from insight.evaluate.taxonomy import Part, TaxonomyScores

MEASURES = ("macro_f1", "accuracy", "coverage", "precision")


def show(found: TaxonomyScores, name: str) -> None:
    """One row for each part, one column for each measure."""
    title = f"taxonomy on {name}, {found.labels} labels, {found.encoder}, one fit {found.fit_seconds:.1f} s"
    shown = Table("", "texts", *(one.replace("_", " ") for one in MEASURES), title=title, title_justify="left")
    for what, part in (("no label", found.zero), (f"{found.shots} of each label", found.taught)):
        if part:
            shown.add_row(what, *_figures(part))
    shown.add_section()
    for language, part in found.by_language.items():
        shown.add_row(language, *_figures(part))
    Console().print(shown)


def _figures(part: Part) -> list[str]:
    told = (getattr(part, one) for one in MEASURES)
    return [f"{part.n:.0f}", *("–" if value is None else f"{value:.3f}" for value in told)]
