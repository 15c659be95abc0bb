"""Which of the customers who are worth most wait for us, or went away unhappy?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insight.facts.reviews import BAD
from insight.marts.at_risk import last_words
from insight.periods import DAY_MS
from insight.schema import HIGH_VALUE

TOP = 0.9
"""Who is worth more than nine of ten customers."""
KNOWN = 0.5
"""The margin counts where it is known of so many customers; else what they paid."""
OPEN_MS, UNHAPPY_MS = 14 * DAY_MS, 60 * DAY_MS
"""A contact that is not closed counts as open for two weeks; an unhappy end is worth a word for two months."""
NAMES = [name for name in HIGH_VALUE.arrow.names if not name.endswith("_at")]


def valued(customers: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The most valuable tenth: customer_key, value_minor, least_minor, orders, last_ordered_ms; and what is measured.

    :param customers: CUSTOMER_FACTS. Whose value is unknown is in no tenth.
    """
    margin = customers["lifetime_margin_minor"]
    measured = "margin" if len(margin) and margin.notna().mean() >= KNOWN else "revenue"
    rows = customers.assign(value_minor=customers[f"lifetime_{measured}_minor"]).dropna(subset=["value_minor"])
    if rows.empty:
        return rows.assign(least_minor=0)[
            ["customer_key", "value_minor", "least_minor", "orders", "last_ordered_ms"]
        ], measured
    worth = rows["value_minor"].astype("int64")
    least = int(np.quantile(worth.to_numpy(), TOP, method="higher"))
    top = rows[(worth >= least) & (worth > 0)].assign(least_minor=least)
    return top[["customer_key", "value_minor", "least_minor", "orders", "last_ordered_ms"]], measured


def listed(
    contacts: pd.DataFrame,
    customers: pd.DataFrame,
    reviews: pd.DataFrame,
    mentions: pd.DataFrame,
    chances: pd.DataFrame,
    held: set[str],
    *,
    newest_ms: int,
) -> pd.DataFrame:
    """HIGH_VALUE: the newest contact of each, if it is open or went badly, or if a bad review came after the order.

    :param contacts: conversations as in CONVERSATION_FACTS. :param reviews: customer_key, reviewed_ms, rating.
    :param chances: conversation_id, probability of a return. :param held: customers who are left alone by lot.
    """
    newest = contacts.sort_values(["opened_ms", "conversation_id"]).drop_duplicates("customer_key", keep="last")
    top, measured = valued(customers)
    rows = newest.merge(top[~top["customer_key"].isin(held)], on="customer_key", how="inner")
    since = newest_ms - rows["opened_ms"].astype("int64")
    bad = set(
        reviews[(reviews["rating"] <= BAD) & (reviews["reviewed_ms"] > newest_ms - UNHAPPY_MS)]["customer_key"].dropna()
    )
    soured = _yes(rows["turned_bad"]) & ~_yes(rows["recovered"])
    low = (rows["csat_rating"].astype("Float64") <= BAD).fillna(False).to_numpy(bool)
    recent = (since <= UNHAPPY_MS).to_numpy(bool)
    signs = {
        "open contact": ~_yes(rows["resolved"]) & (since <= OPEN_MS).to_numpy(bool),
        "ended badly": soured & recent,
        "low score": low & recent,
        "bad review": rows["customer_key"].isin(bad).to_numpy(bool),
    }
    why = [[sign for sign, yes in signs.items() if yes[n]] for n in range(len(rows))]
    rows = rows.assign(why=pd.Series(why, index=rows.index, dtype=object), measured=measured)
    rows = rows[rows["why"].map(len).astype(int) > 0]
    rows = rows.merge(last_words(mentions), on="conversation_id", how="left")
    rows = rows.merge(chances, on="conversation_id", how="left").rename(columns={"opened_ms": "last_contact_ms"})
    rows = rows.assign(last_words=rows["last_words"].fillna(""), answered=_yes(rows["answered"]))
    rows = rows.sort_values(["value_minor", "customer_key"], ascending=[False, True], ignore_index=True)
    return rows.assign(rank=range(1, len(rows) + 1))[NAMES]


def _yes(column: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """What is surely so; unknown is not."""
    return column.fillna(False).to_numpy(bool)
