"""Did every row that came in end somewhere, with a reason?"""

import pandas as pd

from insight import counts
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import (
    AGENTS,
    CATALOGUE,
    CONVERSATION_FACTS,
    CONVERSATION_SENTIMENT,
    CONVERSATIONS,
    COUNTS,
    CUSTOMER_FACTS,
    CUSTOMERS,
    EXCHANGE_RATES,
    FILTERED,
    INTAKE,
    MENTION_SENTIMENT,
    MENTION_TOPICS,
    MENTIONS,
    MESSAGES,
    ORDER_FACTS,
    ORDER_ITEMS,
    ORDERS,
    RETURNS,
    REVIEWS,
    SHIFTS,
    SURVEYS,
    TICKET_EVENTS,
)

FED = (MESSAGES, ORDERS, ORDER_ITEMS, RETURNS, REVIEWS, SURVEYS, CATALOGUE, SHIFTS, TICKET_EVENTS, EXCHANGE_RATES)
"""Tables that take their rows one to one from files."""

MERGED = (CONVERSATIONS, CUSTOMERS, AGENTS)
"""Tables that also hold whom and what other files name."""

HEARD = (
    CONVERSATION_FACTS,
    ORDER_FACTS,
    CUSTOMER_FACTS,
    INTAKE,
    MENTIONS,
    FILTERED,
    MENTION_TOPICS,
    MENTION_SENTIMENT,
    CONVERSATION_SENTIMENT,
)
READS = FED + MERGED + HEARD
WRITES = COUNTS


def work(*tables: Frame, run: Run) -> pd.DataFrame:
    """Each stage counted from both of its ends."""
    at = {t.name: run.pandas(frame) for t, frame in zip(READS, tables, strict=True)}
    intake, mentions, messages = at["intake"], at["mentions"], at["messages"]
    spoken = {
        "message": messages.loc[messages["author"] == "customer", "message_id"],
        "review": at["reviews"].loc[at["reviews"]["text"].notna(), "review_id"],
        "survey": at["surveys"].loc[at["surveys"]["comment"].notna(), "survey_id"],
        "return": at["returns"].loc[at["returns"]["comment"].notna(), "return_id"],
    }
    further = int(at["customers"]["merged"].sum())
    ids, orders = at["conversations"]["conversation_id"], at["orders"]["order_id"]
    sold = ("order_items", "returns", "reviews") if len(orders) else ()
    return pd.concat(
        [
            counts.rows_read(intake),
            counts.rows_kept(intake, {t.name: len(at[t.name]) for t in FED}),
            counts.rows_merged(intake, {t.name: len(at[t.name]) for t in MERGED}, further=further),
            counts.belonging("surveys", at["surveys"]["conversation_id"], ids, of="conversation"),
            counts.belonging("ticket events", at["ticket_events"]["conversation_id"], ids, of="conversation"),
            *(counts.belonging(name, at[name]["order_id"], orders, of="order") for name in sold),
            counts.texts(spoken, mentions, at["filtered"]),
            counts.mentions(len(mentions), at["mention_topics"], at["mention_sentiment"]),
            counts.conversations(ids, messages, mentions, len(at["conversation_facts"])),
            counts.moods(ids, messages, at["conversation_sentiment"]["conversation_id"]),
            counts.schedules(at["conversations"], at["ticket_events"], run.settings.schedules),
            counts.negative_times(at["conversations"], at["ticket_events"]),
            counts.log_and_status(at["conversations"], at["conversation_facts"]),
            counts.answers(at["conversation_facts"]),
            counts.currencies(at["orders"]["currency_told"]),
            counts.stage("facts of orders", len(orders), {"with facts": len(at["order_facts"])}),
            counts.customers(at["orders"], at["order_facts"], len(at["customer_facts"])),
            counts.on_the_way(at["orders"]),
            counts.money(at["orders"], at["order_facts"], currency=run.settings.shop.currency),
        ],
        ignore_index=True,
    )
