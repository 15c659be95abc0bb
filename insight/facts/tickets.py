"""What became of a conversation: when it was settled, reopened, handed on and escalated, and who settled it.

A log of changes (TICKET_EVENTS) tells it best. Where a source keeps none, the closing time and the messages tell what
they can, and what they cannot is unknown. Whether a source logs a kind of change is judged over all of its
conversations, so that "never escalated" and "nobody told" stay apart. docs/definitions.md works every rule by hand.
"""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame
from insight.facts import known, resolution
from insight.schema import UNKNOWN

OF = "conversation_id"
SETTLED, OPEN = ("solved", "closed"), ("opened", "reopened")
RANK = {"opened": 0, "reopened": 1, "solved": 2, "closed": 3}
"""The order of changes of one moment: what was reopened and solved within one second is solved."""

ORDER = ("occurred_ms", "rank", "event_id")
LOGGED = {"states": ("solved", "reopened", "closed"), "escalations": ("escalated",), "owners": ("assigned",)}
"""What a source may log, by which kinds."""

AT_ONCE_MS = 15 * 60 * 1000
"""Zammad's "first solution" (lib/report/ticket_first_solution.rb): closed within 15 minutes of its opening."""


def logged(conversations: Frame, events: Frame) -> Frame:
    """One row per conversation: logs_states, logs_escalations, logs_owners, 1 where its source logs such changes."""
    kind = nw.col("kind")
    told = events.group_by(OF, "kind").agg(nw.len().alias("rows")).join(_sources(conversations), on=OF, how="inner")
    flags = {f"logs_{what}": kind.is_in(list(kinds)).cast(nw.Int64) for what, kinds in LOGGED.items()}
    found = told.with_columns(**flags).group_by("source").agg(*(nw.col(name).max() for name in flags))
    rows = _sources(conversations).join(found, on="source", how="left")
    return rows.select(OF, *(nw.col(name).fill_null(0) for name in flags))


def _sources(conversations: Frame) -> Frame:
    return conversations.select(OF, "source")


def states(events: Frame) -> Frame:
    """One row per conversation whose settling or reopening was logged.

    first_solved_ms; solved_ms and solved_by of the last time it was settled, null where it is open again;
    log_reopens; log_resolved, whether it is settled at the end.

    Settled is solved, or closed where it was not solved before: that a system closes for good what was solved days ago
    is no second solution. A second "solved" says that it was open in between, logged or not.
    """
    kind = nw.col("kind")
    rank = nw.lit(0)
    for name, place in RANK.items():
        rank = nw.when(kind == name).then(nw.lit(place)).otherwise(rank)
    rows = events.filter(kind.is_in(list(RANK))).with_columns(rank=rank)
    rows = rows.with_columns(before=kind.shift(1).over(OF, order_by=ORDER))
    was_settled = nw.col("before").is_in(list(SETTLED)).fill_null(False)
    reopens = (kind == "reopened") & nw.col("before").is_null()
    reopens = reopens | (was_settled & kind.is_in([*OPEN, "solved"]))
    rows = rows.with_columns(
        settles=((kind == "solved") | ((kind == "closed") & ~was_settled)).cast(nw.Int64),
        log_reopens=reopens.cast(nw.Int64),
    )
    settled = rows.filter(nw.col("settles") == 1)
    last = settled.unique(subset=[OF], keep="last", order_by=ORDER)
    end = rows.unique(subset=[OF], keep="last", order_by=ORDER)
    counted = rows.group_by(OF).agg(nw.col("log_reopens").sum(), nw.col("settles").sum())
    found = (
        counted.filter(nw.col("settles") + nw.col("log_reopens") > 0)
        .join(settled.group_by(OF).agg(nw.col("occurred_ms").min().alias("first_solved_ms")), on=OF, how="left")
        .join(last.select(OF, last_ms=nw.col("occurred_ms"), last_by=nw.col("agent_id")), on=OF, how="left")
        .join(end.select(OF, log_resolved=kind.is_in(list(SETTLED))), on=OF, how="left")
    )
    return found.select(
        OF,
        "log_reopens",
        "log_resolved",
        "first_solved_ms",
        solved_ms=nw.when(nw.col("log_resolved")).then(nw.col("last_ms")),
        solved_by=nw.when(nw.col("log_resolved")).then(nw.col("last_by")),
    )


def wrote_again(conversations: Frame, messages: Frame, mentions: Frame) -> Frame:
    """One row per closed conversation whose customer wrote of an issue or a wish after it: again, 1.

    "Thanks" and "ok" hold no mention and reopen nothing.
    """
    closed = conversations.filter(~nw.col("closed_ms").is_null()).select(OF, "closed_ms")
    said = messages.filter(nw.col("public") & (nw.col("author") == "customer")).select(OF, "message_id", "sent_ms")
    after = said.join(closed, on=OF, how="inner").filter(nw.col("sent_ms") > nw.col("closed_ms"))
    meant = mentions.filter(nw.col("origin") == "message").select(message_id=nw.col("origin_id")).unique()
    found = after.join(meant, on="message_id", how="inner").with_columns(again=nw.col("sent_ms") * 0 + 1)
    return found.group_by(OF).agg(nw.col("again").max())


def outcome(conversations: Frame, messages: Frame, mentions: Frame, events: Frame) -> Frame:
    """One row per conversation: settled_first_ms, settled_ms, reopens, resolved, log_by.

    Without a log, the first and the last time it was settled are both the closing time; where the customer wrote of an
    issue after it, that is one reopening, and nobody knows when it was settled then. A conversation that no log tells
    of, in a source that keeps one, was never reopened.
    """
    rows = conversations.select(OF, "closed_ms", "status")
    for facts in (states(events), wrote_again(conversations, messages, mentions), logged(conversations, events)):
        rows = rows.join(facts, on=OF, how="left")
    logs, again = ~nw.col("log_resolved").is_null(), nw.col("again").fill_null(0)
    seen = nw.when((nw.col("logs_states") == 1) | ~nw.col("closed_ms").is_null()).then(again)
    still = nw.when(again == 0).then(nw.col("closed_ms"))
    return rows.select(
        OF,
        settled_first_ms=nw.when(logs).then(nw.col("first_solved_ms")).otherwise(nw.col("closed_ms")),
        settled_ms=nw.when(logs).then(nw.col("solved_ms")).otherwise(still),
        reopens=nw.when(logs).then(nw.col("log_reopens")).otherwise(seen),
        resolved=nw.when(logs).then(nw.col("log_resolved")).otherwise(resolution.resolved()).cast(nw.Boolean),
        log_by=nw.col("solved_by"),
    )


def settled_by(outcomes: Frame, messages: Frame) -> Frame:
    """One row per settled conversation: resolved_by, whom the log names, else the last agent who wrote before it.

    Where no time of settling is told, the last agent who wrote at all. Notes count as writing.
    """
    settled = outcomes.filter(nw.col("resolved").fill_null(False)).select(OF, "settled_ms", "log_by")
    wrote = messages.filter((nw.col("author") == "agent") & ~nw.col("agent_id").is_null())
    before = wrote.select(OF, "seq", "sent_ms", "agent_id").join(settled, on=OF, how="inner")
    before = before.filter(nw.col("settled_ms").is_null() | (nw.col("sent_ms") <= nw.col("settled_ms")))
    last = before.unique(subset=[OF], keep="last", order_by=["seq"]).select(OF, last_agent=nw.col("agent_id"))
    rows = settled.join(last, on=OF, how="left")
    return rows.select(OF, resolved_by=nw.coalesce("log_by", "last_agent"))


def passing_on(conversations: Frame, messages: Frame, events: Frame, agents: Frame) -> Frame:
    """One row per conversation: handoffs and transfers, null where nobody can tell.

    A hand-off is a change from one agent to another: of who is assigned, where the source logs that, else of who
    answers in public. From nobody is no change, and through nobody is one. A transfer is a change to an agent of
    another team; unknown where the team of an agent of several is.
    """
    kind = nw.col("kind")
    given = events.filter((kind == "assigned") & (nw.col("value").fill_null("") != ""))
    owned = _changes(given.select(OF, nw.col("value").alias("agent_id"), "occurred_ms", "event_id"), agents, "owned")
    spoke = messages.filter(
        nw.col("public") & (nw.col("author") == "agent") & ~nw.col("agent_id").is_null()
    ).with_columns(event_id=nw.col("message_id"))
    answered = _changes(spoke.select(OF, "agent_id", nw.col("seq").alias("occurred_ms"), "event_id"), agents, "said")
    rows = logged(conversations, events).join(owned, on=OF, how="left").join(answered, on=OF, how="left")
    logs = nw.col("logs_owners") == 1
    passed = nw.when(logs).then(nw.col("owned_handoffs").fill_null(0)).otherwise(nw.col("said_handoffs"))
    moved = nw.when(logs).then(nw.col("owned_transfers").fill_null(0)).otherwise(nw.col("said_transfers"))
    blind = nw.when(logs).then(nw.col("owned_blind").fill_null(0)).otherwise(nw.col("said_blind"))
    return rows.select(OF, handoffs=passed, transfers=nw.when((passed == 0) | (blind == 0)).then(moved))


def _changes(held: Frame, agents: Frame, name: str) -> Frame:
    """One row per conversation: changes of agent, changes of team, and 1 where the team of one of them is unknown."""
    order = ["occurred_ms", "event_id"]
    team = nw.col("team")
    named = nw.when(team != UNKNOWN).then(team)
    rows = held.join(agents.select("agent_id", "team"), on="agent_id", how="left").with_columns(team=named)
    rows = rows.with_columns(
        before=nw.col("agent_id").shift(1).over(OF, order_by=order), team_before=team.shift(1).over(OF, order_by=order)
    )
    changes = {
        f"{name}_handoffs": (nw.col("agent_id") != nw.col("before")).fill_null(False),
        f"{name}_transfers": (team != nw.col("team_before")).fill_null(False),
        f"{name}_blind": team.is_null(),
    }
    rows = rows.with_columns(**{column: change.cast(nw.Int64) for column, change in changes.items()})
    return rows.group_by(OF).agg(*(nw.col(column).sum() for column in changes))


def escalations(conversations: Frame, events: Frame) -> Frame:
    """One row per conversation: escalated, null where its source never logs an escalation."""
    raised = events.filter(nw.col("kind") == "escalated").group_by(OF).agg(nw.col("occurred_ms").min())
    rows = logged(conversations, events).join(raised, on=OF, how="left")
    told = nw.when(nw.col("logs_escalations") == 1).then(known.present("occurred_ms"))
    return rows.select(OF, escalated=told.cast(nw.Boolean))


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


def told(conversations: Frame, messages: Frame, mentions: Frame, events: Frame, agents: Frame) -> Frame:
    """One row per conversation with everything above but the proxies and the clocks."""
    outcomes = outcome(conversations, messages, mentions, events)
    rows = outcomes
    for facts in (
        settled_by(outcomes, messages),
        passing_on(conversations, messages, events, agents),
        escalations(conversations, events),
    ):
        rows = rows.join(facts, on=OF, how="left")
    return rows.drop("log_by")
