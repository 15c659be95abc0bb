"""How fast are customers helped, and with how much work?"""

from __future__ import annotations

import narwhals as nw

from insight.kpis.base import Kpi
from insight.schema import CONVERSATION_FACTS, CUSTOMER_TURNS

FIRST = (
    "From the customer's first message to the first public message of a person after it. A bot answers nothing, and "
    "what an agent wrote before the customer is no answer."
)

TO_FIRST = (
    "From opening to the first time it was settled (solved, or closed without being solved before), over conversations "
    "that ever were."
)
TO_LAST = (
    "From opening to the last time it was settled; opened again, the time runs on. Over conversations that are settled "
    "now."
)
REOPENED = "Solved after 2 h, reopened after 5 h, solved again after 9 h:"
RESOLUTIONS = (
    ("first", "First", "首次", TO_FIRST, f"{REOPENED} 2 h (and full resolution 9 h).", ""),
    ("full", "Full", "最终", TO_LAST, f"{REOPENED} 9 h (and first resolution 2 h).", " until it is over for good"),
)
PLACES = ((0.5, "median", "median", "中位数"), (0.9, "p90", "90th percentile", "第90百分位"))

RESOLUTION = tuple(
    Kpi(
        f"{which}_resolution_{short}",
        label=f"{name} resolution, {place}",
        label_zh=f"{name_zh}解决用时（{place_zh}）",
        asks=f"How long does {'a typical matter' if p == 0.5 else 'the slowest tenth of matters'} take{until}"
        f"{'' if until else ' to be settled for the first time'}{'' if p == 0.5 else ', at least'}?",
        asks_zh=f"{'一件事' if p == 0.5 else '最慢的一成至少'}要多久才{name_zh}解决？",
        means=f"{means} Calendar time. {place[0].upper()}{place[1:]}.",
        example=example,
        differs="Some tools take the closing, which systems set days after the solution; here the solution counts.",
        beside=(f"{'full' if which == 'first' else 'first'}_resolution_{short}", "reopen_share"),
        of=CONVERSATION_FACTS,
        kind="percentile",
        num=nw.col(f"{which}_resolution_ms"),
        percentile=p,
        scale=0.001,
        unit="seconds",
        better="down",
    )
    for which, name, name_zh, means, example, until in RESOLUTIONS
    for p, short, place, place_zh in PLACES
)

KPIS = (
    Kpi(
        "first_response_median",
        label="First response, median",
        label_zh="首次响应（中位数）",
        asks="How long does a customer typically wait for the first answer?",
        asks_zh="客户通常要等多久才得到首次人工回复？",
        means=f"{FIRST} Median over answered conversations; see unanswered_share for the others.",
        example="3 conversations answered after 10, 40 and 90 s, one not at all: the median of the three is 40 s. "
        "The fourth stands in unanswered_share, 1 of 4.",
        differs="Some tools start the clock when the ticket is made, count a bot's reply, or count office hours "
        "only: each makes the figure smaller.",
        of=CONVERSATION_FACTS,
        kind="percentile",
        num=nw.col("first_response_ms"),
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "first_response_p90",
        label="First response, 90th percentile",
        label_zh="首次响应（第90百分位）",
        asks="How long do the unluckiest tenth of customers wait for the first answer, at least?",
        asks_zh="等待最久的一成客户至少要等多久？",
        means=f"{FIRST} 90th percentile over answered conversations.",
        example="Answered after 10, 20, 30, 40 and 100 s: the place (5 - 1) × 0.9 = 3.6 lies between 40 and 100 s:"
        " 40 + 0.6 × 60 = 76 s.",
        of=CONVERSATION_FACTS,
        kind="percentile",
        num=nw.col("first_response_ms"),
        percentile=0.9,
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "late_response_share",
        label="Late first responses",
        label_zh="首次响应超时率",
        asks="Which share of conversations waited longer for the first answer than their channel's limit?",
        asks_zh="首次响应超过渠道时限的会话占多大比例？",
        means="Answered after the limit, or not at all although the limit has passed, over all conversations in which "
        "the customer wrote and the limit has passed or an answer came. Limits are set per channel.",
        example="Limit 60 s. Answered after 10, 40 and 90 s, one unanswered for an hour, one that asked 20 s "
        "before the data end: late are the 90 s and the unanswered one, 2 of 4; the last is not judged "
        "yet.",
        differs="Tools that leave unanswered conversations out show late_answer_share, which is lower.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("late_response"),
        den=~nw.col("late_response").is_null(),
        unit="share",
        better="down",
    ),
    Kpi(
        "first_response_business_median",
        label="First response in opening hours, median",
        label_zh="首次响应（营业时间，中位数）",
        asks="How much of your opening hours passes before a customer gets the first answer?",
        asks_zh="客户得到首次人工回复前，经过了多少营业时间？",
        means=f"{FIRST} Only opening hours count, of every schedule that the conversation had, each for as long as it "
        "had it. Median over answered conversations whose schedules are all known.",
        example="Open 09:00 to 18:00. Asked on Friday at 17:30, answered on Monday at 09:10: 30 + 10 = 40 minutes; on "
        "the calendar 63 h 40 min.",
        differs="Some helpdesks count by the last schedule alone; see docs/definitions.md, 3.",
        beside=("first_response_median",),
        of=CONVERSATION_FACTS,
        kind="percentile",
        num=nw.col("first_response_business_ms"),
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "late_response_business_share",
        label="Late first responses in opening hours",
        label_zh="首次响应超时率（营业时间）",
        asks="Counting opening hours only, which share waited longer for the first answer than the channel's limit?",
        asks_zh="只计营业时间，首次响应超过渠道时限的会话占多大比例？",
        means="As late_response_share, but the wait counts opening hours only, and conversations without a known "
        "schedule are left out. Marketplaces that count nights and weekends go by late_response_share.",
        example="Limit 24 h, open 09:00 to 18:00 on weekdays. Asked on Friday at 17:30, answered on Monday at 18:00: "
        "72.5 h on the calendar are late, 9.5 opening hours are not.",
        beside=("late_response_share",),
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("late_response_business"),
        den=~nw.col("late_response_business").is_null(),
        unit="share",
        better="down",
    ),
    Kpi(
        "late_answer_share",
        label="Late among answered",
        label_zh="已回复会话的超时率",
        asks="Of the conversations that were answered, which share was answered after the limit?",
        asks_zh="已回复的会话中，超时回复占多大比例？",
        means="As many tools count it: unanswered conversations are left out, so it flatters; compare with "
        "late_response_share.",
        example="Answered after 10, 40 and 90 s with a limit of 60 s, one not at all: 1 of 3; late_response_share "
        "says 2 of 4.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("late_response"),
        den=nw.col("answered"),
        unit="share",
        better="down",
    ),
    Kpi(
        "unanswered_share",
        label="Unanswered",
        label_zh="未回复率",
        asks="Which share of conversations in which the customer wrote did no person ever answer?",
        asks_zh="客户留言却始终无人工回复的会话占多大比例？",
        means="No public message of a person after the customer's first, up to the end of the data.",
        example="Customers wrote in 4 conversations, persons answered 3; of one of the four only a bot said "
        "something: 1 of 4.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=~nw.col("answered"),
        den=nw.col("needs_answer"),
        unit="share",
        better="down",
    ),
    Kpi(
        "wait_mean",
        label="Mean wait for an answer",
        label_zh="平均响应时长",
        asks="How long does a customer wait, each time an answer is due?",
        asks_zh="客户每次等待回复平均要多久？",
        means="Sum of all waits over their number; each wait from the first unanswered message of the customer to the "
        "next public message of a person.",
        example="The customer writes at 9:00 and 9:02 and is answered at 9:03, writes again at 9:10, answered at "
        "9:11: waits of 180 s and 60 s, mean 120 s. Counted from 9:02 the first would be 60 s.",
        differs="Measured from the customer's last message before the answer, as some tools do, each wait is shorter.",
        of=CONVERSATION_FACTS,
        kind="mean",
        num=nw.col("wait_ms"),
        den=nw.col("waits"),
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "wait_p90",
        label="Wait for an answer, 90th percentile",
        label_zh="每次等待回复（第90百分位）",
        asks="How long do the unluckiest tenth of waits for an answer last, at least?",
        asks_zh="等待最久的一成，每次至少要等多久？",
        means="90th percentile over every time a customer waited and was answered, the first time and each later one; "
        "messages that only thank or acknowledge are left out. See unanswered_turns_share for the others.",
        example="11 waits of 1, 2 … 11 s: the tenth in order, 10 s.",
        beside=("wait_mean", "unanswered_turns_share"),
        of=CUSTOMER_TURNS,
        kind="percentile",
        num=nw.col("wait_ms"),
        den=nw.col("needs_reply"),
        percentile=0.9,
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "longest_wait",
        label="Longest wait",
        label_zh="最长等待",
        asks="How long did the customer wait who waited longest?",
        asks_zh="等得最久的客户等了多久？",
        means="The longest of all waits for an answer; who is still unanswered has waited up to the end of the data. "
        "Messages that only thank or acknowledge are left out.",
        example="Answered after 5 and 20 s, and one unanswered since 3 days: 3 days, 259,200 s.",
        beside=("wait_p90",),
        of=CUSTOMER_TURNS,
        kind="percentile",
        num=nw.col("waited_ms"),
        den=nw.col("needs_reply"),
        percentile=1.0,
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "unanswered_turns_share",
        label="Unanswered messages",
        label_zh="未回复的来信占比",
        asks="How often does a customer write and get no answer, at the first time or later?",
        asks_zh="客户来信（无论首次还是后续）没有得到回复的占多大比例？",
        means="Times a customer wrote and no person has answered up to the end of the data, over all times a customer "
        "wrote; several messages in a row count once, and messages that only thank or acknowledge do not count.",
        example="A customer asks, is answered, asks again in two messages and hears nothing, then the conversation "
        "ends: 1 of 2.",
        beside=("unanswered_share",),
        of=CUSTOMER_TURNS,
        kind="share",
        num=~nw.col("answered"),
        den=nw.col("needs_reply"),
        unit="share",
        better="down",
    ),
    Kpi(
        "late_wait_share",
        label="Late answers",
        label_zh="每次回复的超时率",
        asks="How often does a customer wait for an answer longer than the channel's limit, first or later?",
        asks_zh="客户每次等待回复（含后续）超过渠道时限的占多大比例？",
        means="Answered after the channel's limit for first responses, or not at all although it has passed, over all "
        "times a customer wrote and the limit has passed or an answer came; without messages that only thank or "
        "acknowledge.",
        example="Chat, limit 60 s: waits of 10 and 61 s, one unanswered for an hour, one unanswered for 30 s when the "
        "data end: 2 of 3.",
        beside=("late_response_share", "amazon_late_response_rate"),
        of=CUSTOMER_TURNS,
        kind="share",
        num=nw.col("late"),
        den=~nw.col("late").is_null(),
        unit="share",
        better="down",
    ),
    Kpi(
        "amazon_late_response_rate",
        label="Late responses as Amazon counts",
        label_zh="亚马逊口径迟回复率",
        asks="Which share of customers' messages was not answered within 24 hours?",
        asks_zh="客户来信中，24小时内未回复的占多大比例？",
        means="Times a customer wrote and no person answered within 24 hours, weekends and holidays included, over all "
        "times a customer wrote and 24 hours have passed or an answer came. Messages that only thank or acknowledge "
        "need no reply. Slice by platform for Amazon alone.",
        example="Answered after 2 hours, after exactly 24 hours and after 25 hours, one unanswered for 30 hours, one "
        "for 3 hours when the data end: 2 of 4.",
        differs="Amazon leaves out what sellers mark as needing no response; here the words tell.",
        beside=("late_wait_share", "late_response_share"),
        of=CUSTOMER_TURNS,
        kind="share",
        num=nw.col("late_24h"),
        den=~nw.col("late_24h").is_null(),
        unit="share",
        better="down",
    ),
    Kpi(
        "handle_mean",
        label="Mean handling time",
        label_zh="平均处理时长",
        asks="How much working time does a conversation take?",
        asks_zh="处理一个会话平均花多少工作时间？",
        means="Gaps between messages that end in a person's message or note, each counted up to 5 minutes, over "
        "conversations in which a person wrote. Work on several chats at a time is counted in each of them.",
        example="The agent answers 2 min after the customer, and again 20 min later: 2 + 5 (the gap counts up to 5"
        " minutes) = 7 min = 420 s. A second conversation takes 60 s: mean 240 s.",
        differs="Closed less opened is called handling time elsewhere; that is open_median, and mostly waiting.",
        of=CONVERSATION_FACTS,
        kind="mean",
        num=nw.col("handle_ms"),
        den=~nw.col("handle_ms").is_null(),
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "handle_shared_mean",
        label="Handling time, chats at a time shared",
        label_zh="平均处理时长（并行会话分摊）",
        asks="How much of an agent's day does a conversation take, where several are handled at a time?",
        asks_zh="同时处理多个会话时，一个会话实际占用客服多少工作时间？",
        means="As handle_mean, but a moment in which an agent is active in several conversations is shared equally "
        "among them: an agent's conversations add up to the agent's active time. Where nobody tells who wrote, nothing "
        "is shared.",
        example="One agent is active in a chat from 0 to 60 s and in another from 30 to 90 s: 30 s alone and half of "
        "30 s together in each, 45 s each and 90 s in all; handle_mean says 60 s each.",
        beside=("handle_mean",),
        of=CONVERSATION_FACTS,
        kind="mean",
        num=nw.col("handle_shared_ms"),
        den=~nw.col("handle_shared_ms").is_null(),
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "duration_median",
        label="Duration, median",
        label_zh="会话时长（中位数）",
        asks="How long does a conversation typically go on?",
        asks_zh="一个会话通常持续多久？",
        means="From the first to the last public message of customer, agent or bot.",
        example="First to last message: 2 min, 10 min and 3 days: the median is 10 min.",
        of=CONVERSATION_FACTS,
        kind="percentile",
        num=nw.col("duration_ms"),
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "open_median",
        label="Time to close, median",
        label_zh="关闭用时（中位数）",
        asks="How long does it typically take until a conversation is closed?",
        asks_zh="会话通常多久后关闭？",
        means="From opening to closing, by the source's own times, over closed conversations.",
        example="Opened to closed: 1 h, 5 h and 2 days, one still open: the median of the three is 5 h.",
        of=CONVERSATION_FACTS,
        kind="percentile",
        num=nw.col("open_ms"),
        scale=0.001,
        unit="seconds",
        better="down",
    ),
    Kpi(
        "several_agents_share",
        label="More than one agent",
        label_zh="转接率",
        asks="In which share of answered conversations did the customer meet more than one agent?",
        asks_zh="已回复的会话中，由多名客服处理的占多大比例？",
        means="Two or more different agents wrote, in public or as a note.",
        example="4 answered conversations: with Ann; Ann and Bob; Bob with a note of Cy; Bob: 2 of 4.",
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("agents") > 1,
        den=nw.col("answered"),
        unit="share",
        better="down",
    ),
    Kpi(
        "handoff_share",
        label="Handed on",
        label_zh="交接率",
        asks="Which share of conversations was handed from one agent to another?",
        asks_zh="由一名客服交给另一名客服的会话占多大比例？",
        means="At least one change of the agent it is assigned to, where the source logs that, else of the agent who "
        "answers in public; over conversations of which one of both is told. The first assignment is no hand-off.",
        example="Assigned to Ann, to nobody, to Bob: one hand-off. Assigned to Ann alone: none. 1 of 2.",
        differs="Counting distinct agents calls Ann, Bob, Ann two agents; here it is two hand-offs.",
        beside=("several_agents_share", "transfer_share"),
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("handoffs") > 0,
        den=~nw.col("handoffs").is_null(),
        unit="share",
        better="down",
    ),
    Kpi(
        "transfer_share",
        label="Transferred to another team",
        label_zh="跨组转接率",
        asks="Which share of conversations went to another team?",
        asks_zh="转给其他团队的会话占多大比例？",
        means="At least one hand-off to an agent of another team, over conversations whose agents' teams are known.",
        example="Ann (Day) to Bob (Night): transferred. Ann to Cy, both Day: handed on, not transferred. 1 of 2.",
        beside=("handoff_share",),
        of=CONVERSATION_FACTS,
        kind="share",
        num=nw.col("transfers") > 0,
        den=~nw.col("transfers").is_null(),
        unit="share",
        better="down",
    ),
    *RESOLUTION,
)
