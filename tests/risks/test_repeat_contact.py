"""Who writes again about the same issue: reasons that add up, nothing from the future, and are those found who do?"""

import json
import math

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest

from insight import risk_scoring
from insight.risks import HEADS
from insight.schema import (
    CONVERSATION_FACTS,
    CONVERSATION_SENTIMENT,
    CONVERSATIONS,
    ISSUE_THREADS,
    MENTION_SENTIMENT,
    MENTION_TOPICS,
    MENTIONS,
    MESSAGES,
    ORDERS,
    RISK_SCORES,
)
from insight.settings import Settings
from insight.store import Store, conform
from insight.threads import issue_threads
from tests.rows import DAY, HOUR, START, table

HEAD = HEADS["repeat_contact"]
MODEL = risk_scoring.scorecard(risk_scoring.card(HEAD))
BASE = math.log(0.1 / 0.9)
SETTINGS = Settings(home=".")


def scored_rows(tables):
    """Scores of the scorecard."""
    cases = HEAD.cases(*(tables[of] for of in HEAD.reads), settings=SETTINGS).checked(HEAD.name)
    return conform(RISK_SCORES, risk_scoring.scores(HEAD, cases, MODEL))


def risk(
    *,
    talk=(("customer", "my parcel is late"),),
    fact=None,
    conversation=None,
    thread=(),
    order=None,
    label="neutral",
    mood=0.0,
):
    """The score of one conversation: what was said (an hour apart), and what else is known."""
    said = [
        {
            "message_id": f"m{i}",
            "conversation_id": "c",
            "seq": i,
            "author": author,
            "public": True,
            "language": "en",
            "sent_ms": START + i * HOUR,
            "text": text,
        }
        for i, (author, text) in enumerate(talk)
    ]
    mentions = [
        {
            "mention_id": f"{m['message_id']}:0",
            "origin": "message",
            "origin_id": m["message_id"],
            "conversation_id": "c",
            "said_ms": m["sent_ms"],
            "text": m["text"],
            "language": "en",
        }
        for m in said
        if m["author"] == "customer" and not m["text"].startswith("thanks")
    ]
    answered = any(author == "agent" for author, _ in talk)
    told = {"conversation_id": "c", "customer_key": "ann", "opened_ms": START, "order_id": order and "o"}
    facts = {
        **told,
        "needs_answer": True,
        "answered": answered,
        "agents": int(answered),
        "agent_messages": sum(author == "agent" for author, _ in talk),
        **(fact or {}),
    }
    rows = {
        CONVERSATION_FACTS: [facts],
        CONVERSATIONS: [{**told, **(conversation or {})}],
        MESSAGES: said,
        MENTIONS: mentions,
        MENTION_SENTIMENT: [
            {"mention_id": m["mention_id"], "negative": 0.9 if label == "negative" else 0.1} for m in mentions
        ],
        ISSUE_THREADS: [
            {
                "conversation_id": name,
                "topic_id": "t",
                "thread_id": "x",
                "customer_key": "ann",
                "contacted_ms": START + at,
            }
            for name, at in thread
        ],
        ORDERS: [{"order_id": "o", **(order or {})}],
        CONVERSATION_SENTIMENT: [{"conversation_id": "c", "end_mood": mood}],
    }
    return scored_rows({of: table(of, *rows[of]) for of in HEAD.reads}).to_pylist()[0]


ANSWERED = (("customer", "my parcel is late"), ("agent", "It is on its way."), ("agent", "Anything else?"))


def test_where_no_reason_applies_the_score_is_the_base():
    row = risk(talk=ANSWERED)

    assert ([], [], row["base"]) == (row["reasons"], row["points"], row["logit"])
    assert math.isclose(BASE, row["base"], rel_tol=1e-9)
    assert math.isclose(0.1, row["probability"], rel_tol=1e-9)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "no person has answered"),
        ({"talk": (*ANSWERED, ("customer", "so where is it"))}, "the customer's last message is unanswered"),
        ({"talk": (*ANSWERED, ("customer", "thanks a lot"))}, "the customer's last message raises nothing more"),
        ({"talk": ANSWERED[:2]}, "answered in one reply"),
        ({"talk": (*ANSWERED, ("agent", "We will get back to you."))}, "we promised to come back to the customer"),
        ({"talk": ANSWERED, "label": "negative"}, "the customer's last words are negative"),
        ({"talk": (("customer", "I want a refund"), *ANSWERED)}, "asks for a refund, a return or a replacement"),
        ({"talk": (("customer", "I leave a bad review"), *ANSWERED)}, "speaks of a bad review, a dispute or the law"),
        ({"talk": ANSWERED, "fact": {"agents": 3}}, "passed between 3 agents"),
        (
            {"talk": ANSWERED, "fact": {"late_response": True, "first_response_ms": 5 * HOUR}},
            "first reply only after 5 hours",
        ),
        ({"talk": ANSWERED, "thread": [("b", -6 * DAY), ("c", 0)]}, "second contact about this issue in 6 days"),
        (
            {"talk": ANSWERED, "thread": [("a", -9 * DAY), ("b", -DAY), ("c", 0)]},
            "contact number 3 about this issue within 30 days",
        ),
        ({"talk": ANSWERED, "order": {"promised_ms": START - 4 * DAY}}, "order 4 days late and not delivered"),
        ({"talk": ANSWERED, "conversation": {"status": "resolved", "closed_ms": START}}, "closed as resolved"),
        ({"talk": ANSWERED, "mood": -0.6}, "ended in a bad mood"),
        ({"talk": ANSWERED, "mood": 0.6}, "ended in a good mood"),
    ],
)
def test_a_reason_is_given_in_words(told, words):
    assert words in risk(**told)["reasons"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"order": {"promised_ms": START - DAY, "delivered_ms": START - HOUR}}, "late and not delivered"),
        ({"order": {"promised_ms": START + 3 * DAY}}, "late and not delivered"),
        ({"thread": [("b", -31 * DAY), ("c", 0)]}, "contact about this issue"),
        ({"thread": [("c", 0), ("d", HOUR)]}, "contact about this issue"),
        ({"conversation": {"status": "resolved"}}, "closed as resolved"),
        ({"conversation": {"status": "open", "closed_ms": START + HOUR}}, "closed as resolved"),
        ({"talk": (("customer", "what is your return policy"), *ANSWERED)}, "asks for a refund"),
    ],
)
def test_a_reason_that_does_not_hold_at_that_moment_is_not_given(told, words):
    row = risk(**{"talk": ANSWERED, **told})

    assert [] == [reason for reason in row["reasons"] if words in reason]


def test_a_delivery_after_the_moment_of_the_score_was_not_known_then():
    row = risk(talk=ANSWERED, order={"promised_ms": START - DAY, "delivered_ms": START + 3 * DAY})

    assert ["order 1 day late and not delivered"] == row["reasons"]


def test_reasons_stand_strongest_first_in_both_languages_and_add_up_exactly():
    row = risk(order={"promised_ms": START - 4 * DAY}, label="negative", thread=[("b", -DAY), ("c", 0)])

    assert ["没有客服人员回复", "1天内第二次联系同一问题", "订单已晚4天仍未送达", "客户最后的话是负面的"] == row[
        "reasons_zh"
    ]
    assert [1.0, 0.9, 0.9, 0.5] == row["points"]
    assert abs(row["base"] + sum(row["points"]) - row["logit"]) < 1e-9


def test_the_score_speaks_for_the_last_public_message():
    assert START + 2 * HOUR == risk(talk=ANSWERED)["scored_ms"]


def test_the_score_of_a_closed_conversation_speaks_for_its_closing():
    row = risk(talk=ANSWERED, conversation={"status": "resolved", "closed_ms": START + 9 * HOUR})

    assert START + 9 * HOUR == row["scored_ms"]
    assert ["closed as resolved"] == row["reasons"]


def test_windows_come_from_one_curve():
    row = risk(order={"promised_ms": START - 4 * DAY})
    curve, weight = MODEL.hazard.curve, sum(row["points"])
    stays = [math.prod(1 - 1 / (1 + math.exp(-(c + weight))) for c in curve[:k]) for k in (1, 3, 5, 7, 9)]

    found = [row[name] for name in ("within_1d", "within_3d", "probability", "within_14d", "within_30d")]
    assert np.allclose([1 - stay for stay in stays], found, atol=1e-12)


def threads_of(*contacts):
    """Issue threads: conversation, moment, and what kind of contact."""
    rows = [
        {"conversation_id": c, "topic_id": "t", "thread_id": "x", "customer_key": "ann", "contacted_ms": START + at}
        | {"kind": kind}
        for c, at, kind in contacts
    ]
    return table(ISSUE_THREADS, *rows)


def fate(*contacts, closed=0):
    """What happened after the contact c, as the head sees it."""
    told = {"conversation_id": "c", "customer_key": "ann", "opened_ms": START}
    tables = {of: table(of) for of in HEAD.reads} | {
        CONVERSATION_FACTS: table(CONVERSATION_FACTS, told),
        CONVERSATIONS: table(CONVERSATIONS, told | {"closed_ms": START + closed}),
        ISSUE_THREADS: threads_of(("c", 0, "first"), *contacts),
    }
    row = HEAD.cases(*(tables[of] for of in HEAD.reads), settings=SETTINGS).rows.to_dict("records")[0]
    return None if pd.isna(row["event_ms"]) else (row["event_ms"] - START) / HOUR


@pytest.mark.parametrize(
    ("contacts", "closed", "hours"),
    [
        ([], 0, None),
        ([("d", 30 * HOUR, "repeat")], 0, 30),
        ([("d", 9 * HOUR, "thanks"), ("e", 40 * HOUR, "repeat")], 0, 40),
        ([("d", 9 * HOUR, "asked for")], 0, None),
        ([("d", 9 * HOUR, "repeat"), ("e", 50 * HOUR, "repeat")], 20 * HOUR, 50),
    ],
)
def test_it_happens_at_the_next_contact_after_the_score_that_counts(contacts, closed, hours):
    assert hours == fate(*contacts, closed=closed)


# ---------------------------------------------------------------- on the sample shop


@pytest.fixture(scope="module")
def lake(shop):
    return Store(shop / ".insight")


@pytest.fixture(scope="module")
def truth(shop):
    return json.loads((shop / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scored(lake, truth):
    """Scores of conversations whose seven days are over, with what was seen to follow and what truly followed."""
    rows = lake.read(RISK_SCORES).to_pandas()
    rows = rows[rows["head"].eq("repeat_contact") & rows["happened"].notna()]
    names = {name: name for name in truth["conversations"]}
    told = rows["conversation_id"].map(lambda c: names.get(c) or names[c.split(":", 1)[-1]])
    return rows.assign(told=told, seen=rows["happened"].astype(bool), true=told.isin(truth["came_back"]))


def separation(score, happened):
    """AUC: how often one who came back has the higher score, ties counting half (Mann-Whitney)."""
    ranks = pd.Series(score).rank().to_numpy()
    yes = np.asarray(happened, bool)
    return (ranks[yes].sum() - yes.sum() * (yes.sum() + 1) / 2) / (yes.sum() * (~yes).sum())


def lift(score, happened, share=0.1):
    """How much more often those in the top share of scores came back than all."""
    top = pd.Series(score).rank(method="first", ascending=False).to_numpy() <= share * len(score)
    return np.asarray(happened)[top].mean() / np.mean(happened)


@pytest.mark.parametrize("outcome", ["seen", "true"])
def test_who_comes_back_scores_higher(scored, outcome):
    assert separation(scored["probability"], scored[outcome]) > 0.65
    assert lift(scored["probability"], scored[outcome]) > 1.8


def test_a_return_that_is_seen_is_true_and_most_true_ones_are_seen(lake, scored):
    """On 5,500 conversations precision is .998 and recall .830; the small shop has fewer topics to tell apart."""
    facts = lake.read(CONVERSATION_FACTS).to_pandas().dropna(subset="came_back").set_index("conversation_id")
    judged = scored[scored["conversation_id"].isin(facts.index)]
    seen, true = judged["conversation_id"].map(facts["came_back"]).astype(bool), judged["true"]

    assert (seen & true).sum() / seen.sum() > 0.95
    assert (seen & true).sum() / true.sum() > 0.7


def test_the_mean_score_is_near_what_then_happens(scored):
    assert 0.7 < scored["probability"].mean() / scored["seen"].mean() < 1.4


def test_customers_who_end_with_a_bad_review_rank_high(scored, truth):
    planted = {c for thread in truth["threads"] if thread["review"] for c in thread["conversations"]}
    places = scored["probability"].rank(pct=True)[scored["told"].isin(planted)]

    assert places.median() > 0.7


@pytest.mark.parametrize("back_days", [10, 40])
def test_what_happens_later_changes_no_score(lake, back_days):
    """Cut the data at a moment, score again: the scores that speak for an earlier moment are the same."""
    tables = {of: lake.read(of) for of in (*HEAD.reads, MENTION_TOPICS)}
    cut = pc.max(tables[MESSAGES]["sent_ms"]).as_py() - back_days * DAY
    whole = {r["conversation_id"]: r for r in rescored(tables).to_pylist() if r["scored_ms"] <= cut}
    early = {r["conversation_id"]: r for r in rescored(as_of(tables, cut)).to_pylist() if r["scored_ms"] <= cut}
    known = ("scored_ms", "base", "reasons", "reasons_zh", "points", "logit", "probability")

    assert len(whole) > 100
    assert {c: [whole[c][k] for k in known] for c in whole} == {c: [early[c][k] for k in known] for c in whole}


def as_of(tables, cut):
    """The tables as they stood at a moment: later rows are not there yet, later times in a row are not known yet."""
    begins = {
        CONVERSATIONS: "opened_ms",
        CONVERSATION_FACTS: "opened_ms",
        MESSAGES: "sent_ms",
        MENTIONS: "said_ms",
        ORDERS: "ordered_ms",
    }
    found = {of: t.filter(pc.less_equal(t[begins[of]], cut)) if of in begins else t for of, t in tables.items()}
    for of, name in ((CONVERSATIONS, "closed_ms"), (ORDERS, "delivered_ms"), (ORDERS, "shipped_ms")):
        moment = found[of][name]
        hidden = pc.if_else(pc.less_equal(moment, cut), moment, None)
        found[of] = found[of].set_column(found[of].column_names.index(name), found[of].schema.field(name), hidden)
    return found


def rescored(tables):
    """Threads, facts of the conversation itself, and scores, from what the tables tell."""
    frames = (tables[of].to_pandas(types_mapper=pd.ArrowDtype) for of in (MENTIONS, MENTION_TOPICS, CONVERSATIONS))
    threads = conform(ISSUE_THREADS, issue_threads(*frames))
    return scored_rows(tables | {ISSUE_THREADS: threads})
