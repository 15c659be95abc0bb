"""What people did about customers on the lists, in the database of what people write: only ever added, in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace

import sqlalchemy as sa

from insight.followups import Entry
from insight.ledger import TABLES, Ledger, ledger
from insight.settings import Settings

ROWS = sa.Table(
    "cases",
    TABLES,
    sa.Column("taken", sa.Integer, primary_key=True),
    sa.Column("at_ms", sa.BigInteger),
    *(sa.Column(name, sa.Text) for name in ("listed", "conversation_id", "kind", "value", "who", "note", "via")),
)
NAMES = [field.name for field in fields(Entry)]


class Casebook:
    """The entries beside the edits and the scores. Nothing is made or opened before it is asked for."""

    def __init__(self, kept: Ledger) -> None:
        self._kept = kept

    def read(self) -> tuple[Entry, ...]:
        """All entries, in the order they were taken; those that were undone too.

        :raises TableError: the database cannot be read, or was made by a newer insight.
        """
        if self._kept.absent():
            return ()
        with self._kept.connected(writes=False) as db:
            return _entries(db, sa.true())

    def append(
        self, listed: str, conversation_id: str, check: Callable[[Sequence[Entry]], Entry | None]
    ) -> Entry | None:
        """Take what the check makes of all entries about one customer on one list; no other comes between the two.

        :param check: is handed the entries so far; none where nothing is to be written; raises where it cannot be.
        :returns: the entry with its number, or none.
        :raises TableError: the database cannot be written, or was made by a newer insight.
        """
        with self._kept.connected(writes=True) as db:
            mine = (ROWS.c.listed == listed) & (ROWS.c.conversation_id == conversation_id)
            entry = check(_entries(db, mine))
            if entry is None:
                return None
            row = {name: value for name, value in asdict(entry).items() if name != "taken"}
            number = db.execute(sa.insert(ROWS).values(row)).inserted_primary_key
            return replace(entry, taken=int(number[0]) if number else 0)

    def revision(self) -> int:
        """Grows with every entry that is taken; 0 where there is none.

        :raises TableError: as `read`.
        """
        if self._kept.absent():
            return 0
        with self._kept.connected(writes=False) as db:
            return int(db.scalar(sa.select(sa.func.max(ROWS.c.taken))) or 0)


def _entries(db: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
    wanted = sa.select(*(ROWS.c[name] for name in NAMES)).where(which).order_by(ROWS.c.taken)
    return tuple(Entry(*row) for row in db.execute(wanted))


def casebook(settings: Settings) -> Casebook:
    """The entries in the database that the settings name."""
    return Casebook(ledger(settings))
