"""What `insight eval encoder` shows: encoders side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from insight.evaluate.encoder import Comparison, Row

LABELLED = {"accuracy": "clusters, accuracy", "nmi": "clusters, NMI", "few_shot": "few-shot accuracy"}
PARALLEL = {"top1": "nearest translation, second → first", "top1_back": "nearest translation, first → second"}


def show(found: Comparison) -> None:
    """One column for each encoder, one row for each figure."""
    threads = f", {found.torch_threads} torch threads" if found.torch_threads else ""
    shown = Table(
        "",
        *(escape(row.encoder) for row in found.rows),
        title=f"encoders, mean of {found.seeds} seeds, {found.shots} examples of a label, {found.cpus} CPUs{threads}",
        title_justify="left",
    )
    for measure, title in LABELLED.items() if found.files else ():
        _section(shown, title, measure, found.rows, {f: [row.files.get(f) for row in found.rows] for f in found.files})
    for measure, title in PARALLEL.items() if found.parallel else ():
        scores = {f: [row.parallel.get(f) for row in found.rows] for f in found.parallel}
        _section(shown, title, measure, found.rows, scores)
    _costs(shown, found.rows)
    Console().print(shown)
    for row in found.rows:
        if row.note:
            Console().print(f"{row.encoder}: {row.note}", markup=False, highlight=False)
    loss = found.quantisation_loss or {}
    for name in sorted(loss, key=lambda name: -loss[name])[:1]:
        Console().print(f"lost by int8, at most: {loss[name]:+.4f} ({name})", highlight=False)


def _section(
    shown: Table, title: str, measure: str, rows: tuple[Row, ...], scores: Mapping[str, Sequence[object]]
) -> None:
    """One measure: a line for each file, the mean, and what it is to MiniLM's."""
    shown.add_section()
    shown.add_row(f"[bold]{title}[/]")
    for file, by_row in scores.items():
        shown.add_row(escape(file), *(_figure(getattr(one, measure, None)) for one in by_row))
    shown.add_row("mean", *(_figure(row.mean[measure]) for row in rows))
    if measure == "top1":
        shown.add_row("lowest", *(_figure(row.mean["lowest_top1"]) for row in rows))
    shown.add_row("÷ MiniLM", *(_figure(row.to_minilm.get(measure)) for row in rows))


def _costs(shown: Table, rows: tuple[Row, ...]) -> None:
    """What each encoder costs."""
    shown.add_section()
    shown.add_row("texts a second", *(_figure(row.texts_per_second, ",.0f") for row in rows))
    shown.add_row("÷ MiniLM", *(_figure(row.to_minilm.get("texts_per_second"), ",.1f") for row in rows))
    shown.add_row("dimensions", *(_figure(row.dimensions, "d") for row in rows))
    shown.add_row("seconds to load, fit, adapt", *(_figure(row.ready_seconds, ".1f") for row in rows))
    shown.add_row("most memory, MB", *(_figure(row.peak_mb, ",.0f") for row in rows))


def _figure(value: float | None, form: str = ".3f") -> str:
    return "–" if value is None else format(value, form)
