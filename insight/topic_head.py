"""Which topic is a text about? A head that learns it from phrases and from what people confirmed, and knows its limits.

Two witnesses are heard. A multinomial logistic regression over unit vectors x of any one encoder tells what is meant;
naive Bayes (McCallum & Nigam 1998) over the words, word pairs and character pieces f of the text tells how it is said:

    P(topic | text) ∝ exp(W x + b) · exp(WORDS sum_f n_f log P(f | topic))

with n_f = 1 + log count, brought to a vector of length one, and W and b minimising

    sum_i w_i (-log softmax(W x_i + b)[y_i]) + |W|² / (2 KEEN)

It is fitted at each run, so it follows the encoder that a shop has taught, on the phrases of the taxonomy and on the
texts whose topic a person has confirmed, be it a leaf or a found topic. It is silent where its best probability is
below `sure`. That bound is the least above which nine of ten assignments were right among examples that it had not seen
and strangers, of which `_bound` tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from insight import features
from insight.errors import TableError

KEEN = 20.0
"""How freely the weights may grow."""

TAG_WEIGHT = 2.0
"""A confirmed text counts as much as so many phrases: it is the shop's own way to say it, and outvotes a phrase."""

LEAST_TAGS = 5
"""Confirmed texts from which on a topic without phrases is learned."""

RIGHT = 0.9
"""Of what is assigned, this share is right among held examples and strangers."""

STRANGERS = 0.2
"""Of all texts, so many are taken to belong to no topic that the head knows."""

BUCKETS = 1 << 16
"""Features of texts share so many rows, by their hashes."""

SMOOTH = 0.03
"""How often every feature is taken to have been heard of every topic."""

WORDS = 0.3
"""What words weigh beside vectors: ten examples a topic are best served by .2, two hundred by .5."""

FOLDS = 5
ALIKE = 0.3
"""Examples of a topic within this distance (1 - cosine, mean over pairs) are one saying: translations of each other."""

MOST_HELD = 200
"""Examples of a topic that the bound is found on."""

LEAST_ASSIGNED = 20
"""A bound that fewer held examples reach says nothing."""

SLICE = 65_536
"""Texts that are told at a time."""

SHORTEST = 1e-12
"""A vector is not taken to be shorter."""

FREE = 1e-3
"""The penalty of the biases: next to nothing."""

STEPS, MEMORY, CLOSE = 300, 8, 3e-4
"""A fit ends where a step of L-BFGS gains less than this share."""

NEVER = np.inf
"""The bound of a head that assigns nothing."""

Floats = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.floating[Any]]
"""Shape (texts, dimensions), unit rows."""


@dataclass(frozen=True)
class Told:
    """What a head says of each text: places in `Head.topics` of the best and the second best topic, with probabilities.

    Arrays of shape (texts). Where the head knows fewer topics than are asked for, the place is -1.
    """

    best: npt.NDArray[np.int64]
    chance: Floats
    second: npt.NDArray[np.int64]
    second_chance: Floats

    @classmethod
    def nothing(cls, texts: int) -> Told:
        """What is said of so many texts of which nothing is known."""
        return cls(np.full(texts, -1), np.zeros(texts), np.full(texts, -1), np.zeros(texts))


@dataclass(frozen=True)
class Head:
    """A fitted head: what vectors tell, what words tell, and the bound below which it is silent.

    `weights` has shape (dimensions, topics), `bias` (topics). `words` (`BUCKETS`, topics) holds
    `WORDS` log P(feature | topic), and noughts for features that were never heard.
    """

    topics: tuple[str, ...]
    weights: Floats
    bias: Floats
    words: Floats
    sure: float

    def assign(self, vectors: Vectors, texts: Sequence[str] | None = None) -> tuple[list[str | None], Floats]:
        """The topic of each text, None where the head is not sure, and the probability of the best topic."""
        told = self.tell(vectors, texts)
        sure = (told.best >= 0) & (told.chance >= self.sure)
        return [self.topics[b] if s else None for b, s in zip(told.best, sure, strict=True)], told.chance

    def tell(self, vectors: Vectors, texts: Sequence[str] | None = None) -> Told:
        """The two likeliest topics of each text, sure or not; a row says the same whatever its neighbours are.

        A row of noughts, or one with a value that is no number, has no topic.

        :param texts: as the encoder reads them; where they are not told, only the vectors are heard.
        :raises TableError: the vectors have other dimensions than the examples had.
        """
        rows = np.atleast_2d(np.ascontiguousarray(vectors, np.float64))
        if self.topics and len(rows):
            if rows.shape[1] != len(self.weights):
                raise TableError(
                    "vectors of two encoders cannot mix",
                    came=f"{rows.shape[1]} dimensions",
                    wanted=f"{len(self.weights)} dimensions",
                )
            parts = [slice(start, start + SLICE) for start in range(0, len(rows), SLICE)]
            answers = [self.answer(rows[part], None if texts is None else _bags(texts[part])) for part in parts]
            return Told(*(np.concatenate(answer) for answer in zip(*map(astuple, answers), strict=True)))
        return Told.nothing(len(rows))

    def answer(self, rows: Floats, bags: Any | None) -> Told:
        """As `tell`, of texts whose features are counted already."""
        logits = np.tile(self.bias, (len(rows), 1))
        if bags is not None:
            logits += _unit(bags, np.any(self.words, axis=1)) @ self.words
        told = Told.nothing(len(rows))
        _tell(rows, self.weights, logits, told.best, told.chance, told.second, told.second_chance)
        return told


def fit(
    vectors: Vectors,
    labels: Sequence[str],
    tagged: npt.NDArray[np.bool_] | None = None,
    texts: Sequence[str] | None = None,
) -> Head:
    """A head that has learned these examples; their order changes nothing.

    :param vectors: shape (examples, dimensions), unit rows of one encoder.
    :param labels: the topic of each example.
    :param tagged: shape (examples), whether a person confirmed it; none where not told. A topic that has nothing else,
        and fewer than `LEAST_TAGS` of these, is not learned.
    :param texts: of each example, as the encoder reads it; where they are not told, words tell nothing.
    :returns: a head that is always silent where fewer than two topics are learned.
    """
    from threadpoolctl import threadpool_limits

    rows = np.atleast_2d(np.asarray(vectors, np.float64))
    tags = np.zeros(len(labels), bool) if tagged is None else np.asarray(tagged, bool)
    said = np.asarray([""] * len(labels) if texts is None else list(texts), dtype=object)
    kept = _learned(labels, tags)
    names = np.asarray(labels, dtype=object)[kept]
    topics = tuple(sorted(set(names)))
    if len(topics) < 2:
        return Head((), np.zeros((0, 0)), np.zeros(0), np.zeros((BUCKETS, 0)), NEVER)
    rows, weights, said = rows[kept], np.where(tags[kept], TAG_WEIGHT, 1.0), said[kept]
    gold = np.searchsorted(topics, names.astype(str))
    order = np.lexsort((np.unique(said.astype(str), return_inverse=True)[1], *rows.T[::-1], weights, gold))
    examples = _Examples(rows[order], _bags(said[order].tolist()), gold[order], weights[order])
    with threadpool_limits(1):  # sums of another number of threads differ in their last bits
        return _fitted(examples, topics, _bound(examples))


@dataclass(frozen=True)
class _Examples:
    """Vectors, bags of features, numbers of topics, and weights, a row each."""

    rows: Floats
    bags: Any
    gold: npt.NDArray[np.int64]
    weights: Floats

    def some(self, which: npt.NDArray[np.bool_]) -> _Examples:
        return _Examples(self.rows[which], self.bags[which], self.gold[which], self.weights[which])


def _fitted(examples: _Examples, topics: tuple[str, ...], sure: float = NEVER) -> Head:
    """The head of examples whose `gold` are places in `topics`."""
    found = _descend(examples, len(topics))
    return Head(topics, found[:-1].copy(), found[-1].copy(), WORDS * _heard(examples, len(topics)), sure)


def _bags(texts: Sequence[str]) -> Any:
    """For each text how much it says each feature: a sparse array of shape (texts, `BUCKETS`)."""
    from scipy.sparse import csr_array

    ends, hashes = features.hashed(texts)
    place = (hashes % np.uint64(BUCKETS)).astype(np.int64)
    bags = csr_array((np.ones(len(place)), place, ends), shape=(len(texts), BUCKETS))
    bags.sum_duplicates()
    bags.data = 1 + np.log(bags.data)
    return bags


def _unit(bags: Any, heard: Any) -> Any:
    """The bags without features that were never heard, each as a vector of length one, or nothing."""
    found = bags.copy()
    found.data *= heard[found.indices]
    lengths = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)))
    found.data /= np.repeat(np.maximum(lengths, SHORTEST), np.diff(found.indptr))
    return found


def _heard(examples: _Examples, topics: int) -> Floats:
    """Of each feature log P(feature | topic), each being heard `SMOOTH` times more; noughts for those never heard."""
    from scipy.sparse import csr_array

    known = np.bincount(examples.bags.indices, minlength=BUCKETS) > 0
    each = np.arange(len(examples.gold))
    speak = csr_array((examples.weights, (examples.gold, each)), shape=(topics, len(each)))
    counts = (speak @ _unit(examples.bags, known)).toarray().T + SMOOTH
    chances: Floats = np.log(counts) - np.log(counts.sum(axis=0))
    chances[~known] = 0
    return chances


def _learned(labels: Sequence[str], tags: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Places of the examples whose topic is learned."""
    phrased = {label for label, tag in zip(labels, tags, strict=True) if not tag}
    counts = Counter(labels)
    return np.array(
        [at for at, label in enumerate(labels) if label in phrased or counts[label] >= LEAST_TAGS], np.int64
    )


def _descend(examples: _Examples, topics: int) -> Floats:
    """Weights, and the biases as a last row, of the least loss.

    The search is in coordinates in which the curvature at its start is the same in all directions. Sums are of float32,
    which is twice as fast and finds the same weights to three digits.
    """
    from scipy.optimize import minimize

    rows, gold, weights = examples.rows, examples.gold, examples.weights
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
def _tell(rows: Any, weights: Any, logits: Any, best: Any, chance: Any, second: Any, second_chance: Any) -> None:
    """Each row by itself, its sums in the order of dimensions; the first of equal topics is the better one."""
    many = logits.shape[1]
    for row in range(len(rows)):
        z = logits[row]
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


def _bound(examples: _Examples) -> float:
    """The least probability above which `RIGHT` of the assignments are right.

    The examples are dealt into folds, translations of one saying together, and each is asked of a head that was fitted
    without its fold: this answer is right or wrong. Then it is asked of a head that was fitted without its topic and
    others: it is a stranger there, and any answer is wrong. Strangers weigh as if they were `STRANGERS` of all texts.
    """
    gold = examples.gold
    place = _dealt(examples.rows, gold)
    chance, right, strange = [], [], []
    for group, of in ((place, place), (gold % FOLDS, np.where(place >= 0, gold % FOLDS, -1))):
        for number in range(FOLDS):
            asked, lesson = examples.some(of == number), examples.some(group != number)
            known = np.unique(lesson.gold)
            if len(known) < 2 or not len(asked.gold):
                continue
            head = _fitted(replace(lesson, gold=np.searchsorted(known, lesson.gold)), tuple(map(str, known)))
            told = head.answer(asked.rows, asked.bags)
            chance.append(told.chance)
            right.append(known[told.best] == asked.gold)
            strange.append(~np.isin(asked.gold, known))
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
