"""The encoder goes to school at the shop: its table learns from the shop's own texts, without any label.

A bounded sample of the English texts goes through the teacher; the goal of a text in another language is the vector
that the shipped table gives it. So words and pairs of words that only this shop uses find their place, by what the
teacher makes of their sentences or by the company they keep, while the space stays where it is for all languages.
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

LEAST = 500
"""Distinct texts from which on there is something to learn."""

GROWN = 1.5
"""The encoder learns anew once the texts are this times as many: until then the space, and every topic in it, stays."""

PACE = Pace(epochs=12, batch=256, rate=0.01)


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

    :param texts: distinct texts in an order that says nothing (as of a hash), shape (n).
    :param languages: of each text, shape (n).
    :param speakers: numbers of the customers who said something, one for each text, shape (n).
    :param sample: English texts that the teacher reads at most, the first ones.
    :param min_customers: a new feature counts when at least so many said it: no one's words alone enter the table.
    """
    before = static.ships()
    goals = before.vectors(texts)
    english = [place for place, language in enumerate(languages) if language == ENGLISH]
    read, unread = english[:sample], set(english[sample:])
    if read:
        goals[read] = _teachers([texts[place] for place in read], tell)
    else:
        unread = set()  # without a teacher all of them keep what ships as their goal
    heard = np.array([place for place in range(len(texts)) if place not in unread], np.int64)
    new = _new(texts, speakers, before, min_customers)
    lesson = Lesson([texts[place] for place in heard], goals, heard, np.full(len(heard), -1, np.int64))
    after = fit(lesson, _with_room(before, new), PACE)
    table = StaticTable.rounded(after.hashes, after.rows)
    row: dict[str, str | int] = {
        "version": table.digest,
        "taught_from": before.digest,
        "texts": len(texts),
        "read_by_teacher": len(read),
        "new_features": len(new),
    }
    return table, row


def _teachers(texts: Sequence[str], tell: Callable[[int, int], None]) -> Floats:
    """What the teacher says of English texts, in the dimensions of the table."""
    onto = load(shipped.path(PROJECTION).read_bytes())["projection"]
    return teacher.projected(teacher.vectors(texts, tell), onto)


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
    return known[order[customers[order] >= min_customers]].view(np.uint64)


def _with_room(before: StaticTable, new: features.Hashes) -> StaticTable:
    """The table with a row of zeros for each new feature."""
    hashes = np.concatenate([before.hashes, new])
    order = np.argsort(hashes, kind="stable")
    rows = np.concatenate([before.rows * before.scales[:, None], np.zeros((len(new), before.dimensions), np.float32)])
    return StaticTable.exact(hashes[order], rows[order])
