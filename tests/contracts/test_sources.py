"""What every source keeps: it reads purely, says where each row stood, and accounts for every row."""

import hashlib

import pyarrow as pa
import pytest

from insight.feeds import FEEDS
from insight.settings import SourcePart
from insight.sources import SOURCES, Found, Page, Rejected, Rows, Skipped

BODIES = {
    "table": (
        SourcePart(
            name="probe",
            path="probe.csv",
            feeds="messages",
            columns={"message_id": "id", "conversation_id": "talk", "author": "who", "sent": "when", "text": "said"},
            skip={"who": ["kb"]},
        ),
        b"id,talk,who,when,said\n"
        b"1,a,customer,2024-05-01T10:00:00Z,hello\n"
        b"2,a,kb,2024-05-01T10:00:01Z,left out\n"
        b"3,a,agent,yesterday,refused\n"
        b"4,a,agent,2024-05-01T10:00:09Z,hi\n",
    ),
}
"""For each source a page with two rows that go on, one that is left out and one that is refused (line 4)."""


def test_every_source_has_a_page_here():
    assert set(SOURCES) == set(BODIES)


@pytest.fixture(params=sorted(SOURCES))
def probe(request):
    part, body = BODIES[request.param]
    return SOURCES[request.param], part, Page(part.path, body, hashlib.sha256(body).hexdigest())


def test_a_source_is_called_by_its_name(probe):
    source, _, _ = probe

    assert SOURCES[source.name] is source


def test_a_source_fetches_with_the_verb_that_it_is_handed_and_nothing_else(probe):
    source, part, page = probe
    asked = []

    def get(address):
        asked.append(address)
        return [page]

    assert [page] == list(source.fetch(get, part))
    assert [part.path] == asked


def test_every_row_of_a_page_goes_on_is_left_out_or_is_refused(probe):
    source, part, page = probe
    items = list(source.read(page, part))

    assert {Rows, Rejected, Skipped, Found} == {type(item) for item in items}
    assert 4 == sum(item.rows for item in items if isinstance(item, Found))
    assert 2 == sum(item.table.num_rows for item in items if isinstance(item, Rows))
    assert 1 == sum(item.rows for item in items if isinstance(item, Skipped))
    assert {4} == {item.line for item in items if isinstance(item, Rejected)}


def test_rows_feed_a_known_table_with_known_columns_and_tell_their_lines(probe):
    source, part, page = probe

    for rows in (item for item in source.read(page, part) if isinstance(item, Rows)):
        assert set(rows.table.column_names) <= {f.name for f in FEEDS[rows.feeds].fields}
        assert {f.name for f in FEEDS[rows.feeds].fields if f.must} <= set(rows.table.column_names)
        assert rows.table.num_rows == len(rows.lines)
        assert pa.int64() == rows.lines.type


def test_a_refusal_says_what_came_what_was_wanted_and_what_to_do(probe):
    source, part, page = probe

    for item in (item for item in source.read(page, part) if isinstance(item, Rejected)):
        assert all((item.field, item.reason, item.came, item.wanted, item.fix))


def test_reading_a_page_twice_gives_the_same(probe):
    source, part, page = probe

    assert list(source.read(page, part)) == list(source.read(page, part))
