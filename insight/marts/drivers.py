"""Which topics go with satisfaction, returns, bad reviews and second purchases, and what they come to over all?

A topic counts only where it was known before the outcome: what was said in a conversation until its survey was
answered, what was said about an order until it was sent back, reviewed, or followed by another one. The words of the
survey, return or review itself are the outcome, no driver of it.

What takes time must not be held against those who had less of it. Whether an order comes back is therefore judged from
the moment at which something new is said about it, beside orders of which nothing had been said and nothing had come
back at such a moment: each order is drawn one, from the times at which customers write. Comparing everybody who ever
wrote with everybody who never did would make every topic look harmless, since who writes on day 10 has already kept the
order until then. Source: Z. Zhou, E. Rahme, M. Abrahamowicz and L. Pilote (2005), Survival bias associated with
time-to-treatment initiation in drug effectiveness evaluation, American Journal of Epidemiology 162.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import drivers
from insight.drivers import Mentioned, Scale
from insight.facts.returns import WINDOW_MS as RETURN_MS
from insight.facts.reviews import BAD
from insight.periods import DAY_MS
from insight.schema import DRIVERS, UNASSIGNED, UNKNOWN

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

SHOWN = ("live", "new", "candidate")
"""Topics that somebody works with; the others are held in the model and not told."""
MOST = 200
"""Products, agents and topics that stand by themselves, the most frequent ones; the others are one value."""
AGAIN_DAYS = 90
LATEST = 0.95
"""Of the times at which customers write about an order, the latest ones are left out: few orders are so old."""
DIGITS = 6

DAYS = (-7.0, -3.0, 0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0)
"""Where steps of delay end, in days after the promised one."""
WAITS = (60.0, 300.0, 1800.0, 7200.0, 28_800.0, 86_400.0)
"""Where steps of the wait for the first answer end, in seconds."""
AGES = (*(float(day) for day in range(1, 31)), 45.0, 60.0)
"""Where steps of age end, in days: what is left of a window of 30 days shrinks day by day."""

PLACE = ("market", "platform", "family", "sku", "order_value", "delivery", "month")
HELD_OF_CONVERSATIONS = (*PLACE, "channel", "wait", "agent", "language")
HELD_OF_ORDERS = (*PLACE, "carrier", "earlier_orders", "age")
HELD = tuple(dict.fromkeys((*HELD_OF_CONVERSATIONS, *HELD_OF_ORDERS)))
"""Confounders: what may bring both the topic and the outcome, and was so, or was decided by others, before either.

The agent and the wait come of routing and staffing, not of what a conversation is about, as far as anybody can tell.
"""
NOT_HELD = ("handling", "messages", "duration", "outcome", "mood", "escalation", "resolution", "refund", "repeat")
"""What is known and not held, since it may come of the topic itself: a topic that takes long, that sours the mood or
that brings customers back does part of its harm that way, and holding it would hide that part."""


@dataclass(frozen=True)
class Outcome:
    """What topics may go with. `others`: what a unit without its only topic would be about, see `drivers.compare`."""

    name: str
    unit: Literal["conversations", "orders"]
    scale: Scale
    better: Literal["up", "down"]


OUTCOMES = (
    Outcome("csat", "conversations", "mean", "up"),
    Outcome("low_csat", "conversations", "share", "down"),
    Outcome("bad_review", "orders", "share", "down"),
    Outcome("returned", "orders", "share", "down"),
    Outcome("repurchase", "orders", "share", "up"),
)
"""In the order in which pages show them."""


@dataclass(frozen=True)
class Cases:
    """Looks at units: `rows` has unit_id, customer_key and outcome, in a total order; `said` has row, topic_id, first.

    `population` is how many units there are (one may be looked at more than once), `left_out` how many are too young
    or gave no answer.
    """

    rows: pd.DataFrame
    said: pd.DataFrame
    factors: Mapping[str, Codes]
    population: int
    left_out: int


@dataclass(frozen=True)
class Known:
    """The tables, as `jobs.drivers` reads them, in a total order.

    Orders also have due_ms, delivered_ms, value (quarter of their currency, 0 unknown), earlier (orders of the customer
    before it, 3 at most) and heard: placed since customers are heard at all, so that nothing said of it is missing.
    """

    conversations: pd.DataFrame
    orders: pd.DataFrame
    mentions: pd.DataFrame
    surveys: pd.DataFrame
    returns: pd.DataFrame
    reviews: pd.DataFrame


def known(
    conversations: pd.DataFrame,
    order_facts: pd.DataFrame,
    orders: pd.DataFrame,
    mentions: pd.DataFrame,
    surveys: pd.DataFrame,
    returns: pd.DataFrame,
    reviews: pd.DataFrame,
) -> Known:
    """Put what is known of orders side by side, and every table in a total order."""
    told = order_facts.merge(orders, on="order_id").sort_values("order_id", ignore_index=True)
    promised = _real(told["promised_days"])
    told["due_ms"] = _real(told["ordered_ms"]) + promised * DAY_MS
    told["delivered_ms"] = _real(told["delivered_ms"])
    part = told.groupby("currency")["total_minor"].rank(pct=True).astype("float64")
    told["value"] = np.nan_to_num(np.ceil(4 * part.to_numpy("float64"))).astype(np.int64)
    told["earlier"] = told.sort_values(["ordered_ms", "order_id"]).groupby("customer_key").cumcount().clip(upper=3)
    heard_ms = _real(mentions["said_ms"]).min(initial=np.inf)
    told["heard"] = _real(told["ordered_ms"]) >= heard_ms
    return Known(
        conversations.sort_values("conversation_id", ignore_index=True),
        told,
        mentions.sort_values("mention_id", ignore_index=True),
        surveys.sort_values(["answered_ms", "survey_id"]).drop_duplicates("conversation_id", keep="last"),
        returns.sort_values(["returned_ms", "return_id"]).drop_duplicates("order_id"),
        reviews.dropna(subset=["order_id"]).sort_values(["reviewed_ms", "review_id"]).drop_duplicates("order_id"),
    )


def cases(outcome: Outcome, of: Known) -> Cases:
    """The units of an outcome, what they are about, and what is held."""
    if outcome.unit == "conversations":
        return _answered(of, low=outcome.scale == "share")
    if outcome.name == "bad_review":
        return _reviewed(of)
    return _returned(of) if outcome.name == "returned" else _bought_again(of)


def table(found: Mapping[Outcome, Cases], topics: pd.DataFrame) -> pd.DataFrame:
    """The rows of DRIVERS.

    :param topics: topic_id and state.
    """
    shown = set(topics.loc[topics["state"].isin(SHOWN), "topic_id"]) - {UNASSIGNED}
    parts = [_judged(outcome, one, shown) for outcome, one in found.items() if len(one.rows)]
    columns = list(DRIVERS.arrow.names)
    every = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return every.reindex(columns=columns)


def _judged(outcome: Outcome, of: Cases, shown: set[str]) -> pd.DataFrame:
    """One row per topic that is shown; worst first, then better ones, then what cannot be told."""
    codes, names = _often(of.said["topic_id"])
    said = Mentioned.of(of.said["row"], codes, of.said["first"])
    whose = pd.factorize(of.rows["customer_key"], sort=True)[0].astype(np.int64)
    y = of.rows["outcome"].to_numpy("float64")
    compared = drivers.compare(
        y,
        said,
        len(names),
        list(of.factors.values()),
        whose,
        scale=outcome.scale,
        others=outcome.unit == "conversations",
        population=of.population,
    )
    fields = [name for name in drivers.Drivers.__dataclass_fields__ if name in DRIVERS.arrow.names and name != "n"]
    rows = pd.DataFrame({name: getattr(compared, name) for name in fields}).round(DIGITS)
    rows = rows.assign(with_n=compared.n, topic_id=names, verdict=compared.verdicts(outcome.better))
    rows = rows[rows["topic_id"].isin(shown) & (rows["with_n"] > 0)]
    sign = 1 if outcome.better == "down" else -1
    place = rows["verdict"].map({drivers.WORSE: 0, drivers.BETTER: 1, drivers.CANNOT_TELL: 2, drivers.TOO_FEW: 3})
    rows = rows.assign(place=place, harm=-sign * rows["points"].fillna(0))
    rows = rows.sort_values(["place", "harm", "topic_id"], ignore_index=True)
    held = pd.Series([drivers.held(of.factors)] * len(rows), dtype="object")
    about = {"outcome": outcome.name, "unit": outcome.unit, "scale": outcome.scale, "better": outcome.better}
    numbers = {"n": of.population, "left_out": of.left_out, "usual": round(float(y.mean()), DIGITS)}
    return rows.assign(rank=np.arange(len(rows)) + 1, held=held, **about, **numbers)


# ---------------------------------------------------------------- conversations


def _answered(of: Known, *, low: bool) -> Cases:
    """Conversations with an answered survey; each is about its topics, or about what fits none."""
    every = of.conversations
    rows = every[every["csat_rating"].notna()].merge(of.surveys, on="conversation_id", how="left")
    rating = _real(rows["csat_rating"])
    rows = rows.assign(unit_id=rows["conversation_id"], outcome=(rating <= BAD).astype(float) if low else rating)
    words = of.mentions[of.mentions["origin"].eq("message")]
    words = words.merge(rows[["conversation_id", "answered_ms"]].assign(row=np.arange(len(rows))), on="conversation_id")
    words = words[~(_real(words["said_ms"]) > _real(words["answered_ms"]))]
    said = _fitting(words[["row", "topic_id"]].drop_duplicates(), ["row"])
    silent = np.setdiff1d(np.arange(len(rows)), said["row"])
    said = pd.concat([said, pd.DataFrame({"row": silent, "topic_id": UNASSIGNED})], ignore_index=True)
    said = said.sort_values(["row", "topic_id"], ignore_index=True).assign(first=True)
    return Cases(rows, said, _of_conversations(rows, of.orders), len(rows), len(every) - len(rows))


def _of_conversations(rows: pd.DataFrame, orders: pd.DataFrame) -> dict[str, Codes]:
    """What is held of a conversation: all of it was so, or was decided by others, before the customer judged it."""
    order = rows[["order_id"]].merge(orders, on="order_id", how="left")
    wait = np.where(rows["answered"].astype(bool), _real(rows["first_response_ms"]) / 1000, np.inf)
    return {
        **{name: _values(rows[name]) for name in ("market", "channel", "platform", "family", "sku")},
        "order_value": np.nan_to_num(_real(order["value"]), nan=5).astype(np.int64),
        "delivery": _delivery(order, _real(rows["opened_ms"])),
        "wait": _steps(wait, WAITS),
        "agent": _values(rows["agent_id"]),
        "language": _values(rows["language"]),
        "month": _months(rows["day"]),
    }


# ---------------------------------------------------------------- orders


def _reviewed(of: Known) -> Cases:
    """Orders with a review, by their first one; topics are those that were said about them before it."""
    rows = of.orders[of.orders["heard"]].merge(of.reviews[["order_id", "reviewed_ms", "rating"]], on="order_id")
    rows = rows.sort_values("order_id", ignore_index=True)
    rows = rows.assign(unit_id=rows["order_id"], outcome=(_real(rows["rating"]) <= BAD).astype(float))
    at = rows[["order_id", "reviewed_ms"]].assign(row=np.arange(len(rows)))
    words = of.mentions[of.mentions["origin"].ne("review")].merge(at, on="order_id")
    said = words.loc[_real(words["said_ms"]) < _real(words["reviewed_ms"]), ["row", "topic_id"]].drop_duplicates()
    said = _fitting(said, ["row"]).sort_values(["row", "topic_id"], ignore_index=True).assign(first=True)
    factors = _of_orders(rows, _real(rows["reviewed_ms"]))
    return Cases(rows, said, factors, len(rows), len(of.orders) - len(rows))


def _returned(of: Known) -> Cases:
    """Delivered orders that could have come back within 30 days, and have had the time to."""
    ready = of.orders[of.orders["heard"] & of.orders["returned_30d"].notna() & ~np.isnan(of.orders["delivered_ms"])]
    ready = ready.merge(of.returns[["order_id", "returned_ms"]], on="order_id", how="left")
    ends = ready["delivered_ms"].to_numpy("float64") + RETURN_MS
    ready = ready.assign(event_ms=_real(ready["returned_ms"]), ends_ms=ends)
    words = of.mentions[of.mentions["origin"].ne("return")]
    return _watched(ready, words, cap=_latest(ready, words), left_out=len(of.orders) - len(ready))


def _bought_again(of: Known) -> Cases:
    """Orders of customers that a source names: does the same customer order again within 90 days?"""
    named = of.orders[of.orders["customer_told"].astype(bool) & ~of.orders["cancelled"].eq(True).fillna(False)]
    named = named.sort_values(["customer_key", "ordered_ms", "order_id"])
    following = _real(named.groupby("customer_key")["ordered_ms"].shift(-1))
    named = named.assign(event_ms=following).sort_values("order_id", ignore_index=True)
    named = named[named["heard"]]
    cap = _latest(named, of.mentions)
    newest = _real(of.orders["ordered_ms"]).max(initial=0)
    ready = named[_real(named["ordered_ms"]) + cap + AGAIN_DAYS * DAY_MS <= newest]
    return _watched(ready.assign(ends_ms=np.nan), of.mentions, cap=cap, left_out=len(of.orders) - len(ready))


def _latest(orders: pd.DataFrame, mentions: pd.DataFrame) -> float:
    """How old orders are when something new is said about them, at most, in ms."""
    lags = _moments(orders, mentions)["lag_ms"].to_numpy("float64")
    return float(np.quantile(lags, LATEST)) if len(lags) else 0.0


def _moments(orders: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """The first time that each topic is said of each order: order_id, topic_id, at_ms (of its conversation), lag_ms.

    What is said in one conversation (or one survey, return or review) is said at its first moment.
    """
    words = mentions.merge(orders[["order_id", "ordered_ms"]], on="order_id")
    words = words.assign(said_ms=_real(words["said_ms"]), ordered_ms=_real(words["ordered_ms"]))
    words = words[words["said_ms"] >= words["ordered_ms"]]
    talk = words["conversation_id"].fillna(words["origin_id"])
    words = words.assign(talk=talk, at_ms=words.groupby(["order_id", talk])["said_ms"].transform("min"))
    first = (
        _fitting(words, ["order_id", "talk"])
        .sort_values(["at_ms", "mention_id"])
        .drop_duplicates(["order_id", "topic_id"])
    )
    first = first.sort_values(["order_id", "at_ms", "topic_id"], ignore_index=True)
    return first.assign(lag_ms=first["at_ms"] - first["ordered_ms"])[["order_id", "topic_id", "at_ms", "lag_ms"]]


def _watched(orders: pd.DataFrame, mentions: pd.DataFrame, *, cap: float, left_out: int) -> Cases:
    """A look at each order whenever a new topic is said of it, and one at a drawn moment while none is.

    An order is looked at only while its outcome has not come and can still come.

    :param orders: with event_ms (NaN: it did not come) and ends_ms (until when it counts; NaN: 90 days after the look).
    :param cap: words about older orders than this, in ms, do not count.
    """
    orders = orders.reset_index(drop=True)
    new = _moments(orders, mentions)
    new = new[new["lag_ms"] <= cap]
    looks = pd.concat([new[["order_id", "at_ms"]].drop_duplicates(), _quiet(orders, new)], ignore_index=True)
    rows = looks.merge(orders, on="order_id")
    ends = np.where(np.isnan(rows["ends_ms"]), rows["at_ms"] + AGAIN_DAYS * DAY_MS, rows["ends_ms"])
    event = rows["event_ms"].to_numpy("float64")
    open_ = ~(event <= rows["at_ms"]) & (rows["at_ms"] < ends)
    rows = rows.assign(unit_id=rows["order_id"], outcome=(event <= ends).astype(float))[open_]
    rows = rows.sort_values(["order_id", "at_ms"], ignore_index=True)
    said = (
        rows[["order_id", "at_ms"]].assign(row=np.arange(len(rows))).merge(new, on="order_id", suffixes=("", "_said"))
    )
    said = said[said["at_ms_said"] <= said["at_ms"]]
    said = said.assign(first=said["at_ms_said"] == said["at_ms"])[["row", "topic_id", "first"]]
    said = said.sort_values(["row", "topic_id"], ignore_index=True)
    return Cases(rows, said, _of_orders(rows, rows["at_ms"].to_numpy("float64")), len(orders), left_out)


def _quiet(orders: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """A moment for each order at which nothing had been said of it: order_id, at_ms.

    Its age is drawn from those at which customers write, by the hash of its id, so that it never changes.
    """
    lags = np.sort(new["lag_ms"].to_numpy("float64"))
    if not len(lags) or not len(orders):
        return pd.DataFrame({"order_id": orders["order_id"].head(0), "at_ms": pd.Series([], dtype="float64")})
    hashed = pd.util.hash_array(orders["order_id"].to_numpy(dtype=object))
    drawn = lags[np.minimum((hashed / 2**64 * len(lags)).astype(np.int64), len(lags) - 1)]
    at = _real(orders["ordered_ms"]) + drawn
    spoken = orders["order_id"].map(new.groupby("order_id")["at_ms"].min()).to_numpy("float64")
    silent: pd.DataFrame = pd.DataFrame({"order_id": orders["order_id"], "at_ms": at}).loc[~(spoken <= at)]
    return silent


def _of_orders(rows: pd.DataFrame, at: Numbers) -> dict[str, Codes]:
    """What is held of an order, as it was known at the moment of the look.

    Not the language: of customers who never wrote nobody knows it, so it would tell who is going to write.
    """
    delivered = rows["delivered_ms"].to_numpy("float64")
    came = delivered <= at
    age = _steps((at - _real(rows["ordered_ms"])) / DAY_MS, AGES)
    since = _steps((at - np.where(came, delivered, at)) / DAY_MS, AGES)
    return {
        **{name: _values(rows[name]) for name in ("market", "platform", "family", "sku", "carrier")},
        "order_value": rows["value"].to_numpy(np.int64),
        "earlier_orders": rows["earlier"].to_numpy(np.int64),
        "delivery": _delivery(rows, at),
        "age": np.where(came, len(AGES) + 2 + since, age),
        "month": _months(rows["day"]),
    }


# ---------------------------------------------------------------- values


def _fitting(said: pd.DataFrame, of: list[str]) -> pd.DataFrame:
    """Words that fit no topic count only where nothing else in the same talk fits one."""
    fits = said["topic_id"].ne(UNASSIGNED)
    alone = ~fits.groupby([said[name] for name in of]).transform("any")
    found: pd.DataFrame = said.loc[fits | alone]
    return found


def _delivery(orders: pd.DataFrame, at: Numbers) -> Codes:
    """How late the parcel is at a moment: not known, not due yet, come so early or late, or missing for so long."""
    due, delivered = _real(orders["due_ms"]), _real(orders["delivered_ms"])
    came = delivered <= at
    days = (np.where(came, delivered, at) - due) / DAY_MS
    step = _steps(days, DAYS)
    width = len(DAYS) + 2
    return np.where(np.isnan(days), 0, np.where(came, step, np.where(days < 0, width, width + step)))


def _steps(values: Any, ends: tuple[float, ...]) -> Codes:
    """0 where not known, else the number of the step, from 1 on."""
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(values), 0, 1 + np.searchsorted(ends, np.nan_to_num(values, posinf=1e18), side="left"))


def _values(told: pd.Series) -> Codes:
    """A number for each of the most frequent values, in the order of the values; one more for all others."""
    codes, _ = _often(told.astype("object").fillna(UNKNOWN))
    return codes


def _often(told: pd.Series) -> tuple[Codes, list[str]]:
    """Numbers and names of the `MOST` most frequent values, ties by name; all others are one, named UNASSIGNED."""
    values = told.astype("object")
    counts = values.value_counts()
    kept = sorted(counts.index, key=lambda name: (-counts[name], name))[:MOST]
    names = sorted(kept) + [UNASSIGNED] * (UNASSIGNED not in kept)
    place = {name: number for number, name in enumerate(names)}
    return values.map(place).fillna(place[UNASSIGNED]).to_numpy(dtype=np.int64), names


def _months(days: pd.Series) -> Codes:
    """Months of calendar days, counted from the first one."""
    months = pd.to_datetime(days.astype("object")).to_numpy("datetime64[M]").astype(np.int64)
    return np.asarray(months - months.min(), dtype=np.int64) if len(months) else months


def _real(values: Any) -> Numbers:
    """Numbers with NaN where nothing is told."""
    return np.asarray(pd.to_numeric(pd.Series(values).astype("object"), errors="coerce"), dtype=np.float64)
