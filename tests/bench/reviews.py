"""Which ideas foresee bad reviews better, and which only seem to? Run by hand: python -m tests.bench.reviews

Olist's reviews by a time split, with signs added or taken away, other moments, and two mistakes that published figures
make: the length of the review's words as a sign, which is known only once the review is there, and a random split.
Then the turns of the Chinese chats by several readings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from insight import goodness, sentiment_fit
from insight.evaluate import base, chats, review_orders, reviews
from insight.evaluate.review_orders import DELIVERY, OUTCOME, STEPS

OLIST = Path("/work/shared/data/kpi_olist")
CHATS = Path("/work/shared/data/conversations/jddc_use_zh_valid.parquet")
SHOWN = (reviews.LOGISTIC, reviews.TREES, reviews.MEAN)
HISTORY = ("product_rated", "product_reviews", "seller_rated", "seller_reviews")
LESS = ("price", "freight", "weekday", "pieces", "products", "sellers", "no_lines")

Signs = pd.DataFrame


def told(worst: float = 2.0) -> pd.DataFrame:
    """Olist's orders, with the length of what the review says."""
    rows = review_orders.read(*reviews.in_folder(OLIST), worst=worst).rows
    words = base.whole(reviews.in_folder(OLIST)[1]).to_pandas()
    length = words.assign(n=words["review_comment_message"].str.len().fillna(0)).groupby("order_id")["n"].max()
    return rows.assign(words=rows["order"].map(length).fillna(0.0))


def measured(rows: pd.DataFrame, which: str, change: Callable[[Signs, pd.DataFrame], Signs], wait: float = 2.0) -> str:
    """One line of figures."""
    at = review_orders.moment(rows, which, wait=wait)
    written = rows["reviewed"].to_numpy(dtype=np.float64)
    kept = ~np.isnan(at) & ~np.isnan(written) & ((written > at) | (which == OUTCOME))
    known = change(review_orders.signs(rows, at), rows)[kept]
    bad = rows["bad"].to_numpy(dtype=object)[kept].astype(bool)
    said = reviews._blocks(known, bad, at[kept], written[kept], OLIST)
    true = bad[said.place]
    figures = [
        f"{name} f1 {reviews.f1(true, said.flagged[name]):.3f} auc {goodness.auc(true, said.chance[name]):.3f} "
        f"ap {goodness.average_precision(true, said.chance[name]):.3f}"
        for name in SHOWN
    ]
    return f"n {len(true):,}, bad {true.mean():.3f}: " + "; ".join(figures)


def without(*names: str) -> Callable[[Signs, pd.DataFrame], Signs]:
    """Signs that say nothing."""
    return lambda signs, _: signs.assign(**dict.fromkeys(names, 0.0))


def ideas() -> None:
    """Olist."""
    rows, up_to_three = told(), told(3.0)
    lateness = [name for name in review_orders.signs(rows[:5], np.full(5, 1e12)).columns if name not in STEPS]
    print("at delivery", measured(rows, DELIVERY, without()), flush=True)
    print("- history of product and seller", measured(rows, DELIVERY, without(*HISTORY)), flush=True)
    print("- what was bought", measured(rows, DELIVERY, without(*HISTORY, *LESS)), flush=True)
    print("lateness alone", measured(rows, DELIVERY, without(*lateness, *LESS, "days")), flush=True)
    for wait in (0.0, 4.0, 7.0):
        print(f"judged {wait:g} days after the promise", measured(rows, DELIVERY, without(), wait), flush=True)
    print("at the outcome", measured(rows, OUTCOME, without()), flush=True)
    print("at the outcome, up to 3 stars", measured(up_to_three, OUTCOME, without()), flush=True)
    leak: Callable[[Signs, pd.DataFrame], Signs] = lambda signs, of: signs.assign(words=of["words"])  # noqa: E731
    print("LEAK, length of the review", measured(rows, OUTCOME, leak), flush=True)
    print("LEAK, the same, up to 3 stars", measured(up_to_three, OUTCOME, leak), flush=True)


def readings() -> None:
    """The chats, by how freely weights grow and by what is read beside the message."""
    table = base.whole(CHATS).to_pandas()
    by = table.assign(turn=table["turn"].astype(int)).sort_values(["conversation_id", "turn"])
    by["before"] = by.groupby("conversation_id")["customer_text"].shift().fillna("")
    by["reply"] = by.groupby("conversation_id")["agent_reply"].shift().fillna("")
    by = by[by["satisfaction"].notna()]
    true = chats.classes(by["satisfaction"].tolist(), "satisfaction")
    read = {
        "the message, keen 2": (by["customer_text"], 2.0),
        "the message": (by["customer_text"], chats.KEEN),
        "and the one before": (by["customer_text"] + " 【" + by["before"] + "】", chats.KEEN),
        "and the reply before": (by["customer_text"] + " 【" + by["reply"] + "】", chats.KEEN),
        "the one before alone": (by["before"], chats.KEEN),
        "the reply before alone": (by["reply"], chats.KEEN),
        "the reply after alone (not known yet)": (by["agent_reply"].fillna(""), chats.KEEN),
    }
    for name, (words, keen) in read.items():
        rows = sentiment_fit.Rows(words.tolist(), ["zh"] * len(by), true, np.ones(len(by)))
        found = sentiment_fit.held_out(rows, by["conversation_id"].tolist(), keen=keen)
        auc, right = goodness.auc(true == 0, found[:, 0]), (found.argmax(axis=1) == true).mean()
        print(
            f"{name}: auc {auc:.3f}, ap {goodness.average_precision(true == 0, found[:, 0]):.3f}, accuracy {right:.3f}"
        )


if __name__ == "__main__":
    readings() if sys.argv[1:] == ["chats"] else ideas()
