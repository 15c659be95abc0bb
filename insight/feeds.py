"""What a source may tell: the columns of each feed, which of them it must tell, and why a row is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "word", "choice", "moment", "money", "number", "whole", "flag"]
"""How the text of a cell is read.

id: kept as it stands, without the blanks around it. text: kept whole. word: a dimension. choice: one of `choices`.
moment: see the setting `times`. money: major units, exact. number: real. whole: integer. flag: yes or no.
"""


@dataclass(frozen=True)
class Field:
    """One column of a feed.

    `must`: the mapping has to name it and no cell may be empty. `made`: where the mapping names no column, a value is
    made (an id out of the row's content, the number of a line); a named column may not be empty. `own`: an id that is
    unique within one system only, so the setting `system` leads it. `otherwise`: stands in for an empty cell.
    """

    name: str
    kind: Kind
    must: bool = False
    made: bool = False
    own: bool = False
    otherwise: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """What one feed tells. `key` makes a row unique: a second row with the same key is refused as a duplicate."""

    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def __getitem__(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)

    def of(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of the columns of these kinds."""
        return tuple(f.name for f in self.fields if f.kind in kinds)


@dataclass(frozen=True)
class Rejected:
    """Why one row (or, with line 0, a whole page) was refused. `came` may hold personal data: mask before storing."""

    line: int
    field: str
    reason: str
    came: str
    wanted: str
    fix: str


PERSONAL = frozenset({"customer", "merged_into", "email", "phone", "name", "text", "title", "comment"})
"""Columns that are about a person: what came in one is never shown."""

_ID = re.compile(r"(?=[^@]{0,40}\d)[A-Za-z0-9:#+.-]{1,40}")
"""A time such as 2024-05-01T10:00:00Z or an id such as AB-12-X: no blank, and a digit."""

MOST_LETTERS, MOST_CHARACTERS = 24, 4
"""A longer word is no word of a code: of an alphabet, and of Chinese or Japanese."""

_KINDS = {"letters": str.isalpha, "digits": str.isdigit, "blanks": str.isspace}


def _short(word: str) -> bool:
    return len(word) <= (MOST_LETTERS if word < "\u3040" else MOST_CHARACTERS)


def shown(name: str, came: str) -> str:
    """What a refusal shows of a cell: digits, marks and a lone word, which help; of more only the shape.

    A row with a cell too many moves names and addresses into any column, so several words are shown in none.

    :param name: the column, or several, as a refusal names them.
    """
    words = re.findall(r"[^\W\d_]+", came)
    shifted = len(words) > 1 and not _ID.fullmatch(came.strip())
    if not came or (PERSONAL.isdisjoint(name.split(", ")) and not shifted and all(map(_short, words))):
        return came
    kinds = [kind for kind, holds in _KINDS.items() if any(map(holds, came))]
    marks = ["marks"] * any(not any(holds(c) for holds in _KINDS.values()) for c in came)
    return f"{len(came)} characters, {' and '.join([*kinds, *marks])}"


def must(name: str, kind: Kind = "id", *, own: bool = False, choices: tuple[str, ...] = ()) -> Field:
    """A column that every row has to fill."""
    return Field(name, kind, must=True, own=own, choices=choices)


def may(
    name: str, kind: Kind = "word", *, own: bool = False, otherwise: str | None = None, choices: tuple[str, ...] = ()
) -> Field:
    """A column that may be left out or empty."""
    return Field(name, kind, own=own, otherwise=otherwise, choices=choices)


def made(name: str, kind: Kind = "id", *, own: bool = False) -> Field:
    """A column that is made where the file has none."""
    return Field(name, kind, made=True, own=own)


AUTHORS = ("customer", "agent", "bot", "system")
EVENTS = ("opened", "solved", "reopened", "closed", "assigned", "team", "escalated", "schedule", "priority")

WHERE = (may("platform"), may("shop"), may("market"), may("channel"))
ABOUT = (may("order_id", "id"), may("sku", "id"))

FEEDS: dict[str, Feed] = {
    "messages": Feed(
        ("message_id",),
        (
            made("message_id", own=True),
            must("conversation_id", own=True),
            must("author", "choice", choices=AUTHORS),
            may("agent_id", "id"),
            must("sent", "moment"),
            may("text", "text", otherwise=""),
            may("public", "flag", otherwise="true"),
            may("customer", "id"),
            *WHERE,
            *ABOUT,
        ),
    ),
    "conversations": Feed(
        ("conversation_id",),
        (
            must("conversation_id", own=True),
            may("customer", "id"),
            may("agent_id", "id"),
            may("opened", "moment"),
            may("closed", "moment"),
            may("status", "choice", choices=("open", "resolved", "unknown")),
            *WHERE,
            *ABOUT,
        ),
    ),
    "customers": Feed(
        ("customer",),
        (
            must("customer"),
            may("market"),
            may("language"),
            may("may_market", "flag"),
            may("merged_into", "id"),
            may("email", "id"),
            may("phone", "id"),
        ),
    ),
    "agents": Feed(("agent_id",), (must("agent_id"), may("name"), may("team"))),
    "shifts": Feed(("agent_id", "starts"), (must("agent_id"), must("starts", "moment"), must("ends", "moment"))),
    "orders": Feed(
        ("order_id",),
        (
            must("order_id"),
            may("customer", "id"),
            may("platform"),
            may("shop"),
            may("market"),
            must("ordered", "moment"),
            may("promised", "moment"),
            may("shipped", "moment"),
            may("delivered", "moment"),
            may("carrier"),
            may("lane"),
            may("warehouse"),
            may("currency"),
            may("total", "money"),
            may("cost", "money"),
            may("status"),
        ),
    ),
    "order_items": Feed(
        ("order_id", "line"),
        (
            must("order_id"),
            made("line", "whole"),
            must("sku"),
            may("quantity", "whole", otherwise="1"),
            may("price", "money"),
        ),
    ),
    "returns": Feed(
        ("return_id",),
        (
            made("return_id", own=True),
            must("order_id"),
            may("sku", "id"),
            must("returned", "moment"),
            may("reason"),
            may("comment", "text"),
            may("refund", "money"),
        ),
    ),
    "reviews": Feed(
        ("review_id",),
        (
            made("review_id", own=True),
            *ABOUT,
            may("customer", "id"),
            may("platform"),
            may("market"),
            must("reviewed", "moment"),
            must("score", "number"),
            may("title", "text"),
            may("text", "text"),
        ),
    ),
    "surveys": Feed(
        ("survey_id",),
        (
            made("survey_id", own=True),
            must("conversation_id", own=True),
            must("answered", "moment"),
            must("score", "number"),
            may("comment", "text"),
        ),
    ),
    "catalogue": Feed(("sku",), (must("sku"), may("name"), may("family"), may("listing", "text"))),
    "ticket_events": Feed(
        ("event_id",),
        (
            made("event_id", own=True),
            must("conversation_id", own=True),
            must("occurred", "moment"),
            must("kind", "choice", choices=EVENTS),
            may("value"),
            may("agent_id", "id"),
        ),
    ),
    "exchange_rates": Feed(
        ("currency", "valid_from"), (must("currency", "word"), must("valid_from", "moment"), must("rate", "number"))
    ),
}
"""Every feed of the setting `feeds`. Adding a column to a feed is one line here and one in schema.py."""
