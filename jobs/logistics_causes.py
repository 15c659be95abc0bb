"""Which carrier, lane, warehouse or marketplace explains a rise in late parcels and in contacts about them?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.facts import orders as order_facts
from insight.marts import delivery, logistics_causes, sku_fixes
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import LOGISTICS_CAUSES, MENTION_TOPICS, MENTIONS, ORDERS, TOPIC_MAP, TOPICS

READS = (MENTIONS, MENTION_TOPICS, TOPICS, TOPIC_MAP, ORDERS)
WRITES = LOGISTICS_CAUSES


def work(
    mentions: Frame, mention_topics: Frame, topics: Frame, topic_map: Frame, orders: Frame, *, run: Run
) -> pd.DataFrame:
    """Orders by the week of hand-over, and the first contact about each."""
    talked = mentions.filter(nw.col("origin") == "message")
    reach_ms = newest_ms(orders, "ordered_ms", "shipped_ms", "delivered_ms") or 0
    measures = logistics_causes.measures_of(run.pandas(sku_fixes.near(topics, topic_map)))
    about = talked.filter(~nw.col("order_id").is_null()).join(mention_topics, on="mention_id", how="inner")
    said = run.pandas(
        about.filter(nw.col("topic_id").is_in(sorted(measures))).select(
            "mention_id", "order_id", "customer_key", "said_ms", "text", "language", "topic_id"
        )
    )
    [first] = run.arrow(talked.select(nw.col("day").min()))["day"].to_pylist()
    whole_day = run.settings.service.promised_day
    promises = run.arrow(orders.select("order_id", "promised_ms"))
    dues = order_facts.due(promises, zone=run.settings.shop.clock, whole_day=whole_day)
    shipped = delivery.handed_over(orders, run.engine.frame(dues), newest_ms=reach_ms)
    return logistics_causes.causes(
        run.pandas(shipped.select("order_id", "shipped_ms", "late", *logistics_causes.PROPERTIES)),
        said.assign(measure=said["topic_id"].map(measures)).sort_values(["said_ms", "mention_id"]),
        newest_ms=min(reach_ms, newest_ms(talked, "said_ms") or reach_ms),
        first_said=first,
        zone=run.settings.shop.clock,
        few=run.settings.privacy.min_customers,
    )
