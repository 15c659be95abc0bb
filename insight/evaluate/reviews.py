"""Which orders end in a bad review? The newer half of a file, block by block, by what was known when each block began.

Whoever trains on all orders at once lets reviews speak that were written later. So the newer half is cut into blocks of
time; each is judged by weights that knew only reviews written before it began, with a bar that was set on those alone.
Only orders that were reviewed can be measured, and only such whose review was not there yet when they were judged.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import challenger, goodness, hazard
from insight.errors import SourceError
from insight.evaluate import base, review_orders
from insight.evaluate.review_orders import BEFORE, DELIVERY, MOMENTS, OUTCOME

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEARN = 0.5
"""The oldest half of the orders is only learned from."""
BLOCKS = 4
INNER = (0.5, 0.75, 1.0)
"""Parts of what is learned from, in the order of time: the bar is set on those after the first."""
SPREAD = 0.25
"""How far a weight may lie from 0, in log-odds for one standard deviation of its sign."""
WIDE = 3.0
FEW = 200
"""Bad reviews to learn from and to measure, at least."""
FIFTH = 0.2
ENDS = (0.025, 0.975)
LOGISTIC, TREES, MEAN, RULE = "logistic", "lightgbm", "mean of both", "rule: late or not there"

ANCHORS = (
    ("Olist, random forest of a public notebook: 23 % negative, so up to 3 stars; split not verified", "f1", 0.568),
    ("the same, tuned", "f1", 0.582),
    ("IBM, escalations: recall where 4 of 5 need not be looked at", "recall_at_20", 0.80),
)
"""What others reach: what it is, which of our figures stands beside it, its value."""


@dataclass(frozen=True)
class Model:
    """One model on the measured orders; 95 % intervals over customers.

    `f1`, `precision` and `recall` are those of bad reviews at the bar; `recall_at_20` of the fifth with the highest
    scores; `f1_there` is F1 among parcels that had come when they were judged. NaN where there is none.
    """

    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    f1: float
    f1_low: float
    f1_high: float
    precision: float
    recall: float
    flagged: float
    recall_at_20: float
    lift_at_10: float
    ece: float
    f1_there: float


@dataclass(frozen=True)
class Moment:
    """One of the three moments: `judged` orders, of them `answered`; `early` ones had their review already.

    `measured` are orders of the newer half, `bad` of them badly reviewed, `not_come` of them not there when judged.
    """

    judged: int
    answered: int
    early: int
    measured: int
    bad: int
    not_come: int
    since: date
    models: Mapping[str, Model]


@dataclass(frozen=True)
class ReviewScores:
    """`response_rate`: orders with a review by orders that were judged at delivery."""

    orders: int
    unreadable: int
    response_rate: float
    wait_days: float
    worst: float
    moments: Mapping[str, Moment]
    anchors: tuple[tuple[str, str, float], ...]
    seconds: float


def orders_file(
    orders: Path,
    reviews: Path,
    items: Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    wait: float = 2.0,
    worst: float = 2.0,
    times: str = "iso",
    zone: str = "UTC",
) -> ReviewScores:
    """Measure on Parquet, CSV or TSV files of orders, of their reviews and of their lines.

    :param columns: which column means what, where it is not as in `review_orders.COLUMNS`.
    :param wait: an order that has not come so many days after the promised moment is judged then.
    :param worst: scores up to this are bad.
    :raises SourceError: a file lacks a column, or there are too few bad reviews.
    """
    began = time.perf_counter()
    told = review_orders.read(orders, reviews, items, columns=columns, worst=worst, times=times, zone=zone)
    found = {which: _moment(told.rows, which, wait, orders) for which in MOMENTS}
    shown = found[DELIVERY]
    return ReviewScores(
        orders=len(told.rows),
        unreadable=told.unreadable,
        response_rate=shown.answered / shown.judged,
        wait_days=wait,
        worst=worst,
        moments=found,
        anchors=ANCHORS,
        seconds=time.perf_counter() - began,
    )


def in_folder(folder: Path) -> tuple[Path, Path, Path | None]:
    """The files of orders, reviews and lines in a folder, by the ends of their names.

    :raises SourceError: there is none of orders or of reviews, or more than one.
    """
    orders, reviews = _only(folder, "orders"), _only(folder, "reviews")
    if orders is None or reviews is None:
        what = "orders" if orders is None else "reviews"
        raise SourceError(f"no file of {what}", where=folder.name, wanted=f"one whose name ends with {what}")
    return orders, reviews, _only(folder, "items")


def _only(folder: Path, what: str) -> Path | None:
    """The one file whose name ends so."""
    files = sorted(each for each in folder.iterdir() if each.suffix.lower() in base.READABLE)
    named = [each for each in files if each.stem.lower().endswith(what)]
    if len(named) > 1:
        came = ", ".join(each.name for each in named)
        raise SourceError(
            f"which file tells the {what}?", where=folder.name, came=came, fix="name the files themselves"
        )
    return named[0] if named else None


# ---------------------------------------------------------------- one moment


def _moment(rows: pd.DataFrame, which: str, wait: float, path: Path) -> Moment:
    at = review_orders.moment(rows, which, wait=wait)
    judged, answered = ~np.isnan(at), rows["reviewed"].notna().to_numpy()
    written = rows["reviewed"].to_numpy(dtype=np.float64)
    early = judged & answered & (written <= at) & (which != OUTCOME)
    kept = judged & answered & ~early
    known = review_orders.signs(rows, at)[kept]
    bad, whose = rows["bad"].to_numpy(dtype=object)[kept].astype(bool), rows["customer"].to_numpy(dtype=object)[kept]
    said = _blocks(known, bad, at[kept], written[kept], path)
    if which == BEFORE:
        del said.chance[RULE]  # nothing has come yet
    not_come = known["not_come"].to_numpy(dtype=bool)[said.place]
    measured = bad[said.place]
    return Moment(
        judged=int(judged.sum()),
        answered=int((judged & answered).sum()),
        early=int(early.sum()),
        measured=len(measured),
        bad=int(measured.sum()),
        not_come=int(not_come.sum()) if which != BEFORE else 0,
        since=pd.Timestamp(said.since_ms, unit="ms").date(),
        models={
            name: _figures(measured, chance, said.flagged[name], whose[said.place], not_come)
            for name, chance in said.chance.items()
        },
    )


@dataclass(frozen=True)
class _Said:
    """What was said of the measured cases: their places, and by model the chance and whether it lies above the bar."""

    place: npt.NDArray[np.int64]
    since_ms: float
    chance: dict[str, Numbers]
    flagged: dict[str, Flags]


def _blocks(known: pd.DataFrame, bad: Flags, at: Numbers, written: Numbers, path: Path) -> _Said:
    """Judge the newer half block by block. Training on the newer half's own future is impossible by construction."""
    cuts = np.quantile(at, np.linspace(LEARN, 1, BLOCKS + 1)) if len(at) else np.zeros(BLOCKS + 1)
    cuts[-1] += 1
    if bad[written < cuts[0]].sum() < FEW or bad[at >= cuts[0]].sum() < FEW:
        raise SourceError(
            "there are too few bad reviews to tell how well they are foreseen",
            where=path.name,
            came=f"{int(bad.sum())} of {len(bad)} reviews",
            wanted=f"{FEW} in each half",
        )
    x, lines = known.to_numpy(dtype=np.float64), review_orders.stepped(known).to_numpy(dtype=np.float64)
    places: list[Any] = []
    chance: dict[str, list[Numbers]] = {}
    flagged: dict[str, list[Flags]] = {}
    for since, until in pairwise(cuts):
        taught, asked = (written < since) & (at < since), (at >= since) & (at < until)
        ours = _models(x, lines, bad, taught, asked)
        bars = _bars(x, lines, bad, at, written, taught)
        places.append(np.flatnonzero(asked))
        for name, said in ours.items():
            chance.setdefault(name, []).append(said)
            flagged.setdefault(name, []).append(said >= bars[name])
    place = np.concatenate(places)
    rule = known["not_come"].to_numpy(dtype=bool)[place] | (known["late_days"].to_numpy()[place] > 1)
    every = {name: np.concatenate(parts) for name, parts in chance.items()} | {RULE: rule.astype(np.float64)}
    above = {name: np.concatenate(parts) for name, parts in flagged.items()} | {RULE: rule}
    return _Said(place, float(cuts[0]), every, above)


def _models(x: Numbers, lines: Numbers, bad: Flags, taught: Flags, asked: Flags) -> dict[str, Numbers]:
    """The chance of each asked case by models that learned from the taught ones."""
    straight = _straight(lines[taught], bad[taught], lines[asked])
    trees = challenger.fit(x[taught], bad[taught], leaf=40, seeds=(0,)).added(x[asked])
    forest = 1 / (1 + np.exp(-trees))
    return {LOGISTIC: straight, TREES: forest, MEAN: (straight + forest) / 2}


def _straight(taught: Numbers, bad: Flags, asked: Numbers) -> Numbers:
    """A hazard with one interval, which is a logistic regression, on signs brought to one spread."""
    middle, spread = taught.mean(axis=0), taught.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    prior = hazard.certain((1.0,), [0.0], np.zeros(taught.shape[1]))
    happened = np.where(bad, 0.5, np.nan)
    weight = np.array([WIDE, *[SPREAD] * taught.shape[1]])
    found = hazard.fit((taught - middle) / spread, happened, np.ones(len(taught)), prior=prior, spread=weight)
    return found.within(((asked - middle) / spread) @ found.weights, 1.0)


def _bars(x: Numbers, lines: Numbers, bad: Flags, at: Numbers, written: Numbers, taught: Flags) -> dict[str, float]:
    """By model the bar with the best F1, on cases of the training part that its weights had not seen."""
    cuts = np.quantile(at[taught], INNER)
    cuts[-1] += 1
    said: dict[str, list[Numbers]] = {}
    true: list[Flags] = []
    for since, until in pairwise(cuts):
        before, asked = taught & (written < since), taught & (at >= since) & (at < until)
        true.append(bad[asked])
        for name, each in _models(x, lines, bad, before, asked).items():
            said.setdefault(name, []).append(each)
    return {name: bar(np.concatenate(true), np.concatenate(each)) for name, each in said.items()}


def bar(bad: Any, chance: Any) -> float:
    """The chance from which on to flag, so that F1 is best; the highest of equals. Infinite where nothing is bad."""
    bad, chance = np.asarray(bad, dtype=bool), np.asarray(chance, dtype=np.float64)
    if not bad.any():
        return float("inf")
    values, place = np.unique(-chance, return_inverse=True)
    hits, flagged = np.cumsum(np.bincount(place, weights=bad)), np.cumsum(np.bincount(place))
    return float(-values[np.argmax(2 * hits / (flagged + bad.sum()))])


def f1(bad: Any, flagged: Any) -> float:
    """The harmonic mean of precision and recall of the bad ones; NaN where none is bad or flagged."""
    hits, size = np.sum(np.logical_and(bad, flagged)), np.sum(bad) + np.sum(flagged)
    return float(2 * hits / size) if size else float("nan")


def _f1_ends(bad: Flags, flagged: Flags, whose: Any) -> Numbers:
    """Its 95 % interval over draws of whole customers: F1 only needs the sums of each."""
    place = np.unique(whose, return_inverse=True)[1]
    hits, size = (np.bincount(place, weights=one) for one in (bad & flagged, bad.astype(int) + flagged))
    drawn = np.random.default_rng(goodness.SEED).integers(0, len(hits), (goodness.DRAWS, len(hits)))
    return np.asarray(np.quantile(2 * hits[drawn].sum(axis=1) / size[drawn].sum(axis=1), ENDS))


def _figures(bad: Flags, chance: Numbers, flagged: Flags, whose: Any, not_come: Flags) -> Model:
    ranked = np.quantile(goodness.over_customers(goodness.auc, whose, bad, chance), ENDS)
    both = _f1_ends(bad, flagged, whose)
    hits = int((bad & flagged).sum())
    return Model(
        auc=goodness.auc(bad, chance),
        auc_low=float(ranked[0]),
        auc_high=float(ranked[1]),
        average_precision=goodness.average_precision(bad, chance),
        f1=f1(bad, flagged),
        f1_low=float(both[0]),
        f1_high=float(both[1]),
        precision=hits / int(flagged.sum()) if flagged.any() else float("nan"),
        recall=hits / int(bad.sum()),
        flagged=float(flagged.mean()),
        recall_at_20=goodness.lift(bad, chance, FIFTH) * FIFTH,
        lift_at_10=goodness.lift(bad, chance),
        ece=goodness.calibration_error(bad, chance),
        f1_there=f1(bad[~not_come], flagged[~not_come]),
    )
