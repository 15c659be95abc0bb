"""What customers ask in so many words: the sentences that are questions, and which of them are the same question."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from insight.pieces import split

_SENTENCE = re.compile(r"[^.!?。！？；\n]*[.!?。！？；]*\n*")
_ASKS = re.compile(r"[?？]|(?:吗|呢|么)\s*[。~～]*\s*$|(?:です|ます|でしょう|ません)か\s*[。~～]*\s*$")
_NUMBER = re.compile(r"\d+")

SAME = 0.6
"""Questions whose mean distance (1 - cosine) is below this are one question."""
COMPARED = 3000
"""Distinct wordings of a topic that are compared with each other; further ones join the nearest."""

LEAST = 14
"""Letters that a sentence needs to tell something; a Chinese or Japanese character counts as two."""

Labels = npt.NDArray[np.int64]


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its mark at the end, without the blanks around it."""
    return [found for part in _SENTENCE.findall(text) if (found := part.strip())]


def asked(text: str) -> str:
    """The sentences of a text that ask, as one text; empty where none does."""
    return " ".join(one for one in sentences(text) if _ASKS.search(one))


def tells(sentence: str) -> bool:
    """Whether a sentence says something that could settle a question: it neither asks nor greets, and is no name."""
    weight = sum(2 if mark > "\u3040" else 1 for mark in sentence if mark.isalnum())
    if weight < LEAST or sentence.endswith((":", "：", ",", "，")):
        return False
    return not _ASKS.search(sentence) and not all(piece.reason for piece in split(sentence))


def plain(sentence: str) -> str:
    """A sentence with one sign for every number: two answers that differ in a date are one."""
    return _NUMBER.sub("#", " ".join(sentence.casefold().split()))


def same(vectors: npt.NDArray[np.float32], *, apart: float = SAME) -> Labels:
    """For each text the number of its group, from 0: average linkage on cosine distances, cut at `apart`.

    :param vectors: shape (texts, dimensions), rows of unit length, the most important first: of more than `COMPARED`
        rows the later ones join the group whose centre is nearest, or stay alone.

    Source of the linkage: R. R. Sokal and C. D. Michener (1958), A statistical method for evaluating systematic
    relationships. It needs no number of groups, and one far wording neither splits nor joins two of them.
    """
    if len(vectors) < 2:
        return np.zeros(len(vectors), np.int64)
    first = vectors[:COMPARED].astype(np.float64)
    far = np.maximum(
        np.round(1 - first @ first.T, 6), 0
    )  # what lies beyond is noise of the order in which products are added
    np.fill_diagonal(far, 0)
    tree = linkage(squareform((far + far.T) / 2, checks=False), method="average")
    labels = _from_zero(fcluster(tree, apart, criterion="distance"))
    return labels if len(vectors) == len(first) else _joined(vectors, labels, apart)


def _joined(vectors: npt.NDArray[np.float32], labels: Labels, apart: float) -> Labels:
    """Later rows join the nearest centre, or stand alone."""
    centres = np.zeros((labels.max() + 1, vectors.shape[1]))
    np.add.at(centres, labels, vectors[: len(labels)].astype(np.float64))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    near = np.round(vectors[len(labels) :].astype(np.float64) @ centres.T, 6)
    best = near.argmax(axis=1)
    alone = near.max(axis=1) < 1 - apart
    best[alone] = len(centres) + np.arange(int(alone.sum()))
    return np.concatenate([labels, best])


def _from_zero(labels: npt.NDArray[np.int32]) -> Labels:
    """Numbers in the order in which groups first come up."""
    _, first, place = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(rank[place], dtype=np.int64)
