"""Scores in the database of what people write: nothing lost, all of a batch or none, beside the edits."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from insight.errors import TableError
from insight.ledger import FILE, HEAD, Ledger
from insight.scorebook import Scorebook, scorebook
from insight.scores import Score
from insight.settings import Settings
from tests.edits import SIZES, edit

ROOT = Path(__file__).parents[1]
ONE = Score(1, "mei", "c1", "random", "politeness", 4, 5, "väl 好 🙂", "page")
OTHER = replace(ONE, at_ms=2, item="privacy", level=None, levels=2, note="", via="csv")


@pytest.fixture
def book(tmp_path):
    return Scorebook(Ledger(tmp_path / "lake" / FILE))


def test_scores_come_back_as_they_were_and_in_their_order_those_that_were_replaced_too(book):
    book.append([ONE, OTHER])
    book.append([replace(ONE, level=2), ONE])
    assert book.read() == (ONE, OTHER, replace(ONE, level=2), ONE)


def test_reading_makes_no_file(book, tmp_path):
    assert (book.read(), book.revision()) == ((), 0)
    book.append([])
    assert not (tmp_path / "lake").exists()


def test_the_revision_grows_with_every_score_and_with_no_edit(book, tmp_path):
    book.append([ONE])
    first = book.revision()
    Ledger(tmp_path / "lake" / FILE).append(edit("mute", SIZES), len)
    assert book.revision() == first
    book.append([ONE])
    assert book.revision() > first


def test_of_a_batch_that_cannot_be_written_nothing_is(book):
    book.append([ONE])
    with pytest.raises(TableError):
        book.append([OTHER, replace(ONE, scorer=None)])
    assert book.read() == (ONE,)


def test_a_database_from_before_there_were_scores_keeps_its_edits(tmp_path):
    path = tmp_path / FILE
    config = Config()
    config.set_main_option("script_location", "insight:ledger_migrations")
    with sa.create_engine(f"sqlite:///{path}").connect() as db, db.begin():
        config.attributes["connection"] = db
        command.upgrade(config, "0001")
    old = sa.create_engine(f"sqlite:///{path}")
    mute = edit("mute", SIZES)
    with old.connect() as db, db.begin():
        row = {"id": mute.edit_id, "at": mute.at_ms, "who": mute.who, "why": mute.why, "topic": mute.topic_id}
        told = (
            "insert into edits (edit_id, at_ms, who, why, kind, topic_id) values (:id, :at, :who, :why, 'mute', :topic)"
        )
        db.execute(sa.text(told), row)
    old.dispose()
    book = Scorebook(Ledger(path))
    book.append([ONE])
    assert book.read() == (ONE,)
    assert Ledger(path).read() == (mute,)
    with sa.create_engine(f"sqlite:///{path}").connect() as db:
        assert db.scalar(sa.text("select version_num from alembic_version")) == HEAD


WRITER = """
import sys
from insight.ledger import Ledger
from insight.scorebook import Scorebook
from insight.scores import Score
who, path = sys.argv[1:]
for n in range(5):
    Scorebook(Ledger(path)).append([Score(n, who, "c1", "random", item, n, 5) for item in ("a", "b")])
"""


def test_two_people_write_at_once_and_nothing_is_lost(tmp_path):
    url = f"sqlite:///{tmp_path / FILE}"
    running = [subprocess.Popen([sys.executable, "-c", WRITER, who, url], cwd=ROOT) for who in ("mei", "tom")]
    assert [one.wait(timeout=180) for one in running] == [0, 0]
    found = Scorebook(Ledger(url)).read()
    for who in ("mei", "tom"):
        assert [s.level for s in found if s.scorer == who] == [n for n in range(5) for _ in "ab"]


def test_the_settings_say_where(tmp_path):
    book = scorebook(Settings(home=tmp_path))
    book.append([ONE])
    assert (tmp_path / ".insight" / FILE).is_file()
