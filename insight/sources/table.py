"""Tables that anyone can export: CSV, TSV, JSONL, XLSX and Parquet, through the mapping in insight.toml."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import cells, formats
from insight.errors import SourceError
from insight.feeds import FEEDS, Feed, Rejected, shown
from insight.settings import SourcePart
from insight.sources.base import Found, Get, Page, Read, Rows, Skipped, Source


def fetch(get: Get, part: SourcePart) -> Iterator[Page]:
    """The files that `path` names."""
    yield from get(part.path)


def read(page: Page, part: SourcePart) -> Read:
    """Rows of one file; a row with a cell that does not fit is refused, with one reason per cell.

    :raises SourceError: the mapping names a column that neither the feed nor the file has, or leaves out one that must
        be there.
    """
    feed = FEEDS[part.feeds]
    _check_mapping(page.file, part, feed)
    wanted = {*part.columns.values(), *part.skip}
    sheet = formats.read(page.file, page.body, formats.Form(part.encoding, part.delimiter, part.sheet, wanted))
    yield Found(sheet.records or 1)
    yield from sheet.refused
    if not sheet.names:
        return
    _check_columns(page.file, sheet.names, wanted)
    if not sheet.records:
        fix = "export it again, or take it away"
        yield Rejected(0, "file", "empty_file", "a header without rows", "a header and rows", fix)
    kept = _kept(sheet.table, part.skip, len(sheet.lines))
    yield Skipped(len(sheet.lines) - int(pc.sum(kept).as_py() or 0))
    yield from _rows(sheet.table.filter(kept), sheet.lines.filter(kept), part, feed)


SOURCE = Source("table", fetch, read)


def _rows(table: pa.Table, lines: pa.Array, part: SourcePart, feed: Feed) -> Read:
    """The typed rows, after the cells that were refused."""
    form = cells.Form(part.times, part.zone, part.decimal)
    good = np.ones(len(lines), dtype=bool)
    columns = {}
    for field in feed.fields:
        told = _told(table, field.name, part, len(lines))
        if told is None:
            continue
        columns[field.name], faults = cells.typed(told, field, form)
        if field.name == "score":
            faults = [*faults, _off_scale(columns["score"], part)]
        for fault in faults:
            good &= ~np.asarray(fault.rows)
            yield from _refused(fault, field.name, told, lines)
    keep = pa.array(good)
    yield Rows(part.feeds, pa.table(columns).filter(keep), lines.filter(keep))


def _told(table: pa.Table, name: str, part: SourcePart, rows: int) -> pa.Array | None:
    """The cells of one of our columns, after `values`; nothing where the mapping does not tell it."""
    if name in part.fixed:
        return pa.array([part.fixed[name]] * rows, pa.string())
    if name not in part.columns:
        return None
    column = table[part.columns[name]].combine_chunks()
    named = part.values.get(name)
    if not named:
        return column
    plain = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    meant = pc.take(pa.array(list(named.values()), pa.string()), pc.index_in(plain, value_set=pa.array(list(named))))
    return pc.coalesce(meant, column)


def _kept(table: pa.Table, skip: dict[str, list[str]], rows: int) -> pa.Array:
    """Which rows the mapping does not leave out."""
    keep = pa.array(np.ones(rows, dtype=bool))
    for name, values in skip.items():
        plain = pc.utf8_trim_whitespace(pc.fill_null(table[name].combine_chunks(), ""))
        keep = pc.and_(keep, pc.invert(pc.is_in(plain, value_set=pa.array(values, pa.string()))))
    return keep


def _off_scale(scores: pa.Array, part: SourcePart) -> cells.Fault:
    """Scores outside the native scale."""
    low, high = sorted(part.scale or (0.0, 0.0))
    outside = pc.or_(pc.less(scores, low), pc.greater(scores, high))
    fix = "mend the cell, or set `scale` to the worst and best score that can be given"
    return cells.Fault(pc.fill_null(outside, False), "off_scale", f"{low:g} to {high:g}", fix)


def _refused(fault: cells.Fault, name: str, told: pa.Array, lines: pa.Array) -> Iterator[Rejected]:
    for line, came in zip(lines.filter(fault.rows).to_pylist(), told.filter(fault.rows).to_pylist(), strict=True):
        yield Rejected(line, name, fault.reason, shown(name, came or ""), fault.wanted, fault.fix)


# ---------------------------------------------------------------- the mapping itself


def _check_mapping(file: str, part: SourcePart, feed: Feed) -> None:
    """The mapping names columns of the feed only, each once, and all that it must."""
    where = f"source {part.name!r}, {file}"
    known = [f.name for f in feed.fields]
    for name in (*part.columns, *part.fixed, *part.values):
        if name not in known:
            raise SourceError(f"{part.feeds} has no column {name!r}", where=where, **_nearest(name, known))
    for name in part.fixed:
        if name in part.columns:
            raise SourceError(
                f"{name!r} is told twice", where=where, fix="name it in `columns` or in `fixed`, not both"
            )
    for field in feed.fields:
        if field.must and field.name not in part.columns and field.name not in part.fixed:
            fix = f'add {field.name} = "the file\'s column" to `columns`, or a value to `fixed`'
            raise SourceError(f"the mapping does not say what {field.name!r} is", where=where, fix=fix)
    if any(f.name == "score" for f in feed.fields) and part.scale is None:
        fix = "set scale = [worst, best], for example scale = [1, 5]"
        raise SourceError("ratings need the scale they were given on", where=where, fix=fix)


def _check_columns(file: str, names: list[str], wanted: Iterable[str]) -> None:
    """The file has every column that the mapping names, once."""
    for name in sorted(wanted):
        if name not in names:
            told = _nearest(name, names)
            if len(names) == 1 and any(mark in names[0] for mark in ";\t|,"):
                told["fix"] = "the header is one cell: set `delimiter`"
            raise SourceError(f"the file has no column {name!r}", where=f"{file}, line 1", **told)
        if names.count(name) > 1:
            raise SourceError(f"two columns are called {name!r}", where=f"{file}, line 1", fix="rename one of them")


def _nearest(name: str, known: list[str]) -> dict[str, str]:
    """What there is, and the name that was perhaps meant. A first row that is no header may be personal."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    shown = [k if _NAME.fullmatch(k) else "…" for k in known[:40]]
    fix = f"did you mean {near[0]!r}?" if near and _NAME.fullmatch(near[0]) else "name one of these"
    return {"wanted": ", ".join(shown), "fix": fix}


_NAME = re.compile(r"(?:[^\d@]|\d(?!\d\d\d)){1,40}")
"""Names of columns that an error may show: short, without an @ and without long numbers."""
