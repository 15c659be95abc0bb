"""The card of each topic: its name, words and why-words, how much is said of it, by how many and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress

import pandas as pd

from insight import reasons, taxonomy, topic_names
from insight.schema import UNASSIGNED
from insight.taxonomy import Leaf
from insight.topic_names import Word, Words

REST = {
    **{"topic_id": UNASSIGNED, "kind": "none", "state": "live", "automatic_state": "live"},
    **{"name_en": "Fits no topic yet", "name_zh": "暂未归类", "named_by": "rule"},
}
"""What of the row of what fits none is always the same."""
COUNTED = ["mentions", "customers"]


def cards(
    said: pd.DataFrame, topics: pd.DataFrame, alike: Mapping[str, str], *, split: Words, min_customers: int
) -> pd.DataFrame:
    """The rows of TOPICS: one per topic that is or ever was, and last what fits none; no model has named any yet.

    :param said: all mentions, with topic_id, how, customer_key, said_ms, text, text_hash, language and mood.
    :param topics: as `edits.replay` gives them.
    :param alike: topics that may be a part of another one.
    """
    ids = topics["topic_id"].tolist()
    place = {topic: number for number, topic in enumerate(ids)}
    placed = said[said["topic_id"].isin(place) & (said["how"] != "context")]
    unhappy = (placed["mood"] == "negative").fillna(value=False).astype(bool)
    placed = topic_names.heard(placed.assign(label=placed["topic_id"].map(place).astype("int64"), unhappy=unhappy))
    told = topic_names.words(placed, topics=len(ids), split=split, min_customers=min_customers)
    named = _named(topics, told)
    known = [[*few, *_words(name, split)] for few, name in zip(told, named["name_en"], strict=True)]
    whys = [reasons.readable(few) for few in reasons.whys(placed, known, split=split, min_customers=min_customers)]
    named = named.assign(
        words=pd.Series([[one.word for one in few] for few in told], named.index, dtype=object),
        why=pd.Series([english for english, _ in whys], named.index, dtype=object),
        why_zh=pd.Series([chinese for _, chinese in whys], named.index, dtype=object),
    )
    rest = pd.DataFrame([REST | {"words": [], "why": [], "why_zh": []}])
    rows = pd.concat([named, rest], ignore_index=True).join(_counts(said), on="topic_id")
    rows[COUNTED] = rows[COUNTED].fillna(0).astype("int64")
    like = rows["topic_id"].map(dict(alike)).where(rows["state"].isin(["new", "candidate"])).astype("str")
    nobody = pd.Series(None, index=rows.index, dtype="str")
    return rows.assign(share=rows["mentions"] / max(len(said), 1), like_id=like, naming="", naming_model=nobody)


def _counts(said: pd.DataFrame) -> pd.DataFrame:
    return said.groupby("topic_id").agg(
        mentions=("mention_id", "size"),
        customers=("customer_key", "nunique"),
        first_said_ms=("said_ms", "min"),
        last_said_ms=("said_ms", "max"),
    )


def _named(topics: pd.DataFrame, told: Sequence[Sequence[Word]]) -> pd.DataFrame:
    """Topics with a name in both languages: of a person, else of the taxonomy, else made of words.

    A person may give a name that another topic has; the rule never does.
    """
    given = topics.assign(name_en=topics["name_en"].fillna(""), name_zh=topics["name_zh"].fillna(""))
    leaves = {leaf.topic_id: leaf for leaf in taxonomy.leaves()}
    seeds = [leaves.get(topic) for topic in given["topic_id"]]
    named_by = [
        "person" if _is_own(name_en, name_zh, leaf) else "taxonomy" if leaf else "rule"
        for name_en, name_zh, leaf in zip(given["name_en"], given["name_zh"], seeds, strict=True)
    ]
    taken = [*given["name_en"], REST["name_en"]], [*given["name_zh"], REST["name_zh"]]
    lacks = [not (name_en and name_zh) for name_en, name_zh in zip(given["name_en"], given["name_zh"], strict=True)]
    english, chinese = topic_names.names(list(compress(told, lacks)), taken)
    made = pd.DataFrame({"name_en": english, "name_zh": chinese}, index=given.index[lacks], dtype="str")
    both = given[["name_en", "name_zh"]].mask(given[["name_en", "name_zh"]] == "").combine_first(made)
    return given.assign(
        family=pd.Series([leaf.family if leaf else None for leaf in seeds], index=given.index, dtype="str"),
        named_by=named_by,
        name_en=both["name_en"],
        name_zh=both["name_zh"],
    )


def _is_own(name_en: str, name_zh: str, leaf: Leaf | None) -> bool:
    """Whether a name is neither still to be given nor of the taxonomy."""
    return name_en not in ("", leaf.name if leaf else "") or name_zh not in ("", leaf.name_zh if leaf else "")


def _words(name: str, split: Words) -> list[Word]:
    return [Word(word, "en") for word in split(name, "en")]
