"""Was the matter settled: did the source close it, and did the customer come back about the same issue?"""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame
from insight.periods import SKEW_MS, WEEK_MS
from insight.schema import NO_REPEAT, UNASSIGNED

COUNTS = ~nw.col("kind").is_in(list(NO_REPEAT))
"""Whether a contact counts as one, over rows of ISSUE_THREADS."""

NEVER_MS = 2**60
"""Later than any contact."""


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

    A return is a later contact about one of the conversation's issues, or about its order whatever the words: a
    customer whose parcel is late asks where it is, and then for the money. Thanks and what the shop had asked for
    (NO_REPEAT) are no return, and a conversation that holds nothing else is not judged. Null until the data reach 7
    days beyond the contact, and where nobody could see a return: no order, and no issue that fits a topic. Which
    contacts are about one issue is told by ISSUE_THREADS.
    """
    of = "conversation_id"
    by_issue = _followed(threads, "thread_id")
    by_order = _followed(threads.filter(~nw.col("order_id").is_null()), "customer_key", "order_id")
    can_be_seen = ((nw.col("topic_id") != UNASSIGNED) | ~nw.col("order_id").is_null()) & COUNTS
    contacts = threads.with_columns(visible=can_be_seen.cast(nw.Int64)).group_by(of)
    found = contacts.agg(nw.col("visible").max(), nw.col("contacted_ms").max().alias("last_ms"))
    back = nw.concat([by_issue, by_order], how="vertical").group_by(of).agg(nw.col("back").max())
    known = (nw.col("last_ms") + WEEK_MS <= newest_ms) & (nw.col("visible") == 1)
    return found.join(back, on=of, how="left").select(
        of, came_back=nw.when(known).then(nw.col("back") > 0).cast(nw.Boolean)
    )


def _followed(threads: Frame, *case: str) -> Frame:
    """One row per conversation and case: back, 1 where a contact of the case that counts came within 7 days, else 0."""
    of, walk = "conversation_id", ["contacted_ms", "conversation_id"]
    contacts = threads.with_columns(counts=COUNTS.cast(nw.Int64)).group_by(*case, of)
    rows = contacts.agg(nw.col("contacted_ms").min(), nw.col("counts").max())
    rows = rows.with_columns(next_ms=nw.when(nw.col("counts") == 1).then(nw.col("contacted_ms")).otherwise(NEVER_MS))
    rows = rows.with_columns(next_ms=nw.col("next_ms").cum_min(reverse=True).over(*case, order_by=walk))
    gap = nw.col("next_ms").shift(-1).over(*case, order_by=walk) - nw.col("contacted_ms")
    gaps = rows.with_columns(gap_ms=gap)
    return gaps.select(of, back=(nw.col("gap_ms") < WEEK_MS).fill_null(False).cast(nw.Int64))
