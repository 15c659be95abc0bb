"""Scores in the database of what people write: only ever added, in the order in which they were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields

import sqlalchemy as sa

from insight.ledger import TABLES, Ledger, ledger
from insight.scores import Score
from insight.settings import Settings

ROWS = sa.Table(
    "scores",
    TABLES,
    sa.Column("taken", sa.Integer, primary_key=True),
    sa.Column("at_ms", sa.BigInteger),
    *(sa.Column(name, sa.Text) for name in ("scorer", "conversation_id", "stream", "item")),
    sa.Column("level", sa.Integer),
    sa.Column("levels", sa.Integer),
    *(sa.Column(name, sa.Text) for name in ("note", "via")),
)


class Scorebook:
    """The scores beside the edits. Nothing is made or opened before it is asked for."""

    def __init__(self, kept: Ledger) -> None:
        self._kept = kept

    def read(self) -> tuple[Score, ...]:
        """All scores, in the order they were taken; those that were replaced too.

        :raises TableError: the database cannot be read, or was made by a newer insight.
        """
        if self._kept.absent():
            return ()
        names = [field.name for field in fields(Score)]
        wanted = sa.select(*(ROWS.c[name] for name in names)).order_by(ROWS.c.taken)
        with self._kept.connected(writes=False) as db:
            return tuple(Score(*row) for row in db.execute(wanted))

    def append(self, scores: Sequence[Score]) -> None:
        """Take scores, all of them or none.

        :raises TableError: the database cannot be written, or was made by a newer insight.
        """
        if scores:
            with self._kept.connected(writes=True) as db:
                db.execute(sa.insert(ROWS), [asdict(score) for score in scores])

    def revision(self) -> int:
        """Grows with every score that is taken; 0 where there is none.

        :raises TableError: as `read`.
        """
        if self._kept.absent():
            return 0
        with self._kept.connected(writes=False) as db:
            return int(db.scalar(sa.select(sa.func.max(ROWS.c.taken))) or 0)


def scorebook(settings: Settings) -> Scorebook:
    """The scores in the database that the settings name."""
    return Scorebook(ledger(settings))
