"""How a sentiment head is fitted: multinomial logistic regression, calibrated on rows that its weights have not seen.

`python -m insight.sentiment_fit --rebuild` makes the shipped head anew from the seed sentences, bit by bit the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from insight import features, shipped, voice_kernels
from insight.sentiment_head import (
    CLASSES,
    FILE,
    SHIPPED,
    Chances,
    Floats,
    Head,
    addresses,
    encoder_name,
    inputs,
    softmax,
)
from insight.voices import NUMBERS, Said

SEEDS = {"seeds.tsv": 1.0, "reviews.tsv": 1.0, "negations.tsv": 2.0}
"""The files of seed sentences, and how much each sentence counts."""

SEED_LANGUAGES = ("en", "zh", "de", "es", "fr", "ja", "pt")

RIGHT = 0.9
"""Of the labels that are not 'unsure', this share is right on held rows."""

SURE = np.arange(40, 96) / 100
"""The bounds that are looked at; the last one where none is enough."""

FOLDS = 5
SEED = 7
LEAST_TEXTS = 2
"""A feature is kept where so many texts have it."""

MOST_FEATURES = 150_000
"""Of more, those of most texts are kept."""

KEEN = 2.0
"""How freely the weights of features may grow: the penalty of their squares is 1 / (KEEN · rows)."""

KEEN_VECTOR = 0.2
"""The same for the vectors."""

KEEN_LISTS = 0.05
"""The same for the numbers of the lists."""

STEPS, MEMORY = 300, 8
CLOSE = 3e-5
"""A fit ends where a step of L-BFGS (Liu & Nocedal 1989) gains less than this share."""


@dataclass(frozen=True)
class Rows:
    """Texts with their languages (ISO 639-1), their class (0 … 2) and how much each counts."""

    texts: Sequence[str]
    languages: Sequence[str]
    classes: npt.NDArray[np.int64]
    weights: Floats

    def __len__(self) -> int:
        return len(self.texts)

    def __add__(self, other: Rows) -> Rows:
        return Rows(
            [*self.texts, *other.texts],
            [*self.languages, *other.languages],
            np.concatenate([self.classes, other.classes]),
            np.concatenate([self.weights, other.weights]),
        )

    def at(self, places: npt.NDArray[Any]) -> Rows:
        """The rows at these places, or where a mask says so."""
        places = np.flatnonzero(places) if places.dtype == bool else places
        return Rows(
            [self.texts[int(p)] for p in places],
            [self.languages[int(p)] for p in places],
            self.classes[places],
            self.weights[places],
        )


@cache
def seeds() -> tuple[Rows, tuple[str, ...]]:
    """The seed sentences in all their languages, and the id that the languages of one sentence share."""
    told = [(row, weight) for name, weight in SEEDS.items() for row in shipped.tsv(name)]
    each = [(row, weight, language) for row, weight in told for language in SEED_LANGUAGES]
    classes = np.array([CLASSES.index(row["label"]) for row, _, _ in each], np.int64)
    weights = np.array([weight for _, weight, _ in each])
    rows = Rows([row[at] for row, _, at in each], [at for *_, at in each], classes, weights)
    return rows, tuple(row["id"] for row, *_ in each)


@dataclass(frozen=True)
class Inputs:
    """Rows as numbers, made once for all fits: text i has the features columns[ends[i] : ends[i + 1]]."""

    rows: Rows
    hashes: features.Hashes
    idf: Floats
    ends: features.Places
    columns: npt.NDArray[np.uint32]
    values: Floats
    dense: Floats


def prepared(rows: Rows, beside: Rows | None = None) -> Inputs:
    """Which features are kept, and what each row has of them as a row of unit length.

    :param beside: further rows, which are fitted on too but do not say which features are kept.
    """
    first = len(rows)
    rows = rows + beside if beside else rows
    said, dense = inputs(rows.texts, rows.languages)
    every = np.sort(said.hashes[: said.ends[first]])
    every = every[np.append(True, every[1:] != every[:-1])[: len(every)]]
    ends, found = _found(said, every)
    texts = np.bincount(found[: ends[first]], minlength=len(every))
    kept = np.flatnonzero(texts >= LEAST_TEXTS)
    if len(kept) > MOST_FEATURES:
        kept = np.sort(kept[np.lexsort((every[kept], -texts[kept]))[:MOST_FEATURES]])
    idf = np.log((1 + first) / (1 + texts[kept])) + 1  # smoothed by one text that has every feature
    ends, columns = _found(said, every[kept])
    text = np.repeat(np.arange(len(rows)), np.diff(ends))
    length = np.sqrt(np.bincount(text, idf[columns] ** 2, len(rows)))
    values = idf[columns] / length[text]
    return Inputs(rows, every[kept], idf, ends, columns.astype(np.uint32), values, dense)


def _found(said: Said, hashes: features.Hashes) -> tuple[features.Places, features.Places]:
    """Which of these features each text has, each once, and where those of each text end."""
    rows = np.empty(len(said.hashes), np.int64)
    seen = np.full(len(hashes), -1, np.int64)
    kept = voice_kernels.distinct(said.ends, said.hashes, *addresses(hashes), seen, rows)
    return kept, rows[: kept[-1]].copy()


def fit(rows: Rows | Inputs, *, speaks: str, keen: float = KEEN) -> Head:
    """Fit the weights; the head is not calibrated yet: it is as sure as it was of its own rows, and never 'unsure'.

    :param speaks: whose head it is.
    :param keen: see `KEEN`.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums of another number of threads differ in their last bits
        told = prepared(rows) if isinstance(rows, Rows) else rows
        weights = _descend(told, keen)
    many, single = len(told.hashes), np.float32
    classes, counts = told.rows.classes, told.rows.weights
    return Head(
        hashes=told.hashes,
        grams=np.column_stack([told.idf, weights[:many]]).astype(single),
        dense=weights[many:-1].astype(single),
        bias=weights[-1].astype(single),
        shift=np.zeros(len(CLASSES), single),
        base=(np.bincount(classes, counts, len(CLASSES)) / counts.sum()).astype(single),
        scale=1.0,
        sure=0.0,
        encoder=encoder_name(),
        speaks=speaks,
    )


def _descend(told: Inputs, keen: float) -> Floats:
    """The weights (features, vectors, numbers, bias) of least mean loss with a penalty on squares."""
    from scipy.optimize import minimize

    many, few = len(told.hashes), told.dense.shape[1]
    gold, share = told.rows.classes, told.rows.weights / told.rows.weights.sum()
    wide = [many, few - len(NUMBERS), len(NUMBERS), 1]
    penalty = np.repeat([1 / keen, 1 / KEEN_VECTOR, 1 / KEEN_LISTS, 0.0], wide)[:, None] / len(told.rows)
    shape = (many + few + 1, len(CLASSES))

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(shape)
        slope, wrong = np.zeros(shape), told.dense @ w[many:-1] + w[-1]
        likely = voice_kernels.descend(told.ends, told.columns, told.values, gold, share, w, wrong, slope)
        slope[many:-1] = told.dense.T @ wrong
        slope[-1] = wrong.sum(axis=0)
        return likely + 0.5 * float((penalty * w * w).sum()), (slope + penalty * w).ravel()

    limits = {"maxiter": STEPS, "maxcor": MEMORY, "ftol": CLOSE, "gtol": 0.0}
    found: Floats = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=limits).x
    return found.reshape(shape)


# ---------------------------------------------------------------- calibration


def calibration(chances: Chances, classes: npt.NDArray[np.int64]) -> tuple[float, Floats]:
    """The scale and the shift of logits that make held probabilities most likely.

    :param chances: of held rows, by a head that is not calibrated: their logarithms serve as logits.
    """
    from scipy.optimize import minimize

    logits, gold = np.log(np.maximum(chances, 1e-12)), np.eye(len(CLASSES))[classes]

    def loss(curve: Floats) -> float:
        said = softmax(np.exp(curve[0]) * logits + curve[1:])
        return float(-np.log(np.maximum((said * gold).sum(axis=1), 1e-300)).mean() + 1e-4 * (curve**2).sum())

    curve = minimize(loss, np.zeros(1 + len(CLASSES)), method="L-BFGS-B").x
    return float(np.exp(curve[0])), curve[1:] - curve[1:].mean()


def calibrated(head: Head, held: Chances, classes: npt.NDArray[np.int64]) -> Head:
    """The head with its probabilities and its bound set by held rows.

    :param held: what heads like this one, not calibrated, say of rows they were not fitted on.
    """
    from dataclasses import replace

    scale, shift = calibration(held, classes)
    said = softmax(np.log(np.maximum(held, 1e-12)) * scale + shift)
    return replace(head, scale=scale, shift=shift.astype(np.float32), sure=surest(said, classes))


def surest(chances: Chances, classes: npt.NDArray[np.int64]) -> float:
    """The least bound above which `RIGHT` of the labels are right."""
    best, right = chances.max(axis=1), chances.argmax(axis=1) == classes
    for bound in SURE:
        above = best >= bound
        if above.any() and right[above].mean() >= RIGHT:
            return float(bound)
    return float(SURE[-1])


# ---------------------------------------------------------------- the shipped head


def held_out(rows: Rows, groups: Sequence[str], *, keen: float = KEEN) -> Chances:
    """What is said of each row by a head fitted on the other folds; rows of one group are in one fold."""
    fold = np.array([int.from_bytes(sha256(group.encode()).digest()[:8]) % FOLDS for group in groups])
    found = np.empty((len(rows), len(CLASSES)))
    for number in range(FOLDS):
        held = rows.at(fold == number)
        taught = rows.at(fold != number)
        head = fit(taught, speaks=SHIPPED, keen=keen)
        found[fold == number] = head.chances(held.texts, held.languages)
    return found


def rebuilt() -> Head:
    """The shipped head: fitted on all seed sentences, calibrated on what it says of those it was not fitted on."""
    rows, groups = seeds()
    return calibrated(fit(rows, speaks=SHIPPED), held_out(rows, groups), rows.classes)


def main(arguments: Sequence[str], folder: Path) -> int:
    """Write the head below the folder of shipped files."""
    if list(arguments) != ["--rebuild"]:
        sys.stderr.write("usage: python -m insight.sentiment_fit --rebuild\n")
        return 2
    (folder / FILE).write_bytes(rebuilt().to_bytes())
    sys.stdout.write(f"wrote {FILE}; now `{shipped.SEAL}`\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], shipped.folder()))
