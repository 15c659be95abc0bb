"""What do customers ask for that we could sell?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import demand_signals
from insight.run import Run
from insight.schema import CONVERSATIONS, DEMAND_MENTIONS, DEMAND_SIGNALS, MENTIONS, ORDERS

READS = (DEMAND_MENTIONS, MENTIONS, ORDERS, CONVERSATIONS)
WRITES = DEMAND_SIGNALS


def work(demand: Frame, mentions: Frame, orders: Frame, conversations: Frame, *, run: Run) -> pd.DataFrame:
    """Count customers, not messages."""
    said = mentions.select("mention_id", "customer_key", "said_ms", "market", "text")
    return demand_signals.signals(
        run.pandas(demand.select("mention_id", "asked", "for_what", "sku", "sold").join(said, on="mention_id")),
        run.pandas(orders.select("customer_key", "ordered_ms")),
        contacts=int(run.pandas(conversations.select(nw.len().alias("n")))["n"].iloc[0]),
        min_customers=run.settings.privacy.min_customers,
    )
