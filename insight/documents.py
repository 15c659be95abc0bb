"""What a report is made of, and how it becomes Markdown or a workbook; a page of HTML is made by a template.

Every cell knows its words and, where it is a figure, its number: readers get words, spreadsheets get numbers.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Tone = Literal["", "good", "bad"]

FORMATS = {"share": "0.0%", "number": "#,##0.##", "whole": "#,##0", "money": "#,##0.00", "seconds": "#,##0"}
"""How a workbook shows a number, by kind."""


@dataclass(frozen=True)
class Cell:
    """One cell: its words, and the number behind them where there is one. `kind` is a key of FORMATS."""

    words: str
    number: float | None = None
    kind: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Table:
    """Rows below heads; `figures` are the columns that stand to the right. `title` names it, also as a sheet."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Section:
    """A heading, what it comes to in sentences, the tables behind that, and what a reader should know of them."""

    name: str
    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Document:
    """A report from its title down. `lines` say the most important first."""

    title: str
    subtitle: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]
    language: str
    made: datetime = field(default_factory=lambda: datetime(2000, 1, 1))  # noqa: DTZ001 - workbooks know no zones


# ---------------------------------------------------------------- Markdown

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})


def escaped(text: str) -> str:
    """Words as Markdown shows them, and not as it would read them."""
    return " ".join(text.split()).translate(_MARKS)


def markdown(document: Document) -> str:
    """The document as Markdown with tables."""
    parts = [f"# {escaped(document.title)}", f"*{escaped(document.subtitle)}*", _points(document.lines)]
    for section in document.sections:
        parts += [f"## {escaped(section.title)}", _points(section.lines)]
        parts += [_grid(table) for table in section.tables]
        parts.append(f"*{escaped(section.note)}*" if section.note else "")
    return "\n\n".join(part for part in parts if part) + "\n"


def _points(lines: Sequence[str]) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines)


def _grid(table: Table) -> str:
    heads = " | ".join(escaped(head) for head in table.heads)
    rule = " | ".join("---:" if n in table.figures else "---" for n in range(len(table.heads)))
    rows = [" | ".join(escaped(cell.words) or " " for cell in row) for row in table.rows]
    return "\n".join([f"### {escaped(table.title)}", "", *(f"| {line} |" for line in (heads, rule, *rows))])


# ---------------------------------------------------------------- workbook

SHEET_CHARACTERS = re.compile(r"[\[\]:*?/\\']")
SHEET_LENGTH = 31
"""What the file format allows in the name of a sheet."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
WIDEST = 60


def workbook(document: Document) -> bytes:
    """The document as XLSX: the sentences first, then a sheet per table. No cell is a formula or a link."""
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": document.title, "created": document.made})
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    looks = {kind: book.add_format({"num_format": shown}) for kind, shown in FORMATS.items()}
    names = _sheet_names([document.title, *(t.title for s in document.sections for t in s.tables)])
    front = book.add_worksheet(names.pop(0))
    front.set_column(0, 0, 110, wrap)
    lines: list[tuple[str, object]] = [(document.title, bold), (document.subtitle, None), ("", None)]
    lines += [(line, None) for line in document.lines]
    for section in document.sections:
        lines += [("", None), (section.title, bold), *((line, None) for line in section.lines)]
        lines += [(section.note, None)] if section.note else []
    for row, (line, look) in enumerate(lines):
        front.write_string(row, 0, _clean(line), look)
    for table in (t for s in document.sections for t in s.tables):
        sheet = book.add_worksheet(names.pop(0))
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(table.heads):
            sheet.write_string(0, column, _clean(head), bold)
            longest = max([len(head), *(len(row[column].words) for row in table.rows)])
            sheet.set_column(column, column, min(WIDEST, longest + 2))
        for number, cells in enumerate(table.rows, start=1):
            for column, cell in enumerate(cells):
                if cell.number is None:
                    sheet.write_string(number, column, _clean(cell.words))
                else:
                    sheet.write_number(number, column, cell.number, looks.get(cell.kind))
    book.close()
    return file.getvalue()


def _clean(text: str) -> str:
    """Without what the file format does not allow."""
    return CONTROL.sub("", text)[:32_000]


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Names of sheets: allowed, not empty, and each once whatever its case."""
    found: list[str] = []
    for title in titles:
        name = base = _cut(SHEET_CHARACTERS.sub(" ", _clean(title)).strip(), SHEET_LENGTH) or "Sheet"
        number = 2
        while name.casefold() in (other.casefold() for other in found):
            name = f"{_cut(base, SHEET_LENGTH - 4)} ({number})"
            number += 1
        found.append(name)
    return found


def _cut(text: str, most: int) -> str:
    """The text to so many units of UTF-16, as the file format counts them: a rare character is two."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
