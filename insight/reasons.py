"""Why do customers speak of a topic? The words of the reasons and circumstances that they tell.

What customers say after "because", "after" or "since" (before "之后" or "ので"), and all that they say in a bad mood,
is taken for their reasons. A word is a why-word of a topic where more of its customers say it among their reasons than
the other words of the topic let one expect: by weighted log-odds with an informative Dirichlet prior (Monroe, Colaresi
and Quinn 2008, Fightin' Words), in which a customer counts once, and the prior is the talk of all topics together.
Words are counted by their meaning where the glossary knows it, so that few customers in each language add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import shipped, topic_names
from insight.phrases import SPACELESS, Finder, fold
from insight.topic_names import Word, Words

LISTS = "reasons.toml"
MOODS = "sentiment.toml"
FEELINGS = (
    *("weak_positive", "positive", "strong_positive", "strong_negative"),
    *("demands", "threats", "intensifiers", "negators", "contrasts", "whys"),
)
"""Lists of moods whose words tell a feeling or a wish, but no reason."""

SHOWN = 5
"""Why-words of a topic at most."""
PRIOR = 500.0
"""How many words the prior weighs."""
CLEAR = 1.28
"""A why-word has a z-score of at least that; with moods dealt out by chance one in twenty was left (DECISIONS.md)."""
TEXTS = 2_000
"""So many mentions of a topic are read at most; by the hashes of their texts, which is a fair draw."""
REACH = {"zh": 14, "ja": 18}
"""Characters of a reason at most, where its clause does not end before; other languages: `REACH_APART`."""
REACH_APART = 56

_END = re.compile(r"[.,;:!?\n。、()\[\]~]")


def whys(
    mentions: pd.DataFrame, told: Sequence[Sequence[Word]], *, split: Words, min_customers: int
) -> list[list[Word]]:
    """The words of each topic that belong to customers' reasons, clearest first; none that are told already.

    A word that the glossary knows is given by its English name, in the language in which most customers said it.

    :param mentions: text, text_hash, language, customer_key, label and unhappy (the mood of the mention is bad); one
        row per mention that has a topic.
    :param told: the words that set each topic apart; as many as there are topics.
    :param min_customers: so many must have said a word among their reasons.
    """
    means = topic_names.glossary()[0]
    drawn = mentions.sort_values(["text_hash", "customer_key", "text", "language"]).groupby("label").head(TEXTS)
    every = topic_names.counted(topic_names.spoken(drawn, split), means)
    given = topic_names.counted(topic_names.spoken(_given(drawn), split), means)
    scored = _scored(given, every)
    scored = scored[(scored["z"] >= CLEAR) & (scored["customers"] >= min_customers)]
    ranked = scored.sort_values(["label", "z", "word"], ascending=[True, False, True])
    found: list[list[Word]] = [[] for _ in told]
    known = [[means.get(one.word, one.word) for one in few] for few in told]
    for label, word, language in zip(ranked["label"], ranked["word"], ranked["language"], strict=True):
        fresh = not any(word == one or topic_names.same_stem(word, one) for one in known[label])
        if fresh and len(found[label]) < SHOWN and not _is_empty(word):
            found[label].append(Word(word, language))
            known[label].append(word)
    return found


def readable(few: Sequence[Word]) -> tuple[list[str], list[str]]:
    """Why-words in English and in Chinese; what has no meaning in the glossary names its language: "köln (de)"."""
    english, chinese = topic_names.glossary()
    return (
        [one.word if one.word in english else _plain(one, ("en",)) for one in few],
        [chinese.get(one.word) or _plain(one, ("zh", "en")) for one in few],
    )


def _plain(one: Word, understood: Sequence[str]) -> str:
    return one.word if one.language in understood else f"{one.word} ({one.language})"


def clauses(text: str, language: str) -> Iterator[str]:
    """What a text tells as a reason or a circumstance: the part of a clause behind, or before, such a word."""
    find = _finders().get(language)
    if find is None:
        return
    folded, reach = find.fold(text), REACH.get(language, REACH_APART)
    for hit in find(folded):
        if hit.kind == "opens":
            end = _END.search(folded, hit.end)
            yield _first(folded[hit.end : end.start() if end else len(folded)], reach)
        else:
            begins = [end.end() for end in _END.finditer(folded, 0, hit.start)]
            yield folded[max([hit.start - reach, *begins[-1:], 0]) : hit.start]


def _first(clause: str, reach: int) -> str:
    """The beginning of a clause, without a word that is cut through."""
    clause = clause.strip()
    return clause if len(clause) <= reach else clause[:reach].rpartition(" ")[0] or clause[:reach]


def _given(mentions: pd.DataFrame) -> pd.DataFrame:
    """Mentions with only what is a reason: all that is said in a bad mood, else what the marks of reasons show."""
    texts = mentions["text"].where(mentions["unhappy"], None)
    calm = ~mentions["unhappy"].to_numpy(bool)
    pairs = zip(mentions.loc[calm, "text"], mentions.loc[calm, "language"], strict=True)
    texts[calm] = ["\n".join(clauses(text, language)) for text, language in pairs]
    return mentions.assign(text=texts)


def _scored(given: pd.DataFrame, every: pd.DataFrame) -> pd.DataFrame:
    """Words of reasons with `z`: how much likelier each is there than in the rest of its topic, in standard errors.

    Monroe et al. (2008), equations 16, 18, 19 and 22: with y of n words among the reasons and a prior of a for the word
    and A for all, the log-odds are log((y + a) / (n + A - y - a)); their difference to those of the rest is divided by
    the square root of 1 / (y + a) + 1 / (y' + a), y' being the word's count in the rest.
    """
    both = given.merge(every, on=["label", "word"], suffixes=("", "_all"))
    share = every.groupby("word")["customers"].sum() / max(every["customers"].sum(), 1)
    sums = [part.groupby("label")["customers"].sum() for part in (given, every)]
    a = PRIOR * both["word"].map(share).to_numpy(float)
    y, whole = both["customers"].to_numpy(float), both["customers_all"].to_numpy(float)
    n, total = (both["label"].map(part).to_numpy(float) for part in sums)
    rest = np.maximum(whole - y, 0)  # cut out of a clause, Chinese may fall into other words than in the whole text
    odds = _odds(y + a, n + PRIOR) - _odds(rest + a, np.maximum(total - n, rest) + PRIOR)
    return both[given.columns].assign(z=odds / np.sqrt(1 / (y + a) + 1 / (rest + a)))


def _odds(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log-odds; of what is everything they are very large, not infinite."""
    return np.asarray(np.log(part) - np.log(np.maximum(whole - part, 1e-9)))


@cache
def _finders() -> dict[str, Finder]:
    """For each language what finds the words that a reason stands behind (`opens`) or before (`closes`)."""
    lists = shipped.toml(LISTS)
    return {
        language: Finder({kind: told[kind] for kind in ("opens", "closes")}, apart=language not in SPACELESS)
        for language, told in lists.items()
    }


@cache
def _explain_nothing() -> frozenset[str]:
    return frozenset(word for told in shipped.toml(LISTS).values() for word in told["nothing"])


@cache
def _feelings() -> tuple[Finder, Finder]:
    """Words of moods: those of languages that write words apart, and the others."""
    lists = {code: listed for code, listed in shipped.toml(MOODS).items() if "negators" in listed}
    words = {code: [word for kind in FEELINGS for word in listed.get(kind, ())] for code, listed in lists.items()}
    apart = {code: listed for code, listed in words.items() if code not in SPACELESS}
    joined = {code: listed for code, listed in words.items() if code in SPACELESS}
    return Finder(apart, apart=True), Finder(joined, apart=False)


@cache
def _is_empty(word: str) -> bool:
    """Whether a word as a whole tells a feeling, or nothing at all."""
    return word in _explain_nothing() or any(
        (hit.start, hit.end) == (0, len(word)) for find in _feelings() for hit in find(fold(word))
    )
