"""Which topics go with low satisfaction, returns, bad reviews and second purchases, and how much of them?"""

import pandas as pd

from insight.engines.base import Frame
from insight.marts import drivers
from insight.run import Run
from insight.schema import (
    CONVERSATION_FACTS,
    DRIVERS,
    MENTION_TOPICS,
    MENTIONS,
    ORDER_FACTS,
    ORDERS,
    RETURNS,
    REVIEWS,
    SURVEYS,
    TOPICS,
)

READS = (
    *(CONVERSATION_FACTS, ORDER_FACTS, ORDERS, MENTIONS, MENTION_TOPICS),
    *(SURVEYS, RETURNS, REVIEWS, TOPICS),
)
WRITES = DRIVERS

OF_CONVERSATIONS = (
    *("conversation_id", "customer_key", "order_id", "market", "channel", "platform", "family", "sku", "agent_id"),
    *("language", "opened_ms", "day", "answered", "first_response_ms", "csat_rating"),
)
OF_ORDERS = (
    *("order_id", "customer_key", "market", "platform", "family", "sku", "carrier", "currency", "total_minor"),
    *("ordered_ms", "day", "promised_days", "cancelled", "returned_30d"),
)
SAID = ("mention_id", "origin", "origin_id", "conversation_id", "order_id", "said_ms")


def work(
    conversations: Frame,
    order_facts: Frame,
    orders: Frame,
    mentions: Frame,
    placed: Frame,
    surveys: Frame,
    returns: Frame,
    reviews: Frame,
    topics: Frame,
    *,
    run: Run,
) -> pd.DataFrame:
    """Judge every outcome over all days, each with what was known before it."""
    said = mentions.select(*SAID).join(placed.select("mention_id", "topic_id"), on="mention_id", how="inner")
    known = drivers.known(
        run.pandas(conversations.select(*OF_CONVERSATIONS)),
        run.pandas(order_facts.select(*OF_ORDERS)),
        run.pandas(orders.select("order_id", "delivered_ms", "customer_told")),
        run.pandas(said),
        run.pandas(surveys.select("survey_id", "conversation_id", "answered_ms")),
        run.pandas(returns.select("return_id", "order_id", "returned_ms")),
        run.pandas(reviews.select("review_id", "order_id", "reviewed_ms", "rating")),
    )
    found = {outcome: drivers.cases(outcome, known) for outcome in drivers.OUTCOMES}
    return drivers.table(found, run.pandas(topics.select("topic_id", "state")))
