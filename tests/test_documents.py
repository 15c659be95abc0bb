"""Reports as Markdown and as workbooks: what stands in them, and that nothing in them runs."""

import datetime as dt
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from insight.documents import Cell, Document, Section, Table, markdown, workbook

TABLE = Table(
    "Figures",
    ("Figure", "Now"),
    ((Cell("Conversations"), Cell("1,432", 1432, "whole")), (Cell("Late | early"), Cell("8.8%", 0.088, "share"))),
    frozenset({1}),
)
REPORT = Document(
    "The week",
    "1 – 7 May",
    ("More than before.",),
    (Section("figures", "Figures", ("One changed.",), (TABLE,), "By the day."), Section("calm", "Calm", ("Nothing.",))),
    "en",
    dt.datetime(2026, 5, 8),  # noqa: DTZ001 - workbooks know no zones
)


def read(data):
    """Sheets of a workbook by name, as rows of values."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_markdown_has_sentences_first_and_tables_with_figures_to_the_right():
    text = markdown(REPORT)

    assert text.startswith("# The week\n\n*1 – 7 May*\n\n- More than before.\n\n## Figures")
    assert "| Figure | Now |\n| --- | ---: |\n| Conversations | 1,432 |\n| Late \\| early | 8.8% |" in text
    assert text.endswith("## Calm\n\n- Nothing.\n")


def test_a_workbook_has_numbers_where_there_are_figures():
    sheets = read(workbook(REPORT))

    assert list(sheets) == ["The week", "Figures"]
    assert sheets["Figures"] == [["Figure", "Now"], ["Conversations", 1432.0], ["Late | early", 0.088]]
    assert ["More than before."] in sheets["The week"]


def test_the_same_report_is_the_same_file():
    assert workbook(REPORT) == workbook(REPORT)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(max_size=30), min_size=1, max_size=4),
    st.sampled_from(["=1+1", "+SUM(A1)", "http://x.example", "@x"]),
)
def test_no_cell_is_a_formula_or_a_link_and_any_title_is_a_sheet(titles, formula):
    tables = tuple(Table(title, (formula,), ((Cell(formula),),)) for title in titles)
    data = workbook(Document("t", formula, (formula,), (Section("s", "s", (), tables),), "en"))
    sheets = read(data)

    assert len(sheets) == len(titles) + 1
    assert all(rows in ([[formula], [formula]], []) for rows in list(sheets.values())[1:])
    parts = _parts(data)
    assert not [name for name, text in parts.items() if "<f>" in text or "<hyperlink " in text]


def _parts(data):
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


@pytest.mark.parametrize("text", ["a\nb", "# x", "<b>", "[a](javascript:x)", "`x`"])
def test_words_of_customers_stay_words_in_markdown(text):
    document = Document("t", "s", (text,), (), "en")
    [line] = re.findall(r"^- (.*)$", markdown(document), re.MULTILINE)

    assert not re.search(r"(?<!\\)[<\[`#]", line)
