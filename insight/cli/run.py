"""`insight run`: read what is new, do what is needed, publish, and show what came out."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from insight import plan
from insight.cli import options, summary
from insight.engines import ENGINES
from insight.errors import PlanError
from insight.published import Generation, Published
from insight.run import Job, Outcome, Run
from insight.schema import REJECTS
from insight.settings import Settings
from jobs import every_job

REJECTED = 2
"""Exit code when the run went well but rows were refused."""


def run(
    settings: options.SettingsPath = options.HERE,
    only: Annotated[list[str] | None, typer.Option("--only", help="Run only these jobs; may be given again.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run jobs even where nothing changed.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Run every job that is not up to date, publish the result, and show it.

    Exit code 0: all is well. 1: an error, said in words. 2: all is well, but rows were rejected (see `insight doctor`).
    """
    told = options.read(settings)
    began = time.perf_counter()
    chosen = _chosen(every_job(), only or [])
    lake = options.places(told)[""]
    with lake.locked():
        outcomes = _watched(chosen, told, force=force)
    refused = lake.read(REJECTS).select(["source", "file", "line"])
    rejected = len(refused.group_by(refused.column_names).aggregate([]))
    if only and "publish" not in only:
        _say_what_ran(outcomes, as_json=as_json)
    else:
        published = Published(told.lake_path).current()
        report = _report(outcomes, published, rejected, time.perf_counter() - began)
        _say(published, report, told, settings, as_json=as_json)
    raise typer.Exit(REJECTED if rejected else 0)


def _say(published: Generation, report: dict[str, Any], told: Settings, settings: Path, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(report, indent=1) + "\n")
    else:
        summary.show(published, report, told, settings)


def _say_what_ran(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    """Single jobs publish nothing, so there is no new screen to show."""
    jobs = [_told(o) for o in outcomes]
    if as_json:
        sys.stdout.write(json.dumps({"jobs": jobs}, indent=1) + "\n")
        return
    for o in outcomes:
        Console().print(f"{o.job}: {'nothing changed' if o.skipped else f'{o.seconds:.1f} s'}")
    Console().print("not published; `insight run` does that")


def _chosen(jobs: Sequence[Job], only: Sequence[str]) -> Sequence[Job]:
    unknown = sorted(set(only) - {j.name for j in jobs})
    if unknown:
        raise PlanError(
            "there is no such job",
            came=", ".join(unknown),
            wanted=", ".join(j.name for j in jobs),
            fix="see `insight plan`",
        )
    return [j for j in jobs if not only or j.name in only]


def _watched(jobs: Sequence[Job], told: Settings, *, force: bool) -> list[Outcome]:
    """Run jobs under a progress bar on stderr: one line for the river, one for the job that runs."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    outcomes: list[Outcome] = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        river, step = bars.add_task("insight run", total=len(jobs)), bars.add_task("", total=None)
        surroundings = Run(told, ENGINES["local"], lambda done, total: bars.update(step, completed=done, total=total))
        for event in plan.run(jobs, options.places(told), surroundings, version=options.version(told), force=force):
            if isinstance(event, Outcome):
                outcomes.append(event)
                bars.advance(river)
            else:
                bars.reset(step, description=event.name, total=None)
    return outcomes


def _report(outcomes: Sequence[Outcome], published: Generation, rejected: int, seconds: float) -> dict[str, Any]:
    """What machines want to know of a run."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "published": published.id,
        "as_of_ms": published.as_of_ms,
        "rejected": rejected,
        "seconds": round(seconds, 1),
        "peak_mb": round(peak / 1024),
        "jobs": [_told(o) for o in outcomes],
        "tables": {name: t["rows"] for name, t in published.made["tables"].items()},
        "digests": {name: t["digest"] for name, t in published.made["tables"].items()},
    }


def _told(outcome: Outcome) -> dict[str, Any]:
    return {"job": outcome.job, "skipped": outcome.skipped, "seconds": round(outcome.seconds, 2)}
