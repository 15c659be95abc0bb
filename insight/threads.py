"""Conversations to issue threads: who wrote again about the same thing, on any channel.

A *contact* is one conversation in which a customer wrote about one issue (topic), from the first such words on. Two
contacts of one customer belong to the same thread when

- they are about the same order and the same issue, however much time lies between, or
- they are about the same issue, at most 30 days after the thread's customer last wrote about it, and at most one of
  the two sides names an order (two different orders are two different cases).

A contact that names no order continues the latest case of its issue; a contact that names an order for the first time
continues a case that has none yet. What fits no topic is `unassigned`: nobody knows that two such contacts are about
the same thing, so only the same order joins them.

Only what came before decides: later contacts never change an earlier one's thread, number or predecessor, so that a
score may use them as of its moment. Replies inside one conversation are no new contact, and a conversation without
mentions ("thanks, bye") is none at all.
"""

from __future__ import annotations

import pandas as pd

from insight.schema import UNASSIGNED

WINDOW_MS = 30 * 86_400_000
HOUR_MS = 3_600_000
CASE = ["customer_key", "topic_id"]


def issue_threads(mentions: pd.DataFrame, topics: pd.DataFrame, conversations: pd.DataFrame) -> pd.DataFrame:
    """Rows of issue_threads, from mentions, mention_topics and conversations."""
    found = contacts(mentions, topics, conversations)
    found["case"] = _cases(found)
    found = found.sort_values(["case", "contacted_ms", "conversation_id"], ignore_index=True)
    thread = found.groupby("case", sort=False)
    before = thread[["conversation_id", "contacted_ms", "order_id"]].shift()
    return found.assign(
        thread_id=thread["conversation_id"].transform("first") + "/" + found["topic_id"],
        nth=thread.cumcount() + 1,
        previous_conversation_id=before["conversation_id"],
        gap_hours=(found["contacted_ms"] - before["contacted_ms"]) / HOUR_MS,
        link=_links(found, before),
    ).drop(columns="case")


def contacts(mentions: pd.DataFrame, topics: pd.DataFrame, conversations: pd.DataFrame) -> pd.DataFrame:
    """One row per conversation and issue, in the order of customer, issue and time.

    The order is the one that the conversation's first mention of the issue names, else the conversation's own. The
    proof is the mention nearest to the centre of the issue; among equals the earliest.
    """
    told = conversations[["conversation_id", "customer_key", "order_id"]]
    written = mentions["origin"].eq("message") & mentions["conversation_id"].notna()
    said = mentions.loc[written, ["mention_id", "conversation_id", "order_id", "said_ms", "text"]]
    said = said.merge(topics[["mention_id", "topic_id", "similarity"]], on="mention_id")
    said = said.sort_values(["conversation_id", "topic_id", "said_ms", "mention_id"], ignore_index=True)
    issue = said.groupby(["conversation_id", "topic_id"], sort=True)
    named = issue.agg(order_id=("order_id", "first"), contacted_ms=("said_ms", "min")).reset_index()
    nearest = said.sort_values("similarity", ascending=False, kind="stable")
    proof = nearest.drop_duplicates(["conversation_id", "topic_id"])[["conversation_id", "topic_id", "text"]]
    rows = named.merge(proof, on=["conversation_id", "topic_id"]).merge(
        told, on="conversation_id", suffixes=("", "_told")
    )
    rows["order_id"] = rows["order_id"].fillna(rows["order_id_told"])
    rows = rows.rename(columns={"text": "proof"}).drop(columns="order_id_told")
    return rows.sort_values([*CASE, "contacted_ms", "conversation_id"], ignore_index=True)


def _cases(rows: pd.DataFrame) -> pd.Series:
    """A number for each contact, the same for all of one thread. Rows come as `contacts` sorts them.

    A *run* is a stretch of contacts of one customer about one issue without a pause of more than 30 days. In it, a
    contact without an order takes the order before it; those before the first order of the run are its *head*. Each
    order has one case, wherever it turns up again: the head of the run where it first turned up, if that run had one
    with no order yet, else its own first contact. A case is numbered by the place of its first contact.
    """
    alone = rows["topic_id"].eq(UNASSIGNED).astype(bool)
    pause = rows.groupby(CASE, sort=False)["contacted_ms"].diff().fillna(WINDOW_MS + 1).astype("int64")
    run = (alone | pause.gt(WINDOW_MS)).cumsum()
    order = rows["order_id"].groupby(run).ffill()
    place = pd.Series(range(len(rows)), index=rows.index, dtype="int64")
    head = place.groupby(run).transform("min")
    takes_over = order.notna() & order.isna().groupby(run).shift(fill_value=False)
    own = place.mask(takes_over, head)
    first = own.groupby([rows["customer_key"], rows["topic_id"], order], sort=False).transform("first")
    return first.where(order.notna(), head).astype("int64")


def _links(rows: pd.DataFrame, before: pd.DataFrame) -> pd.Series:
    """Why a contact belongs to the one before it."""
    same_order = rows["order_id"].eq(before["order_id"]).fillna(False)
    link = pd.Series("same issue", index=rows.index)
    link = link.mask(same_order, "same order and issue")
    link = link.mask(same_order & rows["topic_id"].eq(UNASSIGNED), "same order")
    return link.mask(before["conversation_id"].isna(), "first")
