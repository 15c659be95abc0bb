"""Does the order come back for a defect: broken, of bad quality, incomplete? Within 30 days of its delivery.

Which codes of platforms mean a defect is listed in models/return_reasons.toml. Where a platform tells no return of any
order nobody could see one, nor before the first one that it tells: such orders are scored but never learned from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight.risks import order_signs, return_reasons
from insight.risks.base import CASE, FATE, Cases, Head, Moments, Numbers, Sign
from insight.risks.order_signs import DAY_MS, Book
from insight.settings import Settings

Flags = npt.NDArray[np.bool_]

WINDOW = 30.0
ROOM = 50.0
"""For so many orders the usual rate speaks before a product's own does."""
LATELY_MS = 91 * DAY_MS


def _cases(*tables: pa.Table, settings: Settings) -> Cases:
    book = order_signs.book(*tables, settings=settings, when=order_signs.CAME)
    rows, returns = book.rows, book.returns
    told = _told(rows, returns)
    defects = returns[return_reasons.of_kind(returns["reason"], return_reasons.DEFECT)]
    found = rows.assign(
        event_ms=order_signs.after(rows, defects.rename(columns={"returned_ms": "told_ms"})),
        seen_ms=book.seen_ms,
        asked=told,
        answered=told,
    )[[*CASE, *FATE]]
    return Cases(found, {**book.signs, **_history(book, defects)})


def _told(rows: pd.DataFrame, returns: pd.DataFrame) -> Flags:
    """Whether a return of the order would have been seen: not before the first one that its platform tells."""
    first = returns.merge(rows[["order_id", "platform"]], on="order_id").groupby("platform")["returned_ms"].min()
    begins = rows["platform"].map(first).to_numpy(dtype=np.float64, na_value=np.inf)
    return np.asarray(rows["scored_ms"].to_numpy(dtype=np.int64) >= begins, dtype=np.bool_)


def _history(book: Book, defects: pd.DataFrame) -> dict[str, Sign]:
    """How often the product had come back for a defect by then, and how often the customer had sent one back."""
    rows, now = book.rows, book.scored_ms - 1
    sent = defects.merge(rows[["order_id", "sku"]].rename(columns={"sku": "of"}), on="order_id")
    back, newest = _lately(rows["sku"], sent["of"], sent["returned_ms"], now)
    came, _ = _lately(rows["sku"], rows["sku"], rows["scored_ms"], now)
    one = pd.Series(0, rows.index)
    all_back, all_newest = _lately(one, pd.Series(0, sent.index), sent["returned_ms"], now)
    all_came, _ = _lately(one, one, rows["scored_ms"], now)
    usual = (all_back + 1) / (all_came + 2 * ROOM)
    above = np.where(all_back > 0, np.log((back + ROOM * usual) / (came + ROOM) / usual), 0.0)
    learned = np.maximum(newest, all_newest)
    mine = defects.merge(rows[["order_id", "customer_key"]], on="order_id")
    many, when = order_signs.count_of(rows["customer_key"], mine["customer_key"], mine["returned_ms"], now)
    return {
        "product_returned": Sign(np.maximum(above, 0), learned),
        "product_kept": Sign(np.maximum(-above, 0), learned),
        "returned_before": Sign((many > 0).astype(np.float64), when, many),
    }


def _lately(asked: pd.Series[Any], of: pd.Series[Any], known: pd.Series[Any], at: Moments) -> tuple[Numbers, Moments]:
    """How many rows of a thing were known by a moment and no longer than 91 days, and the newest of them."""
    many, newest = order_signs.count_of(asked, of, known, at)
    old, _ = order_signs.count_of(asked, of, known, at - LATELY_MS)
    return many - old, newest


HEAD = Head(
    "defect_return",
    "How likely does each order come back for a defect within 30 days of its delivery?",
    order_signs.READS,
    "risks/defect_return.toml",
    (WINDOW,),
    WINDOW,
    _cases,
)
