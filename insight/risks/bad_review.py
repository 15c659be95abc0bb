"""Does the customer give the order a bad review: at most two of five stars? At the moment at which the parcel comes.

An order whose review was written before that moment is no case: there is nothing left to foresee. Orders without a
review say nothing, so weights are learned from those who wrote one, and the share of those is told beside.
"""

from __future__ import annotations

import pyarrow as pa

from insight.risks import order_signs
from insight.risks.base import CASE, FATE, Cases, Head
from insight.risks.order_signs import Book
from insight.settings import Settings


def reviewed(book: Book) -> Cases:
    """The orders of a book, each with the fate of its first review after the moment of the score."""
    rows = book.rows
    first = book.reviews.sort_values(["reviewed_ms", "review_id"]).drop_duplicates("order_id")
    told = rows.merge(first[["order_id", "reviewed_ms", "bad"]], on="order_id", how="left")
    written = told["reviewed_ms"].notna().to_numpy(dtype=bool)
    open_ = ~(written & order_signs.yes(told["reviewed_ms"].le(told["scored_ms"])))
    platforms = told.loc[written, "platform"]
    found = told.assign(
        event_ms=told["reviewed_ms"].where(order_signs.yes(told["bad"])),
        seen_ms=book.seen_ms,
        asked=told["platform"].isin(platforms),
        answered=written,
    )[[*CASE, *FATE]]
    return order_signs.only(Cases(found, book.signs), open_)


def _cases(*tables: pa.Table, settings: Settings) -> Cases:
    return reviewed(order_signs.book(*tables, settings=settings, when=order_signs.DELIVERY))


HEAD = Head(
    "bad_review",
    "How likely does each order get a bad review, by what is known when the parcel comes?",
    order_signs.READS,
    "risks/bad_review.toml",
    (30.0,),
    30.0,
    _cases,
)
