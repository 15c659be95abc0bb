"""What does it do for the business?"""

from __future__ import annotations

import narwhals as nw

from insight.kpis.base import MONEY, Kpi
from insight.periods import FOUR_WEEKS, WEEK
from insight.schema import CONVERSATION_FACTS, CUSTOMER_FACTS, ORDER_FACTS

RETURNS = 42
"""Days to be delivered and have 30 days for a return."""

QUARTER, HALF_YEAR = 90, 180
"""Days within which a customer buys again."""

KEPT = ~nw.col("cancelled").fill_null(False)
CENTS = 2
"""Digits of money that its squares can do without."""

FIRST = "by the day of the first order that the data hold: who bought before them is taken for new"
IN_SHOP = (
    "in the shop's currency, by the rates told and at the moment of the order; orders without a rate, without an "
    "amount, or cancelled are left out"
)

VALUES = (
    (
        "revenue",
        "Revenue",
        "销售额",
        "revenue",
        "What was paid, before refunds,",
        "Ann paid 20.00 and 30.00 USD, Bob 10.00 USD: 60.00 over 2 customers, 30.00 USD.",
    ),
    (
        "margin",
        "Margin",
        "毛利",
        "margin",
        "What was paid less refunds and less what goods, freight and fees cost,",
        "Ann paid 20.00 USD for what cost 12.00 and got 3.00 back, Bob 10.00 USD for what cost 11.00: 5.00 and "
        "-1.00, 4.00 over 2 customers, 2.00 USD.",
    ),
)
"""Worth of a customer: name, label and label in Chinese, what is asked for, what it is, and a case worked by hand."""

KPIS = (
    Kpi(
        "conversion_after_contact",
        label="Bought after asking",
        label_zh="咨询后转化率",
        asks="Which share of presale contacts was followed by an order?",
        asks_zh="多大比例的售前咨询之后下了单？",
        means="Presale contacts whose customer ordered within 7 days, over presale contacts at least 7 days old. Who "
        "asks wants to buy anyway: a rate, no effect of the service.",
        example="10 presale contacts, 8 of them 7 days old or more, 2 of these followed by an order within 7 days:"
        " 2 of 8 = 25 %.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("converted"),
        den=~nw.col("converted").is_null(),
        unit="share",
        better="up",
        lag_days=WEEK,
    ),
    Kpi(
        "late_delivery_share",
        label="Late deliveries",
        label_zh="延迟送达率",
        asks="Which share of orders had not arrived when they were promised?",
        asks_zh="多大比例的订单未在承诺日期前送达？",
        means="Orders not delivered by the end of the promised day, arrived since or not, over orders whose promised "
        "day is over; cancelled orders left out, and platforms that never tell a delivery; by the day of the order.",
        example="Promised by 10 May: arrived on the 9th, on the 10th at 23:59, on the 11th, and one not yet though"
        " it is the 12th: 2 of 4. A fifth, promised by the 20th, is not judged yet.",
        of=ORDER_FACTS,
        kind="share",
        num=nw.col("late"),
        den=~nw.col("late").is_null(),
        unit="share",
        better="down",
        lag_days=FOUR_WEEKS,
    ),
    Kpi(
        "return_rate",
        label="Returned orders",
        label_zh="退货率",
        asks="Which share of delivered orders came back?",
        asks_zh="已送达的订单中，退货占多大比例？",
        means="Orders with a return within 30 days of delivery over orders delivered at least 30 days ago, by the day "
        "of the order. Nothing is counted where no return is ever told.",
        example="5 orders delivered 30 days ago or earlier, one came back after 12 days, one after 40: 1 of 5. A "
        "sixth was delivered last week and is not counted.",
        of=ORDER_FACTS,
        kind="share",
        num=nw.col("returned_30d"),
        den=~nw.col("returned_30d").is_null(),
        unit="share",
        better="down",
        lag_days=RETURNS,
    ),
    Kpi(
        "refund_per_order",
        label="Paid back per order",
        label_zh="每单退款比例",
        asks="Which part of an order's value is paid back?",
        asks_zh="每个订单平均退还多大比例的金额？",
        means="Refund over what was paid, order by order, and then the mean: currencies are never added. Nothing is "
        "counted where no refund is ever told.",
        example="Paid back 5.00 of 20.00, 0 of 100.00 and 30.00 of 30.00: (25 % + 0 % + 100 %) / 3 = 41.7 %.",
        of=ORDER_FACTS,
        kind="mean",
        num=nw.col("refund_minor") / nw.col("total_minor"),
        den=nw.col("total_minor") > 0,
        digits=9,
        unit="share",
        better="down",
        lag_days=RETURNS,
    ),
    Kpi(
        "refund_share",
        label="Refunds of revenue",
        label_zh="退款金额占比",
        asks="Which part of what customers paid is paid back to them?",
        asks_zh="客户支付的金额中，有多大比例被退还？",
        means=f"What was paid back to date over what was paid, for the orders of the period, both {IN_SHOP}. A refund "
        "above what was paid counts as it is. Nothing is counted where no refund is ever told.",
        example="Orders of 20.00 and 80.00 USD; 10.00 of the first came back: 10 of 100, 10 %, while refund_per_order "
        "says 25 %, since there each order counts alike.",
        beside=("refund_per_order", "refunded_orders_share"),
        of=ORDER_FACTS,
        kind="mean",
        num=nw.col("refund_shop_minor"),
        den=nw.when(KEPT & ~nw.col("refund_shop_minor").is_null()).then(nw.col("total_shop_minor")),
        coarse=(CENTS, CENTS),
        unit="share",
        better="down",
        lag_days=RETURNS,
    ),
    Kpi(
        "refunded_orders_share",
        label="Orders with a refund",
        label_zh="退款订单占比",
        asks="Which share of orders is paid back, in part or as a whole?",
        asks_zh="多大比例的订单发生了部分或全额退款？",
        means="Orders with a refund above 0 to date over orders that were not cancelled, by the day of the order. "
        "Nothing is counted where no refund is ever told.",
        example="3 orders: one paid back in part, one as a whole, one not at all: 2 of 3.",
        beside=("refund_share",),
        of=ORDER_FACTS,
        kind="share",
        num=nw.col("refund_minor") > 0,
        den=KEPT & ~nw.col("refund_minor").is_null(),
        unit="share",
        better="down",
        lag_days=RETURNS,
    ),
    Kpi(
        "average_order_value",
        label="Average order",
        label_zh="客单价",
        asks="How much is an order worth?",
        asks_zh="平均每单金额是多少？",
        means=f"What customers paid over the number of orders, {IN_SHOP}; before refunds.",
        example="Orders of 20.00 USD and of 100.00 EUR at 1.10: 130.00 USD over 2 orders, 65.00 USD; a third in a "
        "currency without a rate is left out and counted.",
        of=ORDER_FACTS,
        kind="mean",
        num=nw.col("total_shop_minor"),
        den=KEPT & ~nw.col("total_shop_minor").is_null(),
        coarse=(CENTS, 0),
        unit=MONEY,
        better="up",
    ),
    *(
        Kpi(
            f"repurchase_{days}d",
            label=f"Bought again in {days} days",
            label_zh=f"{days}天复购率",
            asks=f"Which share of new customers buys again within {days} days?",
            asks_zh=f"新客户中，{days}天内再次购买的占多大比例？",
            means=f"Customers with another order, not cancelled, on a later day and less than {days} days after their "
            f"first, over customers whose first order is at least {days} days old; {FIRST}. Orders that name no "
            "customer are left out and counted.",
            example=f"Ann buys on 1 January and again on 20 January, Bob on 1 January and twice that day, Cy on 1 "
            f"January and {days} days later: 1 of 3.",
            of=CUSTOMER_FACTS,
            kind="share",
            num=nw.col(f"repurchased_{days}d"),
            den=~nw.col(f"repurchased_{days}d").is_null(),
            unit="share",
            better="up",
            lag_days=days,
        )
        for days in (QUARTER, HALF_YEAR)
    ),
    *(
        Kpi(
            f"customer_{name}_90d",
            label=f"{label} per customer, 90 days",
            label_zh=f"首单后90天客均{label_zh}",
            asks=f"How much {asks} does a new customer bring within 90 days?",
            asks_zh=f"一位新客户在首单后90天内平均带来多少{label_zh}？",
            means=f"{means} of orders placed less than 90 days after the first one, over customers whose first order "
            f"is at least 90 days old and of whose orders it is known, {IN_SHOP}; {FIRST}.",
            example=example,
            of=CUSTOMER_FACTS,
            kind="mean",
            num=nw.col(f"{name}_90d_minor"),
            den=~nw.col(f"{name}_90d_minor").is_null(),
            coarse=(CENTS, 0),
            unit=MONEY,
            better="up",
            lag_days=QUARTER,
        )
        for name, label, label_zh, asks, means, example in VALUES
    ),
    *(
        Kpi(
            f"lifetime_{name}",
            label=f"{label} per customer, to date",
            label_zh=f"客均累计{label_zh}",
            asks=f"How much {asks} has a customer brought so far?",
            asks_zh=f"一位客户至今平均带来多少{label_zh}？",
            means=f"{means} of all orders to date, over customers of whose orders it is known, {IN_SHOP}; {FIRST}. "
            f"Nothing is forecast. Who came earlier has had longer to buy: compare customer_{name}_90d.",
            example=example,
            beside=(f"customer_{name}_90d",),
            of=CUSTOMER_FACTS,
            kind="mean",
            num=nw.col(f"lifetime_{name}_minor"),
            den=~nw.col(f"lifetime_{name}_minor").is_null(),
            coarse=(CENTS, 0),
            unit=MONEY,
            better="neither",
        )
        for name, label, label_zh, asks, means, example in VALUES
    ),
)
