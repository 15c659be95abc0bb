"""Text of cells to values, exactly, or a reason."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.cells import Form, typed
from insight.feeds import Field


def value(text, kind, **form):
    column, faults = typed(pa.array([text], pa.string()), Field("x", kind), Form(**form))
    return column.to_pylist()[0], [f.reason for f in faults]


@pytest.mark.parametrize("text", ["00123", "NA", "null", "None", "nan", "1e5", "TRUE", "9007199254740993"])
def test_an_id_stays_what_it_is(text):
    assert (text, []) == value(f"  {text} ", "id")


def test_words_of_a_customer_are_not_even_trimmed():
    assert (" NA ", []) == value(" NA ", "text")


@pytest.mark.parametrize(
    ("text", "decimal", "amount"),
    [
        ("12.50", ".", "12.5"),
        ("-3", ".", "-3"),
        ("1,299.00", ".", "1299"),
        ("1.299,00", ",", "1299"),
        ("69,90", ",", "69.9"),
        ("12", ",", "12"),
        ("0.1", ".", "0.1"),
    ],
)
def test_amounts_are_exact(text, decimal, amount):
    assert (Decimal(amount), []) == value(text, "money", decimal=decimal)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("12,50", "."),
        ("12.50", ","),
        ("€12", "."),
        ("1e3", "."),
        ("1,29,9", "."),
        ("--1", "."),
        ("NaN", "."),
        ("inf", "."),
    ],
)
def test_what_is_no_amount_here_is_refused_and_never_taken_for_another(text, decimal):
    assert (None, ["not_money"]) == value(text, "money", decimal=decimal)


@pytest.mark.parametrize("text", ["1e999", "nan", "inf", "4,5", "four"])
def test_what_is_no_finite_number_is_refused(text):
    assert (None, ["not_a_number"]) == value(text, "number")


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("3.0", 3), ("-2", -2)])
def test_whole_numbers(text, number):
    assert (number, []) == value(text, "whole")


def test_a_broken_number_is_no_whole_one():
    assert (None, ["not_a_number"]) == value("2.5", "whole")


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("Yes", True), ("0", False), ("F", False)])
def test_flags(text, flag):
    assert (flag, []) == value(text, "flag")


def test_other_words_are_no_flag():
    assert (None, ["not_a_flag"]) == value("maybe", "flag")


@pytest.mark.parametrize(
    ("text", "form", "millis"),
    [
        ("2024-11-02T14:30:00Z", {}, 1_730_557_800_000),
        ("2024-11-02 14:30:00 UTC", {}, 1_730_557_800_000),
        ("2024-11-02T15:30:00.250+01:00", {}, 1_730_557_800_250),
        ("2024-11-02T15:30:00+0100", {}, 1_730_557_800_000),
        ("2024-11-02 15:30", {"zone": "Europe/Berlin"}, 1_730_557_800_000),
        ("2024-11-02", {"zone": "UTC"}, 1_730_505_600_000),
        ("1730557800", {"times": "epoch_s"}, 1_730_557_800_000),
        ("1730557800.123456", {"times": "epoch_s"}, 1_730_557_800_123),
        ("1730557800123", {"times": "epoch_ms"}, 1_730_557_800_123),
        ("02.11.2024 15:30", {"times": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"}, 1_730_557_800_000),
        ("Sat Nov 02 14:30:00 +0000 2024", {"times": "%a %b %d %H:%M:%S %z %Y"}, 1_730_557_800_000),
    ],
)
def test_moments(text, form, millis):
    assert (millis, []) == value(text, "moment", **form)


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        ("2024-11-02 14:30", {}, "naive_time"),
        ("2024-11-02", {}, "naive_time"),
        ("02.11.2024", {"times": "%d.%m.%Y"}, "naive_time"),
        ("2024-02-30T10:00:00Z", {}, "not_a_time"),
        ("2024-13-01T10:00:00Z", {}, "not_a_time"),
        ("yesterday", {}, "not_a_time"),
        ("02/11/2024", {}, "not_a_time"),
        ("1730557800123", {"times": "epoch_s"}, "unlikely_time"),
        ("1730557800", {"times": "epoch_ms"}, "unlikely_time"),
        ("0001-01-01T00:00:00Z", {}, "unlikely_time"),
        ("9999-12-31T00:00:00Z", {}, "unlikely_time"),
        ("1e999", {"times": "epoch_s"}, "not_a_time"),
    ],
)
def test_moments_that_cannot_be_told_are_refused(text, form, reason):
    assert (None, [reason]) == value(text, "moment", **form)


def test_an_empty_cell_is_no_fault_unless_it_must_be_filled():
    assert (None, []) == value("", "moment")
    _, faults = typed(pa.array([" "]), Field("x", "id", must=True), Form())
    assert ["missing"] == [f.reason for f in faults]


def test_ids_hold_no_control_characters_and_are_short():
    assert ["not_a_word"] == value("a\tb", "id")[1]
    assert ["not_a_word"] == value("a" * 201, "word")[1]


@given(
    st.sampled_from(["id", "text", "word", "choice", "moment", "money", "number", "whole", "flag"]),
    st.lists(
        st.one_of(st.none(), st.text(max_size=30), st.from_regex(r"-?[\d.,:TZ+e-]{1,30}", fullmatch=True)), max_size=8
    ),
    st.sampled_from(["iso", "epoch_s", "epoch_ms", "%d/%m/%Y"]),
    st.sampled_from([".", ","]),
)
def test_whatever_stands_in_a_cell_gets_a_value_or_a_reason(kind, texts, times, decimal):
    field = Field("x", kind, choices=("a", "b"))

    column, faults = typed(
        pa.array(texts, pa.string()), field, Form(times=times, zone="Europe/Berlin", decimal=decimal)
    )

    assert len(texts) == len(column)
    refused = [any(f.rows[n].as_py() for f in faults) for n in range(len(texts))]
    lost = [
        t for t, v, r in zip(texts, column.to_pylist(), refused, strict=True) if t and t.strip() and v is None and not r
    ]
    assert [] == lost
