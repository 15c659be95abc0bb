"""Who asked before buying and did not buy, or was unhappy and has not bought since: why, and were they answered?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insight.facts.reviews import BAD
from insight.marts.at_risk import last_words
from insight.periods import DAY_MS
from insight.schema import WIN_BACK

BACK_MS = {"asked": 60 * DAY_MS, "unhappy": 365 * DAY_MS}
"""How long after the contact somebody can still be won back."""
ASKED, UNHAPPY = "asked", "unhappy"
OWN = 3
"""Orders by which a customer's own interval is known; others are taken to buy as those who buy again do."""
NAMES = [name for name in WIN_BACK.arrow.names if not name.endswith("_at")]


def listed(
    contacts: pd.DataFrame,
    orders: pd.DataFrame,
    mentions: pd.DataFrame,
    wishes: pd.DataFrame,
    customers: pd.DataFrame,
    held: set[str],
    *,
    newest_ms: int,
    days: int,
) -> pd.DataFrame:
    """WIN_BACK: each customer once, as unhappy where both apply.

    :param contacts: conversations as in CONVERSATION_FACTS. :param orders: customer_key, ordered_ms, value_minor
        (null without a rate), not cancelled. :param wishes: conversation_id, asked, sold of what was asked for first.
    :param customers: customer_key, may_market. :param held: customers who are left alone by lot.
    :param newest_ms: how far contacts and orders both reach. :param days: within which an asker may still buy.
    """
    contacts = contacts[contacts["opened_ms"] <= newest_ms]
    both = [
        unhappy(contacts, orders, newest_ms=newest_ms),
        asked(contacts, orders, newest_ms=newest_ms, days=days),
    ]
    rows = pd.concat([part.astype(object) for part in both], ignore_index=True)
    rows = rows.drop_duplicates("customer_key", keep="first")
    rows = rows[~rows["customer_key"].isin(held)]
    rows = rows.merge(wishes.astype(object), on="conversation_id", how="left")
    rows = rows.merge(last_words(mentions).astype(object), on="conversation_id", how="left")
    rows = rows.merge(customers[["customer_key", "may_market"]].astype(object), on="customer_key", how="left")
    rows = rows.merge(_paid(orders).astype(object), on="customer_key", how="left")
    named = rows["asked"].notna()
    rows = rows.assign(
        reason=rows["asked"].where(named, "topic"),
        sold=rows["sold"].where(named, None),
        last_words=rows["last_words"].fillna(""),
        orders=rows["orders"].fillna(0).astype("int64"),
        answered=rows["answered"].fillna(False).astype(bool),
    )
    rows = rows.rename(columns={"first_response_ms": "waited_ms", "opened_ms": "last_contact_ms"})
    worth = pd.to_numeric(rows["value_minor"]).fillna(-1)
    order = rows.assign(_worth=-worth, _since=rows["days_since"].astype(float))
    order = order.sort_values(["kind", "answered", "_worth", "_since", "customer_key"], ignore_index=True)
    return order.assign(rank=order.groupby("kind").cumcount() + 1)[NAMES]


def asked(contacts: pd.DataFrame, orders: pd.DataFrame, *, newest_ms: int, days: int) -> pd.DataFrame:
    """The newest presale contact of each who has not ordered since, once the days for it are over."""
    before = contacts[contacts["presale"].fillna(False).astype(bool)]
    newest = before.sort_values(["opened_ms", "conversation_id"]).drop_duplicates("customer_key", keep="last")
    age = newest_ms - newest["opened_ms"].astype("int64")
    over = newest[(age >= days * DAY_MS) & (age <= BACK_MS[ASKED])]
    last = over["customer_key"].map(_last(orders)).fillna(-1).astype("int64")
    rows = over[last < over["opened_ms"].astype("int64")]
    since = (newest_ms - rows["opened_ms"].astype("int64")) / DAY_MS
    return rows.assign(kind=ASKED, days_since=since, usual_days=None)


def unhappy(contacts: pd.DataFrame, orders: pd.DataFrame, *, newest_ms: int) -> pd.DataFrame:
    """The newest contact of each buyer, if it went badly after the last order and the usual interval is over."""
    newest = contacts.sort_values(["opened_ms", "conversation_id"]).drop_duplicates("customer_key", keep="last")
    sour = newest["turned_bad"].fillna(False).astype(bool) & ~newest["recovered"].fillna(False).astype(bool)
    low = (newest["csat_rating"].astype("Float64") <= BAD).fillna(False).astype(bool)
    rows = newest[(sour | low) & (newest["opened_ms"] > newest_ms - BACK_MS[UNHAPPY])]
    rows = rows.assign(
        _last=rows["customer_key"].map(_last(orders)), _usual=rows["customer_key"].map(intervals(orders))
    )
    rows = rows.dropna(subset=["_last", "_usual"])
    last, usual = rows["_last"].astype("int64"), rows["_usual"].astype(float)
    since = (newest_ms - last) / DAY_MS
    gone = (last < rows["opened_ms"].astype("int64")) & (since > usual)
    rows = rows.assign(kind=UNHAPPY, days_since=since, usual_days=usual)
    return rows[gone].drop(columns=["_last", "_usual"])


def first_wish(rows: pd.DataFrame) -> pd.DataFrame:
    """What each conversation asked for first: conversation_id, asked, sold.

    :param rows: mention_id, asked, sold, conversation_id, said_ms.
    """
    first = rows.sort_values(["said_ms", "mention_id"]).drop_duplicates("conversation_id", keep="first")
    return first[["conversation_id", "asked", "sold"]]


def intervals(orders: pd.DataFrame) -> dict[str, float]:
    """After how many days each buyer usually buys again: the median of the own gaps, else of all who bought again.

    Orders of one day are one purchase. None where nobody ever bought again.
    """
    days = pd.DataFrame(
        {"customer_key": orders["customer_key"].astype(object), "day": orders["ordered_ms"].astype("int64") // DAY_MS}
    )
    days = days.drop_duplicates().sort_values(["customer_key", "day"])
    days = days.assign(gap=days.groupby("customer_key")["day"].diff())
    gaps = days.dropna(subset=["gap"])
    if gaps.empty:
        return {}
    by = gaps.groupby("customer_key")["gap"]
    own, often = by.median(), by.size()
    usual = float(np.median(gaps["gap"]))
    told = own[often >= OWN - 1]
    return {key: float(told.get(key, usual)) for key in days["customer_key"].unique()}


def _last(orders: pd.DataFrame) -> dict[str, int]:
    return {str(key): int(ms) for key, ms in orders.groupby("customer_key")["ordered_ms"].max().items()}


def _paid(orders: pd.DataFrame) -> pd.DataFrame:
    """By customer how often and how much was bought; no amount where one of them is unknown."""
    by = orders.assign(unknown=orders["value_minor"].isna()).groupby("customer_key")
    found = by.agg(orders=("ordered_ms", "size"), value_minor=("value_minor", "sum"), unknown=("unknown", "any"))
    found = found.reset_index()
    known = ~found["unknown"].astype(bool)
    return found.assign(value_minor=found["value_minor"].astype(object).where(known, None)).drop(columns="unknown")
