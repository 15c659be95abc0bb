"""The one screen after a run."""

import io

import duckdb
from rich.console import Console

from insight.cli import summary
from insight.schema import COMPLAINTS, TOPICS
from tests.rows import table


class Published:
    """Tables in memory, where a published file has them."""

    def __init__(self, **tables):
        self.db = duckdb.connect()
        self.db.execute("attach ':memory:' as mart")
        for name, rows in tables.items():
            self.db.register("incoming", rows)
            self.db.execute(f"create table mart.main.{name} as select * from incoming")

    def rows(self, query, values=()):
        found = self.db.execute(query, list(values))
        return [dict(zip((c[0] for c in found.description), row, strict=True)) for row in found.fetchall()]


def screen(*naming):
    console = Console(file=io.StringIO(), width=160)
    topics = table(TOPICS, *({"topic_id": f"t{n}", "naming": told} for n, told in enumerate(naming)))
    summary._topics(console, Published(topics=topics, complaints=table(COMPLAINTS)))
    return console.file.getvalue()


def test_the_screen_says_how_many_names_are_a_models_and_why_others_are_not():
    told = screen("refused: no JSON", "named", "", "no answer: took too long", "refused: no JSON", "refused: no JSON")
    assert "names by the model: 1 named; 3 refused: no JSON; 1 no answer: took too long\n" in told


def test_where_no_model_is_asked_the_screen_says_nothing_of_it():
    assert "model" not in screen("", "")
