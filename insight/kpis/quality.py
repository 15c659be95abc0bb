"""Are customers helped well?"""

from __future__ import annotations

import narwhals as nw

from insight.kpis.base import Kpi
from insight.periods import FOUR_WEEKS, WEEK
from insight.schema import CONVERSATION_FACTS, ORDER_FACTS

SURVEYED = ~nw.col("csat_rating").is_null()
JUDGED = ~nw.col("came_back").is_null()

KPIS = (
    Kpi(
        "csat_mean",
        label="Satisfaction, mean",
        label_zh="满意度均值",
        asks="How satisfied are the customers who answered a survey?",
        asks_zh="参与评价的客户有多满意？",
        means="Mean of survey scores, each brought from its own scale to 0 (worst) … 1 (best). Read it with "
        "survey_response_share: those who answer are not like those who do not.",
        of=CONVERSATION_FACTS,
        kind="mean",
        num=nw.col("csat_rating"),
        den=SURVEYED,
        digits=9,
        unit="0 to 1",
        better="up",
    ),
    Kpi(
        "csat_top_box",
        label="Best score",
        label_zh="最高分占比",
        asks="Which share of survey answers gives the best score?",
        asks_zh="评价中给出最高分的占多大比例？",
        means="Answers with the best score of their scale over all answers.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("top_box"),
        den=SURVEYED,
        unit="share",
        better="up",
    ),
    Kpi(
        "csat_top_two",
        label="Two best scores",
        label_zh="前两档占比",
        asks="Which share of survey answers gives one of the two best scores?",
        asks_zh="评价中给出最高两档分数的占多大比例？",
        means="Over answers on scales of four or more steps; a middle score is not satisfied.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("top_two"),
        den=~nw.col("top_two").is_null(),
        unit="share",
        better="up",
    ),
    Kpi(
        "survey_response_share",
        label="Survey response",
        label_zh="评价参与率",
        asks="How many customers say how it was?",
        asks_zh="有多少客户参与评价？",
        means="Conversations with an answered survey over all that a person answered, asked or not. "
        "Nothing is counted where no survey is ever told.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("surveyed"),
        den=nw.col("answered"),
        unit="share",
        better="up",
    ),
    Kpi(
        "first_contact_resolution",
        label="Settled in one contact",
        label_zh="一次解决率",
        asks="Which share of contacts settled the issue, so that the customer did not write about it again?",
        asks_zh="多大比例的咨询一次就解决了问题，客户没有再为此联系？",
        means="Contacts without another of the same customer about the same issue or the same order within 7 days, on "
        "any channel, over all contacts that could be seen to return: at least 7 days old, with an issue that fits a "
        "topic or with an order.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=~nw.col("came_back"),
        den=JUDGED,
        unit="share",
        better="up",
        lag_days=WEEK,
    ),
    Kpi(
        "repeat_contact_share",
        label="Repeat contacts",
        label_zh="重复咨询率",
        asks="Which share of contacts was followed by another about the same issue or order?",
        asks_zh="多大比例的咨询之后，客户又为同一问题或同一订单再次联系？",
        means="The other side of first_contact_resolution.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("came_back"),
        den=JUDGED,
        unit="share",
        better="down",
        lag_days=WEEK,
    ),
    Kpi(
        "resolved_share",
        label="Closed",
        label_zh="关闭率",
        asks="Which share of conversations does the source call closed?",
        asks_zh="系统标记为已关闭的会话占多大比例？",
        means="Closed over those whose source tells. Closed is what the team says; see first_contact_resolution for "
        "what the customer does.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("resolved"),
        den=~nw.col("resolved").is_null(),
        unit="share",
        better="up",
    ),
    Kpi(
        "turned_bad_share",
        label="Turned bad",
        label_zh="情绪变差率",
        asks="In which share of conversations was the customer clearly upset at some point?",
        asks_zh="客户在多大比例的会话中曾明显不满？",
        means="Conversations with at least one public message of the customer whose mood, P(positive) - P(negative), "
        "is -0.5 or below, over those in which the customer wrote words. A mood is a model's reading: watch its "
        "change, and do not compare languages by it.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("turned_bad"),
        den=~nw.col("turned_bad").is_null(),
        unit="share",
        better="down",
    ),
    Kpi(
        "recovered_share",
        label="Mood recovered",
        label_zh="情绪挽回率",
        asks="Of the conversations that turned bad, which share ended well enough?",
        asks_zh="曾明显不满的会话中，多大比例最后情绪好转？",
        means="Conversations that ended with a mood above -0.25 (mean of the last third of the customer's messages) "
        "over those that turned bad and in which the customer wrote at least twice: of who writes once and falls "
        "silent, nobody can tell. A rate, no effect of the service: some calm down by themselves.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("recovered"),
        den=~nw.col("recovered").is_null(),
        unit="share",
        better="up",
    ),
    Kpi(
        "bad_review_share",
        label="Bad reviews",
        label_zh="差评率",
        asks="Which share of reviewed orders got a bad review?",
        asks_zh="有评价的订单中，差评占多大比例？",
        means="Orders with a review in the lowest two fifths of its scale (at most 2 of 5 stars) over reviewed orders, "
        "by the day of the order.",
        of=ORDER_FACTS,
        kind="share",
        num=nw.col("bad_review"),
        den=~nw.col("bad_review").is_null(),
        unit="share",
        better="down",
        lag_days=FOUR_WEEKS,
    ),
)
