"""Conversations to issue threads: who wrote again about the same thing."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.schema import (
    CONVERSATIONS,
    CUSTOMER_LINKS,
    ISSUE_THREADS,
    MENTION_TOPICS,
    MENTIONS,
    MESSAGES,
    UNASSIGNED,
)
from insight.store import conform
from insight.threads import issue_threads
from tests.rows import DAY, START, table

COLUMNS = ["conversation_id", "topic_id", "thread_id", "nth", "previous_conversation_id", "link", "kind"]
FAMILIES = {"late": "parcels", "where": "parcels", "broken": "quality", "service.no_answer": "service"}
SAYS = {"again": "still nothing from you", "settled": "it works now", "": "so it is"}


def threads(contacts, *, more_mentions=(), links=()):
    """Issue threads of contacts: (conversation, customer, topic, order or None, day, what is said, first key)."""
    told = [(*contact, *("", "unknown")[len(contact) - 5 :]) for contact in contacts]
    mentions = [
        {
            "mention_id": f"{conversation}:{topic}",
            "origin": "message",
            "conversation_id": conversation,
            "customer_key": customer,
            "order_id": order,
            "said_ms": START + round(day * DAY),
            "text": SAYS[says],
        }
        for conversation, customer, topic, order, day, says, _ in told
    ]
    topics = [{"mention_id": m["mention_id"], "topic_id": m["mention_id"].split(":")[1]} for m in mentions]
    held = {c[0]: {"conversation_id": c[0], "customer_key": c[1], "first_key": c[6], "language": "en"} for c in told}
    return run([*mentions, *more_mentions], topics, held.values(), links=links)


def run(mentions, topics, conversations, messages=None, links=()):
    frames = [
        table(of, *rows).to_pandas(types_mapper=pd.ArrowDtype)
        for of, rows in (
            (MENTIONS, mentions),
            (MENTION_TOPICS, topics),
            (CONVERSATIONS, conversations),
            (CUSTOMER_LINKS, links),
            (MESSAGES, messages or ()),
        )
    ]
    spoken = None if messages is None else frames[4]
    found = issue_threads(*frames[:3], spoken, families=FAMILIES, links=frames[3])
    return conform(ISSUE_THREADS, found).to_pylist()


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


def test_near_issues_are_one_case_with_the_same_order_only():
    where = ("a", "ann", "where", "o1", 0)

    assert [["a", "b"]] == groups(threads([where, ("b", "ann", "late", "o1", 3)]))
    assert [["a"], ["b"]] == groups(threads([where, ("b", "ann", "late", None, 3)]))
    assert [["a"], ["b"]] == groups(threads([where, ("b", "ann", "late", "o2", 3)]))
    assert [["a"], ["b"]] == groups(threads([where, ("b", "ann", "broken", "o1", 3)]))
    assert [["a"], ["b"]] == groups(threads([where, ("b", "ann", "late", "o1", 31)]))


def test_words_that_fit_no_topic_are_about_the_order_they_name():
    rows = threads(
        [("a", "ann", "late", "o1", 0), ("b", "ann", UNASSIGNED, "o1", 2), ("c", "ann", UNASSIGNED, None, 3)]
    )

    assert [["a", "b"], ["c"]] == groups(rows)
    assert [["first", "first"], ["same order", "repeat"]] == [[r["link"], r["kind"]] for r in rows if r["order_id"]]


def test_who_says_to_have_written_before_continues_the_latest_case_unless_it_is_another():
    late = ("a", "ann", "late", "o1", 0)

    assert [["a", "b"]] == groups(threads([late, ("b", "ann", UNASSIGNED, None, 4, "again")]))
    assert [["a", "b"]] == groups(threads([late, ("b", "ann", "service.no_answer", None, 4)]))
    assert [["a"], ["b"]] == groups(threads([late, ("b", "ann", UNASSIGNED, "o2", 4, "again")]))
    assert [["a"], ["b"]] == groups(threads([late, ("b", "ann", "broken", None, 4, "again")]))


def test_what_was_settled_is_another_case_after_thirty_days():
    broken, works = ("a", "ann", "broken", "o1", 0), ("b", "ann", "broken", "o1", 2, "settled")

    assert [["a", "b"], ["c"]] == groups(threads([broken, works, ("c", "ann", "broken", "o1", 60)]))
    assert [["a", "b", "c"]] == groups(threads([broken, works, ("c", "ann", "broken", "o1", 20)]))


def test_thanks_are_no_repeat_and_add_nothing_to_the_number():
    contacts = [
        ("a", "ann", "broken", "o1", 0),
        ("b", "ann", "broken", "o1", 2, "settled"),
        ("c", "ann", "broken", "o1", 5),
    ]

    assert [("first", 1), ("thanks", 1), ("repeat", 2)] == [(r["kind"], r["nth"]) for r in threads(contacts)]
    assert ["first"] == [r["kind"] for r in threads([("a", "ann", "broken", "o1", 0, "settled")])]


def spoken(conversation, seq, author, text, day, public=True):
    return {
        "message_id": f"{conversation}{seq}",
        "conversation_id": conversation,
        "seq": seq,
        "author": author,
        "public": public,
        "text": text,
        "sent_ms": START + round(day * DAY),
    }


def kinds(again, asked="Could you please send us a photo?", *, asked_on=0.5, more=()):
    """The kind of a second contact with these words, after the shop asked something in the first."""
    told = [("a", "The vase is broken.", 0), ("b", again, 2)]
    said = {"origin": "message", "customer_key": "ann", "similarity": 1.0}
    mentions = [
        said | {"mention_id": c, "conversation_id": c, "text": t, "said_ms": START + d * DAY} for c, t, d in told
    ]
    for mention in mentions:
        del mention["similarity"]
    topics = [{"mention_id": c, "topic_id": "broken"} for c, *_ in told]
    talks = [{"conversation_id": c, "customer_key": "ann", "language": "en", "order_id": "o1"} for c, *_ in told]
    lines = [spoken(c, 1, "customer", t, d) for c, t, d in told]
    lines += [spoken("a", 2, "agent", asked, asked_on), *more]
    return {r["conversation_id"]: r["kind"] for r in run(mentions, topics, talks, lines)}["b"]


def test_what_the_shop_had_asked_for_is_no_repeat():
    assert "asked for" == kinds("Here is the photo of the vase.")
    assert "repeat" == kinds("The vase is broken, what now?")
    assert "repeat" == kinds("Here is the photo of the vase.", "We will look into it.")
    assert "repeat" == kinds("Here is the photo of the vase.", asked_on=3), "asked after the customer wrote"
    replied = [spoken("a", 3, "agent", "Thank you, we will look into it.", 1)]
    assert "repeat" == kinds("Here is the photo of the vase.", more=replied), "the shop had what it needed"
    note = [spoken("a", 3, "agent", "Waiting for the photo.", 1, public=False)]
    assert "asked for" == kinds("Here is the photo of the vase.", more=note)


def test_thanks_beside_something_open_are_a_repeat():
    assert "thanks" == kinds("The new vase arrived today, thank you!")
    assert "repeat" == kinds("The new vase arrived today, but it is broken too.")
    assert "repeat" == kinds("The vase is still broken. Thank you.")
    assert "repeat" == kinds("Thank you, but when does the new vase come?")
    later = [spoken("b", 2, "agent", "Great!", 2.1), spoken("b", 3, "customer", "But wait, is it safe?", 2.2)]
    assert "thanks" == kinds("The new vase arrived today, thank you!", more=later), "only the first words are read"


def tied(key, day):
    """An order made known on a day that a key is ann."""
    return {
        "customer_key": key,
        "person_key": "ann",
        "by": "same order",
        "through": "o1",
        "since_ms": START + day * DAY,
    }


def test_cases_of_two_ids_are_told_apart_until_an_order_shows_that_they_are_one_person():
    contacts = [
        ("a", "ann", "late", None, 0, "", "ann"),
        ("b", "ann", "late", None, 2, "", "mail"),
        ("c", "ann", "late", "o1", 4, "", "mail"),
        ("d", "ann", "late", None, 6, "", "ann"),
    ]

    assert [["a"], ["b", "c", "d"]] == groups(threads(contacts, links=[tied("mail", 4)]))
    assert [["a", "b", "c", "d"]] == groups(threads(contacts))


def test_two_near_issues_of_one_conversation_are_one_contact():
    rows = threads([("a", "ann", "where", "o1", 0), ("a", "ann", "late", "o1", 0.1), ("b", "ann", "late", "o1", 2)])

    assert [["a", "a", "b"]] == groups(rows)
    assert [("first", 1), ("first", 1), ("repeat", 2)] == [
        (r["kind"], r["nth"]) for r in sorted(rows, key=lambda r: r["nth"])
    ]


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
    """The same rules, one contact after the other, over plain lists."""
    cases_of, rows = {}, []
    for contact in sorted(contacts, key=lambda c: (c[1], c[4], c[0], c[2])):
        conversation, customer, topic, order, day, says = contact
        cases = cases_of.setdefault(customer, [])
        case, link = continued(cases, topic, order, day, again=says == "again")
        if case is None:
            case = {"name": f"{conversation}/{topic}", "order": None, "of": []}
            cases.append(case)
        if conversation not in [c[0] for c in case["of"]]:
            case["links"] = {**case.get("links", {}), conversation: link}
        case["of"].append(contact)
        case["order"] = case["order"] or order
        case["place"] = len(rows)
        rows.append((conversation, topic, case["name"], case["links"][conversation]))
    return sorted(rows)


VAGUE = (UNASSIGNED, "service.no_answer")


def continued(cases, topic, order, day, *, again):
    """The case that a contact continues, and why."""
    near = [c for c in cases if c["of"][-1][4] >= day - 30]
    newest = latest(cases)
    asked = (same_case(cases, near, topic, order), *same_issue(cases, near, topic, order))
    found = next((pair for pair in asked if pair), None)
    if found is None and (again or topic == "service.no_answer") and newest in near and fits(newest, topic, order):
        found = newest, "customer says so"
    return found or (None, "first")


def same_case(cases, near, topic, order):
    """The case of the order and the issue, if any."""
    same = latest(last(cases, lambda c: (c[2], c[3]) == (topic, order))) if order else None
    if same is not None and (same in near or same["of"][-1][5] != "settled"):
        return same, "same order" if topic in VAGUE else "same order and issue"
    return None


def same_issue(cases, near, topic, order):
    """The case of the issue, of a near one, and of the order, each where it is there and near in time."""
    recent = latest(last(cases, lambda c: c[2] == topic != UNASSIGNED))
    if recent in near and (order is None or recent["order"] is None):
        yield recent, "same issue"
    if order is not None:
        kin = latest(last(cases, lambda c: c[3] == order and FAMILIES.get(c[2], c) == FAMILIES.get(topic)))
        if kin in near:
            yield kin, "same order, near issue"
        found = [latest(last(cases, lambda c, v=v: c[3] == order and (topic in VAGUE or c[2] == v))) for v in VAGUE]
        if some := [case for case in found if case in near]:
            yield latest(some), "same order"


def fits(case, topic, order):
    """Whether a case may be what a customer speaks of who says to have written before."""
    before = case["of"][-1][2]
    kin = topic in VAGUE or before in VAGUE or FAMILIES.get(topic) == FAMILIES.get(before)
    return kin and (None in (order, case["order"]) or order == case["order"])


def latest(found):
    return max(found, key=lambda c: c["place"], default=None)


def last(cases, wanted):
    """The case of the latest contact that is wanted, if any; as a list."""
    found = [(n, case) for case in cases for n, c in enumerate(case["of"]) if wanted(c)]
    if not found:
        return []
    return [
        max(found, key=lambda pair: (pair[1]["of"][pair[0]][4], pair[1]["of"][pair[0]][0], pair[1]["of"][pair[0]][2]))[
            1
        ]
    ]


some_contacts = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["late", "where", "broken", UNASSIGNED, "service.no_answer"]),
        st.sampled_from([None, None, "o1", "o2"]),
        st.integers(0, 100),
        st.sampled_from(["", "", "again", "settled"]),
    ),
    max_size=14,
).map(lambda found: [(f"c{i:02}", *contact) for i, contact in enumerate(found)])


@settings(deadline=None, max_examples=40)
@given(some_contacts)
def test_threads_are_those_of_the_slow_reference(contacts):
    rows = threads(contacts)

    assert naive(contacts) == sorted((r["conversation_id"], r["topic_id"], r["thread_id"], r["link"]) for r in rows)
    for row in rows:
        thread = [r for r in rows if r["thread_id"] == row["thread_id"] and r["contacted_ms"] <= row["contacted_ms"]]
        counts = {r["conversation_id"] for r in thread if r["kind"] in ("first", "repeat")}
        assert max(len(counts), 1) >= row["nth"]
        assert (row["nth"] > 1) or row["kind"] != "repeat"


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
