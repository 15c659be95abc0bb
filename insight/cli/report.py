"""`insight report`: the daily, weekly or monthly report as a file."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from insight.cli import options

if TYPE_CHECKING:
    from insight.api.words import Words
    from insight.documents import Document


class Name(StrEnum):
    """The reports."""

    daily = "daily"
    weekly = "weekly"
    monthly = "monthly"


FORMS = (".html", ".md", ".xlsx")


def report(
    name: Annotated[Name, typer.Argument(help="Which report.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file: .html, .md or .xlsx.")] = None,
    lang: Annotated[options.Lang, typer.Option("--lang", help="Language of the report.")] = options.Lang.en,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Write a report: what changed and what drives it, figures against targets, warnings, risks and demand.

    Without --out it is printed as Markdown. Example: insight report weekly --out week.xlsx --lang zh
    """
    from insight import documents
    from insight.api.reports import REPORTS, document
    from insight.api.words import Words
    from insight.cli.files import write_bytes
    from insight.errors import SettingsError
    from insight.published import Published

    if out is not None and out.suffix.lower() not in FORMS:
        raise SettingsError(
            "reports have no such form",
            where="--out",
            came=out.name,
            wanted=f"a name that ends with {', '.join(FORMS)}",
        )
    told = options.read(settings)
    words = Words(lang.value, told.shop.clock, told.shop.currency)
    made = document(REPORTS[name.value], Published(told.lake_path).current(), told, words)
    if out is None:
        sys.stdout.write(documents.markdown(made))
        return
    form = out.suffix.lower()
    if form == ".xlsx":
        data = documents.workbook(made)
    elif form == ".md":
        data = documents.markdown(made).encode()
    else:
        data = _page(made, words).encode()
    write_bytes(out, data)
    if as_json:
        sys.stdout.write(
            json.dumps({"file": str(out), "report": name.value, "lines": made.lines}, ensure_ascii=False) + "\n"
        )
        return
    console = Console(highlight=False, soft_wrap=True)
    for line in made.lines:
        console.print(f"- {line}", markup=False)
    console.print(f"the {name.value} report is in {out}", markup=False)


def _page(made: Document, words: Words) -> str:
    """The report as one file of HTML that needs no other, its style within."""
    from insight.api.assets import STATIC
    from insight.api.render import render

    style = (STATIC / "page.css").read_text(encoding="utf-8")
    return render("report_file.html", words, document=made, style=style)
