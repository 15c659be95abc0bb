"""What did the trouble with each topic cost, in working time, refunds and lost orders?"""

import narwhals as nw
import pandas as pd
import pyarrow as pa

from insight import clock, periods
from insight.engines.base import Frame
from insight.facts import returns, topics
from insight.marts import topic_costs
from insight.periods import Period
from insight.run import Run
from insight.schema import (
    CONVERSATION_FACTS,
    EXCHANGE_RATES,
    MENTION_TOPICS,
    MENTIONS,
    ORDER_FACTS,
    ORDERS,
    RETURNS,
    TOPIC_COST_ROWS,
    TOPIC_COSTS,
)

READS = (CONVERSATION_FACTS, MENTIONS, MENTION_TOPICS, ORDERS, ORDER_FACTS, RETURNS, EXCHANGE_RATES)
WRITES = (TOPIC_COSTS, TOPIC_COST_ROWS)

WORKED = ("conversation_id", "order_id", "platform", "market", "day")
CANCELLED = ("order_id", "platform", "market", "total_shop_minor", "refund_shop_minor")


def work(
    conversations: Frame,
    mentions: Frame,
    mention_topics: Frame,
    bought: Frame,
    order_facts: Frame,
    returned: Frame,
    rates: Frame,
    *,
    run: Run,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of each kind, and their sums by topic, over two periods that end where the shorter feed ends."""
    reaches = [
        ms for ms in (periods.newest_ms(conversations, "opened_ms"), periods.newest_ms(bought, "ordered_ms")) if ms
    ]
    current = periods.last(min(reaches, default=0), zone=run.settings.shop.clock)
    about = topics.main(topic_costs.about_orders(mentions), mention_topics, of="order_id")
    main_topics = run.pandas(about)
    paid = _paid(bought, returned, rates, run=run)
    handled = _handled(conversations, topic_costs.issues(mentions, mention_topics), current, run=run)
    parts = [
        *handled,
        topic_costs.within(topic_costs.refunds(paid, main_topics), current),
        topic_costs.within(topic_costs.lost(_cancelled(conversations, order_facts, run=run), main_topics), current),
    ]
    rows = pd.concat([part.astype({"day": "object"}) for part in parts], ignore_index=True)
    told = [conversations, *([order_facts] if periods.newest_ms(bought, "ordered_ms") else [])]
    comparable = all(periods.reaches_back(frame, current.before) for frame in told)
    wage = run.settings.money.wage_per_hour > 0
    sums = topic_costs.together(topic_costs.summed(rows), priced=wage, comparable=comparable)
    return sums.assign(since=current.since, until=current.until), rows


def _handled(conversations: Frame, issues: Frame, current: Period, *, run: Run) -> list[pd.DataFrame]:
    """Working time of either period, priced by the wage."""
    span = Period(current.before.since, current.until)
    worked = conversations.filter(periods.within(span) & (nw.col("handle_shared_ms") > 0))
    rows = run.pandas(worked.select(*WORKED, handle_ms=nw.col("handle_shared_ms")))
    parts = topic_costs.within(topic_costs.handling(rows, run.pandas(issues)), current)
    told = run.settings
    return [
        topic_costs.priced(part, told.money.wage_per_hour, currency=told.shop.currency)
        for _, part in parts.groupby("period")
    ]


def _paid(bought: Frame, returned: Frame, rates: Frame, *, run: Run) -> pd.DataFrame:
    """Refunds above 0 of known orders, with the place of the order and the day of the return."""
    back = run.arrow(returned.filter(nw.col("refund_minor") > 0))
    refunds = returns.in_shop(back, run.arrow(bought), run.arrow(rates), to=run.settings.shop.currency)
    local = clock.to_local(back["returned_ms"].to_numpy(), run.settings.shop.clock)
    days = pa.array(clock.days(local), pa.int64()).cast(pa.int32()).cast(pa.date32())
    when = run.engine.frame(pa.table({"return_id": back["return_id"], "day": days}))
    places = bought.select("order_id", "platform", "market")
    rows = run.engine.frame(refunds).join(when, on="return_id", how="inner").join(places, on="order_id", how="inner")
    return run.pandas(rows)


def _cancelled(conversations: Frame, order_facts: Frame, *, run: Run) -> pd.DataFrame:
    """Cancelled orders that were asked about, with the day of the first contact."""
    asked = conversations.filter(~nw.col("order_id").is_null()).group_by("order_id").agg(nw.col("day").min())
    lost = order_facts.filter(nw.col("cancelled")).select(*CANCELLED)
    return run.pandas(lost.join(asked, on="order_id", how="inner"))
