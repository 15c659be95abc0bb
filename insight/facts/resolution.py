"""Was the matter settled: did the source close it, and did the customer come back about the same issue?"""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame
from insight.periods import SKEW_MS, WEEK_MS
from insight.schema import UNASSIGNED


def since_opening(moment: str) -> nw.Expr:
    """From opening to a moment (its column), in ms. Up to 5 minutes before the opening is 0, more is unknown."""
    took = nw.col(moment) - nw.col("opened_ms")
    return nw.when(took >= -SKEW_MS).then(took.clip(0, None))


def times() -> dict[str, nw.Expr]:
    """How long it took since the opening, in ms, over closed_ms, settled_first_ms and settled_ms of `tickets`."""
    moments = {"open_ms": "closed_ms", "first_resolution_ms": "settled_first_ms", "full_resolution_ms": "settled_ms"}
    return {name: since_opening(moment) for name, moment in moments.items()}


def matured(*, newest_ms: int) -> nw.Expr:
    """Whether the data reach 7 days beyond the opening, so that a return would have been seen."""
    return nw.col("opened_ms") + WEEK_MS <= newest_ms


def returns(threads: Frame, *, newest_ms: int) -> Frame:
    """One row per conversation with an issue: came_back, the customer wrote again within 7 days, half-open.

    A return is the next contact about one of the conversation's issues, or about its order whatever the words: a
    customer whose parcel is late asks where it is, and then for the money. Null until the data reach 7 days beyond the
    contact, and where nobody could see a return: no order, and no issue that fits a topic. Which contacts are about one
    issue is told by ISSUE_THREADS.
    """
    of = "conversation_id"
    by_issue = _followed(threads, "thread_id")
    by_order = _followed(threads.filter(~nw.col("order_id").is_null()), "customer_key", "order_id")
    can_be_seen = (nw.col("topic_id") != UNASSIGNED) | ~nw.col("order_id").is_null()
    contacts = threads.with_columns(visible=can_be_seen.cast(nw.Int64)).group_by(of)
    found = contacts.agg(nw.col("visible").max(), nw.col("contacted_ms").max().alias("last_ms"))
    back = nw.concat([by_issue, by_order], how="vertical").group_by(of).agg(nw.col("back").max())
    known = (nw.col("last_ms") + WEEK_MS <= newest_ms) & (nw.col("visible") == 1)
    return found.join(back, on=of, how="left").select(
        of, came_back=nw.when(known).then(nw.col("back") > 0).cast(nw.Boolean)
    )


def _followed(threads: Frame, *case: str) -> Frame:
    """One row per conversation and case: back, 1 where the next conversation of the case came within 7 days, else 0."""
    of, contacted = "conversation_id", nw.col("contacted_ms")
    contacts = threads.select(*case, of, "contacted_ms").unique(
        subset=[*case, of], keep="first", order_by=["contacted_ms"]
    )
    following = contacted.shift(-1).over(*case, order_by=["contacted_ms", of])
    gaps = contacts.with_columns(gap_ms=following - contacted)
    return gaps.select(of, back=(nw.col("gap_ms") < WEEK_MS).fill_null(False).cast(nw.Int64))
