"""How much is there to do?"""

from __future__ import annotations

import narwhals as nw

from insight.kpis.base import Kpi
from insight.periods import FOUR_WEEKS
from insight.schema import CONVERSATION_FACTS, ORDER_FACTS

KPIS = (
    Kpi(
        "conversations",
        label="Conversations",
        label_zh="会话数",
        asks="How many conversations were opened?",
        asks_zh="新开了多少个会话？",
        means="Conversations by the day they were opened.",
        example="2 on Monday and 3 on Tuesday: 5 in the two days.",
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
        example="Ann opens 3 conversations, Bob 1: 2 customers. By channel, Ann in chat and email, Bob in chat: 2 "
        "and 1, which do not add up to 2.",
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
        example="4 on Monday, one of them cancelled later, and 2 on Tuesday: 6. What is cancelled was placed all "
        "the same.",
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
        example="12 conversations opened and 300 orders placed in the same days: 12 / 300 × 100 = 4 per 100. Exact"
        " interval of 12 events: 2.07 to 6.99.",
        of=CONVERSATION_FACTS,
        kind="rate",
        per=ORDER_FACTS,
        scale=100,
        unit="per 100",
        better="down",
    ),
    Kpi(
        "contacts_about_100_orders",
        label="Contacts about 100 orders",
        label_zh="每百单相关咨询量（按下单批次）",
        asks="How often do customers contact us about the orders of a period, whenever they do so within four weeks?",
        asks_zh="某一时期的订单，在下单后四周内带来多少次咨询？",
        means="Conversations that name one of the orders placed in the period, opened before 28 days had passed since "
        "it was placed, over those orders, times 100; only orders at least 28 days old. A promotion does not make it "
        "fall as it does contacts_per_100_orders, whose contacts and orders are not the same people's.",
        example="4 orders at least 28 days old; one was asked about three times, another once on its 27th day and "
        "once on its 30th: 4 contacts about 4 orders, 100 per 100.",
        beside=("contacts_per_100_orders", "orders_contacted_share"),
        of=ORDER_FACTS,
        kind="mean",
        num=nw.col("contacts_28d"),
        den=~nw.col("contacts_28d").is_null(),
        scale=100,
        unit="per 100",
        better="down",
        lag_days=FOUR_WEEKS,
    ),
    Kpi(
        "orders_contacted_share",
        label="Orders asked about",
        label_zh="被咨询订单占比",
        asks="Which share of orders makes the customer contact us at least once within four weeks?",
        asks_zh="多大比例的订单在下单后四周内至少被咨询一次？",
        means="The net side of contacts_about_100_orders: an order counts once, however often it was asked about.",
        example="4 orders at least 28 days old, of which one was asked about three times and one once: 2 of 4, 50 %.",
        beside=("contacts_about_100_orders",),
        of=ORDER_FACTS,
        kind="share",
        num=nw.col("contacted"),
        den=~nw.col("contacted").is_null(),
        unit="share",
        better="down",
        lag_days=FOUR_WEEKS,
    ),
    Kpi(
        "messages_per_conversation",
        label="Messages per conversation",
        label_zh="每会话消息数",
        asks="How much is said in a conversation?",
        asks_zh="每个会话要说多少条消息？",
        means="Public messages of customers, agents and bots over conversations in which the customer wrote.",
        example="Conversations of 2, 4 and 6 public messages, and one of 3 in which only the shop wrote: (2 + 4 + "
        "6) / 3 = 4.",
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
        example="10 conversations: 3 of customers without an order, 5 of customers with one, 2 of a source that "
        "names no customer who ever bought: 3 / 8 = 37.5 %.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("presale"),
        den=~nw.col("presale").is_null(),
        unit="share",
        better="neither",
    ),
)
