"""What the trouble with each topic costs: working time, refunds and lost orders, each amount once, to the cent.

Everything is in whole minor units of the shop's currency. Money that did not stay with the shop is no profit lost, and
who wrote about a topic need not have had the refund because of it: amounts stand beside topics, which is no cause.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import intervals
from insight.engines.base import Frame
from insight.exchange import LARGEST, exponent
from insight.periods import Period
from insight.schema import UNASSIGNED, UNKNOWN

HANDLING, REFUND, LOST = KINDS = ("handling", "refund", "lost order")
HOUR_MS = 3_600_000
CANNOT_TELL = "cannot tell"
STEADY = 0.25
"""Costs are called steady only where the whole interval of their change lies within a quarter of what they were."""

ROW = ["kind", "topic_id", "row_id", "conversation_id", "order_id", "platform", "market", "day", "handle_ms"]
Whole = npt.NDArray[np.int64]

# ---------------------------------------------------------------- which topics


def issues(mentions: Frame, mention_topics: Frame) -> Frame:
    """One row per conversation and topic of its customer's words; 'unassigned' only where nothing fits a topic."""
    said = mentions.filter(~nw.col("conversation_id").is_null()).select("mention_id", "conversation_id")
    told = said.join(mention_topics.select("mention_id", "topic_id"), on="mention_id", how="inner")
    told = told.select("conversation_id", "topic_id").unique()
    fits = (nw.col("topic_id") != UNASSIGNED).cast(nw.Int64)
    told = told.with_columns(fits=fits).with_columns(any_fits=nw.col("fits").max().over("conversation_id"))
    return told.filter(nw.col("fits") == nw.col("any_fits")).select("conversation_id", "topic_id")


def about_orders(mentions: Frame) -> Frame:
    """What was said of an order to the shop: in contacts and with returns; a review is said to others."""
    return mentions.filter(~nw.col("order_id").is_null() & nw.col("origin").is_in(["message", "return"]))


# ---------------------------------------------------------------- rows


def handling(conversations: pd.DataFrame, issues: pd.DataFrame) -> pd.DataFrame:
    """One row per conversation and topic, with its equal part of the working time; parts add up to the millisecond.

    :param conversations: conversation_id, order_id, platform, market, day, handle_ms (whole).
    :param issues: see `issues`; a conversation without any is about 'unknown'.
    """
    rows = conversations.merge(issues, on="conversation_id", how="left")
    rows = rows.assign(topic_id=rows["topic_id"].fillna(UNKNOWN), kind=HANDLING, row_id=rows["conversation_id"])
    rows = rows.sort_values(["row_id", "topic_id"], ignore_index=True)
    share = rows.groupby("row_id")["topic_id"].transform("size").to_numpy("int64")
    place = rows.groupby("row_id").cumcount().to_numpy("int64")
    whole = rows["handle_ms"].to_numpy("int64")
    return rows.assign(handle_ms=whole // share + (place < whole % share))[ROW]


def priced(rows: pd.DataFrame, wage_per_hour: float, *, currency: str) -> pd.DataFrame:
    """Rows of working time with amount_minor: their sum is the exact cost of all, rounded once; unknown without a wage.

    Each row gets the whole minor units of its own cost; those that are missing to the sum go one each to the rows with
    the largest rests (largest remainder, or Hamilton's method), equal rests in the order of row_id and topic_id.

    :param rows: in the order of row_id and topic_id, of one period.
    :param wage_per_hour: major units, exactly as it is written.
    """
    if not wage_per_hour:
        return rows.assign(amount_minor=pd.array([None] * len(rows), "Int64"))
    rate = Fraction(repr(float(wage_per_hour))) * 10 ** exponent(currency) / HOUR_MS
    return rows.assign(amount_minor=pd.array(allotted(rows["handle_ms"].to_numpy("int64"), rate), "Int64"))


def allotted(weights: Whole, rate: Fraction) -> Whole:
    """Whole parts of weights · rate (none below 0) that add up to their sum, rounded half up; see `priced`."""
    num, den = rate.numerator, rate.denominator
    big = 2 * (int(weights.sum()) * num + den) >= LARGEST
    exact = (weights.astype(object) if big else weights) * num
    parts, rests = np.asarray(exact // den, dtype=np.int64), exact % den
    total = (2 * int(exact.sum()) + den) // (2 * den)
    nearest = np.argsort(-rests, kind="stable")[: total - int(parts.sum())]
    parts[nearest] += 1
    return parts


def refunds(paid: pd.DataFrame, main_topics: pd.DataFrame) -> pd.DataFrame:
    """One row per refund, under the main topic of its order.

    :param paid: return_id, order_id, platform, market, day, refund_shop_minor (null without a rate).
    :param main_topics: order_id, topic_id of what was said about the order.
    """
    rows = paid.rename(columns={"return_id": "row_id", "refund_shop_minor": "amount_minor"})
    return _of_orders(rows, main_topics, REFUND)


def lost(cancelled: pd.DataFrame, main_topics: pd.DataFrame) -> pd.DataFrame:
    """One row per cancelled order that was asked about, on the day of its first contact, under its main topic.

    It costs what would have been paid, less what was paid back, since that is among the refunds.

    :param cancelled: order_id, platform, market, day (of the first contact), total_shop_minor, refund_shop_minor.
    """
    left = cancelled["total_shop_minor"] - cancelled["refund_shop_minor"].fillna(0)
    rows = cancelled.assign(row_id=cancelled["order_id"], amount_minor=left.clip(lower=0))
    return _of_orders(rows, main_topics, LOST)


def _of_orders(rows: pd.DataFrame, main_topics: pd.DataFrame, kind: str) -> pd.DataFrame:
    rows = rows.merge(main_topics, on="order_id", how="left")
    rows = rows.assign(
        topic_id=rows["topic_id"].fillna(UNKNOWN),
        kind=kind,
        conversation_id=pd.array([None] * len(rows), "string"),
        handle_ms=pd.array([None] * len(rows), "Int64"),
        amount_minor=rows["amount_minor"].astype("Int64"),
    )
    return rows[[*ROW, "amount_minor"]].sort_values(["row_id", "topic_id"], ignore_index=True)


# ---------------------------------------------------------------- sums

SUMS = {
    "conversations": (HANDLING, "row_id", "count"),
    "handle_ms": (HANDLING, "handle_ms", "sum"),
    "handling_minor": (HANDLING, "amount_minor", "sum"),
    "refunds": (REFUND, "row_id", "count"),
    "refund_minor": (REFUND, "amount_minor", "sum"),
    "lost_orders": (LOST, "row_id", "count"),
    "lost_minor": (LOST, "amount_minor", "sum"),
}
"""What is added up over the rows of a topic: of which kind, which column, and how."""

PARTS = ("handling_minor", "refund_minor", "lost_minor")


def summed(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per topic and period: the sums, unpriced (rows whose amount is unknown) and squares (of the amounts).

    :param rows: rows of TOPIC_COST_ROWS.
    """
    keys = ["topic_id", "period"]
    amounts = rows["amount_minor"].fillna(0).astype("int64").astype(object)
    rows = rows.assign(amount_minor=amounts, squares=amounts * amounts, unpriced=rows["amount_minor"].isna())
    rows = rows.assign(handle_ms=rows["handle_ms"].fillna(0).astype("int64"))
    every = rows.groupby(keys)[["squares", "unpriced"]].sum()
    for name, (kind, column, how) in SUMS.items():
        every[name] = rows[rows["kind"] == kind].groupby(keys)[column].agg(how)
    every = every.fillna(0).reset_index()
    return every.astype(dict.fromkeys((*SUMS, "unpriced"), "int64") | {"squares": "float64"})


def together(sums: pd.DataFrame, *, priced: bool, comparable: bool) -> pd.DataFrame:
    """One row per topic, dearest first: the sums of this period, total_minor, the total before, interval and verdict.

    Costs come in lumps: the interval of a total, were four weeks to come again under the same conditions, is normal
    with the sum of squared amounts as its variance, as of a compound Poisson sum. Source: P. Embrechts, C. Klüppelberg
    and T. Mikosch (1997), Modelling extremal events, 1.1.

    :param sums: see `summed`.
    :param priced: a wage is told; else working time has no price, and is in no total.
    :param comparable: the data reach back over the whole period before; else nothing is said of it.
    """
    sums = sums.assign(total_minor=sums[[*PARTS]].sum(axis=1))
    now = sums[sums["period"] == "current"].drop(columns="period")
    before = sums.loc[sums["period"] == "previous", ["topic_id", *PARTS, "total_minor", "squares"]]
    before = before.rename(columns=lambda name: name if name == "topic_id" else f"previous_{name}")
    rows = now.astype({"topic_id": "object"}).merge(before.astype({"topic_id": "object"}), on="topic_id", how="outer")
    whole = [name for name in rows.columns if name not in ("topic_id", "squares", "previous_squares")]
    rows = rows.fillna(0).astype(dict.fromkeys(whole, "int64"))
    rows = rows.assign(**_judged(rows, comparable=comparable)).drop(columns=["squares", "previous_squares"])
    if not priced:
        rows[["handling_minor", "previous_handling_minor"]] = pd.NA
    if not comparable:
        rows[[f"previous_{name}" for name in (*PARTS, "total_minor")]] = pd.NA
    return rows.sort_values(["total_minor", "handle_ms", "topic_id"], ascending=[False, False, True], ignore_index=True)


def _judged(rows: pd.DataFrame, *, comparable: bool) -> dict[str, Any]:
    """Ends of the total's interval, and whether it grew."""
    total, before = rows["total_minor"].to_numpy("float64"), rows["previous_total_minor"].to_numpy("float64")
    half = intervals.Z * np.sqrt(rows["squares"].to_numpy("float64"))
    both = intervals.Z * np.sqrt((rows["squares"] + rows["previous_squares"]).to_numpy("float64"))
    change = total - before
    steady = (np.abs(change) + both <= STEADY * before) & (before > 0)
    verdicts = np.select(
        [change > both, -change > both, steady], ["growing", "shrinking", "steady"], CANNOT_TELL
    ).tolist()
    return {
        "low": np.maximum(total - half, 0.0),
        "high": total + half,
        "verdict": verdicts if comparable else CANNOT_TELL,
    }


def within(rows: pd.DataFrame, current: Period) -> pd.DataFrame:
    """The rows of the two periods, with the period's name."""
    days = pd.to_datetime(rows["day"].astype(object))
    since, until, first = (pd.Timestamp(day) for day in (current.since, current.until, current.before.since))
    rows = rows.assign(period=np.where(days >= since, "current", "previous"))
    return rows[(days >= first) & (days < until)].reset_index(drop=True)
