"""The default engine leaves standard output to those who answer on it."""

import sys

from tests.conftest import command

SLOW = """
from insight.engines.local import connect

db = connect()
db.execute("SET progress_bar_time = 0")
print(db.execute("select sum(a.range * b.range) from range(4000) a, range(4000) b").fetchone()[0])
"""


def test_a_long_query_draws_no_bar_between_the_lines_of_an_answer():
    # code without a file counts as typed by hand, where DuckDB draws a bar by itself
    assert command(sys.executable, "-c", SLOW).stdout == "63968004000000\n"
