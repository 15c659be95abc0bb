"""Which topics are near each other: a map in two dimensions, and a tree with the families of the taxonomy on top.

Topics are told apart by the centres of what is said about them, so both pictures follow the shop's own encoder. In many
dimensions everything is about equally far from everything, so the map wants the way from topic to topic over near ones
(Isomap: J. Tenenbaum, V. de Silva and J. Langford (2000), Science 290). It starts from classical scaling (W. S.
Torgerson (1952), Psychometrika 17) and makes a fixed number of steps of stress majorization (J. de Leeuw (1977),
Applications of convex analysis to multidimensional scaling), each of which lowers

    sum of (|x_i - x_j| - d_ij)²  with the wanted distances d_ij

On the sample shop .48 of a topic's five nearest are among the five nearest on the map; by classical scaling alone .33,
by chance .10. The tree is average linkage of cosine distances, first within each family, then among the families.

Nothing here is drawn by chance and all sums have one order, so shuffled rows and the number of threads change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import clusters

Matrix = npt.NDArray[np.float64]

STEPS = 200
"""Steps of majorization; the last of them move the map of a hundred topics by less than anybody sees."""

NEIGHBOURS = 5
"""The nearest topics of each that are told; the ways of the map lead over them, and over what holds all together."""

LEAST = 1e-6
"""The distance of topics that are the same; 0 would be no way at all."""

CLEAR = 0.01
"""A family meets others so far above its own topics at least, so that the heights tell which branch is a family."""

DIGITS = 4
"""Of what is published: finer than anybody sees, coarser than what another processor may change."""

COLUMNS = ("topic_id", "x", "y", "parent", "place", "joined", "nearest")


def table(
    said: pd.DataFrame, keys: Sequence[str], vectors: clusters.Floats, families: Mapping[str, str]
) -> pd.DataFrame:
    """One row per topic that somebody speaks of, by id: the columns of `COLUMNS`, see TOPIC_MAP.

    :param said: text_hash and topic_id of mentions that are about a topic; topics without one are left out.
    :param keys: hashes of texts, ascending, with their unit `vectors`, shape (texts, dimensions).
    :param families: of topics that belong to one; each other topic hangs under the family nearest to it.
    """
    names, centres = _centres(said, keys, vectors)
    if not names:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    with _one_thread():
        cosines = np.clip(centres @ centres.T, -1, 1)
        parents = _parents(names, centres, families)
        places = laid_out(1 - cosines)
        order, joined = tree(1 - cosines, parents)
    rows = pd.DataFrame({"topic_id": names, "x": places[:, 0], "y": places[:, 1], "parent": parents})
    rows["nearest"] = [[names[other] for other in row] for row in _nearest(cosines)]
    return rows.assign(place=np.argsort(order) + 1, joined=joined[np.argsort(order)])


def _nearest(cosines: Matrix) -> npt.NDArray[np.int64]:
    """The other topics nearest to each, nearest first; of equally near ones the first by id."""
    others = -np.round(cosines, DIGITS)
    np.fill_diagonal(others, np.inf)
    return np.argsort(others, axis=1, kind="stable")[:, : min(NEIGHBOURS, len(cosines) - 1)]


def _centres(said: pd.DataFrame, keys: Sequence[str], vectors: clusters.Floats) -> tuple[list[str], Matrix]:
    """Topics by id, and the unit centre of each: the mean of its distinct texts that have a vector."""
    once = said[["topic_id", "text_hash"]].drop_duplicates().sort_values(["topic_id", "text_hash"])
    at = pd.Index(list(keys), dtype="str").get_indexer(pd.Index(once["text_hash"], dtype="str"))
    names, labels = np.unique(once["topic_id"].to_numpy(object)[at >= 0].astype(str), return_inverse=True)
    centres = clusters.described(vectors[at[at >= 0]], labels.astype(np.int64)).centres.astype(np.float64)
    return names.tolist(), centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)


def _parents(names: Sequence[str], centres: Matrix, families: Mapping[str, str]) -> list[str | None]:
    """The family of each topic: its own, else the one nearest to it; None where no topic with a family is spoken of."""
    own = [families.get(name) for name in names]
    known = sorted({family for family in own if family})
    if not known:
        return own
    means = np.stack([centres[[family == one for family in own]].mean(axis=0) for one in known])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    near = (centres @ means.T).argmax(axis=1)
    return [family or known[int(nearest)] for family, nearest in zip(own, near, strict=True)]


@contextmanager
def _one_thread() -> Iterator[None]:
    """The last bits of a product depend on how many threads compute it."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


# ---------------------------------------------------------------- the map


def laid_out(apart: Matrix) -> Matrix:
    """Places in the unit circle at which near topics are near, shape (topics, 2).

    The longer axis lies across, and the first topic that is not in the middle lies right of it and above it.

    :param apart: distances, shape (topics, topics), symmetric, zeros on the diagonal.
    """
    wanted = _ways(apart)
    places = _scaled(wanted)
    for _ in range(STEPS):
        now = np.linalg.norm(places[:, None] - places[None], axis=2)
        pull = -wanted / np.maximum(now, 1e-12)
        np.fill_diagonal(pull, 0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        places = pull @ places / len(places)
    return _turned(places)


def _ways(apart: Matrix) -> Matrix:
    """The length of the shortest way between each two topics over near ones."""
    from scipy.sparse.csgraph import minimum_spanning_tree, shortest_path

    links = np.maximum(apart, LEAST)
    np.fill_diagonal(links, 0)
    near = np.argsort(links, axis=1, kind="stable").argsort(axis=1, kind="stable") <= NEIGHBOURS
    held = minimum_spanning_tree(links).toarray() > 0
    linked = near | near.T | held | held.T
    return np.asarray(shortest_path(np.where(linked, links, 0), directed=False))


def _scaled(apart: Matrix) -> Matrix:
    """Classical scaling: the two longest axes of points that are so far apart."""
    squares = apart**2
    middle = squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()
    values, axes = np.linalg.eigh(-middle / 2)
    places = np.zeros((len(apart), 2))
    many = min(2, len(apart))
    places[:, :many] = (axes * np.sqrt(np.maximum(values, 0)))[:, ::-1][:, :many]
    return places


def _turned(places: Matrix) -> Matrix:
    """Turned to its own axes, mirrored to fixed signs, brought into the unit circle."""
    places = places - places.mean(axis=0)
    places = places @ np.linalg.eigh(places.T @ places)[1][:, ::-1]
    places /= max(float(np.linalg.norm(places, axis=1).max()), LEAST * 1000)  # what is all the same stays in the middle
    for axis in range(2):
        off = np.flatnonzero(np.abs(places[:, axis]) > 10**-DIGITS)
        if len(off) and places[off[0], axis] < 0:
            places[:, axis] *= -1
    return np.round(places, DIGITS) + 0.0  # no negative zeros


# ---------------------------------------------------------------- the tree


@dataclass(frozen=True)
class Branch:
    """Topics side by side, and between each two of them the distance at which all up to there meet."""

    leaves: tuple[int, ...]
    joins: tuple[float, ...] = ()

    def with_(self, other: Branch, height: float, clear: float) -> Branch:
        """Both as one branch, that of the lowest number first; it forks by `clear` above its own twigs, or higher."""
        first, second = sorted((self, other), key=lambda branch: min(branch.leaves))
        top = max(height, *(join + clear for join in self.joins + other.joins), 0)
        return Branch(first.leaves + second.leaves, (*first.joins, top, *second.joins))


def tree(apart: Matrix, groups: Sequence[str | None]) -> tuple[npt.NDArray[np.int64], Matrix]:
    """The topics in the order of their tree, and the height at which each joins those before it; NaN for the first.

    :param apart: distances, shape (topics, topics). :param groups: those of one group are joined before any other.
    """
    by_group: dict[str, list[Branch]] = {}
    for topic, group in enumerate(groups):
        by_group.setdefault(group or "", []).append(Branch((topic,)))
    whole = _linked([_linked(branches, apart) for _, branches in sorted(by_group.items())], apart, clear=CLEAR)
    return np.array(whole.leaves, np.int64), np.round([np.nan, *whole.joins], DIGITS)


def _linked(branches: list[Branch], apart: Matrix, *, clear: float = 0.0) -> Branch:
    """Average linkage: the two branches whose topics are nearest on average become one, until one is left."""
    member = np.zeros((len(branches), len(apart)))
    for number, branch in enumerate(branches):
        member[number, list(branch.leaves)] = 1
    sums = member @ apart @ member.T
    sizes = member.sum(axis=1)
    for _ in range(len(branches) - 1):
        mean = sums / np.outer(sizes, sizes)
        mean[np.tril_indices(len(mean))] = np.inf
        one, other = np.unravel_index(int(mean.argmin()), mean.shape)
        joined = branches[one].with_(branches[other], float(mean[one, other]), clear)
        sums[one] += sums[other]
        sums[:, one] += sums[:, other]
        sizes[one] += sizes[other]
        sums, sizes = np.delete(np.delete(sums, other, 0), other, 1), np.delete(sizes, other)
        branches = [joined if n == one else branch for n, branch in enumerate(branches) if n != other]
    return branches[0]
