"""How well does the taxonomy's head know topics? With no label, and with a few examples of each.

Where the labels of a file are leaves of the taxonomy, the head starts from the phrases of models/topics.toml, and
examples come beside them as texts that a person has confirmed. Other labels are known by their examples alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from difflib import get_close_matches
from pathlib import Path
from statistics import fmean

import numpy as np
import numpy.typing as npt

from insight import language as languages
from insight import taxonomy, topic_head
from insight.encoders import Encoder, Vectors, embed
from insight.errors import SourceError
from insight.evaluate.base import columns
from insight.evaluate.gold import Examples, draws
from insight.evaluate.peers import entrants
from insight.pieces import folded, text_hash
from insight.schema import UNASSIGNED
from insight.settings import Settings

Say = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True)
class Part:
    """What was told right of n texts.

    `macro_f1` (over the labels of these texts) and `accuracy` let every text have its likeliest topic. `coverage` is
    the share of texts that the head assigns, being sure, and `precision` the share of what it assigns that is right,
    None where it assigns nothing. A text labelled 'unassigned' belongs to no topic: it counts only in `precision`,
    where it is assigned.
    """

    n: float
    macro_f1: float | None
    accuracy: float | None
    coverage: float | None
    precision: float | None


@dataclass(frozen=True)
class TaxonomyScores:
    """`zero` without a label, `taught` with `shots` examples of each label (means over draws, on the texts left).

    One of the two is None where it cannot be: labels that are no leaves, or no shots. `by_language` is of `taught`
    where there is one. `fit_seconds` is one fit, with all examples.
    """

    labels: int
    shots: int | None
    encoder: str
    zero: Part | None
    taught: Part | None
    by_language: Mapping[str, Part]
    fit_seconds: float


def taxonomy_file(
    path: Path,
    *,
    text: str,
    gold: str,
    settings: Settings,
    language: str | None = None,
    where: Sequence[str] = (),
    shots: int | None = None,
    train_where: Sequence[str] = (),
    adapt: bool = False,
    say: Say = lambda what, done, total: None,
) -> TaxonomyScores:
    """Score a Parquet, CSV or TSV file.

    :param text: the column of texts.
    :param gold: the column of topics: ids of leaves, or any labels where there are shots; 'unassigned' for none.
    :param language: the column of languages (ISO 639-1); None where insight shall tell them.
    :param where: conditions that a row must hold, each spelled COLUMN=VALUE.
    :param shots: examples of each label in a draw, at most half of its texts where there is no part for training.
    :param train_where: conditions on the rows that examples are drawn from.
    :param adapt: let the encoder learn from the texts of the file first, as a shop's own would, never from its labels.
    :raises SourceError: the file cannot be read, has no such column or row, or a label is no leaf and nothing else
        tells what it means.
    """
    rows = _rows(path, text, gold, language, where)
    train = _rows(path, text, gold, None, train_where) if train_where else None
    leaves = {leaf.topic_id for leaf in taxonomy.leaves()}
    strange = set(rows.labels) - leaves - {UNASSIGNED}
    if strange and shots is None:
        raise _no_leaf(path, gold, strange, leaves)
    told = {**_texts(rows.texts), **_texts(train.texts if train else ())}
    phrases = () if strange else taxonomy.phrases()
    maker = entrants(settings.encoder, (), adapt=adapt)[-1]
    encoder = maker.ready(sorted(told.values()), lambda done, total: say("encoder", done, total))
    known = _Known(encoder, {**told, **_texts([one.text for one in phrases])})
    drawn = _drawn(rows, train, shots) if shots else []
    started = time.perf_counter()
    first = _head(known, phrases, ([], []))
    heads = [_head(known, phrases, examples) for examples in drawn]
    fit_seconds = (time.perf_counter() - started) / (1 + len(heads))
    asked = [_without(rows, examples[0]) for examples in drawn] or [rows]
    zero = _mean([part(some, first, known) for some in asked]) if phrases else None
    pairs = list(zip(asked, heads, strict=True)) if heads else [(rows, first)]
    spoken = sorted(set(rows.languages))
    return TaxonomyScores(
        labels=len(set(rows.labels) - {UNASSIGNED}),
        shots=shots,
        encoder=encoder.name,
        zero=zero,
        taught=_mean([part(some, head, known) for some, head in pairs]) if heads else None,
        by_language={
            one: _mean([part(mine, head, known) for some, head in pairs if len((mine := _of(some, one)).texts)])
            for one in spoken
        },
        fit_seconds=fit_seconds,
    )


@dataclass(frozen=True)
class Rows:
    """Texts with their labels and languages, in the order of the texts."""

    texts: Sequence[str]
    labels: Sequence[str]
    languages: Sequence[str]


class _Known:
    """The vectors of texts and how the encoder reads them, by text."""

    def __init__(self, encoder: Encoder, texts: Mapping[str, str]) -> None:
        self._texts = texts
        keys, self._rows = embed(encoder, texts)
        self._place = {key: at for at, key in enumerate(keys)}

    def of(self, texts: Sequence[str]) -> Vectors:
        return self._rows[[self._place[text_hash(text)] for text in texts]]

    def read(self, texts: Sequence[str]) -> list[str]:
        return [self._texts[text_hash(text)] for text in texts]


def part(rows: Rows, head: topic_head.Head, known: _Known) -> Part:
    """The measures of some texts."""
    told = head.tell(known.of(rows.texts), known.read(rows.texts))
    gold = np.asarray(rows.labels, dtype=object)
    best = np.asarray([head.topics[at] if at >= 0 else "" for at in told.best], dtype=object)
    sure, own = (told.best >= 0) & (told.chance >= head.sure), gold != UNASSIGNED
    right = best == gold
    return Part(
        n=len(gold),
        macro_f1=macro_f1(gold[own], best[own]) if own.any() else None,
        accuracy=float(right[own].mean()) if own.any() else None,
        coverage=float(sure[own].mean()) if own.any() else None,
        precision=float(right[sure].mean()) if sure.any() else None,
    )


def macro_f1(gold: npt.NDArray[np.object_], found: npt.NDArray[np.object_]) -> float:
    """The mean F1 of the labels that the gold has."""
    return fmean(
        2 * int(((gold == label) & (found == label)).sum()) / int((gold == label).sum() + (found == label).sum())
        for label in sorted(set(gold))
    )


def _head(known: _Known, phrases: Sequence[taxonomy.Phrase], examples: Examples) -> topic_head.Head:
    """The head that phrases and examples teach; without phrases, examples stand in their place."""
    texts = [*(one.text for one in phrases), *examples[0]]
    labels = [*(one.topic_id for one in phrases), *examples[1]]
    tagged = np.arange(len(texts)) >= len(phrases) if phrases else np.zeros(len(texts), bool)
    return topic_head.fit(known.of(texts) if texts else np.zeros((0, 1)), labels, tagged, known.read(texts))


def _drawn(rows: Rows, train: Rows | None, shots: int) -> list[Examples]:
    """The examples of each draw."""
    told = train or rows
    own = [(text, label) for text, label in zip(told.texts, told.labels, strict=True) if label != UNASSIGNED]
    return draws([text for text, _ in own], [label for _, label in own], shots, half=train is None)


def _without(rows: Rows, examples: Collection[str]) -> Rows:
    """The rows that are no example, nor a copy of one."""
    seen = {text_hash(text) for text in examples}
    return _kept(rows, [text_hash(text) not in seen for text in rows.texts])


def _of(rows: Rows, language: str) -> Rows:
    return _kept(rows, [one == language for one in rows.languages])


def _kept(rows: Rows, kept: Sequence[bool]) -> Rows:
    places = [at for at, keep in enumerate(kept) if keep]
    return Rows(*([told[at] for at in places] for told in (rows.texts, rows.labels, rows.languages)))


def _mean(parts: Sequence[Part]) -> Part:
    """Each measure's mean over the parts that have it."""
    told = [[value for value in values if value is not None] for values in zip(*map(astuple, parts), strict=True)]
    n, *others = [fmean(values) if values else None for values in told]
    return Part(n or 0.0, *others)


def _texts(texts: Sequence[str]) -> dict[str, str]:
    return {text_hash(text): folded(text) for text in texts}


def _rows(path: Path, text: str, gold: str, language: str | None, where: Sequence[str]) -> Rows:
    texts, labels, *told = columns(path, (text, gold, *([language] if language else [])), where)
    spoken = told[0] if told else languages.settle(texts, [""] * len(texts))
    kept = sorted(row for row in zip(texts, labels, spoken, strict=True) if row[0].strip() and row[1].strip())
    if len({label for _, label, _ in kept} - {UNASSIGNED}) < 2:
        raise SourceError("there is nothing to tell apart", where=f"{path.name}, {gold}", wanted="at least two labels")
    return Rows(*map(list, zip(*kept, strict=True)))


def _no_leaf(path: Path, gold: str, strange: Collection[str], leaves: Collection[str]) -> SourceError:
    came = sorted(strange)[0]
    near = get_close_matches(came, sorted(leaves), 1, 0.0)
    return SourceError(
        "this label is no leaf of the taxonomy",
        where=f"{path.name}, {gold}",
        came=f"{came!r}" + (f" and {len(strange) - 1} others" if len(strange) > 1 else ""),
        wanted=f"ids as {near[0]!r}, or 'unassigned'",
        fix="name another column, or teach by examples with --shots",
    )
