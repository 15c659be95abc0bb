"""Orders of a file, each at the moment at which its review is foreseen, with what was known of it then and no more.

Three moments, one score each. At delivery: when the parcel came; an order that has not come some days after the
promised moment is judged then, since nobody knows of a parcel on its way that it will never come. Before delivery: when
the carrier got it, or when it should have come, whichever was first. At the outcome: when it came at last, however
late, even where the review was written before; nobody could have used that, but those who publish figures count so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight import cells
from insight.asof import as_of
from insight.errors import SettingsError, SourceError
from insight.evaluate import base
from insight.feeds import Field

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DAY_MS = 86_400_000.0
THURSDAY = 3
"""The first day of 1970, where Monday is 0."""
DELIVERY, BEFORE, OUTCOME = "at delivery", "before delivery", "at the outcome"
MOMENTS = (DELIVERY, BEFORE, OUTCOME)

COLUMNS = {
    "order": "order_id",
    "customer": "customer_id",
    "ordered": "order_purchase_timestamp",
    "promised": "order_estimated_delivery_date",
    "shipped": "order_delivered_carrier_date",
    "delivered": "order_delivered_customer_date",
    "score": "review_score",
    "reviewed": "review_answer_timestamp",
    "product": "product_id",
    "seller": "seller_id",
    "price": "price",
    "freight": "freight_value",
}
"""Which column means what, where nobody says otherwise: as Olist writes them. `order` stands in all three files."""

TIMES = ("ordered", "promised", "shipped", "delivered")
ROOM = 10.0
"""For so many reviews the usual rate speaks before a product's or a seller's own does."""

STEPS = {
    "late_days": (-8, -4, -2, 0, 1, 2, 3, 5, 7, 10),
    "days": (7, 14, 21, 30),
    "pieces": (1, 2, 4),
    "products": (1,),
    "sellers": (1,),
}
"""Where a straight line needs a step, by sign."""


@dataclass(frozen=True)
class Orders:
    """n orders with the columns order, customer, ordered, promised, shipped, delivered, reviewed (ms, NaN where not
    told), bad (of the review that was written first), product, seller, pieces, products, sellers, price and freight.

    `unreadable` rows of the orders have no moment of the order that can be read.
    """

    rows: pd.DataFrame
    unreadable: int


def read(
    orders: Path,
    reviews: Path,
    items: Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    worst: float = 2.0,
    times: str = "iso",
    zone: str = "UTC",
) -> Orders:
    """Orders with their reviews and their lines.

    :param columns: as `COLUMNS`, those that are named otherwise. :param worst: a score up to this is bad.
    :raises SourceError: a file lacks a column, or no order can be read.
    :raises SettingsError: a column is told for something that is none of `COLUMNS`.
    """
    if strange := set(columns or {}) - set(COLUMNS):
        raise SettingsError("there is no such thing to map", came=", ".join(sorted(strange)), wanted=", ".join(COLUMNS))
    names = COLUMNS | dict(columns or {})
    form = cells.Form(times=times, zone=zone)
    told = _taken(orders, names, ("order", "customer", *TIMES))
    rows = pd.DataFrame({name: _texts(told, names, name) for name in ("order", "customer")})
    for name in TIMES:
        rows[name] = _moments(told, names, name, form)
    known = rows["ordered"].notna() & rows["order"].notna()
    found = rows[known].drop_duplicates("order")
    if not len(found):
        raise SourceError("no order can be read", where=orders.name, wanted=f"moments in {names['ordered']}")
    found = found.merge(_reviews(reviews, names, form, worst), on="order", how="left")
    found = found.merge(_lines(items, names), on="order", how="left") if items else found.assign(**_NO_LINES)
    return Orders(found.sort_values(["ordered", "order"], ignore_index=True), int((~known).sum()))


_NUMBERS = ("pieces", "products", "sellers", "price", "freight")
_NO_LINES = {"product": None, "seller": None} | dict.fromkeys(_NUMBERS, 0.0)


def _taken(path: Path, names: Mapping[str, str], wanted: tuple[str, ...]) -> pa.Table:
    table = base.whole(path)
    base.has(path, table.column_names, [names[name] for name in wanted])
    return table


def _texts(table: pa.Table, names: Mapping[str, str], name: str) -> pd.Series:
    if names[name] not in table.column_names:
        return pd.Series([None] * len(table), dtype=object)
    return pd.Series(table[names[name]].to_pylist(), dtype=object)


def _moments(table: pa.Table, names: Mapping[str, str], name: str, form: cells.Form) -> Numbers:
    found, _ = cells.typed(_array(table, names[name]), Field(name, "moment"), form)
    return np.asarray(found.to_pandas().to_numpy(dtype=np.float64, na_value=np.nan))


def _numbers(table: pa.Table, names: Mapping[str, str], name: str) -> Numbers:
    if names[name] not in table.column_names:
        return np.zeros(len(table))
    found, _ = cells.typed(_array(table, names[name]), Field(name, "number"), cells.Form())
    return np.asarray(found.to_pandas().to_numpy(dtype=np.float64, na_value=np.nan))


def _array(table: pa.Table, column: str) -> pa.Array:
    return pa.concat_arrays([pa.array([], pa.string()), *table[column].chunks])


def _reviews(path: Path, names: Mapping[str, str], form: cells.Form, worst: float) -> pd.DataFrame:
    """By order the review that was written first: when, and whether it is bad."""
    told = _taken(path, names, ("order", "score", "reviewed"))
    rows = pd.DataFrame(
        {
            "order": _texts(told, names, "order"),
            "reviewed": _moments(told, names, "reviewed", form),
            "score": _numbers(told, names, "score"),
        }
    ).dropna()
    first = rows.sort_values(["reviewed", "score"]).drop_duplicates("order")
    return first.assign(bad=first["score"] <= worst)[["order", "reviewed", "bad"]]


def _lines(path: Path, names: Mapping[str, str]) -> pd.DataFrame:
    """By order: the first line's product and seller, and how much of each."""
    told = _taken(path, names, ("order", "product"))
    rows = pd.DataFrame({name: _texts(told, names, name) for name in ("order", "product", "seller")})
    rows = rows.assign(price=_numbers(told, names, "price"), freight=_numbers(told, names, "freight"))
    by = rows[rows["order"].notna()].groupby("order")
    return by.agg(
        product=("product", "first"),
        seller=("seller", "first"),
        pieces=("product", "size"),
        products=("product", "nunique"),
        sellers=("seller", "nunique"),
        price=("price", "sum"),
        freight=("freight", "sum"),
    ).reset_index()


# ---------------------------------------------------------------- the moment, and what was known then


def moment(rows: pd.DataFrame, which: str, *, wait: float) -> Numbers:
    """When each order is judged (ms), NaN where it never is: shape (n,).

    :param which: one of `MOMENTS`. :param wait: days after the promised moment.
    """
    came, due = rows["delivered"], rows["promised"] + wait * DAY_MS
    if which == DELIVERY:
        at = np.fmin(came, due)
    elif which == BEFORE:
        at = np.fmin(rows["shipped"], rows["promised"])
    else:
        at = came.fillna(due)
    return np.asarray(np.maximum(at, rows["ordered"]), dtype=np.float64)


def signs(rows: pd.DataFrame, at: Numbers) -> pd.DataFrame:
    """What was known of each order when it was judged: (n, p) numbers. Moments after that are not known yet."""
    came, sent = (rows[name].where(rows[name] <= at) for name in ("delivered", "shipped"))
    until = came.fillna(pd.Series(at, index=rows.index))
    known = pd.DataFrame(
        {
            "not_come": came.isna(),
            "not_sent": sent.isna(),
            "late_days": (until - rows["promised"]).clip(-30 * DAY_MS, 40 * DAY_MS) / DAY_MS,
            "days": (until - rows["ordered"]).clip(0, 90 * DAY_MS) / DAY_MS,
            "days_to_hand_over": (sent.fillna(until) - rows["ordered"]).clip(0, 40 * DAY_MS) / DAY_MS,
            "days_under_way": (until - sent).fillna(0.0).clip(0, 60 * DAY_MS) / DAY_MS,
            "promised_days": (rows["promised"] - rows["ordered"]).clip(0, 60 * DAY_MS) / DAY_MS,
            "pieces": rows["pieces"],
            "products": rows["products"],
            "sellers": rows["sellers"],
            "no_lines": rows["pieces"].isna(),
            "price": np.log1p(rows["price"].clip(lower=0)),
            "freight": np.log1p(rows["freight"].clip(lower=0)),
            "weekday": (at // DAY_MS + THURSDAY) % 7,
        }
    ).astype(np.float64)
    for name in ("product", "seller"):
        known[f"{name}_rated"], known[f"{name}_reviews"] = _usual(rows, name, at)
    return known.fillna(0.0)


def _usual(rows: pd.DataFrame, of: str, at: Numbers) -> tuple[Numbers, Numbers]:
    """Log-odds of a bad review above the usual, and log of 1 + reviews, by those that were written before a moment."""
    ids = rows[of].factorize(sort=True)[0].astype(np.int64)
    asked, moments = ids, np.nan_to_num(at).astype(np.int64) - 1
    counts = rows["reviewed"].notna().to_numpy()
    written = rows["reviewed"].to_numpy()[counts].astype(np.int64)
    bad = rows["bad"].fillna(False).to_numpy(dtype=np.float64)[counts]
    all_n, all_bad, _ = as_of(np.zeros(counts.sum(), dtype=np.int64), written, bad, asked * 0, moments)
    n, mine, _ = as_of(ids[counts], written, bad, asked, moments)
    n, mine = np.where(ids >= 0, n, 0.0), np.where(ids >= 0, mine, 0.0)
    usual = (all_bad + 1.5) / (all_n + 10)
    rate = (mine + ROOM * usual) / (n + ROOM)
    return np.log(rate / (1 - rate)) - np.log(usual / (1 - usual)), np.log1p(n)


def stepped(known: pd.DataFrame) -> pd.DataFrame:
    """The same with steps, for a model of straight lines."""
    added = {f"{name} > {end}": known[name] > end for name, ends in STEPS.items() for end in ends}
    both = {
        "not_come, not_sent": known["not_come"] * known["not_sent"],
        "not_come, several": known["not_come"] * (known["pieces"] > 1),
    }
    return known.assign(**added, **both).astype(np.float64)
