"""Which issues come up more often than the orders explain, and since when?"""

from dataclasses import replace

import pandas as pd

from insight import emerging, periods
from insight.engines.base import Frame
from insight.periods import WEEK_MS, Period
from insight.run import Run
from insight.schema import EMERGING, MENTION_TOPICS, MENTIONS, ORDER_ITEMS, ORDERS, TOPICS

READS = (MENTIONS, MENTION_TOPICS, TOPICS, ORDERS, ORDER_ITEMS)
WRITES = EMERGING

QUIET = ("muted", "merged", "retired")


def work(
    mentions: Frame, mention_topics: Frame, topics: Frame, orders: Frame, order_items: Frame, *, run: Run
) -> pd.DataFrame:
    """Judge each full day by the weeks before it.

    Topics that people have muted or put away are heard with the others, and raise no alert.
    """
    series, said = heard(mentions, mention_topics, topics, orders, order_items, run=run)
    few = run.settings.privacy.min_customers
    return emerging.table(series, emerging.judge(series), said, min_customers=few)


def heard(
    mentions: Frame, mention_topics: Frame, topics: Frame, orders: Frame, order_items: Frame, *, run: Run
) -> tuple[emerging.Series, pd.DataFrame]:
    """What is counted per topic, market, product and day, and the words that it was counted from.

    The days end where the shorter feed ends. Orders that end more than a week before the talk does are a feed that has
    stopped; they tell nothing about today, and contacts are taken for the exposure.
    """
    said_ms, ordered_ms = periods.newest_ms(mentions, "said_ms") or 0, periods.newest_ms(orders, "ordered_ms")
    stopped = ordered_ms is None or ordered_ms < said_ms - WEEK_MS
    newest = said_ms if stopped or ordered_ms is None else min(said_ms, ordered_ms)
    period = periods.last(newest, zone=run.settings.shop.clock, days=emerging.HISTORY)
    said = run.pandas(emerging.spoken(mentions, mention_topics, orders, period))
    bought = run.pandas(emerging.placed(orders, order_items, period))
    if stopped:
        bought = bought.head(0)
    if len(said):
        period = Period(max(period.since, said["day"].min()), period.until)
    return _awake(emerging.counted(said, bought, period), run.pandas(topics.select("topic_id", "state"))), said


def _awake(series: emerging.Series, topics: pd.DataFrame) -> emerging.Series:
    """The cells of topics that somebody works with; what others add to the exposure of a market stays."""
    quiet = topics.loc[topics["state"].isin(QUIET), "topic_id"]
    keep = (~series.cells["topic_id"].isin(set(quiet))).to_numpy(bool)
    return replace(
        series,
        cells=series.cells[keep].reset_index(drop=True),
        contacts=series.contacts[keep],
        customers=series.customers[:, keep],
        exposure=series.exposure[keep],
        by_orders=series.by_orders[keep],
    )
