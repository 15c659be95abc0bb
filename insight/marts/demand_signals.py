"""What do people ask for, how many of them, and do we sell it?"""

from __future__ import annotations

import pandas as pd

from insight import intervals
from insight.periods import WEEK_MS
from insight.schema import TOO_FEW


def signals(asked: pd.DataFrame, orders: pd.DataFrame, *, contacts: int, min_customers: int) -> pd.DataFrame:
    """One row per thing asked for. What fewer than `min_customers` ask for is summed in one row without words.

    :param asked: demand mentions with mention_id, asked, for_what, sku, sold, customer_key, said_ms, market, text.
    :param orders: customer_key, ordered_ms. :param contacts: conversations in the data.
    """
    rows = asked.sort_values(["said_ms", "mention_id"], ignore_index=True)
    askers = rows.groupby("asked")["customer_key"].transform("nunique")
    rows = _bought(rows, orders).assign(asked=rows["asked"].where(askers >= min_customers, TOO_FEW))
    things = [_thing(str(name), part, min_customers) for name, part in rows.groupby("asked", sort=True)]
    found = pd.DataFrame(things, columns=COLUMNS)
    low, high = intervals.poisson(found["askers"], [contacts] * len(found))
    per_1000 = 1000 * found["askers"] / contacts if contacts else None
    return found.assign(per_1000_contacts=per_1000, low=low * 1000, high=high * 1000)


COLUMNS = ["asked", "for_what", "askers", "mentions", "sold", "sku", "asked_and_bought", "markets", "quote"]


def _thing(name: str, rows: pd.DataFrame, min_customers: int) -> tuple[object, ...]:
    """One row: who asks for it, what it should go with, where, and a customer's words."""
    hidden = name == TOO_FEW
    return (
        name,
        None if hidden else _most(rows, "for_what", at_least=min_customers),
        rows["customer_key"].nunique(),
        len(rows),
        not hidden and bool(rows["sold"].any()),
        None if hidden else _most(rows[rows["sold"]], "sku"),
        rows.loc[rows["bought"], "customer_key"].nunique(),
        _by_customers(rows, "market").index.tolist(),
        None if hidden else rows["text"].iloc[-1],
    )


def _by_customers(rows: pd.DataFrame, column: str) -> pd.Series:
    """Distinct customers by value, most first, then by value."""
    counted = rows.dropna(subset=[column]).groupby(column, sort=True)["customer_key"].nunique()
    return counted.sort_values(ascending=False, kind="stable")


def _most(rows: pd.DataFrame, column: str, *, at_least: int = 1) -> object:
    """The value that most customers name, where enough name it."""
    counted = _by_customers(rows, column)
    return None if counted.empty or counted.iloc[0] < at_least else counted.index[0]


def _bought(rows: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Whether the customer's next order came within 7 days of asking; rows stay in order of said_ms."""
    following = pd.merge_asof(
        rows.astype({"said_ms": "int64", "customer_key": "object"}),
        orders.astype({"ordered_ms": "int64", "customer_key": "object"}).sort_values("ordered_ms"),
        left_on="said_ms",
        right_on="ordered_ms",
        by="customer_key",
        direction="forward",
    )
    return rows.assign(bought=(following["ordered_ms"] - following["said_ms"] < WEEK_MS).to_numpy())
