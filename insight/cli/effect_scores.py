"""`insight eval effects`: whether an action made contacts rarer, on a file of weeks, and in worlds made by chance."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from insight.cli import options
from insight.cli.figures import console
from insight.errors import SettingsError

if TYPE_CHECKING:
    from insight.evaluate.effects import EffectScores, WorldScores


def effects(
    file: Annotated[
        Path | None,
        typer.Argument(help="Parquet, CSV or TSV, one row per unit and week.", exists=True, dir_okay=False),
    ] = None,
    unit: Annotated[str, typer.Option(help="Column with the units: products, markets …")] = "sku",
    week: Annotated[str, typer.Option(help="Column with the weeks: first days, or numbers.")] = "week",
    contacts: Annotated[str, typer.Option(help="Column with the contacts of the week.")] = "contacts",
    orders: Annotated[str, typer.Option(help="Column with the orders that they are counted over.")] = "orders",
    treated: Annotated[str, typer.Option(metavar="A,B", help="The units acted on.")] = "",
    since: Annotated[str, typer.Option(metavar="DAY", help="First day, or number of the week, of the action.")] = "",
    spiked: Annotated[bool, typer.Option("--spiked", help="It was chosen because contacts had just risen.")] = False,
    hoped: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Share by which contacts were to fall at least.")
    ] = 0.3,
    simulate: Annotated[bool, typer.Option("--simulate", help="Judge actions in worlds made by chance.")] = False,
    runs: Annotated[int, typer.Option(min=1, help="Worlds of each kind.")] = 100,
    seed: Annotated[int, typer.Option(help="Another seed makes other worlds.")] = 7,
    where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only rows with this value; may be told again.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare contacts per order of some units with those of units left alone, before and after an action.

    worked: so clear a fall comes by chance once in twenty times at most. ratio: contacts in times of what was to be
    expected. detectable: the fall that would be told in four of five cases. --simulate needs no file.
    """
    from insight.evaluate import effects as measure

    if simulate:
        _simulated(runs, seed, as_json=as_json)
        return
    acted = [name.strip() for name in treated.split(",") if name.strip()]
    if file is None or not acted or not since:
        raise SettingsError(
            "there is nothing to measure",
            where="insight eval effects",
            wanted="a FILE with --treated and --since, or --simulate",
        )
    found = measure.effects_file(
        file,
        unit=unit,
        week=week,
        contacts=contacts,
        orders=orders,
        treated=acted,
        since=since,
        spiked=spiked,
        hoped=hoped,
        where=where or (),
    )
    if as_json:
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
    else:
        _show(found, file.name)


def _simulated(runs: int, seed: int, *, as_json: bool) -> None:
    """Make the worlds, with a bar, and tell what was said of them."""
    from insight.evaluate import effects as measure

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        made = measure.simulate(
            runs=runs,
            seed=seed,
            say=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    _print_worlds(made, as_json)


def _show(found: EffectScores, name: str) -> None:
    """The verdict first, then what it rests on."""
    out = console()
    interval = f"95 % {_figure(found.low)} … {_figure(found.high)}"
    lines = [
        f"{name}: {found.verdict}",
        f"contacts per order in times of what was to be expected: {_figure(found.ratio)}, {interval}; so clear a fall "
        f"comes by chance in {_percent(found.chance)}",
        f"a fall of {_percent(found.detectable)} would be told in four of five cases; hoped for: "
        f"{_percent(found.hoped)}",
        f"{found.treated} units acted on, {found.others} left alone; {found.weeks_before} weeks before, "
        f"{found.weeks_after} after; {found.unreadable} rows could not be read",
        f"from week to week rates swing by {_figure(found.swing)} (logarithm) beside chance and remember "
        f"{_figure(found.memory)}; placebos in {len(found.placebos)} places made the interval {_figure(found.wider)} "
        "times as wide",
        f"the same for a day before: {_figure(found.earlier)}, 95 % {_figure(found.earlier_low)} … "
        f"{_figure(found.earlier_high)}" + (": they had drifted apart" if found.drifted else ""),
    ]
    if found.weak:
        lines.append("weak: no comparison; too few units were left alone, and nobody can be told that it worked")
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
    _print_anchors(out)


def _print_worlds(made: list[WorldScores], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in made]) + "\n")
        return
    shown = Table(title="worlds made by chance", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("world", "runs", "worked", "95 %", "did not", "covered", "95 %", "off", "spread"):
        shown.add_column(column, no_wrap=True, justify="left" if column == "world" else "right")
    for one in made:
        shown.add_row(
            one.name,
            str(one.runs),
            _percent(one.worked),
            f"{_percent(one.worked_low)} … {_percent(one.worked_high)}",
            _percent(one.did_not),
            _percent(one.covered),
            f"{_percent(one.covered_low)} … {_percent(one.covered_high)}",
            f"{one.off:+.3f}",
            f"{one.spread:.3f}",
        )
    out = console()
    out.print(shown)
    out.print(
        "wanted: without an effect worked in 6 % at most; covered in 93 % or more; at -40 % worked in 70 % or more",
        markup=False,
        soft_wrap=True,
    )
    _print_anchors(out)


def _print_anchors(out: Console) -> None:
    """What simpler ways come to."""
    from insight.evaluate.effects import ANCHORS

    shown = Table(title="anchors: simpler ways, by simulation", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("way", "truth", "estimate", "verdict"):
        shown.add_column(column, no_wrap=True)
    for row in ANCHORS:
        shown.add_row(*row)
    out.print(shown)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
