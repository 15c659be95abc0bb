"""Conversations to issue threads: who wrote again about the same thing, on any channel.

A *contact* is one conversation in which a customer wrote about one issue (topic), from the first such words on. It
continues a case of the same customer when

1. both are about the same order and the same issue, however much time lies between; where the customer had said that
   it is settled, at most 30 days. The other rules hold for 30 days after the customer last wrote about the case:
2. both are about the same issue and at most one of them names an order (two orders are two cases; a case without an
   order takes the first one that is named, a contact without one continues the latest case);
3. both are about the same order and near issues, those of one family: where is it, it is late;
4. both are about the same order and the words of one of them fit no topic;
5. the customer says to have written before ("still no answer"): the latest case, unless it is known to be another.

Else it opens a case. Thanks, and what the shop had asked for, are contacts of a `kind` of their own and no repeats.

Only what came before decides: later contacts never change an earlier one's thread, number, kind or predecessor, so
that a score may use them as of its moment. Where an order showed that two ids are one person (CUSTOMER_LINKS), their
cases are told apart until then. Replies inside one conversation are no new contact, and a conversation without mentions
("thanks, bye") is none at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import starmap
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight import again
from insight.cases import FIRST, NOBODY, WINDOW_MS, Contact, Place, placed
from insight.schema import NO_REPEAT, UNKNOWN

HOUR_MS = 3_600_000
OF = "conversation_id"
BY_TIME = ["customer_key", "contacted_ms", OF, "topic_id"]
SHOP = ("agent", "bot")

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


def issue_threads(
    mentions: pd.DataFrame,
    topics: pd.DataFrame,
    conversations: pd.DataFrame,
    messages: pd.DataFrame | None = None,
    *,
    families: Mapping[str, str] | None = None,
    links: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Rows of issue_threads, from mentions, mention_topics and conversations.

    :param messages: what else was said; without it, a contact is judged by its mentions alone.
    :param families: the family of each topic that has one.
    :param links: rows of customer_links.
    """
    rows = contacts(mentions, topics, conversations).sort_values(BY_TIME, ignore_index=True)
    says, brings, settled = _said(rows, messages)
    place = _place(rows, says, settled, families or {}, links)
    case, first, before, last = (place[name].to_numpy(np.int64) for name in ("case", "first", "before", "last"))
    at = rows["contacted_ms"].to_numpy(np.int64)
    recent = (last != NOBODY) & (at - at[last] <= WINDOW_MS)
    kind = np.where(settled & recent, "thanks", "").astype(object)
    wanted = np.flatnonzero(brings & recent)
    kind[wanted[_asked(rows, wanted, last[wanted], messages)]] = "asked for"
    kind = kind[first]
    counts = (first == np.arange(len(rows))) & ~np.isin(kind, NO_REPEAT)
    nth = pd.Series(counts.astype(np.int64)).groupby(case).cumsum().to_numpy(np.int64)[first]
    kind[kind == ""] = np.where(nth[kind == ""] > 1, "repeat", "first")
    ids, topic = (np.array(_plain(rows[name]), dtype=object) for name in (OF, "topic_id"))
    follows = before != NOBODY
    return rows.assign(
        thread_id=list(starmap("{}/{}".format, zip(ids[case], topic[case], strict=True))),
        nth=np.maximum(nth, 1),
        previous_conversation_id=pd.array(np.where(follows, ids[before], None), dtype=object),
        gap_hours=np.where(follows, (at - at[before]) / HOUR_MS, np.nan),
        link=place["link"],
        kind=kind,
    ).drop(columns=["first_key", "language"])


def contacts(mentions: pd.DataFrame, topics: pd.DataFrame, conversations: pd.DataFrame) -> pd.DataFrame:
    """One row per conversation and issue.

    The order is the one that the conversation's first mention of the issue names, else the conversation's own. The
    proof is the mention nearest to the centre of the issue; among equals the earliest.
    """
    told = conversations[[OF, "customer_key", "first_key", "language", "order_id"]]
    written = mentions["origin"].eq("message") & mentions[OF].notna()
    said = mentions.loc[written, ["mention_id", OF, "order_id", "said_ms", "text"]]
    said = said.merge(topics[["mention_id", "topic_id", "similarity"]], on="mention_id")
    said = said.sort_values([OF, "topic_id", "said_ms", "mention_id"], ignore_index=True)
    issue = said.groupby([OF, "topic_id"], sort=True)
    named = issue.agg(order_id=("order_id", "first"), contacted_ms=("said_ms", "min")).reset_index()
    nearest = said.sort_values("similarity", ascending=False, kind="stable")
    proof = nearest.drop_duplicates([OF, "topic_id"])[[OF, "topic_id", "text"]]
    rows = named.merge(proof, on=[OF, "topic_id"]).merge(told, on=OF, suffixes=("", "_told"))
    rows["order_id"] = rows["order_id"].fillna(rows["order_id_told"])
    return rows.rename(columns={"text": "proof"}).drop(columns="order_id_told")


def _place(
    rows: pd.DataFrame, says: Flags, settled: Flags, families: Mapping[str, str], links: pd.DataFrame | None
) -> pd.DataFrame:
    """The Place of each contact, as columns. Who wrote once has nothing to be joined to."""
    since: dict[str, int] = {}
    if links is not None:
        late = links[links["since_ms"].notna()]
        since = dict(zip(_plain(late["customer_key"]), _plain(late["since_ms"]), strict=True))
    which = np.flatnonzero(rows["customer_key"].duplicated(keep=False))
    some = rows.iloc[which]
    topics = _plain(some["topic_id"])
    columns = (
        *(_plain(some[name]) for name in ("customer_key", "first_key", OF)),
        topics,
        [families.get(topic) for topic in topics],
        _plain(some["order_id"]),
        _plain(some["contacted_ms"]),
        says[which].tolist(),
        settled[which].tolist(),
    )
    found = pd.DataFrame(list(placed(starmap(Contact, zip(*columns, strict=True)), since)), columns=list(Place._fields))
    place = np.arange(len(rows))
    told = pd.DataFrame({"case": place, "first": place, "before": NOBODY, "last": NOBODY, "link": FIRST})
    ends = np.append(which, NOBODY)
    for name in ("case", "first", "before", "last"):
        told.loc[which, name] = ends[found[name].to_numpy(np.int64)]
    told.loc[which, "link"] = found["link"].to_numpy(object)
    return told


def _said(rows: pd.DataFrame, messages: pd.DataFrame | None) -> tuple[Flags, Flags, Flags]:
    """Of each contact: it speaks of an earlier one, it brings something, it says that the matter is settled.

    Told by the words with which the conversation begins; settled by those about the issue itself, so that what came
    well and is now broken is not thanked away. Who wrote once is not read.
    """
    which = np.flatnonzero(rows["customer_key"].duplicated(keep=False))
    some = rows.iloc[which]
    languages, proof = _plain(some["language"].fillna(UNKNOWN)), _plain(some["proof"])
    opening = proof
    if messages is not None:
        texts = _openings(messages[messages[OF].isin(some[OF])])
        opening = [texts.get(one, own) for one, own in zip(_plain(some[OF]), proof, strict=True)]
    of, about = again.heard(opening, languages), again.heard(proof, languages)
    praise = some["topic_id"].eq(again.PRAISE).to_numpy(np.bool_)
    found = np.zeros((3, len(rows)), dtype=np.bool_)
    found[:, which] = of["again"], of["brings"], ~of["open"] & (about["settled"] | (praise & of["thanks"]))
    return found[0], found[1], found[2]


def _openings(messages: pd.DataFrame) -> dict[str, str]:
    """What the customer wrote in each conversation until the shop replied."""
    spoken = messages[messages["public"] & messages["author"].isin(["customer", *SHOP])]
    spoken = spoken.sort_values([OF, "seq"], ignore_index=True)
    words: dict[str, list[str]] = {}
    answered = set[str]()
    for one, author, text in zip(*(_plain(spoken[name]) for name in (OF, "author", "text")), strict=True):
        if author == "customer" and one not in answered:
            words.setdefault(one, []).append(text)
        elif one in words:
            answered.add(one)
    return {one: "\n".join(said) for one, said in words.items()}


def _asked(rows: pd.DataFrame, which: Places, last: Places, messages: pd.DataFrame | None) -> Flags:
    """Whether the shop's latest words in the conversation before had asked for something.

    :param which: places of contacts. :param last: places of the contacts before them.
    """
    if messages is None or not len(which):
        return np.zeros(len(which), dtype=np.bool_)
    before = rows[OF].to_numpy(object)[last]
    spoken = messages[messages["public"] & messages["author"].isin(SHOP) & messages[OF].isin(before)]
    spoken = spoken.sort_values(["sent_ms", OF, "seq"])[[OF, "sent_ms", "text"]].astype(object)
    at = rows["contacted_ms"].to_numpy(np.int64)[which]
    wanted = pd.DataFrame({OF: pd.Series(before, dtype=object), "sent_ms": at, "place": which})
    spoken["sent_ms"] = spoken["sent_ms"].astype("int64")
    found = pd.merge_asof(wanted.sort_values("sent_ms", kind="stable"), spoken, on="sent_ms", by=OF)
    texts = found.sort_values("place")["text"]
    return np.array(again.asked([text if isinstance(text, str) else None for text in texts]), dtype=np.bool_)


def _plain(column: pd.Series) -> list[Any]:
    """The values of a column, None where there is none."""
    values: list[Any] = pa.array(column, from_pandas=True).to_pylist()
    return values
