"""What every file format is: bytes → columns of text, with the line of every row; what is not said well is refused.

Every cell is text at first, so that the id 00123 and the word "NA" stay what they are; `cells` gives them types later.
Bytes are decoded as the settings say and never guessed: latin-1 text decodes as gb18030 without an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from insight.errors import SourceError
from insight.feeds import Rejected

MOST_BYTES = 1 << 30
"""A packed file that unpacks to more is refused (a 480 KiB XLSX can unpack to 500 MB)."""

DIGITS = 6
"""Decimal places kept of numbers that a file stores as binary floats: 58.900000000000006 was 58.9."""


@dataclass(frozen=True)
class Form:
    """How the settings say a file is written, and which of its columns are wanted."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
    wanted: Collection[str] = ()


@dataclass(frozen=True)
class Sheet:
    """All names in the header, the wanted columns as text, the line of each row (the header being 1), refused lines.

    `records` is how many rows the file holds, counted where it is taken apart: so a row that gets lost on the way is
    missed.
    """

    names: list[str]
    table: pa.Table
    lines: pa.Array
    records: int
    refused: list[Rejected] = field(default_factory=list)


Read = Callable[[str, bytes, Form], Sheet]
"""How a member reads the bytes of a file; its name is for errors only."""


def sheet(
    names: list[str],
    columns: Mapping[str, Sequence[str | None]],
    lines: list[int],
    records: int,
    refused: list[Rejected],
) -> Sheet:
    """Rows by column; `lines` says where each stood, `records` how many the file holds."""
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    return Sheet(names, table, pa.array(lines, pa.int64()), records, refused)


def places(names: list[str], form: Form) -> dict[str, int]:
    """Where the wanted columns stand; of two with one name the first."""
    return {name: names.index(name) for name in dict.fromkeys(names) if name in form.wanted}


def nothing(reason: str, came: str, wanted: str, fix: str, *, name: str = "file") -> Sheet:
    """A whole file that is refused: it counts as one row."""
    return Sheet([], pa.table({}), pa.array([], pa.int64()), 1, [Rejected(0, name, reason, came, wanted, fix)])


def decoded(file: str, body: bytes, form: Form) -> str | Sheet:
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
        return nothing(
            "wrong_encoding",
            f"byte 0x{body[error.start]:02x} in line {line}",
            f"text in {form.encoding}",
            'say how it is written, for example encoding = "gb18030", "cp1252" or "utf-16", or export it as UTF-8',
            name="encoding",
        )


def number(value: float) -> str:
    """A number as people write it, without the noise of binary floats."""
    value = round(value, DIGITS)
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
