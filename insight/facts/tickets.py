"""What became of a conversation: when it was settled, reopened, handed on and escalated, and who settled it.

A log of changes (TICKET_EVENTS) tells it best. Where a source keeps none, the closing time and the messages tell what
they can, and what they cannot is unknown. Whether a source logs a kind of change is judged over all of its
conversations, so that "never escalated" and "nobody told" stay apart. docs/definitions.md works every rule by hand.

As with messages (`spoken`), facts about changes are facts about neighbours: sorted once, they are whole columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight.engines.base import Engine, Frame
from insight.facts.spoken import AGENT, NOBODY, Columns, Flags, Ints, Spoken, changes, coded, known, named
from insight.schema import UNKNOWN

OF = "conversation_id"
STATES = ("opened", "reopened", "solved", "closed")
"""Changes of state, in their order within one moment: what was reopened and solved within one second is solved."""

REOPENED, SOLVED, CLOSED = 1, 2, 3
AT_ONCE_MS = 15 * 60 * 1000
"""Zammad's "first solution" (lib/report/ticket_first_solution.rb): closed within 15 minutes of its opening."""


@dataclass(frozen=True)
class Log:
    """Changes of some kinds, by conversation and in the order of time; of one moment by kind and then by name.

    :param of: place of the conversation.
    :param kind: place in the kinds that were asked for.
    :param name: place in `names`, or NOBODY.
    """

    of: Ints
    at_ms: Ints
    kind: Ints
    name: Ints
    names: pa.Array


def told(
    conversations: Frame,
    messages: Frame,
    mentions: Frame,
    events: Frame,
    agents: Frame,
    *,
    said: Spoken,
    engine: Engine,
) -> Frame:
    """One row per conversation; the columns of `facts`.

    :param said: the messages in order.
    """
    columns = (OF, "source", "status", "closed_ms")
    again = engine.arrow(wrote_again(conversations, messages, mentions))
    tables = (engine.arrow(frame) for frame in (conversations.select(*columns), events, agents))
    return engine.frame(facts(*tables, said=said, again=again[OF]))


def wrote_again(conversations: Frame, messages: Frame, mentions: Frame) -> Frame:
    """The ids of closed conversations whose customer wrote of an issue or a wish after the closing.

    "Thanks" and "ok" hold no mention and reopen nothing.
    """
    closed = conversations.filter(~nw.col("closed_ms").is_null()).select(OF, "closed_ms")
    wrote = messages.filter(nw.col("public") & (nw.col("author") == "customer")).select(OF, "message_id", "sent_ms")
    after = wrote.join(closed, on=OF, how="inner").filter(nw.col("sent_ms") > nw.col("closed_ms"))
    meant = mentions.filter(nw.col("origin") == "message").select(message_id=nw.col("origin_id")).unique()
    return after.join(meant, on="message_id", how="inner").select(OF).unique()


def facts(
    conversations: pa.Table, events: pa.Table, agents: pa.Table, *, said: Spoken, again: pa.ChunkedArray
) -> pa.Table:
    """One row per conversation.

    settled_first_ms and settled_ms (first and last time it was settled, the latter empty while it is open again),
    reopens, resolved, resolved_by, handoffs, transfers, escalated; each empty where nobody can tell.

    :param conversations: conversation_id, source, status, closed_ms.
    :param said: the messages in order.
    :param again: conversations whose customer wrote of an issue after the closing.
    """
    ids = _texts(conversations[OF])
    logs = _Logs(conversations, events, ids)
    settled = _settled(conversations, logs, np.isin(np.arange(len(ids)), _places(again, ids)))
    said_of = _places(said.ids, ids)[said.of]
    escalated = logs.count("escalated") > 0
    return pa.table(
        {
            OF: ids,
            **{name: column for name, column in settled.items() if name != "log_by"},
            "resolved_by": pc.coalesce(settled["log_by"], _last_agent(settled, said, said_of)),
            **_passed_on(logs, agents, said, said_of),
            "escalated": known(escalated, logs.keeps("escalated")),
        }
    )


class _Logs:
    """The log of each kind, and whose source keeps it."""

    def __init__(self, conversations: pa.Table, events: pa.Table, ids: pa.Array) -> None:
        of = _places(events[OF], ids)
        self.of, self.events, self.many = of[of != NOBODY], events.filter(pa.array(of != NOBODY)), len(ids)
        self.source, _ = coded(conversations["source"])
        self.kind, self.kinds = coded(self.events["kind"])

    def keeps(self, *kinds: str) -> Flags:
        """Whether the source of each conversation logs such changes of any of its conversations."""
        found = np.zeros(self.source.max(initial=0) + 1, dtype=np.bool_)
        found[self.source[self.of[self.which(*kinds)]]] = True
        return found[self.source]

    def count(self, *kinds: str) -> Ints:
        """How many such changes each conversation has."""
        return np.bincount(self.of[self.which(*kinds)], minlength=self.many).astype(np.int64)

    def which(self, *kinds: str) -> Flags:
        """Whether a change is of one of these kinds."""
        return np.append(np.isin(self.kinds.to_numpy(zero_copy_only=False), kinds), False)[self.kind]

    def of_kinds(self, kinds: tuple[str, ...], name: str) -> Log:
        """The changes of these kinds in order; `name` is the column that names whom."""
        which = self.which(*kinds)
        rows = self.events.filter(pa.array(which))
        kind = np.asarray(pc.index_in(_texts(rows["kind"]), value_set=pa.array(kinds, pa.string())), dtype=np.int64)
        at_ms = np.asarray(rows["occurred_ms"].cast(pa.int64()), dtype=np.int64)
        who, names = coded(pc.if_else(pc.equal(rows[name], ""), pa.scalar(None, pa.string()), _texts(rows[name])))
        order = np.lexsort((who, kind, at_ms, self.of[which]))
        return Log(self.of[which][order], at_ms[order], kind[order], who[order], names)


def _settled(conversations: pa.Table, logs: _Logs, again: Flags) -> Columns:
    """When each conversation was settled, how often reopened, whether it is settled, and by whom if the log says so.

    Settled is solved, or closed where it was not solved before: that a system closes for good what was solved days ago
    is no second solution. A second "solved" says that it was open in between, logged or not. Without a log, both times
    are the closing; what the customer wrote of an issue after it is one reopening, settled nobody knows when.
    """
    log, many = logs.of_kinds(STATES, "agent_id"), logs.many
    before = np.where(changes(log.of), NOBODY, np.append(NOBODY, log.kind[:-1])[: len(log.kind)])
    was_settled = before >= SOLVED
    settles = (log.kind == SOLVED) | ((log.kind == CLOSED) & ~was_settled)
    opens = ((log.kind == REOPENED) & (before == NOBODY)) | (was_settled & (log.kind <= SOLVED))
    ever, reopens = np.bincount(log.of[settles], minlength=many) > 0, np.bincount(log.of[opens], minlength=many)
    logged, ends = ever | (reopens > 0), _last(log.of, log.kind, many) >= SOLVED
    closed_ms, closed = _moments(conversations["closed_ms"])
    status = _texts(conversations["status"]).to_numpy(zero_copy_only=False)
    by_status = closed | (status == "resolved")
    first_ms = _last(log.of[settles][::-1], log.at_ms[settles][::-1], many)
    last_ms = _last(log.of[settles], log.at_ms[settles], many)
    return {
        "settled_first_ms": known(np.where(logged, first_ms, closed_ms), np.where(logged, ever, closed)),
        "settled_ms": known(np.where(logged, last_ms, closed_ms), np.where(logged, ends, closed & ~again)),
        "reopens": known(
            np.where(logged, reopens, again), logged | closed | logs.keeps("solved", "reopened", "closed")
        ),
        "resolved": known(np.where(logged, ends, by_status), logged | by_status | (status == "open")),
        "log_by": named(np.where(logged & ends, _last(log.of[settles], log.name[settles], many), NOBODY), log.names),
    }


def _last_agent(settled: Columns, said: Spoken, of: Ints) -> pa.Array:
    """The last agent who wrote before a conversation was settled, public or not; the last of all where no time is told.

    :param of: place of the conversation of each message.
    """
    settled_ms, timed = _moments(settled["settled_ms"])
    done = np.asarray(pc.fill_null(settled["resolved"], False))
    named_ = (said.author == AGENT) & (said.agent != NOBODY) & (of != NOBODY)
    which = named_ & done[of] & (~timed[of] | (said.sent_ms <= settled_ms[of]))
    return named(_last(of[which], said.agent[which], len(done), otherwise=NOBODY), said.people)


def _passed_on(logs: _Logs, agents: pa.Table, said: Spoken, of: Ints) -> Columns:
    """Hand-offs, changes from one agent to another, and transfers, those to an agent of another team.

    Of who is assigned, where the source logs that, else of who answers in public. From nobody is no change, and through
    nobody is one. Transfers are unknown where there is a hand-off and the team of one of the agents is.
    """
    given, keeps = logs.of_kinds(("assigned",), "value"), logs.keeps("assigned")
    who = given.name != NOBODY
    assigned = _moves(given.of[who], given.name[who], _teams(given.names, agents), logs.many)
    public = said.public & (said.author == AGENT) & (said.agent != NOBODY) & (of != NOBODY)
    answered = _moves(of[public], said.agent[public], _teams(said.people, agents), logs.many)
    handoffs, transfers, blind, seen = (np.where(keeps, a, b) for a, b in zip(assigned, answered, strict=True))
    told = keeps | (seen > 0)
    return {
        "handoffs": known(handoffs, told),
        "transfers": known(transfers, told & ((handoffs == 0) | (blind == 0))),
    }


def _moves(of: Ints, agent: Ints, teams: Ints, many: int) -> tuple[Ints, Ints, Ints, Ints]:
    """By conversation: changes of agent, changes of team, agents without a team, and agents at all."""
    same, team = ~changes(of), teams[agent]
    moved = same & changes(agent)
    across = same & changes(team) & (team != NOBODY) & (np.append(NOBODY, team[:-1])[: len(team)] != NOBODY)
    counted = (of[moved], of[across], of[team == NOBODY], of)
    a, b, c, d = (np.bincount(places, minlength=many).astype(np.int64) for places in counted)
    return a, b, c, d


def _teams(names: pa.Array, agents: pa.Table) -> Ints:
    """A number for the team of each agent, NOBODY where it is unknown; one more, for nobody, at the end."""
    team, texts = coded(agents["team"])
    team = np.where(np.isin(team, _places(pa.array([UNKNOWN]), texts)), NOBODY, team)
    found: Ints = np.append(team, NOBODY)[np.append(_places(names, _texts(agents["agent_id"])), NOBODY)]
    return found


def _last(of: Ints, values: Ints, many: int, *, otherwise: int = 0) -> Ints:
    """The last value of each conversation, in the order of the rows."""
    found = np.full(many, otherwise, dtype=np.int64)
    ends = np.append(of[1:] != of[:-1], True)[: len(of)]
    found[of[ends]] = values[ends]
    return found


def _places(values: pa.Array | pa.ChunkedArray, among: pa.Array) -> Ints:
    """The place of each text among others, NOBODY where it is none of them."""
    return np.asarray(pc.fill_null(pc.index_in(_texts(values), value_set=among), NOBODY), dtype=np.int64)


def _texts(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    plain = pc.cast(values, pa.string())
    return plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain


def _moments(values: pa.Array | pa.ChunkedArray) -> tuple[Ints, Flags]:
    """Moments, 0 where there is none; and where there is one."""
    return np.asarray(pc.fill_null(pc.cast(values, pa.int64()), 0), dtype=np.int64), np.asarray(pc.is_valid(values))


def proxies() -> dict[str, nw.Expr]:
    """What vendors call settled at first contact, each by its own name; null where it is not settled.

    - closed_at_once: settled within 15 minutes of opening (Zammad's first solution).
    - one_reply: a person wrote exactly once in public (Zendesk's one-touch).
    - one_teammate: exactly one person wrote, in public or as a note (Intercom's).

    Over resolved, first_resolution_ms, agent_messages and agents. None asks whether the customer came back.
    """
    settled = nw.col("resolved").fill_null(False)
    return {
        "closed_at_once": nw.when(settled).then(nw.col("first_resolution_ms") <= AT_ONCE_MS).cast(nw.Boolean),
        "one_reply": nw.when(settled).then(nw.col("agent_messages") == 1).cast(nw.Boolean),
        "one_teammate": nw.when(settled).then(nw.col("agents") == 1).cast(nw.Boolean),
    }
