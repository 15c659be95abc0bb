"""Under which names is a conversation counted?"""

import pyarrow as pa
import pytest

from insight.facts import dimensions
from insight.schema import AGENTS, CATALOGUE, CONVERSATIONS, ORDERS
from tests.rows import found, table


@pytest.mark.parametrize(
    ("answered_by", "named", "agent", "team"),
    [
        ("ann", "bob", "ann", "night"),
        (None, "bob", "bob", "unknown"),
        (None, None, "unknown", "unknown"),
    ],
)
def test_the_agent_is_who_answered_first_else_whom_the_source_names(answered_by, named, agent, team):
    answers = pa.table({"conversation_id": ["c"], "answered_by": pa.array([answered_by], pa.string())})
    conversation = table(CONVERSATIONS, {"conversation_id": "c", "agent_id": named})
    agents = table(AGENTS, {"agent_id": "ann", "team": "night"})
    assert found(dimensions.agent, conversation, answers, agents) == [
        {"conversation_id": "c", "agent_id": agent, "team": team}
    ]


@pytest.mark.parametrize(
    ("told", "only", "sku", "family"),
    [
        ("x", "y", "x", "bags"),
        ("unknown", "y", "y", "unknown"),
        ("unknown", None, "unknown", "unknown"),
    ],
)
def test_the_product_is_the_told_one_else_the_only_one_of_the_order(told, only, sku, family):
    conversation = table(CONVERSATIONS, {"conversation_id": "c", "order_id": "o", "sku": told})
    products = pa.table({"order_id": ["o"], "only_sku": pa.array([only], pa.string())})
    orders = table(ORDERS, {"order_id": "o", "carrier": "DHL"})
    catalogue = table(CATALOGUE, {"sku": "x", "family": "bags"})
    assert found(dimensions.product, conversation, products, orders, catalogue) == [
        {"conversation_id": "c", "sku": sku, "family": family, "carrier": "DHL"}
    ]
