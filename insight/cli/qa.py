"""`insight qa`: which conversations are to be scored, scoring them in a spreadsheet, and what the scores come to."""

from __future__ import annotations

import csv
import getpass
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from insight.cli import options
from insight.cli.files import write_whole
from insight.cli.summary import WIDE, short
from insight.settings import SHEET
from insight.sheets import csv_text, harmless

if TYPE_CHECKING:
    from insight.api.routes.qa import Figure, Quality, Sample
    from insight.scores import Asked
    from insight.settings import Settings

app = typer.Typer(
    help="Score conversations: see the sample, export and import a sheet of scores, see what they say.",
    no_args_is_help=True,
)
AFTER = 3
"""Columns of `settings.SHEET` that stand after those of the items."""
NAMES = ("sample_id", "conversation_id", "scorer", "note")
"""Columns that are read besides those of the items.

A spreadsheet may take a conversation's own id for a number and round it, but never its sample_id.
"""
MOST_BYTES = 50_000_000
MOST_FLAWS = 20
"""What is wrong with a sheet is told up to so many times."""
MOST_CELL = 30_000
"""Characters of a transcript in a cell; a spreadsheet takes 32,767."""

Week = Annotated[
    datetime | None, typer.Option("--week", formats=["%Y-%m-%d"], help="A day of the week; the newest sample if not.")
]
Stream = Annotated[
    Literal["random", "coaching"] | None, typer.Option("--stream", help="Only one of the two; both if not.")
]


@app.callback()
def qa() -> None:
    """Score conversations: see the sample, export and import a sheet of scores, see what they say."""


@app.command("sample")
def sample(
    week: Week = None,
    stream: Stream = None,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """List the conversations of a week that are to be scored, in the order in which to score them.

    Example: insight qa sample --stream random
    """
    found = _sample(options.read(settings), week, stream)
    if as_json:
        sys.stdout.write(found.model_dump_json() + "\n")
        return
    table = _table("conversation", "stream", "agent", "channel", "topic", "two people", "scored by")
    for row in found.conversations:
        twice = "yes" if row.double else ""
        names = (row.conversation_id, row.stream, row.agent_id, row.channel, short(row.topic_en, 40))
        table.add_row(*names, twice, f"{row.scored_by:,}")
    console = _console()
    console.print(table if found.conversations else "no complete week was drawn yet; run `insight run`")
    if found.conversations:
        console.print(
            "next: insight qa export --out to_score.csv, or the page /quality of `insight serve`", markup=False
        )


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The CSV file to write; one that is there is replaced.")],
    week: Week = None,
    stream: Stream = None,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Write a sheet to score in: one row per conversation with what was said, one column per item of the rubric.

    Fill in 1 (worst) to the item's best level, or na where it does not apply; what stays empty is not scored.

    Example: insight qa export --out to_score.csv
    """
    told = options.read(settings)
    found = _sample(told, week, stream)
    write_whole(out, sheet(found, _transcripts(told), told), encoding="utf-8-sig")
    if as_json:
        sys.stdout.write(json.dumps({"file": str(out), "conversations": len(found.conversations)}) + "\n")
        return
    _console().print(f"{len(found.conversations):,} conversations are in {out}", markup=False, soft_wrap=True)
    scales = ", ".join(f"{item.name} 1-{item.levels}" for item in told.quality.rubric)
    _console().print(f"fill in {scales}, or na; then: insight qa import {out}", markup=False, soft_wrap=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sheet that `insight qa export` wrote, filled in.")],
    who: Annotated[str, typer.Option("--who", help="Who scored, where a row does not say; else your login name.")] = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Take the scores of a sheet, all of them or none. Empty cells say nothing, so a sheet may be half done.

    Example: insight qa import to_score.csv --who mei
    """
    from insight.api.scoring import sample_rows, take
    from insight.published import Published
    from insight.scorebook import scorebook
    from insight.scores import ScoreError

    told = options.read(settings)
    rows = sample_rows(Published(told.lake_path).current())
    ids = {row["sample_id"]: row["conversation_id"] for row in rows}
    asked = list(scored(_text(file), name=str(file), who=who or getpass.getuser(), ids=ids, told=told))
    flaws = _flaws(asked, rows, told)
    if flaws:
        raise ScoreError(
            f"{len(flaws):,} scores cannot be taken, so none was",
            came="".join(f"\n    {flaw}" for flaw in flaws[:MOST_FLAWS]),
            fix="mend these cells and import the sheet again",
        )
    taken = take(scorebook(told), asked, sample=rows, told=told, via="csv")
    counted = {
        "file": str(file),
        "taken": len(taken),
        "conversations": len({score.conversation_id for score in taken}),
        "scorers": sorted({score.scorer for score in taken}),
    }
    if as_json:
        sys.stdout.write(json.dumps(counted, ensure_ascii=False) + "\n")
        return
    words = f"{counted['taken']:,} scores of {counted['conversations']:,} conversations were taken"
    _console().print(words if taken else f"{file} holds no scores", markup=False, soft_wrap=True)


@app.command("results")
def results(
    weeks: Annotated[int, typer.Option("--weeks", min=1, help="How many sampled weeks to look back on.")] = 13,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Show what the scores of the random sample say about all conversations, and whether scorers agree.

    Example: insight qa results --weeks 4
    """
    from insight.api.routes.qa import read_results
    from insight.published import Published
    from insight.scorebook import scorebook

    told = options.read(settings)
    found = read_results(Published(told.lake_path).current(), scorebook(told), weeks=weeks, told=told)
    if as_json:
        sys.stdout.write(found.model_dump_json() + "\n")
        return
    console = _console()
    drawn, scored_ = sum(w.drawn for w in found.weeks), found.team.n
    console.print(f"{scored_:,} of {drawn:,} conversations drawn by lot are scored, for {found.covered:,} in all")
    console.print(f"the team reaches {_figure(found.team)} of what the rubric asks")
    if found.to_be_sure is not None and found.to_be_sure > scored_:
        console.print(f"a figure within 3 points would take about {found.to_be_sure:,} scored conversations")
    for part in _parts(found):
        console.print(part)


def _parts(found: Quality) -> Iterator[Table | str]:
    """The tables of the results."""
    items = _table("item", "reached", "scored")
    for one in found.items:
        items.add_row(one.item, _figure(one.figure), f"{one.figure.n:,}")
    yield items
    for failed in found.critical:
        if failed.n:
            ends = f"{failed.low:.1%} … {failed.high:.1%}"
            yield f"{failed.item}: {failed.failed:,} of {failed.n:,} failed, {ends} of all"
    agents = _table("agent", "reached", "scored", "against the team", "scores it would take")
    for agent in found.agents:
        needed = "–" if agent.needed is None else f"{agent.needed:,}"
        agents.add_row(agent.agent_id, _figure(agent.figure), f"{agent.figure.n:,}", agent.verdict, needed)
    yield agents
    example = found.example
    yield f"telling {example.one:.0%} from {example.other:.0%} needs about {example.needed:,} scores per agent"
    agreed = _table("item", "pairs", "same level", "kappa", "95 %", "verdict")
    for pair in found.agreements:
        kappa = "–" if pair.kappa is None else f"{pair.kappa:.2f}"
        ends = "–" if pair.low is None or pair.high is None else f"{pair.low:.2f} … {pair.high:.2f}"
        agreed.add_row(pair.item, f"{pair.n:,}", f"{pair.same:,}", kappa, ends, pair.verdict)
    yield agreed


def _figure(told: Figure) -> str:
    if told.value is None:
        return "–"
    ends = "" if told.low is None or told.high is None else f" ({told.low:.0%} … {told.high:.0%})"
    return f"{told.value:.0%}{ends}"


# ---------------------------------------------------------------- the sheet


def sheet(found: Sample, transcripts: Mapping[str, str], told: Settings) -> str:
    """The sample as CSV text, no cell of which a spreadsheet would run."""
    lines, items = [], [item.name for item in told.quality.rubric]
    for row in found.conversations:
        names: list[Any] = [row.sample_id, row.conversation_id, row.stream, row.place, row.week, row.agent_id]
        names += [row.channel, row.topic_en, "yes" if row.double else "no"]
        said = transcripts.get(row.conversation_id, "")[:MOST_CELL]
        lines.append([str(cell) for cell in (*names, *([""] * len(items)), "", "", said)])
    return csv_text([*SHEET[:-AFTER], *items, *SHEET[-AFTER:]], lines)


def scored(text: str, *, name: str, who: str, ids: Mapping[str, str], told: Settings) -> Iterator[tuple[str, Asked]]:
    """The scores of a sheet, each with its file, line and column; cells that are empty are passed over.

    :param ids: conversation of each sample_id.
    :raises SourceError: it is no such sheet.
    """
    from insight.errors import SourceError
    from insight.scores import Asked

    head = text.partition("\n")[0]
    between = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=between)
    items = [item.name for item in told.quality.rubric]
    columns = [column.strip() for column in rows.fieldnames or ()]
    rows.fieldnames = columns
    if not {"sample_id", "conversation_id"} & set(columns) or not set(items) & set(columns):
        raise SourceError(
            "this is no sheet of scores",
            where=f"{name}:1",
            came=", ".join(columns)[:200],
            wanted=f"the columns sample_id and any of {', '.join(items)}",
            fix="write one with `insight qa export`",
        )
    try:
        for row in rows:
            cells = {column: _bare(row.get(column) or "") for column in (*NAMES, *items)}
            conversation = ids.get(cells["sample_id"]) or cells["conversation_id"] or cells["sample_id"]
            for item in (item for item in items if cells[item]):
                place = f"{name}:{rows.line_num}, {item}"
                yield place, Asked(conversation, cells["scorer"] or who, item, cells[item], cells["note"])
    except csv.Error as error:
        raise SourceError("this is no CSV", where=f"{name}:{rows.line_num}", came=str(error)) from error


def _bare(cell: str) -> str:
    """A cell without blanks around it and without the apostrophe that kept a spreadsheet from running it."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) == cell else cell


def _flaws(asked: Sequence[tuple[str, Asked]], rows: Sequence[Mapping[str, Any]], told: Settings) -> list[str]:
    """What is wrong, cell by cell."""
    from insight.scores import ScoreError, checked

    streams, found = {row["conversation_id"]: row["stream"] for row in rows}, []
    for place, one in asked:
        try:
            checked(one, streams=streams, rubric=told.quality.rubric, at_ms=0, via="csv", where=place)
        except ScoreError as error:
            found.append(f"{place}: {error.what}; came: {error.came}; wanted: {error.wanted}")
    return found


def _text(file: Path) -> str:
    """A file of UTF-8.

    :raises SourceError: it cannot be read.
    """
    from insight.errors import SourceError

    try:
        if file.stat().st_size > MOST_BYTES:
            raise SourceError("this sheet is too large", where=str(file), wanted=f"at most {MOST_BYTES:,} bytes")
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        fix = "save it as CSV UTF-8" if isinstance(error, UnicodeDecodeError) else "name a file that is there"
        raise SourceError("this sheet cannot be read", where=str(file), came=str(error)[:120], fix=fix) from error


def _sample(told: Settings, week: datetime | None, stream: Literal["random", "coaching"] | None) -> Sample:
    from insight.api.routes.qa import Week as Asked
    from insight.api.routes.qa import read_sample
    from insight.published import Published
    from insight.scorebook import scorebook

    asked = Asked(week=week.date() if week else None, stream=stream)
    return read_sample(Published(told.lake_path).current(), scorebook(told), asked=asked, told=told)


def _transcripts(told: Settings) -> dict[str, str]:
    """What was said in each sampled conversation, one line per message."""
    from insight.published import Published

    lines: dict[str, list[str]] = {}
    query = "select conversation_id, author, text from mart.main.qa_transcripts order by conversation_id, seq"
    for row in Published(told.lake_path).current().rows(query):
        lines.setdefault(row["conversation_id"], []).append(f"{row['author']}: {row['text']}")
    return {name: "\n".join(said) for name, said in lines.items()}


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
