"""Small tables for tests: told columns as told, the others filled with the plainest value of their type."""

from __future__ import annotations

import pyarrow as pa

from insight.engines import ENGINES
from insight.schema import UNKNOWN, Table

HOUR = 60 * 60 * 1000
DAY = 24 * HOUR
START = 1_767_225_600_000
"""2026-01-01 00:00 UTC, a Thursday."""


def table(of: Table, *rows: dict) -> pa.Table:
    """Rows of a table of schema.py; `<x>_at` follows `<x>_ms`."""
    columns = {}
    for field in of.arrow:
        told = [row.get(field.name, plain(field)) for row in rows]
        if field.name.endswith("_at"):
            moments = [row.get(f"{field.name[:-3]}_ms", None if field.nullable else 0) for row in rows]
            told = [None if ms is None else ms * 1000 for ms in moments]
        columns[field.name] = pa.array(told, field.type)
    unknown = {name for row in rows for name in row} - set(columns)
    assert not unknown, f"{of.name} has no {unknown}"
    return pa.table(columns, schema=of.arrow)


def plain(field: pa.Field):
    """Nothing where a row may leave the column empty, else zero, no, or 'unknown'."""
    if field.nullable:
        return None
    if pa.types.is_list(field.type):
        return []
    if pa.types.is_string(field.type):
        return UNKNOWN
    return False if pa.types.is_boolean(field.type) else 0


def found(work, *tables, sort_by=(), **told):
    """Rows that a function on frames gives, as dicts; the same from every engine, or the test fails."""
    results = []
    for engine in ENGINES.values():
        rows = engine.arrow(work(*(engine.frame(t) for t in tables), **told)).to_pylist()
        rows = [{k: int(v) if type(v).__name__ == "Decimal" else v for k, v in row.items()} for row in rows]
        results.append(sorted(rows, key=lambda row: [row[k] for k in sort_by or sorted(row)[:1]]))
    first, *others = results
    for other in others:
        assert first == other
    return first
