"""Who bought again, and what has each customer been worth so far?"""

import narwhals as nw

from insight.engines.base import Frame
from insight.facts import customers
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, CUSTOMER_FACTS, ORDER_FACTS, ORDERS

READS = (ORDERS, ORDER_FACTS, CONVERSATION_FACTS)
WRITES = CUSTOMER_FACTS

COLUMNS = [name for name in CUSTOMER_FACTS.arrow.names if not name.endswith("_at")]


def work(orders: Frame, order_facts: Frame, conversation_facts: Frame, *, run: Run) -> Frame:
    """Walk each customer's orders from the first one on."""
    named = customers.named(order_facts, orders)
    rows = firsts = customers.firsts(named)
    for facts in (
        customers.histories(named, firsts, newest_ms=newest_ms(orders, "ordered_ms") or 0),
        customers.tallies(named.filter(~nw.col("kept")), "cancelled_orders"),
        customers.tallies(conversation_facts, "contacts"),
    ):
        rows = rows.join(facts, on="customer_key", how="left")
    return rows.with_columns(*(nw.col(name).fill_null(0) for name in ("cancelled_orders", "contacts"))).select(*COLUMNS)
