"""The database of edits: nothing lost, nothing changed, two writers at once, made and brought up to date by itself."""

import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from insight import ledger as book
from insight.edits import EditError
from insight.errors import InsightError, MissingPart, SettingsError, TableError
from insight.ledger import FILE, HEAD, Ledger, ledger
from insight.settings import Settings
from tests.edits import PARCELS, SIZES, edit, undo

ROOT = Path(__file__).parents[1]


def taken(before):
    """A check that finds nothing against an edit."""
    return len(before)


@pytest.fixture
def kept(tmp_path):
    return Ledger(tmp_path / "lake" / FILE)


POSTGRES = os.environ.get("INSIGHT_TEST_POSTGRES", "")
"""URL of an empty database that tests may fill."""


def test_edits_come_back_as_they_were_made_and_in_their_order(kept):
    made = [
        edit("rename", SIZES, name="Größe 尺码 🙂", language="zh"),
        edit("split", SIZES, mentions=["b", "a", "c"]),
        replace(edit("merge", SIZES, into=PARCELS), at_ms=5),
        undo("e0"),
    ]
    assert [kept.append(one, taken) for one in made] == [0, 1, 2, 3]
    assert kept.read() == tuple(made)
    assert Ledger(str(kept.url)).read() == tuple(made)


def test_reading_makes_no_file(kept, tmp_path):
    assert kept.read() == ()
    assert kept.digest()
    assert not (tmp_path / "lake").exists()


def test_the_digest_changes_with_every_edit_and_with_nothing_else(kept, tmp_path):
    seen = [kept.digest()]
    mute = edit("mute", SIZES)
    for one in (mute, undo(mute)):
        kept.append(one, taken)
        seen += [kept.digest()]
    assert len(set(seen)) == 3
    assert kept.digest() == seen[-1]
    other = Ledger(tmp_path / "other.sqlite")
    for one in kept.read():
        other.append(one, taken)
    assert other.digest() == kept.digest()


def test_an_edit_that_the_check_refuses_is_not_written(kept):
    def refuse(before):
        raise EditError("no")

    kept.append(edit("mute", SIZES), taken)
    before = kept.digest()
    with pytest.raises(EditError):
        kept.append(edit("split", SIZES, mentions=["a"]), refuse)
    assert kept.digest() == before


def test_one_edit_cannot_be_taken_twice(kept):
    mute = edit("split", SIZES, mentions=["a"])
    kept.append(mute, taken)
    with pytest.raises(TableError):
        kept.append(mute, taken)
    assert kept.read() == (mute,)


def test_the_file_is_for_nobody_else_keeps_foreign_keys_and_lets_readers_read(kept, tmp_path):
    kept.append(edit("mute", SIZES), taken)
    file = tmp_path / "lake" / FILE
    assert file.stat().st_mode & 0o77 == 0
    with sqlite3.connect(file) as db:
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)
    db.close()
    with pytest.raises(TableError, match="FOREIGN KEY"), kept.connected(writes=True) as db:
        db.execute(sa.insert(book.NAMED), [{"edit_id": "nobody", "mention_id": "a"}])


def test_a_reader_is_not_kept_waiting_by_a_writer(kept):
    kept.append(edit("mute", SIZES), taken)

    def read_meanwhile(before):
        return Ledger(kept.url.render_as_string(hide_password=False)).read()

    assert kept.append(edit("unmute", SIZES), read_meanwhile) == kept.read()[:1]


WRITER = """
import sys
from insight.ledger import Ledger
from insight.edits import made
who, path = sys.argv[1:]
for n in range(6):
    # the first is for both the moment of making the tables; the check counts what it must not miss
    seen = Ledger(path).append(made("mute", at_ms=n, who=who, topic_id="x", mentions=[str(n)]), len)
    print(seen)
"""


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_two_processes_make_the_database_and_append_at_once_and_each_sees_all_that_came_before(tmp_path, where):
    if where == "postgres" and not POSTGRES:
        pytest.skip("INSIGHT_TEST_POSTGRES names no database")
    url = POSTGRES if where == "postgres" else f"sqlite:///{tmp_path / 'new' / FILE}"
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, who, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for who in ("ann", "bob")
    ]
    seen = [int(line) for p in processes for line in p.communicate(timeout=120)[0].split()]
    assert [p.returncode for p in processes] == [0, 0]
    assert sorted(seen) == list(range(12))
    edits = Ledger(url).read()
    assert len(edits) == 12
    assert all(e.mentions for e in edits)
    for who in ("ann", "bob"):
        assert [e.at_ms for e in edits if e.who == who] == list(range(6))


def test_threads_append_at_once_too(tmp_path):
    path, errors = tmp_path / FILE, []

    def write(n):
        try:
            Ledger(path).append(edit("mute", SIZES, who=f"w{n}"), taken)
        except InsightError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(Ledger(path).read()) == 6


def test_the_newest_migration_is_the_one_the_code_was_written_for():
    config = Config()
    config.set_main_option("script_location", "insight:ledger_migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_that_are_read(kept):
    kept.append(edit("mute", SIZES), taken)
    with kept.connected(writes=False) as db:
        for table in book.TABLES.sorted_tables:
            assert {c["name"] for c in sa.inspect(db).get_columns(table.name)} == set(table.columns.keys())


def test_a_migration_that_was_interrupted_is_done_again(kept, tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / FILE).touch()
    kept.append(edit("mute", SIZES), taken)
    assert len(kept.read()) == 1


def test_a_database_of_a_newer_insight_is_left_alone(kept):
    kept.append(edit("mute", SIZES), taken)
    with kept.connected(writes=True) as db:
        db.execute(sa.text("update alembic_version set version_num = '9999'"))
    with pytest.raises(TableError, match="newer insight"):
        Ledger(kept.url.render_as_string()).read()


def test_a_damaged_file_and_a_busy_one_are_told_in_words(tmp_path, monkeypatch):
    file = tmp_path / FILE
    file.write_bytes(b"this is no database, it is a note about one" * 50)
    with pytest.raises(TableError, match="not a database"):
        Ledger(file).read()
    monkeypatch.setattr(book, "PATIENCE_S", 0.1)
    busy = Ledger(tmp_path / "busy.sqlite")
    busy.append(edit("mute", SIZES), taken)
    with pytest.raises(TableError, match="locked"):
        busy.append(edit("unmute", SIZES), lambda before: busy.append(edit("mute", PARCELS), taken))


def test_a_wrong_url_is_refused_without_showing_the_password():
    for url in ("nonsense", "martian://ann:secret@host/db"):
        with pytest.raises(SettingsError) as error:
            Ledger(url)
        assert "secret" not in str(error.value)
    with pytest.raises((MissingPart, TableError)) as other:
        Ledger("postgresql+pg8000://ann:secret@127.0.0.1:1/db").read()
    assert "secret" not in str(other.value)


def test_the_settings_say_where(tmp_path):
    assert ledger(Settings(home=tmp_path)).url.database == str(tmp_path / ".insight" / FILE)
