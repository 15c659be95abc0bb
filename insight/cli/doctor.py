"""`insight doctor`: what is installed, what is told, what is stale, what was rejected."""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table

from insight import __version__, plan, shipped
from insight.cli import options
from insight.errors import InsightError
from insight.published import Published
from insight.run import Places
from insight.settings import Settings
from insight.version import LIBRARIES
from jobs import every_job

MOST_SHOWN = 12


def doctor(settings: options.SettingsPath = options.HERE, as_json: options.AsJson = False) -> None:
    """Check the installation, the settings and the data, and say what to do next."""
    told = options.read(settings)
    found = {
        "insight": __version__,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "models": _models(),
        "settings": told.model_dump(mode="json", exclude={"sources"}),
        "sources": [{"name": s.name, "feeds": s.feeds, "path": s.path} for s in told.sources],
        "stale": _stale(told),
        **_published(told),
    }
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1, default=str) + "\n")
        return
    _show(found)


def _models() -> dict[str, str]:
    """Each shipped file and whether it is the one that was sealed."""
    said = {}
    for name in shipped.manifest(shipped.folder()):
        try:
            shipped.path(name)
            said[name] = "ok"
        except InsightError as error:
            said[name] = error.what
    return said


def _stale(told: Settings) -> dict[str, str]:
    """Jobs that a run would do, with the reason."""
    places, mark = options.places(told), options.version(told)
    return {one.name: reason for one in every_job() if (reason := _why_stale(one, places, mark))}


def _why_stale(one: Any, places: Places, mark: str) -> str:
    if not all(places.of(w).fingerprint(w) for w in one.writes):
        return "never run"
    if not all(places.of(n).digest(n) for n in one.needs):
        return "its input was never made"
    wanted = plan.fingerprint(one, places, mark)
    return "" if all(places.of(w).fingerprint(w) == wanted for w in one.writes) else "input, code or settings changed"


def _published(told: Settings) -> dict[str, Any]:
    try:
        now = Published(told.lake_path).current()
    except InsightError as error:
        return {"published": None, "why": str(error), "intake": [], "rejects": [], "counts": []}
    return {
        "published": now.id,
        "intake": now.rows("select * exclude (sha256) from mart.main.intake order by source, file"),
        "rejects": now.rows(
            "select source, file, field, reason, count(*)::bigint as rows, min(line)::bigint as first_line,"
            " arg_min(came, line) as came, arg_min(wanted, line) as wanted, arg_min(fix, line) as fix"
            " from mart.main.rejects group by all order by rows desc, source, file, field, reason"
        ),
        "counts": now.rows("select * from mart.main.counts where not closes order by stage"),
    }


def _show(found: dict[str, Any]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]insight {found['insight']}[/], Python {found['python']}")
    console.print("libraries  " + ", ".join(f"{n} {v}" for n, v in found["libraries"].items()), soft_wrap=True)
    console.print("models     " + ", ".join(f"{n} {v}" for n, v in found["models"].items()), soft_wrap=True)
    console.print(f"published  {found['published'] or found['why']}")
    stale = found["stale"]
    console.print("stale      " + (", ".join(f"{n} ({why})" for n, why in stale.items()) or "nothing"), soft_wrap=True)
    intake = Table(
        "source", "file", "feeds", "rows in", "kept", "left out", "rejected", title="Read", title_justify="left"
    )
    for row in found["intake"]:
        intake.add_row(
            *(str(row[c]) for c in ("source", "file", "feeds", "rows_in", "rows_out", "rows_skipped", "rows_rejected"))
        )
    console.print(intake)
    if not found["rejects"]:
        console.print("rejected   nothing")
        return
    for row in found["rejects"][:MOST_SHOWN]:
        where = f"{row['file']}, line {row['first_line']}, {row['field']}: {row['reason']}"
        told = "".join(f"\n  {name}: {row[name]}" for name in ("came", "wanted", "fix") if row[name])
        console.print(f"rejected   {row['rows']} × {where}{told}", markup=False, soft_wrap=True)
    if len(found["rejects"]) > MOST_SHOWN:
        console.print(f"           and {len(found['rejects']) - MOST_SHOWN} more reasons: insight doctor --json")
