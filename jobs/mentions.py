"""What did customers say that is about something, and what did they say that is not?"""

import pyarrow as pa

from insight import mentions
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import (
    CONVERSATIONS,
    FILTERED,
    MENTIONS,
    MESSAGES,
    ORDER_ITEMS,
    ORDERS,
    RETURNS,
    REVIEWS,
    SURVEYS,
)

READS = (MESSAGES, CONVERSATIONS, REVIEWS, SURVEYS, RETURNS, ORDERS, ORDER_ITEMS)
WRITES = (MENTIONS, FILTERED)


def work(
    messages: Frame,
    conversations: Frame,
    reviews: Frame,
    surveys: Frame,
    returns: Frame,
    orders: Frame,
    order_items: Frame,
    *,
    run: Run,
) -> tuple[pa.Table, pa.Table]:
    """All customers' texts, whatever they were said in; then their pieces."""
    bought = mentions.orders_with_product(orders, order_items)
    texts = run.arrow(
        mentions.texts(
            mentions.of_messages(messages, conversations, bought),
            mentions.of_reviews(reviews, bought),
            mentions.of_surveys(surveys, conversations, bought),
            mentions.of_returns(returns, bought),
        )
    ).cast(mentions.TEXTS)
    pieces = pa.Table.from_batches(mentions.pieces(texts.to_batches()), schema=mentions.PIECES)
    return mentions.told(pieces, texts, run.settings.shop.clock), mentions.filtered(pieces)
