"""What do customers say is different from the listing, and what does the listing say about it?"""

import pandas as pd

from insight.engines.base import Frame
from insight.marts import sku_fixes
from insight.run import Run
from insight.schema import (
    CATALOGUE,
    LISTING_GAPS,
    MENTION_TOPICS,
    MENTIONS,
    ORDER_ITEMS,
    ORDERS,
    TOPIC_MAP,
    TOPICS,
)

READS = (MENTIONS, MENTION_TOPICS, TOPICS, TOPIC_MAP, ORDERS, ORDER_ITEMS, CATALOGUE)
WRITES = LISTING_GAPS


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
    """The attributes that customers name, beside the sentences that name them too."""
    period = sku_fixes.period(mentions, orders, zone=run.settings.shop.clock)
    return sku_fixes.gaps(
        run.pandas(sku_fixes.spoken(mentions, mention_topics, topics, topic_map, period)),
        run.pandas(catalogue.select("sku", "listing")),
        run.pandas(sku_fixes.sold(orders, order_items, period)),
        min_customers=run.settings.privacy.min_customers,
    )
