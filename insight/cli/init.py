"""`insight init`: a first insight.toml, and every key that it may hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from rich.console import Console

from insight.errors import SettingsError
from insight.settings import Settings

START = """# insight.toml: what to read and how. Every key: `insight init --print`.

[shop]
name = "My shop"
zone = "Europe/Berlin"          # days and hours are counted in this time zone

[[sources]]
name = "chats"
path = "exports/messages*.csv"  # below this folder; also .tsv .jsonl .xlsx .parquet
feeds = "messages"              # one row per message
zone = "UTC"                    # zone of times that carry none
fixed = { platform = "shopify", channel = "chat" }

[sources.columns]               # our column = the file's column
conversation_id = "ticket_id"
author = "sender"
sent = "created_at"
text = "body"
customer = "customer_email"

[sources.values.author]         # the file's word = customer, agent, bot or system
visitor = "customer"
staff = "agent"

# [[sources]] again for orders, order_items, returns, reviews, surveys, catalogue, agents, shifts …
"""


def init(
    folder: Annotated[Path, typer.Argument(help="Where to put insight.toml.", file_okay=False)] = Path(),
    show: Annotated[bool, typer.Option("--print", help="Print every key with its meaning; write nothing.")] = False,
) -> None:
    """Write a commented insight.toml to start from. An existing one is never touched."""
    console = Console(highlight=False)
    if show:
        console.print("\n".join(_keys()), markup=False, soft_wrap=True)
        return
    path = folder / "insight.toml"
    if path.exists():
        raise SettingsError("there is one already", where=str(path), fix="edit it, or name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(START, encoding="utf-8")
    console.print(f"wrote {path}\nnext: tell it your files, then `insight run --settings {path}`", markup=False)


def _keys() -> list[str]:
    """Every key, section by section, from the settings themselves."""
    return _sections(Settings, "")


def _sections(whole: type[BaseModel], lead: str) -> list[str]:
    """The parts of a whole, each with its keys; a part of which there may be several stands in two brackets."""
    lines = []
    for name, field in whole.model_fields.items():
        part, many = _part(field.annotation)
        if part is not None:
            title = f"[[{lead}{name}]]" if many else f"[{lead}{name}]"
            lines += ["", f"{title}  {(part.__doc__ or '').splitlines()[0]}", *_fields(part)]
            lines += _sections(part, f"{lead}{name}.")
    return lines


def _part(told: object) -> tuple[type[BaseModel] | None, bool]:
    """The part that a field holds, and whether it may hold several."""
    for one, many in ((told, False), *((a, True) for a in get_args(told))):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one, many
    return None, False


def _fields(part: type[BaseModel]) -> list[str]:
    lines = []
    for name, field in part.model_fields.items():
        if _part(field.annotation)[0] is not None:
            continue
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = "needed" if default is PydanticUndefined else repr(default)
        choices = " | ".join(map(str, get_args(field.annotation))) if "Literal" in str(field.annotation) else ""
        lines.append(f"  {name} = {shown}" + "".join(f"    # {said}" for said in (field.description, choices) if said))
    return lines
