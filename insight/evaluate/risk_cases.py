"""Contacts of a file, each with its first resolution and with what was known of it then, and nothing more.

The first resolution is told by the file, or, where events are told too, by the first event in the state of a
resolution: a file keeps the last one. Other columns are taken from events only, as they stood at the newest event up to
that moment, and only where events show them change: what never changes in a log may have been written into it at the
end. Without events no other column is taken, unless it is declared to be known since the contact was opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insight import arrivals, cells
from insight.errors import LeakError, SettingsError, SourceError
from insight.evaluate import base
from insight.evaluate.risk_events import NEVER, Column, Log
from insight.evaluate.timeline import Whole
from insight.feeds import Field

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Told:
    """Which column means what, how moments are written, and which columns are known since the opening."""

    customer: str
    issue: str
    opened: str
    resolved: str
    zone: str = "UTC"
    times: str = "iso"
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contacts:
    """n contacts in the order in which they were opened.

    `customer` and `issue` are whole numbers that stand for texts; until `named_ms` a contact went under `issue_first`.
    `resolved_ms` is the first resolution, `NEVER` where none came by `end_ms`, up to which the file tells of new
    contacts. `columns` tell what was known at the resolution.
    `left_out` counts rows by reason, `columns_left` tells why a column is not used.
    """

    customer: Whole
    issue: Whole
    issue_first: Whole
    named_ms: Whole
    opened_ms: Whole
    resolved_ms: Whole
    columns: Mapping[str, Column]
    start_ms: int
    end_ms: int
    left_out: Mapping[str, int]
    columns_left: Mapping[str, str]

    def until(self, moment_ms: int) -> Contacts:
        """What was there at a moment: later contacts are not, and later resolutions did not happen."""
        kept = self.opened_ms <= moment_ms
        resolved = self.resolved_ms[kept]
        return Contacts(
            self.customer[kept],
            np.where(self.named_ms[kept] <= moment_ms, self.issue[kept], self.issue_first[kept]),
            self.issue_first[kept],
            np.where(self.named_ms[kept] <= moment_ms, self.named_ms[kept], self.opened_ms[kept]),
            self.opened_ms[kept],
            np.where(resolved <= moment_ms, resolved, NEVER),
            {name: Column(one.values[kept], one.known_ms[kept]) for name, one in self.columns.items()},
            self.start_ms,
            min(self.end_ms, moment_ms),
            self.left_out,
            self.columns_left,
        )


def read(path: Path, told: Told, events: Path | None = None, where: Sequence[str] = ()) -> Contacts:
    """The contacts of a Parquet, CSV or TSV file.

    :raises SourceError: a column is missing, no moment can be read, or the events do not belong to the file.
    :raises LeakError: a column that is declared to be known since the opening is not.
    :raises SettingsError: there is no such time zone.
    """
    if told.zone not in available_timezones():
        raise SettingsError(
            "there is no such time zone", where="--zone", came=told.zone, wanted="such as Europe/Berlin or UTC"
        )
    table = base.whole(path, where)
    mapped = (told.customer, told.issue, told.opened, told.resolved)
    base.has(path, table.column_names, [*mapped, *told.known])
    opened, resolved = (moments(table[name], told) for name in (told.opened, told.resolved))
    for name, found in ((told.opened, opened), (told.resolved, resolved)):
        if not (found != NEVER).any():
            raise SourceError(
                "no row has a moment that can be read",
                where=f"{path.name}, {name}",
                wanted="a time such as 2024-11-02T14:30:00+01:00",
                fix="name another column, or say how it is written with --times",
            )
    declared = {name: _declared(name, table[name], opened, resolved, told) for name in told.known}
    columns, began = declared, None
    left: dict[str, str] = {}
    if events is not None:
        log = Log(base.whole(events), events, table, opened, resolved, lambda cells: moments(cells, told))
        log.hold(declared)
        resolved = log.first_resolved(resolved)
        more, left = log.columns(resolved, mapped)
        columns, began = more | declared, log.began_with(told.issue)
    whose = Whose(codes(table[told.customer]), *_issues(table[told.issue], began, opened))
    return _stream(whose, told.zone, opened, resolved, columns, left)


def moments(told_cells: pa.ChunkedArray, told: Told) -> Whole:
    """Moments in ms since 1970; `NEVER` where a cell is empty or cannot be read."""
    form = cells.Form(times=told.times, zone=told.zone)
    found, _ = cells.typed(pa.concat_arrays(told_cells.chunks), Field("moment", "moment"), form)
    return np.asarray(pc.fill_null(found, NEVER), dtype=np.int64)


def codes(told_cells: pa.ChunkedArray) -> Whole:
    """Whole numbers from 0 on that stand for texts, in their alphabetical order; -1 for an empty cell."""
    return np.asarray(pd.factorize(told_cells.to_pandas(), sort=True)[0], dtype=np.int64)


def _declared(name: str, told_cells: pa.ChunkedArray, opened: Whole, resolved: Whole, told: Told) -> Column:
    """A column that is said to be known since the opening; a moment in it gives away when it really was."""
    found = moments(told_cells, told) if _timely(told_cells) else np.full(len(opened), NEVER)
    late = (found > opened) & (opened != NEVER)
    if late.any():
        raise LeakError(
            "this column knows what came after the opening",
            where=f"--known {name}",
            came=f"{int(late.sum())} of {len(opened)} rows tell of a later moment",
            wanted="only what was known when the contact was opened",
            fix="leave it out of --known",
        )
    return Column(codes(told_cells), opened)


def _timely(told_cells: pa.ChunkedArray) -> bool:
    """Whether cells look like dates at all: plain numbers are no moments here."""
    return bool(pc.any(pc.fill_null(pc.match_substring_regex(told_cells, cells.ISO), False)).as_py())


@dataclass(frozen=True)
class Whose:
    """Customer and issue of each row, and the issue under which it went until `named_ms`; -1 for none."""

    customer: Whole
    issue: Whole
    issue_first: Whole
    named_ms: Whole


def _issues(
    told_cells: pa.ChunkedArray, began: tuple[pa.Array, Whole] | None, opened: Whole
) -> tuple[Whole, Whole, Whole]:
    """The issue of each row, the one that it had first, and since when it has its own."""
    if began is None:
        issue = codes(told_cells)
        return issue, issue, opened
    first, changed = began
    both = codes(pa.chunked_array([*told_cells.chunks, first]))
    issue, first_issue = both[: len(opened)], both[len(opened) :]
    moved = (changed > opened) & (first_issue >= 0) & (first_issue != issue)
    return issue, np.where(moved, first_issue, issue), np.where(moved, changed, opened)


def _stream(
    whose: Whose, clock: str, opened: Whole, resolved: Whole, columns: Mapping[str, Column], left: Mapping[str, str]
) -> Contacts:
    """Only the contacts of the stream, in order: a trickle before or after it says nothing about who comes back."""
    customer, issue = whose.customer, whose.issue
    whole = (customer >= 0) & (issue >= 0) & (opened != NEVER)
    series = arrivals.of_moments(opened[whole], ZoneInfo(clock))
    if series is None:
        raise SourceError("cannot tell who comes back among so few", came=f"{int(whole.sum())} contacts")
    days = arrivals.stream(series)
    start, end = (_midnight(day, clock) for day in (days.first, days.end))
    inside = whole & (opened >= start) & (opened < end)
    backwards = inside & (resolved != NEVER) & (resolved < opened)
    kept = np.flatnonzero(inside & ~backwards)
    kept = kept[np.lexsort((issue[kept], customer[kept], opened[kept]))]
    ended = resolved[kept]
    later = ended >= end
    return Contacts(
        customer[kept],
        issue[kept],
        whose.issue_first[kept],
        whose.named_ms[kept],
        opened[kept],
        np.where(later, NEVER, ended),
        {name: Column(one.values[kept], one.known_ms[kept]) for name, one in sorted(columns.items())},
        start,
        end,
        {
            "without customer, issue or opening": int((~whole).sum()),
            "outside the stream": int((whole & ~inside).sum()),
            "resolved before it was opened": int(backwards.sum()),
            "not resolved in the stream": int((ended == NEVER).sum() + later.sum()),
        },
        left,
    )


def _midnight(day: int, zone: str) -> int:
    """When a day since 1970 begins, in ms."""
    return int(pd.Timestamp(arrivals.date_of(day), tz=zone).timestamp() * 1000)
