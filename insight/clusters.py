"""Vectors to clusters: which texts speak of the same thing, without being told how many things there are.

PCA, exact nearest neighbours by cosine, Leiden on their graph (Traag et al. 2019, in networkit) at a fine resolution,
then the nearest communities merged, much as Ward (1963) does, until what is left lies apart. Small clusters are
dissolved and far texts left out. Finding works on a bounded sample in which rare matters have their place; every other
text joins its nearest neighbours in it.

Products of floats are computed in blocks of a fixed shape, each by one thread, and the blocks are shared among the
cores: the same vectors give the same clusters, on any number of threads and in any order of rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insight.settings import Topics

DIMENSIONS = 64
NEIGHBOURS = 15
VOTERS = 5
"""Neighbours in the sample that place a text outside of it."""
RESOLUTION = 22.0
"""Of Leiden's modularity: communities so fine that a topic is seldom smaller than one of them."""
COMMUNITY = 50
"""Of few rows the resolution is lower: one for so many rows each, so that communities do not fall to pieces."""
BY_SIZE = 0.7
"""How much the sizes of two clusters count in what is merged next: 1 is Ward's rule, which sooner splits a large topic
than it keeps two small ones apart; 0 looks at centres alone."""
NEARLY = 0.8
"""Merging stops where clusters are first this share as far apart as they ever are; see `_merged`."""
APART_BY_SIZE = 0.2
"""How much sizes count in how far apart clusters are: little, since few large topics would hide many small ones."""
APART_BY_MEAN_SIZE = 0.3
"""And how much the mean size takes away. It is more: with many texts even the wordings of one matter are told apart."""
ONE = 0.4
"""Texts of a smaller spread (1 less the squared length of their mean) speak of one thing."""
BY_CHANCE = 0.6
"""Words in common put nearly so large a share of nearest neighbours into one cluster where there is no topic at all."""
SOLID = 0.97
"""There only those are topics of which this share of all neighbours is inside."""
LENIENT = 17.0
"""Where more neighbours lie together than by chance, so much less is asked for, times the square of how many more."""
LOOK_AHEAD = 0.2
"""How far apart is a mean over this share of the next merges, at least three, so that no single pair decides."""
FARTHEST = 0.45
"""A text whose cosine to the centre of its cluster is lower stays unassigned."""
PIVOTS = 10
"""The sample holds so many texts for each region of the space by which it is drawn."""
AROUND = 24
"""Regions next to its own in which a text's nearest neighbours are sought."""
LEAST = 0.55
"""A new text whose cosine to a known one is lower joins no known topic."""
MARGIN = 0.03
"""Nor does one that a second topic is nearly as near to, in cosine."""
FAMILIAR = -0.15
"""Nor does one that lies so much better among other new texts."""
COMPANY = 10
"""New texts over which it is levelled how familiar one is."""
COMPANIONS = 4096
"""New texts among which those are sought: the first ones, for the order of rows says nothing."""
CONTEXT = 0.3
"""Weight of what else was said around a text, against the text itself; see DECISIONS.md for the measurement."""
NONE = -1
"""The label of what fits no cluster."""
BLOCK = 256
REGION_BLOCK = 4096
SUMMED = 65_536
GROUPS = 512
"""A row's best neighbours are sought among the groups that hold the best ones."""

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Clusters:
    """Of each row the number of its cluster, or NONE, and its cosine to the centre; of each cluster the unit centre."""

    labels: Labels
    similarity: Floats
    centres: Floats


@dataclass(frozen=True)
class Nearest:
    """Of each new text the nearest known topic.

    `labels` holds its number, or NONE where it is too far, hardly nearer than another, or the text lies better among
    other new ones; `similarity` the cosine to the topic's nearest row, and `margin` by how much it exceeds the one to
    the second topic (2 where there is no second). `familiar` is the similarity less the one to the nearest new text,
    levelled over neighbours: the lower it is, the likelier is a matter that nobody has a topic for.
    """

    labels: Labels
    similarity: Floats
    margin: Floats
    familiar: Floats


def find(vectors: Floats, keys: Sequence[str], copies: Labels, settings: Topics) -> Labels:
    """Cluster distinct texts: for each the number of its cluster, or NONE.

    :param vectors: shape (texts, dimensions), rows of unit length.
    :param keys: one unique key per row; they make the order of rows immaterial.
    :param copies: how often each text was said; only the smallest size of a cluster counts copies.
    """
    labels = np.full(len(keys), NONE, np.int64)
    if copies.sum() < settings.min_mentions:
        return labels
    order = pc.sort_indices(pa.array(keys, pa.string())).to_numpy().astype(np.int64)
    if np.array_equal(order, np.arange(len(order))):
        return _find(vectors, list(keys), copies, settings)
    labels[order] = _find(vectors[order], [keys[int(row)] for row in order], copies[order], settings)
    return labels


def _find(vectors: Floats, keys: list[str], copies: Labels, settings: Topics) -> Labels:
    """As `find`, for rows in the order of their keys."""
    labels = _without_small(_labels(vectors, keys, copies, settings), copies, settings.min_mentions)
    near = described(vectors, labels).similarity >= FARTHEST
    return _without_small(np.where(near, labels, NONE), copies, settings.min_mentions)


def nearest(vectors: Floats, known: Floats, topics: Labels, *, least: float = LEAST, margin: float = MARGIN) -> Nearest:
    """Let new texts join topics that are known.

    :param vectors: the new texts in an order that says nothing, shape (texts, dimensions), rows of unit length.
    :param known: members of the topics, or their centres, shape (rows, dimensions), rows of unit length.
    :param topics: of each known row the number of its topic, from 0, shape (rows).
    :param least: a text that is less similar joins none.
    :param margin: nor does one that is nearer to the best topic than to the second by less.
    """
    count = len(vectors)
    labels, similarity = np.full(count, NONE, np.int64), np.full(count, -1, np.float32)
    second = np.full(count, -1, np.float32)
    if not count or not len(known):
        return Nearest(labels, similarity, similarity - second, similarity.copy())
    order = np.argsort(topics, kind="stable")
    numbers, starts = np.unique(topics[order], return_index=True)
    rows = np.ascontiguousarray(known[order])

    def place(block: slice) -> None:
        best = np.maximum.reduceat(vectors[block] @ rows.T, starts, axis=1)
        at, place = best.argmax(axis=1), np.arange(len(best))
        labels[block], similarity[block] = numbers[at], best[place, at]
        best[place, at] = -2
        if len(numbers) > 1:
            second[block] = best.max(axis=1)

    _shared(place, count)
    apart = similarity - second if len(numbers) > 1 else np.full(count, 2, np.float32)
    familiar = _familiar(vectors, similarity)
    joins = (similarity >= least) & (apart >= margin) & (familiar >= FAMILIAR)
    return Nearest(np.where(joins, labels, NONE), similarity, apart, familiar)


def _familiar(vectors: Floats, similarity: Floats) -> Floats:
    """How much nearer texts are to what is known than to each other, levelled twice over the nearest of them."""
    if len(vectors) < 2:
        return similarity.copy()
    pool, rest = vectors[:COMPANIONS], vectors[COMPANIONS:]
    parts = [_nearest(pool, pool, COMPANY, itself=True)]
    if len(rest):
        parts.append(_nearest(rest, pool, COMPANY, itself=False))
    company, cosines = (np.concatenate(some) for some in zip(*parts, strict=True))
    weights = np.maximum(cosines, 0) + np.float32(1e-6)
    weights /= weights.sum(axis=1, keepdims=True)
    familiar: Floats = similarity - cosines[:, 0]
    for _ in range(2):
        familiar = (familiar + 2 * (familiar[company] * weights).sum(axis=1)) / 3
    return familiar


def find_apart(
    vectors: Floats, keys: Sequence[str], copies: Labels, languages: Sequence[str], settings: Topics
) -> Labels:
    """As `find`, within each language alone, for an encoder that has no common space for them.

    An encoder that knows one language lays the others side by side: the best partition would be that of languages.
    The most topics that the settings allow are shared out by the number of texts.
    """
    spoken = np.asarray(languages, dtype=object)
    labels = np.full(len(keys), NONE, np.int64)
    for language in sorted(set(languages)):
        rows = np.flatnonzero(spoken == language)
        share = settings.model_copy(update={"most": max(1, round(settings.most * len(rows) / len(keys)))})
        found = find(vectors[rows], [keys[int(row)] for row in rows], copies[rows], share)
        labels[rows] = np.where(found == NONE, NONE, found + labels.max() + 1)
    return labels


def in_context(vectors: Floats, texts: Labels, contexts: Labels) -> Floats:
    """Vectors of texts, each drawn towards what else is said where it is said.

    "It was a present" tells no issue; the conversations that it stands in do.

    :param texts: of each mention the row of its text in `vectors`.
    :param contexts: of each mention the number of its conversation; mentions in an order of their own.
    """
    from scipy.sparse import csr_matrix

    shape = (len(vectors), int(contexts.max(initial=-1)) + 1)
    said = csr_matrix((np.ones(len(texts)), (texts, contexts)), shape=shape)
    together, sizes = said.T @ vectors.astype(np.float64), np.bincount(contexts, minlength=shape[1])
    others = (together[contexts] - vectors[texts]) / np.maximum(sizes[contexts] - 1, 1)[:, None]
    around = (
        csr_matrix((np.ones(len(texts)), (texts, np.arange(len(texts)))), shape=(len(vectors), len(texts))) @ others
    )
    company = np.bincount(texts, weights=sizes[contexts] > 1, minlength=len(vectors))
    return _unit((vectors + CONTEXT * around / np.maximum(company, 1)[:, None]).astype(np.float32))


def described(vectors: Floats, labels: Labels) -> Clusters:
    """Clusters by their labels: centres and cosines as these vectors have them."""
    centres = _unit(_sums(vectors, labels).astype(np.float32))
    similarity = np.zeros(len(vectors), np.float32)

    def compare(block: slice) -> None:
        has = labels[block] != NONE
        similarity[block][has] = np.einsum("ij,ij->i", vectors[block][has], centres[labels[block][has]])

    _shared(compare, len(vectors))
    return Clusters(labels, similarity, centres)


def matrix(vectors: pa.Table) -> tuple[list[str], Floats]:
    """The rows of VECTORS as keys and one array of shape (texts, dimensions)."""
    column = vectors["vector"].combine_chunks()
    flat = column.values.to_numpy(zero_copy_only=False)[column.offsets[0].as_py() : column.offsets[-1].as_py()]
    return vectors["text_hash"].to_pylist(), flat.reshape(len(column), -1 if len(column) else 1)


def hearts(keys: Sequence[str], clusters: Clusters) -> list[str]:
    """For each cluster the key of the text nearest to its centre; of equally near ones the first in order."""
    order = np.lexsort((np.asarray(keys, dtype=object), -clusters.similarity, clusters.labels))
    labels, first = np.unique(clusters.labels[order], return_index=True)
    return [keys[int(order[place])] for label, place in zip(labels, first, strict=True) if label != NONE]


def _labels(vectors: Floats, keys: list[str], copies: Labels, settings: Topics) -> Labels:
    """A label for every row: communities of the sample, merged; the nearest neighbours' label for the rest."""
    chance = _by_chance(keys, settings.seed)
    first = np.sort(chance[: settings.sample])
    if 1 - float((vectors[first].mean(axis=0, dtype=np.float64) ** 2).sum()) < ONE:
        return np.zeros(len(keys), np.int64)
    reduced = _reduced(vectors, first)
    regions = _Regions(reduced, chance, settings.sample) if len(first) < len(keys) else None
    sample = regions.sample if regions else first
    neighbours, cosines = _nearest(reduced[sample], reduced[sample], NEIGHBOURS, itself=True)
    found = _merged(reduced[sample], _communities(neighbours, cosines, settings.seed), settings.most)
    found = _solid(found, neighbours)
    found = _without_small(found, copies[sample], settings.min_mentions * len(sample) / len(keys))
    return regions.placed(found) if regions else found


def _solid(found: Labels, neighbours: Labels) -> Labels:
    """Only clusters whose members are one another's neighbours; the clearer the whole is, the less is asked of each."""
    same = found[neighbours] == found[:, None]
    asked = SOLID - LENIENT * max(0, float(same.mean()) - BY_CHANCE) ** 2
    sizes = np.bincount(found)
    possible = np.minimum(sizes - 1, neighbours.shape[1])[found]
    solid = np.bincount(found, same.sum(axis=1) / np.maximum(possible, 1)) / sizes >= asked
    return np.where(solid[found], found, NONE)


def _by_chance(keys: list[str], seed: int) -> Labels:
    """Rows in the order of a seeded hash: by chance, and nearly the same after new texts came."""
    key = str(seed).encode()
    hashes = np.array([int.from_bytes(blake2b(k.encode(), digest_size=8, key=key).digest()) for k in keys], np.uint64)
    return np.argsort(hashes, kind="stable")


class _Regions:
    """More rows than clusters can be found on, each in the region of the nearest pivot.

    A matter that is spoken of a hundred times as often gets ten times the room in the sample: drawn in proportion, a
    rare one would be left with too few texts to be found. Regions stand for matters, since those are not known yet.
    """

    def __init__(self, rows: Floats, chance: Labels, sample: int) -> None:
        """:param chance: the rows in an order by chance, of which the first are the pivots."""
        self._rows, self._region = rows, np.empty(len(rows), np.int64)
        pivots = rows[chance[: max(sample // PIVOTS, 1)]]
        among = _Pool(pivots)

        def assign(block: slice) -> None:
            self._region[block] = among.best(rows[block], 1)[0][:, 0]

        _shared(assign, len(rows))
        sizes = np.bincount(self._region, minlength=len(pivots))
        by_region = chance[np.argsort(self._region[chance], kind="stable")]
        rank = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        turn = (rank + 0.5) / np.sqrt(sizes[self._region[by_region]])
        self.sample: Labels = np.sort(by_region[np.argsort(turn, kind="stable")[:sample]])
        self._around = np.column_stack([np.arange(len(pivots)), _nearest(pivots, pivots, AROUND, itself=True)[0]])

    def placed(self, found: Labels) -> Labels:
        """Labels of the sample, and for each other row the one that its nearest in the sample vote for.

        They are sought in its own region and those next to it.
        """
        labels = np.full(len(self._rows), NONE, np.int64)
        labels[self.sample] = found
        rest = np.ones(len(self._rows), bool)
        rest[self.sample] = False
        members = _grouped(self.sample, self._region, len(self._around))
        others = _grouped(np.flatnonzero(rest), self._region, len(self._around))

        def place(region: int) -> None:
            near = np.concatenate([members[other] for other in self._around[region]])
            for start in range(0, len(others[region]) if len(near) else 0, REGION_BLOCK):
                rows = others[region][start : start + REGION_BLOCK]
                labels[rows] = _voted(self._rows[rows] @ self._rows[near].T, labels[near])

        _each(place, range(len(others)))
        return labels


def _grouped(rows: Labels, group: Labels, count: int) -> list[Labels]:
    """The rows of each group."""
    order = rows[np.argsort(group[rows], kind="stable")]
    return np.split(order, np.cumsum(np.bincount(group[rows], minlength=count))[:-1])


def _voted(cosines: Floats, labels: Labels) -> Labels:
    """Of each row the label that the most similar columns vote for, each with its cosine; the smaller one of equals."""
    count = min(VOTERS, cosines.shape[1])
    best = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    own = labels[best]
    weight = np.take_along_axis(cosines, best, axis=1)
    votes = (np.where(own[:, :, None] == own[:, None, :], weight[:, None, :], 0)).sum(axis=2)
    winner = np.where(votes >= votes.max(axis=1, keepdims=True) - 1e-6, own, labels.max(initial=0) + 1)
    chosen: Labels = winner.min(axis=1)
    return chosen


def _reduced(vectors: Floats, sample: Labels) -> Floats:
    """The principal components of the sample, rows of unit length: neighbours by meaning rather than by wording."""
    mean = vectors[sample].mean(axis=0)
    centred = (vectors[sample] - mean).astype(np.float64)
    with _one_thread():
        _, axes = np.linalg.eigh(centred.T @ centred)
    onto = np.ascontiguousarray(axes[:, ::-1][:, :DIMENSIONS].astype(np.float32))
    reduced = np.empty((len(vectors), onto.shape[1]), np.float32)

    def project(block: slice) -> None:
        reduced[block] = _unit((vectors[block] - mean) @ onto)

    _shared(project, len(vectors))
    return reduced


class _Pool:
    """Rows among which nearest neighbours are sought, exactly."""

    def __init__(self, rows: Floats) -> None:
        depth = -(-len(rows) // GROUPS)
        self._count, self._depth = len(rows), depth
        self._rows = np.zeros((depth * GROUPS, rows.shape[1]), np.float32)
        self._rows[: len(rows)] = rows

    def best(self, rows: Floats, count: int, itself: int | None = None) -> tuple[Labels, Floats]:
        """The nearest neighbours of each row, nearest first, with their cosines.

        :param itself: rows are those of the pool from this one on, and a row is not its own neighbour.
        """
        near, place = rows @ self._rows.T, np.arange(len(rows))[:, None]
        near[:, self._count :] = -3
        if itself is not None:
            near[place[:, 0], itself + place[:, 0]] = -2
        count = min(count, self._count - (itself is not None))
        columns, cosines = np.broadcast_to(np.arange(near.shape[1]), near.shape), near
        if self._depth > 1 and count < GROUPS:
            # the best neighbours lie in the groups whose own best are best, which are quickly told
            peaks = near.reshape(len(near), self._depth, GROUPS).max(axis=1)
            groups = np.sort(np.argpartition(-peaks, count - 1, axis=1)[:, :count], axis=1)
            columns = (groups[:, None, :] + GROUPS * np.arange(self._depth)[:, None]).reshape(len(near), -1)
            cosines = near[place, columns]
        best = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        columns, cosines = columns[place, best], cosines[place, best]
        order = np.lexsort((columns, -cosines), axis=1)
        return columns[place, order], cosines[place, order]


def _nearest(rows: Floats, pool: Floats, count: int, *, itself: bool) -> tuple[Labels, Floats]:
    """Exact nearest neighbours of each row in the pool, nearest first, with their cosines.

    :param itself: rows and pool are the same, and a row is not its own neighbour.
    """
    count = min(count, len(pool) - itself)
    found, cosines = np.empty((len(rows), count), np.int64), np.empty((len(rows), count), np.float32)
    among = _Pool(pool)

    def seek(block: slice) -> None:
        found[block], cosines[block] = among.best(rows[block], count, block.start if itself else None)

    _shared(seek, len(rows))
    return found, cosines


def _communities(neighbours: Labels, cosines: Floats, seed: int) -> Labels:
    """Communities of the graph that joins each row with its neighbours, weighted by cosine."""
    import networkit

    networkit.setNumberOfThreads(1)
    networkit.setSeed(seed, False)
    graph: Any = networkit.Graph(len(neighbours), weighted=True)
    graph.addEdges(_edges(neighbours, cosines))
    leiden = networkit.community.ParallelLeiden(
        graph, randomize=False, gamma=min(RESOLUTION, len(neighbours) / COMMUNITY)
    )
    leiden.run()
    found: Labels = np.unique(np.asarray(leiden.getPartition().getVector(), np.int64), return_inverse=True)[1]
    return found


def _merged(rows: Floats, labels: Labels, most: int) -> Labels:
    """Communities merged, the nearest first, until those that are left are topics of their own.

    The next two are those of a and b rows for which h = 2ab/(a + b) to the power of `BY_SIZE`, times the squared
    distance d² of their centres, is least. They are d² times h to the power of `APART_BY_SIZE` apart, over the mean
    size to the power of `APART_BY_MEAN_SIZE`, times 1 - 1/k where k are left. That rises as long as wordings of one
    matter are merged, and is about level where matters are: the most clusters at which it has nearly reached its height
    are the topics. A share of the height needs no scale, so one rule holds for narrow trades and wide ones, few texts
    and many.

    :param most: merging goes on while there are more clusters than this.
    """
    sizes = np.bincount(labels).astype(np.float64)
    centres, count = _sums(rows, labels) / sizes[:, None], len(sizes)
    alive, steps = np.ones(count, bool), []

    def costs(one: int) -> npt.NDArray[np.float64]:
        squares = ((centres[one] - centres) ** 2).sum(axis=1)
        cost = (2 * sizes[one] * sizes / (sizes[one] + sizes)) ** BY_SIZE * squares
        return np.where(alive & (np.arange(count) != one), cost, np.inf)

    cost = np.array([costs(one) for one in range(count)])
    for left in range(count, 1, -1):
        one = int(cost.min(axis=1).argmin())
        other = int(cost[one].argmin())
        both = sizes[one] + sizes[other]
        apart = ((centres[one] - centres[other]) ** 2).sum() * (2 * sizes[one] * sizes[other] / both) ** APART_BY_SIZE
        steps.append((one, other, apart * (left / len(rows)) ** APART_BY_MEAN_SIZE))
        centres[one] = (sizes[one] * centres[one] + sizes[other] * centres[other]) / both
        sizes[one], alive[other] = both, False
        cost[other] = cost[:, other] = np.inf
        cost[one] = cost[:, one] = costs(one)
    into = np.arange(count)
    for one, other, _ in steps[: _steps([apart for _, _, apart in steps], most)]:
        into[into == other] = one
    merged: Labels = np.unique(into[labels], return_inverse=True)[1]
    return merged


def _steps(apart: Sequence[float], most: int) -> int:
    """How many merges are made, by what each of them apart."""
    left = np.arange(len(apart) + 1, 1, -1)
    if not len(left):
        return 0
    ahead = np.maximum((left * LOOK_AHEAD).astype(int), 3)
    level = np.array([np.mean(apart[step : step + many]) for step, many in enumerate(ahead)]) * (1 - 1 / left)
    level[left > most] = 0
    return int(np.argmax(level >= NEARLY * level.max())) if level.any() else len(apart)


def _edges(neighbours: Labels, cosines: Floats) -> tuple[Any, tuple[Any, Any]]:
    """Each pair of neighbours once, whoever names the other, in a fixed order."""
    from scipy.sparse import csr_matrix, triu

    count = neighbours.shape[1]
    rows = np.repeat(np.arange(len(neighbours)), count)
    weights = np.maximum(cosines.ravel().astype(np.float64), 1e-3)
    graph = csr_matrix((weights, (rows, neighbours.ravel())), shape=(len(neighbours),) * 2)
    edges = triu(graph.maximum(graph.T), 1).tocoo()
    return edges.data, (edges.row.astype(np.uint64), edges.col.astype(np.uint64))


def _without_small(labels: Labels, copies: Labels, smallest: float) -> Labels:
    """Dissolve clusters that were said fewer than `smallest` times, and number the rest from 0, largest first."""
    sizes = np.bincount(labels[labels != NONE], weights=copies[labels != NONE], minlength=1)
    ranked = np.argsort(-sizes, kind="stable")
    numbers = np.full(len(sizes) + 1, NONE)
    numbers[ranked] = np.arange(len(sizes))
    numbers[:-1][sizes < smallest] = NONE
    return numbers[labels]


def _sums(vectors: Floats, labels: Labels) -> npt.NDArray[np.float64]:
    """The sum of each cluster's vectors."""
    from scipy.sparse import csr_array

    sums = np.zeros((labels.max(initial=NONE) + 1, vectors.shape[1]), dtype=np.float64)
    for start in range(0, len(vectors), SUMMED):
        own = labels[start : start + SUMMED]
        has = np.flatnonzero(own != NONE)
        which = csr_array((np.ones(len(has)), (own[has], has)), shape=(len(sums), len(own)))
        sums += which @ vectors[start : start + SUMMED].astype(np.float64)
    return sums


def _unit(rows: Floats) -> Floats:
    """Rows brought to unit length; a row of zeros stays one."""
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit


def _shared(work: Callable[[slice], None], count: int) -> None:
    """Do the work on blocks of rows, the blocks shared among the cores.

    A product's last bits depend on its shape and on how many threads compute it, so each block is one shape for one
    thread. Who computes which block is left to chance and changes nothing.
    """
    _each(work, [slice(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)])


def _each(work: Callable[[Any], None], items: Sequence[Any]) -> None:
    """Do the work on each item, the items shared among the cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with _one_thread(), ThreadPoolExecutor(cores) as pool:
        for _ in pool.map(work, items):
            pass


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let each product of matrices be computed by the thread that asks for it."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
