"""How was each order delivered, what came back, what was said of it, and what is left of it?"""

import narwhals as nw

from insight.engines.base import Frame
from insight.facts import dimensions, known, orders, returns, reviews
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import (
    CATALOGUE,
    CONVERSATIONS,
    EXCHANGE_RATES,
    ORDER_FACTS,
    ORDER_ITEMS,
    ORDERS,
    RETURNS,
    REVIEWS,
    UNKNOWN,
)

READS = (ORDERS, ORDER_ITEMS, RETURNS, REVIEWS, CONVERSATIONS, CATALOGUE, EXCHANGE_RATES)
WRITES = ORDER_FACTS

COLUMNS = [name for name in ORDER_FACTS.arrow.names if not name.endswith("_at")]


def work(
    bought: Frame,
    order_items: Frame,
    returned: Frame,
    reviewed: Frame,
    conversations: Frame,
    catalogue: Frame,
    rates: Frame,
    *,
    run: Run,
) -> Frame:
    """Join what each module knows about an order."""
    reach_ms = newest_ms(bought, "ordered_ms", "shipped_ms", "delivered_ms") or 0
    any_return, any_refund = known.told(returned, "returned_ms"), known.told(returned, "refund_minor")
    returns_ms = max(reach_ms, newest_ms(returned, "returned_ms") or 0)
    named_ms = newest_ms(conversations.filter(~nw.col("order_id").is_null()), "opened_ms") or 0
    frame, shop = run.engine.frame, run.settings.shop
    all_orders, all_rates = run.arrow(bought), run.arrow(rates)
    refunds = returns.in_shop(run.arrow(returned), all_orders, all_rates, to=shop.currency)
    rows = bought.drop("currency_told", "customer_told")
    for facts in (
        frame(orders.due(all_orders, zone=shop.clock, whole_day=run.settings.service.promised_day)),
        frame(orders.ship_week(all_orders, zone=shop.clock)),
        frame(orders.in_shop(all_orders, all_rates, to=shop.currency)),
        orders.products(order_items),
        returns.of_orders(returned),
        returns.paid_back(frame(refunds)),
        reviews.of_orders(reviewed),
        orders.contacts(conversations),
        orders.early_contacts(conversations, bought, newest_ms=named_ms),
    ):
        rows = rows.join(facts, on="order_id", how="left")
    rows = dimensions.family(rows.with_columns(sku=nw.col("first_sku").fill_null(UNKNOWN)), catalogue)
    rows = rows.with_columns(
        *(nw.col(name).fill_null(0) for name in ("items", "contacts")),
        **{name: nw.when(any_refund).then(amount) for name, amount in returns.amounts().items()},
        cancelled=orders.cancelled(),
        delivered=nw.when(orders.deliveries_told()).then(known.present("delivered_ms")).cast(nw.Boolean),
        late=orders.late(newest_ms=reach_ms),
        **orders.spans(),
        returned=nw.when(any_return).then(known.present("first_returned_ms")).cast(nw.Boolean),
        returned_30d=nw.when(any_return).then(returns.within_window(newest_ms=returns_ms)).cast(nw.Boolean),
        contacted=nw.col("contacts_28d") > 0,
    )
    return rows.with_columns(margin_shop_minor=orders.margin()).select(*COLUMNS)
