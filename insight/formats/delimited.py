"""CSV and other delimited text. A broken line costs that line, never its neighbours."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator
from functools import partial
from typing import Any

from insight.feeds import Rejected
from insight.formats.base import Form, Sheet, decoded, places, sheet


def read(file: str, body: bytes, form: Form, *, delimiter: str = ",") -> Sheet:
    """Rows of a delimited file; `delimiter` holds where the settings tell none."""
    text = decoded(file, body, form)
    if isinstance(text, Sheet):
        return text
    names: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    refused: list[Rejected] = []
    records = 0
    for line, record in _records(list(io.StringIO(text, newline="")), form.delimiter or delimiter):
        records += 1
        if isinstance(record, Rejected):
            refused.append(record)
            if not names:
                break
        elif not names:
            names = [name.strip() for name in record]
        else:
            rows.append(record)
            lines.append(line)
    columns = {name: [row[place] for row in rows] for name, place in places(names, form).items()}
    return sheet(names, columns, lines, records - bool(names), refused)


read_tabs = partial(read, delimiter="\t")
"""Rows of a tab separated file."""


def _records(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str] | Rejected]]:
    """Records with the line where each begins, from 1.

    A quote that is never closed swallows the lines after it. So a record that is broken, or that has not as many cells
    as the header, costs its first line only: reading goes on at the line after that.
    """
    start, width = 0, 0
    while start < len(lines):
        start, width = yield from _stretch(lines, start, width, delimiter)


def _stretch(
    lines: list[str], start: int, width: int, delimiter: str
) -> Generator[tuple[int, list[str] | Rejected], None, tuple[int, int]]:
    """Records up to the first broken one; returns where to go on, and how many cells the header has."""
    reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), delimiter=delimiter, strict=True)
    first = start
    for record in _parsed(reader):
        last = start + reader.line_num
        if isinstance(record, csv.Error) or (width and record and len(record) != width):
            yield first + 1, _broken(first + 1, record, last - first, width)
            return first + 1, width
        if record:
            width = width or len(record)
            yield first + 1, record
        first = last
    return len(lines), width


def _parsed(reader: Any) -> Iterator[list[str] | csv.Error]:
    """Records as they come, blank lines as empty ones; the error of a broken one comes last."""
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            yield error
            return
        if record is None:
            return
        yield record


def _broken(line: int, record: list[str] | csv.Error, span: int, width: int) -> Rejected:
    """Why a record was refused."""
    if isinstance(record, csv.Error) and "limit" in str(record):
        limit = csv.field_size_limit()
        return Rejected(line, "row", "too_long", f"a cell of over {limit} characters", f"at most {limit}", "shorten it")
    if isinstance(record, csv.Error) or span > 1:
        return Rejected(
            line,
            "row",
            "broken_quotes",
            "a quote that is not closed",
            '"…" with every inner " doubled',
            "mend the line",
        )
    return Rejected(
        line,
        "row",
        "ragged",
        f"{len(record)} cells",
        f"{width} cells, as in the header",
        "quote cells with the delimiter",
    )
