"""What the helpdesk logs of each mail: who has it, when it was solved, opened again, escalated, closed for good.

It has a source of chance of its own, so that conversations are what they are without it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from examples.sample_shop import files
from examples.sample_shop.formats import local
from examples.sample_shop.threads import Conversation
from examples.sample_shop.world import DAY, MINUTE, end, stream

ESCALATED = {True: 0.22, False: 0.02}
"""How often an answered ticket is escalated, by whether the customer is angry."""

LATE_DESK = "chat_desk"
"""Whose hours count from an escalation on: the desk that is open longest. A schedule of insight.toml."""

AUTO_CLOSE = 4 * DAY
"""The helpdesk closes for good what was solved so long ago: no second solution."""


class Change(NamedTuple):
    """One line of the log, `at` in ms since 1970 UTC."""

    ticket: str
    at: int
    kind: str
    to: str
    by: str


def log(talks: list[Conversation], seed: int) -> list[Change]:
    """The log of all mails, as the helpdesk keeps it: in the order of time."""
    chance = stream(seed, "log")
    mails = [talk for talk in talks if talk.system == "helpdesk"]
    changes = [Change(talk.id, *change) for talk in mails for change in _of(talk, chance) if change[0] < end()]
    return sorted(changes, key=lambda change: (change.at, change.ticket))


def _of(talk: Conversation, chance: random.Random) -> Iterator[tuple[int, str, str, str]]:
    """Moment, kind, to whom or what, by whom."""
    yield talk.opened, "Created", "", ""
    holder, before = "", talk.opened
    for said in talk.said:
        if said.turn.pause and holder:
            yield min(before + chance.randrange(1, 30) * MINUTE, said.sent - MINUTE), "Solved", "", holder
            yield said.sent, "Reopened", "", ""
        if said.agent and said.agent != holder:
            yield max(before, said.sent - chance.randrange(1, 15) * MINUTE), "Assigned", said.agent, holder
        first = bool(said.agent) and not holder
        holder, before = said.agent or holder, said.sent
        if first and chance.random() < ESCALATED[talk.angry]:
            raised = said.sent + chance.randrange(1, 20) * MINUTE
            yield raised, "Escalated", "", holder
            yield raised, "Schedule", LATE_DESK, holder
    if talk.closed is not None:
        yield talk.closed, "Solved", "", holder
        yield talk.closed + AUTO_CLOSE, "Closed", "", ""


def write(talks: list[Conversation], seed: int, out: Path) -> None:
    """The log beside the tickets, on the clock of Berlin."""
    clock = local("Europe/Berlin", "%d.%m.%Y %H:%M:%S")
    rows = [(c.ticket, clock(c.at), c.kind, c.to, c.by) for c in log(talks, seed)]
    files.csv_file(out / "helpdesk/events.csv", ["Ticket", "At", "Change", "To", "By"], rows, delimiter=";")


def truth(talks: list[Conversation], seed: int) -> dict[str, dict[str, Any]]:
    """Of each mail: how often it was opened again and handed on, and whether it was escalated."""
    told = {talk.id: {"reopens": 0, "handoffs": 0, "escalated": False} for talk in talks if talk.system == "helpdesk"}
    for change in log(talks, seed):
        told[change.ticket]["reopens"] += change.kind == "Reopened"
        told[change.ticket]["handoffs"] += change.kind == "Assigned" and change.by != ""
        told[change.ticket]["escalated"] |= change.kind == "Escalated"
    return told
