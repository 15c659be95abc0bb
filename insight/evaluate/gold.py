"""Files whose truth is known: labelled texts, and sentences beside their translations.

Rows come in the order of their texts, so that the order in the file changes no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from insight.errors import SourceError
from insight.evaluate.base import columns

SEED = 7

SEEDS = 5
"""So many k-means and so many draws of few-shot examples; what is told is their mean."""

Examples = tuple[list[str], list[str]]
"""Texts and their labels."""


@dataclass(frozen=True)
class Labelled:
    """A file of texts and labels. `train_where` names the rows that few-shot examples are drawn from."""

    path: Path
    text: str
    gold: str
    where: tuple[str, ...] = ()
    train_where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parallel:
    """A file of sentences and their translations, in two columns."""

    path: Path
    first: str
    second: str


@dataclass(frozen=True)
class Gold:
    """A labelled file as read, rows in the order of their texts, and the examples of each draw."""

    name: str
    texts: list[str]
    labels: list[str]
    train_texts: list[str]
    draws: list[Examples]

    def every(self) -> list[str]:
        """What may be learned from: each text once."""
        return sorted({*self.texts, *self.train_texts})

    def needed(self) -> list[str]:
        """What has to be encoded."""
        return sorted({*self.texts, *(text for texts, _ in self.draws for text in texts)})


@dataclass(frozen=True)
class Pairs:
    """A parallel file as read."""

    name: str
    first: list[str]
    second: list[str]

    def every(self) -> list[str]:
        """Each sentence of both sides once."""
        return sorted({*self.first, *self.second})

    needed = every


def labelled(
    spelled: str, *, text: str = "text", gold: str = "gold", where: Sequence[str] = (), train_where: Sequence[str] = ()
) -> Labelled:
    """A labelled file as it is told on a command line: FILE, or FILE:text:gold[:column=value[:column=value]].

    The second condition names the part for training. What the spelling leaves open is told by the arguments.

    :raises SourceError: there is no such file, or it is spelled otherwise.
    """
    path, told = _path(spelled)
    if not told:
        return Labelled(path, text, gold, tuple(where), tuple(train_where))
    if not 2 <= len(told) <= 4:
        raise SourceError(
            "this is no labelled file", came=spelled, wanted="FILE or FILE:text:gold[:column=value[:column=value]]"
        )
    return Labelled(
        path,
        told[0],
        told[1],
        tuple(told[2:3]) or tuple(where),
        tuple(told[3:4]) or tuple(train_where),
    )


def parallel(spelled: str) -> Parallel:
    """A parallel file as it is told on a command line: FILE:first:second, the names of two columns.

    :raises SourceError: there is no such file, or it is spelled otherwise.
    """
    path, told = _path(spelled)
    if len(told) != 2:
        raise SourceError("this is no parallel file", came=spelled, wanted="FILE:first:second, for example FILE:en:de")
    return Parallel(path, told[0], told[1])


def read(
    sets: Sequence[Labelled], translations: Sequence[Parallel], shots: int, limit: int | None
) -> tuple[list[Gold], list[Pairs]]:
    """Every file, under a short name of its own.

    :param shots: examples of each label in a draw.
    :param limit: at most so many rows of each file, drawn by a fixed seed; a part for training stays whole.
    :raises SourceError: a file cannot be read, has no such column, or holds nothing that could be told apart.
    """
    names = _names([(one.path, one.where) for one in sets] + [(one.path, ()) for one in translations])
    golds = [_gold(one, name, shots, limit) for one, name in zip(sets, names, strict=False)]
    pairs = [_pairs(one, name, limit) for one, name in zip(translations, names[len(golds) :], strict=True)]
    return golds, pairs


def draws(texts: Sequence[str], gold: Sequence[str], shots: int, *, half: bool) -> list[Examples]:
    """For each seed a few examples of each label, without copies.

    :param shots: so many of each label, or all where it has fewer.
    :param half: at most half of each label's texts, so that others are left to be guessed.
    """
    kept: dict[str, list[str]] = {}
    for text, label in sorted(set(zip(texts, gold, strict=True))):
        kept.setdefault(label, []).append(text)
    drawn = []
    for seed in range(SEEDS):
        chance = np.random.default_rng(seed)
        rows = []
        for label, own in kept.items():
            size = min(shots, len(own) // 2 if half else len(own))
            rows += [(own[at], label) for at in chance.permutation(len(own))[:size]]
        drawn.append(([text for text, _ in rows], [label for _, label in rows]))
    return drawn


def _names(files: Sequence[tuple[Path, Sequence[str]]]) -> list[str]:
    """A short name for each file, longer only where two would be one."""
    for spelled in (
        [path.stem for path, _ in files],
        [" ".join([path.stem, *where]) for path, where in files],
        [" ".join([str(path), *where]) for path, where in files],
    ):
        if len(set(spelled)) == len(spelled):
            return spelled
    raise SourceError("a file was told twice", came=", ".join(sorted({s for s in spelled if spelled.count(s) > 1})))


def _gold(told: Labelled, name: str, shots: int, limit: int | None) -> Gold:
    texts, labels = _rows(told.path, (told.text, told.gold), told.where, limit)
    if len(set(labels)) < 2:
        raise SourceError(
            "there is nothing to tell apart",
            where=f"{told.path.name}, {told.gold}",
            came=f"{len(texts)} text(s), all labelled {labels[0]!r}",
            wanted="at least two labels",
        )
    if not told.train_where:
        return Gold(name, texts, labels, [], draws(texts, labels, shots, half=True))
    train_texts, train_labels = _rows(told.path, (told.text, told.gold), told.train_where, None)
    if not set(train_labels) & set(labels):
        raise SourceError(
            "the part for training has none of the labels", where=told.path.name, came=" and ".join(told.train_where)
        )
    return Gold(name, texts, labels, train_texts, draws(train_texts, train_labels, shots, half=False))


def _pairs(told: Parallel, name: str, limit: int | None) -> Pairs:
    first, second = _rows(told.path, (told.first, told.second), (), limit)
    if min(len(set(first)), len(set(second))) < 2:
        raise SourceError(
            "there is no translation to choose from",
            where=told.path.name,
            came=f"{len(first)} pair(s)",
            wanted="at least two different sentences in each column",
        )
    return Pairs(name, first, second)


def _rows(path: Path, names: tuple[str, str], where: Sequence[str], limit: int | None) -> tuple[list[str], list[str]]:
    """Rows without a blank cell, in the order of their texts; a drawn part of them where there is a limit."""
    found = sorted(
        pair for pair in zip(*columns(path, names, where), strict=True) if pair[0].strip() and pair[1].strip()
    )
    if not found:
        raise SourceError("every text or label is blank", where=path.name, came=" and ".join(names))
    if limit is not None and len(found) > limit:
        kept = np.random.default_rng(SEED).choice(len(found), limit, replace=False)
        found = [found[at] for at in np.sort(kept)]
    one, other = zip(*found, strict=True)
    return list(one), list(other)


def _path(spelled: str) -> tuple[Path, list[str]]:
    """The longest start that is a file, and what is told behind it; a path may hold colons."""
    parts = spelled.split(":")
    for size in range(len(parts), 0, -1):
        path = Path(":".join(parts[:size]))
        if path.is_file():
            return path, parts[size:]
    raise SourceError("there is no such file", came=spelled)
