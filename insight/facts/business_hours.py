"""The same waits on the clock of the business: opening hours only, over all schedules that a conversation had.

A conversation has the first schedule of the settings that it fits. An event of kind "schedule" gives it another one
from that moment on, and the time before stays counted by the one before. Time without a schedule is unknown, and so is
every span that such time is part of: without schedules nothing is known, and calendar time never stands in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insight.clock import Millis
from insight.engines.base import Engine, Frame
from insight.facts.response_times import limit_ms
from insight.schedules import Opening, first_that_fits, opening
from insight.schema import UNKNOWN
from insight.settings import Schedule, Settings

OF = "conversation_id"
EVER = 2**62
"""Stands for no end, and with a minus for no beginning, of a schedule's time."""

SPANS = {
    "first_response_business_ms": ("asked_ms", "replied_ms"),
    "waited_business_ms": ("asked_ms", "waited_until_ms"),
    "first_resolution_business_ms": ("opened_ms", "settled_first_ms"),
    "full_resolution_business_ms": ("opened_ms", "settled_ms"),
}
"""Each business time and the two moments that it lies between."""


@dataclass(frozen=True)
class Stretch:
    """Which schedule (its number, -1 for none) a conversation (the number of its row) had from when until when."""

    row: npt.NDArray[np.int64]
    schedule: npt.NDArray[np.int64]
    since: Millis
    until: Millis


def beside(rows: Frame, events: Frame, settings: Settings, *, engine: Engine, newest_ms: int) -> Frame:
    """The rows, with schedule, the business times of `SPANS` and late_response_business; see `facts`.

    The rows are worked out once and kept, since both the clock and what follows look at them.
    """
    told = engine.frame(engine.arrow(rows))
    clock = engine.frame(facts(told, events, settings, newest_ms=newest_ms))
    found = told.join(clock, on=OF, how="left")
    return found.with_columns(late_response_business=late(settings.service.first_response_limit_s))


def facts(rows: Frame, events: Frame, settings: Settings, *, newest_ms: int) -> pa.Table:
    """One row per conversation: schedule (its name at opening) and the business times of `SPANS`, in ms.

    :param rows: conversation_id, channel, platform, shop, market, opened_ms, asked_ms, first_response_ms,
        settled_first_ms, settled_ms, first_resolution_ms and full_resolution_ms.
    :param newest_ms: how far the data reach: until then who has no answer has waited.
    """
    replied = nw.col("asked_ms") + nw.col("first_response_ms")
    told = rows.select(
        OF,
        "opened_ms",
        "asked_ms",
        replied_ms=replied,
        waited_until_ms=nw.when(~nw.col("asked_ms").is_null()).then(nw.coalesce(replied, nw.lit(newest_ms))),
        settled_first_ms=nw.when(~nw.col("first_resolution_ms").is_null()).then(nw.col("settled_first_ms")),
        settled_ms=nw.when(~nw.col("full_resolution_ms").is_null()).then(nw.col("settled_ms")),
        schedule=first_that_fits(settings.schedules),
    )
    kept = told.collect("pyarrow").to_native()
    changes = events.filter(nw.col("kind") == "schedule").select(OF, "occurred_ms", "event_id", "value")
    found = changes.collect("pyarrow").to_native()
    return timed(kept, found, settings.schedules, zone=settings.shop.clock)


def timed(rows: pa.Table, changes: pa.Table, schedules: Sequence[Schedule], *, zone: ZoneInfo) -> pa.Table:
    """Business times of whole columns.

    :param rows: conversation_id, schedule (that of the settings, or 'unknown') and the moments of `SPANS`.
    :param changes: conversation_id, occurred_ms, event_id, value (name of a schedule); other names change nothing.
    """
    ids, told = pc.cast(rows[OF].combine_chunks(), pa.string()), [s.name for s in schedules]
    unknown = pa.nulls(rows.num_rows, pa.int64())
    if not told or not rows.num_rows:
        names = pa.array([UNKNOWN] * rows.num_rows, pa.string())
        return pa.table({OF: ids, "schedule": names, **dict.fromkeys(SPANS, unknown)})
    stretches = _stretches(rows, ids, changes, told)
    opened = np.asarray(rows["opened_ms"], dtype=np.int64)
    at = opened[stretches.row]
    first = stretches.schedule[(stretches.since <= at) & (at < stretches.until)]
    names = pa.array([*told, UNKNOWN], pa.string()).take(pa.array(first % (len(told) + 1)))  # -1 is the last
    openings = _openings(rows, schedules, zone)
    times = {name: _lasted(rows[a], rows[b], stretches, openings) for name, (a, b) in SPANS.items()}
    return pa.table({OF: ids, "schedule": names, **times})


def _openings(rows: pa.Table, schedules: Sequence[Schedule], zone: ZoneInfo) -> list[Opening]:
    """When each schedule is open, as far as the moments reach."""
    ends = [pc.min_max(rows[name]).as_py() for pair in SPANS.values() for name in pair]
    known = [end for end in ends if end["min"] is not None]
    first_ms, last_ms = min(end["min"] for end in known), max(end["max"] for end in known)
    return [opening(schedule, first_ms, last_ms, zone=zone) for schedule in schedules]


def _stretches(rows: pa.Table, ids: pa.Array, changes: pa.Table, names: list[str]) -> Stretch:
    """The schedules of each conversation, by row and then in the order of time."""
    changes = changes.filter(pc.is_in(changes["value"], value_set=pa.array(names, pa.string())))
    changes = changes.filter(pc.is_in(changes[OF].cast(pa.string()), value_set=ids))
    changes = changes.sort_by([("occurred_ms", "ascending"), ("event_id", "ascending")])
    base = _numbers(rows["schedule"], names)
    row = np.concatenate([np.arange(len(base)), _numbers(changes[OF], ids)])
    order = np.argsort(row, kind="stable")  # the schedule of the settings stands before the changes, which are in order
    row = row[order]
    schedule = np.concatenate([base, _numbers(changes["value"], names)])[order]
    since = np.concatenate([np.full(len(base), -EVER), np.asarray(changes["occurred_ms"], dtype=np.int64)])[order]
    last = np.append(row[1:] != row[:-1], True)
    return Stretch(row, schedule, since, np.where(last, EVER, np.append(since[1:], EVER)))


def _numbers(values: pa.ChunkedArray, names: pa.Array | list[str]) -> npt.NDArray[np.int64]:
    """The place of each value among the names, -1 where it is none of them."""
    known = names if isinstance(names, pa.Array) else pa.array(names, pa.string())
    places = pc.index_in(pc.cast(values, pa.string()), value_set=known)
    return np.asarray(pc.fill_null(places, -1), dtype=np.int64)


def _lasted(since: pa.ChunkedArray, until: pa.ChunkedArray, had: Stretch, openings: Sequence[Opening]) -> pa.Array:
    """Business time between two moments of each row; null where a moment is, or where a part had no schedule."""
    valid = np.asarray(pc.and_(pc.is_valid(since), pc.is_valid(until)))
    start, end = (np.asarray(pc.fill_null(moments, 0), dtype=np.int64) for moments in (since, until))
    a, b = np.maximum(start[had.row], had.since), np.minimum(end[had.row], had.until)
    total = np.zeros(len(valid), dtype=np.int64)
    for number, told in enumerate(openings):
        mine = (had.schedule == number) & (b > a) & valid[had.row]
        np.add.at(total, had.row[mine], told.before(b[mine]) - told.before(a[mine]))
    begins = (had.since <= start[had.row]) & (start[had.row] < had.until)
    blind = had.row[(had.schedule < 0) & ((b > a) | begins)]
    valid[blind] = False
    return pa.array(total, pa.int64(), mask=~valid)


def late(limits_s: Mapping[str, int]) -> nw.Expr:
    """Whether the first response came after its channel's limit in opening hours, over waited_business_ms.

    As on the calendar: unanswered is late once the limit has passed, and before that nobody can tell.

    :param limits_s: seconds by channel, with 'default' for all others.
    """
    waited = nw.col("waited_business_ms")
    over = waited > limit_ms(limits_s)
    return nw.when(~nw.col("first_response_ms").is_null() | over).then(over).cast(nw.Boolean)
