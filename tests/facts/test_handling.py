"""How long was a person at work in a conversation, where that person held several at a time?"""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.facts import response_times
from insight.schema import MESSAGES
from tests.facts.test_response_times import talk
from tests.rows import table


def shared(*conversations):
    """handle_ms and handle_shared_ms of each conversation, in seconds."""
    rows = [row for n, lines in enumerate(conversations) for row in talk(*lines, conversation=f"c{n}")]
    told = response_times.facts(table(MESSAGES, *rows)).to_pylist()
    return [(row["handle_ms"] / 1000, row["handle_shared_ms"] / 1000) for row in told]


def test_a_moment_in_two_chats_counts_half_in_each():
    # ann works on c0 from 0 to 60 and on c1 from 30 to 90: 30 alone + 30 together / 2 in each, 90 s in all.
    first = ("customer", 0), ("agent", 60, "ann")
    second = ("customer", 30), ("agent", 90, "ann")
    assert shared(first, second) == [(60, 45), (60, 45)]


def test_three_chats_at_a_time_and_one_that_goes_on_alone():
    # all three from 0 to 30: 10 s each; the third alone from 30 to 60.
    chat = ("customer", 0), ("agent", 30, "ann")
    longer = ("customer", 0), ("agent", 60, "ann")
    assert shared(chat, chat, longer) == [(30, 10), (30, 10), (60, 40)]


def test_two_agents_share_nothing():
    assert shared((("customer", 0), ("agent", 60, "ann")), (("customer", 0), ("agent", 60, "bob"))) == [(60, 60)] * 2


def test_of_agents_that_nobody_names_each_conversation_has_one_of_its_own():
    assert shared(*[(("customer", 0), ("agent", 60))] * 2) == [(60, 60)] * 2


def test_a_silence_is_no_work_for_another_chat_either():
    # ann answers c0 after an hour: active from 3300 to 3600 only; c1, from 0 to 60, is not shared with it.
    late = ("customer", 0), ("agent", 3600, "ann")
    assert shared(late, (("customer", 0), ("agent", 60, "ann"))) == [(300, 300), (60, 60)]


def test_thousandths_that_do_not_divide_are_given_out_whole():
    # 0.1 s among three: 33 ⅓ ms each, by running sum 33, 67 - 33 and 100 - 67.
    assert shared(*[(("customer", 0), ("agent", 0.1, "ann"))] * 3) == [(0.1, 0.033), (0.1, 0.034), (0.1, 0.033)]


# ---------------------------------------------------------------- a second, naive implementation

LINE = st.tuples(
    st.sampled_from(["customer", "agent", "agent", "bot"]),
    st.sampled_from([0, 1, 2, 7, 300, 301]),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from([True, True, False]),
)
SHOP = st.lists(st.tuples(st.integers(0, 40), st.lists(LINE, min_size=1, max_size=7)), min_size=1, max_size=9)


def by_seconds(rows):
    """Seconds by conversation: each second of an agent goes in equal parts to where the agent is at work in it."""
    at_work = {}
    for before, row in zip([None, *rows], rows, strict=False):
        if row["author"] == "agent" and before and before["conversation_id"] == row["conversation_id"]:
            end = row["sent_ms"] // 1000
            for second in range(max(before["sent_ms"] // 1000, end - 300), end):
                at_work.setdefault((row["agent_id"], second), set()).add(row["conversation_id"])
    parts = Counter()
    for conversations in at_work.values():
        parts.update(dict.fromkeys(conversations, 1 / len(conversations)))
    return parts, len(at_work)


@settings(max_examples=40, deadline=None)
@given(SHOP, st.randoms(use_true_random=False))
def test_shares_are_those_of_a_count_second_by_second_and_add_up_exactly(conversations, dice):
    rows = []
    for number, (at, lines) in enumerate(conversations):
        spoken = []
        for author, gap, agent, public in lines:
            at += gap
            spoken.append((author, at, agent if author == "agent" else None, public))
        rows += talk(*spoken, conversation=f"c{number}")
    parts, active_s = by_seconds(rows)
    dice.shuffle(rows)
    told = response_times.facts(table(MESSAGES, *rows)).to_pylist()
    assert sum(row["handle_shared_ms"] or 0 for row in told) == active_s * 1000
    for row in told:
        assert abs((row["handle_shared_ms"] or 0) - parts[row["conversation_id"]] * 1000) <= 2  # rounded per agent
        assert (row["handle_shared_ms"] or 0) <= (row["handle_ms"] or 0) + 2


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_however_many_at_a_time_an_agents_shares_add_up_to_the_agents_time(many, seed):
    dice = np.random.default_rng(seed)
    rows, spans = [], []
    for number in range(many):
        start, long = dice.integers(0, 5000), dice.integers(1, 300_000)
        rows += talk(("customer", start / 1000), ("agent", (start + long) / 1000, "ann"), conversation=f"c{number:02}")
        spans.append((start, start + long))
    together, end = 0, 0
    for start, stop in sorted(spans):
        together, end = together + max(0, stop - max(start, end)), max(end, stop)
    told = response_times.facts(table(MESSAGES, *rows))["handle_shared_ms"].to_pylist()
    assert sum(told) == together
