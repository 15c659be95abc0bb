"""Under which names a conversation or an order is counted. What nobody told is 'unknown', never empty."""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame
from insight.schema import UNKNOWN


def agent(conversations: Frame, answers: Frame, agents: Frame) -> Frame:
    """One row per conversation: agent_id of the first person who answered, else as the source names, and the team."""
    named = conversations.select("conversation_id", "agent_id").join(
        answers.select("conversation_id", "answered_by"), on="conversation_id", how="left"
    )
    who = named.select("conversation_id", agent_id=nw.coalesce("answered_by", "agent_id", nw.lit(UNKNOWN)))
    return who.join(agents.select("agent_id", "team"), on="agent_id", how="left").with_columns(
        team=nw.col("team").fill_null(UNKNOWN)
    )


def product(conversations: Frame, products: Frame, orders: Frame, catalogue: Frame) -> Frame:
    """One row per conversation: sku as told, else the only product of its order; its family; the order's carrier."""
    about = (
        conversations.select("conversation_id", "order_id", "sku")
        .join(products.select("order_id", "only_sku"), on="order_id", how="left")
        .join(orders.select("order_id", "carrier"), on="order_id", how="left")
    )
    told = nw.when(nw.col("sku") != UNKNOWN).then(nw.col("sku"))
    about = about.with_columns(sku=nw.coalesce(told, "only_sku", nw.lit(UNKNOWN)))
    return family(about, catalogue).select(
        "conversation_id", "sku", "family", carrier=nw.col("carrier").fill_null(UNKNOWN)
    )


def family(rows: Frame, catalogue: Frame) -> Frame:
    """Rows with a sku, and the family it has in the catalogue."""
    return rows.join(catalogue.select("sku", "family"), on="sku", how="left").with_columns(
        family=nw.col("family").fill_null(UNKNOWN)
    )
