"""What people do about a customer on a list: who takes it, until when it waits, how it ended; nothing is ever changed.

A further entry replaces what stood; undoing is an entry too, which names the one that no longer counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from insight.errors import InsightError

LISTS = ("at_risk", "high_value", "win_back")
KINDS = ("assign", "snooze", "outcome", "undo")
OUTCOMES = ("helped", "no_need", "could_not_reach", "refund", "resend", "voucher", "other")
"""How it ended; each of them takes the customer off the list."""
MOST_NAME, MOST_NOTE = 80, 2_000
"""Characters of a name and of a note."""
LONGEST = 60
"""Days for which a customer can be put off."""


class EntryError(InsightError):
    """An entry names nobody on a list, or says what cannot be done."""


@dataclass(frozen=True)
class Asked:
    """An entry as somebody hands it in: nothing of it is known to be right.

    :param value: of assign the name of who takes it, empty for nobody; of snooze the day on which it comes back; of
        outcome one of OUTCOMES; of undo the number of the entry.
    """

    listed: str
    conversation_id: str
    kind: str
    value: str
    who: str
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """What one person wrote down about one customer on one list. `taken` is its number, 0 before it is written."""

    at_ms: int
    listed: str
    conversation_id: str
    kind: str
    value: str
    who: str
    note: str = ""
    via: str = "page"
    taken: int = 0


@dataclass(frozen=True)
class State:
    """What stands about a customer on a list; `entries` are those that count, in the order they were taken."""

    assigned: str = ""
    until: dt.date | None = None
    outcome: str = ""
    entries: tuple[Entry, ...] = ()

    def place(self, today: dt.date) -> str:
        """done, snoozed, assigned or open, on a day."""
        if self.outcome:
            return "done"
        if self.until is not None and self.until > today:
            return "snoozed"
        return "assigned" if self.assigned else "open"

    @property
    def last(self) -> Entry | None:
        """The newest entry that counts: the one that can be undone."""
        return self.entries[-1] if self.entries else None


def standing(entries: Iterable[Entry]) -> dict[tuple[str, str], State]:
    """What stands, by list and conversation; entries in the order they were taken."""
    of: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        of.setdefault((entry.listed, entry.conversation_id), []).append(entry)
    return {case: state(told) for case, told in of.items()}


def state(entries: Sequence[Entry]) -> State:
    """What stands after these entries about one customer on one list."""
    gone = {entry.value for entry in entries if entry.kind == "undo"}
    found = State(entries=tuple(e for e in entries if e.kind != "undo" and str(e.taken) not in gone))
    for entry in found.entries:
        if entry.kind == "assign":
            found = replace(found, assigned=entry.value)
        elif entry.kind == "snooze":
            found = replace(found, until=dt.date.fromisoformat(entry.value))
        else:
            found = replace(found, outcome=entry.value)
    return found


def checked(
    asked: Asked, *, known: Iterable[str], earlier: Sequence[Entry], today: dt.date, at_ms: int, via: str
) -> Entry | None:
    """The entry, if it can be taken; none where it would change nothing, so that sending it twice is sending it once.

    :param known: conversations that stand on the list. :param earlier: all entries about this customer and list.
    :param today: the day up to which the data reach.
    :raises EntryError: nobody signs it, nobody of this name is on the list, or the value does not fit its kind.
    """
    who, value, note = asked.who.strip(), asked.value.strip(), asked.note.strip()
    if not who or len(who) > MOST_NAME:
        raise EntryError("nobody signs this", wanted=f"the name of who writes it, 1 to {MOST_NAME} characters")
    if len(note) > MOST_NOTE:
        raise EntryError("the note is too long", wanted=f"at most {MOST_NOTE} characters")
    if asked.listed not in LISTS or (not earlier and asked.conversation_id not in set(known)):
        raise EntryError("nobody of this name is on the list", wanted=f"a customer of {', '.join(LISTS)}")
    _fits(asked.kind, value, earlier, today)
    if _says_nothing_new(asked.kind, value, note, who, earlier):
        return None
    return Entry(at_ms, asked.listed, asked.conversation_id, asked.kind, value, who, note, via)


def _fits(kind: str, value: str, earlier: Sequence[Entry], today: dt.date) -> None:
    """Whether the value is one of its kind.

    :raises EntryError: it is not.
    """
    numbers, last = {str(entry.taken) for entry in earlier if entry.kind != "undo"}, today + dt.timedelta(days=LONGEST)
    fits = {
        "assign": len(value) <= MOST_NAME,
        "snooze": today < (_day(value) or today) <= last,
        "outcome": value in OUTCOMES,
        "undo": value in numbers,
    }
    wanted = {
        "assign": f"a name of at most {MOST_NAME} characters, or none",
        "snooze": f"a day after {today.isoformat()}, up to {last.isoformat()}",
        "outcome": ", ".join(OUTCOMES),
        "undo": "the number of an entry about this customer",
    }
    if not fits.get(kind, False):
        raise EntryError("this cannot be written down", wanted=wanted.get(kind, ", ".join(KINDS)))


def _day(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _says_nothing_new(kind: str, value: str, note: str, who: str, earlier: Sequence[Entry]) -> bool:
    """Whether it is said already: the same undo, or what stands, by the same person with the same note."""
    if kind == "undo":
        return any(entry.kind == "undo" and entry.value == value for entry in earlier)
    own = [entry for entry in state(earlier).entries if entry.kind == kind]
    return bool(own) and (own[-1].value, own[-1].note, own[-1].who) == (value, note, who)
