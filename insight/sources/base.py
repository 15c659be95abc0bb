"""What every source is: how to fetch pages with the verb it is handed, and how to read a page, purely."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from insight.feeds import Rejected
from insight.settings import SourcePart

__all__ = ["Found", "Get", "Page", "Read", "Rejected", "Rows", "Skipped", "Source"]


@dataclass(frozen=True)
class Page:
    """One file, or one answer of a feed: where it came from and its bytes."""

    file: str
    body: bytes
    sha256: str


@dataclass(frozen=True)
class Rows:
    """Rows for one table of schema.py, typed, not yet masked. `lines` says where in the page each row stood."""

    feeds: str
    table: pa.Table
    lines: pa.Array


@dataclass(frozen=True)
class Skipped:
    """How many rows of the page the mapping says to leave out."""

    rows: int


@dataclass(frozen=True)
class Found:
    """How many rows the page holds, counted as it was taken apart and not from what became of them.

    A page that cannot be taken apart, or holds no row, counts as one that is refused.
    """

    rows: int


Get = Callable[[str], Iterable[Page]]
"""The one verb that a source is handed: pages by address."""

Read = Iterator[Rows | Rejected | Skipped | Found]


@dataclass(frozen=True)
class Source:
    """A member of the set: `fetch` asks the world, `read` only reads."""

    name: str
    fetch: Callable[[Get, SourcePart], Iterator[Page]]
    read: Callable[[Page, SourcePart], Read]
