"""Every time a customer waited: from the first message that nobody had answered to a person's next public one.

A wait that nobody ended stays in every share over a limit once the limit has passed. "Thanks" and "ok" need no reply.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import clock
from insight.engines.base import Frame
from insight.facts.response_times import waits
from insight.facts.spoken import READ, in_order, known, named
from insight.periods import DAY_MS
from insight.schema import UNKNOWN

CLOSING = ("thanks", "acknowledgement")
"""Words that need no reply, unless the shop had asked something: then mentions.py calls them an answer."""

COURTEOUS = (*CLOSING, "greeting", "goodbye", "filler", "signature")
"""What may stand beside them. A greeting or a "waiting for your reply" alone does await one."""

AMAZON_MS = DAY_MS
"""Amazon's contact response time: 24 hours on the calendar, weekends and holidays included."""

DIMENSIONS = (
    *("platform", "shop", "market", "language", "channel", "topic_id", "sku", "family", "carrier", "customer_key"),
)


def closings(mentions: Frame, filtered: Frame) -> Frame:
    """One row per message of a customer that only thanks or acknowledges: origin_id.

    Nothing in it says anything about an issue, and every piece of it is courteous.
    """
    reason = nw.col("reason")
    pieces = filtered.filter(nw.col("origin") == "message").with_columns(
        closes=reason.is_in(list(CLOSING)).cast(nw.Int64), asks=(~reason.is_in(list(COURTEOUS))).cast(nw.Int64)
    )
    found = pieces.group_by("origin_id").agg(nw.col("closes").max(), nw.col("asks").max())
    found = found.filter((nw.col("closes") == 1) & (nw.col("asks") == 0)).select("origin_id")
    meant = mentions.filter(nw.col("origin") == "message").select("origin_id").unique()
    return found.join(meant, on="origin_id", how="anti")


def turns(messages: pa.Table, closing: pa.Array, *, zone: ZoneInfo) -> pa.Table:
    """One row per time a customer waited.

    Columns: conversation_id, turn (1, 2 …), since_ms, until_ms, wait_ms, answered_by (null while unanswered),
    needs_reply (not every message of it only thanks or acknowledges), day, weekday and hour of since_ms.

    :param messages: message_id and the columns `spoken.READ` of MESSAGES, in any order.
    :param closing: ids of the messages that need no reply.
    :param zone: the business time zone.
    """
    found = waits(in_order(messages.select(READ)))
    open_question = ~pc.is_in(messages["message_id"], value_set=closing).to_numpy()[found.asked.row]
    first = np.flatnonzero(found.first)
    number = np.arange(len(found.of)) - np.repeat(first, np.diff(np.append(first, len(found.of)))) + 1
    local = clock.to_local(found.since_ms, zone)
    return pa.table(
        {
            "conversation_id": found.spoken.ids.take(pa.array(found.of)),
            "turn": number,
            "since_ms": found.since_ms,
            "until_ms": known(found.until_ms, found.answered),
            "wait_ms": known(found.until_ms - found.since_ms, found.answered),
            "answered_by": named(found.agent, found.spoken.people),
            "needs_reply": np.bincount(found.wait[open_question], minlength=len(found.of)) > 0,
            "day": pa.array(clock.days(local).astype(np.int32)).cast(pa.date32()),
            "weekday": clock.weekdays(local),
            "hour": clock.hours(local),
        }
    )


def placed(told: Frame, facts: Frame, agents: Frame) -> Frame:
    """Turns under the names by which they are counted: those of their conversation, and who answered.

    While nobody has answered, a turn is counted with the agent of its conversation.
    """
    rows = told.join(facts.select("conversation_id", "agent_id", *DIMENSIONS), on="conversation_id", how="inner")
    rows = rows.with_columns(agent_id=nw.coalesce("answered_by", "agent_id"))
    return rows.join(agents.select("agent_id", "team"), on="agent_id", how="left").with_columns(
        team=nw.col("team").fill_null(UNKNOWN)
    )


def over(limit_ms: nw.Expr | int, *, newest_ms: int) -> nw.Expr:
    """Whether a turn that needs a reply was not answered within a limit, over needs_reply, since_ms and wait_ms.

    Unanswered is over it once it has passed; before that, at the end of the data, nobody can tell: null.
    """
    later = nw.coalesce(nw.col("wait_ms"), newest_ms - nw.col("since_ms")) > limit_ms
    judged = nw.col("needs_reply") & (~nw.col("wait_ms").is_null() | later)
    return nw.when(judged).then(later).cast(nw.Boolean)
