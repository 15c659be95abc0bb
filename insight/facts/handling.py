"""How long people were at work in each conversation, which is not how long the conversation went on.

Where one agent holds several conversations at a time, the time is counted wholly in each of them (`handle_ms`), and a
second time shared equally among them (`handle_shared_ms`), so that an agent's conversations add up to the agent's day.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from insight.facts.spoken import AGENT, NOBODY, Columns, Ints, Spoken, changes, known, places

ACTIVE_GAP_MS = 5 * 60 * 1000
"""A longer silence is no work: of each gap before a person's message, at most this much counts as handling."""

PARTS = 720_720
"""Of a millisecond: can be shared among 1 … 16 conversations without a rest."""


def handling(spoken: Spoken) -> Columns:
    """Time in which people were active, and how many they were: handle_ms, handle_shared_ms, agents.

    handle_ms is the sum of the gaps between neighbouring messages that end in a person's message or internal note,
    each counted up to `ACTIVE_GAP_MS`: reading and writing, without the hours in which nothing was done. Both times
    are empty where no person wrote.
    """
    gap_ms = np.diff(spoken.sent_ms, prepend=0)
    gap_ms[spoken.first] = 0
    work = spoken.author == AGENT
    active_ms = np.where(work, np.clip(gap_ms, 0, ACTIVE_GAP_MS), 0)
    person = np.where(spoken.agent == NOBODY, len(spoken.people) + spoken.of, spoken.agent)  # nobody told: one for each
    at = np.flatnonzero(active_ms)
    ends_ms = spoken.sent_ms[at]
    of, shared_ms = shares(person[at], spoken.of[at], ends_ms - active_ms[at], ends_ms)
    shared = np.bincount(of, weights=shared_ms, minlength=len(spoken.ids)).astype(np.int64)
    worked = spoken.count(work) > 0
    return {
        "handle_ms": known(spoken.sums(active_ms), worked),
        "handle_shared_ms": known(shared, worked),
        "agents": pa.array(_people(spoken)),
    }


def _people(spoken: Spoken) -> Ints:
    """How many different agents wrote in each conversation."""
    wrote = spoken.agent != NOBODY
    pairs = np.sort(spoken.of[wrote] * np.int64(len(spoken.people)) + spoken.agent[wrote])
    different = pairs[changes(pairs)] // max(len(spoken.people), 1)
    return np.bincount(different, minlength=len(spoken.ids)).astype(np.int64)


def shares(person: Ints, of: Ints, starts_ms: Ints, ends_ms: Ints) -> tuple[Ints, Ints]:
    """Spans of work → conversations, and how long a person worked in each, a moment being shared among all at once.

    All moments at which spans of a person begin or end cut that person's time into stretches. In a stretch with k spans
    each of them gets a k-th. The shares of one person's conversations, in their order, are rounded to whole
    milliseconds by their running sum, so that together they are exactly the time in which the person was active.

    :param person: who, as numbers from 0.
    :param of: which conversation, as numbers from 0; the rounding goes by their order.
    :param starts_ms: each span is half-open and not empty.
    :returns: conversation and milliseconds, one row per person and conversation.
    """
    many = len(person)
    who, at = np.concatenate([person, person]), np.concatenate([starts_ms, ends_ms])
    opens = np.repeat(np.array([1, -1]), many)
    order = places(who, at)
    who, at, together = who[order], at[order], np.cumsum(opens[order])
    length = np.where(together > 0, np.diff(at, append=at[-1:]), 0)  # between two people nobody is at work
    passed = np.cumsum(length * PARTS // np.maximum(together, 1))
    until = np.empty(2 * many, np.int64)
    until[order] = np.append(0, passed)[:-1]
    active_ms = np.bincount(who, weights=length).astype(np.int64)
    return _whole(person, of, until[many:] - until[:many], active_ms)


def _whole(person: Ints, of: Ints, parts: Ints, active_ms: Ints) -> tuple[Ints, Ints]:
    """Parts by person and conversation as whole milliseconds that add up to `active_ms` of each person."""
    order = places(person, of)
    person, of, running = person[order], of[order], np.cumsum(parts[order])
    ends = np.append((changes(person) | changes(of))[1:], True)[: len(of)]
    person, of, running = person[ends], of[ends], running[ends]
    begins, last = changes(person), np.append(changes(person)[1:], True)[: len(of)]
    number, before = np.cumsum(begins) - 1, np.append(0, running[last])[:-1]
    share = (running - before[number]) / (running[last] - before)[number]
    whole_ms = np.floor(share * active_ms[person] + 0.5).astype(np.int64)
    carried = np.where(begins, 0, np.append(0, whole_ms)[:-1])
    return of, whole_ms - carried
