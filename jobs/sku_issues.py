"""Which product has which issue more than its family?"""

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
    SKU_ISSUES,
    TOPIC_MAP,
    TOPICS,
)

READS = (MENTIONS, MENTION_TOPICS, TOPICS, TOPIC_MAP, ORDERS, ORDER_ITEMS, CATALOGUE)
WRITES = SKU_ISSUES


def work(
    mentions: Frame,
    mention_topics: Frame,
    topics: Frame,
    topic_map: Frame,
    orders: Frame,
    order_items: Frame,
    catalogue: Frame,
    *,
    run: Run,
) -> pd.DataFrame:
    """Customers per 100 orders, of the days that contacts and orders both tell."""
    period = sku_fixes.period(mentions, orders, zone=run.settings.shop.clock)
    return sku_fixes.matrix(
        run.pandas(sku_fixes.spoken(mentions, mention_topics, topics, topic_map, period)),
        run.pandas(sku_fixes.sold(orders, order_items, period)),
        run.pandas(catalogue.select("sku", "family")),
        min_customers=run.settings.privacy.min_customers,
    )
