"""How was each order delivered, what came back, and what was said of it?"""

import narwhals as nw

from insight.engines.base import Frame
from insight.facts import dimensions, known, orders, returns, reviews
from insight.periods import DAY_MS, newest_ms
from insight.run import Run
from insight.schema import CATALOGUE, CONVERSATIONS, ORDER_FACTS, ORDER_ITEMS, ORDERS, RETURNS, REVIEWS, UNKNOWN

READS = (ORDERS, ORDER_ITEMS, RETURNS, REVIEWS, CONVERSATIONS, CATALOGUE)
WRITES = ORDER_FACTS

COLUMNS = [name for name in ORDER_FACTS.arrow.names if not name.endswith("_at")]


def work(
    bought: Frame,
    order_items: Frame,
    returned: Frame,
    reviewed: Frame,
    conversations: Frame,
    catalogue: Frame,
    *,
    run: Run,
) -> Frame:
    """Join what each module knows about an order."""
    reach_ms = newest_ms(bought, "ordered_ms", "shipped_ms", "delivered_ms") or 0
    any_return, any_refund = known.told(returned, "returned_ms"), known.told(returned, "refund_minor")
    returns_ms = max(reach_ms, newest_ms(returned, "returned_ms") or 0)
    promises = orders.due(run.arrow(bought.select("order_id", "promised_ms")), zone=run.settings.shop.clock)
    rows = bought
    for facts in (
        run.engine.frame(promises),
        orders.products(order_items),
        returns.of_orders(returned),
        reviews.of_orders(reviewed),
        orders.contacts(conversations),
    ):
        rows = rows.join(facts, on="order_id", how="left")
    rows = dimensions.family(rows.with_columns(sku=nw.col("first_sku").fill_null(UNKNOWN)), catalogue)
    return rows.with_columns(
        *(nw.col(name).fill_null(0) for name in ("items", "contacts")),
        refund_minor=nw.when(any_refund).then(nw.col("refund_minor").fill_null(0)),
        delivered=nw.when(orders.deliveries_told()).then(known.present("delivered_ms")).cast(nw.Boolean),
        late=orders.late(newest_ms=reach_ms),
        transit_days=(nw.col("delivered_ms") - nw.col("shipped_ms")) / DAY_MS,
        returned=nw.when(any_return).then(known.present("first_returned_ms")).cast(nw.Boolean),
        returned_30d=nw.when(any_return).then(returns.within_window(newest_ms=returns_ms)).cast(nw.Boolean),
    ).select(*COLUMNS)
