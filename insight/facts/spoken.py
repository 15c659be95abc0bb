"""Who spoke when, in whole columns: messages by conversation and `seq`, and sums over each conversation.

Facts about messages are facts about neighbours. Sorted once, with ids as whole numbers, they are differences of
columns: five million messages take seconds, on any engine the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Columns: TypeAlias = dict[str, pa.Array]
"""Columns of facts, one value per conversation of `Spoken.ids`."""

CUSTOMER, AGENT, BOT = 0, 1, 2
AUTHORS = ("customer", "agent", "bot")
NOBODY = -1
READ = ("conversation_id", "seq", "author", "agent_id", "public", "sent_ms")
"""The columns of MESSAGES that are needed."""


@dataclass(frozen=True)
class Spoken:
    """Messages of customers, agents and bots in order; lines of the system are no messages.

    :param ids: ids of the conversations in the order of text.
    :param people: ids of the agents in the order of text.
    :param of: place in `ids` of each message.
    :param author: CUSTOMER, AGENT or BOT.
    :param agent: place in `people`, or NOBODY.
    :param row: row of the table that was read.
    """

    ids: pa.Array
    people: pa.Array
    of: Ints
    author: Ints
    agent: Ints
    public: Flags
    sent_ms: Ints
    row: Ints

    def only(self, which: Flags) -> Spoken:
        """Some of the messages; the conversations stay."""
        return Spoken(
            self.ids,
            self.people,
            of=self.of[which],
            author=self.author[which],
            agent=self.agent[which],
            public=self.public[which],
            sent_ms=self.sent_ms[which],
            row=self.row[which],
        )

    @property
    def first(self) -> Flags:
        """Whether a message is the first of its conversation."""
        return changes(self.of)

    def count(self, which: Flags) -> Ints:
        """How many of these messages each conversation has."""
        return np.bincount(self.of[which], minlength=len(self.ids)).astype(np.int64)

    def sums(self, values: Ints) -> Ints:
        """The sum of a value of messages over each conversation; floats are exact up to 2^53, 285,000 years in ms."""
        return np.bincount(self.of, weights=values, minlength=len(self.ids)).astype(np.int64)


def in_order(messages: pa.Table) -> Spoken:
    """Sort messages.

    :param messages: the columns `READ` of MESSAGES, in any order.
    """
    of, ids = coded(messages["conversation_id"])
    agent, people = coded(messages["agent_id"])
    place = pc.index_in(messages["author"], value_set=pa.array(AUTHORS, messages["author"].type))
    author = pc.fill_null(place, NOBODY).to_numpy().astype(np.int64)
    public = messages["public"].to_numpy().astype(np.bool_)
    order = places(of, _numbers(messages["seq"]))
    every = Spoken(
        ids,
        people,
        of=of[order],
        author=author[order],
        agent=agent[order],
        public=public[order],
        sent_ms=_numbers(messages["sent_ms"])[order],
        row=order,
    )
    return every.only(every.author != NOBODY)


def changes(values: npt.NDArray[np.generic]) -> Flags:
    """Whether a value differs from the one before; the first does."""
    return np.append(True, values[1:] != values[:-1])[: len(values)]


def places(major: Ints, minor: Ints) -> Ints:
    """The order by two numbers, as one where both fit into it: several times faster than one after the other."""
    if not len(major):
        return np.empty(0, np.int64)
    least, width = minor.min(), int(minor.max()) - int(minor.min()) + 1
    if (int(major.max()) + 1) * width < 2**63:
        return np.argsort(major * np.int64(width) + (minor - least))
    return np.lexsort((minor, major))


def coded(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Texts as places among the distinct texts in their order, NOBODY where there is none; and those texts."""
    packed = pc.dictionary_encode(pa.chunked_array(column).combine_chunks())
    packed = packed.combine_chunks() if isinstance(packed, pa.ChunkedArray) else packed
    order = pc.sort_indices(packed.dictionary).to_numpy()
    rank = np.empty(len(order) + 1, np.int64)
    rank[order], rank[-1] = np.arange(len(order)), NOBODY
    return rank[pc.fill_null(packed.indices, -1).to_numpy(zero_copy_only=False)], packed.dictionary.take(order)


def named(places: Ints, names: pa.Array) -> pa.Array:
    """The texts at these places, none where NOBODY."""
    return names.take(pa.array(places, mask=places == NOBODY))


def known(values: npt.NDArray[np.generic], which: Flags) -> pa.Array:
    """Values, empty where they are not known."""
    return pa.array(values, mask=~which)


def _numbers(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.cast(pa.int64()).to_numpy(), dtype=np.int64)
