"""What can be seen of an order when its parcel comes, should have come, or leaves: signs of the heads that ask what the
customer will say of it or do with it.

At delivery is when the parcel came. Nobody knows of a parcel on its way that it will never come, so that an order that
has not come two days after it was due is judged then: about when shops ask for a review. Before delivery is when the
carrier got it, or when it was due. Cancelled orders are no cases, since nobody tells when they were cancelled, nor are
orders of a platform that tells no such moment of any order. Nothing later than the moment of the score counts, and each
sign tells from when on it could be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight.asof import as_of
from insight.facts.orders import CANCELLED, due
from insight.facts.reviews import BAD
from insight.risks.base import Cases, Moments, Numbers, Sign
from insight.risks.contact_signs import says
from insight.schema import (
    CONVERSATIONS,
    CUSTOMERS,
    MENTION_SENTIMENT,
    MENTIONS,
    MESSAGES,
    ORDER_ITEMS,
    ORDERS,
    RETURNS,
    REVIEWS,
    SURVEYS,
    UNKNOWN,
)
from insight.settings import Settings

READS = (
    ORDERS,
    ORDER_ITEMS,
    CUSTOMERS,
    REVIEWS,
    SURVEYS,
    RETURNS,
    CONVERSATIONS,
    MESSAGES,
    MENTIONS,
    MENTION_SENTIMENT,
)

DAY_MS = 86_400_000
WAIT_MS = 2 * DAY_MS
"""So long after it was due an order that has not come is judged."""
EARLY_MS = 5 * DAY_MS
LONG_MS = 7 * DAY_MS
"""From a week on it counts how often the time since the order has doubled."""
DOUBLINGS = 3.0
SLOW_MS = DAY_MS
"""A first reply that took longer is slow."""
ANGRY = 0.3
"""From this chance on the worst words count as negative; below it they count nothing."""
ROOM = 20.0
"""For so many ratings the usual rate speaks before a product's own does."""

DELIVERY, HAND_OVER, CAME = "at delivery", "before delivery", "at delivery, come"

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Book:
    """n orders in the order of their ids, each with the moment of its score.

    `rows` has what heads count cases by, and sku; `reviews` (by order, the first one after all) and `returns` tell
    fates; `seen_ms` is the newest moment of the data.
    """

    rows: pd.DataFrame
    signs: Mapping[str, Sign]
    reviews: pd.DataFrame
    returns: pd.DataFrame
    seen_ms: int

    @property
    def scored_ms(self) -> Moments:
        """The moments of the scores: shape (n,)."""
        return whole(self.rows["scored_ms"])


def book(*tables: pa.Table, settings: Settings, when: str) -> Book:
    """Every order that is judged at such a moment, with its signs.

    :param tables: in the order of `READS`. :param when: `DELIVERY`, `HAND_OVER`, or `CAME`: only what was delivered.
    """
    orders, items, customers, reviews, surveys, returns, talks, messages, mentions, moods = map(_columns, tables)
    dues = due(tables[0], zone=settings.shop.clock, whole_day=settings.service.promised_day).to_pandas()
    rows = orders.merge(dues.astype({"due_ms": "int64[pyarrow]"}), on="order_id", how="left")
    rows = rows[~rows["status"].str.lower().isin(CANCELLED)]
    moments = (orders["ordered_ms"], orders["shipped_ms"], orders["delivered_ms"], reviews["reviewed_ms"])
    others = (returns["returned_ms"], messages["sent_ms"], surveys["answered_ms"])
    newest = max((int(one.max()) for one in (*moments, *others) if one.notna().any()), default=0)
    rows = rows.assign(scored_ms=_moment(rows, when))
    rows = rows[rows["scored_ms"].notna() & rows["scored_ms"].le(newest).fillna(False)]
    rows = rows.merge(customers[["customer_key", "language"]], on="customer_key", how="left")
    rows = rows.merge(_bought(items), on="order_id", how="left").sort_values("order_id", ignore_index=True)
    rows["language"] = rows["language"].fillna(UNKNOWN)
    rows = rows.assign(case_id=rows["order_id"], conversation_id=pd.Series(pd.NA, rows.index, dtype="string[pyarrow]"))
    written = reviews[reviews["order_id"].notna()].assign(bad=lambda told: told["rating"].le(BAD))
    signs = _parcel(rows, when) | _ratings(rows, orders, items, written, surveys, talks)
    signs |= _contacts(rows, talks, messages, mentions.merge(moods[["mention_id", "negative"]], on="mention_id"))
    return Book(rows, signs, written, returns, newest)


def _columns(table: pa.Table) -> pd.DataFrame:
    """A table without its timestamps, which say the same as its moments."""
    kept = table.drop_columns([name for name in table.column_names if name.endswith("_at")])
    rows: pd.DataFrame = kept.to_pandas(types_mapper=pd.ArrowDtype)
    return rows


def _moment(rows: pd.DataFrame, when: str) -> pd.Series[Any]:
    """When each order is judged; null where it is not. Never before it was placed."""
    seen = rows["shipped_ms"] if when == HAND_OVER else rows["delivered_ms"]
    told = rows["platform"].isin(rows.loc[seen.notna(), "platform"])
    latest = rows["due_ms"] + (WAIT_MS if when == DELIVERY else 0)
    at = seen if when == CAME else seen.where(seen.le(latest).fillna(latest.isna()), latest)
    at = at.where(at.ge(rows["ordered_ms"]).fillna(True), rows["ordered_ms"])
    return at.where(told)


def _bought(items: pd.DataFrame) -> pd.DataFrame:
    """By order: the product of its first line, and how many products it holds."""
    rows = items.sort_values(["order_id", "line"])
    by = rows.groupby("order_id")["sku"]
    return pd.DataFrame({"sku": by.first(), "products": by.nunique()}).reset_index()


# ---------------------------------------------------------------- signs of the parcel


def _parcel(rows: pd.DataFrame, when: str) -> dict[str, Sign]:
    now, due_ms, ordered = rows["scored_ms"], rows["due_ms"], rows["ordered_ms"]
    delivered = rows["delivered_ms"].where(rows["delivered_ms"].le(now).fillna(False))
    shipped = rows["shipped_ms"].where(rows["shipped_ms"].le(now).fillna(False))
    there, sent = delivered.notna(), shipped.notna()
    over = yes(due_ms.le(now))
    late = yes(there) & yes(delivered.ge(due_ms))
    missing = ~yes(there) & over & (when == DELIVERY)
    unsent = ~yes(sent) & over
    early = yes(there) & yes((due_ms - delivered).ge(EARLY_MS))
    took = whole(delivered.fillna(now) - ordered)
    doubled = np.clip(np.log2(np.maximum(took, 1) / LONG_MS), 0, DOUBLINGS)
    several = yes(rows["products"].gt(1))
    return {
        "came_late": sign(late, delivered, delivered - due_ms),
        "not_come": sign(missing, now, now - due_ms),
        "not_sent": sign(unsent, now, now - due_ms),
        "took_long": Sign(doubled, whole(delivered.fillna(now)) * (doubled > 0), took.astype(np.float64)),
        "came_early": sign(early, delivered, due_ms - delivered),
        "several_products": sign(several, ordered, rows["products"]),
    }


# ---------------------------------------------------------------- signs of what was said before


def _ratings(
    rows: pd.DataFrame,
    orders: pd.DataFrame,
    items: pd.DataFrame,
    reviews: pd.DataFrame,
    surveys: pd.DataFrame,
    talks: pd.DataFrame,
) -> dict[str, Sign]:
    """What others had said of the product by then, and the customer of anything."""
    at = whole(rows["scored_ms"]) - 1
    bought = items[["order_id", "sku"]].drop_duplicates()
    rated = reviews[["order_id", "reviewed_ms", "bad"]].merge(bought, on="order_id")
    usual, learned = usual_of(rows["sku"], rated["sku"], rated["reviewed_ms"], rated["bad"], at)
    by_order = reviews[["order_id", "reviewed_ms", "bad"]].merge(orders[["order_id", "customer_key"]], on="order_id")
    asked = surveys.assign(bad=surveys["rating"].le(BAD)).merge(talks[["conversation_id", "customer_key"]])
    names = ["customer_key", "told_ms", "bad"]
    low = [by_order.rename(columns={"reviewed_ms": "told_ms"}), asked.rename(columns={"answered_ms": "told_ms"})]
    told = pd.concat([each.loc[yes(each["bad"]), names] for each in low], ignore_index=True)
    many, newest = count_of(rows["customer_key"], told["customer_key"], told["told_ms"], at)
    return {
        "product_disliked": Sign(np.maximum(usual, 0), learned),
        "product_liked": Sign(np.maximum(-usual, 0), learned),
        "rated_low_before": Sign((many > 0).astype(np.float64), newest, many),
    }


def usual_of(
    asked: pd.Series[Any], of: pd.Series[Any], known: pd.Series[Any], bad: Any, at: Moments, room: float = ROOM
) -> tuple[Numbers, Moments]:
    """Log-odds above the usual of what was known of a thing by a moment, drawn to 0 the more, the less was known.

    A rate is drawn to the usual one, which speaks for `room` ratings (as in a beta prior).

    :param asked: (n,) things, :param at: (n,) moments.
    :param of: (m,) the thing of each rating, :param known: (m,) since when, :param bad: (m,) whether it is bad.
    """
    mine, theirs = _numbered(asked, of)
    since, value = whole(known), yes(pd.Series(bad)).astype(np.float64)
    all_n, all_bad, newest = as_of(np.zeros_like(theirs), since, value, np.zeros_like(mine), at)
    n, own_bad, _ = as_of(theirs, since, value, mine, at)
    rate = (all_bad + 1) / (all_n + 2)
    own = (own_bad + room * rate) / (n + room)
    return np.log(own / (1 - own)) - np.log(rate / (1 - rate)), newest


def count_of(asked: pd.Series[Any], of: pd.Series[Any], known: pd.Series[Any], at: Moments) -> tuple[Numbers, Moments]:
    """How many rows of a thing were known by a moment, and the newest of them."""
    mine, theirs = _numbered(asked, of)
    n, _, newest = as_of(theirs, whole(known), np.ones(len(theirs)), mine, at)
    return n, newest


def _numbered(asked: pd.Series[Any], of: pd.Series[Any]) -> tuple[Moments, Moments]:
    """Texts of two columns as numbers, equal ones alike; a text that is not told is like no other."""
    both = pd.concat([asked.astype(object), of.astype(object)], ignore_index=True)
    codes = pd.factorize(both, sort=False)[0].astype(np.int64)
    mine, theirs = codes[: len(asked)], codes[len(asked) :]
    beyond = int(codes.max(initial=0)) + 1
    return np.where(mine < 0, beyond, mine), np.where(theirs < 0, beyond + 1, theirs)


# ---------------------------------------------------------------- signs of contacts about the order


def _contacts(rows: pd.DataFrame, talks: pd.DataFrame, messages: pd.DataFrame, said: pd.DataFrame) -> dict[str, Sign]:
    """What the customer had written about the order by then, and how it was answered."""
    now = whole(rows["scored_ms"])
    about = talks.loc[talks["order_id"].notna(), ["conversation_id", "order_id", "opened_ms"]]
    many, newest = count_of(rows["order_id"], about["order_id"], about["opened_ms"], now)
    cut = pd.DataFrame({"order_id": rows["order_id"], "place": np.arange(len(rows)), "scored_ms": rows["scored_ms"]})
    open_ms, waited, wait_ms = _waits(about.merge(cut, on="order_id"), messages, said, len(rows))
    words = said[said["origin"].eq("message") & said["conversation_id"].notna()].drop(columns="order_id")
    words = words.merge(about[["conversation_id", "order_id"]], on="conversation_id").merge(cut, on="order_id")
    words = words[words["said_ms"].le(words["scored_ms"])]
    threat = words[says("threats", words["text"], words["language"])]
    place = words["place"].to_numpy(dtype=np.int64)
    worst = _most(place, words["negative"].fillna(0.0).to_numpy(dtype=np.float64), len(rows))
    heard = _most(place, whole(words["said_ms"]), len(rows)).astype(np.int64)
    threat_ms = _most(threat["place"].to_numpy(dtype=np.int64), whole(threat["said_ms"]), len(rows)).astype(np.int64)
    return {
        "asked_about": Sign(np.log1p(many), newest, many),
        "open_question": Sign((open_ms > 0).astype(np.float64), open_ms),
        "slow_answer": Sign((wait_ms > SLOW_MS).astype(np.float64), waited, wait_ms.astype(np.float64)),
        "bad_words": Sign(np.where(worst >= ANGRY, worst, 0.0), heard),
        "threat": Sign((threat_ms > 0).astype(np.float64), threat_ms),
    }


def _waits(about: pd.DataFrame, messages: pd.DataFrame, said: pd.DataFrame, n: int) -> tuple[Moments, Moments, Moments]:
    """By order: since when its last question stands open, when the slowest first reply came, and what it took (ms)."""
    public = messages[messages["public"] & messages["author"].isin(["customer", "agent", "bot"])]
    heard = public[["conversation_id", "message_id", "seq", "author", "sent_ms"]].merge(about, on="conversation_id")
    heard = heard[heard["sent_ms"].le(heard["scored_ms"])].sort_values(["conversation_id", "seq"])
    last = heard.drop_duplicates(["conversation_id", "place"], keep="last")
    last = last[last["author"].eq("customer") & last["message_id"].isin(said["origin_id"])]
    first = heard[heard["author"].eq("customer")].drop_duplicates(["conversation_id", "place"])
    person = heard[heard["author"].eq("agent")].merge(
        first[["conversation_id", "place", "sent_ms"]].rename(columns={"sent_ms": "since_ms"}),
        on=["conversation_id", "place"],
    )
    reply = person[person["sent_ms"].ge(person["since_ms"])].drop_duplicates(["conversation_id", "place"])
    place, took = reply["place"].to_numpy(dtype=np.int64), whole(reply["sent_ms"] - reply["since_ms"])
    open_ms = _most(last["place"].to_numpy(dtype=np.int64), whole(last["sent_ms"]), n)
    return (
        open_ms.astype(np.int64),
        _most(place, whole(reply["sent_ms"]), n).astype(np.int64),
        _most(place, took, n).astype(np.int64),
    )


def _most(place: Moments, values: Any, n: int) -> Numbers:
    """The greatest value of each of n places, 0 where there is none."""
    found = np.zeros(n)
    np.maximum.at(found, place, np.asarray(values, dtype=np.float64))
    return found


# ---------------------------------------------------------------- fates, and small things


def after(rows: pd.DataFrame, told: pd.DataFrame) -> pd.Series[Any]:
    """By order the first moment after its score, null without one. :param told: order_id, told_ms."""
    both = rows[["order_id", "scored_ms"]].merge(told[["order_id", "told_ms"]], on="order_id")
    first = both[both["told_ms"].gt(both["scored_ms"])].groupby("order_id")["told_ms"].min()
    return rows["order_id"].map(first).astype("int64[pyarrow]")


def only(cases: Cases, kept: Flags) -> Cases:
    """Some of the cases."""
    told = {name: None if one.told is None else one.told[kept] for name, one in cases.signs.items()}
    signs = {name: Sign(one.values[kept], one.known_ms[kept], told[name]) for name, one in cases.signs.items()}
    return Cases(cases.rows[kept].reset_index(drop=True), signs)


def sign(values: Any, known: Any, told: Any = None) -> Sign:
    """A sign that does not apply where it is not known, and is known at any time where it does not apply."""
    applies = yes(pd.Series(values))
    moments = np.where(applies, whole(pd.Series(known)), 0)
    said = None if told is None else np.where(applies, whole(pd.Series(told)), 0).astype(np.float64)
    return Sign(applies.astype(np.float64), moments, said)


def whole(column: pd.Series[Any]) -> Moments:
    """Whole numbers, 0 where there is none."""
    return np.asarray(column.to_numpy(dtype=np.int64, na_value=0), dtype=np.int64)


def yes(mark: pd.Series[Any]) -> Flags:
    """What is not known does not apply."""
    return np.asarray(pd.Series(mark).fillna(False).to_numpy(dtype=bool), dtype=np.bool_)
