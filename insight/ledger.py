"""The database of what people write: edits of topics, in the order they were taken, never changed and never lost.

SQLite beside the lake, or any database that SQLAlchemy reaches by a URL. Edits are only ever added; whoever adds one
keeps others out from reading what stands until the new edit is written, so two people at once cannot contradict each
other unseen. The tables are made and kept up to date by the Alembic migrations of this package. Scores of conversations
stand in it too, see scorebook.py, and what people did about customers on the lists, see casebook.py.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from insight.edits import EDITS, Edit
from insight.errors import MissingPart, SettingsError, TableError
from insight.schema import Door
from insight.settings import Settings

FILE = "people.sqlite"
HEAD = "0003"
"""The newest migration; what a database must be at before it is read or written."""
PATIENCE_S = 30
"""How long a writer waits for another."""
LOCK = 0x1A516B7
"""The advisory lock that writers on Postgres hold; any fixed number does."""

TABLES = sa.MetaData()
ROWS = sa.Table(
    "edits",
    TABLES,
    sa.Column("taken", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("edit_id", "who", "why", "kind", "topic_id", "other_id")),
    sa.Column("at_ms", sa.BigInteger),
    sa.Column("value", sa.Text),
    sa.Column("language", sa.Text),
)
NAMED = sa.Table(
    "edit_mentions",
    TABLES,
    sa.Column("edit_id", sa.Text, primary_key=True),
    sa.Column("mention_id", sa.Text, primary_key=True),
)

T = TypeVar("T")
_MIGRATING = threading.Lock()
"""Alembic keeps what it is at in module globals, so one thread at a time."""


class Ledger:
    """Edits in a database. Nothing is made or opened before it is asked for.

    :param url: as SQLAlchemy writes it, or the path of a file of SQLite.
    :raises SettingsError: it is no such URL.
    :raises MissingPart: the package that talks to such a database is not installed.
    """

    def __init__(self, url: str | Path) -> None:
        try:
            self.url = sa.URL.create("sqlite", database=str(url)) if isinstance(url, Path) else sa.make_url(url)
            self._engine = _engine(self.url)
        except (ArgumentError, NoSuchModuleError) as error:
            raise SettingsError(
                "this is no URL of a database",
                where="people.url",
                came=type(error).__name__,  # its words would show the password
                wanted="sqlite:///file, or postgresql+pg8000://user:password@host/database",
            ) from error
        except ModuleNotFoundError as error:
            raise MissingPart(
                "the package for this database is not installed",
                where="people.url",
                came=f"no {error.name}",
                fix="pip install 'insight[postgres]'",
            ) from error
        self._ready = False

    def read(self, door: Door = EDITS) -> tuple[Edit, ...]:
        """All edits, in the order they were taken.

        :raises TableError: the database cannot be read, or was made by a newer insight.
        """
        if self.absent():
            return ()
        with self.connected(writes=False) as db:
            return _read(db)

    def digest(self, door: Door = EDITS) -> str:
        """Changes with every edit; never empty, for no edits are an answer too."""
        return hashlib.sha256(json.dumps([astuple(edit) for edit in self.read(door)]).encode()).hexdigest()

    def append(self, edit: Edit, check: Callable[[Sequence[Edit]], T]) -> T:
        """Take an edit, if the check finds nothing against it; no other edit comes between the two.

        :param check: is handed all edits so far, and raises where the new one cannot be taken.
        :returns: what the check returns.
        :raises TableError: the database cannot be written, or was made by a newer insight.
        """
        with self.connected(writes=True) as db:
            found = check(_read(db))
            rows = {c.name: getattr(edit, c.name) for c in ROWS.columns if c.name != "taken"}
            db.execute(sa.insert(ROWS).values(rows))
            if edit.mentions:
                db.execute(sa.insert(NAMED), [{"edit_id": edit.edit_id, "mention_id": m} for m in edit.mentions])
        return found

    @contextmanager
    def connected(self, *, writes: bool) -> Iterator[sa.Connection]:
        """A transaction on a database of the newest shape; a writer is alone from its beginning."""
        try:
            if not self._ready:
                self._prepare()
                self._ready = True
            with self._engine.connect().execution_options(writes=writes) as db, db.begin():
                yield db
        except (DBAPIError, sqlite3.Error, OSError) as error:
            said = error.orig if isinstance(error, DBAPIError) else error
            raise TableError(
                "the database of what people write cannot be used",
                where=self.url.render_as_string(hide_password=True),
                came=str(said).splitlines()[0][:120],
                fix="if it is busy, try again; if it is damaged, put your backup in its place",
            ) from error

    def absent(self) -> bool:
        """Nothing was ever written, so that there is nothing to read."""
        return self._file is not None and not self._file.exists()

    @property
    def _file(self) -> Path | None:
        """The file of SQLite; none where the database is elsewhere or in memory."""
        name = self.url.database if self.url.get_backend_name() == "sqlite" else None
        return Path(name) if name and name != ":memory:" else None

    def _prepare(self) -> None:
        """Make the database, or bring it to the newest shape; two processes at once make it once."""
        if self._file is not None and not self._file.exists():
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
        with self._engine.connect() as db:
            revision = _revision(db)
        if revision is not None and revision > HEAD:
            raise TableError(
                "a newer insight has written here",
                where=self.url.render_as_string(hide_password=True),
                came=f"revision {revision}",
                wanted=f"at most {HEAD}",
                fix="update insight",
            )
        if revision != HEAD:
            self._migrate()

    def _migrate(self) -> None:
        from alembic import command
        from alembic.config import Config

        if self._file is not None:
            _write_ahead(self._file)
        config = Config()
        config.set_main_option("script_location", "insight:ledger_migrations")
        with _MIGRATING, self._engine.connect().execution_options(writes=True) as db, db.begin():
            config.attributes["connection"] = db
            command.upgrade(config, HEAD)


def ledger(settings: Settings) -> Ledger:
    """The database that the settings name, or a file beside the lake."""
    told = settings.people.url
    return Ledger(told.get_secret_value() if told else settings.lake_path / FILE)


def _engine(url: sa.URL) -> sa.Engine:
    """No connection outlives its use. Transactions begin where we say, so that a writer waits instead of failing."""
    if url.get_backend_name() != "sqlite":
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        sa.event.listen(engine, "begin", _begin_elsewhere)
        return engine
    timing = {"timeout": PATIENCE_S, "isolation_level": None}  # the driver begins no transaction of its own
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=timing)
    sa.event.listen(engine, "connect", lambda db, _: db.execute("pragma foreign_keys = on"))
    sa.event.listen(engine, "begin", _begin)
    return engine


def _begin(db: sa.Connection) -> None:
    """A reader that turns writer is refused at once where another has written, so a writer says so at the start."""
    db.exec_driver_sql("begin immediate" if db.get_execution_options().get("writes") else "begin")


def _begin_elsewhere(db: sa.Connection) -> None:
    if db.get_execution_options().get("writes") and db.dialect.name == "postgresql":
        db.exec_driver_sql(f"select pg_advisory_xact_lock({LOCK})")


def _revision(db: sa.Connection) -> str | None:
    """At which migration a database is; none where nothing was ever made."""
    if not sa.inspect(db).has_table("alembic_version"):
        return None
    found: str | None = db.scalar(sa.text("select version_num from alembic_version"))
    return found


def _write_ahead(path: Path) -> None:
    """Let readers read while one writes. SQLite makes nobody wait for this switch, so it is tried again."""
    until = time.monotonic() + PATIENCE_S
    while True:
        db = sqlite3.connect(path, timeout=PATIENCE_S)
        try:
            db.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        finally:
            db.close()


def _read(db: sa.Connection) -> tuple[Edit, ...]:
    named: dict[str, list[str]] = {}
    for edit_id, mention in db.execute(sa.select(NAMED.c.edit_id, NAMED.c.mention_id)):
        named.setdefault(edit_id, []).append(mention)
    return tuple(
        Edit(
            row.edit_id,
            row.at_ms,
            row.who,
            row.why,
            row.kind,
            row.topic_id,
            row.other_id,
            tuple(sorted(named.get(row.edit_id, ()))),
            row.value,
            row.language,
        )
        for row in db.execute(sa.select(ROWS).order_by(ROWS.c.taken))
    )
