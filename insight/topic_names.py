"""Clusters to words, a readable name and quotes: what a topic is about, in customers' own words.

Words are ranked by class-based TF-IDF (Grootendorst 2022), counting customers rather than copies: a word counts once
per customer and topic, and is shown only where enough distinct customers used it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import shipped
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
NEAREST = 200
"""Different texts of a topic, the nearest to its centre, among which quotes are chosen."""
_MARKS = r"[\W_]+"
JOINT = " · "
UNNAMED = ("No words in common", "没有共同的词")
MOST = 400
"""Mentions of a topic in which words are looked for: more of them tell the same."""
STEM = 4
"""Words of one topic that begin with the same letters, at least so many, and differ by their ending are told once."""


def heard(mentions: pd.DataFrame) -> pd.DataFrame:
    """At most `MOST` mentions of each topic, drawn by chance, which is a hash of who says what.

    :param mentions: text, customer_key and label, in any order.
    """
    said, who = (
        pd.util.hash_array(mentions[name].to_numpy(object), categorize=False) for name in ("text", "customer_key")
    )
    order = np.lexsort((said ^ (who << np.uint64(1)), mentions["label"]))
    labels = mentions["label"].to_numpy()[order]
    first = np.searchsorted(labels, labels)
    return mentions.iloc[np.sort(order[np.arange(len(order)) - first < MOST])]


def words(mentions: pd.DataFrame, *, topics: int, split: Words, min_customers: int) -> list[list[Word]]:
    """The words that set each topic apart, best first.

    :param mentions: text, language, customer_key and label, 0 … topics - 1; one row per mention that has a topic.
    """
    used = counted(spoken(mentions, split))
    if used.empty:
        return [[] for _ in range(topics)]
    codes, vocabulary = pd.factorize(used["word"], sort=True)
    scores = _scores(used["label"].to_numpy(), codes, used["customers"].to_numpy(), (topics, len(vocabulary)))
    used = used.assign(score=scores)[used["customers"] >= min_customers]
    ranked = used.sort_values(["label", "score", "word"], ascending=[True, False, True])
    found: list[list[Word]] = [[] for _ in range(topics)]
    for label, word, language in zip(ranked["label"], ranked["word"], ranked["language"], strict=True):
        if len(found[label]) < SHOWN and not any(same_stem(word, told.word) for told in found[label]):
            found[label].append(Word(word, language))
    return found


def names(
    words_of: Sequence[Sequence[Word]], taken: tuple[Iterable[str], Iterable[str]] = ((), ())
) -> tuple[list[str], list[str]]:
    """A readable name for each topic in English and in Chinese; no two are equal, however they are written.

    Words that the glossary can say in the language, or that are of it, come first; others only where those are few.

    :param taken: names in English and in Chinese that others have.
    """
    english, chinese = glossary()
    return (
        _unique([_readable(few, english, ("en",)) for few in words_of], UNNAMED[0], taken[0]),
        _unique([_readable(few, chinese, ("zh", "en")) for few in words_of], UNNAMED[1], taken[1]),
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

    :param mentions: mention_id, topic_id, how, text (masked), language, similarity and customer_key of all mentions, in
        the order of mention_id.
        What fits no topic has no centre, and what is in one by its conversation alone does not speak of it: neither is
        quoted. Nor is a topic of fewer than `min_customers` customers.
    """
    mentions = mentions[(mentions["topic_id"] != UNASSIGNED) & (mentions["how"] != "context")]
    spoke = mentions.groupby("topic_id")["customer_key"].transform("nunique")
    near = mentions[spoke >= min_customers].drop_duplicates(["topic_id", "text"])
    near = near.sort_values("similarity", ascending=False, kind="stable")
    near = near[near.groupby("topic_id").cumcount() < NEAREST].sort_values(
        ["topic_id", "similarity", "text", "mention_id"], ascending=[True, False, True, True]
    )
    near = near.assign(letters=near["text"].str.casefold().str.replace(_MARKS, "", regex=True))
    near = near.drop_duplicates(["topic_id", "letters"]).drop_duplicates(["topic_id", "customer_key"])
    near = near.assign(rank=near.groupby("topic_id").cumcount() + 1, quote=near["text"])
    return near.loc[near["rank"] <= QUOTES, ["topic_id", "rank", "mention_id", "quote", "language"]]


class Spoken(NamedTuple):
    """Who says which word of which topic, each once: rows of label, word, customer and language, all of them numbers.

    `words` and `languages` hold what the numbers of words and languages stand for, in the order of the alphabet.
    """

    rows: pd.DataFrame
    words: npt.NDArray[np.object_]
    languages: npt.NDArray[np.object_]


def spoken(mentions: pd.DataFrame, split: Words) -> Spoken:
    """The words of mentions that can stand for something, whoever says them.

    :param mentions: text, language, customer_key and label.
    """
    languages, names = pd.factorize(mentions["language"].to_numpy(object), sort=True)
    texts, wordings = pd.factorize(mentions["text"].to_numpy(object))
    pairs, of = np.unique(np.stack([texts, languages]), axis=1, return_inverse=True)
    told = [_told(wordings[text], names[language], split) for text, language in pairs.T]
    vocabulary = sorted(set().union(*told))
    number = {word: place for place, word in enumerate(vocabulary)}
    flat = np.array([number[word] for here in told for word in here], np.int32)
    said = pd.DataFrame({"text": of, "label": mentions["label"].to_numpy(), "language": languages})
    said = said.assign(customer=pd.factorize(mentions["customer_key"].to_numpy(object))[0]).drop_duplicates()
    sizes = np.array([len(here) for here in told], np.int64)
    starts, times = np.cumsum(sizes) - sizes, sizes[said["text"]]
    rows = np.repeat(np.arange(len(said)), times)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    columns = {name: said[name].to_numpy(np.int32)[rows] for name in ("label", "customer", "language")}
    columns["word"] = flat[starts[said["text"]][rows] + within]
    return Spoken(pd.DataFrame(columns).drop_duplicates(), np.array(vocabulary, object), names)


def _told(text: str, language: str, split: Words) -> list[str]:
    """The words of a text that can stand for something, each once."""
    return sorted({word for word in split(text.replace("’", "'"), language) if _says(word)})


def counted(said: Spoken, means: Mapping[str, str] | None = None) -> pd.DataFrame:
    """How many distinct customers say which word of which topic, and most of them in which language.

    :param means: words that are counted as another one.
    :returns: label, word, customers and language, by label and word; of languages with as many customers the first.
    """
    codes, names = pd.factorize(np.array([(means or {}).get(w, w) for w in said.words], object), sort=True)
    rows = said.rows.assign(word=codes[said.rows["word"]]).drop_duplicates()
    pairs = rows.drop_duplicates(["label", "word", "customer"]).groupby(["label", "word"], sort=True)
    by = rows.groupby(["label", "word", "language"], sort=True).size().rename("spoken").reset_index()
    most = by.sort_values(["label", "word", "spoken", "language"], ascending=[True, True, False, True])
    found = pairs.size().rename("customers").reset_index()
    spoken_in = most.drop_duplicates(["label", "word"])["language"].to_numpy()
    return found.assign(word=names[found["word"]], language=said.languages[spoken_in])


@cache
def _says(word: str) -> bool:
    """Whether a word can stand for something: no stop word, no number, no lone letter (a Chinese character may).

    Nor a bare ending: Japanese is cut by script, so that a word in hiragana alone is mostly one, if the glossary does
    not know it.
    """
    if word in _stop_words() or word.isdigit() or (len(word) == 1 and word < "㐀"):
        return False
    return word in glossary()[0] or not all("ぁ" <= letter <= "ゖ" for letter in word)


def same_stem(one: str, other: str) -> bool:
    """Whether two words differ by no more than an ending of two letters: size and sizes, rápido and rápida."""
    begins = max(STEM, min(len(one), len(other)) - 2)
    return one[:begins] == other[:begins] and len(one) >= STEM <= len(other)


def _scores(
    labels: npt.NDArray[np.int64], words: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], shape: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Class-based TF-IDF of each (topic, word)."""
    from scipy.sparse import csr_matrix

    if shape[1] == 1:  # nothing to weigh it against, and BERTopic's transformer takes no lone column
        return counts.astype(np.float64)
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
def glossary() -> tuple[dict[str, str], dict[str, str]]:
    """Words of customers to English, and to Chinese. Where two entries share a word, the first one holds."""
    english: dict[str, str] = {}
    chinese: dict[str, str] = {}
    for entry in shipped.toml("glossary.toml")["words"]:
        for word in (w for listed in entry.values() for w in listed):
            english.setdefault(word, entry["en"][0])
            chinese.setdefault(word, entry["zh"][0])
    return english, chinese


def _unique(words_of: Iterable[Sequence[str]], unnamed: str, taken: Iterable[str]) -> list[str]:
    """Names of the first few words; a name that is taken grows by a word, or at last by a number."""
    others, made = {name.casefold() for name in taken}, []
    for few in words_of:
        told = list(dict.fromkeys(few))
        longer = (JOINT.join(told[:many]) for many in range(min(NAMED, len(told)), len(told) + 1))
        base = JOINT.join(told[:NAMED]) or unnamed
        numbered = (f"{base} ({number})" for number in range(2, len(others) + 3))
        name = next(n for n in (*longer, base, *numbered) if n and n.casefold() not in others)
        others.add(name.casefold())
        made.append(name)
    return made
