"""Did what was done make contacts rarer?"""

import datetime as dt

import narwhals as nw
import pandas as pd

from insight import periods, taxonomy
from insight.engines.base import Frame
from insight.marts import effects, sku_fixes
from insight.periods import Period
from insight.run import Run
from insight.schema import (
    CATALOGUE,
    EFFECT_WEEKS,
    EFFECTS,
    MENTION_TOPICS,
    MENTIONS,
    ORDER_ITEMS,
    ORDERS,
    TOPIC_MAP,
    TOPICS,
)

READS = (MENTIONS, MENTION_TOPICS, TOPICS, TOPIC_MAP, ORDERS, ORDER_ITEMS, CATALOGUE)
WRITES = (EFFECTS, EFFECT_WEEKS)


def work(
    mentions: Frame,
    mention_topics: Frame,
    topics: Frame,
    topic_map: Frame,
    orders: Frame,
    order_items: Frame,
    catalogue: Frame,
    *,
    run: Run,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every action of the register over the days that contacts and orders both tell."""
    goods = run.pandas(catalogue.select("sku", "family"))
    known = run.pandas(sku_fixes.near(topics, topic_map).join(topics.select("topic_id", "merged_into"), on="topic_id"))
    names = {
        "topic": {*known["topic_id"], *known["near"], *taxonomy.families(), *(t.topic_id for t in taxonomy.leaves())},
        "sku": {*goods["sku"], *_told(order_items, "sku", run), *_told(mentions, "sku", run)},
        "market": {*_told(orders, "market", run), *_told(mentions, "market", run)},
    }
    cases = effects.cases(run.settings.actions, known, names)
    wanted = {topic for case in cases for topic in case.topics}
    said = run.pandas(effects.spoken(mentions, mention_topics, orders, wanted))
    span = _span(mentions, orders, run=run)
    families = dict(zip(goods["sku"], goods["family"], strict=True))
    found, weeks = [], []
    for case in cases:
        counted = effects.count(
            case,
            said[said["topic_id"].isin(case.topics)],
            run.pandas(effects.sold(orders, order_items, case.by)),
            span=span,
            others=[other for other in cases if other is not case],
            families=families,
        )
        told, of_weeks = effects.row(case, counted, run.settings.promotions)
        found.append(told)
        weeks += of_weeks
    return pd.DataFrame(found, columns=EFFECTS.arrow.names), pd.DataFrame(weeks, columns=EFFECT_WEEKS.arrow.names)


def _told(frame: Frame, column: str, run: Run) -> set[str]:
    """The values of a column."""
    return set(run.arrow(frame.select(nw.col(column)).unique())[column].to_pylist())


def _span(mentions: Frame, orders: Frame, *, run: Run) -> Period:
    """The complete days that contacts tell, up to where orders end."""
    talked = mentions.filter(nw.col("origin") == "message")
    newest = [ms for ms in (periods.newest_ms(talked, "said_ms"), periods.newest_ms(orders, "ordered_ms")) if ms]
    until = periods.last(min(newest, default=0), zone=run.settings.shop.clock).until
    first = run.arrow(talked.select(nw.col("day").min()))["day"].to_pylist()
    since: dt.date = min([day for day in first if day], default=until)
    return Period(min(since, until), until)
