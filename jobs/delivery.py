"""What was promised and when did it come, by carrier and lane?"""

import pandas as pd

from insight.engines.base import Frame
from insight.facts import orders as order_facts
from insight.marts import delivery
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import DELIVERY, ORDERS

READS = (ORDERS,)
WRITES = DELIVERY


def work(orders: Frame, *, run: Run) -> pd.DataFrame:
    """Orders that a carrier got in the last 91 days; cancelled ones are left out, those on the way are not."""
    reach_ms, zone = newest_ms(orders, "ordered_ms", "shipped_ms", "delivered_ms") or 0, run.settings.shop.clock
    promises = run.arrow(orders.select("order_id", "promised_ms"))
    dues = run.engine.frame(order_facts.due(promises, zone=zone, whole_day=run.settings.service.promised_day))
    rows = delivery.handed_over(orders, dues, newest_ms=reach_ms).select(
        "order_id", "carrier", "lane", "ordered_ms", "shipped_ms", "due_ms", "delivered_ms", "told", "late"
    )
    return delivery.delivery(delivery.recent(run.pandas(rows), newest_ms=reach_ms, zone=zone), newest_ms=reach_ms)
