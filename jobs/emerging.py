"""Which issues come up more often than the orders explain, and since when?"""

import pandas as pd

from insight import emerging, periods
from insight.engines.base import Frame
from insight.periods import WEEK_MS, Period
from insight.run import Run
from insight.schema import EMERGING, MENTION_TOPICS, MENTIONS, ORDER_ITEMS, ORDERS

READS = (MENTIONS, MENTION_TOPICS, ORDERS, ORDER_ITEMS)
WRITES = EMERGING


def work(mentions: Frame, mention_topics: Frame, orders: Frame, order_items: Frame, *, run: Run) -> pd.DataFrame:
    """Judge each full day by the weeks before it.

    The days end where the shorter feed ends. Orders that end more than a week before the talk does are a feed that has
    stopped; they tell nothing about today, and contacts are taken for the exposure.
    """
    said_ms, ordered_ms = periods.newest_ms(mentions, "said_ms") or 0, periods.newest_ms(orders, "ordered_ms")
    stopped = ordered_ms is None or ordered_ms < said_ms - WEEK_MS
    newest = said_ms if stopped or ordered_ms is None else min(said_ms, ordered_ms)
    period = periods.last(newest, zone=run.settings.shop.clock, days=emerging.HISTORY)
    said = run.pandas(emerging.spoken(mentions, mention_topics, orders, period))
    bought = run.pandas(emerging.placed(orders, order_items, period))
    if stopped:
        bought = bought.head(0)
    if len(said):
        period = Period(max(period.since, said["day"].min()), period.until)
    series = emerging.counted(said, bought, period)
    few = run.settings.privacy.min_customers
    return emerging.table(series, emerging.judge(series), said, min_customers=few)
