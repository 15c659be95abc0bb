"""Small tables for tests: told columns as told, the others filled with the plainest value of their type."""

from __future__ import annotations

import pyarrow as pa

from insight.engines import ENGINES
from insight.schema import UNKNOWN, Table
from insight.store import conform

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


def kept(of: Table, rows):
    """Rows as the store would keep them."""
    return conform(of, rows).to_pylist()


def found(work, *tables, **told):
    """Rows that a function on frames gives, as dicts, in an order of its own; equal from every engine."""
    results = []
    for engine in ENGINES.values():
        rows = engine.arrow(work(*(engine.frame(t) for t in tables), **told)).to_pylist()
        rows = [{k: int(v) if type(v).__name__ == "Decimal" else v for k, v in row.items()} for row in rows]
        results.append(sorted(rows, key=lambda row: repr(sorted(row.items()))))
    first, *others = results
    for other in others:
        assert first == other
    return first
