"""Every file format gives the same rows, keeps the same things, and survives the same attacks."""

import io
import json
from contextlib import suppress
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.errors import SourceError
from insight.formats import FORMATS, Form, read

NAMES = ["id", "text", "amount"]
ROWS = [
    ["00123", "NA", "12.50"],
    ["9007199254740993", "null", "-3"],
    ["A-1", 'said "hi", then; left\ttoday', ""],
    ["你好", "two\nlines 👍", "1e5"],
    ["x", "=1+1", "0"],
]


def delimited(mark):
    def write(rows):
        quoted = [mark.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [NAMES, *rows]]
        return "\n".join(quoted).encode()

    return write


def json_lines(rows):
    return "\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in rows).encode()


def xlsx(rows):
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False})
    sheet = book.add_worksheet()
    for line, row in enumerate([NAMES, *rows]):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell)
    book.close()
    return body.getvalue()


def parquet(rows):
    body = io.BytesIO()
    pq.write_table(pa.table(dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))), body)
    return body.getvalue()


WRITERS = {
    ".csv": delimited(","),
    ".txt": delimited(","),
    ".tsv": delimited("\t"),
    ".jsonl": json_lines,
    ".ndjson": json_lines,
    ".xlsx": xlsx,
    ".parquet": parquet,
}


FILES = {ending: write(ROWS) for ending, write in WRITERS.items()}


def test_every_format_has_a_writer_here():
    assert set(FORMATS) == set(WRITERS)


every_format = pytest.mark.parametrize("ending", sorted(FORMATS))


@every_format
def test_every_format_gives_the_same_rows_as_text(ending):
    sheet = read(f"rows{ending}", FILES[ending], Form(wanted=NAMES))

    assert NAMES == sheet.names
    assert ROWS == [[cell or "" for cell in row.values()] for row in sheet.table.to_pylist()]
    assert [] == sheet.refused


@every_format
def test_only_wanted_columns_are_kept_and_all_names_are_told(ending):
    sheet = read(f"rows{ending}", FILES[ending], Form(wanted=["text", "absent"]))

    assert (NAMES, ["text"]) == (sheet.names, sheet.table.column_names)
    assert len(ROWS) == sheet.table.num_rows == sheet.records


@every_format
def test_lines_grow_and_stand_beside_their_rows(ending):
    sheet = read(f"rows{ending}", FILES[ending], Form(wanted=NAMES))

    lines = sheet.lines.to_pylist()
    assert sorted(set(lines)) == lines
    assert len(ROWS) == len(lines)


@every_format
def test_an_empty_file_is_refused_as_one(ending):
    sheet = read(f"rows{ending}", b"", Form(wanted=NAMES))

    assert [(0, "empty_file")] == [(r.line, r.reason) for r in sheet.refused]
    assert 0 == sheet.table.num_rows


@every_format
def test_noise_is_refused_and_not_read(ending):
    sheet = read(f"rows{ending}", b"\xff\xfe\x00garbage" * 50, Form(wanted=NAMES))

    assert 0 == sheet.table.num_rows
    assert sheet.refused
    assert all(r.fix for r in sheet.refused)


@every_format
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_gives_rows_or_reasons_and_never_a_crash(ending, data):
    whole = FILES[ending]
    place = data.draw(st.integers(0, len(whole) - 1))
    damage = data.draw(st.sampled_from(["cut", "flip", "insert"]))
    bits = data.draw(st.binary(min_size=1, max_size=4))
    rest = {"cut": b"", "flip": bits + whole[place + len(bits) :], "insert": bits + whole[place:]}[damage]

    with suppress(SourceError):
        sheet = read(f"rows{ending}", whole[:place] + rest, Form(wanted=NAMES))
        assert len(sheet.lines) == sheet.table.num_rows or not sheet.table.column_names
        assert all(isinstance(cell, str | None) for row in sheet.table.to_pylist() for cell in row.values())


def test_an_unknown_type_of_file_is_an_error_that_names_the_known_ones():
    with pytest.raises(SourceError, match=r"letter\.docx.*\n.*came: \.docx.*\n.*wanted: \.csv"):
        read("letter.docx", b"x", Form())


def test_the_ending_decides_whatever_its_case():
    assert 1 == read(str(PurePosixPath("IN/ROWS.CSV")), b"id\n1\n", Form(wanted=["id"])).table.num_rows
