"""Who asked and did not buy, or was unhappy and has not bought since, why, and may we write to them?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import flagged, win_back
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, CUSTOMERS, DEMAND_MENTIONS, FLAGGED, MENTIONS, ORDER_FACTS, WIN_BACK

READS = (CONVERSATION_FACTS, ORDER_FACTS, MENTIONS, DEMAND_MENTIONS, CUSTOMERS, FLAGGED)
WRITES = WIN_BACK

CONTACT = (
    *("conversation_id", "customer_key", "topic_id", "language", "platform", "market", "opened_ms"),
    *("presale", "answered", "first_response_ms", "turned_bad", "recovered", "csat_rating"),
)
BOUGHT = ("customer_key", "ordered_ms")


def work(
    facts: Frame, orders: Frame, said: Frame, wished: Frame, customers: Frame, drawn: Frame, *, run: Run
) -> pd.DataFrame:
    """Each customer once, with what was asked for and whether they agreed to be written to."""
    reach = min(newest_ms(facts, "opened_ms") or 0, newest_ms(orders, "ordered_ms") or 0)
    kept = orders.filter(~nw.col("cancelled").fill_null(False))
    spoken = said.filter(~nw.col("conversation_id").is_null())
    words = spoken.select("mention_id", "conversation_id", "said_ms", "text")
    asked = wished.select("mention_id", "asked", "sold").join(words, on="mention_id", how="inner")
    return win_back.listed(
        run.pandas(facts.select(*CONTACT)),
        run.pandas(kept.select(*BOUGHT, value_minor=nw.col("total_shop_minor"))),
        run.pandas(words),
        win_back.first_wish(run.pandas(asked)),
        run.pandas(customers.select("customer_key", "may_market")),
        flagged.left_alone(run.pandas(drawn), newest_ms=newest_ms(facts, "opened_ms") or 0),
        newest_ms=reach,
        days=run.settings.service.win_back_days,
    )
