"""Was the matter settled: did the source close it, and did the customer come back about the same issue?"""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame

WINDOW_MS = 7 * 24 * 60 * 60 * 1000
"""A return counts within 7 days of the contact, half-open: exactly 7 days later is no return."""


def resolved() -> nw.Expr:
    """Whether the source closed the conversation; null where it tells neither a status nor a time."""
    closed = (nw.col("status") == "resolved") | ~nw.col("closed_ms").is_null()
    return nw.when(closed | (nw.col("status") == "open")).then(closed).cast(nw.Boolean)


def open_ms() -> nw.Expr:
    """From opening to closing, by the source's own times, in ms; never below 0."""
    return (nw.col("closed_ms") - nw.col("opened_ms")).clip(0, None)


def matured(*, newest_ms: int) -> nw.Expr:
    """Whether the data reach 7 days beyond the opening, so that a return would have been seen."""
    return nw.col("opened_ms") + WINDOW_MS <= newest_ms


def returns(threads: Frame, *, newest_ms: int) -> Frame:
    """One row per conversation with an issue: came_back, the next contact about one of its issues came within 7 days.

    Null until the data reach 7 days beyond the contact. Which contacts are about one issue is told by ISSUE_THREADS.
    """
    of, contacted = "conversation_id", nw.col("contacted_ms")
    contacts = threads.select("thread_id", of, "contacted_ms").unique(
        subset=["thread_id", of], keep="first", order_by=["contacted_ms"]
    )
    following = contacted.shift(-1).over("thread_id", order_by=["contacted_ms", of])
    found = contacts.with_columns(gap_ms=following - contacted)
    found = found.with_columns(back=(nw.col("gap_ms") < WINDOW_MS).fill_null(False).cast(nw.Int64))
    found = found.group_by(of).agg(nw.col("back").max(), nw.col("contacted_ms").max().alias("last_ms"))
    seen = nw.col("last_ms") + WINDOW_MS <= newest_ms
    return found.select(of, came_back=nw.when(seen).then(nw.col("back") > 0).cast(nw.Boolean))
