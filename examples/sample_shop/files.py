"""Writes rows as CSV, TSV, JSON lines, XLSX and Parquet, byte for byte the same each time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

Row = dict[str, Any]


def csv_file(
    path: Path, columns: list[str], rows: Sequence[Sequence[Any]], *, delimiter: str = ",", encoding: str = "utf-8"
) -> None:
    """Rows under the names of their columns; text with the delimiter, quotes or line ends is quoted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def jsonl_file(path: Path, rows: list[Row]) -> None:
    """One JSON object per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())


def parquet_file(path: Path, rows: list[Row]) -> None:
    """One row group is enough for a shop of this size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")


def xlsx_file(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """Sheets of rows, the first being the headings; text stays text, never a formula."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2026, 7, 1)})  # noqa: DTZ001 (xlsxwriter writes it as UTC)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
