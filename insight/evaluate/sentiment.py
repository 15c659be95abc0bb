"""How well are moods told, on texts whose mood is known? The shipped head speaks, or one taught by another file."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from insight import language as languages
from insight import sentiment_training as training
from insight.errors import SourceError
from insight.evaluate.base import columns
from insight.sentiment_fit import Rows
from insight.sentiment_head import CLASSES, Chances, Head, shipped_head

NEGATIVE, NEUTRAL, POSITIVE = range(len(CLASSES))

WORDS = {
    **{"negative": NEGATIVE, "neg": NEGATIVE, "bad": NEGATIVE},
    **{"neutral": NEUTRAL, "neu": NEUTRAL},
    **{"positive": POSITIVE, "pos": POSITIVE, "good": POSITIVE},
}
NUMBERS = {
    "stars": {1: NEGATIVE, 2: NEGATIVE, 3: NEUTRAL, 4: POSITIVE, 5: POSITIVE},
    "0, 1, 2": {0: NEGATIVE, 1: NEUTRAL, 2: POSITIVE},
    "-1, 0, 1": {-1: NEGATIVE, 0: NEUTRAL, 1: POSITIVE},
}
GOLD = "negative, neutral and positive; stars from 1 to 5; good and bad; 0, 1 and 2; or -1, 0 and 1"
CALIBRATES = 7
"""One of so many texts of a file that teaches is kept for calibration."""


@dataclass(frozen=True)
class Part:
    """What was told right of n texts.

    Classes that the gold does not have are left out: each text gets the likeliest of the others. `macro_f1` is the mean
    F1 of the classes, `binary_accuracy` asks of negative and positive texts only which of these two is likelier (None
    where there are none), `ece` is the expected calibration error in 15 bins, `unsure` the share of texts that the head
    would not label, which count in all other figures, and `sure_accuracy` the share of its labels that are right.
    """

    n: int
    accuracy: float
    macro_f1: float
    binary_accuracy: float | None
    ece: float
    unsure: float
    sure_accuracy: float | None


@dataclass(frozen=True)
class SentimentScores(Part):
    """All texts, and those of each language; `seconds` to score them, `train_seconds` to teach the head that spoke."""

    by_language: Mapping[str, Part]
    head: str
    seconds: float
    train_seconds: float


def sentiment_file(
    path: Path,
    *,
    text: str,
    gold: str,
    language: str | None = None,
    where: Sequence[str] = (),
    train: Path | None = None,
    train_where: Sequence[str] = (),
) -> SentimentScores:
    """Score a Parquet, CSV or TSV file.

    :param text: the column of texts.
    :param gold: the column of moods, spelled as `GOLD` says.
    :param language: the column of languages (ISO 639-1); None where insight shall tell them.
    :param where: conditions that a row must hold, each spelled COLUMN=VALUE.
    :param train: a file of the same columns that teaches a head, as a seller's own rated texts would.
    :param train_where: conditions on its rows.
    :raises SourceError: a file cannot be read, has no such column or no row with all of them, or the gold cannot be
        understood without a doubt.
    """
    rows = _rows(path, text, gold, language, where)
    began = time.perf_counter()
    head = taught(_rows(train, text, gold, language, train_where)) if train else shipped_head()
    train_seconds = time.perf_counter() - began if train else 0.0
    began = time.perf_counter()
    chances = head.chances(rows.texts, rows.languages)
    return scores(rows, chances, head, time.perf_counter() - began, train_seconds)


def taught(rows: Rows) -> Head:
    """The head that a seller with these rows would have: of the texts in their order every seventh calibrates."""
    rows = rows.at(np.array(sorted(range(len(rows)), key=lambda one: (rows.texts[one], rows.classes[one])), np.int64))
    place = np.arange(len(rows))
    return training.fitted(rows.at(place % CALIBRATES != 0), rows.at(place % CALIBRATES == 0))


def scores(rows: Rows, chances: Chances, head: Head, seconds: float, train_seconds: float) -> SentimentScores:
    """Compare what a head said with the gold."""
    of = np.array(rows.languages)
    by = {one: part(chances[of == one], rows.classes[of == one], head) for one in sorted(set(rows.languages))}
    return SentimentScores(
        **vars(part(chances, rows.classes, head)),
        by_language=by,
        head=head.speaks,
        seconds=seconds,
        train_seconds=train_seconds,
    )


def part(chances: Chances, classes: npt.NDArray[np.int64], head: Head) -> Part:
    """The measures of some texts."""
    asked = np.isin(np.arange(len(CLASSES)), classes)
    among = np.where(asked, chances, 0)
    among = among / np.maximum(among.sum(axis=1, keepdims=True), 1e-12)
    polar = classes != NEUTRAL
    likelier = (chances[:, POSITIVE] > chances[:, NEGATIVE]) == (classes == POSITIVE)
    sure = chances.max(axis=1) >= head.sure
    right = chances.argmax(axis=1) == classes
    return Part(
        n=len(classes),
        accuracy=float((among.argmax(axis=1) == classes).mean()),
        macro_f1=training.macro_f1(among, classes),
        binary_accuracy=float(likelier[polar].mean()) if polar.any() else None,
        ece=training.calibration_error(among, classes),
        unsure=float(1 - sure.mean()),
        sure_accuracy=float(right[sure].mean()) if sure.any() else None,
    )


def classes_of(gold: Sequence[str], where: str = "") -> npt.NDArray[np.int64]:
    """The class of each gold value.

    :raises SourceError: a value is of no known kind, or the values are of several kinds at once.
    """
    values = {value: value.strip().lower() for value in set(gold)}
    if all(value in WORDS for value in values.values()):
        return np.array([WORDS[values[value]] for value in gold], np.int64)
    meant = _numbers(values, where)
    return np.array([meant[value] for value in gold], np.int64)


def _numbers(values: Mapping[str, str], where: str) -> dict[str, int]:
    """What numbers mean, where they can mean one thing only."""
    try:
        numbers = {value: float(spelled) for value, spelled in values.items()}
    except ValueError as error:
        strange = sorted(spelled for spelled in values.values() if spelled not in WORDS)
        raise SourceError("this is no mood", where=where, came=strange[0][:60], wanted=GOLD) from error
    kinds = [name for name, kind in NUMBERS.items() if set(numbers.values()) <= set(kind)]
    came = ", ".join(f"{number:g}" for number in sorted(set(numbers.values()))[:8])
    if not kinds:
        raise SourceError("these numbers are no moods", where=where, came=came, wanted=GOLD)
    if len(kinds) > 1:
        fix = "name a column that says negative, neutral and positive"
        raise SourceError(
            "these numbers can mean two things", where=where, came=came, wanted=" or ".join(kinds), fix=fix
        )
    return {value: NUMBERS[kinds[0]][int(number)] for value, number in numbers.items()}


def _rows(path: Path, text: str, gold: str, language: str | None, where: Sequence[str]) -> Rows:
    texts, moods, *told = columns(path, (text, gold, *([language] if language else [])), where)
    spoken = told[0] if told else languages.settle(texts, [""] * len(texts))
    return training.rows_of(texts, spoken, classes_of(moods, f"{path.name}, {gold}"))
