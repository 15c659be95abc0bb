"""Conversations and their messages: joined from their own file, from the messages, or from both."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import clock, language
from insight.cleaning import Cleaner, Texts, shaped
from insight.columns import codes, column, first_rows, look_up
from insight.intake import PLACE, hidden
from insight.schema import CONVERSATIONS, MESSAGES, TICKET_EVENTS, UNKNOWN

ENOUGH = 600
"""Characters of a customer's words that the language of a conversation is judged by."""


def refuse_senseless(clean: Cleaner) -> None:
    """Refuse conversations that were never opened: no opening time, and no message with a time."""
    rows = clean.rows.feeds["conversations"]
    said = clean.rows.feeds["messages"]["conversation_id"].combine_chunks()
    lost = pc.and_(pc.is_null(rows["opened"]), pc.invert(pc.is_in(rows["conversation_id"], value_set=said)))
    clean.rows.refuse(
        "conversations",
        np.asarray(lost.combine_chunks()),
        "opened",
        "missing",
        wanted="an opening time, or a message with a time",
        fix="export its messages too, or leave such rows out with `skip`",
    )


@dataclass(frozen=True)
class Heard:
    """Messages in order with their masked texts; of each conversation its id, customer, order and opening."""

    said: pa.Table
    texts: Texts
    ids: pa.Array
    customers: pa.Array
    orders: pa.Array
    opened_ms: pa.Array


def heard(clean: Cleaner) -> Heard:
    """What sources say of conversations, before it is known which customers are one person.

    Messages of one moment are in the order of their source, file and line: many exports tell minutes only, and who
    spoke first is then known from the place alone.
    """
    rows = clean.rows.feeds["messages"]
    texts = clean.masked("messages", "text")
    order = pc.sort_indices(rows, [("sent", "ascending"), *((name, "ascending") for name in PLACE)])
    said = rows.take(order)
    texts = Texts(texts.texts.take(order), texts.items.take(order), [texts.orders[n] for n in order.to_pylist()])
    told = clean.rows.feeds["conversations"]
    ids = pc.unique(pa.concat_arrays([column(told, "conversation_id"), column(said, "conversation_id")]))
    named = clean.orders(_told_or_said(ids, told, said, "order_id"))
    return Heard(
        said,
        texts,
        ids,
        _told_or_said(ids, told, said, "customer"),
        pc.coalesce(named, _order_in_words(clean, ids, said, texts.orders)),
        pc.coalesce(_of(ids, told, "opened"), _of(ids, said, "sent")),
    )


def talk(clean: Cleaner, of: Heard) -> tuple[pa.Table, pa.Table]:
    """CONVERSATIONS and MESSAGES."""
    conversations = _conversations(clean, of)
    return conversations, _messages(of.said, of.texts, conversations, clean.rows.feeds["conversations"])


def ticket_events(clean: Cleaner) -> pa.Table:
    """TICKET_EVENTS. Whom a conversation is assigned to is an id of an agent, hashed where the agents' ids are.

    Which other values are names of people is not known, so all of them are masked.
    """
    rows = clean.rows.feeds["ticket_events"]
    told = {name: column(rows, name) for name in ("event_id", "conversation_id", "kind", "agent_id")}
    agents = hidden("agent_id", column(rows, "value"), clean.secret)
    words = clean.masked("ticket_events", "value").texts
    value = pc.if_else(pc.equal(column(rows, "kind"), "assigned"), agents, words)
    return shaped(TICKET_EVENTS, told | {"value": value, "occurred_ms": column(rows, "occurred")})


def _conversations(clean: Cleaner, heard: Heard) -> pa.Table:
    """One row per id that a conversation or a message names; what its own row does not tell, its first messages do."""
    told, said, ids = clean.rows.feeds["conversations"], heard.said, heard.ids

    def of(name: str) -> pa.Array:
        return _told_or_said(ids, told, said, name)

    local = clean.local(heard.opened_ms)
    alone = pc.binary_join_element_wise("conversation", ids, "\x1f")
    return shaped(
        CONVERSATIONS,
        {name: of(name) for name in ("source", "platform", "channel", "shop", "market", "sku")}
        | {
            "conversation_id": ids,
            "language": _languages(ids, said, heard.texts.texts, of("market")),
            "customer_key": clean.key(heard.customers, alone),
            "first_key": clean.first_key(heard.customers, alone),
            "agent_id": _of(ids, told, "agent_id"),
            "order_id": heard.orders,
            "opened_ms": heard.opened_ms,
            "closed_ms": _of(ids, told, "closed"),
            "day": clean.day(heard.opened_ms),
            "weekday": clock.weekdays(local),
            "hour": clock.hours(local),
            "status": _of(ids, told, "status"),
        },
    )


def _told_or_said(ids: pa.Array, told: pa.Table, said: pa.Table, name: str) -> pa.Array:
    return pc.coalesce(_of(ids, told, name), _of(ids, said, name))


def _of(ids: pa.Array, rows: pa.Table, name: str) -> pa.Array:
    return look_up(ids, column(rows, "conversation_id"), column(rows, name))


def _order_in_words(clean: Cleaner, ids: pa.Array, said: pa.Table, orders: list[tuple[str, ...]]) -> pa.Array:
    """The first order that the customer names and we know; else the first that the customer names."""
    authors, conversations = said["author"].to_pylist(), said["conversation_id"].to_pylist()
    pairs = [
        (conversations[n], order)
        for n, found in enumerate(orders)
        if found and authors[n] == "customer"
        for order in found
    ]
    keys = pa.array([c for c, _ in pairs], pa.string())
    named = clean.orders(pa.array([o for _, o in pairs], pa.string()))
    known = pc.is_in(named, value_set=column(clean.rows.feeds["orders"], "order_id"))
    return pc.coalesce(look_up(ids, keys.filter(known), named.filter(known)), look_up(ids, keys, named))


def _languages(ids: pa.Array, said: pa.Table, texts: pa.Array, markets: pa.Array) -> pa.Array:
    """What the customer wrote most in; where the customer wrote no words, what the others did."""
    customer: defaultdict[str, list[str]] = defaultdict(list)
    others: defaultdict[str, list[str]] = defaultdict(list)
    columns = (said["conversation_id"].to_pylist(), said["author"].to_pylist(), texts.to_pylist())
    for conversation, author, text in zip(*columns, strict=True):
        (customer if author == "customer" else others)[conversation].append(text)
    groups = dict(zip(ids.to_pylist(), pc.fill_null(markets, UNKNOWN).to_pylist(), strict=True))
    found = _settled(customer, groups)
    found |= _settled(others, {i: groups[i] for i, spoken in found.items() if spoken == UNKNOWN})
    return pa.array([found[i] for i in ids.to_pylist()], pa.string())


def _settled(words: dict[str, list[str]], groups: dict[str, str]) -> dict[str, str]:
    """The language of each conversation by what was written in it."""
    texts = ["\n".join(words.get(i, ()))[:ENOUGH] for i in groups]
    return dict(zip(groups, language.settle(texts, list(groups.values())), strict=True))


def _messages(said: pa.Table, texts: Texts, conversations: pa.Table, told: pa.Table) -> pa.Table:
    """Messages in the order of time; an agent that a message does not name is the one of its conversation's row."""
    ids = column(said, "conversation_id")
    agent = pc.if_else(
        pc.equal(column(said, "author"), "agent"), _of(ids, told, "agent_id"), pa.scalar(None, pa.string())
    )
    spoken = look_up(ids, column(conversations, "conversation_id"), column(conversations, "language"))
    return shaped(
        MESSAGES,
        {name: column(said, name) for name in ("message_id", "conversation_id", "author", "public")}
        | {
            "seq": _numbered(ids),
            "agent_id": pc.coalesce(column(said, "agent_id"), agent),
            "sent_ms": column(said, "sent"),
            "text": texts.texts,
            "language": pc.coalesce(_alone(texts.texts), spoken),
            "masked": texts.items,
        },
    )


def _alone(texts: pa.Array) -> pa.Array:
    """The language of texts that are long enough to tell by themselves; equal texts are judged once."""
    packed = pc.dictionary_encode(texts)
    found = [language.detect(text) for text in packed.dictionary.to_pylist()]
    return pa.array([None if f == UNKNOWN else f for f in found], pa.string()).take(packed.indices)


def _numbered(ids: pa.Array) -> pa.Array:
    """1, 2, 3 … within each id, in the order of the rows."""
    numbers = codes(ids)
    order = np.argsort(numbers, kind="stable")
    starts = first_rows(ids.take(pa.array(order)))
    place = np.arange(len(ids)) - np.repeat(starts, np.diff([*starts, len(ids)]))
    seq = np.empty(len(ids), dtype=np.int64)
    seq[order] = place + 1
    return pa.array(seq)
