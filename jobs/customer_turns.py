"""How long did customers wait each time they wrote, and who let them wait?"""

import narwhals as nw

from insight.engines.base import Frame
from insight.facts import response_times, turns
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import AGENTS, CONVERSATION_FACTS, CUSTOMER_TURNS, FILTERED, MENTIONS, MESSAGES

READS = (MESSAGES, CONVERSATION_FACTS, AGENTS, MENTIONS, FILTERED)
WRITES = CUSTOMER_TURNS

COLUMNS = [name for name in CUSTOMER_TURNS.arrow.names if not name.endswith("_at")]


def work(messages: Frame, facts: Frame, agents: Frame, mentions: Frame, filtered: Frame, *, run: Run) -> Frame:
    """Find the turns, and place each under the names of its conversation."""
    reach_ms = max(newest_ms(messages, "sent_ms") or 0, newest_ms(facts, "opened_ms") or 0)
    closing = run.arrow(turns.closings(mentions, filtered))["origin_id"]
    spoken = run.arrow(messages.select("message_id", *response_times.READ))
    found = run.engine.frame(turns.turns(spoken, closing, zone=run.settings.shop.clock))
    limit_ms = response_times.limit_ms(run.settings.service.first_response_limit_s)
    return (
        turns.placed(found, facts, agents)
        .with_columns(
            answered=~nw.col("until_ms").is_null(),
            waited_ms=nw.coalesce("wait_ms", reach_ms - nw.col("since_ms")),
            late=turns.over(limit_ms, newest_ms=reach_ms),
            late_24h=turns.over(turns.AMAZON_MS, newest_ms=reach_ms),
        )
        .select(*COLUMNS)
    )
