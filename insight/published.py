"""One immutable DuckDB file with a sha256 manifest, behind a pointer: what the API, notebooks and people read.

A file is never changed and its name is never used again. Publishing builds the file aside, syncs it, writes its
manifest, and only then moves the pointer; a reader sees the old file or the new one, never half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from insight.engines.base import Frame
from insight.engines.local import connect
from insight.errors import PublishedError
from insight.schema import PUBLISHED, TABLES, Door, Table
from insight.store import conform, digest

POINTER = "CURRENT"
KEPT = 2  # the current file, and the one that a reader may still hold
STORAGE = "v1.2.0"  # older DuckDB releases can read it too
LOCKS = (
    "set enable_external_access=false",
    "set autoinstall_known_extensions=false",
    "set autoload_known_extensions=false",
    "set lock_configuration=true",
)

TABLES_OUT: tuple[Table, ...] = tuple(t for t in TABLES if t.published)
"""What is published, in the order of the river."""


class Folder:
    """Where published files lie: the writing end, one of the two doors of the river."""

    def __init__(self, root: Path) -> None:
        self.root = root / "published"

    def fingerprint(self, door: Door) -> str:
        """Which work made the current file; empty where there is none, or where it was damaged."""
        manifest = _manifest_or_empty(self.root)
        file = self.root / str(manifest.get("file"))
        whole = file.is_file() and _sha256(file) == manifest["sha256"]
        return str(manifest["fingerprint"]) if whole else ""

    def write(self, door: Door, rows: Sequence[pa.Table], *, fingerprint: str) -> None:
        """Publish one table per member of TABLES_OUT, in that order."""
        tables = {t.name: conform(t, r) for t, r in zip(TABLES_OUT, rows, strict=True)}
        digests = {name: digest(t) for name, t in tables.items()}
        made = hashlib.sha256(json.dumps([digests, fingerprint], sort_keys=True).encode()).hexdigest()[:16]
        self.root.mkdir(parents=True, exist_ok=True)
        for left in self.root.glob("*.building*"):
            left.unlink()
        building, file = self.root / f"{made}.building", self.root / f"{made}.duckdb"
        _build(building, tables)
        _sync(building)
        building.replace(file)
        manifest = {
            "id": made,
            "file": file.name,
            "sha256": _sha256(file),
            "fingerprint": fingerprint,
            "as_of_ms": _newest(tables),
            "duckdb": duckdb.__version__,
            "tables": {n: {"rows": len(t), "digest": digests[n]} for n, t in tables.items()},
        }
        _write_synced(self.root / f"{made}.json", json.dumps(manifest, indent=1, sort_keys=True))
        _write_synced(self.root / POINTER, made)
        self._forget_older(made)

    def _forget_older(self, current: str) -> None:
        """Only after the pointer is safe may older files go."""
        old = sorted(self.root.glob("*.json"), key=lambda f: (f.stem != current, -f.stat().st_mtime_ns))
        for manifest in old[KEPT:]:
            manifest.with_suffix(".duckdb").unlink(missing_ok=True)
            manifest.unlink()


class Generation:
    """One published file, verified and opened read-only. Safe to use from many threads."""

    def __init__(self, root: Path, manifest: Mapping[str, Any]) -> None:
        file = root / str(manifest["file"])
        if not file.is_file() or _sha256(file) != manifest["sha256"]:
            raise PublishedError(
                "the published file does not match its manifest",
                where=str(file),
                fix="publish again with `insight run --only publish --force`",
            )
        self.id, self.as_of_ms, self.made = str(manifest["id"]), int(manifest["as_of_ms"]), dict(manifest)
        self._db = connect()
        self._db.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as mart (read_only)")
        for lock in LOCKS:
            self._db.execute(lock)
        self._local = threading.local()

    def frame(self, table: Table) -> Frame:
        """A lazy frame over one published table."""
        return nw.from_native(self._cursor().table(f"mart.main.{table.name}")).lazy()

    def sql(self, query: str, params: Sequence[object] = ()) -> pa.Table:
        """Run a fixed query with bound values; tables stand under `mart.main`."""
        rows: pa.Table = self._cursor().sql(query, params=list(params)).to_arrow_table()
        return rows

    def rows(self, query: str, params: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The same as a list of dicts."""
        return list(self.sql(query, params).to_pylist())

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        if not hasattr(self._local, "cursor"):
            self._local.cursor = self._db.cursor()
        cursor: duckdb.DuckDBPyConnection = self._local.cursor
        return cursor


class Published:
    """The reading end: always the newest good file below a lake folder."""

    def __init__(self, root: Path) -> None:
        self.root = root / "published"
        self._lock = threading.Lock()
        self._generation: Generation | None = None

    def current(self) -> Generation:
        """The file that the pointer names; the one before keeps serving while the new one is damaged.

        :raises PublishedError: nothing good was ever published.
        """
        with self._lock:
            manifest = _manifest_or_empty(self.root)
            held = self._generation
            if held is not None and (not manifest or manifest["id"] == held.id):
                return held
            if not manifest:
                raise PublishedError(
                    "nothing is published yet", where=str(self.root), fix="run the jobs first: `insight run`"
                )
            try:
                self._generation = Generation(self.root, manifest)
            except PublishedError:
                if held is None:
                    raise
                return held
            return self._generation


def _build(path: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write all tables into a new file, in one transaction."""
    with connect() as db:
        db.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as mart (storage_version '{STORAGE}')")
        db.execute("begin")
        for name, rows in tables.items():
            db.register("incoming", _by_day(rows))
            db.execute(f"create table mart.main.{name} as select * from incoming")  # noqa: S608 - names of schema.py
            db.unregister("incoming")
        db.execute("commit")
        db.execute("detach mart")


def _by_day(rows: pa.Table) -> pa.Table:
    """Rows of one day beside each other: who asks for some days reads only the blocks that hold them."""
    return rows.take(pc.sort_indices(rows["day"])) if "day" in rows.column_names else rows


def _newest(tables: Mapping[str, pa.Table]) -> int:
    """The newest moment that anybody said or bought anything: the data are as of then."""
    seen = [
        pc.max(tables[t][c]).as_py()
        for t, c in (("mentions", "said_ms"), ("conversation_facts", "opened_ms"), ("order_facts", "ordered_ms"))
    ]
    return max((s for s in seen if s is not None), default=0)


def _manifest_or_empty(root: Path) -> dict[str, Any]:
    pointer = root / POINTER
    if not pointer.is_file():
        return {}
    manifest = root / f"{pointer.read_text(encoding='utf-8').strip()}.json"
    return dict(json.loads(manifest.read_text(encoding="utf-8"))) if manifest.is_file() else {}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_synced(path: Path, text: str) -> None:
    """Replace a small file so that it is whole after a power cut too."""
    aside = path.with_name(f"{path.name}.building")
    aside.write_text(text, encoding="utf-8")
    _sync(aside)
    aside.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


__all__ = ["PUBLISHED", "TABLES_OUT", "Folder", "Generation", "Published"]
