"""Which product runs small, and which runs large?"""

import pandas as pd

from insight.engines.base import Frame
from insight.marts import sku_fixes
from insight.run import Run
from insight.schema import (
    CATALOGUE,
    MENTION_TOPICS,
    MENTIONS,
    ORDER_ITEMS,
    ORDERS,
    RETURNS,
    SIZE_BIAS,
    TOPIC_MAP,
    TOPICS,
)

READS = (MENTIONS, MENTION_TOPICS, TOPICS, TOPIC_MAP, ORDERS, ORDER_ITEMS, RETURNS, CATALOGUE)
WRITES = SIZE_BIAS


def work(
    mentions: Frame,
    mention_topics: Frame,
    topics: Frame,
    topic_map: Frame,
    orders: Frame,
    order_items: Frame,
    returns: Frame,
    catalogue: Frame,
    *,
    run: Run,
) -> pd.DataFrame:
    """Words and codes of returns joined by order, so that a customer who writes and sends back is one voice."""
    period = sku_fixes.period(mentions, orders, zone=run.settings.shop.clock)
    said = run.pandas(sku_fixes.spoken(mentions, mention_topics, topics, topic_map, period))
    back = run.pandas(
        returns.join(orders.select("order_id", "customer_key"), on="order_id", how="inner").select(
            "sku", "order_id", "customer_key", "reason", "returned_ms"
        )
    )
    return sku_fixes.sizes(
        said,
        sku_fixes.of_days(back, period, zone=run.settings.shop.clock),
        run.pandas(sku_fixes.sold(orders, order_items, period)),
        run.pandas(catalogue.select("sku", "family")),
        told=len(back) > 0,
        min_customers=run.settings.privacy.min_customers,
    )
