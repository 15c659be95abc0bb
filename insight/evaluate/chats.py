"""Which turns of chats leave the customer dissatisfied? The product's own head for words, learned by conversations.

The unit is the turn: annotators gave each message of a customer a satisfaction. What is read is that message alone:
what was said before it told nothing more (DECISIONS.md), and what comes after it is not known yet. The head is the one
that moods are told with (n-grams, vectors and phrase lists), taught by the file itself. All turns of a conversation are
in one fold, so that none is judged by a head that has read another turn of the same chat. What was learned is not kept.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from insight import goodness, sentiment_fit
from insight import language as languages
from insight.errors import SourceError
from insight.evaluate.base import columns
from insight.sentiment_head import shipped_head

Numbers = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]

KEEN = 2 / 3
"""How freely weights may grow: less than for moods, since annotators disagree."""
FEW = 200
"""Dissatisfied turns at least."""
DISSATISFIED, NEUTRAL, SATISFIED = range(3)

ANCHORS = (
    ("JDDC, satisfaction of turns in 3 classes, USDA (arXiv 2202.02912)", "accuracy", 0.63),
    ("JDDC, characters and logistic regression; 5,006 turns taught, 4,765 others asked", "accuracy", 0.62),
    ("the same", "auc", 0.81),
    ("the same", "average_precision", 0.459),
)
"""What others reach: what it is, which of our figures stands beside it, its value."""


@dataclass(frozen=True)
class ChatScores:
    """Shares of 1; 95 % intervals over conversations.

    `turns` have a satisfaction, `unlabelled` ones have none. `auc`, `average_precision`, `lift_at_10` and `ece` are of
    dissatisfied turns; `majority` is the accuracy of always naming the most frequent class. `shipped_auc` is that of
    the shipped head for moods, which has seen none of the file.
    """

    turns: int
    unlabelled: int
    conversations: int
    dissatisfied: float
    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    lift_at_10: float
    ece: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    majority: float
    shipped_auc: float
    anchors: tuple[tuple[str, str, float], ...]
    seconds: float


def chats_file(
    path: Path,
    *,
    conversation: str,
    text: str,
    satisfaction: str,
    language: str | None = None,
    where: Sequence[str] = (),
) -> ChatScores:
    """Measure on a Parquet, CSV or TSV file with one row per turn.

    :param conversation: the column of the chats' ids. :param text: of what the customer wrote.
    :param satisfaction: of numbers; below the middle of their range is dissatisfied, above it satisfied.
    :param language: of languages (ISO 639-1); None where insight shall tell them.
    :raises SourceError: a column is missing, a satisfaction is no number, or too few turns are dissatisfied.
    """
    began = time.perf_counter()
    whose, said, told, *more = columns(
        path, [conversation, text, satisfaction, *([language] if language else [])], where
    )
    total = len(columns(path, [conversation], where)[0])
    true = classes(told, f"{path.name}, {satisfaction}")
    if (true == DISSATISFIED).sum() < FEW:
        came = f"{int((true == DISSATISFIED).sum())} dissatisfied turns"
        raise SourceError("these are too few to measure on", where=path.name, came=came, wanted=f"{FEW} or more")
    tongues = more[0] if more else languages.settle(said, whose)
    rows = sentiment_fit.Rows(said, tongues, true, np.ones(len(said)))
    chances = sentiment_fit.held_out(rows, whose, keen=KEEN)
    shipped = shipped_head().chances(said, tongues)
    return _scores(true, chances, shipped[:, 0] - shipped[:, 2], np.array(whose), total - len(said), began)


def classes(told: Sequence[str], where: str) -> Classes:
    """Numbers as dissatisfied, neutral or satisfied: below, at and above the middle of their range.

    :raises SourceError: one is no number, or all are the same.
    """
    try:
        numbers = np.array([float(one) for one in told])
    except ValueError as error:
        raise SourceError("a satisfaction is no number", where=where, came=str(error)) from error
    if not np.ptp(numbers) > 0:
        raise SourceError("every turn is equally satisfied", where=where, came=str(told[0]))
    middle = (numbers.max() + numbers.min()) / 2
    return np.asarray(1 + np.sign(numbers - middle), dtype=np.int64)


def _scores(
    true: Classes, chances: Numbers, shipped: Numbers, whose: object, unlabelled: int, began: float
) -> ChatScores:
    from sklearn.metrics import f1_score

    bad, likely = true == DISSATISFIED, chances.argmax(axis=1)
    ranked = goodness.over_customers(goodness.auc, whose, bad, chances[:, DISSATISFIED])
    right = goodness.over_customers(lambda hit: float(hit.mean()), whose, likely == true)
    (auc_low, auc_high), (low, high) = (np.quantile(each, (0.025, 0.975)) for each in (ranked, right))
    return ChatScores(
        turns=len(true),
        unlabelled=unlabelled,
        conversations=len(np.unique(np.asarray(whose))),
        dissatisfied=float(bad.mean()),
        auc=goodness.auc(bad, chances[:, DISSATISFIED]),
        auc_low=float(auc_low),
        auc_high=float(auc_high),
        average_precision=goodness.average_precision(bad, chances[:, DISSATISFIED]),
        lift_at_10=goodness.lift(bad, chances[:, DISSATISFIED]),
        ece=goodness.calibration_error(bad, chances[:, DISSATISFIED]),
        accuracy=float((likely == true).mean()),
        accuracy_low=float(low),
        accuracy_high=float(high),
        macro_f1=float(f1_score(true, likely, average="macro")),
        majority=float(np.bincount(true).max() / len(true)),
        shipped_auc=goodness.auc(bad, shipped),
        anchors=ANCHORS,
        seconds=time.perf_counter() - began,
    )
