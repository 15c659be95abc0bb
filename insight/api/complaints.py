"""What customers complain about in any choice of places: from the mart where it holds them, else counted likewise."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import pandas as pd

from insight import periods
from insight.api.deps import IN_PLACES, Places
from insight.marts import complaints
from insight.periods import Period
from insight.published import Generation
from insight.schema import ALL, MENTIONS, ORDER_FACTS

Counted = dict[str, dict[str, Any]]
"""By topic: contacts, previous_contacts, per_100_orders, low, high, previous_per_100_orders, verdict, quote."""


def counted(generation: Generation, *, places: Places, zone: ZoneInfo, few: int) -> Counted:
    """The complaints in these places.

    :param zone: the clock of the business.
    :param few: a quote needs this many distinct customers.
    """
    if places.everywhere:
        rows = generation.rows("select * from mart.main.complaints where market = ? and sku = ?", [ALL, ALL])
    else:
        rows = _measured(generation, places=places, period=period(generation, zone=zone), few=few)
    return {row["topic_id"]: row for row in rows}


def period(generation: Generation, *, zone: ZoneInfo) -> Period:
    """The 28 days that the mart speaks of: where orders are told, they end where the shorter feed ends."""
    newest = "select least(max(said_ms), (select max(ordered_ms) from mart.main.order_facts)) from mart.main.mentions"
    [row] = generation.rows(f"select coalesce(({newest}), 0) as newest")  # `least` passes over what is null
    return periods.last(row["newest"], zone=zone)


VOICES = """
with said as (
    select m.*, t.topic_id, t.similarity, s.label, m.day >= ? as now
    from mart.main.mentions m join mart.main.mention_topics t using (mention_id)
    left join mart.main.mention_sentiment s using (mention_id)
    where m.day >= ? and m.day < ? and {places}
)
select topic_id,
    count(*) filter (now) as mentions,
    count(distinct conversation_id) filter (now and origin = 'message') as contacts,
    count(distinct conversation_id) filter (not now and origin = 'message') as previous_contacts,
    count(distinct customer_key) filter (now) as customers,
    count(*) filter (now and label = 'negative') as negative,
    count(label) filter (now) as judged,
    min_by(text, (0 - similarity, mention_id)) filter (now and topic_id <> 'unassigned') as quote
from said group by topic_id order by topic_id
"""
ORDERS = """
select count(*) filter (day >= ?) as orders, count(*) filter (day < ?) as previous_orders
from mart.main.order_facts where day >= ? and day < ? and {places}
"""


def _measured(generation: Generation, *, places: Places, period: Period, few: int) -> list[dict[str, Any]]:
    """One row per topic with a mention in either period, judged as the mart judges."""
    since, before, until = period.since, period.before.since, period.until
    voices = generation.sql(VOICES.format(places=IN_PLACES), [since, before, until, *places.bound]).to_pandas(
        types_mapper=pd.ArrowDtype
    )
    ordered = generation.rows(ORDERS.format(places=IN_PLACES), [since, since, before, until, *places.bound])[0]
    if voices.empty:
        return []
    comparable = _reach_back(generation, period.before)
    judged = complaints.judged(voices.assign(**ordered), min_customers=few, comparable=comparable)
    rows = judged.astype(object).where(judged.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _reach_back(generation: Generation, period: Period) -> bool:
    """Messages are told over the whole period, and orders too where there are any."""
    messages = generation.frame(MENTIONS).filter(nw.col("origin") == "message")
    orders = generation.frame(ORDER_FACTS)
    told = [messages] if periods.newest_ms(orders, "ordered_ms") is None else [messages, orders]
    return all(periods.reaches_back(frame, period) for frame in told)
