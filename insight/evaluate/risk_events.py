"""A log of events: how contacts stood at any moment, which of its columns can be trusted, and who was resolved when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insight import cells
from insight.errors import LeakError, SourceError
from insight.evaluate.timeline import Timeline, Whole

NEVER = -1
NEAR_MS = 60_000
"""An event within a minute of a resolution is the one that resolved."""
LOGGED = 0.001
"""The log keeps a column as it goes where it changes in at least so many of the contacts."""
STATES = 50
"""A column with more values than this is no state."""
MOSTLY = 0.5
"""A state is that of a resolution where at least so many of the resolutions begin with it."""
MOMENTS = 0.9
"""A column is one of moments where so many of its cells are."""


@dataclass(frozen=True)
class Column:
    """One thing about n contacts: a whole number that stands for a text, -1 for none, and since when it was known."""

    values: Whole
    known_ms: Whole


class Log:
    """The events of contacts, ordered within each.

    :param told: the events as text. :param contacts: the rows of the file as text, and when they were opened and
    resolved. :param moments: how a column of moments is read.
    :raises SourceError: no column of the events names contacts, or none tells when an event was.
    """

    def __init__(
        self,
        told: pa.Table,
        path: Path,
        contacts: pa.Table,
        opened: Whole,
        resolved: Whole,
        moments: Callable[[pa.ChunkedArray], Whole],
    ) -> None:
        self.key, whose = _key(told, contacts, path)
        self.table = told.filter(pa.array(whose >= 0))
        self._contact, self._many = whose[whose >= 0], len(contacts)
        self._timely = [name for name in self.table.column_names if name != self.key and _moments(self.table[name])]
        self.clock, at = self._moment_of_events(path, moments)
        kept = at != NEVER
        self.table = self.table.filter(pa.array(kept))
        self._contact, at = self._contact[kept], at[kept]
        order = np.lexsort((np.arange(len(at)), at, self._contact))
        self.table, self._contact, self.at_ms = self.table.take(order), self._contact[order], at[order]
        self._first = np.concatenate([[True], self._contact[1:] != self._contact[:-1]])[: len(at)]
        self._codes: dict[str, Whole] = {}
        self._final = contacts
        self._told = (opened, resolved)
        self.state = self._resolving(resolved)

    def values(self, name: str) -> Whole:
        """The texts of a column as whole numbers; -1 for none."""
        if name not in self._codes:
            found = pd.factorize(self.table[name].to_pandas(), sort=True)[0]
            self._codes[name] = np.asarray(found, dtype=np.int64)
        return self._codes[name]

    def changing(self, name: str) -> float:
        """In which share of the contacts a column changes from one event to another."""
        value = self.values(name)
        moved = ~self._first[1:] & (value[1:] != value[:-1])
        return len(np.unique(self._contact[1:][moved])) / max(int(self._first.sum()), 1)

    def first_resolved(self, resolved: Whole) -> Whole:
        """When each contact was first resolved: told, or by the first event in the state, whichever was earlier."""
        if self.state is None:
            return resolved
        first = self._entered(self.values(self.state[0]) == self.state[1])
        both = np.where(resolved == NEVER, first, np.minimum(first, resolved))
        return np.asarray(np.where(first == NEVER, resolved, both), dtype=np.int64)

    def began_with(self, name: str) -> tuple[pa.Array, Whole] | None:
        """What a column said of each contact first, null for none, and when it last changed, `NEVER` where it did not.

        None where the events do not tell it.
        """
        if name not in self.table.column_names:
            return None
        first = np.full(self._many, -1, dtype=np.int64)
        at = np.flatnonzero(self._first)
        first[self._contact[at]] = at
        value = self.values(name)
        moved = np.flatnonzero(~self._first[1:] & (value[1:] != value[:-1])) + 1
        changed = np.full(self._many, NEVER, dtype=np.int64)
        changed[self._contact[moved]] = self.at_ms[moved]  # the latest is written last
        rows = pa.array(first, mask=first < 0)
        return pc.take(pa.concat_arrays(self.table[name].chunks), rows), changed

    def hold(self, declared: Mapping[str, Column]) -> None:
        """Columns that are said to be known since the opening must not change in the log.

        :raises LeakError: one does.
        """
        for name in declared:
            if name in self.table.column_names and self.changing(name) > 0:
                raise LeakError(
                    "this column changes after the opening",
                    where=f"--known {name}",
                    came=f"it changes in {self.changing(name):.1%} of the contacts",
                    wanted="only what was known when the contact was opened",
                    fix="leave it out of --known: the events tell it as of the resolution",
                )

    def columns(self, resolved: Whole, mapped: Sequence[str]) -> tuple[dict[str, Column], dict[str, str]]:
        """What the newest event up to the resolution says, by column, and why columns stay out."""
        newest = Timeline(self._contact, self.at_ms).newest(np.arange(self._many), resolved)
        newest = np.where(resolved == NEVER, -1, newest)
        there = newest >= 0
        known = np.where(there, self.at_ms[newest], 0)
        found: dict[str, Column] = {}
        left: dict[str, str] = {}
        for name in self._final.column_names:
            if name in mapped or name == self.key:
                continue
            why = self._unfit(name)
            if why:
                left[name] = why
            else:
                found[name] = Column(np.where(there, self.values(name)[newest], -1), known)
        return found, left

    def _unfit(self, name: str) -> str:
        """Why a column is not used."""
        if name not in self.table.column_names:
            return "the events do not tell it"
        if name in self._timely:
            return "a moment"
        if self.state is not None and name == self.state[0]:
            return "the state that tells the resolution"
        if self.changing(name) < LOGGED:
            return "it never changes in the log, so it may have been filled in at the end"
        return ""

    def _moment_of_events(self, path: Path, moments: Callable[[pa.ChunkedArray], Whole]) -> tuple[str, Whole]:
        """The column of moments that differs most often from one event of a contact to another."""
        best, share, found = "", 0.0, np.empty(0, dtype=np.int64)
        for name in self._timely:
            at = moments(self.table[name])
            pairs = len(pd.DataFrame({"contact": self._contact, "at": at}).drop_duplicates())
            if pairs > share:
                best, share, found = name, pairs, at
        if not best or share <= len(np.unique(self._contact)):
            raise SourceError(
                "no column tells when an event was", where=path.name, wanted="a column of moments that differ by event"
            )
        return best, found

    def _resolving(self, resolved: Whole) -> tuple[str, int] | None:
        """The state (column, value) that contacts enter when they are resolved; None where no column shows it."""
        told = resolved != NEVER
        best: tuple[str, int] | None = None
        most = MOSTLY
        for name in self.table.column_names:
            if name == self.key or name in self._timely:
                continue
            value = self.values(name)
            if not 2 <= int(value.max(initial=-1)) + 1 <= STATES:
                continue
            for one in range(int(value.max()) + 1):
                first = self._entered(value == one)
                share = float((np.abs(first - resolved) <= NEAR_MS)[told & (first != NEVER)].sum() / max(told.sum(), 1))
                if share > most:
                    best, most = (name, one), share
        return best

    def _entered(self, here: np.ndarray) -> Whole:
        """When each contact first had an event of a kind; `NEVER` where it had none."""
        first = np.full(self._many, NEVER, dtype=np.int64)
        at, whose = self.at_ms[here][::-1], self._contact[here][::-1]
        first[whose] = at  # the earliest is written last
        return first


def _key(told: pa.Table, contacts: pa.Table, path: Path) -> tuple[str, Whole]:
    """The column that names contacts in both files, and the row of the contact of each event; -1 for none."""
    for name in contacts.column_names:
        cells_of = contacts[name]
        if name not in told.column_names or cells_of.null_count or len(pc.unique(cells_of)) < len(contacts):
            continue
        found = pc.index_in(told[name], value_set=pa.concat_arrays(cells_of.chunks))
        whose = np.asarray(pc.fill_null(found, -1), dtype=np.int64)
        if (whose >= 0).mean() >= MOSTLY:
            return name, whose
    raise SourceError(
        "these events do not belong to the file",
        where=path.name,
        wanted="a column with the same name in both whose values are different for each contact",
    )


def _moments(told_cells: pa.ChunkedArray) -> bool:
    """Whether a column is one of moments."""
    said = told_cells.drop_null()
    return len(said) > 0 and pc.sum(pc.match_substring_regex(said, cells.ISO)).as_py() >= MOMENTS * len(said)
