"""What does it do for the business?"""

from __future__ import annotations

import narwhals as nw

from insight.kpis.base import Kpi
from insight.periods import FOUR_WEEKS, WEEK
from insight.schema import CONVERSATION_FACTS, ORDER_FACTS

RETURNS = 42
"""Days to be delivered and have 30 days for a return."""

KPIS = (
    Kpi(
        "conversion_after_contact",
        label="Bought after asking",
        label_zh="咨询后转化率",
        asks="Which share of presale contacts was followed by an order?",
        asks_zh="多大比例的售前咨询之后下了单？",
        means="Presale contacts whose customer ordered within 7 days, over presale contacts at least 7 days old. Who "
        "asks wants to buy anyway: a rate, no effect of the service.",
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
        of=ORDER_FACTS,
        kind="mean",
        num=nw.col("refund_minor") / nw.col("total_minor"),
        den=nw.col("total_minor") > 0,
        digits=9,
        unit="share",
        better="down",
        lag_days=RETURNS,
    ),
)
