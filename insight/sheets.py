"""Rows as CSV text that a spreadsheet shows and never runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is a formula to a spreadsheet, once blanks are left out."""


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV, lines ended as RFC 4180 has them; nothing is an empty cell, numbers stay numbers."""
    text = io.StringIO(newline="")
    write = csv.writer(text, lineterminator="\r\n")
    write.writerow(head)
    for row in rows:
        write.writerow(["" if cell is None else harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue()


def harmless(cell: str) -> str:
    """The cell as text: behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(RISKY) else cell
