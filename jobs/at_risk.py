"""Which customers may write again about the same issue, and why?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import at_risk
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import AT_RISK, CONVERSATION_FACTS, MENTIONS, ORDERS, REPEAT_RISKS

READS = (CONVERSATION_FACTS, REPEAT_RISKS, MENTIONS, ORDERS)
WRITES = AT_RISK

CONTACT = (
    "conversation_id",
    "customer_key",
    "topic_id",
    "language",
    "platform",
    "market",
    "order_id",
    "opened_ms",
    "resolved",
)


def work(facts: Frame, risks: Frame, mentions: Frame, orders: Frame, *, run: Run) -> pd.DataFrame:
    """Rank the contacts whose 7 days are not over and whose issue is open."""
    newest = max(newest_ms(facts, "opened_ms") or 0, newest_ms(mentions, "said_ms") or 0)
    spoken = mentions.filter(~nw.col("conversation_id").is_null())
    rows = at_risk.ranked(
        run.pandas(facts.select(*CONTACT)),
        run.pandas(risks.select("conversation_id", "scored_ms", "probability", "reasons", "reasons_zh")),
        run.pandas(spoken.select("mention_id", "conversation_id", "said_ms", "text")),
        run.pandas(orders.select("order_id", "promised_ms", "delivered_ms", "total_minor", "currency")),
        newest_ms=newest,
    )
    return rows[[name for name in AT_RISK.arrow.names if not name.endswith("_at")]]
