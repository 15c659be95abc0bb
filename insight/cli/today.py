"""`insight today` and `insight win-back`: whom to help, how, and who may be written to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from insight.cli import options
from insight.cli.files import write_whole
from insight.cli.summary import WIDE, short

if TYPE_CHECKING:
    from insight.api.routes.worklists import Effect, Today, WinBacks
    from insight.settings import Settings

win_back = typer.Typer(
    help="See who asked or was unhappy and did not buy, and export who may be written to.",
    no_args_is_help=True,
)
ALL = 2**31 - 1
"""As many as there are."""


def today(
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Customers at most; else what the team can work on.")
    ] = None,
    agent: Annotated[str, typer.Option("--agent", help="Only what this person has taken.")] = "",
    out: Annotated[Path | None, typer.Option("--csv", help="Write the list to this CSV file.")] = None,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Show whom to help today, most likely to write again first, and what the list saves.

    Who was put off or is done with has left the list. Who is left alone by lot is a number and has no name.

    Example: insight today --limit 20 --csv today.csv
    """
    from insight.api.routes.worklists import as_csv, sheet

    told = options.read(settings)
    found = _today(told, agent, limit)
    if out is not None:
        write_whole(out, as_csv(sheet("at_risk", found.customers, told.shop.currency)), encoding="utf-8-sig")
    if as_json:
        sys.stdout.write(json.dumps(found.model_dump(mode="json"), ensure_ascii=False) + "\n")
        return
    console = _console()
    for line in _head(found):
        console.print(line, markup=False, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("chance", "hours left", "contact", "about", "last words", "next step", "with"):
        table.add_column(name, justify="right" if name in ("chance", "hours left") else "left")
    for row in found.customers:
        step = short(row.step.step, 40) + (" (our rule)" if row.step.kind == "rule" else "") if row.step else ""
        chance, left = f"{row.probability:.0%}", f"{row.hours_left:.0f}"
        names = (short(row.conversation_id, 20), short(row.topic_en, 24), short(row.last_words, 30))
        table.add_row(chance, left, *names, step, short(row.assigned, 12))
    if found.customers:
        console.print(table)
    if out is not None:
        console.print(f"{len(found.customers):,} customers are in {out}", markup=False, soft_wrap=True)


@win_back.callback()
def listed() -> None:
    """See who asked or was unhappy and did not buy, and export who may be written to."""


@win_back.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The CSV file to write; one that is there is replaced.")],
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Write the customers to win back who agreed to receive marketing, and count the others.

    Whose consent nobody tells is left out too: unknown is no consent. There is no option that writes them.

    Example: insight win-back export --out win_back.csv
    """
    from insight.api.routes.worklists import as_csv, consent, sheet

    told = options.read(settings)
    found = _win_back(told)
    write_whole(out, as_csv(sheet("win_back", found.customers, told.shop.currency)), encoding="utf-8-sig")
    if as_json:
        counts = {"file": str(out), "customers": len(found.customers)}
        counts |= {name: getattr(found, name) for name in ("total", "agreed", "refused", "unknown")}
        sys.stdout.write(json.dumps(counts, ensure_ascii=False) + "\n")
        return
    console = _console()
    console.print(f"{len(found.customers):,} customers are in {out}", markup=False, soft_wrap=True)
    console.print(consent(found), markup=False, soft_wrap=True)


def _today(told: Settings, agent: str, limit: int | None) -> Today:
    from insight.api.routes.worklists import AskedFor, read_today
    from insight.casebook import casebook
    from insight.published import Published

    asked = AskedFor.model_construct(agent=agent, limit=limit)
    return read_today(Published(told.lake_path).current(), casebook(told), asked=asked, told=told)


def _win_back(told: Settings) -> WinBacks:
    from insight.api.routes.worklists import AskedFor, read_win_back
    from insight.casebook import casebook
    from insight.published import Published

    asked = AskedFor.model_construct(limit=ALL)
    return read_win_back(Published(told.lake_path).current(), casebook(told), asked=asked, told=told)


def _head(found: Today) -> list[str]:
    """What the list says first."""
    effect = found.effect
    lines = [f"{found.open:,} open, {found.snoozed:,} put off, {found.done:,} done; as of {found.day.isoformat()}"]
    if effect.recent.n:
        bad = f"{effect.recent.bad:,} of the last {effect.recent.n:,} named went bad"
        lines.append(f"{bad}, {effect.recent_held.bad:,} of {effect.recent_held.n:,} left alone on the same days")
    return [*lines, _verdict(effect), f"{found.left_alone:,} customers are left alone by lot ({found.hold_out:.0%})"]


def _verdict(effect: Effect) -> str:
    if effect.difference is None or effect.low is None or effect.high is None:
        return f"whether the list helps: cannot tell yet ({effect.held.n} left alone with 30 days over, 30 needed)"
    ends = f"{effect.difference:+.1%} (95 % {effect.low:+.1%} … {effect.high:+.1%})"
    return f"whether the list helps: {effect.verdict}; went bad {ends} against those left alone by lot"


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
