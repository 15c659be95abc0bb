"""`insight faq`: what customers ask again and again, and drafts of help pages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from insight.cli import options
from insight.cli.summary import WIDE, short

app = typer.Typer(help="See frequent questions, and write drafts of help pages.", no_args_is_help=True)
MOST = 20
"""Questions that a plain list shows."""


@app.callback()
def faq() -> None:
    """See frequent questions, and write drafts of help pages."""


@app.command("list")
def list_(
    gaps: Annotated[bool, typer.Option("--gaps", help="Only those that need an answer.")] = False,
    most: Annotated[int, typer.Option("--most", min=1, help="Questions to show at most.")] = MOST,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """List what customers ask again and again, and how often it was settled.

    Example: insight faq list --gaps
    """
    from insight.api.routes.faq import read
    from insight.published import Published

    found = read(Published(options.read(settings).lake_path).current(), limit=2**31).questions
    rows = [one for one in found if one.gap or not gaps][:most]
    if as_json:
        sys.stdout.write(json.dumps([one.model_dump() for one in rows], ensure_ascii=False) + "\n")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("question", "topic", "conversations", "settled", "95 %", "n", "needs work"):
        table.add_column(name, justify="left" if name in ("question", "topic", "needs work") else "right")
    for one in rows:
        share = "–" if one.share is None else f"{one.share:.0%}"
        ends = "–" if one.low is None or one.high is None else f"{one.low:.0%} … {one.high:.0%}"
        lead = (short(one.question_en or one.question, 60), one.topic_id, f"{one.contacts:,}")
        table.add_row(*lead, share, ends, f"{one.judged:,}", one.gap)
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
    console.print(table if rows else "no question is asked often enough yet")
    if rows:
        console.print("next: insight faq export --out questions.md", markup=False, soft_wrap=True)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write: .md or .csv; one there is replaced.")],
    lang: Annotated[options.Lang, typer.Option("--lang", help="Language of the draft.")] = options.Lang.en,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Write frequent questions and their surest answers as a draft of help pages, to be edited by people.

    Example: insight faq export --out questions.md --lang zh
    """
    from insight.api.routes.faq import Draft, draft, read
    from insight.cli.files import write_whole
    from insight.errors import SettingsError
    from insight.published import Published

    form = out.suffix.lstrip(".").lower()
    if form not in ("md", "csv"):
        raise SettingsError("drafts are Markdown or CSV", where="--out", came=out.name, wanted="NAME.md or NAME.csv")
    generation = Published(options.read(settings).lake_path).current()
    text = draft(generation, Draft.model_validate({"lang": lang.value, "form": form}))
    write_whole(out, text, encoding="utf-8-sig" if form == "csv" else "utf-8")
    count = read(generation, limit=1).total
    if as_json:
        sys.stdout.write(json.dumps({"file": str(out), "questions": count}, ensure_ascii=False) + "\n")
        return
    Console(highlight=False).print(f"{count:,} questions are in {out}; edit them before you publish", markup=False)
