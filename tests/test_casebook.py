"""What people did, in the database of what people write: nothing lost, nothing changed, beside edits and scores."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from insight.casebook import Casebook, casebook
from insight.errors import TableError
from insight.followups import Entry, state
from insight.ledger import FILE, HEAD, Ledger
from insight.scorebook import Scorebook
from insight.scores import Score
from insight.settings import Settings

ROOT = Path(__file__).parents[1]
ONE = Entry(1, "at_risk", "c1", "assign", "mei", "väl 好 🙂", "note", "page")


@pytest.fixture
def book(tmp_path):
    return Casebook(Ledger(tmp_path / "lake" / FILE))


def put(book, entry):
    return book.append(entry.listed, entry.conversation_id, lambda earlier: entry)


def test_entries_come_back_as_they_were_in_their_order_with_numbers(book):
    taken = [put(book, one) for one in (ONE, replace(ONE, kind="outcome", value="helped"), ONE)]
    assert list(book.read()) == taken
    assert [entry.taken for entry in taken] == [1, 2, 3]


def test_reading_makes_no_file(book, tmp_path):
    assert (book.read(), book.revision()) == ((), 0)
    assert not (tmp_path / "lake").exists()


def test_the_check_sees_the_entries_about_this_customer_and_list_only(book):
    seen = []
    put(book, ONE)
    put(book, replace(ONE, conversation_id="c2"))
    put(book, replace(ONE, listed="win_back"))
    assert book.append("at_risk", "c1", lambda earlier: seen.extend(earlier)) is None
    assert seen == [replace(ONE, taken=1)]
    assert book.revision() == 3


def test_what_the_check_refuses_is_not_written(book):
    def refuse(earlier):
        raise TableError("no")

    with pytest.raises(TableError):
        book.append("at_risk", "c1", refuse)
    with pytest.raises(TableError):
        put(book, replace(ONE, who=None))
    assert book.read() == ()


def test_a_database_of_scores_keeps_them(tmp_path):
    path = tmp_path / FILE
    config = Config()
    config.set_main_option("script_location", "insight:ledger_migrations")
    with sa.create_engine(f"sqlite:///{path}").connect() as db, db.begin():
        config.attributes["connection"] = db
        command.upgrade(config, "0002")
    kept = Ledger(path)
    score = Score(1, "mei", "c1", "random", "politeness", 4, 5)
    put(Casebook(kept), ONE)
    Scorebook(kept).append([score])
    assert Casebook(Ledger(path)).read() == (replace(ONE, taken=1),)
    assert Scorebook(Ledger(path)).read() == (score,)
    with sa.create_engine(f"sqlite:///{path}").connect() as db:
        assert db.scalar(sa.text("select version_num from alembic_version")) == HEAD


WRITER = """
import sys
from insight.casebook import Casebook
from insight.followups import Asked, checked
from insight.ledger import Ledger
import datetime as dt
who, path = sys.argv[1:]
today = dt.date(2026, 3, 2)
for n in range(6):
    asked = Asked("at_risk", "c1", "assign", who if n % 2 else "", who)
    Casebook(Ledger(path)).append("at_risk", "c1", lambda earlier: checked(
        asked, known=["c1"], earlier=earlier, today=today, at_ms=n, via="api"))
"""


def test_two_people_write_at_once_and_nothing_is_lost(tmp_path):
    url = f"sqlite:///{tmp_path / FILE}"
    running = [subprocess.Popen([sys.executable, "-c", WRITER, who, url], cwd=ROOT) for who in ("mei", "tom")]
    assert [one.wait(timeout=180) for one in running] == [0, 0]
    found = Casebook(Ledger(url)).read()
    assert [entry.taken for entry in found] == list(range(1, 13))
    assert state(found).assigned == found[-1].value
    for who in ("mei", "tom"):
        assert [entry.at_ms for entry in found if entry.who == who] == list(range(6))


def test_the_settings_say_where(tmp_path):
    put(casebook(Settings(home=tmp_path)), ONE)
    assert (tmp_path / ".insight" / FILE).is_file()
