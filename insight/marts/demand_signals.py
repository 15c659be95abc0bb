"""What do people ask for, how many of them, and do we sell it? And who asked?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insight import intervals
from insight.facts.orders import CANCELLED
from insight.periods import WEEK_MS
from insight.schema import TOO_FEW
from insight.shrinkage import prior, shrunk


def signals(asked: pd.DataFrame, orders: pd.DataFrame, *, contacts: int, min_customers: int) -> pd.DataFrame:
    """One row per thing asked for. What fewer than `min_customers` ask for is summed in one row without words.

    Rates are shrunk towards what is usual for a thing (`shrunk`), and `low` … `high` are the ends of that rate; the row
    of all that too few ask for is no thing and has no such rate, its ends are those of its count alone.

    :param asked: demand mentions with mention_id, asked, for_what, sku, sold, customer_key, said_ms, market, text.
    :param orders: customer_key, ordered_ms. :param contacts: conversations in the data.
    """
    rows = asked.sort_values(["said_ms", "mention_id"], ignore_index=True)
    askers = rows.groupby("asked")["customer_key"].transform("nunique")
    usual = prior(rows.groupby("asked")["customer_key"].nunique(), contacts)
    rows = _bought(rows, orders).assign(asked=rows["asked"].where(askers >= min_customers, TOO_FEW))
    things = [_thing(str(name), part, min_customers) for name, part in rows.groupby("asked", sort=True)]
    found = pd.DataFrame(things, columns=COLUMNS)
    rate = shrunk(found["askers"], contacts, usual)
    low, high = intervals.poisson(found["askers"], [contacts] * len(found))
    hidden = (found["asked"] == TOO_FEW).to_numpy()
    return found.assign(
        per_1000_contacts=1000 * found["askers"] / contacts if contacts else None,
        shrunk=np.where(hidden, np.nan, 1000 * rate.mean),
        low=1000 * np.where(hidden, low, rate.low),
        high=1000 * np.where(hidden, high, rate.high),
    )


AUDIENCE = [
    "customer_key",
    "asked",
    "times_asked",
    "last_asked_ms",
    "orders",
    "value_minor",
    "currency",
    "other_currencies",
    "bought_after",
    "may_market",
]


def audience(asked: pd.DataFrame, orders: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and thing asked for: who asked, how often, and what the customer is worth so far.

    `value_minor` sums the orders in the currency that the customer paid in most often, those in others are named in
    `other_currencies`; cancelled orders, and for the sum those without a total, are left out. `bought_after`: any such
    order was placed after the thing was last asked for. `may_market` is None where no consent is told. Most valuable
    first within a currency, currencies by their number of customers.

    :param asked: demand mentions with customer_key, asked, said_ms.
    :param orders: customer_key, ordered_ms, currency, total_minor, status. :param customers: customer_key, may_market.
    """
    rows = asked.groupby(["customer_key", "asked"], sort=True, as_index=False).agg(
        times_asked=("said_ms", "size"), last_asked_ms=("said_ms", "max")
    )
    kept = orders[~orders["status"].str.lower().isin(CANCELLED) & orders["customer_key"].isin(rows["customer_key"])]
    paid = kept.groupby(["customer_key", "currency"], sort=True, as_index=False).agg(
        orders=("ordered_ms", "size"), value_minor=("total_minor", "sum")
    )
    paid = paid.sort_values(["orders", "currency"], ascending=[False, True], kind="stable")
    others = {key: " ".join(sorted(part["currency"].iloc[1:])) for key, part in paid.groupby("customer_key")}
    last = kept.groupby("customer_key")["ordered_ms"].max()
    consent = customers.set_index("customer_key")["may_market"]
    found = rows.merge(paid.drop_duplicates("customer_key"), on="customer_key", how="left")
    keys = found["customer_key"]
    found = found.assign(
        orders=found["orders"].fillna(0).astype("int64"),
        value_minor=found["value_minor"].fillna(0).astype("int64"),
        currency=found["currency"].astype(object).where(found["currency"].notna(), ""),
        other_currencies=pd.Series([others.get(key, "") for key in keys], dtype=object),
        bought_after=[last.get(key, 0) > asked_ms for key, asked_ms in zip(keys, found["last_asked_ms"], strict=True)],
        may_market=pd.Series([None if pd.isna(told := consent.get(key)) else bool(told) for key in keys], dtype=object),
    )
    size = found.groupby("currency")["customer_key"].transform("size").where(found["currency"] != "", 0)
    order = found.assign(size=size).sort_values(
        ["asked", "size", "currency", "value_minor", "customer_key"], ascending=[True, False, True, False, True]
    )
    return order[AUDIENCE].reset_index(drop=True)


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
