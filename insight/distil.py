"""Fitting a static table: features learn to add up to the vectors that a larger model, the teacher, gives a sentence.

The loss of a text is 1 - cosine to its goal, the teacher's vector of the text or of its English translation (Reimers &
Gurevych 2020, arXiv 2004.09813, with a sum of features as the student). A translation also learns to lie where the
student itself puts the English sentence, so that what the student cannot say is left unsaid in all languages alike.
Same lesson, same seed: same bytes, on any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insight import features, kernels
from insight.pooling import Floats, StaticTable, threads

Rows = npt.NDArray[np.int64]

AGREE = 1.5
"""What it weighs that a translation lies where its English sentence does, against its distance to the goal."""

LAST_RATE = 0.02
"""The rate falls evenly to this share of its first value."""

MEAN_FADES, SQUARE_FADES = 0.9, 0.999
"""Of Adam, as its authors chose."""

SHORTEST = 1e-12
"""A sum is not taken to be shorter."""


@dataclass(frozen=True)
class Lesson:
    """What there is to learn: for each text a row of `goals` (`goal`), and the text it translates (`partner`) or -1.

    `goals` has unit rows, shape (goals, dimensions).
    """

    texts: Sequence[str]
    goals: Floats
    goal: Rows
    partner: Rows


@dataclass(frozen=True)
class Pace:
    """How a lesson is gone through."""

    epochs: int = 6
    batch: int = 2048
    rate: float = 0.02
    seed: int = 7


def choose(texts: Sequence[str], weights: Floats, *, most: int, least: int) -> features.Hashes:
    """The features worth a row: the heaviest by the summed weight of their texts, each at least `least` times there.

    :returns: ascending hashes; among equally heavy ones the smaller hashes.
    """
    ends, hashes = features.hashed(texts)
    known, which = np.unique(hashes, return_inverse=True)
    heavy = np.bincount(which, np.repeat(weights, np.diff(ends)))
    heavy[np.bincount(which) < least] = 0
    order = np.argsort(-heavy, kind="stable")[:most]
    return np.sort(known[order[heavy[order] > 0]])


def fit(
    lesson: Lesson,
    start: StaticTable,
    pace: Pace,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> StaticTable:
    """The table after the lesson, in exact rows; its features are those of `start`."""
    bags = _Bags.of(lesson.texts, start.hashes)
    rows = np.ascontiguousarray(start.rows * start.scales[:, None], np.float32)
    adam = _Adam(rows)
    order, done = np.random.default_rng(pace.seed), 0
    total = pace.epochs * -(-len(lesson.texts) // pace.batch)
    with ThreadPoolExecutor(threads()) as pool:
        for _ in range(pace.epochs):
            shuffled = order.permutation(len(lesson.texts))
            for begin in range(0, len(shuffled), pace.batch):
                batch = shuffled[begin : begin + pace.batch]
                rate = pace.rate * (1 - (1 - LAST_RATE) * done / total)
                adam.step(*_slopes(lesson, bags, rows, batch, pool), rate, pool)
                done += 1
                tell(done, total)
    return StaticTable.exact(start.hashes, rows)


def _slopes(lesson: Lesson, bags: _Bags, rows: Floats, batch: Rows, pool: Executor) -> tuple[Rows, Rows, Floats]:
    """Of the mean loss over a batch: the bags it looked into, and how it changes with the sum of each bag.

    With s the sum of a bag and v = s / |s|, a slope g in v is (g - (g·v) v) / |s| in s.
    """
    paired = np.flatnonzero(lesson.partner[batch] >= 0)
    ends, places = bags.some(np.concatenate([batch, lesson.partner[batch[paired]]]))
    sums = np.zeros((len(ends) - 1, rows.shape[1]), np.float32)
    _share(pool, len(sums), lambda first, last: kernels.add_up(ends, places, rows, sums, first, last))
    lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), SHORTEST)
    said = sums / lengths
    slopes = np.empty_like(said)
    slopes[: len(batch)] = -lesson.goals[lesson.goal[batch]]
    slopes[paired] -= AGREE * said[len(batch) :]
    slopes[len(batch) :] = -AGREE * said[paired]
    slopes -= (slopes * said).sum(axis=1, keepdims=True) * said
    slopes /= lengths * len(batch)
    return ends, places, slopes


class _Adam:
    """Adam (Kingma & Ba 2015) on the rows that a batch has touched; the others rest, with what they remember."""

    def __init__(self, rows: Floats) -> None:
        self._rows, self._steps = rows, 0
        self._mean, self._square = np.zeros_like(rows), np.zeros_like(rows)

    def step(self, ends: Rows, places: Rows, slopes: Floats, rate: float, pool: Executor) -> None:
        """Move each row of the bags against its slope: the sum of the slopes of the bags it lies in."""
        self._steps += 1
        stride = rate * np.sqrt(1 - SQUARE_FADES**self._steps) / (1 - MEAN_FADES**self._steps)
        order = np.argsort(places, kind="stable")
        bag = np.repeat(np.arange(len(ends) - 1), np.diff(ends))[order]
        touched, starts = np.unique(places[order], return_index=True)
        starts = np.append(starts, len(places))
        state = self._rows, self._mean, self._square
        _share(
            pool,
            len(touched),
            lambda first, last: kernels.descend(touched, starts, bag, slopes, *state, stride, first, last),
        )


def _share(pool: Executor, count: int, work: Callable[[int, int], None]) -> None:
    """Do `work(first, last)` on all, in parts that touch nothing of each other: their number changes no bit."""
    parts = np.linspace(0, count, threads() + 1).astype(int).tolist()
    list(pool.map(work, parts[:-1], parts[1:]))


@dataclass(frozen=True)
class _Bags:
    """Which rows of the table each text sums."""

    ends: Rows
    places: Rows

    @classmethod
    def of(cls, texts: Sequence[str], hashes: features.Hashes) -> _Bags:
        ends, found = features.hashed(texts)
        places = np.searchsorted(hashes, found)
        places[places == len(hashes)] = 0
        known = hashes[places] == found
        return cls(np.concatenate([[0], np.cumsum(known)])[ends], places[known])

    def some(self, texts: Rows) -> tuple[Rows, Rows]:
        """The bags of some texts, one after the other: where each ends, and its rows."""
        long = self.ends[texts + 1] - self.ends[texts]
        ends = np.concatenate([[0], np.cumsum(long)])
        return ends, self.places[np.repeat(self.ends[texts] - ends[:-1], long) + np.arange(ends[-1])]
