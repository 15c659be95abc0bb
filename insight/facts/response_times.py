"""How long customers waited for a person in each conversation, and how long people were at work in it.

Messages are taken in the order of `seq`. A bot answers nothing: the wait goes on until a person writes in public.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from insight.engines.base import Frame

ACTIVE_GAP_MS = 5 * 60 * 1000
"""A longer silence is no work: of each gap before a person's message, at most this much counts as handling."""

CUSTOMER, AGENT, BOT = "customer", "agent", "bot"
OF = "conversation_id"


def counts(messages: Frame) -> Frame:
    """One row per conversation with a public message: messages by whom, and from the first to the last of them.

    Columns: messages, customer_messages, agent_messages (messages), duration_ms. Lines of the system are no messages.
    """
    author = nw.col("author")
    said = messages.filter(nw.col("public") & author.is_in([CUSTOMER, AGENT, BOT])).with_columns(
        by_customer=(author == CUSTOMER).cast(nw.Int64), by_agent=(author == AGENT).cast(nw.Int64)
    )
    found = said.group_by(OF).agg(
        nw.len().alias("messages"),
        nw.col("by_customer").sum().alias("customer_messages"),
        nw.col("by_agent").sum().alias("agent_messages"),
        nw.col("sent_ms").min().alias("first_ms"),
        nw.col("sent_ms").max().alias("last_ms"),
    )
    return found.with_columns(duration_ms=nw.col("last_ms") - nw.col("first_ms")).drop("first_ms", "last_ms")


def waits(messages: Frame) -> Frame:
    """One row per wait that a person ended: since_ms (first unanswered customer message), until_ms, seq, agent_id.

    Taking the last customer message instead of the first would flatter whoever answers a customer who asks twice.
    """
    author = nw.col("author")
    talk = messages.filter(nw.col("public") & author.is_in([CUSTOMER, AGENT])).with_columns(
        before=author.shift(1).over(OF, order_by="seq")
    )
    begins = (author == CUSTOMER) & (nw.col("before").is_null() | (nw.col("before") == AGENT))
    ends = (author == AGENT) & (nw.col("before") == CUSTOMER)
    return (
        talk.with_columns(begun_ms=nw.when(begins).then(nw.col("sent_ms")).otherwise(0))
        .with_columns(since_ms=nw.col("begun_ms").cum_max().over(OF, order_by="seq"))
        .filter(ends)
        .select(OF, "seq", "agent_id", "since_ms", until_ms=nw.col("sent_ms"))
    )


def answers(messages: Frame) -> Frame:
    """One row per conversation in which a person answered: first_response_ms, waits, wait_ms, answered_by.

    The first response counts from the first customer message; what an agent wrote before it answers nothing.
    """
    each = waits(messages).with_columns(wait_ms=nw.col("until_ms") - nw.col("since_ms"))
    total = each.group_by(OF).agg(nw.len().alias("waits"), nw.col("wait_ms").sum())
    first = each.unique(subset=[OF], keep="first", order_by=["seq"]).select(
        OF, first_response_ms=nw.col("wait_ms"), answered_by=nw.col("agent_id")
    )
    return total.join(first, on=OF, how="left")


def handling(messages: Frame) -> Frame:
    """One row per conversation in which a person wrote, note or message: handle_ms, agents.

    handle_ms is the sum of the gaps between neighbouring messages that end in a person's message or internal note,
    each counted up to `ACTIVE_GAP_MS`: reading and writing, without the hours in which nothing was done.
    """
    author = nw.col("author")
    work = (
        messages.filter(author.is_in([CUSTOMER, AGENT, BOT]))
        .with_columns(gap_ms=nw.col("sent_ms") - nw.col("sent_ms").shift(1).over(OF, order_by="seq"))
        .filter(author == AGENT)
    )
    time = work.with_columns(active_ms=nw.col("gap_ms").fill_null(0).clip(0, ACTIVE_GAP_MS))
    people = work.filter(~nw.col("agent_id").is_null()).select(OF, "agent_id").unique()
    return (
        time.group_by(OF)
        .agg(nw.col("active_ms").sum().alias("handle_ms"))
        .join(people.group_by(OF).agg(nw.len().alias("agents")), on=OF, how="left")
    )


def first_asked(messages: Frame) -> Frame:
    """One row per conversation in which the customer wrote in public: asked_ms, the first time."""
    asked = messages.filter(nw.col("public") & (nw.col("author") == CUSTOMER))
    return asked.group_by(OF).agg(nw.col("sent_ms").min().alias("asked_ms"))


def late(limits_s: Mapping[str, int], *, newest_ms: int) -> nw.Expr:
    """Whether the first response came after its channel's limit, over asked_ms, first_response_ms and channel.

    Unanswered is late once the limit has passed; before that, at the end of the data, nobody can tell: null.

    :param limits_s: seconds by channel, with 'default' for all others.
    """
    channel, limit = nw.col("channel"), nw.lit(limits_s["default"] * 1000)
    for name in sorted(limits_s.keys() - {"default"}):
        limit = nw.when(channel == name).then(nw.lit(limits_s[name] * 1000)).otherwise(limit)
    waited_ms = nw.coalesce(nw.col("first_response_ms"), newest_ms - nw.col("asked_ms"))
    known = ~nw.col("first_response_ms").is_null() | (waited_ms > limit)
    return nw.when(known).then(waited_ms > limit).cast(nw.Boolean)
