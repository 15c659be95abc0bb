"""`insight eval drivers`: which topics of a file go with an outcome, and does the interval hold a known truth?"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich import box
from rich.table import Table

from insight.cli import options
from insight.cli.figures import console, figure, plain
from insight.errors import SettingsError

if TYPE_CHECKING:
    from insight.evaluate.drivers import Found, Simulated

MOST = 30
"""Topics that the table shows; JSON holds all."""


def drivers(
    file: Annotated[
        Path | None,
        typer.Argument(help="Parquet, CSV or TSV, one row per conversation or order.", exists=True, dir_okay=False),
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="Column with numbers, or with yes and no.")] = None,
    topic: Annotated[str | None, typer.Option(help="Column with the topic of each row, or with yes and no.")] = None,
    topics: Annotated[str | None, typer.Option(metavar="A,B,C", help="Columns that say yes or no.")] = None,
    adjust: Annotated[str, typer.Option(metavar="A,B,C", help="Columns with confounders that are held.")] = "",
    customer: Annotated[str | None, typer.Option(help="Column with who; each row is one where not named.")] = None,
    low: Annotated[float | None, typer.Option(help="The outcome is whether its number is at most this.")] = None,
    better: Annotated[str | None, typer.Option(help="up or down; numbers up and shares down where not told.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only rows with this value; may be told again.")
    ] = None,
    simulate: Annotated[bool, typer.Option("--simulate", help="Draw worlds with a known truth instead.")] = False,
    runs: Annotated[int, typer.Option(min=10, help="Worlds to draw.")] = 300,
    as_json: options.AsJson = False,
) -> None:
    """Compare an outcome with and without each topic: as it is, and among rows that are alike in all that is held.

    points: the adjusted difference times the share of rows with the topic. E: how many times likelier something that
    is not held must make both to explain it. --simulate: a topic that comes with late parcels, which are bad in
    themselves, has nothing of its own; coverage is how often intervals hold the truth.
    """
    from insight.evaluate.drivers import drivers_file
    from insight.evaluate.drivers import simulate as drawn

    if simulate:
        simulated = [drawn(runs=runs, scale=scale) for scale in ("share", "mean")]
        if as_json:
            sys.stdout.write(json.dumps(plain([asdict(one) for one in simulated])) + "\n")
        else:
            _show_worlds(simulated)
        return
    columns = _columns(",".join(part for part in (topic, topics) if part))
    if file is None or outcome is None or not columns:
        raise SettingsError(
            "there is nothing to compare",
            came=" ".join(n for n, v in (("FILE", file), ("--outcome", outcome), ("--topic", columns)) if v)
            or "nothing",
            wanted="FILE --outcome COLUMN --topic COLUMN, or --simulate",
        )
    found = drivers_file(
        file,
        outcome=outcome,
        topics=columns,
        adjust=_columns(adjust),
        customer=customer,
        low=low,
        better=_better(better),
        where=where or (),
    )
    if as_json:
        sys.stdout.write(json.dumps(plain(asdict(found)), ensure_ascii=False) + "\n")
    else:
        _show(found, file.name)


def _columns(told: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in told.split(",") if name.strip()))


def _better(told: str | None) -> Literal["up", "down"] | None:
    if told not in (None, "up", "down"):
        raise SettingsError("an outcome is better up or down", where="--better", came=told, wanted="up or down")
    return told  # type: ignore[return-value]


def _show(found: Found, name: str) -> None:
    """Topics with what they go with, surest first, and what was held."""
    shown = Table(title=f"{found.outcome} on {name}", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("topic", "n", "raw", "adjusted", "points", "E", "q", "verdict"):
        shown.add_column(column, justify="left" if column in ("topic", "verdict") else "right", no_wrap=True)
    for one in found.drivers[:MOST]:
        shown.add_row(
            *(one.topic[:28], f"{one.n:,}", figure(one.raw), _interval(one.difference, one.low, one.high)),
            *(
                _interval(one.points, one.points_low, one.points_high),
                figure(one.e_near),
                figure(one.q),
                one.verdict,
            ),
        )
    out = console()
    out.print(shown)
    held = ", ".join(found.held) or "nothing"
    lines = (
        f"{found.rows:,} rows of {found.customers:,} customers, {found.left_out:,} without an outcome; "
        f"{found.outcome} is {figure(found.usual)} over all; held: {held}; {found.seconds:.1f} s",
        "raw: what a plain comparison says; adjusted and points with their 95 % intervals; topics go with the outcome, "
        "and nothing here says that they bring it",
        found.anchor,
        *((f"{len(found.drivers) - MOST} more topics with --json",) if len(found.drivers) > MOST else ()),
    )
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


def _show_worlds(simulated: list[Simulated]) -> None:
    """The truth beside what was found, and how often intervals held it."""
    out = console()
    for one in simulated:
        title = f"{one.runs} worlds of {one.units:,} conversations, outcome: {one.outcome}"
        shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
        for column in ("topic", "truth", "raw", "covers", "adjusted", "covers", "points cover", "said", "what it is"):
            shown.add_column(column, justify="left" if column in ("topic", "what it is") else "right")
        for topic in one.topics:
            figures = [topic.truth, topic.raw, topic.raw_coverage, topic.adjusted, topic.coverage]
            figures += [topic.points_coverage, topic.said]
            shown.add_row(topic.topic, *(figure(value) for value in figures), topic.kind)
        out.print(shown)
        out.print(
            f"95 % intervals hold the truth in {100 * one.coverage:.1f} % of cases, {100 * one.worst:.1f} % for the "
            f"worst topic; those of points in {100 * one.points_coverage:.1f} %; {one.seconds:.0f} s",
            soft_wrap=True,
        )


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:.3f} ({low:.3f} … {high:.3f})" if math.isfinite(value) else "–"
