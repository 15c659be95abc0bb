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
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import shipped

Words = Callable[[str, str], list[str]]
"""A text and its language to its words; `insight.language.words`."""

SHOWN = 10
"""Words of a topic that are kept."""
NAMED = 3
"""Words in its name."""
QUOTES = 3
_MARKS = r"[\W_]+"
JOINT = " · "
REST = ("Fits no topic yet", "暂未归类")
UNNAMED = ("No words in common", "没有共同的词")
STEM = 4
"""Words of one topic that begin with the same letters, at least so many, and differ by their ending are told once."""


def words(mentions: pd.DataFrame, *, topics: int, split: Words, min_customers: int) -> list[list[str]]:
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
    found: list[list[str]] = [[] for _ in range(topics)]
    for label, word in zip(ranked["label"], ranked["word"], strict=True):
        if len(found[label]) < SHOWN and not any(_same_stem(word, told) for told in found[label]):
            found[label].append(word)
    return found


def names(words_of: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """A readable name for each topic in English and in Chinese; no two are equal."""
    english, chinese = _glossary()
    return (
        _unique([[english.get(w, w) for w in few] for few in words_of], UNNAMED[0]),
        _unique([[chinese.get(w, w) for w in few] for few in words_of], UNNAMED[1]),
    )


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
    """How many distinct customers used which word in which topic: label, word, customers."""
    by_text = mentions.groupby(["text", "language"], sort=True)[["label", "customer_key"]]
    stop, known = _stop_words(), _glossary()[0]
    seen: set[tuple[int, str, str]] = set()
    for (text, language), said in by_text:
        plain = str(text).replace("’", "'")
        here = {w for w in split(plain, str(language)) if w not in stop and _says(w, known)}
        who = set(zip(said["label"], said["customer_key"], strict=True))
        seen.update((label, word, customer) for label, customer in who for word in here)
    counted = Counter((label, word) for label, word, _ in seen)
    rows = [(label, word, customers) for (label, word), customers in counted.items()]
    return pd.DataFrame(rows, columns=["label", "word", "customers"]).sort_values(["label", "word"])


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


def card(said: pd.DataFrame, ids: Sequence[str], words_of: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The rows of TOPICS: one per id, the last being UNASSIGNED.

    :param said: all mentions, with topic_id, customer_key and said_ms.
    """
    english, chinese = names(words_of)
    counts = said.groupby("topic_id").agg(
        mentions=("mention_id", "size"),
        customers=("customer_key", "nunique"),
        first_said_ms=("said_ms", "min"),
        last_said_ms=("said_ms", "max"),
    )
    card = counts.reindex(list(ids)).rename_axis("topic_id").reset_index()
    counted = ["mentions", "customers"]
    card[counted] = card[counted].fillna(0).astype("int64")
    card["share"] = card["mentions"] / max(len(said), 1)
    told: list[list[str]] = [*(list(w) for w in words_of), []]
    return card.assign(name_en=[*english, REST[0]], name_zh=[*chinese, REST[1]], words=pd.Series(told, dtype=object))
