"""Bytes of a file → columns of text, with the line of every row; whatever a file type cannot say well is refused.

Every cell is text at first, so that the id 00123 and the word "NA" stay what they are; `cells` gives them types later.
Bytes are decoded as the settings say and never guessed: latin-1 text decodes as gb18030 without an error.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insight.errors import SourceError
from insight.feeds import Rejected

MOST_BYTES = 1 << 30
"""A spreadsheet or Parquet file that unpacks to more is refused (a 480 KiB XLSX can unpack to 500 MB)."""

MOST_RATIO = 200
"""Above it an XLSX of more than 50 MB unpacked is taken for a bomb; real ones pack about 10 to 1."""

DIGITS = 6
"""Decimal places kept of numbers that the file stores as binary floats: 58.900000000000006 was 58.9."""


@dataclass(frozen=True)
class Form:
    """How the settings say a file is written, and which of its columns are wanted."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
    wanted: Collection[str] = ()


@dataclass(frozen=True)
class Sheet:
    """All names in the header, the wanted columns as text, the line of each row (the header being 1), refused lines."""

    names: list[str]
    table: pa.Table
    lines: pa.Array
    refused: list[Rejected] = field(default_factory=list)


def read(file: str, body: bytes, form: Form) -> Sheet:
    """Rows of one file as text.

    :raises SourceError: the file's type or its declared encoding is none that we know.
    """
    kind = PurePosixPath(file).suffix.lower()
    if kind not in KINDS:
        raise SourceError(
            "this type of file cannot be read",
            where=file,
            came=kind or "no ending",
            wanted=", ".join(KINDS),
            fix="export it as one of these, or narrow the pattern in `path`",
        )
    if not body.strip(b"\xef\xbb\xbf \t\r\n"):
        return _nothing("empty_file", "no bytes", "a header and rows", "export it again, or take it away")
    return KINDS[kind](file, body, form)


def _nothing(reason: str, came: str, wanted: str, fix: str, *, name: str = "file") -> Sheet:
    """A whole file that is refused."""
    return Sheet([], pa.table({}), pa.array([], pa.int64()), [Rejected(0, name, reason, came, wanted, fix)])


def _sheet(
    names: list[str], columns: Mapping[str, Sequence[str | None]], lines: list[int], refused: list[Rejected]
) -> Sheet:
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    return Sheet(names, table, pa.array(lines, pa.int64()), refused)


def _places(names: list[str], form: Form) -> dict[str, int]:
    """Where the wanted columns stand; of two with one name the first."""
    return {name: names.index(name) for name in dict.fromkeys(names) if name in form.wanted}


# ---------------------------------------------------------------- text files


def _decoded(file: str, body: bytes, form: Form) -> str | Sheet:
    """The text of a file, or why there is none."""
    encoding = "utf-8-sig" if form.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else form.encoding
    try:
        return body.decode(encoding)
    except LookupError as error:
        raise SourceError(
            "there is no such encoding", where=file, came=form.encoding, fix="use a name such as utf-8 or gb18030"
        ) from error
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        return _nothing(
            "wrong_encoding",
            f"byte 0x{body[error.start]:02x} in line {line}",
            f"text in {form.encoding}",
            'say how it is written, for example encoding = "gb18030", "cp1252" or "utf-16", or export it as UTF-8',
            name="encoding",
        )


def _csv(file: str, body: bytes, form: Form, *, delimiter: str = ",") -> Sheet:
    text = _decoded(file, body, form)
    if isinstance(text, Sheet):
        return text
    names: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    refused: list[Rejected] = []
    for line, record in _records(list(io.StringIO(text, newline="")), form.delimiter or delimiter):
        if isinstance(record, Rejected):
            refused.append(record)
            if not names:
                break
        elif not names:
            names = [name.strip() for name in record]
        else:
            rows.append(record)
            lines.append(line)
    columns = {name: [row[place] for row in rows] for name, place in _places(names, form).items()}
    return _sheet(names, columns, lines, refused)


def _tsv(file: str, body: bytes, form: Form) -> Sheet:
    return _csv(file, body, form, delimiter="\t")


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


def _jsonl(file: str, body: bytes, form: Form) -> Sheet:
    text = _decoded(file, body, form)
    if isinstance(text, Sheet):
        return text
    rows: list[dict[str, str | None]] = []
    lines: list[int] = []
    refused: list[Rejected] = []
    for line, words in enumerate(io.StringIO(text), start=1):
        row = _json_row(words, line) if words.strip() else None
        if isinstance(row, Rejected):
            refused.append(row)
        elif row is not None:
            rows.append(row)
            lines.append(line)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return _sheet(names, {name: [row.get(name) for row in rows] for name in _places(names, form)}, lines, refused)


class _TwiceError(ValueError):
    """One key stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _json_row(words: str, line: int) -> dict[str, str | None] | Rejected:
    """One line of JSON as text by key; an inner object's keys are led by its own: customer.id."""
    wanted, fix = "one JSON object per line", "mend the line"
    try:
        row = json.loads(words, object_pairs_hook=_object, parse_int=str, parse_float=_plain, parse_constant=str)
    except _TwiceError:
        return Rejected(line, "row", "duplicate_key", "a key that stands twice", "each key once", fix)
    except RecursionError:
        return Rejected(line, "row", "too_deep", "lists within lists without end", wanted, fix)
    except json.JSONDecodeError as error:
        return Rejected(line, "row", "not_json", f"{error.msg} at character {error.pos + 1}", wanted, fix)
    if not isinstance(row, dict):
        return Rejected(line, "row", "not_an_object", type(row).__name__, wanted, fix)
    flat = dict(_flat(row))
    if "\\u" in words and any(v is not None and not _is_text(v) for v in (*flat, *flat.values())):
        return Rejected(line, "row", "half_a_character", "a lone surrogate", "whole characters", "export it as UTF-8")
    return flat


def _is_text(value: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in value)


def _flat(row: dict[str, Any], lead: str = "") -> Iterator[tuple[str, str | None]]:
    for key, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{lead}{key}.")
        elif isinstance(value, list):
            yield lead + key, json.dumps(value, ensure_ascii=False)
        else:
            yield lead + key, {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _plain(number: str) -> str:
    """A number as people write it, without the noise of binary floats; what is no finite number stays as it came."""
    value = float(number)
    return number if value in (float("inf"), float("-inf")) else _number(value)


def _number(value: float) -> str:
    value = round(value, DIGITS)
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


# ---------------------------------------------------------------- packed files


def _xlsx(file: str, body: bytes, form: Form) -> Sheet:
    from python_calamine import CalamineError, CalamineWorkbook

    wrong = _unpacks_badly(body)
    if wrong:
        return _nothing("unreadable_file", wrong, "an XLSX file", "open it in a spreadsheet and save it again")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        sheets = book.sheet_names
        if form.sheet is not None and form.sheet not in sheets:
            raise SourceError("there is no such sheet", where=file, came=form.sheet, wanted=", ".join(sheets))
        cells = book.get_sheet_by_name(form.sheet or sheets[0]).to_python(skip_empty_area=False)
    except CalamineError as error:
        return _nothing("unreadable_file", str(error), "an XLSX file", "open it in a spreadsheet and save it again")
    if not cells:
        return _nothing("empty_file", "a sheet without cells", "a header and rows", "export it again, or take it away")
    names = [_cell(cell).strip() for cell in cells[0]]
    rows = {line: row for line, row in enumerate(cells[1:], start=2) if any(cell != "" for cell in row)}
    columns = {name: [_cell(row[place]) for row in rows.values()] for name, place in _places(names, form).items()}
    return _sheet(names, columns, list(rows), [])


def _unpacks_badly(body: bytes) -> str:
    """Why a zip archive should not be unpacked; its declared sizes are checked before and against its bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            size = sum(part.file_size for part in archive.infolist())
            if size > MOST_BYTES or (size > 50_000_000 and size > MOST_RATIO * len(body)):
                return f"{size:,} bytes unpacked from {len(body):,}"
            broken = archive.testzip()
            return f"a broken part {broken}" if broken else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        return f"no zip archive that can be opened: {error}"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _parquet(file: str, body: bytes, form: Form) -> Sheet:
    try:
        packed = pq.ParquetFile(io.BytesIO(body))
        size = sum(packed.metadata.row_group(g).total_byte_size for g in range(packed.num_row_groups))
        if size > MOST_BYTES:
            return _nothing("unreadable_file", f"{size:,} bytes unpacked", f"at most {MOST_BYTES:,}", "split it")
        names = packed.schema_arrow.names
        table = packed.read(columns=[n for n in names if n in form.wanted])
    except (pa.ArrowInvalid, OSError) as error:
        return _nothing("unreadable_file", str(error).splitlines()[0], "a Parquet file", "export it again")
    columns = {name: _as_text(file, name, table[name]) for name in table.column_names}
    return Sheet(names, pa.table(columns), pa.array(range(2, table.num_rows + 2), pa.int64()))


def _as_text(file: str, name: str, column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_floating(column.type):
        column = pc.round(column, ndigits=DIGITS)
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        raise SourceError("this column holds no plain values", where=f"{file}, {name}", came=str(column.type))
    return pc.cast(column, pa.string()).combine_chunks()


KINDS: dict[str, Callable[[str, bytes, Form], Sheet]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".txt": _csv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}
"""How each type of file is read, by its ending."""
