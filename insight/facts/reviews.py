"""What was said of an order in reviews."""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame

BAD = 0.4
"""The lowest two fifths of a scale brought to 0 … 1: at most 2 of 5 stars, at most 4 of 10."""


def of_orders(reviews: Frame) -> Frame:
    """One row per reviewed order: review_rating (mean, 0 … 1), bad_review (the worst one is bad)."""
    known = reviews.filter(~nw.col("order_id").is_null())
    millionths = (nw.col("rating") * 1_000_000 + 0.5).floor().cast(nw.Int64)  # whole numbers add up in any order
    found = (
        known.with_columns(millionths=millionths)
        .group_by("order_id")
        .agg(nw.col("millionths").sum(), nw.len().alias("reviews"), nw.col("rating").min().alias("worst"))
    )
    mean = nw.col("millionths").cast(nw.Float64) / nw.col("reviews") / 1_000_000
    return found.select("order_id", review_rating=mean, bad_review=nw.col("worst") <= BAD)
