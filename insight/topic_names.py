"""Clusters to words, a readable name and quotes: what a topic is about, in customers' own words.

Words are ranked by class-based TF-IDF (Grootendorst 2022), counting customers rather than copies: a word counts once
per customer and topic, and is shown only where enough distinct customers used it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import shipped, taxonomy
from insight.schema import UNASSIGNED

Words = Callable[[str, str], list[str]]
"""A text and its language to its words; `insight.language.words`."""


class Word(NamedTuple):
    """A word, and the language in which most customers of the topic said it."""

    word: str
    language: str


SHOWN = 10
"""Words of a topic that are kept."""
NAMED = 3
"""Words in its name."""
ENOUGH = 2
"""With so many words that a reader understands, a name does without the others."""
QUOTES = 3
_MARKS = r"[\W_]+"
JOINT = " · "
REST = {
    **{"topic_id": UNASSIGNED, "kind": "none", "state": "live", "automatic_state": "live"},
    **{"name_en": "Fits no topic yet", "name_zh": "暂未归类", "named_by": "rule"},
}
"""What of its row is always the same."""
UNNAMED = ("No words in common", "没有共同的词")
STEM = 4
"""Words of one topic that begin with the same letters, at least so many, and differ by their ending are told once."""


def words(mentions: pd.DataFrame, *, topics: int, split: Words, min_customers: int) -> list[list[Word]]:
    """The words that set each topic apart, best first.

    :param mentions: text, language, customer_key and label, 0 … topics - 1; one row per mention that has a topic.
    """
    used = _used(mentions, split)
    if used.empty:
        return [[] for _ in range(topics)]
    codes, vocabulary = pd.factorize(used["word"], sort=True)
    scores = _scores(used["label"].to_numpy(), codes, used["customers"].to_numpy(), (topics, len(vocabulary)))
    used = used.assign(score=scores)[used["customers"] >= min_customers]
    ranked = used.sort_values(["label", "score", "word"], ascending=[True, False, True])
    found: list[list[Word]] = [[] for _ in range(topics)]
    for label, word, spoken in zip(ranked["label"], ranked["word"], ranked["language"], strict=True):
        if len(found[label]) < SHOWN and not any(_same_stem(word, told.word) for told in found[label]):
            found[label].append(Word(word, spoken))
    return found


def names(words_of: Sequence[Sequence[Word]]) -> tuple[list[str], list[str]]:
    """A readable name for each topic in English and in Chinese; no two are equal.

    Words that the glossary can say in the language, or that are of it, come first; others only where those are few.
    """
    english, chinese = _glossary()
    return (
        _unique([_readable(few, english, ("en",)) for few in words_of], UNNAMED[0]),
        _unique([_readable(few, chinese, ("zh", "en")) for few in words_of], UNNAMED[1]),
    )


def _readable(few: Sequence[Word], glossary: Mapping[str, str], spoken: Sequence[str]) -> list[str]:
    """The words of a topic, those that a reader of the first of these languages understands first."""
    ranks = [0 if one.word in glossary else (*spoken, one.language).index(one.language) for one in few]
    told = [glossary.get(one.word, one.word) for one in few]
    understood = [word for rank, word in sorted(zip(ranks, told, strict=True), key=lambda both: both[0])]
    plain = [word for rank, word in zip(ranks, told, strict=True) if rank < len(spoken)]
    return plain if len(set(plain)) >= ENOUGH else understood


def quotes(mentions: pd.DataFrame, *, min_customers: int) -> pd.DataFrame:
    """The rows of TOPIC_QUOTES: mentions nearest to the centre of their topic, each of another customer in other words.

    :param mentions: mention_id, topic_id, text, language, similarity and customer_key of mentions that have a topic.
        A topic of fewer than `min_customers` customers has no quote.
    """
    spoke = mentions.groupby("topic_id")["customer_key"].transform("nunique")
    near = mentions[spoke >= min_customers].sort_values(
        ["topic_id", "similarity", "text", "mention_id"], ascending=[True, False, True, True]
    )
    near = near.assign(letters=near["text"].str.casefold().str.replace(_MARKS, "", regex=True))
    near = near.drop_duplicates(["topic_id", "letters"]).drop_duplicates(["topic_id", "customer_key"])
    near = near.assign(rank=near.groupby("topic_id").cumcount() + 1, quote=near["text"])
    return near.loc[near["rank"] <= QUOTES, ["topic_id", "rank", "mention_id", "quote", "language"]]


def _used(mentions: pd.DataFrame, split: Words) -> pd.DataFrame:
    """How many distinct customers used which word in which topic, and most of them in which language."""
    by_text = mentions.groupby(["text", "language"], sort=True)[["label", "customer_key"]]
    stop, known = _stop_words(), _glossary()[0]
    seen: set[tuple[int, str, str, str]] = set()
    for (text, language), said in by_text:
        plain = str(text).replace("’", "'")
        here = {w for w in split(plain, str(language)) if w not in stop and _says(w, known)}
        who = set(zip(said["label"], said["customer_key"], strict=True))
        seen.update((label, word, customer, str(language)) for label, customer in who for word in here)
    counted = Counter((label, word) for label, word, _ in {one[:3] for one in seen})
    spoken = Counter((label, word, language) for label, word, _, language in seen)
    most: dict[tuple[int, str], str] = {}
    for (label, word, language), _ in sorted(spoken.items(), key=lambda one: (-one[1], one[0][2])):
        most.setdefault((label, word), language)
    rows = [(label, word, customers, most[label, word]) for (label, word), customers in counted.items()]
    return pd.DataFrame(rows, columns=["label", "word", "customers", "language"]).sort_values(["label", "word"])


def _says(word: str, known: Mapping[str, str]) -> bool:
    """Whether a word can stand for something: no number, no lone letter (a Chinese character may), no bare ending.

    Japanese is cut by script, so that a word in hiragana alone is mostly an ending; one that the glossary knows is not.
    """
    if word.isdigit() or (len(word) == 1 and word < "㐀"):
        return False
    return word in known or not all("ぁ" <= letter <= "ゖ" for letter in word)


def _same_stem(one: str, other: str) -> bool:
    """Whether two words differ by no more than an ending of two letters: size and sizes, rápido and rápida."""
    begins = max(STEM, min(len(one), len(other)) - 2)
    return one[:begins] == other[:begins] and len(one) >= STEM <= len(other)


def _scores(
    labels: npt.NDArray[np.int64], words: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], shape: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Class-based TF-IDF of each (topic, word)."""
    from scipy.sparse import csr_matrix

    matrix = csr_matrix((counts.astype(np.float64), (labels, words)), shape=shape)
    weighted = _class_tfidf()(reduce_frequent_words=True).fit_transform(matrix)
    return np.asarray(weighted[labels, words]).ravel()


def _class_tfidf() -> Any:
    """BERTopic's ClassTfidfTransformer, out of its own file: `import bertopic` would bring UMAP, numba and seconds."""
    file = metadata.distribution("bertopic").locate_file("bertopic/vectorizers/_ctfidf.py")
    spec = spec_from_file_location("bertopic_ctfidf", str(file))
    if spec is None or spec.loader is None:
        raise ImportError(f"bertopic has moved its class-based TF-IDF; looked at {file}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ClassTfidfTransformer


@cache
def _stop_words() -> frozenset[str]:
    """Words that tell nothing about a topic, of all languages together: chats mix them."""
    lists: dict[str, list[str]] = shipped.toml("stop_words.toml")
    return frozenset(word for listed in lists.values() for word in listed)


@cache
def _glossary() -> tuple[dict[str, str], dict[str, str]]:
    """Words of customers to English, and to Chinese. Where two entries share a word, the first one holds."""
    english: dict[str, str] = {}
    chinese: dict[str, str] = {}
    for entry in shipped.toml("glossary.toml")["words"]:
        for word in (w for listed in entry.values() for w in listed):
            english.setdefault(word, entry["en"][0])
            chinese.setdefault(word, entry["zh"][0])
    return english, chinese


def _unique(words_of: Iterable[Sequence[str]], unnamed: str) -> list[str]:
    """Names of the first few words; a name that is taken grows by a word, or at last by a number."""
    taken: dict[str, None] = {}
    for few in words_of:
        told = list(dict.fromkeys(few))
        longer = (JOINT.join(told[:count]) for count in range(min(NAMED, len(told)), len(told) + 1))
        base = JOINT.join(told[:NAMED]) or unnamed
        numbered = (f"{base} ({number})" for number in range(2, len(taken) + 3))
        name = next(n for n in (*longer, base, *numbered) if n and n not in taken)
        taken[name] = None
    return list(taken)


def card(
    said: pd.DataFrame, topics: pd.DataFrame, alike: Mapping[str, str], *, split: Words, min_customers: int
) -> pd.DataFrame:
    """The rows of TOPICS: one per topic that is or ever was, and last what fits none.

    :param said: all mentions, with topic_id, how, customer_key, said_ms, text and language.
    :param topics: as `edits.replay` gives them.
    :param alike: topics that may be a part of another one.
    """
    ids = topics["topic_id"].tolist()
    place = {topic: number for number, topic in enumerate(ids)}
    placed = said[said["topic_id"].isin(place) & (said["how"] != "context")]
    placed = placed.assign(label=placed["topic_id"].map(place).astype("int64"))
    told = words(placed, topics=len(ids), split=split, min_customers=min_customers)
    counts = said.groupby("topic_id").agg(
        mentions=("mention_id", "size"),
        customers=("customer_key", "nunique"),
        first_said_ms=("said_ms", "min"),
        last_said_ms=("said_ms", "max"),
    )
    rows = pd.concat([_named(topics, told), pd.DataFrame([REST])], ignore_index=True)
    rows = rows.join(counts, on="topic_id")
    counted = ["mentions", "customers"]
    rows[counted] = rows[counted].fillna(0).astype("int64")
    shown = pd.Series([*([one.word for one in few] for few in told), []], dtype=object)
    waits = rows["state"].isin(["new", "candidate"])
    like = rows["topic_id"].map(dict(alike)).where(waits).astype("str")
    return rows.assign(share=rows["mentions"] / max(len(said), 1), words=shown, like_id=like)


def _named(topics: pd.DataFrame, told: Sequence[Sequence[Word]]) -> pd.DataFrame:
    """Topics with a name in both languages: of a person, else of the taxonomy, else made of words."""
    topics = topics.assign(name_en=topics["name_en"].fillna(""), name_zh=topics["name_zh"].fillna(""))
    leaves = {leaf.topic_id: leaf for leaf in taxonomy.leaves()}
    english, chinese = names(told)
    seeds = [leaves.get(topic) for topic in topics["topic_id"]]
    plain = [(leaf.name, leaf.name_zh) if leaf else ("", "") for leaf in seeds]
    both = list(zip(topics["name_en"], topics["name_zh"], strict=True))
    by_people = [
        any(name and name != own for name, own in zip(now, of, strict=True))
        for now, of in zip(both, plain, strict=True)
    ]
    return topics.assign(
        family=pd.Series([leaf.family if leaf else None for leaf in seeds], index=topics.index, dtype="str"),
        named_by=[
            "person" if own else "taxonomy" if leaf else "rule" for own, leaf in zip(by_people, seeds, strict=True)
        ],
        name_en=[name or made for name, made in zip(topics["name_en"], english, strict=True)],
        name_zh=[name or made for name, made in zip(topics["name_zh"], chinese, strict=True)],
    )
