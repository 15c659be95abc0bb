"""`insight train`: what is learned from the seller's own data, and whether it is better than what ships."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from insight.cli import options
from insight.schema import MENTIONS, REVIEWS, SENTIMENT_HEAD, SURVEYS

if TYPE_CHECKING:
    from insight.sentiment_training import Verdict

app = typer.Typer(help="Learn from your own data what ships can be bettered in.", no_args_is_help=True)


@app.callback()
def train() -> None:
    """Learn from your own data what ships can be bettered in."""


@app.command("sentiment")
def sentiment(settings: options.SettingsPath = options.HERE, as_json: options.AsJson = False) -> None:
    """Learn moods from your own stars and surveys, and keep what was learned only where it is surely better.

    The older texts teach, the newest decide: the gain in macro-F1 over the shipped head must be above 0 at the lower
    end of its 95 % interval. `insight run` does the same by itself where reviews or surveys are new; this says why.
    """
    from insight import plan, sentiment_training
    from jobs import every_job

    told = options.read(settings)
    places = options.places(told)
    lake = places[""]
    with lake.locked():
        (job,) = (one for one in every_job() if one.writes == (SENTIMENT_HEAD,))
        mark = plan.fingerprint(job, places, options.version(told))
        tables = (lake.read(table) for table in (REVIEWS, SURVEYS, MENTIONS))
        verdict = sentiment_training.learn(sentiment_training.labelled(*tables))
        lake.write(SENTIMENT_HEAD, sentiment_training.rows_of_head(verdict.head), fingerprint=mark)
    if as_json:
        sys.stdout.write(json.dumps({"promoted": verdict.head is not None, **_figures(verdict)}) + "\n")
    else:
        _show(verdict)


def _figures(verdict: Verdict) -> dict[str, Any]:
    return {field.name: getattr(verdict, field.name) for field in fields(verdict) if field.name != "head"}


def _show(verdict: Verdict) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{'promoted' if verdict.head else 'not promoted'}[/]: {verdict.why}", soft_wrap=True)
    if verdict.gain is None:
        return
    shown = Table(
        "head", "macro-F1", "calibration error", title=f"on the newest {verdict.held} of {verdict.rows} texts"
    )
    shown.add_row("own", f"{verdict.macro_f1:.3f}", f"{verdict.ece:.3f}")
    shown.add_row("shipped", f"{verdict.shipped_macro_f1:.3f}", f"{verdict.shipped_ece:.3f}")
    console.print(shown)
    console.print(f"gain {verdict.gain:+.3f}, 95 % interval {verdict.low:+.3f} to {verdict.high:+.3f}")
    console.print(
        "next: `insight run` tells the moods of all mentions anew" if verdict.head else "the shipped head speaks"
    )
