"""The topics that are known from the start, on two levels, and the head that tells which of them a text is about.

models/topics.toml names families and their leaves (`family.leaf`), with phrases that customers say about each leaf. The
head is a multinomial logistic regression over unit vectors of any one encoder: with weights W and biases b,

    P(topic | x) = softmax(W x + b),  W and b minimising  sum_i w_i (-log P(y_i | x_i)) + |W|² / (2 KEEN)

It is fitted on the vectors of the phrases at each run, so it follows the encoder that a shop has taught, and on the
texts whose topic a person has confirmed, be it a leaf or a found topic. It is silent where its best probability
is below `sure`. That bound is the least above which nine of ten assignments were right among examples that it had not
seen and strangers, of which `_bound` tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from insight import shipped
from insight.errors import MissingPart, TableError
from insight.phrases import fold

FILE = "topics.toml"
LANGUAGES = ("en", "zh", "de", "es", "fr", "ja", "pt")

KEEN = 30.0
"""How freely the weights may grow."""

TAG_WEIGHT = 2.0
"""A confirmed text counts as much as so many phrases: it is the shop's own way to say it, and outvotes a phrase."""

LEAST_TAGS = 5
"""Confirmed texts from which on a topic without phrases is learned."""

RIGHT = 0.9
"""Of what is assigned, this share is right among held examples and strangers."""

STRANGERS = 0.2
"""Of all texts, so many are taken to belong to no topic that the head knows."""

FOLDS = 5
ALIKE = 0.3
"""Examples of a topic within this distance (1 - cosine, mean over pairs) are one saying: translations of each other."""

MOST_HELD = 200
"""Examples of a topic that the bound is found on."""

LEAST_ASSIGNED = 20
"""A bound that fewer held examples reach says nothing."""

FREE = 1e-3
"""The penalty of the biases: next to nothing."""

STEPS, MEMORY, CLOSE = 300, 8, 3e-4
"""A fit ends where a step of L-BFGS gains less than this share."""

NEVER = np.inf
"""The bound of a head that assigns nothing."""

Floats = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.floating[Any]]
"""Shape (texts, dimensions), unit rows."""


# ---------------------------------------------------------------- families, leaves, phrases


@dataclass(frozen=True)
class Leaf:
    """A topic of the taxonomy: its id `family.leaf`, its names, and its phrases by language (ISO 639-1)."""

    topic_id: str
    family: str
    name: str
    name_zh: str
    phrases: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Phrase:
    """What customers say about a leaf."""

    text: str
    language: str
    topic_id: str


@dataclass(frozen=True)
class Taxonomy:
    """Families by id, with their names in English and Chinese, and the leaves, all in the order of the file."""

    families: Mapping[str, tuple[str, str]]
    leaves: tuple[Leaf, ...]


def families() -> Mapping[str, tuple[str, str]]:
    """The names of each family in English and Chinese, by id."""
    return _shipped().families


def leaves() -> tuple[Leaf, ...]:
    """The leaves in the order of the file, which is that of their families."""
    return _shipped().leaves


def phrases() -> tuple[Phrase, ...]:
    """All phrases, by leaf and language."""
    return tuple(
        Phrase(text, language, leaf.topic_id)
        for leaf in leaves()
        for language, told in leaf.phrases.items()
        for text in told
    )


@cache
def _shipped() -> Taxonomy:
    return taxonomy(shipped.toml(FILE))


def taxonomy(told: Mapping[str, Any]) -> Taxonomy:
    """A taxonomy as topics.toml tells it, checked.

    :raises MissingPart: a leaf is of an unknown family, lacks a name or a language, or a phrase stands in two leaves.
    """
    named = {family: (about["en"], about["zh"]) for family, about in told["families"].items()}
    found = tuple(_leaf(topic_id, about, named) for topic_id, about in told["topics"].items())
    seen: dict[str, str] = {}
    for leaf in found:
        for text in (text for listed in leaf.phrases.values() for text in listed):
            other = seen.setdefault(fold(text), leaf.topic_id)
            if other != leaf.topic_id:
                raise MissingPart(
                    "a phrase stands in two leaves", where=FILE, came=f"{text!r} in {other} and {leaf.topic_id}"
                )
    if idle := sorted(set(named) - {leaf.family for leaf in found}):
        raise MissingPart("a family has no leaf", where=FILE, came=", ".join(idle))
    return Taxonomy(named, found)


def _leaf(topic_id: str, about: Mapping[str, Any], named: Collection[str]) -> Leaf:
    where = f"{FILE}, {topic_id}"
    family, _, leaf = topic_id.partition(".")
    if not leaf or family not in named:
        raise MissingPart("this leaf is of no known family", where=where, wanted=" or ".join(f"{n}.…" for n in named))
    if lacking := [name for name in ("en", "zh") if not about.get(name, "").strip()]:
        raise MissingPart("a leaf has no name", where=where, came="", wanted=" and ".join(lacking))
    listed = about.get("phrases", {})
    if lacking := [language for language in LANGUAGES if not any(text.strip() for text in listed.get(language, ()))]:
        raise MissingPart("a leaf has no phrase in a language", where=where, wanted=" and ".join(lacking))
    return Leaf(topic_id, family, about["en"], about["zh"], {one: tuple(texts) for one, texts in listed.items()})


# ---------------------------------------------------------------- the head


@dataclass(frozen=True)
class Told:
    """What a head says of each text: places in `Head.topics` of the best and the second best topic, with probabilities.

    Arrays of shape (texts). Where the head knows fewer topics than are asked for, the place is -1.
    """

    best: npt.NDArray[np.int64]
    chance: Floats
    second: npt.NDArray[np.int64]
    second_chance: Floats


@dataclass(frozen=True)
class Head:
    """A fitted head: `weights` (dimensions, topics), `bias` (topics), and the bound below which it is silent."""

    topics: tuple[str, ...]
    weights: Floats
    bias: Floats
    sure: float

    def assign(self, vectors: Vectors) -> tuple[list[str | None], Floats]:
        """The topic of each text, None where the head is not sure, and the probability of the best topic."""
        told = self.tell(vectors)
        sure = (told.best >= 0) & (told.chance >= self.sure)
        return [self.topics[b] if s else None for b, s in zip(told.best, sure, strict=True)], told.chance

    def tell(self, vectors: Vectors) -> Told:
        """The two likeliest topics of each text, sure or not; a row says the same whatever its neighbours are.

        A row of noughts, or one with a value that is no number, has no topic.

        :raises TableError: the vectors have other dimensions than the examples had.
        """
        rows = np.atleast_2d(np.ascontiguousarray(vectors, np.float64))
        empty = np.full(len(rows), -1), np.zeros(len(rows)), np.full(len(rows), -1), np.zeros(len(rows))
        told = Told(*empty)
        if self.topics and len(rows):
            if rows.shape[1] != len(self.weights):
                raise TableError(
                    "vectors of two encoders cannot mix",
                    came=f"{rows.shape[1]} dimensions",
                    wanted=f"{len(self.weights)} dimensions",
                )
            _tell(rows, self.weights, self.bias, told.best, told.chance, told.second, told.second_chance)
        return told


def fit(vectors: Vectors, labels: Sequence[str], tagged: npt.NDArray[np.bool_] | None = None) -> Head:
    """A head that has learned these examples; their order changes nothing.

    :param vectors: shape (examples, dimensions), unit rows of one encoder.
    :param labels: the topic of each example.
    :param tagged: shape (examples), whether a person confirmed it; none where not told. A topic that has nothing else,
        and fewer than `LEAST_TAGS` of these, is not learned.
    :returns: a head that is always silent where fewer than two topics are learned.
    """
    from threadpoolctl import threadpool_limits

    rows = np.atleast_2d(np.asarray(vectors, np.float64))
    tags = np.zeros(len(labels), bool) if tagged is None else np.asarray(tagged, bool)
    kept = _learned(labels, tags)
    names = np.asarray(labels, dtype=object)[kept]
    topics = tuple(sorted(set(names)))
    if len(topics) < 2:
        return Head((), np.zeros((0, 0)), np.zeros(0), NEVER)
    rows, weights = rows[kept], np.where(tags[kept], TAG_WEIGHT, 1.0)
    gold = np.searchsorted(topics, names.astype(str))
    order = np.lexsort((*rows.T[::-1], weights, gold))
    rows, gold, weights = rows[order], gold[order], weights[order]
    with threadpool_limits(1):  # sums of another number of threads differ in their last bits
        found = _descend(rows, gold, weights, len(topics))
        sure = _bound(rows, gold, weights)
    return Head(topics, found[:-1].copy(), found[-1].copy(), sure)


def _learned(labels: Sequence[str], tags: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Places of the examples whose topic is learned."""
    phrased = {label for label, tag in zip(labels, tags, strict=True) if not tag}
    counts = Counter(labels)
    return np.array(
        [at for at, label in enumerate(labels) if label in phrased or counts[label] >= LEAST_TAGS], np.int64
    )


def _descend(rows: Floats, gold: npt.NDArray[np.int64], weights: Floats, topics: int) -> Floats:
    """Weights, and the biases as a last row, of the least loss.

    The search is in coordinates in which the curvature at its start is the same in all directions. Sums are of float32,
    which is twice as fast and finds the same weights to three digits.
    """
    from scipy.optimize import minimize

    wide = np.column_stack([rows, np.ones(len(rows))])
    penalty = np.append(np.full(rows.shape[1], 1 / KEEN), FREE)
    curvature = (wide.T * weights) @ wide / topics + np.diag(penalty)
    turn = np.linalg.cholesky(np.linalg.inv(curvature))
    given = (wide @ turn).astype(np.float32)
    ridge = (turn.T @ (penalty[:, None] * turn)).astype(np.float32)
    target = np.zeros((len(rows), topics), np.float32)
    target[np.arange(len(rows)), gold] = weights
    counts = weights[:, None].astype(np.float32)

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(-1, topics).astype(np.float32)
        z = given @ w
        z -= z.max(axis=1, keepdims=True)
        cost = -float(np.sum(target * z, dtype=np.float64))
        likely = np.exp(z, out=z)
        total = likely.sum(axis=1, keepdims=True)
        cost += float(weights @ np.log(total[:, 0]))
        likely *= counts / total
        pulled = ridge @ w
        slope = given.T @ (likely - target) + pulled
        return cost + 0.5 * float(np.sum(w * pulled, dtype=np.float64)), slope.astype(np.float64).ravel()

    limits = {"maxiter": STEPS, "maxcor": MEMORY, "ftol": CLOSE, "gtol": 0.0}
    start = np.zeros(wide.shape[1] * topics)
    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", options=limits).x
    return turn @ found.reshape(-1, topics)


@numba.njit(cache=True, nogil=True)
def _tell(rows: Any, weights: Any, bias: Any, best: Any, chance: Any, second: Any, second_chance: Any) -> None:
    """Each row by itself, its sums in the order of dimensions; the first of equal topics is the better one."""
    many = len(bias)
    z = np.empty(many)
    for row in range(len(rows)):
        z[:] = bias
        length = 0.0
        for dimension in range(rows.shape[1]):
            value = rows[row, dimension]
            length += value * value
            for topic in range(many):
                z[topic] += value * weights[dimension, topic]
        if not (length > 0 and np.isfinite(length)):
            continue
        first = np.argmax(z)
        top = z[first]
        total = 0.0
        other = -1
        for topic in range(many):
            total += np.exp(z[topic] - top)
            if topic != first and (other < 0 or z[topic] > z[other]):
                other = topic
        best[row], chance[row] = first, 1 / total
        second[row], second_chance[row] = other, np.exp(z[other] - top) / total


# ---------------------------------------------------------------- when it is sure


def _bound(rows: Floats, gold: npt.NDArray[np.int64], weights: Floats) -> float:
    """The least probability above which `RIGHT` of the assignments are right.

    The examples are dealt into folds, translations of one saying together, and each is asked of a head that was fitted
    without its fold: this answer is right or wrong. Then it is asked of a head that was fitted without its topic and
    others: it is a stranger there, and any answer is wrong. Strangers weigh as if they were `STRANGERS` of all texts.
    """
    place = _dealt(rows, gold)
    chance, right, strange = [], [], []
    for group in (place, np.where(place >= 0, gold % FOLDS, -1)):
        for number in range(FOLDS):
            asked = group == number
            taught = ~asked if group is place else gold % FOLDS != number
            known = np.unique(gold[taught])
            if len(known) < 2 or not asked.any():
                continue
            found = _descend(rows[taught], np.searchsorted(known, gold[taught]), weights[taught], len(known))
            told = Head(tuple(map(str, known)), found[:-1], found[-1], NEVER).tell(rows[asked])
            chance.append(told.chance)
            right.append(known[told.best] == gold[asked])
            strange.append(~np.isin(gold[asked], known))
    if not chance:
        return NEVER
    return _least(np.concatenate(chance), np.concatenate(right), np.concatenate(strange))


def _least(chance: Floats, right: npt.NDArray[np.bool_], strange: npt.NDArray[np.bool_]) -> float:
    """The bound, given what was said of each example, whether it was right, and whether its topic was unknown."""
    own, other = int((~strange).sum()), int(strange.sum())
    heavy = STRANGERS / (1 - STRANGERS) * own / other if other else 0.0
    order = np.argsort(-chance, kind="stable")
    weight = np.where(strange[order], heavy, 1.0)
    good = np.cumsum(right[order] * weight)
    precision = good / np.maximum(np.cumsum(weight), 1e-12)
    ends = np.append(chance[order][1:] < chance[order][:-1], True)  # equal probabilities are assigned together
    enough = np.flatnonzero(ends & (precision >= RIGHT) & (good >= LEAST_ASSIGNED))
    return float(chance[order][enough[-1]]) if len(enough) else NEVER


def _dealt(rows: Floats, gold: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The fold of each example, -1 for those that are never held back; what says the same is in one fold.

    Where a topic is so narrow that it has fewer sayings than there are folds, each example is one: held back together
    they would leave nothing of it to learn.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    place = np.full(len(rows), -1, np.int64)
    for topic in np.unique(gold):
        own = np.flatnonzero(gold == topic)
        own = own[np.linspace(0, len(own) - 1, min(MOST_HELD, len(own))).astype(np.int64)]
        saying = np.zeros(len(own), np.int64)
        if len(own) > 1:
            tree = linkage(np.nan_to_num(pdist(rows[own], "cosine"), nan=1.0), "average")  # a row of noughts is far
            saying = fcluster(tree, ALIKE, "distance").astype(np.int64)
            if saying.max() < FOLDS:
                saying = np.arange(len(own))
        place[own] = (saying + topic) % FOLDS
    return place
