"""XLSX: one sheet, the header in its first row."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import date, datetime
from typing import Any

from insight.errors import SourceError
from insight.formats.base import MOST_BYTES, Form, Sheet, nothing, number, places, sheet

MOST_RATIO = 200
"""Above it an XLSX of more than 50 MB unpacked is taken for a bomb; real ones pack about 10 to 1."""

MOST_CELLS = 30_000_000
"""A sheet is laid out whole, about 32 bytes a cell: one cell in the farthest corner would take 500 GB."""

_REFERENCE = re.compile(rb"""<(?:\w{1,20}:)?(?:c|row)\s[^>]{0,300}?\br\s?=\s?["']([A-Za-z]{0,4})(\d{1,9})["']""")


def read(file: str, body: bytes, form: Form) -> Sheet:
    """Rows of one sheet; empty rows are none, and dates come as ISO 8601."""
    from python_calamine import CalamineError, CalamineWorkbook

    wrong = _unpacks_badly(body)
    if wrong:
        return nothing("unreadable_file", wrong, "an XLSX file", "open it in a spreadsheet and save it again")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        sheets = book.sheet_names
        if form.sheet is not None and form.sheet not in sheets:
            raise SourceError("there is no such sheet", where=file, came=form.sheet, wanted=", ".join(sheets))
        cells = book.get_sheet_by_name(form.sheet or sheets[0]).to_python(skip_empty_area=False)
    except CalamineError as error:
        return nothing("unreadable_file", str(error), "an XLSX file", "open it in a spreadsheet and save it again")
    if not cells:
        return nothing("empty_file", "a sheet without cells", "a header and rows", "export it again, or take it away")
    names = [_cell(cell).strip() for cell in cells[0]]
    rows = {line: row for line, row in enumerate(cells[1:], start=2) if any(cell != "" for cell in row)}
    columns = {name: [_cell(row[place]) for row in rows.values()] for name, place in places(names, form).items()}
    records = sum(bool(set(row) - {""}) for row in cells[1:])
    return sheet(names, columns, list(rows), records, [])


def _unpacks_badly(body: bytes) -> str:
    """Why an archive should not be unpacked: its declared sizes, its bytes against them, its farthest cell."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > MOST_BYTES or (size > 50_000_000 and size > MOST_RATIO * len(body)):
                return f"{size:,} bytes unpacked from {len(body):,}"
            most = max((_cells(archive, part) for part in parts), default=0)
            return f"room for {most:,} cells" if most > MOST_CELLS else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        return f"no zip archive that can be opened: {error}"


def _cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Rows times columns up to the farthest cell of a sheet: so many are laid out, were all but one of them empty."""
    rows, columns, tail = 0, 0, b""
    with archive.open(part) as file:
        while chunk := file.read(1 << 20):
            for letters, digits in _REFERENCE.findall(tail + chunk):
                rows, columns = max(rows, int(digits)), max(columns, _column(letters))
            tail = chunk[-400:]
    return rows * columns


def _column(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
