"""How much is there to do?"""

from __future__ import annotations

import narwhals as nw

from insight.kpis.base import Kpi
from insight.schema import CONVERSATION_FACTS, ORDER_FACTS

KPIS = (
    Kpi(
        "conversations",
        label="Conversations",
        label_zh="会话数",
        asks="How many conversations were opened?",
        asks_zh="新开了多少个会话？",
        means="Conversations by the day they were opened.",
        of=CONVERSATION_FACTS,
        kind="count",
        unit="conversations",
        better="neither",
    ),
    Kpi(
        "customers",
        label="Customers in contact",
        label_zh="咨询客户数",
        asks="How many different customers opened a conversation?",
        asks_zh="有多少位不同的客户发起会话？",
        means="Distinct customers among the conversations. Customers of two slices do not add up.",
        of=CONVERSATION_FACTS,
        kind="distinct",
        num=nw.col("customer_key"),
        unit="customers",
        better="neither",
    ),
    Kpi(
        "orders",
        label="Orders",
        label_zh="订单数",
        asks="How many orders were placed?",
        asks_zh="下了多少个订单？",
        means="Orders by the day they were placed.",
        of=ORDER_FACTS,
        kind="count",
        unit="orders",
        better="up",
    ),
    Kpi(
        "contacts_per_100_orders",
        label="Contacts per 100 orders",
        label_zh="每百单咨询量",
        asks="How often do customers need us, for what we sell?",
        asks_zh="相对于销量，客户有多常需要找我们？",
        means="Conversations opened in a period, about an order or not, over orders placed in it, times 100.",
        of=CONVERSATION_FACTS,
        kind="rate",
        per=ORDER_FACTS,
        scale=100,
        unit="per 100",
        better="down",
    ),
    Kpi(
        "messages_per_conversation",
        label="Messages per conversation",
        label_zh="每会话消息数",
        asks="How much is said in a conversation?",
        asks_zh="每个会话要说多少条消息？",
        means="Public messages of customers, agents and bots over conversations in which the customer wrote.",
        of=CONVERSATION_FACTS,
        kind="mean",
        num=nw.col("messages"),
        den=nw.col("needs_answer"),
        unit="messages",
        better="down",
    ),
    Kpi(
        "presale_share",
        label="Presale share",
        label_zh="售前占比",
        asks="Which share of conversations comes before a purchase?",
        asks_zh="售前咨询占多大比例？",
        means="Conversations of customers without any order before it, over all of which that is known: not where a "
        "source names no customer who ever bought.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("presale"),
        den=~nw.col("presale").is_null(),
        unit="share",
        better="neither",
    ),
)
