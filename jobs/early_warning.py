"""What got worse, where and since when, and who should look at it first?"""

import narwhals as nw
import pandas as pd

from insight import clock, emerging, periods, worsening
from insight.engines.base import Frame
from insight.facts.reviews import BAD
from insight.marts import early_warning, logistics_causes, owners, sku_fixes
from insight.marts.early_warning import AGAIN, ENDS_BAD, LOW, REPLAYED_DAYS
from insight.periods import Period, within
from insight.run import Run
from insight.schema import (
    CONVERSATION_FACTS,
    DELIVERY,
    EARLY_WARNINGS,
    ISSUE_THREADS,
    LOGISTICS_CAUSES,
    ORDER_FACTS,
    TOPIC_MAP,
    UNASSIGNED,
)
from jobs import emerging as contacts

READS = (
    *contacts.READS,
    TOPIC_MAP,
    CONVERSATION_FACTS,
    ISSUE_THREADS,
    ORDER_FACTS,
    LOGISTICS_CAUSES,
    DELIVERY,
)
WRITES = EARLY_WARNINGS

HISTORY = worsening.Rules().baseline_days + worsening.WINDOWS[-1] + REPLAYED_DAYS
PLACE = ["conversation_id", "topic_id", "market", "customer_key", "day"]


def work(
    mentions: Frame,
    mention_topics: Frame,
    topics: Frame,
    orders: Frame,
    order_items: Frame,
    topic_map: Frame,
    facts: Frame,
    threads: Frame,
    order_facts: Frame,
    causes: Frame,
    delivery: Frame,
    *,
    run: Run,
) -> pd.DataFrame:
    """Judge each of the last full days by the weeks before it, and join what means the same into one alert."""
    zone, few = run.settings.shop.clock, run.settings.privacy.min_customers
    days = periods.last(periods.newest_ms(facts, "opened_ms") or 0, zone=zone, days=HISTORY)
    series, said = contacts.heard(mentions, mention_topics, topics, orders, order_items, run=run)
    near = run.pandas(sku_fixes.near(topics, topic_map))
    rows = _outcomes(facts, threads, days, awake=_awake(topics), run=run)
    families = [early_warning.of_contacts(series, emerging.judge(series))]
    for kind, part in rows.items():
        counts = worsening.counted(part, days)
        families.append(early_warning.of_shares(kind, counts, worsening.judge(counts, days=REPLAYED_DAYS)))
    placed = run.pandas(
        order_facts.select("order_id", "customer_key", "ship_week", "late", *logistics_causes.PROPERTIES)
    )
    lanes = early_warning.affected(run.pandas(causes.filter(~nw.col("p").is_null())), placed)
    seen = early_warning.Seen(
        said,
        pd.concat([part[part["bad"]].assign(kind=kind) for kind, part in rows.items()], ignore_index=True),
        run.pandas(facts.select("conversation_id", "order_id").drop_nulls()).merge(placed, on="order_id"),
        logistics_causes.measures_of(near),
    )
    about = early_warning.About(
        families=dict(zip(near["topic_id"], near["near"], strict=True)),
        owners=owners.checked(run.settings.owners),
        later=_later(delivery, run),
        few=few,
    )
    return early_warning.warnings(families, lanes, seen, about, days.until)


def _awake(topics: Frame) -> Frame:
    """The topics that somebody works with."""
    return topics.filter(~nw.col("state").is_in(contacts.QUIET) & (nw.col("topic_id") != UNASSIGNED)).select("topic_id")


def _outcomes(facts: Frame, threads: Frame, days: Period, *, awake: Frame, run: Run) -> dict[str, pd.DataFrame]:
    """What can end badly, by kind: PLACE and bad, one row per conversation (and issue, for second contacts).

    A second contact is one about the same issue within seven days of the one before.
    """
    known = facts.filter(within(days)).join(awake, on="topic_id", how="inner")
    scored = known.filter(~nw.col("csat_rating").is_null()).select(*PLACE, bad=nw.col("csat_rating") <= BAD)
    felt = known.filter(~nw.col("turned_bad").is_null())
    felt = felt.select(*PLACE, bad=nw.col("turned_bad") & ~nw.col("recovered").fill_null(False))
    markets = facts.select("conversation_id", "market")
    contacted = threads.filter(~nw.col("kind").is_in(["thanks", "asked for"]))
    again = contacted.join(awake, on="topic_id", how="inner").join(markets, on="conversation_id", how="inner")
    again = again.with_columns(bad=(nw.col("nth") > 1) & (nw.col("gap_hours").fill_null(1e9) <= periods.WEEK * 24))
    heard = run.pandas(again.select("conversation_id", "topic_id", "market", "customer_key", "contacted_ms", "bad"))
    local = clock.days(clock.to_local(heard["contacted_ms"].to_numpy("int64"), run.settings.shop.clock))
    heard = heard.assign(day=local.astype("datetime64[D]").astype("datetime64[s]"))
    inside = (heard["day"] >= pd.Timestamp(days.since)) & (heard["day"] < pd.Timestamp(days.until))
    return {LOW: run.pandas(scored), AGAIN: heard[inside].drop(columns="contacted_ms"), ENDS_BAD: run.pandas(felt)}


def _later(delivery: Frame, run: Run) -> set[tuple[str, str]]:
    """Carriers on lanes that are surely later than the others."""
    rows = run.pandas(delivery.filter(nw.col("verdict") == "later than others").select("carrier", "lane"))
    return set(zip(rows["carrier"], rows["lane"], strict=True))
