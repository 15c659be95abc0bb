"""The seller's own stars and surveys as teachers: what they label, how a head learns from them, whether it is better.

Labels: a review with words has its stars; a survey with a comment has its score; and the last thing that a customer
said in a conversation has the score of the survey about it (what was said before tells the problem, not how it ended).
Of a scale brought to 0 … 1, up to 0.4 is negative (1 or 2 of 5 stars, "bad"), from 0.6 on positive, between neutral.

The rows are cut by time: the oldest 70 % and the seed sentences fit the weights, the next 15 % calibrate and choose how
freely weights may grow, and on the newest 15 % the head is compared with the shipped one. It is promoted only where the
lower end of the 95 % interval of the gain in macro-F1 (paired bootstrap over the held rows) is above 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insight.schema import SENTIMENT_HEAD, UNKNOWN
from insight.sentiment_fit import Rows, calibrated, fit, prepared, seeds
from insight.sentiment_head import CLASSES, OWN, Chances, Floats, Head, shipped_head

BAD, GOOD = 0.4, 0.6
"""Up to and from here on a scale of 0 … 1."""

OLDEST, MIDDLE = 0.7, 0.85
"""Where the rows, in the order of time, are cut."""

LEAST = 300
"""So many labelled texts are needed."""

LEAST_OF_EACH = 15
"""And so many negative and positive ones in each of the three parts."""

MOST = 30_000
"""The newest so many are used."""

KEENS = (1.0, 4.0, 16.0)
"""Tried for how freely weights may grow; the middle part chooses."""

SEEDS_WEIGH = 3_000
"""All seed sentences together weigh as much as so many rows of the seller: what is known where they are few."""

MOST_SEEDS = 6_000
"""So many seed sentences, in the languages of the rows, are enough."""

DRAWS = 1000
SEED = 7
BINS = 15
"""Of the calibration error."""

LABELLED = pa.schema(
    [
        ("origin_id", pa.string()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("class", pa.int64()),
        ("at_ms", pa.int64()),
    ]
)
"""A labelled text; `class` is a place in CLASSES."""


@dataclass(frozen=True)
class Verdict:
    """What came of a training. `head` is the promoted head, None where the shipped one stays.

    `gain` is in macro-F1 on the held rows, `low` and `high` the ends of its 95 % interval; None where there were too
    few rows to learn from. `why` says it in words.
    """

    why: str
    rows: int
    held: int = 0
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    macro_f1: float | None = None
    shipped_macro_f1: float | None = None
    ece: float | None = None
    shipped_ece: float | None = None
    head: Head | None = None


def labelled(reviews: pa.Table, surveys: pa.Table, mentions: pa.Table) -> pa.Table:
    """All texts that the seller's own customers rated, oldest first; equal texts of one moment in the order of ids.

    :returns: columns of `LABELLED`; texts are masked, as all tables hold them.
    """
    comments = surveys.rename_columns({"comment": "text", "answered_ms": "at_ms", "survey_id": "origin_id"})
    written = reviews.rename_columns({"reviewed_ms": "at_ms", "review_id": "origin_id"})
    parts = [_rated(written), _rated(comments), _rated(_closing(surveys, mentions))]
    return pa.concat_tables(parts).sort_by([("at_ms", "ascending"), ("origin_id", "ascending")])


def _closing(surveys: pa.Table, mentions: pa.Table) -> pa.Table:
    """The last mention of each conversation with its newest survey."""
    newest = surveys.select(["survey_id", "conversation_id", "answered_ms", "rating"]).sort_by(
        [("conversation_id", "ascending"), ("answered_ms", "descending"), ("survey_id", "ascending")]
    )
    score = dict(reversed(list(zip(newest["conversation_id"].to_pylist(), newest["rating"].to_pylist(), strict=True))))
    spoken = mentions.filter(pc.equal(mentions["origin"], "message")).sort_by(
        [("said_ms", "ascending"), ("mention_id", "ascending")]
    )
    last = dict(zip(spoken["conversation_id"].to_pylist(), range(len(spoken)), strict=True))
    rated = sorted(conversation for conversation in last if conversation in score)
    rows = spoken.take(pa.array([last[conversation] for conversation in rated], pa.int64()))
    rows = rows.select(["mention_id", "text", "language", "said_ms"])
    rows = rows.rename_columns({"said_ms": "at_ms", "mention_id": "origin_id"})
    return rows.append_column("rating", pa.array([score[conversation] for conversation in rated], pa.float64()))


def _rated(rows: pa.Table) -> pa.Table:
    """Rows with words as labelled texts."""
    worded = pc.fill_null(pc.match_substring_regex(rows["text"], r"\S"), False)
    rows = rows.filter(pc.and_(worded, pc.is_valid(rows["rating"])))
    good = pc.if_else(pc.greater_equal(rows["rating"], GOOD), 2, 1)
    classes = pc.if_else(pc.less_equal(rows["rating"], BAD), 0, good)
    columns = [rows["origin_id"], rows["text"], pc.fill_null(rows["language"], UNKNOWN), classes, rows["at_ms"]]
    return pa.table(columns, names=LABELLED.names).cast(LABELLED)


def learn(told: pa.Table) -> Verdict:
    """Fit a head on labelled texts, oldest first, and say whether it is better than the one that ships."""
    told = told.slice(max(0, len(told) - MOST))
    rows = rows_of(told["text"].to_pylist(), told["language"].to_pylist(), told["class"].to_numpy())
    cuts = [int(len(rows) * share) for share in (OLDEST, MIDDLE)]
    old, middle, held = (rows.at(part) for part in np.split(np.arange(len(rows)), cuts))
    if few := _too_few(old, middle, held):
        return Verdict(few, len(rows))
    head, shipped = fitted(old, middle), shipped_head()
    now, before = (one.chances(held.texts, held.languages) for one in (head, shipped))
    low, high = gain_interval(now, before, held.classes)
    own, others = macro_f1(now, held.classes), macro_f1(before, held.classes)
    better = low > 0
    return Verdict(
        "the own head is better" if better else "the own head is not surely better, so the shipped one stays",
        len(rows),
        len(held),
        own - others,
        low,
        high,
        own,
        others,
        calibration_error(now, held.classes),
        calibration_error(before, held.classes),
        head if better else None,
    )


def rows_of_head(head: Head | None) -> pa.Table:
    """A promoted head as rows of the lake; none where the shipped one stays."""
    return head.to_table() if head else SENTIMENT_HEAD.arrow.empty_table()


def _too_few(*parts: Rows) -> str:
    """Why nothing can be learned from so little; empty where it can."""
    total = sum(map(len, parts))
    if total < LEAST:
        return f"{total} rated texts are too few: {LEAST} are needed"
    least, name = min(
        (int((part.classes == one).sum()), CLASSES[one]) for part in parts for one in (0, len(CLASSES) - 1)
    )
    if least < LEAST_OF_EACH:
        return (
            f"{total} rated texts, but only {least} {name} ones in one of the three parts of time: "
            f"{LEAST_OF_EACH} are needed in each"
        )
    return ""


def rows_of(texts: Sequence[str], languages: Sequence[str], classes: npt.NDArray[np.int64]) -> Rows:
    """Rows of the seller, each of weight 1."""
    return Rows(list(texts), list(languages), np.asarray(classes, np.int64), np.ones(len(texts)))


def fitted(old: Rows, middle: Rows) -> Head:
    """A head of old rows and seed sentences; the middle rows choose among `KEENS` and calibrate."""
    taught = prepared(old + _beside(old))
    tried = []
    for keen in KEENS:
        head = fit(taught, speaks=OWN, keen=keen)
        said = head.chances(middle.texts, middle.languages)
        tried.append((surprise(said, middle.classes), keen, head, said))
    _, _, head, said = min(tried, key=lambda one: one[:2])
    return calibrated(head, said, middle.classes)


def _beside(old: Rows) -> Rows:
    """Seed sentences in the languages that the seller's rows speak."""
    sentences, _ = seeds()
    spoken = np.flatnonzero(np.isin(sentences.languages, sorted(set(old.languages))))
    drawn = sentences.at(spoken[np.linspace(0, len(spoken) - 1, min(MOST_SEEDS, len(spoken))).astype(np.int64)])
    weights = drawn.weights * min(1.0, SEEDS_WEIGH / max(drawn.weights.sum(), 1))
    return Rows(drawn.texts, drawn.languages, drawn.classes, weights)


# ---------------------------------------------------------------- how good it is


def surprise(chances: Chances, classes: npt.NDArray[np.int64]) -> float:
    """The mean negative log-likelihood of what was true."""
    return float(-np.log(np.maximum(chances[np.arange(len(classes)), classes], 1e-12)).mean())


def macro_f1(chances: Chances, classes: npt.NDArray[np.int64]) -> float:
    """The plain mean of the F1 of each class that occurs in the truth."""
    return float(_f1(_confusion(chances, classes, np.ones((1, len(classes)))))[0])


def calibration_error(chances: Chances, classes: npt.NDArray[np.int64]) -> float:
    """The expected calibration error: |share right - mean probability| over 15 equal bins of the likeliest class."""
    best, right = chances.max(axis=1), chances.argmax(axis=1) == classes
    place = np.minimum((best * BINS).astype(np.int64), BINS - 1)
    off = np.bincount(place, right - best, BINS)
    return float(np.abs(off).sum() / len(classes))


def gain_interval(now: Chances, before: Chances, classes: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The 95 % interval of the gain in macro-F1: percentile bootstrap, both heads on the same draws of rows."""
    chance = np.random.default_rng(SEED)
    gains = []
    for _ in range(DRAWS // 50):
        draws = chance.multinomial(len(classes), np.full(len(classes), 1 / len(classes)), size=50).astype(float)
        gains.append(_f1(_confusion(now, classes, draws)) - _f1(_confusion(before, classes, draws)))
    low, high = np.quantile(np.concatenate(gains), [0.025, 0.975])
    return float(low), float(high)


def _confusion(chances: Chances, classes: npt.NDArray[np.int64], draws: Floats) -> Floats:
    """How often each class was said of each true class, for each draw: shape (draws, true, said)."""
    wide = chances.shape[1]
    pair = np.eye(wide * wide)[classes * wide + chances.argmax(axis=1)]
    found: Floats = (draws @ pair).reshape(len(draws), wide, wide)
    return found


def _f1(confusion: Floats) -> Floats:
    """Macro-F1 of each draw over the classes that occur in its truth."""
    hits = np.einsum("dii->di", confusion)
    true, said = confusion.sum(axis=2), confusion.sum(axis=1)
    f1 = 2 * hits / np.maximum(true + said, 1)
    found: Floats = np.where(true > 0, f1, 0).sum(axis=1) / (true > 0).sum(axis=1)
    return found
