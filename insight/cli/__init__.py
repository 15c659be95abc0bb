"""The command line: one file per command, each registered here."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from insight.cli import (
    demand,
    doctor,
    driver_scores,
    effect_scores,
    evaluate,
    faq,
    forecast_scores,
    init,
    label,
    plan,
    qa,
    report,
    review_scores,
    risk_scores,
    run,
    serve,
    today,
    topics,
    train,
)
from insight.errors import InsightError

app = typer.Typer(
    name="insight",
    help="Conversations in, decisions out.\n\nStart with `insight init`, then `insight run`, then `insight serve`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init")(init.init)
app.command("plan")(plan.plan)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("report")(report.report)
app.command("doctor")(doctor.doctor)
app.command("label")(label.label)
app.command("today")(today.today)
evaluate.app.command("forecast")(forecast_scores.forecast)
evaluate.app.command("effects")(effect_scores.effects)
evaluate.app.command("drivers")(driver_scores.drivers)
evaluate.app.command("risk")(risk_scores.risk)
evaluate.app.command("reviews")(review_scores.reviews)
app.add_typer(evaluate.app, name="eval")
app.add_typer(train.app, name="train")
app.add_typer(topics.app, name="topics")
app.add_typer(demand.app, name="demand")
app.add_typer(qa.app, name="qa")
app.add_typer(faq.app, name="faq")
app.add_typer(today.win_back, name="win-back")


def main() -> None:
    """The entry point: an error that a user can cure is shown as such, and the exit code is 1."""
    try:
        app()
    except InsightError as error:
        Console(stderr=True, highlight=False).print(f"[bold red]error[/] {type(error).__name__}: ", end="")
        Console(stderr=True, highlight=False).print(str(error), markup=False)
        sys.exit(1)
