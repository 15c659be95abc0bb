"""What happened in each conversation, and after it?"""

import narwhals as nw

from insight.engines.base import Frame
from insight.facts import business_hours, csat, dimensions, known, orders, resolution, response_times, tickets, topics
from insight.facts.spoken import in_order
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import (
    AGENTS,
    CATALOGUE,
    CONVERSATION_FACTS,
    CONVERSATION_SENTIMENT,
    CONVERSATIONS,
    ISSUE_THREADS,
    MENTION_TOPICS,
    MENTIONS,
    MESSAGES,
    ORDER_ITEMS,
    ORDERS,
    SURVEYS,
    TICKET_EVENTS,
    UNKNOWN,
)

READS = (
    CONVERSATIONS,
    MESSAGES,
    SURVEYS,
    ORDERS,
    ORDER_ITEMS,
    CATALOGUE,
    AGENTS,
    MENTIONS,
    MENTION_TOPICS,
    ISSUE_THREADS,
    CONVERSATION_SENTIMENT,
    TICKET_EVENTS,
)
WRITES = CONVERSATION_FACTS

COLUMNS = [name for name in CONVERSATION_FACTS.arrow.names if not name.endswith("_at")]
COUNTS = ("messages", "customer_messages", "agent_messages", "waits", "wait_ms", "agents")


def work(
    conversations: Frame,
    messages: Frame,
    surveys: Frame,
    bought: Frame,
    order_items: Frame,
    catalogue: Frame,
    agents: Frame,
    mentions: Frame,
    mention_topics: Frame,
    threads: Frame,
    moods: Frame,
    events: Frame,
    *,
    run: Run,
) -> Frame:
    """Join what each module knows about a conversation."""
    reach_ms = max(newest_ms(messages, "sent_ms") or 0, newest_ms(conversations, "opened_ms") or 0)
    said = in_order(run.arrow(messages.select(*response_times.READ)))
    spoken = run.engine.frame(response_times.of(said))
    rows = conversations.drop("agent_id", "sku")
    for facts in (
        spoken,
        tickets.told(conversations, messages, mentions, events, agents, said=said, engine=run.engine),
        csat.answers(surveys),
        resolution.returns(threads, newest_ms=reach_ms),
        topics.main(mentions, mention_topics),
        moods.select("conversation_id", "turned_bad", "recovered"),
        orders.buying(conversations, bought, newest_ms=min(reach_ms, newest_ms(bought, "ordered_ms") or 0)),
        dimensions.agent(conversations, spoken, agents),
        dimensions.product(conversations, orders.products(order_items), bought, catalogue),
    ):
        rows = rows.join(facts, on="conversation_id", how="left")
    rows = rows.with_columns(
        *(nw.col(name).fill_null(0) for name in COUNTS),
        topic_id=nw.col("topic_id").fill_null(UNKNOWN),
        needs_answer=~nw.col("asked_ms").is_null(),
        answered=~nw.col("first_response_ms").is_null(),
        late_response=response_times.late(run.settings.service.first_response_limit_s, newest_ms=reach_ms),
        **resolution.times(),
        surveyed=nw.when(known.told(surveys, "rating")).then(known.present("csat_rating")).cast(nw.Boolean),
        matured=resolution.matured(newest_ms=reach_ms),
    )
    rows = business_hours.beside(rows, events, run.settings, engine=run.engine, newest_ms=reach_ms)
    return rows.with_columns(**tickets.proxies()).select(*COLUMNS)
