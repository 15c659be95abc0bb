"""The encoder goes to school at the shop: its table learns from the shop's own texts, without any label.

A bounded sample of the English texts goes through the teacher, whose vectors are their goals. Any other text, in
whatever language, moves as the English texts next to it in the shipped space move: all languages learn the lesson and
stay one space. Without a teacher every text keeps what ships as its goal. Words and pairs of words that only this shop
uses find their place by the company they keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

from insight import features, shipped, teacher
from insight.distil import Lesson, Pace, fit
from insight.encoders import static
from insight.pooling import Floats, StaticTable
from insight.settings import Encoder as EncoderPart

PROJECTION = "encoder/projection.safetensors"

MOST_NEW = 60_000
"""Features that a shop may add to the table."""

ENGLISH = "en"

MOST = 16_000
"""Texts that are heard, the first ones: their order says nothing, and more of them teach little more."""

LEAST = 500
"""Distinct texts from which on there is something to learn."""

ENOUGH = 200
"""English texts without which the teacher is not asked: too few would draw English away from the other languages."""

GROWN = 1.5
"""The encoder learns anew once the texts are this times as many: until then the space, and every topic in it, stays."""

NEIGHBOURS = 10
"""Texts that the teacher reads, by which any other text moves."""

BREADTH = 0.05
"""A neighbour that is farther by so much, in cosine, counts 1/e as much."""

SLICE = 1000
"""Texts that are held against those at a time."""

PACE = Pace(epochs=8, batch=256, rate=0.01)


def wanted(part: EncoderPart, texts: int) -> bool:
    """Whether an encoder shall learn from so many distinct texts."""
    return part.name == static.NAME and part.adapt and texts >= LEAST


def outgrown(lessons: Sequence[Mapping[str, Any]], texts: int) -> bool:
    """Whether there is no earlier lesson, or it no longer holds: another table ships, or the texts are many more."""
    return not lessons or lessons[0]["taught_from"] != static.ships().digest or texts >= GROWN * lessons[0]["texts"]


def taught(
    texts: Sequence[str],
    languages: Sequence[str],
    speakers: npt.NDArray[np.int64],
    *,
    sample: int,
    min_customers: int,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[StaticTable, dict[str, str | int]]:
    """The shipped table after a lesson on these texts, rounded as the shipped one is; and a row of `encoder_lessons`.

    :param texts: distinct texts in an order that says nothing (as of a hash), shape (n); the first `MOST` are heard.
    :param languages: of each text that is heard.
    :param speakers: numbers of the customers who said something, one for each text that is heard.
    :param sample: English texts that the teacher reads at most, the first ones.
    :param min_customers: a new feature counts when at least so many said it: no one's words alone enter the table.
    """
    before, told = static.ships(), len(texts)
    texts, languages, speakers = texts[:MOST], languages[:MOST], speakers[:MOST]
    goals = before.vectors(texts)
    english = np.array([place for place, language in enumerate(languages) if language == ENGLISH], np.int64)
    read = english[:sample] if len(english[:sample]) >= ENOUGH else english[:0]
    if len(read):
        meant = _teachers([texts[place] for place in read], tell)
        others = np.setdiff1d(np.arange(len(texts)), read)
        goals[others] = _moved(goals[others], goals[read], meant)
        goals[read] = meant
    new = _new(texts, speakers, before, min_customers)
    each = np.arange(len(texts))
    lesson = Lesson(texts, goals, each, np.full(len(texts), -1, np.int64))
    after = fit(lesson, _with_room(before, new, texts, goals), PACE)
    table = StaticTable.rounded(after.hashes, after.rows)
    row: dict[str, str | int] = {
        "version": table.digest,
        "taught_from": before.digest,
        "texts": told,
        "read_by_teacher": len(read),
        "new_features": len(new),
    }
    return table, row


def _teachers(texts: Sequence[str], tell: Callable[[int, int], None]) -> Floats:
    """What the teacher says of English texts, in the dimensions of the table."""
    onto = load(shipped.path(PROJECTION).read_bytes())["projection"]
    return teacher.projected(teacher.vectors(texts, tell), onto)


def _moved(rows: Floats, english: Floats, meant: Floats) -> Floats:
    """Where vectors go if they move as the English ones next to them do, the nearest counting most.

    :param rows: shape (n, dimensions), unit rows.
    :param english: where the texts that the teacher reads lie, shape (m, dimensions).
    :param meant: where the teacher puts them, shape (m, dimensions).
    """
    moves, out = meant - english, np.empty_like(rows)
    for start in range(0, len(rows), SLICE):
        some = rows[start : start + SLICE]
        alike = some @ english.T
        nearest = np.sort(np.argpartition(-alike, NEIGHBOURS, axis=1)[:, :NEIGHBOURS], axis=1)
        closeness = np.take_along_axis(alike, nearest, axis=1)
        weights = np.exp((closeness - closeness.max(axis=1, keepdims=True)) / BREADTH)
        weights /= weights.sum(axis=1, keepdims=True)
        out[start : start + SLICE] = some + (weights[:, :, None] * moves[nearest]).sum(axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return out


def _new(
    texts: Sequence[str], speakers: npt.NDArray[np.int64], before: StaticTable, min_customers: int
) -> features.Hashes:
    """Features that the table lacks and enough customers said: those of most customers, then the smaller hashes."""
    ends, hashes = features.hashed(texts)
    said_by = np.repeat(speakers, np.diff(ends))
    lacking = ~np.isin(hashes, before.hashes)
    pairs = np.unique(np.stack([hashes[lacking].view(np.int64), said_by[lacking]]), axis=1)
    known, customers = np.unique(pairs[0], return_counts=True)
    order = np.argsort(-customers, kind="stable")[:MOST_NEW]
    return np.sort(known[order[customers[order] >= min_customers]].view(np.uint64))


def _with_room(before: StaticTable, new: features.Hashes, texts: Sequence[str], goals: Floats) -> StaticTable:
    """The table with a row for each new feature: as long as most are, towards the mean goal of the texts it is in.

    A vector induced from its contexts (Khodak et al. 2018, "A la carte embedding", without its linear map).
    """
    from scipy.sparse import csr_array

    ends, found = features.hashed(texts)
    place = np.minimum(np.searchsorted(new, found), max(len(new) - 1, 0))
    known = np.isin(found, new)
    text = np.repeat(np.arange(len(texts)), np.diff(ends))[known]
    company = csr_array((np.ones(len(text), np.float32), (place[known], text)), shape=(len(new), len(texts))) @ goals
    rows = before.rows * before.scales[:, None]
    company *= np.median(np.linalg.norm(rows, axis=1)) / np.maximum(
        np.linalg.norm(company, axis=1, keepdims=True), 1e-12
    )
    hashes = np.concatenate([before.hashes, new])
    order = np.argsort(hashes, kind="stable")
    return StaticTable.exact(hashes[order], np.concatenate([rows, company.astype(np.float32)])[order])
