"""`insight eval`: how good a stage is on text with known answers."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from insight.cli import options
from insight.settings import Settings

app = typer.Typer(help="Measure a stage on a file with known answers.", no_args_is_help=True)


@app.callback()
def evaluate() -> None:
    """Measure a stage on a file with known answers."""


@app.command("topics")
def topics(
    file: Annotated[Path, typer.Argument(help="Parquet or CSV.", exists=True, dir_okay=False)],
    text: Annotated[str, typer.Option(help="Column with the texts.")] = "text",
    gold: Annotated[str, typer.Option(help="Column with the true topics.")] = "gold",
    settings: Annotated[Path | None, typer.Option("--settings", "-s", help="insight.toml; none is needed.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Run the topic stage that `insight run` uses, with the number of topics left free, and compare with the truth.

    Accuracy is matched one to one (Hungarian method). A text without a topic counts as wrong.
    """
    from insight.evaluate import topics_file

    told = options.read(settings) if settings else Settings(home=Path.cwd())
    scores = asdict(topics_file(file, text=text, gold=gold, settings=told))
    if as_json:
        sys.stdout.write(json.dumps(scores) + "\n")
        return
    shown = Table("measure", "value", title=f"topics on {file.name}", title_justify="left")
    for name, value in scores.items():
        shown.add_row(name, f"{value:.3f}" if isinstance(value, float) else str(value))
    Console().print(shown)
