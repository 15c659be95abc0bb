"""Columns of text → columns with types, and why each cell that does not fit was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insight import clock
from insight.feeds import Field

MONEY = pa.decimal128(24, 6)
"""Major units, exact: 10^18 with six decimal places."""

EARLIEST, LATEST = 631_152_000_000, 4_102_444_800_000
"""1990 and 2100 in milliseconds: a moment outside is a wrong unit or a stand-in for "never", not a contact or order."""

_TIME = r"[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?"
_ZONE = r" ?(Z|UTC|[+-]\d\d(:?\d\d)?)"
ISO = rf"^\d{{4}}-\d\d-\d\d({_TIME}({_ZONE})?)?$"
ZONED = rf"{_TIME}{_ZONE}$"

FLAGS = {"true": True, "t": True, "yes": True, "y": True, "1": True}
FLAGS |= {"false": False, "f": False, "no": False, "n": False, "0": False}


@dataclass(frozen=True)
class Form:
    """How the settings say that times and numbers are written."""

    times: str = "iso"
    zone: str | None = None
    decimal: str = "."


@dataclass(frozen=True)
class Fault:
    """Cells that do not fit: which rows, and what to tell the reader about each."""

    rows: pa.Array
    reason: str
    wanted: str
    fix: str


def typed(cells: pa.Array, of: Field, form: Form) -> tuple[pa.Array, list[Fault]]:
    """The column with its type, null where a cell is empty or does not fit, and the faults."""
    if of.kind == "text":
        return (pc.fill_null(cells, of.otherwise) if of.otherwise is not None else cells), []
    cells = pc.utf8_trim_whitespace(cells)
    cells = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
    faults = []
    if of.must or of.made:
        fix = "fill the cell, or leave such rows out with `skip`"
        faults.append(Fault(pc.is_null(cells), "missing", f"a value for {of.name}", fix))
    if of.otherwise is not None:
        cells = pc.fill_null(cells, of.otherwise)
    column, more = READERS[of.kind](cells, of, form)
    return column, [f for f in faults + more if pc.any(f.rows).as_py()]


def _fits(cells: pa.Array, pattern: str) -> pa.Array:
    """Which cells match; an empty one does not."""
    return pc.fill_null(pc.match_substring_regex(cells, pattern), False)


def _only(cells: pa.Array, rows: pa.Array) -> pa.Array:
    return pc.if_else(rows, cells, pa.scalar(None, cells.type))


def _misfits(cells: pa.Array, fits: pa.Array) -> pa.Array:
    return pc.and_(pc.is_valid(cells), pc.invert(fits))


def _word(cells: pa.Array, of: Field, form: Form) -> tuple[pa.Array, list[Fault]]:
    """Ids and dimensions stand in keys and links, so they hold no control characters and are short."""
    wrong = pc.or_(_fits(cells, r"[\x00-\x1f\x7f]"), pc.fill_null(pc.greater(pc.utf8_length(cells), 200), False))
    wanted = "at most 200 characters on one line"
    return cells, [Fault(wrong, "not_a_word", wanted, "mend the cell, or map another column")]


def _choice(cells: pa.Array, of: Field, form: Form) -> tuple[pa.Array, list[Fault]]:
    known = pc.is_in(cells, value_set=pa.array(of.choices))
    fix = f'say what it means: values.{of.name} = {{ "what the file says" = "{of.choices[0]}" }}'
    return _only(cells, known), [Fault(_misfits(cells, known), "unknown_value", " or ".join(of.choices), fix)]


def _flag(cells: pa.Array, of: Field, form: Form) -> tuple[pa.Array, list[Fault]]:
    low = pc.utf8_lower(cells)
    known = pc.is_in(low, value_set=pa.array(list(FLAGS)))
    column = pc.take(pa.array(list(FLAGS.values())), pc.index_in(low, value_set=pa.array(list(FLAGS))))
    fix = f'say what it means: values.{of.name} = {{ "what the file says" = "true" }}'
    return column, [Fault(_misfits(cells, known), "not_a_flag", "true or false", fix)]


def _digits(cells: pa.Array, form: Form) -> pa.Array:
    """Numbers with a point and without groups; what is not grouped in threes stays as it is and so fits nothing."""
    group, point = (",", ".") if form.decimal == "." else (".", ",")
    grouped = _fits(cells, rf"^-?\d{{1,3}}(\{group}\d{{3}})+(\{point}\d*)?$")
    plain = pc.if_else(grouped, pc.replace_substring(cells, group, ""), cells)
    if point == ".":
        return plain
    swapped = pc.replace_substring(plain, ",", ".")
    return pc.if_else(_fits(plain, r"^-?\d+(,\d*)?$"), swapped, pc.replace_substring(plain, ".", "?"))


def _money(cells: pa.Array, of: Field, form: Form) -> tuple[pa.Array, list[Fault]]:
    plain = _digits(cells, form)
    fits = _fits(plain, r"^-?\d{1,15}(\.\d{1,6})?$")
    fix = "leave the sign of the currency out; for 12,50 set decimal = ','"
    faults = [Fault(_misfits(cells, fits), "not_money", "an amount such as 12.50", fix)]
    return pc.cast(_only(plain, fits), MONEY), faults


def _number(cells: pa.Array, of: Field, form: Form) -> tuple[pa.Array, list[Fault]]:
    plain = _digits(cells, form)
    fits = _fits(plain, r"^-?\d{1,15}(\.\d{1,15})?$")
    fix = "mend the cell; for 4,5 set decimal = ','"
    return pc.cast(_only(plain, fits), pa.float64()), [
        Fault(_misfits(cells, fits), "not_a_number", "a number such as 4.5", fix)
    ]


def _whole(cells: pa.Array, of: Field, form: Form) -> tuple[pa.Array, list[Fault]]:
    fits = _fits(cells, r"^-?\d{1,15}(\.0{1,6})?$")
    plain = pc.replace_substring_regex(_only(cells, fits), r"\.0+$", "")
    fix = "mend the cell, or map another column"
    return pc.cast(plain, pa.int64()), [Fault(_misfits(cells, fits), "not_a_number", "a whole number", fix)]


# ---------------------------------------------------------------- moments


def _moment(cells: pa.Array, of: Field, form: Form) -> tuple[pa.Array, list[Fault]]:
    """Milliseconds since 1970 in UTC."""
    moments, zoned = CLOCKS.get(form.times, _patterned)(cells, form)
    read = pc.is_valid(moments)
    naive = pc.and_(read, pc.invert(zoned))
    if form.zone is not None:
        moments = _in_zone(moments, naive, ZoneInfo(form.zone))
        naive = pa.array(np.zeros(len(cells), dtype=bool))
    inside = pc.fill_null(pc.and_(pc.greater_equal(moments, EARLIEST), pc.less(moments, LATEST)), False)
    fix = "say how times are written with `times`: iso, epoch_s, epoch_ms or a pattern such as %d/%m/%Y %H:%M"
    return _only(moments, pc.and_(inside, pc.invert(naive))), [
        Fault(_misfits(cells, read), "not_a_time", _example(form), fix),
        Fault(naive, "naive_time", "a time that tells its zone", 'say it: zone = "Europe/Berlin"'),
        Fault(
            pc.and_(pc.and_(read, pc.invert(naive)), pc.invert(inside)), "unlikely_time", "between 1990 and 2100", fix
        ),
    ]


def _example(form: Form) -> str:
    known = {"iso": "a time such as 2024-11-02T14:30:00+01:00", "epoch_s": "seconds since 1970"}
    return (known | {"epoch_ms": "milliseconds since 1970"}).get(form.times, f"a time written as {form.times}")


def _in_zone(moments: pa.Array, naive: pa.Array, zone: ZoneInfo) -> pa.Array:
    """Wall clock times become UTC."""
    rows = np.asarray(naive)
    values = np.asarray(pc.fill_null(moments, 0)).copy()
    values[rows] = clock.to_utc(values[rows], zone)
    return _only(pa.array(values, pa.int64()), pc.is_valid(moments))


def _millis(times: pd.Series) -> pa.Array:
    column = pa.Array.from_pandas(times)
    return pc.cast(pc.cast(column, pa.timestamp("ms"), safe=False), pa.int64())


def _iso(cells: pa.Array, form: Form) -> tuple[pa.Array, pa.Array]:
    shaped = _only(cells, _fits(cells, ISO))
    clean = pc.replace_substring_regex(shaped, r" ?(?:UTC|Z)$", "Z")
    found = pd.to_datetime(clean.to_pandas(), errors="coerce", utc=True, format="ISO8601")
    return _millis(found), _fits(shaped, ZONED)


def _patterned(cells: pa.Array, form: Form) -> tuple[pa.Array, pa.Array]:
    zoned = "%z" in form.times or "%Z" in form.times
    found = pd.to_datetime(cells.to_pandas(), errors="coerce", utc=True, format=form.times)
    return _millis(found), pa.array(np.full(len(cells), zoned))


def _epoch(scale: int) -> Callable[[pa.Array, Form], tuple[pa.Array, pa.Array]]:
    def read(cells: pa.Array, form: Form) -> tuple[pa.Array, pa.Array]:
        plain = pc.cast(_only(cells, _fits(cells, r"^-?\d{1,15}(\.\d{1,6})?$")), MONEY)
        millis = pc.cast(pc.floor(pc.multiply(plain, pa.scalar(scale, pa.int16()))), pa.int64())
        return millis, pa.array(np.full(len(cells), True))

    return read


CLOCKS = {"iso": _iso, "epoch_s": _epoch(1000), "epoch_ms": _epoch(1)}

READERS: dict[str, Callable[[pa.Array, Field, Form], tuple[pa.Array, list[Fault]]]] = {
    "id": _word,
    "word": _word,
    "choice": _choice,
    "moment": _moment,
    "money": _money,
    "number": _number,
    "whole": _whole,
    "flag": _flag,
}
"""How each kind of cell is read."""
