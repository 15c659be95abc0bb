"""What do customers complain about, how often for what we sell, and is it growing?"""

import narwhals as nw
import pandas as pd

from insight import periods
from insight.engines.base import Frame
from insight.marts import complaints
from insight.run import Run
from insight.schema import COMPLAINTS, MENTION_SENTIMENT, MENTION_TOPICS, MENTIONS, ORDER_ITEMS, ORDERS

READS = (MENTIONS, MENTION_TOPICS, MENTION_SENTIMENT, ORDERS, ORDER_ITEMS)
WRITES = COMPLAINTS


def work(
    mentions: Frame, mention_topics: Frame, sentiment: Frame, orders: Frame, order_items: Frame, *, run: Run
) -> pd.DataFrame:
    """Count voices and orders per cell in two periods, and compare.

    Where orders are told, the periods end where the shorter feed ends, and both feeds must reach back over both.
    """
    reaches = periods.newest_ms(mentions, "said_ms"), periods.newest_ms(orders, "ordered_ms")
    current = periods.last(min((ms for ms in reaches if ms is not None), default=0), zone=run.settings.shop.clock)
    said = complaints.spoken(mentions, mention_topics, sentiment)
    both = []
    for period in (current, current.before):
        bought = complaints.bought(orders, order_items, period)
        both.append(run.pandas(complaints.voices(said, period).join(bought, on=["market", "sku"], how="left")))
    quotes = run.pandas(complaints.quotes(said, current))
    rows = complaints.together(both[0].merge(quotes, on=complaints.CELL, how="left"), both[1])
    told = [mentions.filter(nw.col("origin") == "message"), *([orders] if reaches[1] is not None else [])]
    comparable = all(periods.reaches_back(frame, current.before) for frame in told)
    return complaints.judged(rows, min_customers=run.settings.privacy.min_customers, comparable=comparable)
