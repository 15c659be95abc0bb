"""Vectors to clusters: which texts speak of the same thing, without being told how many things there are.

PCA, exact nearest neighbours by cosine, Leiden on their graph (Traag et al. 2019, in networkit) at several resolutions,
of which the silhouette (Rousseeuw 1987) chooses one; small clusters dissolved, far texts left out. One thread and total
orders: the same vectors give the same clusters, in any order of rows. Finding works on a bounded sample; the rest joins
its nearest neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insight.settings import Topics

DIMENSIONS = 64
NEIGHBOURS = 15
VOTERS = 5
"""Neighbours in the sample that place a text outside of it."""
RESOLUTIONS = tuple(0.25 * 2 ** (step / 2) for step in range(16))
"""Of Leiden's modularity, from a few wide topics to many narrow ones."""
NEARLY = 0.98
"""The coarsest partition with this share of the best silhouette is taken."""
FARTHEST = 0.45
"""A text whose cosine to the centre of its cluster is lower stays unassigned."""
CONTEXT = 0.3
"""Weight of what else was said around a text, against the text itself; see DECISIONS.md for the measurement."""
NONE = -1
"""The label of what fits no cluster."""
BLOCK = 1024

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Clusters:
    """Of each row the number of its cluster, or NONE, and its cosine to the centre; of each cluster the unit centre."""

    labels: Labels
    similarity: Floats
    centres: Floats


def find(vectors: Floats, keys: Sequence[str], copies: Labels, settings: Topics) -> Labels:
    """Cluster distinct texts: for each the number of its cluster, or NONE.

    :param vectors: shape (texts, dimensions), rows of unit length.
    :param keys: one unique key per row; they make the order of rows immaterial.
    :param copies: how often each text was said; only the smallest size of a cluster counts copies.
    """
    from threadpoolctl import threadpool_limits

    order = np.argsort(np.asarray(keys, dtype=object), kind="stable")
    labels = np.full(len(keys), NONE, np.int64)
    if copies.sum() >= settings.min_mentions:
        with threadpool_limits(limits=1):
            labels[order] = _find(vectors[order], [keys[int(row)] for row in order], copies[order], settings)
    return labels


def _find(vectors: Floats, keys: list[str], copies: Labels, settings: Topics) -> Labels:
    """As `find`, for rows in the order of their keys."""
    labels = _without_small(_labels(vectors, keys, copies, settings), copies, settings.min_mentions)
    near = described(vectors, labels).similarity >= FARTHEST
    return _without_small(np.where(near, labels, NONE), copies, settings.min_mentions)


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
    has = labels != NONE
    similarity[has] = np.einsum("ij,ij->i", vectors[has], centres[labels[has]])
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
    """A label for every row: the best partition of the sample, the nearest neighbours' label for the rest."""
    sample = _sample(keys, settings)
    reduced = _reduced(vectors, sample)
    pool = reduced[sample]
    least = settings.min_mentions * len(sample) / len(keys)
    partitions = [_without_small(found, copies[sample], least) for found in _partitions(pool, settings.seed)]
    few = [labels for labels in partitions if labels.max() < settings.most] or partitions[:1]
    scores = [_silhouette(pool, labels) for labels in few]
    found = next(labels for score, labels in zip(scores, few, strict=True) if score >= max(scores) * NEARLY)
    return found if len(sample) == len(keys) else _placed(reduced, sample, found)


def _placed(reduced: Floats, sample: Labels, found: Labels) -> Labels:
    """Labels of the sample, and for each other row the label that its nearest neighbours in the sample vote for."""
    neighbours, cosines = _nearest(reduced, reduced[sample], VOTERS, itself=False)
    votes = np.zeros((len(reduced), int(found.max()) + 2), dtype=np.float32)
    for column in range(neighbours.shape[1]):
        votes[np.arange(len(reduced)), found[neighbours[:, column]]] += cosines[:, column]
    labels: Labels = votes.argmax(axis=1)
    labels[labels == votes.shape[1] - 1] = NONE
    labels[sample] = found
    return labels


def _sample(keys: list[str], settings: Topics) -> Labels:
    """Rows with the smallest seeded hash: random, bounded, and nearly the same after new texts came."""
    if len(keys) <= settings.sample:
        return np.arange(len(keys))
    seed = str(settings.seed).encode()
    hashes = np.array([int.from_bytes(blake2b(k.encode(), digest_size=8, key=seed).digest()) for k in keys], np.uint64)
    return np.sort(np.lexsort((np.arange(len(keys)), hashes))[: settings.sample])


def _reduced(vectors: Floats, sample: Labels) -> Floats:
    """The principal components of the sample, rows of unit length: neighbours by meaning rather than by wording."""
    mean = vectors[sample].mean(axis=0)
    centred = (vectors[sample] - mean).astype(np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    reduced = (vectors - mean) @ axes[:, ::-1][:, :DIMENSIONS].astype(np.float32)
    return _unit(reduced)


def _nearest(rows: Floats, pool: Floats, count: int, *, itself: bool) -> tuple[Labels, Floats]:
    """Exact nearest neighbours of each row in the pool, nearest first, with their cosines.

    :param itself: rows and pool are the same, and a row is not its own neighbour.
    """
    count = min(count, len(pool) - itself)
    found = np.empty((len(rows), count), np.int64)
    cosines = np.empty((len(rows), count), np.float32)
    for start in range(0, len(rows), BLOCK):
        near = rows[start : start + BLOCK] @ pool.T
        if itself:
            near[np.arange(len(near)), start + np.arange(len(near))] = -2
        best = np.sort(np.argpartition(-near, count - 1, axis=1)[:, :count], axis=1)
        cosine = np.take_along_axis(near, best, axis=1)
        by_cosine = np.argsort(-cosine, axis=1, kind="stable")
        found[start : start + BLOCK] = np.take_along_axis(best, by_cosine, axis=1)
        cosines[start : start + BLOCK] = np.take_along_axis(cosine, by_cosine, axis=1)
    return found, cosines


def _partitions(pool: Floats, seed: int) -> Iterator[Labels]:
    """Communities of the graph that joins each row with its neighbours, weighted by cosine; coarse ones first."""
    import networkit

    networkit.setNumberOfThreads(1)
    networkit.setSeed(seed, False)
    graph: Any = networkit.Graph(len(pool), weighted=True)
    graph.addEdges(_edges(*_nearest(pool, pool, NEIGHBOURS, itself=True)))
    for resolution in RESOLUTIONS:
        leiden = networkit.community.ParallelLeiden(graph, randomize=False, gamma=resolution)
        leiden.run()
        yield np.asarray(leiden.getPartition().getVector(), dtype=np.int64)


def _silhouette(rows: Floats, labels: Labels) -> float:
    """The mean silhouette over all rows, by cosine distance; rows without a cluster count 0.

    Exact in one product: the mean distance of a unit vector to a cluster is 1 - its product with the cluster's mean.
    """
    has = labels != NONE
    if labels.max() < 1:
        return 0.0
    own, place = labels[has], np.arange(has.sum())
    sums, sizes = _sums(rows, labels), np.bincount(own).astype(np.float64)
    products = rows[has] @ sums.T.astype(np.float32)
    within = 1 - (products[place, own] - 1) / np.maximum(sizes[own] - 1, 1)
    between = 1 - products / sizes.astype(np.float32)
    between[place, own] = np.inf
    nearest = between.min(axis=1)
    return float(((nearest - within) / np.maximum(nearest, within)).sum() / len(labels))


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
    sums = np.zeros((labels.max(initial=NONE) + 1, vectors.shape[1]), dtype=np.float64)
    np.add.at(sums, labels[labels != NONE], vectors[labels != NONE])
    return sums


def _unit(rows: Floats) -> Floats:
    """Rows brought to unit length; a row of zeros stays one."""
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit
