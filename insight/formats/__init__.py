"""File formats that tables come in, by their ending.

A folder of its own because formats are an open set: add a file with a `read`, and name it here.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from insight.errors import SourceError
from insight.formats import delimited, json_lines, parquet, xlsx
from insight.formats.base import Form, Read, Sheet, nothing

FORMATS: dict[str, Read] = {
    ".csv": delimited.read,
    ".txt": delimited.read,
    ".tsv": delimited.read_tabs,
    ".jsonl": json_lines.read,
    ".ndjson": json_lines.read,
    ".xlsx": xlsx.read,
    ".parquet": parquet.read,
}

__all__ = ["FORMATS", "Form", "Sheet", "read"]


def read(file: str, body: bytes, form: Form) -> Sheet:
    """Rows of one file as text.

    :raises SourceError: the file's type or its declared encoding is none that we know.
    """
    kind = PurePosixPath(file).suffix.lower()
    if kind not in FORMATS:
        raise SourceError(
            "this type of file cannot be read",
            where=file,
            came=kind or "no ending",
            wanted=", ".join(FORMATS),
            fix="export it as one of these, or narrow the pattern in `path`",
        )
    if not body.strip(b"\xef\xbb\xbf \t\r\n"):
        return nothing("empty_file", "no bytes", "a header and rows", "export it again, or take it away")
    return FORMATS[kind](file, body, form)
