"""`insight eval risk`: how well a file of contacts tells who comes back about the same issue."""

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
    from insight.evaluate.risk import RiskScores


def risk(
    file: Annotated[
        Path, typer.Argument(help="Parquet, CSV or TSV, one row per contact.", exists=True, dir_okay=False)
    ],
    customer: Annotated[str, typer.Option(help="Column that says whose contact it is.")] = "customer_id",
    issue: Annotated[str, typer.Option(help="Column that says what it is about.")] = "issue",
    opened: Annotated[str, typer.Option(help="Column with the moments at which contacts came in.")] = "opened_at",
    resolved: Annotated[str, typer.Option(help="Column with the moments of their resolution.")] = "resolved_at",
    events: Annotated[
        Path | None,
        typer.Option(help="The states through which contacts went, one row per event.", exists=True, dir_okay=False),
    ] = None,
    known: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Known since the opening; may be told again.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Clock of moments that name no zone.")] = "UTC",
    times: Annotated[str, typer.Option(help="How moments are written: iso, epoch_s, epoch_ms or a pattern.")] = "iso",
    where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only rows with this value; may be told again.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Score each contact at its first resolution by what was known then, and compare with who came back in 7 days.

    auc: how often one who came back ranks above one who did not. lift: the rate in the top tenth by the usual one. ece:
    how far chances and what came lie apart. Nothing that was known only later counts; the newest days are the test.
    """
    from insight.evaluate.risk import risk_file
    from insight.evaluate.risk_cases import Told

    told = Told(customer, issue, opened, resolved, zone=zone, times=times, known=tuple(known or ()))
    found = risk_file(file, told, events=events, where=where or ())
    if as_json:
        sys.stdout.write(json.dumps(plain(asdict(found)), default=str) + "\n")
    else:
        _show(found, file.name)


def _show(found: RiskScores, name: str) -> None:
    """Our figures above what others reached, and below them what they come to."""
    out = console()
    out.print(_ours(found, name))
    out.print(_anchors(found))
    for line in _lines(found):
        out.print(line, markup=False, soft_wrap=True)


def _ours(found: RiskScores, name: str) -> Table:
    shown = Table(title=f"repeat contact in 7 days, {name}", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("score", "auc", "lift at 10 %", "ece"):
        shown.add_column(column, no_wrap=True, justify="left" if column == "score" else "right")
    for what, *figures in (
        (f"ours: {found.speaks}", found.auc, found.lift_at_10, found.ece),
        ("count of the same in 30 days", found.baseline_auc, found.baseline_lift_at_10, math.nan),
        ("hazard (logistic) alone", found.logistic_auc, found.logistic_lift_at_10, found.logistic_ece),
        ("challenger (LightGBM) alone", found.challenger_auc, found.challenger_lift_at_10, found.challenger_ece),
        ("labels dealt out anew", found.shuffled_auc, math.nan, math.nan),
    ):
        shown.add_row(what, *(figure(value) for value in figures))
    return shown


def _anchors(found: RiskScores) -> Table:
    shown = Table(title="for comparison: a public log of incidents", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("score", "auc", "lift at 10 %", "ece"):
        shown.add_column(column, no_wrap=True, justify="left" if column == "score" else "right")
    for what, figures in found.anchors.items():
        shown.add_row(what, *(figure(figures.get(key, math.nan)) for key in ("auc", "lift_at_10", "ece")))
    return shown


def _lines(found: RiskScores) -> list[str]:
    gains = "; ".join(
        f"{name} {way.gain:+.3f} ({way.gain_low:+.3f} … {way.gain_high:+.3f})"
        for name, way in found.ways.items()
        if name != "hazard"
    )
    left = ", ".join(f"{count:,} {why}" for why, count in found.left_out.items())
    lines = [
        f"auc {figure(found.auc)}, 95 % {figure(found.auc_low)} … {figure(found.auc_high)}; beyond the count "
        f"{found.beyond_baseline:+.3f}, {found.beyond_baseline_low:+.3f} … {found.beyond_baseline_high:+.3f}; average "
        f"precision {figure(found.average_precision)}; observed by expected {figure(found.observed_by_expected)}",
        f"tested on {found.test_cases:,} cases from {found.test_from} to {found.test_to}, {found.test_events:,} came "
        f"back ({100 * found.base_rate:.1f} %); trained on {found.trained_on:,} from {found.train_from}, "
        f"{found.purged:,} purged between; {found.unmatured:,} unmatured ones in no figure",
        f"of {found.contacts:,} contacts of the stream; left out: {left}",
        f"gain in auc over the hazard in the backtest: {gains}; speaks: {found.speaks}",
    ]
    for label, group in (("no contact in the 30 days before", found.first), ("returning", found.returning)):
        lines.append(f"{label}: {group.cases:,} cases, {group.events:,} came back, auc {figure(group.auc)}")
    for days, reach in found.windows.items():
        lines.append(
            f"within {days} days, same curve: auc {figure(reach.auc)}, ece {figure(reach.ece)} "
            f"({reach.cases:,} cases of the {reach.by}, {reach.events:,} came back)"
        )
    lines.append(f"columns as of the resolution: {', '.join(found.columns_used) or 'none'}; {found.seconds:.1f} s")
    return [*lines, f"warning: {found.warning}"] if found.warning else lines
