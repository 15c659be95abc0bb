"""The default engine leaves standard output to those who answer on it."""

import sys

from tests.conftest import command

TOLD = (
    "from insight.engines.local import connect; print(connect().sql(\"select current_setting('enable_progress_bar')\"))"
)


def test_a_long_query_draws_no_bar_between_the_lines_of_an_answer():
    # code without a file counts as typed by hand, where DuckDB draws a bar by itself
    assert "false" in command(sys.executable, "-c", TOLD).stdout
