"""What do customers ask again and again, which answers settled it, and which questions do we answer badly?

A question is a group of wordings in any language within one topic. An answer is a sentence that agents wrote after
the question in its conversation, that enough customers were told (so no name stands in it), and that belongs to this
question rather than to any conversation. It is judged by what then happened: no return about the same issue
within 7 days. That is an association: easy cases may get the better answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv, gammainc

from insight import intervals, questions
from insight.periods import DAY_MS
from insight.schema import FAQ, FAQ_ANSWERS

WINDOW_MS = 182 * DAY_MS
"""How far back is looked: half a year of questions."""
PRIOR = 10.0
"""Contacts that the usual rate of resolution weighs as much as: few uses say little about an answer."""
FREQUENT = 8
"""Conversations in which a question must have been asked."""
OWN = 3.0
"""A sentence belongs to a question where it is told so many times as often as elsewhere …"""
CHANCE = 0.001
"""… and where that would come by chance this seldom."""
ENOUGH = 400
"""Conversations of a question whose answers are read: those with the lowest hashes, so that cost has a bound."""
ALIKE = 0.3
"""Sentences of answers nearer than this (1 - cosine) are one."""
MOST_ANSWERS = 5

Embed = Callable[[list[str]], npt.NDArray[np.float32]]
COLUMNS = [name for name in FAQ.arrow.names if not name.endswith("_at")]


def asked(mentions: pd.DataFrame, *, newest_ms: int) -> pd.DataFrame:
    """The mentions of messages within the window that ask something: their columns, and question.

    :param mentions: mention_id, origin, origin_id, conversation_id, customer_key, language, said_ms, text, topic_id.
    """
    recent = mentions[(mentions["origin"] == "message") & (mentions["said_ms"] > newest_ms - WINDOW_MS)]
    rows = recent.assign(question=[questions.asked(text) for text in recent["text"]])
    return rows[rows["question"] != ""].sort_values(["said_ms", "mention_id"], ignore_index=True)


def grouped(rows: pd.DataFrame, embed: Embed, *, min_customers: int) -> pd.DataFrame:
    """Frequent questions of at least `min_customers` customers: rows with question_id and near (cosine to centre).

    Questions that fit no topic yet are compared with each other too.
    """
    parts = [_of_topic(part, embed, min_customers) for _, part in rows.groupby("topic_id", sort=True)]
    empty = rows.iloc[:0].assign(question_id=pd.Series(dtype="object"), near=pd.Series(dtype="float64"))
    return pd.concat([empty, *parts], ignore_index=True) if any(len(p) for p in parts) else empty


def _of_topic(rows: pd.DataFrame, embed: Embed, min_customers: int) -> pd.DataFrame:
    plain = rows["question"].map(questions.plain)
    said = plain.value_counts()
    wordings = sorted(said.index, key=lambda wording: (-said[wording], wording))
    vectors = embed(wordings)
    place = pd.Series(range(len(wordings)), index=wordings)[plain].to_numpy()
    rows = rows.assign(_group=questions.same(vectors)[place])
    asking = rows.groupby("_group")[["customer_key", "conversation_id"]].transform("nunique")
    often = (asking["customer_key"] >= min_customers) & (asking["conversation_id"] >= FREQUENT)
    rows, place = rows[often], place[often.to_numpy()]
    if rows.empty:
        return rows.drop(columns="_group").assign(question_id="", near=0.0)
    near, ids = np.zeros(len(rows)), np.empty(len(rows), dtype=object)
    for _, at in sorted(rows.groupby("_group").indices.items()):
        own = vectors[place[at]].astype(np.float64)
        centre = own.sum(axis=0)
        near[at] = np.round(own @ (centre / np.linalg.norm(centre)), 6)
        first = wordings[int(place[at].min())]  # the wording that is said most names the question
        ids[at] = "q" + hashlib.sha256(f"{rows['topic_id'].iloc[0]} {first}".encode()).hexdigest()[:10]
    return rows.drop(columns="_group").assign(question_id=ids, near=near)


def told(rows: pd.DataFrame, messages: pd.DataFrame) -> pd.DataFrame:
    """One row per question asked and sentence that an agent wrote after it in the same conversation.

    An answer often comes late: the agent asks something first. What asks, greets or only names somebody is no answer.

    :param messages: public messages: conversation_id, seq, author, message_id, text, language.
    :returns: question_id, conversation_id, customer_key, language (of the answer), sentence, plain; each sentence once
        per conversation and question.
    """
    at = messages.loc[messages["author"] == "customer", ["message_id", "seq"]]
    asked_at = rows.merge(at.rename(columns={"message_id": "origin_id", "seq": "since"}), on="origin_id", how="inner")
    since = asked_at.groupby(["question_id", "conversation_id", "customer_key"], as_index=False)[["since"]].min()
    since = since[_drawn(since) <= ENOUGH]
    answers = messages.loc[messages["author"] == "agent", ["conversation_id", "seq", "text", "language"]]
    both = since.merge(answers, on="conversation_id", how="inner")
    both = both[both["seq"] > both["since"]]
    said = {text: [one for one in questions.sentences(text) if questions.tells(one)] for text in set(both["text"])}
    each = both.assign(sentence=both["text"].map(said)).explode("sentence", ignore_index=True)
    each = each.dropna(subset=["sentence"])
    each = each.assign(plain=each["sentence"].map(questions.plain))
    order = ["question_id", "conversation_id", "seq", "plain"]
    each = each.sort_values(order, kind="stable").drop_duplicates(["question_id", "conversation_id", "plain"])
    return each.drop(columns=["text", "since", "seq"]).reset_index(drop=True)


def _drawn(rows: pd.DataFrame) -> pd.Series:
    """The place of each conversation of a question in the order of hashes, from 1."""
    hashes = [hashlib.blake2b(name.encode(), digest_size=8).hexdigest() for name in rows["conversation_id"]]
    drawn = rows.assign(_hash=hashes).groupby("question_id")["_hash"].rank(method="first")
    return pd.Series(drawn)


def answers(said: pd.DataFrame, facts: pd.DataFrame, embed: Embed, *, min_customers: int) -> pd.DataFrame:
    """FAQ_ANSWERS: for each question and language the sentences that settled it, surest first.

    :param said: as `told` makes it. :param facts: conversation_id, came_back (null where unknown).
    """
    own = said[_belongs(said)]
    if own.empty:
        return pd.DataFrame(columns=FAQ_ANSWERS.arrow.names)
    usual = _usual(facts)
    own = own.merge(facts[["conversation_id", "came_back"]], on="conversation_id", how="left")
    cells = [
        _ranked(part, embed, usual, min_customers, str(question), str(language))
        for (question, language), part in own.groupby(["question_id", "language"], sort=True)
    ]
    found = [row for cell in cells for row in cell]
    return pd.DataFrame(found, columns=FAQ_ANSWERS.arrow.names)


def _belongs(said: pd.DataFrame) -> pd.Series:
    """Whether a sentence is told with this question much more often than with any other of its language."""
    with_it = said.groupby(["question_id", "language", "plain"])["conversation_id"].transform("size")
    asked_here = said.groupby(["question_id", "language"])["conversation_id"].transform("nunique")
    in_all = said.groupby(["language", "plain"])["conversation_id"].transform("size")
    every = (
        said.drop_duplicates(["language", "question_id", "conversation_id"])
        .groupby("language")["conversation_id"]
        .size()
        .reindex(said["language"])
        .to_numpy()
    )
    elsewhere = (in_all - with_it + 0.5) / (every - asked_here + 1)
    by_chance = gammainc(with_it, asked_here * elsewhere)  # so many or more of a Poisson count
    return pd.Series(((with_it / asked_here) >= OWN * elsewhere) & (by_chance <= CHANCE), index=said.index)


def _usual(facts: pd.DataFrame) -> float:
    """The share of judged contacts without a return."""
    judged = facts["came_back"].dropna()
    return float(1 - judged.astype("float64").mean()) if len(judged) else 0.5


def _ranked(
    part: pd.DataFrame, embed: Embed, usual: float, min_customers: int, question: str, language: str
) -> list[dict[str, Any]]:
    """The answers of one question in one language."""
    wordings = sorted(set(part["plain"]))
    group = dict(zip(wordings, questions.same(embed(wordings), apart=ALIKE), strict=True))
    rows = part.assign(group=part["plain"].map(group))
    found: list[dict[str, Any]] = []
    for _, same in rows.groupby("group", sort=True):
        once = same.drop_duplicates("conversation_id")
        shown = _wording(same, min_customers)
        if shown is None:
            continue
        judged = once["came_back"].dropna()
        good = int(len(judged) - judged.astype("int64").sum())
        share, low, high = settled(good, len(judged), usual)
        found.append(
            {
                "question_id": question,
                "language": language,
                "answer": shown,
                "contacts": len(once),
                "customers": once["customer_key"].nunique(),
                "judged": len(judged),
                "settled": good,
                "share": share,
                "low": low,
                "high": high,
            }
        )
    found.sort(key=lambda row: (-row["low"], -row["contacts"], row["answer"]))
    return [row | {"rank": rank} for rank, row in enumerate(found[:MOST_ANSWERS], start=1)]


def _wording(same: pd.DataFrame, min_customers: int) -> str | None:
    """The wording that most customers were told, if they are enough: then no single customer's name stands in it."""
    told_to = same.groupby("sentence")["customer_key"].nunique()
    best = max(told_to.index, key=lambda sentence: (told_to[sentence], sentence))
    return str(best) if told_to[best] >= min_customers else None


def settled(good: int, judged: int, usual: float) -> tuple[float, float, float]:
    """The share without a return, drawn to the usual one by `PRIOR` contacts, and the ends of its 95 % interval.

    Source: the beta distribution given binomial counts; A. Gelman et al. (2013), Bayesian data analysis, 3rd ed., 2.4.
    """
    a, b = good + PRIOR * usual, judged - good + PRIOR * (1 - usual)
    tail = (1 - intervals.LEVEL) / 2
    a, b = max(a, 1e-9), max(b, 1e-9)
    return a / (a + b), float(betaincinv(a, b, tail)), float(betaincinv(a, b, 1 - tail))


def listed(rows: pd.DataFrame, facts: pd.DataFrame, best: pd.DataFrame) -> pd.DataFrame:
    """FAQ: one row per question, asked most first.

    :param rows: as `grouped` makes them. :param facts: conversation_id, came_back, answered.
    :param best: as `answers` makes them.
    """
    usual, found = _usual(facts), []
    with_answer = set(best["question_id"])
    for question_id, part in rows.groupby("question_id", sort=True):
        once = part.drop_duplicates("conversation_id").merge(facts, on="conversation_id", how="left")
        judged = once["came_back"].dropna()
        good = int(len(judged) - judged.astype("int64").sum())
        low, high = (float(end[0]) for end in intervals.wilson([good], [len(judged)]))
        found.append(
            {
                "question_id": question_id,
                "topic_id": part["topic_id"].iloc[0],
                "contacts": len(once),
                "customers": part["customer_key"].nunique(),
                "languages": [str(one) for one in part["language"].value_counts(sort=True).index],
                "question_en": _most_central(part, "en"),
                "question_zh": _most_central(part, "zh"),
                "question": _most_central(part, None),
                "unanswered": int((~once["answered"].fillna(False).astype(bool)).sum()),
                "judged": len(judged),
                "settled": good,
                "share": good / len(judged) if len(judged) else None,
                "low": low if len(judged) else None,
                "high": high if len(judged) else None,
                "usual": usual,
                "gap": _gap(high if len(judged) else None, usual, has_answer=question_id in with_answer),
            }
        )
    table = pd.DataFrame(found, columns=COLUMNS)
    return table.sort_values(["contacts", "question_id"], ascending=[False, True], ignore_index=True)


def _most_central(part: pd.DataFrame, language: str | None) -> str | None:
    """The wording nearest to what the question is about, in one language or in any; none where nobody asked in it."""
    rows = part if language is None else part[part["language"] == language]
    if rows.empty:
        return None
    rows = rows.assign(length=rows["question"].str.len())
    best = rows.sort_values(["near", "length", "question"], ascending=[False, True, True])
    return str(best["question"].iloc[0])


def _gap(high: float | None, usual: float, *, has_answer: bool) -> str:
    """Why a question needs work, or empty: customers surely come back more than usual, or no answer is common."""
    if high is not None and high < usual:
        return "comes back"
    return "" if has_answer else "no common answer"
