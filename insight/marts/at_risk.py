"""Who may write again about the same issue within 7 days, and is still to be helped?"""

from __future__ import annotations

import pandas as pd

from insight.periods import WEEK_MS
from insight.schema import UNKNOWN

HOUR_MS = 60 * 60 * 1000
NAMES = {"opened_ms": "last_contact_ms", "total_minor": "order_minor"}


def ranked(
    contacts: pd.DataFrame, risks: pd.DataFrame, mentions: pd.DataFrame, orders: pd.DataFrame, *, newest_ms: int
) -> pd.DataFrame:
    """The newest contact of each customer whose 7 days are not over and who is still to be helped, by probability.

    An older contact was either followed by the newest one, and so came back or moved on, or is out of its 7 days.
    Nobody is to be helped who raised no issue or whose contact has been closed. A score is not made anew after its
    moment, so who waited for a late parcel that has come since stands here no more: that reason does not hold now.

    :param contacts: conversations as in CONVERSATION_FACTS.
    :param risks: conversation_id, scored_ms, probability, reasons and reasons_zh of a return.
    :param orders: order_id, promised_ms, delivered_ms, total_minor, currency.
    :param newest_ms: the newest moment of the data.
    """
    newest = contacts.sort_values(["opened_ms", "conversation_id"]).drop_duplicates("customer_key", keep="last")
    closed, silent = newest["resolved"].fillna(False).astype(bool), newest["topic_id"].eq(UNKNOWN)
    open_ = newest[(newest["opened_ms"] + WEEK_MS > newest_ms) & ~closed & ~silent]
    rows = open_.merge(risks, on="conversation_id", how="inner", validate="one_to_one")
    rows = rows.merge(last_words(mentions), on="conversation_id", how="left", validate="one_to_one")
    rows = rows.merge(orders, on="order_id", how="left", validate="many_to_one")
    rows = rows[~_come_since(rows)]
    hours_left = (rows["opened_ms"] + WEEK_MS - newest_ms) / HOUR_MS
    rows = rows.assign(last_words=rows["last_words"].fillna(""), hours_left=hours_left).rename(columns=NAMES)
    rows = rows.sort_values(["probability", "hours_left", "customer_key"], ascending=[False, True, True])
    return rows.assign(rank=range(1, len(rows) + 1))


def by_head(risks: pd.DataFrame, head: str, *, of: str = "conversation_id") -> pd.DataFrame:
    """The newest score of one head for each conversation, or for each order."""
    rows = risks[(risks["head"] == head) & risks[of].notna()].sort_values(["scored_ms", "case_id"])
    return rows.drop_duplicates(of, keep="last")


def beside(rows: pd.DataFrame, risks: pd.DataFrame) -> pd.DataFrame:
    """The ranking with low_csat and bad_review, the risks of a low score and of a bad review, where they are known."""
    for head, of in (("low_csat", "conversation_id"), ("bad_review", "order_id")):
        chance = by_head(risks, head, of=of).set_index(of)["probability"].astype("Float64")
        rows = rows.assign(**{head: rows[of].map(chance.to_dict()).astype("Float64")})
    return rows


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """AT_RISK: who may be written to; the named first, then those for whom there was no room; nobody left alone.

    :param rows: as `flagged.named` makes them.
    """
    open_ = rows[~rows["held_out"].astype(bool)].assign(later=lambda told: ~told["listed"].astype(bool))
    found = open_.sort_values(["later", "rank"], ignore_index=True)
    return found.assign(rank=range(1, len(found) + 1))


def _come_since(rows: pd.DataFrame) -> pd.Series:
    """Whether the order was late when the contact was scored, and has been delivered since."""
    late, since = rows["promised_ms"].lt(rows["scored_ms"]), rows["delivered_ms"].gt(rows["scored_ms"])
    return (late & since).fillna(False).astype(bool)


def last_words(mentions: pd.DataFrame) -> pd.DataFrame:
    """What the customer said last in each conversation."""
    last = mentions.sort_values(["said_ms", "mention_id"]).drop_duplicates("conversation_id", keep="last")
    return last[["conversation_id", "text"]].rename(columns={"text": "last_words"})
