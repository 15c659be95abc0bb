"""The only reader and writer of the lake: Delta tables, each kept to its contract in schema.py.

A write is one Delta commit. The commit itself carries the digest of the rows and the fingerprint of the work that made
them, so "is this table up to date?" can never disagree with what is in the table, wherever a run was killed.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, write_deltalake

from insight.errors import TableError
from insight.schema import TABLES, Same, Table

DIGEST, FINGERPRINT = "insight.digest", "insight.fingerprint"
COMMITS_A_WRITE = 8  # the rows, and those by which old files are swept, at most twice where a kill came between
NO_STATISTICS = {"delta.dataSkippingNumIndexedCols": "0"}
"""Least and greatest values would stay in the log after the rows are gone; they may be names."""


class Store:
    """The lake below one folder.

    :param root: made at the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root / "lake"

    def read(self, table: Table) -> pa.Table:
        """All rows of a table, sorted by its key; no rows where it was never written.

        :raises TableError: an earlier version wrote it, and nothing says what its rows hold in a column that is new.
        """
        if not self._exists(table):
            return table.arrow.empty_table()
        return _sorted(_as_declared(table, DeltaTable(self._path(table)).to_pyarrow_table()), table)

    def write(self, table: Table, rows: pa.Table | pd.DataFrame, *, fingerprint: str) -> None:
        """Replace a table in one commit.

        :raises TableError: a column is missing, unknown, mistyped or wrongly empty, or a key is double.
        """
        kept = conform(table, rows)
        write_deltalake(
            self._path(table),
            kept,
            mode="overwrite",
            schema_mode="overwrite",
            configuration=NO_STATISTICS,
            commit_properties=CommitProperties(custom_metadata={DIGEST: digest(kept), FINGERPRINT: fingerprint}),
        )
        self._sweep(table)

    def digest(self, table: Table) -> str:
        """A digest of the rows; equal rows have equal digests. Empty where the table was never written."""
        return str(self._told(table).get(DIGEST, ""))

    def fingerprint(self, table: Table) -> str:
        """Which work made the rows. Empty where the table was never written."""
        return str(self._told(table).get(FINGERPRINT, ""))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second run out until this one is over; a killed run leaves no lock behind.

        :raises TableError: another run is at work on this lake.
        """
        self.root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # for nobody else on the machine to read
        self.root.mkdir(exist_ok=True)
        with (self.root.parent / "run.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise TableError(
                    "another run is at work on this lake",
                    where=str(self.root),
                    fix="wait for it to end, then run again",
                ) from error
            for table in TABLES:
                self._sweep(table)
            yield

    def _sweep(self, table: Table) -> None:
        """Superseded files hold what was since masked, corrected or erased: they go at once, not after a week."""
        now = {"retention_hours": 0, "enforce_retention_duration": False}
        if not self._exists(table):
            return
        old = DeltaTable(self._path(table)).vacuum(dry_run=True, **now)  # names files that are long gone, too
        if any((self.root / table.name / file).exists() for file in old):
            DeltaTable(self._path(table)).vacuum(dry_run=False, **now)

    def _path(self, table: Table) -> str:
        return str(self.root / table.name)

    def _exists(self, table: Table) -> bool:
        return bool(DeltaTable.is_deltatable(self._path(table)))

    def _told(self, table: Table) -> dict[str, Any]:
        """What the last commit that wrote rows said; the sweeping of old files makes commits too, which say nothing."""
        commits = DeltaTable(self._path(table)).history(COMMITS_A_WRITE) if self._exists(table) else []
        return next((c for c in commits if DIGEST in c), {})


def _as_declared(table: Table, rows: pa.Table) -> pa.Table:
    """Rows of this or an earlier version in the columns of this one.

    A column that is new is as `Column.older` says, or empty where it may be; one that is gone is left out.
    """
    lost = []
    for column in table.columns:
        if column.name in rows.column_names:
            continue
        if isinstance(column.older, Same):
            rows = rows.append_column(column.name, rows[column.older.column])
        elif column.older is not None or column.null:
            rows = rows.append_column(column.name, pa.repeat(pa.scalar(column.older, column.type), len(rows)))
        else:
            lost.append(column.name)
    if lost:
        raise TableError(
            "an earlier version wrote this table, without columns that are needed now",
            where=table.name,
            came=f"no {', '.join(lost)}",
            wanted=", ".join(table.arrow.names),
            fix=f"keep a copy of the folder lake/{table.name} and move it away, then run again: the table is made "
            "anew, and what only it remembered begins anew too; or go on with the version that wrote it",
        )
    return pa.table([_typed(table, rows[field.name], field) for field in table.arrow], schema=table.arrow)


def conform(table: Table, rows: pa.Table | pd.DataFrame) -> pa.Table:
    """Bring rows to the table's contract: its columns, types and order of rows; moments get their timestamps.

    :raises TableError: see `Store.write`.
    """
    if isinstance(rows, pd.DataFrame):
        rows = pa.Table.from_pandas(rows, preserve_index=False)
    for column in table.arrow.names:
        if column.endswith("_at") and column not in rows.column_names and f"{column[:-3]}_ms" in rows.column_names:
            micros = pc.multiply(rows[f"{column[:-3]}_ms"].cast(pa.int64()), 1000)
            rows = rows.append_column(column, micros.cast(pa.timestamp("us", tz="UTC")))
    missing = [c for c in table.arrow.names if c not in rows.column_names]
    unknown = [c for c in rows.column_names if c not in table.arrow.names]
    if missing or unknown:
        raise TableError(
            "the columns are not those of the table",
            where=table.name,
            came=f"missing {missing}, unknown {unknown}",
            wanted=", ".join(table.arrow.names),
            fix="return exactly the columns that schema.py names",
        )
    rows = pa.table([_typed(table, rows[f.name], f) for f in table.arrow], schema=table.arrow)
    rows = _sorted(rows, table)
    _refuse_double_keys(table, rows)
    return rows


def _typed(table: Table, column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """One column in its type, with no hole where none may be."""
    try:
        typed = column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise TableError(
            "a column has another type",
            where=f"{table.name}.{field.name}",
            came=str(column.type),
            wanted=str(field.type),
            fix=str(error).splitlines()[0][:120],
        ) from error
    if pa.types.is_floating(field.type):
        typed = pc.if_else(pc.is_nan(typed), pa.scalar(None, field.type), typed)
    if typed.null_count and not field.nullable:
        raise TableError(
            "a column that may not be empty has empty rows",
            where=f"{table.name}.{field.name}",
            came=f"{typed.null_count} of {len(typed)} rows empty",
            fix="fill them, or reject those rows with a reason",
        )
    return typed


def _sorted(rows: pa.Table, table: Table) -> pa.Table:
    """Rows in the order of their key. What the store wrote is in order already, and to look is cheap."""
    if not _in_order(rows, table):
        rows = rows.sort_by([(k, "ascending") for k in table.key])
    return rows.combine_chunks()


def _in_order(rows: pa.Table, table: Table) -> bool:
    """Whether each row's key is above that of the row before; not where a part of a key is missing."""
    if len(rows) < 2:
        return True
    above = pa.scalar(False)
    for key in reversed(table.key):
        here, before = rows[key].slice(1), rows[key].slice(0, len(rows) - 1)
        above = pc.or_(pc.greater(here, before), pc.and_(pc.equal(here, before), above))
    return bool(pc.all(above, skip_nulls=False).as_py())


def _refuse_double_keys(table: Table, rows: pa.Table) -> None:
    """Rows are sorted by the key, so a double key stands beside its twin."""
    if len(rows) < 2:
        return
    same = pa.chunked_array([pa.repeat(pa.scalar(True), len(rows) - 1)])
    for key in table.key:
        column = rows[key]
        same = pc.and_(same, pc.equal(column.slice(1), column.slice(0, len(rows) - 1)))
    double = pc.sum(same).as_py()
    if double:
        at = pc.index(same, True).as_py()
        raise TableError(
            "the key is not unique",
            where=table.name,
            came=f"{double} double keys, first at sorted row {at + 1}",
            wanted=f"{table.grain}; key {', '.join(table.key)}",
            fix="the job must return one row per key",
        )


def digest(rows: pa.Table) -> str:
    """A digest of rows that were brought to their contract: equal for equal rows, whatever order they came in.

    Uncompressed Parquet without dictionaries spells a table plainly and wholly; what lies under a null is not in it.
    """
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="none", use_dictionary=False, write_statistics=False, store_schema=False)
    return hashlib.sha256(sink.getvalue()).hexdigest()
