"""Which product has which issue more than its family, does it run small or large, and what differs from its listing?

Counted over the last 91 complete days that contacts and orders both tell. A customer who writes five times about one
thing counts once: the rates are customers per 100 orders, so that one angry person is no trend.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pandas as pd

from insight import clock, intervals, listing, periods, shrinkage, size_bias
from insight.discovery import benjamini_hochberg
from insight.engines.base import Frame
from insight.intervals import Numbers
from insight.periods import Period, within
from insight.schema import UNASSIGNED, UNKNOWN

QUARTER = 91
"""Thirteen weeks: long enough for products that sell little, and every weekday counts as often."""

LEAST_ORDERS = 30
"""Below so many orders a product is shown last and nothing is said of it."""

LEAST_FAMILY = 3
"""A family of fewer products says little about how its products differ: those of the whole shop stand in."""

LEVEL = 0.05
"""Share of the products called worse than their family that may be so by chance."""

CANNOT_TELL, MORE = "cannot tell", "more than its family"
DIFFER = ("not_as_described.colour_differs", "not_as_described.differs_from_listing")
DIFFER_FAMILY = "not_as_described"


def period(mentions: Frame, orders: Frame, *, zone: ZoneInfo) -> Period:
    """The last 91 complete days, or as many as contacts and orders both reach over; none where they do not meet.

    A shop that tells no orders has its contacts counted, and no rates.
    """
    talked = mentions.filter(nw.col("origin") == "message")
    newest = [ms for ms in (periods.newest_ms(talked, "said_ms"), periods.newest_ms(orders, "ordered_ms")) if ms]
    whole = periods.last(min(newest, default=0), zone=zone, days=QUARTER)
    firsts = [day for day in (_first_day(talked), _first_day(orders)) if day]
    return Period(min(max([whole.since, *firsts]), whole.until), whole.until)


def _first_day(rows: Frame) -> dt.date | None:
    found: dt.date | None = rows.select(nw.col("day").min()).collect("pyarrow").to_native()["day"][0].as_py()
    return found


def of_days(returns: pd.DataFrame, days: Period, *, zone: ZoneInfo) -> pd.DataFrame:
    """The returns that were asked for on these days, over returned_ms."""
    day = clock.days(clock.to_local(returns["returned_ms"].to_numpy("int64"), zone))
    since, until = ((end - dt.date(1970, 1, 1)).days for end in (days.since, days.until))
    return returns[(day >= since) & (day < until)]


def near(topics: Frame, topic_map: Frame) -> Frame:
    """One row per topic: its family of the taxonomy (empty where it was found in the texts), and `near`: the same, or
    the family that it lies nearest to (empty where there is none).
    """
    rows = topics.select("topic_id", family=nw.col("family").fill_null(""))
    rows = rows.join(topic_map.select("topic_id", "parent"), on="topic_id", how="left")
    nearest = nw.when(nw.col("family") == "").then(nw.col("parent").fill_null("")).otherwise(nw.col("family"))
    return rows.with_columns(near=nearest).drop("parent")


def spoken(mentions: Frame, mention_topics: Frame, topics: Frame, topic_map: Frame, days: Period) -> Frame:
    """Mentions of these days that name a product, with topic_id, similarity, family and near; see `near`."""
    rows = mentions.filter(within(days) & (nw.col("sku") != UNKNOWN))
    rows = rows.join(mention_topics.select("mention_id", "topic_id", "similarity"), on="mention_id", how="inner")
    rows = rows.join(near(topics, topic_map), on="topic_id", how="left")
    return rows.with_columns(family=nw.col("family").fill_null(""), near=nw.col("near").fill_null(""))


def sold(orders: Frame, order_items: Frame, days: Period) -> Frame:
    """One row per product with an order in the period: orders that hold it."""
    placed = orders.filter(within(days)).select("order_id")
    lines = order_items.select("order_id", "sku").unique().join(placed, on="order_id", how="inner")
    return lines.group_by("sku").agg(nw.len().alias("orders"))


# ---------------------------------------------------------------- the matrix


COUNTED = {"message": "contacts", "return": "return_comments", "review": "reviews"}


def matrix(said: pd.DataFrame, orders: pd.DataFrame, families: pd.DataFrame, *, min_customers: int) -> pd.DataFrame:
    """One row per product and topic that anybody names with it, the surest first; see SKU_ISSUES in schema.py.

    :param said: as `spoken` gives it. :param orders: sku, orders. :param families: sku, family of the catalogue.
    """
    said = said[said["topic_id"] != UNASSIGNED]
    cells = _cells(said)
    cells = cells.merge(_plain(orders, "sku"), on="sku", how="left").merge(
        _plain(families, "sku"), on="sku", how="left"
    )
    cells["orders"] = cells["orders"].fillna(0).astype("int64")
    cells["family"] = cells["family"].astype(object).where(cells["family"].notna(), UNKNOWN)
    goods = _plain(orders, "sku").merge(_plain(families, "sku"), on="sku", how="left")
    goods["family"] = goods["family"].astype(object).where(goods["family"].notna(), UNKNOWN)
    rows = _against_family(_rates(cells, goods), goods)
    rows = rows.merge(_quotes(said), on=["sku", "topic_id"], how="left")
    shown = (rows["customers"] >= min_customers).to_numpy()
    for column in ("quote", "quote_language"):
        rows[column] = rows[column].astype(object).where(shown & rows[column].notna().to_numpy(), None)
    behind = rows["orders"] < LEAST_ORDERS
    rows = rows.assign(behind=behind, more=rows["verdict"] != MORE).sort_values(
        ["behind", "more", "low", "customers", "sku", "topic_id"], ascending=[True, True, False, False, True, True]
    )
    return rows.assign(rank=np.arange(1, len(rows) + 1)).drop(columns=["behind", "more"]).reset_index(drop=True)


def _plain(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """For a merge: pandas cannot merge empty columns of Arrow text."""
    return rows.astype(dict.fromkeys(columns, "object"))


def _cells(said: pd.DataFrame) -> pd.DataFrame:
    """One row per product and topic: contacts (conversations), customers who wrote, return comments and reviews."""
    keys = ["sku", "topic_id"]
    rows = said[said["origin"].isin(list(COUNTED))].astype(
        dict.fromkeys([*keys, "conversation_id", "origin_id"], object)
    )
    found = rows[keys].drop_duplicates().sort_values(keys, ignore_index=True)
    for origin, name in COUNTED.items():
        unit = "conversation_id" if origin == "message" else "origin_id"
        counted = rows[rows["origin"] == origin].groupby(keys)[unit].nunique().rename(name).reset_index()
        found = found.merge(counted, on=keys, how="left")
    wrote = rows[rows["origin"] == "message"].groupby(keys)["customer_key"].nunique().rename("customers").reset_index()
    found = found.merge(wrote, on=keys, how="left")
    counts = [*COUNTED.values(), "customers"]
    found[counts] = found[counts].fillna(0).astype("int64")
    return found


def _rates(cells: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    """Add the rate and its shrunk form; the prior is that of the products of the family, those without a word too."""
    exposed = cells["orders"].where(cells["orders"] > 0).astype("float64")
    found = cells.assign(per_100_orders=100 * cells["customers"] / exposed)
    seen = found.assign(x=found["customers"].where(exposed.notna(), 0), xx=found["customers"] ** 2 / exposed)
    family, whole = (_sums(goods, seen, by) for by in (["family"], []))
    usual = [np.where(family[2] >= LEAST_FAMILY, own, every) for own, every in zip(family[:2], whole[:2], strict=True)]
    rates = shrinkage.shrunk(found["customers"], found["orders"], (usual[0], usual[1]))
    return found.assign(shrunk=100 * rates.mean, low=100 * rates.low, high=100 * rates.high)


def _sums(goods: pd.DataFrame, seen: pd.DataFrame, by: list[str]) -> tuple[Numbers, Numbers, Numbers]:
    """The prior of each cell's topic among the products of its family (or all of them), and how many these are."""
    groups = seen.groupby(["topic_id", *by])
    sold = goods[goods["orders"] > 0]
    if by:
        over, things = (
            seen["family"].map(sold.groupby("family")["orders"].agg(how)).fillna(0) for how in ("sum", "size")
        )
    else:
        over, things = (pd.Series(value, index=seen.index) for value in (sold["orders"].sum(), len(sold)))
    events, squares = groups["x"].transform("sum"), groups["xx"].transform("sum")
    prior = shrinkage.priors(events, over, squares, things)
    return *prior, things.to_numpy("float64")


def _against_family(rows: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    """Add the rate of the other products of the family, how many times it is exceeded, and the verdict."""
    keys = ["topic_id", "family"]
    sums = rows.groupby(keys)["customers"].transform("sum")
    whole = goods.groupby("family")["orders"].sum()
    rows = rows.assign(
        family_customers=(sums - rows["customers"]).astype("int64"),
        family_orders=(rows["family"].map(whole).fillna(0) - rows["orders"]).astype("int64"),
    )
    x, t, y, u = (rows[c].to_numpy("float64") for c in ("customers", "orders", "family_customers", "family_orders"))
    low, high = intervals.rate_ratio(x, t, y, u)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((t > 0) & (u > 0) & (y > 0), (x / t) / (y / u), np.nan)
        usual = np.where(u > 0, 100 * y / u, np.nan)
    q = benjamini_hochberg(_chance(x, t, y, u), tests=len(goods) * rows["topic_id"].nunique())
    more = (q <= LEVEL) & (low > 1) & (t >= LEAST_ORDERS)
    return rows.assign(
        family_per_100=usual,
        ratio=ratio,
        ratio_low=low,
        ratio_high=np.where(np.isfinite(high), high, np.nan),
        q=q,
        verdict=[MORE if is_more else CANNOT_TELL for is_more in more],
    )


def _chance(x: Numbers, t: Numbers, y: Numbers, u: Numbers) -> Numbers:
    """Chance of so many customers or more, given those of the whole family, if all its products were alike."""
    from scipy.special import betainc

    known = (t > 0) & (u > 0) & (x > 0)
    share = np.where(known, t / np.where(known, t + u, 1), 0)
    found: Numbers = np.where(known, betainc(np.maximum(x, 1), y + 1, share), 1.0)
    return found


def _quotes(said: pd.DataFrame) -> pd.DataFrame:
    """The words of a contact that lie nearest to the topic's centre."""
    rows = said[said["origin"] == "message"].astype({"sku": object, "topic_id": object})
    rows = rows.sort_values(["similarity", "mention_id"], ascending=[False, True])
    best = rows.drop_duplicates(["sku", "topic_id"])
    return best[["sku", "topic_id", "text", "language"]].rename(columns={"text": "quote", "language": "quote_language"})


# ---------------------------------------------------------------- small or large


def sizes(
    said: pd.DataFrame,
    returns: pd.DataFrame,
    orders: pd.DataFrame,
    families: pd.DataFrame,
    *,
    told: bool,
    min_customers: int,
) -> pd.DataFrame:
    """One row per product of whose size anybody speaks, the surest first; see SIZE_BIAS in schema.py.

    :param said: as `spoken` gives it. :param returns: sku, order_id, customer_key, reason of the period's returns.
    :param orders: sku, orders. :param families: sku, family. :param told: any return is told at all.
    """
    goods = _plain(orders, "sku")
    words = size_bias.spoken(said)
    voices = size_bias.voices([words, size_bias.returned(returns)])
    back = returns.astype({"sku": object}).groupby("sku").size()
    goods = goods.assign(returns=goods["sku"].map(back).fillna(0).astype("int64"))
    found = size_bias.meter(voices, goods).merge(_plain(families, "sku"), on="sku", how="left")
    found["family"] = found["family"].astype(object).where(found["family"].notna(), UNKNOWN)
    found["returns"] = found["returns"].fillna(0).astype("Int64") if told else None
    leaning = words.merge(found[["sku", "balance"]], on="sku")
    side = leaning["direction"] == np.where(leaning["balance"] > 0, size_bias.LARGE, size_bias.SMALL)
    newest = leaning[side].sort_values(["said_ms", "mention_id"]).drop_duplicates("sku", keep="last")
    newest = newest[["sku", "text", "language"]].rename(columns={"text": "quote", "language": "quote_language"})
    found = found.merge(newest, on="sku", how="left")
    speakers = found["sku"].map(leaning[side].groupby("sku")["customer_key"].nunique()).fillna(0)
    for column in ("quote", "quote_language"):
        shown = (speakers >= min_customers) & found[column].notna()
        found[column] = found[column].astype(object).where(shown, None)
    return found.sort_values("rank", ignore_index=True)


# ---------------------------------------------------------------- what differs from the listing


OTHERWISE, SILENT, NO_LISTING = "says otherwise", "says nothing", "no listing"


def gaps(said: pd.DataFrame, catalogue: pd.DataFrame, orders: pd.DataFrame, *, min_customers: int) -> pd.DataFrame:
    """One row per product and attribute that customers say differs; see LISTING_GAPS in schema.py.

    :param said: as `spoken` gives it; every origin counts, a customer once.
    :param catalogue: sku, listing. :param orders: sku, orders.
    """
    differ = said["topic_id"].isin(DIFFER) | ((said["family"] == "") & (said["near"] == DIFFER_FAMILY))
    rows = _named(said[differ].sort_values(["said_ms", "mention_id"]))
    told = {sku: listing.promises(text) for sku, text in _listings(catalogue).items()}
    found = [
        _gap(str(sku), str(attribute), part, told.get(str(sku)), min_customers)
        for (sku, attribute), part in rows.groupby(["sku", "attribute"], sort=True)
    ]
    out = pd.DataFrame(found, columns=GAP)
    sums = orders.astype({"sku": object}).set_index("sku")["orders"]
    out["orders"] = out["sku"].map(sums).fillna(0).astype("int64")
    out = _gap_rates(out, sums)
    behind = (out["orders"] < LEAST_ORDERS) | (out["customers"] < min_customers)
    rank = out["verdict"].map({OTHERWISE: 0, SILENT: 1}).fillna(2)
    out = out.assign(behind=behind, place=rank).sort_values(
        ["behind", "place", "low", "customers", "sku", "attribute"], ascending=[True, True, False, False, True, True]
    )
    return out.assign(rank=np.arange(1, len(out) + 1)).drop(columns=["behind", "place"]).reset_index(drop=True)


GAP = [
    "sku",
    "attribute",
    "customers",
    "mentions",
    "said",
    "promised",
    "sentence",
    "verdict",
    "quote",
    "quote_language",
]


def _listings(catalogue: pd.DataFrame) -> dict[str, str]:
    known = catalogue[catalogue["listing"].notna()]
    return {str(sku): str(text) for sku, text in zip(known["sku"], known["listing"], strict=True) if str(text).strip()}


def _named(said: pd.DataFrame) -> pd.DataFrame:
    """One row per mention and attribute that it names, with the values."""
    rows = [
        (sku, attribute, values, customer, text, language)
        for sku, customer, text, language in zip(
            said["sku"], said["customer_key"], said["text"], said["language"], strict=True
        )
        for attribute, values in listing.of_customer(text, language).values.items()
    ]
    return pd.DataFrame(rows, columns=["sku", "attribute", "values", "customer_key", "text", "language"])


def _gap(
    sku: str, attribute: str, part: pd.DataFrame, promised: dict[str, listing.Promise] | None, min_customers: int
) -> tuple[object, ...]:
    """One row: who says it, what they name, what the listing says, and the newest words that name a value."""
    customers = part["customer_key"].nunique()
    promise = (promised or {}).get(attribute)
    kept = promise.values if promise else ()
    pairs = part.explode("values").dropna(subset=["values"]).drop_duplicates(["customer_key", "values"])
    counted = pairs[~pairs["values"].isin(kept)].groupby("values", sort=True).size()
    said = counted.sort_values(ascending=False, kind="stable").index.tolist()
    shown = customers >= min_customers
    sure = bool(kept) and pairs[~pairs["values"].isin(kept)]["customer_key"].nunique() >= min_customers
    verdict = NO_LISTING if promised is None else SILENT if promise is None else OTHERWISE if sure else CANNOT_TELL
    best = part[part["values"].map(lambda values: bool(set(values) - set(kept)))]
    words = (best if len(best) else part).iloc[-1]
    return (
        sku,
        attribute,
        customers,
        len(part),
        said if shown else [],
        list(kept),
        promise.sentence if promise else None,
        verdict,
        words["text"] if shown else None,
        words["language"] if shown else None,
    )


def _gap_rates(out: pd.DataFrame, orders: pd.Series) -> pd.DataFrame:
    """Customers per 100 orders, shrunk towards the other products' with the same attribute."""
    ends = {name: np.full(len(out), np.nan) for name in ("per_100_orders", "low", "high")}
    for _, place in out.groupby("attribute").indices.items():
        rows = out.iloc[place]
        mine = rows.set_index("sku")["customers"]
        usual = shrinkage.prior(orders.index.to_series().map(mine).fillna(0), orders)
        rates = shrinkage.shrunk(rows["customers"], rows["orders"], usual)
        for name, values in zip(ends, rates, strict=True):
            ends[name][place] = 100 * values
    return out.assign(**ends)
