"""Do the counts close? For each stage: what came in, and where every row of it went, each with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from insight.periods import SKEW_MS
from insight.schedules import ABOUT
from insight.schema import UNASSIGNED
from insight.settings import Schedule

IN = "in"


def stage(name: str, rows_in: int, went: Mapping[str, int]) -> pd.DataFrame:
    """The rows of COUNTS for one stage; it closes when what went somewhere adds up to what came in."""
    outcomes = {IN: rows_in, **went}
    return pd.DataFrame(
        {
            "stage": name,
            "outcome": list(outcomes),
            "rows": [int(n) for n in outcomes.values()],
            "closes": rows_in == sum(went.values()),
        }
    )


def rows_read(intake: pd.DataFrame) -> pd.DataFrame:
    """What became of the rows of all files together."""
    went = {"kept": "rows_out", "left out by the mapping": "rows_skipped", "rejected": "rows_rejected"}
    return stage("rows read", int(intake["rows_in"].sum()), {said: int(intake[c].sum()) for said, c in went.items()})


def rows_kept(intake: pd.DataFrame, tables: Mapping[str, int]) -> pd.DataFrame:
    """Did every kept row arrive in the table that its file feeds?"""
    kept = intake.groupby("feeds")["rows_out"].sum()
    parts = [stage(f"kept rows of {feed}", int(kept.get(feed, 0)), {"in the table": n}) for feed, n in tables.items()]
    return pd.concat([p for p in parts if p["rows"].any()] or parts[:1], ignore_index=True)


def rows_merged(intake: pd.DataFrame, tables: Mapping[str, int], *, further: int = 0) -> pd.DataFrame:
    """Rows of files that are merged by id with what other files tell: their table has at least so many rows.

    :param further: ids that a source says are another customer; their rows are part of that customer's.
    """
    kept = intake.groupby("feeds")["rows_out"].sum()
    parts = []
    for feed, rows in tables.items():
        told, into = int(kept.get(feed, 0)), {"merged into another customer": further} if feed == "customers" else {}
        own = {"in the table, merged by id": min(told - sum(into.values()), rows)}
        parts.append(stage(f"kept rows of {feed}", told, own | {said: n for said, n in into.items() if n}))
    return pd.concat(parts, ignore_index=True)


def belonging(name: str, ids: pd.Series, known: pd.Series, *, of: str) -> pd.DataFrame:
    """Where rows belong: to something that came in too, to something that did not, or they name none."""
    found, named = ids.isin(set(known)), ids.notna()
    went = {f"{of} known": found & named, f"{of} unknown": named & ~found, f"no {of} named": ~named}
    return stage(f"{name}, {of}", len(ids), {said: int(rows.sum()) for said, rows in went.items()})


def texts(spoken: Mapping[str, pd.Series], mentions: pd.DataFrame, filtered: pd.DataFrame) -> pd.DataFrame:
    """What became of every text of a customer: it holds a mention, or each of its pieces was left out for a reason.

    :param spoken: by origin (message, review, survey, return), the ids of all texts.
    """
    parts = []
    for origin, ids in spoken.items():
        heard = set(mentions.loc[mentions["origin"] == origin, "origin_id"])
        left = filtered.loc[filtered["origin"] == origin].sort_values(["origin_id", "piece"])
        only_left = left[~left["origin_id"].isin(heard)].drop_duplicates("origin_id")
        reasons = {f"only {reason}": int(n) for reason, n in only_left["reason"].value_counts().sort_index().items()}
        parts.append(stage(f"texts of a {origin}", len(ids), {"with a mention": len(heard), **reasons}))
    return pd.concat(parts, ignore_index=True)


def mentions(rows: int, mention_topics: pd.DataFrame, sentiment: pd.DataFrame) -> pd.DataFrame:
    """What became of every mention: a topic or none yet, and a feeling or unsure."""
    unassigned = int((mention_topics["topic_id"] == UNASSIGNED).sum())
    feelings = sentiment["label"].value_counts().sort_index()
    return pd.concat(
        [
            stage("mentions, topic", rows, {"in a topic": len(mention_topics) - unassigned, UNASSIGNED: unassigned}),
            stage("mentions, sentiment", rows, {str(label): int(n) for label, n in feelings.items()}),
        ],
        ignore_index=True,
    )


def conversations(ids: pd.Series, messages: pd.DataFrame, mentions: pd.DataFrame, facts: int) -> pd.DataFrame:
    """What became of every conversation: heard, nothing to say, or no word of the customer; none vanished."""
    spoke = set(messages.loc[messages["author"] == "customer", "conversation_id"])
    heard = set(mentions["conversation_id"].dropna())
    went = {
        "with a mention": int(ids.isin(heard).sum()),
        "customer wrote nothing of substance": int((ids.isin(spoke) & ~ids.isin(heard)).sum()),
        "customer wrote nothing": int((~ids.isin(spoke)).sum()),
    }
    return pd.concat(
        [stage("conversations", len(ids), went), stage("facts of conversations", len(ids), {"with facts": facts})],
        ignore_index=True,
    )


def moods(ids: pd.Series, messages: pd.DataFrame, judged: pd.Series) -> pd.DataFrame:
    """Which conversations have a mood, and why the others have none.

    :param judged: ids of the conversations with a mood.
    """
    customer = (messages["author"] == "customer") & messages["public"]
    spoke = ids.isin(set(messages.loc[customer, "conversation_id"]))
    went = {
        "with a mood": len(judged),
        "customer wrote no words": int((spoke & ~ids.isin(set(judged))).sum()),
        "customer wrote nothing": int((~spoke).sum()),
    }
    return stage("moods of conversations", len(ids), went)


def schedules(conversations: pd.DataFrame, events: pd.DataFrame, told: Sequence[Schedule]) -> pd.DataFrame:
    """By which schedule each conversation is timed, and what became of changes of it."""
    fits = sum((_fits(conversations, schedule) for schedule in told), pd.Series(0, index=conversations.index))
    went = {
        "fit one": int((fits == 1).sum()),
        "fit several, the first counts": int((fits > 1).sum()),
        "fit none, no business time": int((fits == 0).sum()),
    }
    named = events.loc[events["kind"] == "schedule", "value"].isin([schedule.name for schedule in told])
    changes = {"to one of the settings": int(named.sum()), "to an unknown one, left out": int((~named).sum())}
    return pd.concat(
        [
            stage("conversations, schedule", len(conversations), went if told else {"no schedule told": len(fits)}),
            stage("changes of schedule", len(named), changes),
        ],
        ignore_index=True,
    )


def _fits(conversations: pd.DataFrame, schedule: Schedule) -> pd.Series:
    """1 for a conversation that a schedule is for, else 0."""
    fits = pd.Series(1, index=conversations.index)
    for column, names in ((column, getattr(schedule, told)) for column, told in ABOUT.items()):
        fits = fits * conversations[column].isin(names).astype("int64") if names else fits
    return fits


def negative_times(conversations: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """What became of times that lie before the opening: of closing, and of settling in the log."""
    settled = events.loc[events["kind"].isin(["solved", "closed"]), ["conversation_id", "occurred_ms"]]
    opened = settled.merge(conversations[["conversation_id", "opened_ms"]], on="conversation_id", how="left")
    times = {
        "closing times": conversations["closed_ms"] - conversations["opened_ms"],
        "settled in the log": opened["occurred_ms"] - opened["opened_ms"],
    }
    parts = []
    for name, took in ((name, took.astype("float64")) for name, took in times.items()):
        went = {
            "after the opening": took >= 0,
            "up to 5 minutes before it, counted as 0": (took < 0) & (took >= -SKEW_MS),
            "longer before it, unknown": took < -SKEW_MS,
            "none told": took.isna(),
        }
        parts.append(stage(name, len(took), {said: int(rows.sum()) for said, rows in went.items()}))
    return pd.concat(parts, ignore_index=True)


def answers(facts: pd.DataFrame) -> pd.DataFrame:
    """Who was answered, and why the others were not; where clocks differ, an answer may lie before its question."""
    asked, answered, spoke = facts["needs_answer"], facts["answered"], facts["agent_messages"] > 0
    went = {
        "answered": answered,
        "a person wrote, but only before the customer": asked & ~answered & spoke,
        "no person wrote": asked & ~answered & ~spoke,
        "customer wrote nothing": ~asked & ~answered,
    }
    return stage("first responses", len(facts), {said: int(rows.sum()) for said, rows in went.items()})


def log_and_status(conversations: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Does the log of changes say the same as the status of the conversation? Where they differ, the log counts."""
    rows = conversations.merge(facts[["conversation_id", "resolved"]], on="conversation_id", how="left")
    told = rows["status"].map({"resolved": True, "open": False})
    came = rows["resolved"].astype("object")
    differ = told.notna() & came.notna() & (told != came)
    went = {
        "no status told": told.isna(),
        "same in the log, or no log": told.notna() & ~differ,
        "the log differs": differ,
    }
    return stage("status and log", len(rows), {said: int(part.sum()) for said, part in went.items()})


def currencies(told: pd.Series) -> pd.DataFrame:
    """Which orders name their currency; the others are taken to be in the shop's own."""
    named = int(told.sum())
    return stage("orders, currency", len(told), {"named": named, "the shop's own assumed": len(told) - named})


def money(orders: pd.DataFrame, facts: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """Which orders name a customer, which amounts could be brought to the shop's currency, and what was paid back.

    :param orders: customer_told of every order.
    :param facts: currency, total_minor, total_shop_minor and refund_minor of every order.
    :param currency: the shop's own.
    """
    paid = facts[facts["total_minor"].notna()]
    own, rated = paid["currency"] == currency, paid["total_shop_minor"].notna()
    back = facts[facts["refund_minor"].notna()]
    refund, total = (back[name].fillna(0).astype("int64") for name in ("refund_minor", "total_minor"))
    known = back["total_minor"].notna() | (refund == 0)
    went = {
        "orders, customer": {"told": orders["customer_told"], "not told": ~orders["customer_told"]},
        "amounts, currency": {"the shop's own": own, "converted": ~own & rated, "no rate": ~own & ~rated},
        "refunds of orders": {
            "nothing": refund == 0,
            "a part": known & (refund > 0) & (refund < total),
            "all": known & (refund > 0) & (refund == total),
            "more than was paid": known & (refund > total),
            "of an unknown total": ~known,
        },
    }
    rows_in = {"amounts, currency": len(paid), "refunds of orders": len(back)}
    parts = [
        stage(name, rows_in.get(name, len(orders)), {said: int(rows.sum()) for said, rows in outcomes.items()})
        for name, outcomes in went.items()
    ]
    return pd.concat(parts, ignore_index=True)


def on_the_way(orders: pd.DataFrame) -> pd.DataFrame:
    """Of which orders it is known how long they were on the way, over shipped_ms and delivered_ms."""
    took = (orders["delivered_ms"] - orders["shipped_ms"]).dropna()
    went = {
        "known": int((took >= 0).sum()),
        "delivered before it was shipped, unknown": int((took < 0).sum()),
        "not told": len(orders) - len(took),
    }
    return stage("days on the way", len(orders), went)


def customers(orders: pd.DataFrame, facts: pd.DataFrame, bought: int) -> pd.DataFrame:
    """What became of every customer whom an order names.

    :param orders: order_id, customer_key and customer_told of every order.
    :param facts: order_id and cancelled of every order.
    :param bought: customers with facts.
    """
    named = orders[orders["customer_told"]].merge(facts[["order_id", "cancelled"]], on="order_id", how="left")
    kept = set(named.loc[~named["cancelled"].fillna(False).astype(bool), "customer_key"])
    cancelled = set(named["customer_key"]) - kept
    went = {"with facts": bought, "only cancelled orders": len(cancelled)}
    return stage("facts of customers", len(kept | cancelled), went)
