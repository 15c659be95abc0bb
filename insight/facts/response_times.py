"""How long customers waited for a person in each conversation.

Messages are taken in the order of `seq`. A bot answers nothing: the wait goes on until a person writes in public.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw
import numpy as np
import pyarrow as pa

from insight.facts import handling
from insight.facts.spoken import (
    AGENT,
    CUSTOMER,
    NOBODY,
    READ,
    Columns,
    Flags,
    Ints,
    Spoken,
    changes,
    in_order,
    known,
    named,
)

__all__ = ["READ", "answers", "counts", "facts", "late", "limit_ms", "of", "waits"]


def facts(messages: pa.Table) -> pa.Table:
    """One row per conversation with a message: what `counts`, `answers` and `handling` know of it.

    :param messages: the columns `spoken.READ` of MESSAGES, in any order.
    """
    return of(in_order(messages))


def of(spoken: Spoken) -> pa.Table:
    """The same, of messages that are in order."""
    columns = {**counts(spoken), **answers(waits(spoken)), **handling.handling(spoken)}
    return pa.table({"conversation_id": spoken.ids, **columns})


def counts(spoken: Spoken) -> Columns:
    """Public messages by whom, from the first to the last of them, and when the customer first wrote.

    Columns: messages, customer_messages, agent_messages (messages), duration_ms, asked_ms.
    """
    public, author = spoken.public, spoken.author
    messages, asked = spoken.count(public), spoken.count(public & (author == CUSTOMER))
    newest, oldest = _most(spoken, spoken.sent_ms, public), -_most(spoken, -spoken.sent_ms, public)
    first = -_most(spoken, -spoken.sent_ms, public & (author == CUSTOMER))
    return {
        "messages": pa.array(messages),
        "customer_messages": pa.array(asked),
        "agent_messages": pa.array(spoken.count(public & (author == AGENT))),
        "duration_ms": known(newest - oldest, messages > 0),
        "asked_ms": known(first, asked > 0),
    }


def _most(spoken: Spoken, values: Ints, which: Flags) -> Ints:
    """The largest value among these messages of each conversation, 0 where there is none."""
    of, found = spoken.of[which], np.zeros(len(spoken.ids), np.int64)
    starts = np.flatnonzero(changes(of))
    if len(starts):
        found[of[starts]] = np.maximum.reduceat(values[which], starts)
    return found


class Waits:
    """Every time a customer waited, in order: from the first unanswered message to a person's next public one.

    Taking the last customer message instead of the first would flatter whoever answers a customer who asks twice.

    Per wait: of (place in `spoken.ids`), since_ms, answered, until_ms (0 while unanswered), agent (place in
    `spoken.people`). Per message of a customer: `wait`, the number of its wait; `asked` are those messages.
    """

    def __init__(self, spoken: Spoken) -> None:
        talk = spoken.only(spoken.public & (spoken.author <= AGENT))
        by_customer = talk.author == CUSTOMER
        follows = np.append(False, by_customer[:-1])[: len(by_customer)] & ~talk.first
        begins, ends = np.flatnonzero(by_customer & ~follows), np.flatnonzero(~by_customer & follows)
        at = np.searchsorted(
            ends, begins
        )  # the answer is the next end, unless that ends a wait of another conversation
        end = np.append(ends, len(talk.of))[at]
        there = np.append(talk.of, NOBODY)
        self.spoken, self.of, self.since_ms = spoken, talk.of[begins], talk.sent_ms[begins]
        self.answered: Flags = there[end] == self.of
        self.until_ms: Ints = np.where(self.answered, np.append(talk.sent_ms, 0)[end], 0)
        self.agent: Ints = np.where(self.answered, np.append(talk.agent, NOBODY)[end], NOBODY)
        self.asked, self.wait = talk.only(by_customer), (np.cumsum(by_customer & ~follows) - 1)[by_customer]

    @property
    def first(self) -> Flags:
        """Whether a wait is the first of its conversation."""
        return changes(self.of)


def waits(spoken: Spoken) -> Waits:
    """Every time a customer waited."""
    return Waits(spoken)


def answers(waits: Waits) -> Columns:
    """Waits that a person ended: waits (how many), wait_ms (their sum), first_response_ms, answered_by.

    The first response counts from the first customer message; what an agent wrote before it answers nothing. Only the
    last wait of a conversation can be unanswered, so the first wait tells whether anybody answered.
    """
    many, done = len(waits.spoken.ids), waits.answered
    wait_ms = np.where(done, waits.until_ms - waits.since_ms, 0)
    first = waits.first & done
    response_ms, agent, answered = np.zeros(many, np.int64), np.full(many, NOBODY), np.zeros(many, np.bool_)
    at = waits.of[first]
    response_ms[at], agent[at], answered[at] = wait_ms[first], waits.agent[first], True
    return {
        "waits": pa.array(np.bincount(waits.of[done], minlength=many)),
        "wait_ms": pa.array(np.bincount(waits.of, weights=wait_ms, minlength=many).astype(np.int64)),
        "first_response_ms": known(response_ms, answered),
        "answered_by": named(agent, waits.spoken.people),
    }


def limit_ms(limits_s: Mapping[str, int]) -> nw.Expr:
    """How long a first response may take, in ms, over channel.

    :param limits_s: seconds by channel, with 'default' for all others.
    """
    channel, limit = nw.col("channel"), nw.lit(limits_s["default"] * 1000)
    for name in sorted(limits_s.keys() - {"default"}):
        limit = nw.when(channel == name).then(nw.lit(limits_s[name] * 1000)).otherwise(limit)
    return limit


def late(limits_s: Mapping[str, int], *, newest_ms: int) -> nw.Expr:
    """Whether the first response came after its channel's limit, over asked_ms, first_response_ms and channel.

    Unanswered is late once the limit has passed; before that, at the end of the data, nobody can tell: null.

    :param limits_s: seconds by channel, with 'default' for all others.
    """
    limit = limit_ms(limits_s)
    waited_ms = nw.coalesce(nw.col("first_response_ms"), newest_ms - nw.col("asked_ms"))
    known = ~nw.col("first_response_ms").is_null() | (waited_ms > limit)
    return nw.when(known).then(waited_ms > limit).cast(nw.Boolean)
