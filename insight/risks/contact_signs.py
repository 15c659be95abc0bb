"""What can be seen of a contact once it has ended: the signs of the heads that ask whether its customer writes again.

The score of a conversation speaks as of its last public message, or as of its closing where that came later. Nothing
that was said, bought, delivered or learned after it counts, and each sign tells from when on it could be known. The
language of a customer is no sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight import shipped
from insight.asof import as_of
from insight.phrases import SPACELESS, Finder
from insight.risks.base import Moments, Numbers, Sign
from insight.schema import (
    CONVERSATION_FACTS,
    CONVERSATION_SENTIMENT,
    CONVERSATIONS,
    ISSUE_THREADS,
    MENTION_SENTIMENT,
    MENTIONS,
    MESSAGES,
    NO_REPEAT,
    ORDERS,
    UNASSIGNED,
    UNKNOWN,
)
from insight.trajectories import ENDED_BAD

READS = (
    CONVERSATION_FACTS,
    CONVERSATIONS,
    MESSAGES,
    MENTIONS,
    MENTION_SENTIMENT,
    ISSUE_THREADS,
    ORDERS,
    CONVERSATION_SENTIMENT,
)

WORDS = "sentiment.toml"
PROMISES = "promises.toml"
DAY_MS = 86_400_000
BAD = 0.3
"""From this chance on a customer's last words count as negative: who is about to leave is often curt, not loud."""
WINDOW_MS = 30 * DAY_MS
"""How far back an earlier contact counts."""
WEEK_MS = 7 * DAY_MS
ROOM = 50.0
"""For so many contacts the usual rate speaks before a topic's own does."""

OF = "conversation_id"
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Contacts:
    """The conversations of a shop in the order of their ids.

    `rows` has what heads count cases by; `about` is told by `repeats`; `seen_ms` (n,) is up to when a further contact
    would have been seen: the newest moment of the data.
    """

    rows: pd.DataFrame
    signs: Mapping[str, Sign]
    about: pd.DataFrame
    seen_ms: Moments


def contacts(*tables: pa.Table) -> Contacts:
    """Every conversation with its signs. :param tables: in the order of `READS`."""
    facts, conversations, messages, mentions, sentiment, threads, orders, moods = (_columns(t) for t in tables)
    threads = threads[~threads["kind"].isin(NO_REPEAT)]
    rows = _rows(facts, conversations, messages, orders, moods)
    for part in (_ending(messages, mentions), _wording(mentions, sentiment), earlier(threads)):
        rows = rows.merge(part, how="left", on=OF)
    rows = rows.sort_values(OF, ignore_index=True)
    last_ms = _whole(rows["last_ms"].fillna(rows["opened_ms"]))
    rows["last_ms"] = last_ms
    words_ms, closed_ms = (_whole(rows[name].fillna(rows["opened_ms"])) for name in ("said_ms", "closed_ms"))
    rows["scored_ms"] = np.maximum.reduce([last_ms, words_ms, closed_ms])
    newest = [_whole(column).max() for column in (messages["sent_ms"], facts["opened_ms"]) if len(column)]
    about = repeats(rows, threads)
    seen_ms = np.full(len(rows), max(newest, default=0), dtype=np.int64)
    return Contacts(rows, _signs(rows) | _history(rows, about), about, seen_ms)


def _columns(table: pa.Table) -> pd.DataFrame:
    """A table without its timestamps, which say the same as its moments."""
    kept = table.drop_columns([name for name in table.column_names if name.endswith("_at")])
    rows: pd.DataFrame = kept.to_pandas(types_mapper=pd.ArrowDtype)
    return rows


def _rows(
    facts: pd.DataFrame, conversations: pd.DataFrame, messages: pd.DataFrame, orders: pd.DataFrame, moods: pd.DataFrame
) -> pd.DataFrame:
    """Facts of each conversation with its closing, its order and its mood."""
    rows = facts.merge(conversations[[OF, "first_key", "status", "closed_ms"]], how="left", on=OF)
    rows = rows.merge(orders[["order_id", "promised_ms", "delivered_ms"]], how="left", on="order_id")
    return rows.merge(moods[[OF, "end_mood"]], how="left", on=OF)


def _ending(messages: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """By conversation: its last public message: when, by whom, whether it raises something, whether it promises."""
    public = messages[messages["public"] & messages["author"].isin(["customer", "agent", "bot"])]
    last = public.sort_values([OF, "seq"]).drop_duplicates(OF, keep="last")
    by_agent = last["author"].eq("agent").to_numpy(dtype=bool)
    promise = np.zeros(len(last), dtype=bool)
    promise[by_agent] = says("promises", last["text"][by_agent], last["language"][by_agent])
    return pd.DataFrame(
        {
            OF: last[OF],
            "last_ms": last["sent_ms"],
            "last_author": last["author"],
            "last_raises": last["message_id"].isin(mentions["origin_id"]),
            "promise": promise,
        }
    )


def _wording(mentions: pd.DataFrame, sentiment: pd.DataFrame) -> pd.DataFrame:
    """By conversation: whether the customer threatens or demands, and whether the last message may well be negative."""
    said = mentions[mentions["origin"].eq("message") & mentions[OF].notna()]
    said = said[[OF, "mention_id", "origin_id", "said_ms", "text", "language"]]
    said = said.merge(sentiment[["mention_id", "negative"]], on="mention_id", how="left")
    heard = spoken(("threats", "demands"), said["text"], said["language"])
    said = said.assign(threat=heard["threats"], demand=heard["demands"]).sort_values(
        [OF, "said_ms", "origin_id", "mention_id"]
    )
    last = said["origin_id"].eq(said.groupby(OF)["origin_id"].transform("last"))
    said = said.assign(negative_end=last & (said["negative"] >= BAD).fillna(False))
    by = said.groupby(OF)
    found = by[["threat", "demand", "negative_end"]].any()
    return found.assign(said_ms=by["said_ms"].max()).reset_index()


def earlier(threads: pd.DataFrame) -> pd.DataFrame:
    """By conversation: the contacts about one of its issues in the 30 days up to it, and the time since the first."""
    rows = threads.sort_values(["thread_id", "contacted_ms", OF], ignore_index=True)
    ids = rows["thread_id"].factorize()[0].astype(np.int64)
    moments = _whole(rows["contacted_ms"])
    first = _first_within(ids, moments, WINDOW_MS)
    rows["contacts"] = np.arange(len(rows)) - first + 1
    rows["since_ms"] = moments - moments[first]
    most = rows.sort_values([OF, "contacts", "since_ms"]).drop_duplicates(OF, keep="last")
    return most[[OF, "contacts", "since_ms", "contacted_ms"]]


def _first_within(ids: Moments, moments: Moments, window: int) -> npt.NDArray[np.int64]:
    """The place of the first row of the same id at most a window before each. Rows come by id and moment."""
    begins = moments.min(initial=0)
    reach = int(moments.max(initial=0) - begins) + window + 1
    place = ids * reach + (moments - begins)
    return np.asarray(np.searchsorted(place, np.maximum(place - window, ids * reach)), dtype=np.int64)


# ---------------------------------------------------------------- signs of the conversation itself


def _signs(rows: pd.DataFrame) -> dict[str, Sign]:
    """What the conversation itself shows."""
    asked, answered = _yes(rows["needs_answer"]), _yes(rows["answered"])
    customer_last, raises = _yes(rows["last_author"].eq("customer")), _yes(rows["last_raises"])
    ended, said, now = rows["last_ms"], rows["said_ms"], rows["scored_ms"]
    late = _yes(rows["promised_ms"].lt(now)) & ~_yes(rows["delivered_ms"].le(now))
    closed = _yes(rows["status"].eq("resolved")) & _yes(rows["closed_ms"].le(now))
    mood = rows["end_mood"].fillna(0.0)
    return {
        "third_contact": _sign(rows["contacts"].ge(3), rows["contacted_ms"], rows["contacts"]),
        "second_contact": _sign(rows["contacts"].eq(2), rows["contacted_ms"], rows["since_ms"]),
        "no_answer": _sign(asked & ~answered, ended),
        "late_order": _sign(late, rows["promised_ms"].where(late), now - rows["promised_ms"]),
        "threat": _sign(rows["threat"], said),
        "open_question": _sign(answered & customer_last & raises, ended),
        "promise": _sign(rows["promise"], ended),
        "negative_end": _sign(rows["negative_end"], said),
        "demand": _sign(rows["demand"], said),
        "slow_answer": _sign(answered & _yes(rows["late_response"]), ended, rows["first_response_ms"]),
        "handed_over": _sign(rows["agents"].ge(2), ended, rows["agents"]),
        "one_reply": _sign(answered & _yes(rows["agent_messages"].eq(1)) & ~customer_last, ended),
        "closed": _sign(closed, rows["closed_ms"].where(closed)),
        "thanked": _sign(answered & customer_last & ~raises, ended),
        "ended_bad": _sign(_clearly(-mood), ended),
        "ended_well": _sign(_clearly(mood), ended),
    }


def _clearly(mood: pd.Series) -> pd.Series:
    """From 0 where a mood is about neutral to 1 at its end of the scale: what is called a mood is one."""
    return (mood + ENDED_BAD).clip(lower=0) / (1 + ENDED_BAD)


def _sign(values: Any, known: Any, told: Any = None) -> Sign:
    """A sign that does not apply where it is not known."""
    number = np.asarray(pd.Series(values).astype("float64[pyarrow]").fillna(0.0).to_numpy(), dtype=np.float64)
    count = None if told is None else _whole(pd.Series(told).fillna(0)).astype(np.float64)
    return Sign(number, _whole(pd.Series(known).fillna(0)), count)


# ---------------------------------------------------------------- signs of what came before


def _history(rows: pd.DataFrame, about: pd.DataFrame) -> dict[str, Sign]:
    """What was known of the customer and of the topic when the contact ended.

    The customer is who was known as one before orders showed that two ids are the same person: that may come later.
    """
    others, newest = _other_contacts(rows)
    usual, learned = _usual_of_topic(rows, about)
    return {
        "wrote_often": Sign(np.log1p(others), newest, others.astype(np.int64)),
        "topic_returns": Sign(np.maximum(usual, 0), learned),
        "topic_settles": Sign(np.maximum(-usual, 0), learned),
    }


def repeats(rows: pd.DataFrame, threads: pd.DataFrame) -> pd.DataFrame:
    """By conversation, in the order of `rows`: `next_ms`, the next contact about one of its issues or its order after
    its score, null without one; and `visible`, whether one could be seen: it has an order, or an issue that fits a
    topic. Thanks and what the shop had asked for are no contacts.
    """
    cases = [threads[["thread_id", OF, "contacted_ms"]].rename(columns={"thread_id": "case"})]
    about = threads[threads["order_id"].notna()]
    cases.append(about[[OF, "contacted_ms"]].assign(case=about["customer_key"] + "\n" + about["order_id"]))
    every = pd.concat([each[["case", OF, "contacted_ms"]] for each in cases], ignore_index=True)
    every = every.sort_values(["case", "contacted_ms", OF]).drop_duplicates(["case", OF])
    next_ms = following(every, rows)
    visible = threads[threads["topic_id"].ne(UNASSIGNED) | threads["order_id"].notna()][OF]
    return pd.DataFrame({"next_ms": next_ms, "visible": rows[OF].isin(visible).to_numpy(dtype=bool)})


def following(contacts: pd.DataFrame, rows: pd.DataFrame) -> pd.Series[Any]:
    """By conversation the first contact of another conversation in one of its cases after its score; null without one.

    :param contacts: case, conversation_id, contacted_ms, each conversation once a case.
    """
    ids = contacts["case"].factorize(sort=True)[0].astype(np.int64)
    moments, scored = _whole(contacts["contacted_ms"]), _whole(rows["scored_ms"])
    order = np.lexsort((moments, ids))
    start = min(moments.min(initial=0), scored.min(initial=0))
    span = int(max(moments.max(initial=0), scored.max(initial=0)) - start) + 2
    line = (ids * span + (moments - start))[order]
    place = pd.Series(np.arange(len(rows)), index=rows[OF].to_numpy(dtype=object))
    at = contacts[OF].map(place).to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.flatnonzero(~np.isnan(at))
    mine = at[known].astype(np.int64)
    after = np.maximum(scored[mine], moments[known])
    found = np.searchsorted(line, ids[known] * span + (after - start), side="right")
    here = found < len(line)
    here[here] = ids[order[found[here]]] == ids[known[here]]
    first = pd.Series(moments[order[found[here]]]).groupby(mine[here]).min()
    return first.reindex(np.arange(len(rows))).astype("int64[pyarrow]")


def _other_contacts(rows: pd.DataFrame) -> tuple[Numbers, Moments]:
    """How many other conversations the customer opened in the 30 days before this one opened, and when the newest."""
    ids, moments = rows["first_key"].factorize(sort=True)[0].astype(np.int64), _whole(rows["opened_ms"])
    order = np.lexsort((np.arange(len(rows)), moments, ids))
    ids, moments = ids[order], moments[order]
    first = _first_within(ids, moments, WINDOW_MS)
    many, newest = np.zeros(len(rows)), np.zeros(len(rows), dtype=np.int64)
    many[order] = np.arange(len(rows)) - first
    newest[order] = moments
    return many, newest


def _usual_of_topic(rows: pd.DataFrame, about: pd.DataFrame) -> tuple[Numbers, Moments]:
    """Log-odds of a repeat on the contact's topic above the usual, of contacts whose 7 days were over by its score.

    A topic's rate is drawn to the usual one, which speaks for `ROOM` contacts (additive smoothing, as in a beta prior).
    """
    scored = _whole(rows["scored_ms"])
    over = scored + WEEK_MS
    back = (about["next_ms"].to_numpy(dtype=np.float64, na_value=np.nan) <= over).astype(np.float64)
    counts = about["visible"].to_numpy(dtype=bool)
    topics = rows["topic_id"].factorize(sort=True)[0].astype(np.int64)
    all_n, all_bad, newest = as_of(np.zeros_like(topics)[counts], over[counts], back[counts], topics * 0, scored)
    n, bad, _ = as_of(topics[counts], over[counts], back[counts], topics, scored)
    usual = (all_bad + 1) / (all_n + 2)
    rate = (bad + ROOM * usual) / (n + ROOM)
    named = ~rows["topic_id"].isin([UNASSIGNED, UNKNOWN]).to_numpy(dtype=bool)
    value = np.where(named, np.log(rate / (1 - rate)) - np.log(usual / (1 - usual)), 0.0)
    return value, newest


# ---------------------------------------------------------------- words


def says(kind: str, texts: pd.Series[Any], languages: pd.Series[Any]) -> Flags:
    """Which texts hold a phrase of the kind in their language."""
    return spoken((kind,), texts, languages)[kind]


def spoken(kinds: tuple[str, ...], texts: pd.Series[Any], languages: pd.Series[Any]) -> dict[str, Flags]:
    """By kind, which texts hold a phrase of it in their language."""
    pairs = zip(texts.to_numpy(dtype=object), languages.to_numpy(dtype=object), strict=True)
    found = [_kinds(text, language) for text, language in pairs]
    return {kind: np.fromiter((kind in each for each in found), dtype=bool, count=len(found)) for kind in kinds}


@cache
def _finder(language: str) -> Finder:
    """Threats and demands of customers, promises of agents; what only sounds like one ("return policy") is neutral."""
    said = shipped.toml(WORDS).get(language, {})
    lists = {kind: said.get(kind, ()) for kind in ("neutral", "threats", "demands")}
    lists["promises"] = shipped.toml(PROMISES).get(language, ())
    return Finder(lists, apart=language not in SPACELESS, accents=not said.get("plain", False))


def _kinds(text: str, language: str) -> set[str]:
    find = _finder(language)
    return {found.kind for found in find(find.fold(text))}


def _whole(column: pd.Series[Any]) -> Moments:
    return np.asarray(column.to_numpy(dtype=np.int64, na_value=0), dtype=np.int64)


def _yes(mark: pd.Series[Any]) -> Flags:
    """What is not known does not apply."""
    return np.asarray(pd.Series(mark).fillna(False).to_numpy(dtype=bool), dtype=np.bool_)
