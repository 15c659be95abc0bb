"""`insight topics`: what customers speak about, and what you decide about it."""

from __future__ import annotations

import getpass
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from insight.cli import options
from insight.cli.summary import WIDE, short

if TYPE_CHECKING:
    from insight.curated import Curated
    from insight.edits import Edit
    from insight.settings import Settings

app = typer.Typer(
    help="See topics, and rename, merge, split or mute them. Every edit is kept, outlives each run, and can be undone.",
    no_args_is_help=True,
)

TopicId = Annotated[str, typer.Argument(metavar="TOPIC", help="Its permanent id, as `insight topics list` shows it.")]
Mentions = Annotated[list[str] | None, typer.Option("--mention", "-m", help="Id of a mention; may be given again.")]
Like = Annotated[str, typer.Option("--like", help="Its mentions whose text holds all these words.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Who = Annotated[
    str, typer.Option("--who", help="Who decides; where it is not said, your login name.", show_default=False)
]
Why = Annotated[str, typer.Option("--why", help="For those who read it later.", show_default=False)]
HIDDEN = ("muted", "merged", "retired")
"""States of topics that a plain list leaves out."""
QUOTED = 3
"""Mentions whose words are shown."""


@app.callback()
def topics() -> None:
    """See topics, and rename, merge, split or mute them. Every edit is kept, outlives each run, and can be undone."""


# ---------------------------------------------------------------- looking


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also muted, merged and retired ones.")] = False,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Show topics with their ids, most mentions first, as they are after all edits.

    Example: insight topics list --all
    """
    rows = [row for row in _now(options.read(settings)).topics() if every or row["state"] not in HIDDEN]
    if as_json:
        _json(rows)
        return
    table = _table("id", "state", "mentions", "customers", "share", wraps=("topic", "中文"))
    for row in rows:
        names = (short(row[name], 80) for name in ("name_en", "name_zh"))
        figures = (f"{row['mentions']:,}", f"{row['customers']:,}", f"{row['share']:.1%}")
        table.add_row(row["topic_id"], _state(row), *figures, *names)
    _console().print(table)


@app.command("show")
def show(
    topic: TopicId,
    most: Annotated[int, typer.Option("--most", min=1, help="Mentions to show at most.")] = 20,
    like: Annotated[str, typer.Option("--like", help="Only mentions whose text holds all these words.")] = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Show one topic: its words, its mentions with their ids, and what people decided about it.

    Example: insight topics show t0a1b2c3d4e --like "zipper broke"
    """
    now = _now(options.read(settings))
    row, said, told = _row(now, topic), now.said(topic, like, most=most + 1), _decided(now, topic)
    if as_json:
        _json(row | {"said": said[:most], "edits": told})
        return
    console = _console()
    console.print(f"[bold]{short(row['name_en'], 80)}[/] · {short(row['name_zh'], 80)}  ({topic}, {_state(row)})")
    console.print(f"{_some(row)}, {row['share']:.1%} of all mentions")
    if row["words"]:
        console.print("words: " + ", ".join(row["words"]), markup=False, soft_wrap=True)
    if row["why"]:
        console.print("why: " + ", ".join(row["why"]), markup=False, soft_wrap=True)
    console.print()
    console.print(_mentions(said[:most]))
    if len(said) > most:
        console.print("there are more: --most, or --like to look for words")
    if told:
        console.print()
        console.print(_ledger(told))


@app.command("candidates")
def candidates(settings: options.SettingsPath = options.HERE, as_json: options.AsJson = False) -> None:
    """Show topics that were found and wait for you, with their words and three mentions.

    Example: insight topics candidates
    """
    now = _now(options.read(settings))
    found = [
        row | {"said": now.said(row["topic_id"], most=QUOTED)} for row in now.topics() if row["state"] == "candidate"
    ]
    if as_json:
        _json(found)
        return
    console = _console()
    for row in found:
        console.print(f"[bold]{row['topic_id']}[/]  {short(row['name_en'], 60)}  {_some(row)}")
        for said in row["said"]:
            console.print(f"    {short(said['text'], 100)}")
    if found:
        console.print("\nnext: insight topics accept, rename, merge, mute or reject, with the id")
    else:
        console.print("nothing waits for you")


@app.command("edits")
def edits(
    topic: Annotated[str, typer.Option("--topic", help="Only those that touch this topic.")] = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Show what people decided, when and why, and whether it stands.

    Example: insight topics edits --topic sizing.runs_small
    """
    now = _now(options.read(settings))
    told = _decided(now, topic)
    if as_json:
        _json(told)
        return
    _console().print(_ledger(told) if told else "no edits")


# ---------------------------------------------------------------- deciding


@app.command("rename")
def rename(
    topic: TopicId,
    name: Annotated[str, typer.Argument(help="The new name.")],
    language: Annotated[str, typer.Option("--language", "-l", help="en or zh.")] = "en",
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Give a topic a name of your own; it keeps it in every later run.

    Example: insight topics rename t0a1b2c3d4e "Zipper breaks" --why "as we call it"
    """
    _decide(settings, "rename", who, why, as_json, topic_id=topic, value=name, language=language)


@app.command("merge")
def merge(
    topic: TopicId,
    into: Annotated[str, typer.Argument(help="The topic that takes its mentions in, also later ones.")],
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Make one topic part of another.

    Example: insight topics merge t0a1b2c3d4e sizing.runs_small
    """
    _decide(settings, "merge", who, why, as_json, topic_id=topic, other_id=into)


@app.command("split")
def split(
    topic: TopicId,
    mention: Mentions = None,
    like: Like = "",
    yes: Yes = False,
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Take mentions out of a topic and make a new topic of them. Shows what leaves and what stays before it asks.

    Example: insight topics split quality.broken --like "zipper"
    """
    now = _now(options.read(settings))
    leaves = _chosen(now, topic, mention or [], like)
    _ask(now, topic, leaves, yes=yes, as_json=as_json)
    _decide(settings, "split", who, why, as_json, topic_id=topic, mentions=leaves)


@app.command("move")
def move(
    into: Annotated[str, typer.Argument(help="The topic where they belong; 'unassigned' for none.")],
    mention: Annotated[list[str], typer.Option("--mention", "-m", help="Id of a mention; may be given again.")],
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Put mentions into the topic where they belong; later runs learn from it.

    Example: insight topics move sizing.runs_small --mention msg-17-2 --mention msg-40-1
    """
    _decide(settings, "move", who, why, as_json, other_id=into, mentions=mention)


@app.command("mute")
def mute(
    topic: TopicId,
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Keep a topic out of lists and alerts; its mentions stay counted.

    Example: insight topics mute t0a1b2c3d4e --why "our own test orders"
    """
    _decide(settings, "mute", who, why, as_json, topic_id=topic)


@app.command("unmute")
def unmute(
    topic: TopicId,
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Show a muted topic again.

    Example: insight topics unmute t0a1b2c3d4e
    """
    _decide(settings, "unmute", who, why, as_json, topic_id=topic)


@app.command("tag")
def tag(
    topic: TopicId,
    mention: Annotated[list[str], typer.Option("--mention", "-m", help="Id of a mention; may be given again.")],
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Say that mentions are about this topic too, beside the one they have; later runs learn from it.

    Example: insight topics tag delivery.late --mention msg-17-2
    """
    _decide(settings, "tag", who, why, as_json, topic_id=topic, mentions=mention)


@app.command("untag")
def untag(
    topic: TopicId,
    mention: Annotated[list[str], typer.Option("--mention", "-m", help="Id of a mention; may be given again.")],
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Take a tag off again.

    Example: insight topics untag delivery.late --mention msg-17-2
    """
    _decide(settings, "untag", who, why, as_json, topic_id=topic, mentions=mention)


@app.command("accept")
def accept(
    topic: TopicId,
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Say that a candidate is a topic; the mentions that `candidates` shows with it become examples to learn from.

    Example: insight topics accept t0a1b2c3d4e
    """
    seen = [said["mention_id"] for said in _now(options.read(settings)).said(topic, most=QUOTED)]
    _decide(settings, "accept", who, why, as_json, topic_id=topic, mentions=seen)


@app.command("reject")
def reject(
    topic: TopicId,
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Say that what was found is no topic; its mentions fit none, and it is not offered again.

    Example: insight topics reject t0a1b2c3d4e --why "greetings"
    """
    _decide(settings, "reject", who, why, as_json, topic_id=topic)


@app.command("undo")
def undo(
    edit: Annotated[str, typer.Argument(metavar="EDIT", help="Its id, as `insight topics edits` shows it.")],
    who: Who = "",
    why: Why = "",
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Take an edit back. The undo of an undo lets the edit stand again, at its old place.

    Example: insight topics undo e0a1b2c3d4e5f
    """
    _decide(settings, "undo", who, why, as_json, other_id=edit)


# ---------------------------------------------------------------- behind them


def _now(told: Settings) -> Curated:
    from insight.curated import Curated
    from insight.ledger import ledger
    from insight.published import Published

    return Curated(Published(told.lake_path).current(), ledger(told).read())


def _row(now: Curated, topic: str) -> dict[str, Any]:
    """One topic, merged and rejected ones too."""
    from insight.edit_checks import unknown

    rows = {row["topic_id"]: row for row in now.topics()}
    if topic not in rows:
        raise unknown(now.standing, topic, "show")
    return rows[topic]


def _decide(settings: Path, kind: str, who: str, why: str, as_json: bool, **content: Any) -> None:
    """Check an edit, write it, and say what it changes."""
    from insight.curated import Curated
    from insight.edit_checks import check
    from insight.edits import EditError, made
    from insight.ledger import ledger
    from insight.masking import Masker
    from insight.published import Published

    told = options.read(settings)
    published, book = Published(told.lake_path).current(), ledger(told)
    masker = Masker(patterns=told.privacy.order_ids)
    if masker.mask(name := content.get("value", "")).text != name:
        raise EditError("this name holds personal data", where=kind, came=masker.mask(name).text, fix="leave it out")
    why = masker.mask(why).text
    edit = made(kind, at_ms=time.time_ns() // 1_000_000, who=who or _login(), why=why, **content)
    now = Curated(published, book.read())
    there = now.automatic(edit.mentions)
    taken: list[Edit] = []

    def may(before: Sequence[Edit]) -> tuple[str, ...]:
        taken.extend(before)
        return check(edit, now.machine, before, there)

    notes = book.append(edit, may)
    after = Curated(published, (*taken, edit))
    changed = after.changed(Curated(published, taken).standing)
    if as_json:
        born = edit.born if kind == "split" else None
        _json({"edit": asdict(edit), "topic_born": born, "notes": notes, "mentions_changed": changed})
        return
    console = _console()
    console.print(f"[green]{edit.edit_id}[/]  {short(_sentence(after, edit), 200)}", soft_wrap=True)
    for note in notes:
        console.print(f"  {note}", markup=False, soft_wrap=True)
    console.print(
        f"{_count(changed)} to get another topic; `insight run` applies it, `insight topics undo` takes it back"
    )
    if kind == "split":
        console.print(f'next: insight topics rename {edit.born} "its name"')


def _login() -> str:
    from insight.edits import EditError

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise EditError("nobody is logged in", fix="say who decides with --who") from error


def _chosen(now: Curated, topic: str, mentions: Sequence[str], like: str) -> list[str]:
    """The mentions that shall leave: named, or found by their words."""
    from insight.edits import EditError

    if bool(mentions) == bool(like.split()):
        raise EditError("which mentions shall leave?", where="split", wanted="--mention ID, again and again, or --like")
    if mentions:
        return list(mentions)
    _row(now, topic)
    found = [said["mention_id"] for said in now.said(topic, like)]
    if not found:
        raise EditError("no mention of this topic holds these words", where=f"split {topic}", came=like)
    return found


def _ask(now: Curated, topic: str, leaves: Sequence[str], *, yes: bool, as_json: bool) -> None:
    """Show what leaves and what stays, and go on only if that is wanted."""
    from insight.edits import EditError

    leaving = now.said(topic, among=leaves)
    stay = _row(now, topic)["mentions"] - len(leaving)
    if leaving and not stay:
        raise EditError("nothing would stay", where=f"split {topic}", fix="rename the topic instead")
    if as_json and not yes:
        raise EditError("nobody can be asked", where="split", fix="say --yes with --json")
    if as_json:
        return
    console = _console()
    staying = now.said(topic, without=leaves, most=QUOTED)
    for size, word, some in ((len(leaving), "leave", leaving), (stay, "stay", staying)):
        console.print(f"[bold]{size:,} {word}[/]")
        for said in some[:QUOTED]:
            console.print(f"    {said['mention_id']}  {short(said['text'], 90)}")
    if not yes:
        typer.confirm("make a new topic of those that leave?", abort=True)


def _state(row: Mapping[str, Any]) -> str:
    return f"merged into {row['merged_into']}" if row["merged_into"] else str(row["state"])


def _count(size: int, of: str = "mention") -> str:
    return f"{size:,} {of}{'' if size == 1 else 's'}"


def _some(row: Mapping[str, Any]) -> str:
    return f"{_count(row['mentions'])} of {_count(row['customers'], 'customer')}"


SENTENCES: Mapping[str, Callable[[str, str, Edit], str]] = {
    "rename": lambda topic, other, edit: f"{edit.topic_id} is called {edit.value}",
    "merge": lambda topic, other, edit: f"{topic} is part of {other}",
    "split": lambda topic, other, edit: f"{edit.born} is a topic of {_count(len(edit.mentions))} that left {topic}",
    "move": lambda topic, other, edit: f"{_count(len(edit.mentions))} put into {other}",
    "mute": lambda topic, other, edit: f"{topic} is muted",
    "unmute": lambda topic, other, edit: f"{topic} is shown",
    "tag": lambda topic, other, edit: f"{_count(len(edit.mentions))} tagged {topic} too",
    "untag": lambda topic, other, edit: f"{_count(len(edit.mentions))} no longer tagged {topic}",
    "accept": lambda topic, other, edit: f"{topic} is a topic",
    "reject": lambda topic, other, edit: f"{topic} is no topic",
    "undo": lambda topic, other, edit: f"{edit.other_id} is undone",
}
"""Edits in words, from the names of their topics."""


def _sentence(now: Curated, edit: Edit) -> str:
    """An edit in words."""
    topic, other = (
        f"{t} ({now.name(t)})" if t and now.name(t) != t else str(t) for t in (edit.topic_id, edit.other_id)
    )
    return SENTENCES[edit.kind](topic, other, edit)


def _decided(now: Curated, topic: str) -> list[dict[str, Any]]:
    """Edits that touch a topic, or all; newest last."""
    outcomes = now.standing.outcomes
    return [
        asdict(edit)
        | {"says": _sentence(now, edit), "outcome": outcomes[edit.edit_id].state, "by": outcomes[edit.edit_id].by}
        for edit in now.edits
        if not topic or topic in (edit.topic_id, edit.other_id) or (edit.kind == "split" and edit.born == topic)
    ]


def _ledger(told: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("edit", "when", "who", "stands", wraps=("what", "why"))
    for row in told:
        when = datetime.fromtimestamp(row["at_ms"] / 1000, tz=UTC)
        what, why = short(row["says"], 120), short(row["why"], 60)
        table.add_row(row["edit_id"], f"{when:%Y-%m-%d %H:%M}", short(row["who"], 16), _stands(row), what, why)
    return table


def _stands(row: Mapping[str, Any]) -> str:
    if row["outcome"] == "stands":
        return "yes"
    return f"waits: {row['by']}" if row["outcome"] == "waiting" else f"{row['outcome']} by {row['by']}"


def _mentions(said: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("mention", "day", "language", "put by", wraps=("text",))
    for row in said:
        by = "people" if row["by_hand"] else "machine"
        table.add_row(row["mention_id"], str(row["day"]), row["language"], by, short(row["text"], 160))
    return table


def _table(*columns: str, wraps: Sequence[str] = ()) -> Table:
    """A table whose ids and figures are always whole; what is long wraps."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in (*columns, *wraps):
        table.add_column(column, no_wrap=column not in wraps, overflow="fold")
    return table


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def _json(found: object) -> None:
    sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False, default=str) + "\n")
