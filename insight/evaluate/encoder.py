"""How good are sentence vectors? Clusters, few-shot labels and translations on files with known answers, and the cost.

Every encoder of a run sees the same texts in the same order, whatever the order of the rows in the file.
"""

from __future__ import annotations

import gc
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean, median, pstdev

import numpy as np

from insight.encoders import Encoder, Vectors
from insight.errors import MissingPart
from insight.evaluate.base import forget_peak, peak_mb
from insight.evaluate.gold import SEED, SEEDS, Examples, Gold, Labelled, Pairs, Parallel, read
from insight.evaluate.peers import MINILM, PEERS, Entrant, entrants, exact_name
from insight.evaluate.topics import agreement
from insight.settings import Settings

STARTS = 3
"""Of each k-means; the tightest counts."""

STRENGTH = 10.0
"""C of the logistic regression."""

SPEED_TEXTS = 2_000
WARM = 64
REPEATS = 3
LEAST_SECONDS = 0.5
"""A fast encoder is repeated until it has worked so long, since one pass over 2,000 texts may take milliseconds."""

BLOCK = 1_024
"""So many queries at a time are held against all candidates."""

Say = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True)
class FileScores:
    """On one labelled file.

    `accuracy` and `nmi` are of k-means with as many clusters as labels (see topics.Agreement), `few_shot` is the share
    of texts that a logistic regression on a few examples of each label gets right, None where no label has two texts.
    Each is a mean over seeds; the spread is their standard deviation.
    """

    accuracy: float
    accuracy_spread: float
    nmi: float
    nmi_spread: float
    few_shot: float | None
    few_shot_spread: float | None


@dataclass(frozen=True)
class ParallelScores:
    """On one parallel file: the share whose nearest sentence is its translation, found from the second column
    (`top1`) and from the first (`top1_back`).
    """

    top1: float
    top1_back: float


@dataclass(frozen=True)
class Row:
    """One encoder. `mean` is over files; `to_minilm` divides by MiniLM's, in speed as in quality.

    `peak_mb` is the most that the process held while this encoder worked (where the system cannot forget an older
    peak: so far). `ready_seconds` were spent on loading, fitting and adapting. A `note` says why there is nothing.
    """

    encoder: str
    version: str | None
    note: str | None
    dimensions: int | None
    texts_per_second: float | None
    peak_mb: float | None
    ready_seconds: float | None
    files: Mapping[str, FileScores]
    parallel: Mapping[str, ParallelScores]
    mean: Mapping[str, float | None]
    to_minilm: Mapping[str, float | None]


@dataclass(frozen=True)
class FileFacts:
    """What a labelled file held."""

    texts: int
    labels: int
    train_texts: int


@dataclass(frozen=True)
class Comparison:
    """All rows of a run, and under which conditions they were made.

    `quantisation_loss`: by measure, how much the mean falls from the fp32 twin to the encoder; None without a twin.
    """

    rows: tuple[Row, ...]
    files: Mapping[str, FileFacts]
    parallel: Mapping[str, int]
    shots: int
    seeds: int
    cpus: int
    torch_threads: int | None
    quantisation_loss: Mapping[str, float] | None


def compare(
    labelled: Sequence[Labelled],
    parallel: Sequence[Parallel],
    settings: Settings,
    *,
    peers: Sequence[str] = PEERS,
    adapt: bool = False,
    exact: Callable[[], Encoder] | None = None,
    shots: int = 10,
    limit: int | None = None,
    say: Say = lambda what, done, total: None,
) -> Comparison:
    """Measure the encoder of the settings and its peers.

    :param exact: makes the same encoder before its weights were rounded; what rounding costs is then told.
    :param shots: examples of each label; never more than half the texts of a label, where the file has no part for
        training.
    :param limit: at most so many rows of each file, drawn by a fixed seed; its part for training stays whole.
    :raises SourceError: a file cannot be read, has no such column, or holds nothing that could be told apart.
    :raises SettingsError: an encoder is unknown.
    """
    golds, pairs = read(labelled, parallel, shots, limit)
    files: list[Gold | Pairs] = [*golds, *pairs]
    sample = _sample([text for file in files for text in file.every()], limit)
    measured = [
        _row(entrant, files, sample, say) for entrant in entrants(settings.encoder, peers, adapt=adapt, exact=exact)
    ]
    loaded = sys.modules.get("torch")
    return Comparison(
        rows=tuple(_related(measured)),
        files={g.name: FileFacts(len(g.texts), len(set(g.labels)), len(g.train_texts)) for g in golds},
        parallel={p.name: len(p.first) for p in pairs},
        shots=shots,
        seeds=SEEDS,
        cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        torch_threads=loaded.get_num_threads() if loaded else None,
        quantisation_loss=_loss(measured),
    )


def _sample(texts: Sequence[str], limit: int | None) -> list[str]:
    """The distinct texts on which speed is measured, shuffled."""
    distinct = np.asarray(sorted(set(texts)), dtype=object)
    kept = np.random.default_rng(SEED).permutation(len(distinct))[: min(SPEED_TEXTS, limit or SPEED_TEXTS)]
    return [str(text) for text in distinct[kept]]


# ---------------------------------------------------------------- one encoder


def _row(entrant: Entrant, files: Sequence[Gold | Pairs], sample: Sequence[str], say: Say) -> Row:
    """All that is measured of one encoder. A peer that is not installed becomes a row that says so."""
    gc.collect()
    forget_peak()
    try:
        return _measured(entrant, files, sample, say)
    except MissingPart as error:
        if not entrant.peer:
            raise
        note = f"{error.what}: {error.fix}"
        return Row(entrant.name, None, note, None, None, None, None, {}, {}, _mean({}, {}), {})


def _measured(entrant: Entrant, files: Sequence[Gold | Pairs], sample: Sequence[str], say: Say) -> Row:
    encoder: Encoder | None = None
    ready_s, speed, width = 0.0, None, None
    labelled: dict[str, FileScores] = {}
    parallel: dict[str, ParallelScores] = {}
    for file in files:
        tell = partial(say, f"{entrant.name}: {file.name}")
        tell(0, 0)
        if encoder is None or not (entrant.own_text and isinstance(file, Pairs)):
            started = time.perf_counter()
            encoder = entrant.ready(file.every(), tell)
            encoder.encode(sample[:1], lambda done, total: None)  # some read their weights when the first text comes
            ready_s += time.perf_counter() - started
        if speed is None:
            speed = texts_per_second(encoder, sample)
        vectors = _Vectors(encoder, file.needed(), tell)
        width = vectors.rows.shape[1]
        if isinstance(file, Gold):
            labelled[file.name] = _file_scores(file, vectors)
        else:
            parallel[file.name] = _parallel_scores(file, vectors)
    mean = _mean(labelled, parallel)
    made = encoder.name if encoder else None
    return Row(entrant.name, made, None, width, speed, peak_mb(), ready_s, labelled, parallel, mean, {})


class _Vectors:
    """The vectors of distinct texts, for rows in which a text may come again."""

    def __init__(self, encoder: Encoder, texts: Sequence[str], tell: Callable[[int, int], None]) -> None:
        self._place = {text: at for at, text in enumerate(texts)}
        self.rows = encoder.encode(texts, tell)

    def of(self, texts: Sequence[str]) -> Vectors:
        return self.rows[[self._place[text] for text in texts]]


def _file_scores(file: Gold, vectors: _Vectors) -> FileScores:
    found = vectors.of(file.texts)
    accuracies, nmis = clustered(found, file.labels)
    right = few_shot(found, file.texts, file.labels, file.draws, vectors.of)
    return FileScores(
        accuracy=fmean(accuracies),
        accuracy_spread=pstdev(accuracies),
        nmi=fmean(nmis),
        nmi_spread=pstdev(nmis),
        few_shot=fmean(right) if right else None,
        few_shot_spread=pstdev(right) if right else None,
    )


def _parallel_scores(file: Pairs, vectors: _Vectors) -> ParallelScores:
    first, second = vectors.of(file.first), vectors.of(file.second)
    return ParallelScores(top1=nearest(second, first, file.first), top1_back=nearest(first, second, file.second))


# ---------------------------------------------------------------- measures


def clustered(vectors: Vectors, gold: Sequence[str]) -> tuple[list[float], list[float]]:
    """Accuracy and NMI of k-means with as many clusters as there are labels, for each seed.

    :param vectors: shape (texts, dimensions).
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    wanted = len(set(gold))
    scores = []
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct vectors than labels: some stay empty
        for seed in range(SEEDS):
            found = KMeans(wanted, n_init=STARTS, random_state=seed).fit_predict(vectors)
            scores.append(agreement(gold, found.astype(np.int64)))
    return [s.accuracy for s in scores], [s.nmi for s in scores]


def few_shot(
    vectors: Vectors,
    texts: Sequence[str],
    gold: Sequence[str],
    drawn: Sequence[Examples],
    of: Callable[[Sequence[str]], Vectors],
) -> list[float]:
    """Accuracy of a logistic regression that has seen the examples, for each draw.

    An example is never guessed, nor is a copy of it. A label without an example is guessed wrong. Nothing is returned
    where a draw has no two labels to learn, or leaves no text to guess.

    :param vectors: shape (texts, dimensions).
    :param drawn: the examples, as `draws` gives them.
    :param of: the vectors of examples, shape (examples, dimensions).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    truth = np.asarray(gold, dtype=object)
    right = []
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for examples, labels in drawn:
            seen = set(examples)
            asked = np.array([text not in seen for text in texts])
            if len(set(labels)) < 2 or not asked.any():
                return []
            model = LogisticRegression(C=STRENGTH, max_iter=1_000).fit(of(examples), labels)
            right.append(float(np.mean(model.predict(vectors[asked]) == truth[asked])))
    return right


def nearest(queries: Vectors, candidates: Vectors, sentences: Sequence[str]) -> float:
    """The share of queries whose nearest candidate, by cosine, is the one in their own row or a copy of it.

    :param queries: shape (pairs, dimensions), unit rows.
    :param candidates: the other side, in the same order.
    :param sentences: the texts of the candidates.
    """
    wanted = np.unique(np.asarray(sentences, dtype=object), return_inverse=True)[1]
    right = 0
    for start in range(0, len(queries), BLOCK):
        best = np.argmax(queries[start : start + BLOCK] @ candidates.T, axis=1)
        right += int((wanted[best] == wanted[start : start + BLOCK]).sum())
    return right / len(queries)


def texts_per_second(encoder: Encoder, texts: Sequence[str]) -> float:
    """Median over repeats on the same texts, after a few texts to warm up."""
    encoder.encode(texts[:WARM], lambda done, total: None)
    seconds: list[float] = []
    while len(seconds) < REPEATS or sum(seconds) < LEAST_SECONDS:
        started = time.perf_counter()
        encoder.encode(texts, lambda done, total: None)
        seconds.append(time.perf_counter() - started)
    return len(texts) / median(seconds)


# ---------------------------------------------------------------- over files, and beside MiniLM


def _mean(files: Mapping[str, FileScores], parallel: Mapping[str, ParallelScores]) -> dict[str, float | None]:
    """Means over files of what was measured on them, and the lowest top-1."""
    top1 = [p.top1 for p in parallel.values()]
    known = {
        "accuracy": [f.accuracy for f in files.values()],
        "nmi": [f.nmi for f in files.values()],
        "few_shot": [f.few_shot for f in files.values() if f.few_shot is not None],
        "top1": top1,
        "top1_back": [p.top1_back for p in parallel.values()],
    }
    means = {name: fmean(values) if values else None for name, values in known.items()}
    return {**means, "lowest_top1": min(top1, default=None)}


def _related(rows: Sequence[Row]) -> list[Row]:
    """The rows with what they are to MiniLM's, where that was measured."""
    minilm = next((row for row in rows if row.encoder == MINILM and row.note is None), None)
    if minilm is None:
        return list(rows)
    base = {**minilm.mean, "texts_per_second": minilm.texts_per_second}
    related = []
    for row in rows:
        own = {**row.mean, "texts_per_second": row.texts_per_second}
        ratios = {name: _ratio(own[name], base[name]) for name in base}
        related.append(replace(row, to_minilm=ratios))
    return related


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def _loss(rows: Sequence[Row]) -> dict[str, float] | None:
    """By measure, how much the mean falls from the exact twin to the encoder itself."""
    exact = next((row for row in rows if row.encoder == exact_name(rows[0].encoder)), None)
    if exact is None:
        return None
    both = {name: (value, rows[0].mean[name]) for name, value in exact.mean.items()}
    return {name: more - less for name, (more, less) in both.items() if more is not None and less is not None}
