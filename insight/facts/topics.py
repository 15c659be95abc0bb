"""What a conversation was mainly about."""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame
from insight.schema import UNASSIGNED


def main(mentions: Frame, mention_topics: Frame, *, of: str = "conversation_id") -> Frame:
    """One row per conversation with a mention: topic_id with the most mentions, then the one said first, then by id.

    A mention that fits no topic counts only where no other mention of the conversation fits one.

    :param of: the column that mentions are brought together by, where it is another one, such as `order_id`.
    """
    said = mentions.filter(~nw.col(of).is_null()).select("mention_id", of, "said_ms")
    counted = (
        said.join(mention_topics.select("mention_id", "topic_id"), on="mention_id", how="inner")
        .group_by(of, "topic_id")
        .agg(nw.len().alias("mentions"), nw.col("said_ms").min().alias("first_ms"))
        .with_columns(
            unfit=(nw.col("topic_id") == UNASSIGNED).cast(nw.Int64), fewer=0 - nw.col("mentions").cast(nw.Int64)
        )
    )
    order = ["unfit", "fewer", "first_ms", "topic_id"]
    return counted.unique(subset=[of], keep="first", order_by=order).select(of, "topic_id")
