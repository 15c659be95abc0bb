"""`insight plan`: the river, drawn from what the jobs declare."""

from __future__ import annotations

import json
import sys

from rich.console import Console

from insight.cli import options
from insight.plan import picture
from jobs import every_job


def plan(as_json: options.AsJson = False) -> None:
    """Show which job reads what and writes what, in the order they run, with the question each answers."""
    jobs = every_job()
    if as_json:
        river = [
            {"job": j.name, "asks": j.asks, "reads": [n.name for n in j.needs], "writes": [w.name for w in j.writes]}
            for j in jobs
        ]
        sys.stdout.write(json.dumps(river, indent=1) + "\n")
        return
    console = Console(highlight=False)
    console.print(picture(jobs), markup=False, soft_wrap=True)
    console.print()
    for one in jobs:
        console.print(f"[bold]{one.name}[/]  {one.asks}", soft_wrap=True)
