"""`insight eval forecast`: how well contacts are forecast on a file of arrivals."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from insight.cli import options
from insight.cli.figures import console, figure, plain

if TYPE_CHECKING:
    from insight.evaluate.forecast import ForecastScores


def forecast(
    file: Annotated[
        Path, typer.Argument(help="Parquet, CSV or TSV, one row per contact.", exists=True, dir_okay=False)
    ],
    opened: Annotated[str, typer.Option(help="Column with the moments at which contacts came in.")] = "opened_at",
    zone: Annotated[str, typer.Option(help="Clock of hours and days, and of moments that name no zone.")] = "UTC",
    horizon: Annotated[str, typer.Option(help="How far ahead, in whole weeks: 7d, 14d … 56d.")] = "7d",
    times: Annotated[str, typer.Option(help="How moments are written: iso, epoch_s, epoch_ms or a pattern.")] = "iso",
    where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only rows with this value; may be told again.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Forecast each week of a file from what lay before it, and compare with what came and with last week's figures.

    wape: absolute errors by contacts. mase: errors by the usual change from week to week. ratio: errors by those of the
    seasonal naive forecast. coverage: the share of hours that lay in the interval.
    """
    from insight.evaluate.forecast import forecast_file

    found = forecast_file(file, opened=opened, zone=zone, horizon=horizon, times=times, where=where or ())
    if as_json:
        sys.stdout.write(json.dumps(plain(asdict(found)), default=str) + "\n")
    else:
        _show(found, file.name)


def _show(found: ForecastScores, name: str) -> None:
    """The candidates beside ours, and below them what it comes to."""
    shown = Table(title=f"forecast on {name}", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("model", "wape", "mase", "days' wape", "ratio", "picked"):
        shown.add_column(column, no_wrap=True, justify="left" if column == "model" else "right")
    ours = (found.wape, found.mase, found.day_wape, found.ratio)
    shown.add_row("ours: the best so far", *(figure(value) for value in ours), "")
    for model, score in found.models.items():
        figures = (score.wape, score.mase, score.day_wape, score.ratio)
        shown.add_row(model, *(figure(value) for value in figures), f"{100 * score.picked:.0f} %")
    out = console()
    out.print(shown)
    lines = (
        f"{found.contacts:,} contacts from {found.first} to {found.last}; left out: {found.unreadable:,} unreadable "
        f"rows, {found.before:,} contacts before and {found.after:,} after the stream, {found.outages} days of outage",
        f"{found.origins} origins, {found.horizon_days} days ahead, {found.hours:,} hours, {found.seconds:.1f} s",
        f"ratio to seasonal naive {figure(found.ratio)}, 95 % {figure(found.ratio_low)} … {figure(found.ratio_high)}"
        f": {found.verdict}; chance alone leaves a wape of {figure(found.floor)}",
        f"the 80 % interval holds {_percent(found.coverage_80)} of hours with something expected, 95 % "
        f"{_percent(found.coverage_80_low)} … {_percent(found.coverage_80_high)}; the 95 % one holds "
        f"{_percent(found.coverage_95)}",
        f"of all hours {_percent(found.coverage_all_80)} and {_percent(found.coverage_all_95)}; of days "
        f"{_percent(found.day_coverage_80)} and {_percent(found.day_coverage_95)}",
    )
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %" if math.isfinite(value) else "–"
