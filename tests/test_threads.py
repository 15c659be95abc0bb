"""Conversations to issue threads: who wrote again about the same thing."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.schema import CONVERSATIONS, ISSUE_THREADS, MENTION_TOPICS, MENTIONS, UNASSIGNED
from insight.store import conform
from insight.threads import issue_threads
from tests.rows import DAY, START, table

COLUMNS = ["conversation_id", "topic_id", "thread_id", "nth", "previous_conversation_id", "link"]


def threads(contacts, *, more_mentions=()):
    """Issue threads of contacts: (conversation, customer, topic, order or None, day)."""
    mentions = [
        {
            "mention_id": f"{conversation}:{topic}",
            "origin": "message",
            "conversation_id": conversation,
            "customer_key": customer,
            "order_id": order,
            "said_ms": START + round(day * DAY),
            "text": f"{topic} in {conversation}",
        }
        for conversation, customer, topic, order, day in contacts
    ]
    topics = [{"mention_id": m["mention_id"], "topic_id": m["mention_id"].split(":")[1]} for m in mentions]
    told = {c[0]: {"conversation_id": c[0], "customer_key": c[1]} for c in contacts}
    return run([*mentions, *more_mentions], topics, told.values())


def run(mentions, topics, conversations):
    frames = (
        table(of, *rows).to_pandas(types_mapper=pd.ArrowDtype)
        for of, rows in ((MENTIONS, mentions), (MENTION_TOPICS, topics), (CONVERSATIONS, conversations))
    )
    return conform(ISSUE_THREADS, issue_threads(*frames)).to_pylist()


def groups(rows):
    """The conversations of each thread, in the order of contact."""
    found = {}
    for row in sorted(rows, key=lambda r: (r["thread_id"], r["nth"])):
        found.setdefault(row["thread_id"], []).append(row["conversation_id"])
    return sorted(found.values())


def test_two_contacts_about_the_same_order_and_issue_are_one_thread():
    rows = threads([("a", "ann", "late", "o1", 0), ("b", "ann", "late", "o1", 2.5)])

    assert [["a", "b"]] == groups(rows)
    second = rows[1]
    assert ("a", 2, 60.0, "same order and issue") == tuple(
        second[k] for k in ("previous_conversation_id", "nth", "gap_hours", "link")
    )
    assert ("first", 1, None, None) == tuple(
        rows[0][k] for k in ("link", "nth", "previous_conversation_id", "gap_hours")
    )


def test_the_same_order_and_issue_stay_one_thread_after_months():
    assert [["a", "b"]] == groups(threads([("a", "ann", "late", "o1", 0), ("b", "ann", "late", "o1", 90)]))


def test_the_same_issue_without_an_order_joins_within_thirty_days_only():
    contacts = [("a", "ann", "late", None, 0), ("b", "ann", "late", None, 30), ("c", "ann", "late", None, 60.1)]

    assert [["a", "b"], ["c"]] == groups(threads(contacts))


def test_two_orders_are_two_cases():
    assert [["a"], ["b"]] == groups(threads([("a", "ann", "late", "o1", 0), ("b", "ann", "late", "o2", 1)]))


def test_a_contact_without_an_order_continues_the_latest_case():
    contacts = [("a", "ann", "late", "o1", 0), ("b", "ann", "late", "o2", 1), ("c", "ann", "late", None, 2)]

    assert [["a"], ["b", "c"]] == groups(threads(contacts))


def test_the_first_order_named_continues_the_case_that_had_none():
    contacts = [("a", "ann", "late", None, 0), ("b", "ann", "late", "o1", 1), ("c", "ann", "late", "o2", 2)]
    rows = threads(contacts)

    assert [["a", "b"], ["c"]] == groups(rows)
    assert "same issue" == rows[1]["link"]


def test_an_order_with_a_case_of_its_own_does_not_take_over_another():
    contacts = [("a", "ann", "late", "o1", 0), ("b", "ann", "late", None, 50), ("c", "ann", "late", "o1", 51)]

    assert [["a", "c"], ["b"]] == groups(threads(contacts))


def test_another_customer_and_another_issue_are_other_threads():
    contacts = [("a", "ann", "late", "o1", 0), ("b", "bob", "late", "o1", 1), ("c", "ann", "broken", "o1", 2)]

    assert [["a"], ["b"], ["c"]] == groups(threads(contacts))


def test_what_fits_no_topic_is_joined_by_the_same_order_only():
    contacts = [
        ("a", "ann", UNASSIGNED, "o1", 0),
        ("b", "ann", UNASSIGNED, None, 1),
        ("c", "ann", UNASSIGNED, None, 2),
        ("d", "ann", UNASSIGNED, "o1", 3),
    ]
    rows = threads(contacts)

    assert [["a", "d"], ["b"], ["c"]] == groups(rows)
    assert "same order" == rows[3]["link"]


def test_writing_again_in_the_same_conversation_is_no_new_contact():
    again = {
        "mention_id": "later",
        "origin": "message",
        "conversation_id": "a",
        "customer_key": "ann",
        "said_ms": START + DAY,
    }
    mentions = [{**again, "mention_id": "first", "said_ms": START, "text": "late"}, again]
    topics = [{"mention_id": m, "topic_id": "late", "similarity": s} for m, s in (("first", 0.9), ("later", 0.5))]
    rows = run(mentions, topics, [{"conversation_id": "a", "customer_key": "ann"}])

    assert [("a", 1, START, "late")] == [(r["conversation_id"], r["nth"], r["contacted_ms"], r["proof"]) for r in rows]


def test_words_of_a_survey_or_a_review_are_no_contact():
    told = {"customer_key": "ann", "said_ms": START}
    mentions = [
        {**told, "mention_id": "s", "origin": "survey", "conversation_id": "a"},
        {**told, "mention_id": "r", "origin": "review", "conversation_id": None},
    ]
    topics = [{"mention_id": m, "topic_id": "late"} for m in "sr"]

    assert [] == run(mentions, topics, [{"conversation_id": "a", "customer_key": "ann"}])


def test_the_conversations_order_counts_where_the_mention_names_none():
    mentions = [
        {
            "mention_id": c,
            "origin": "message",
            "conversation_id": c,
            "customer_key": "ann",
            "said_ms": START + i * 40 * DAY,
        }
        for i, c in enumerate("ab")
    ]
    conversations = [{"conversation_id": c, "customer_key": "ann", "order_id": "o1"} for c in "ab"]
    rows = run(mentions, [{"mention_id": c, "topic_id": "late"} for c in "ab"], conversations)

    assert ["o1", "o1"] == [row["order_id"] for row in rows]
    assert [["a", "b"]] == groups(rows)


def naive(contacts):
    """The same rules, one contact after the other."""
    threads_of, rows = {}, []
    for conversation, customer, topic, order, day in sorted(contacts, key=lambda c: (c[4], c[0])):
        known = threads_of.setdefault((customer, topic), [])
        recent = [t for t in known if topic != UNASSIGNED and t["day"] >= day - 30]
        latest = max(recent, key=lambda t: t["place"], default=None)
        if order is not None:
            mine = next((t for t in known if t["order"] == order), None)
            if mine is None and latest is not None and latest["order"] is None:
                mine = latest
        else:
            mine = latest
        if mine is None:
            mine = {"name": f"{conversation}/{topic}", "order": order, "of": []}
            known.append(mine)
        mine["of"].append(conversation)
        mine |= {"day": day, "place": len(rows), "order": mine["order"] or order}
        rows.append((conversation, topic, mine["name"], len(mine["of"])))
    return sorted(rows)


some_contacts = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["late", "broken", UNASSIGNED]),
        st.sampled_from([None, None, "o1", "o2"]),
        st.integers(0, 100),
    ),
    max_size=14,
).map(lambda found: [(f"c{i:02}", *contact) for i, contact in enumerate(found)])


@settings(deadline=None, max_examples=40)
@given(some_contacts)
def test_threads_are_those_of_the_slow_reference(contacts):
    rows = threads(contacts)

    assert naive(contacts) == sorted((r["conversation_id"], r["topic_id"], r["thread_id"], r["nth"]) for r in rows)


@settings(deadline=None, max_examples=40)
@given(some_contacts, st.integers(0, 100), st.randoms(use_true_random=False))
def test_later_contacts_change_nothing_about_earlier_ones_and_order_of_rows_nothing_at_all(contacts, cut, chance):
    whole = [{k: row[k] for k in COLUMNS} for row in threads(contacts) if row["contacted_ms"] <= START + cut * DAY]
    early = [contact for contact in contacts if contact[4] <= cut]
    chance.shuffle(early)

    assert whole == [{k: row[k] for k in COLUMNS} for row in threads(early)]


def test_a_customer_with_hundreds_of_contacts_is_no_trouble():
    contacts = [(f"c{i:04}", "ann", "late", None, i / 2) for i in range(2_000)]
    rows = threads(contacts)

    assert list(range(1, 2_001)) == [row["nth"] for row in rows]


def test_no_contacts_give_no_threads():
    assert [] == threads([])
