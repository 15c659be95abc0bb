"""How well does a file tell who comes back about the same issue? A split by time, and everything as of the moment.

The last fifth of the days whose window has passed is the test, touched once. Training ends a window before it begins.
Which signs the hazard looks at, whether LightGBM may speak and whether chances are stretched is decided by weeks inside
the training part, each predicted from what had ended a window before it (a purged rolling backtest).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import challenger, goodness, hazard
from insight.errors import SourceError
from insight.evaluate import risk_cases, risk_signs
from insight.evaluate.risk_cases import DAY_MS, Contacts, Told
from insight.evaluate.risk_signs import Diet
from insight.hazard import Hazard
from insight.risks.base import Cases

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WINDOW = 7.0
OTHERS = (1.0, 3.0, 14.0, 30.0)
TEST = 0.2
"""The share of the judged days that is the test."""
WEEKS = 4
"""Spans of the backtest; together they are `BACK` of the training days."""
BACK = 0.6
LEAST = 28
"""Days of contacts that a measure needs at least, beside two windows."""
FEW = 20
"""Fewer cases that came back than this tell nothing."""
CURVE = 5.0
SPREAD = 0.05
"""How far the weight of a sign, in standard deviations of the sign, may move from where it began."""
FAR = 4.0
"""A sign counts as so many standard deviations at most."""
SHUFFLES = 5
FIRST, RETURNING = "first contact in 30 days", "returning"
HAZARD, CHALLENGER, BOTH = "hazard", "challenger", "both"
SUSPICIOUS = 0.85
LEAK = "treated as a leak until disproved: nothing but who, what and when should not tell so much"
ANCHORS: Mapping[str, Mapping[str, float]] = {
    "count of the customer's contacts about the issue in 30 days": {"auc": 0.705, "lift_at_10": 3.23},
    "scorecard set by hand": {"auc": 0.684, "lift_at_10": 2.46, "average_precision": 0.317, "ece": 0.040},
    "logistic": {"auc": 0.739, "lift_at_10": 3.08, "average_precision": 0.484, "ece": 0.021},
    "LightGBM": {"auc": 0.723, "lift_at_10": 3.08, "average_precision": 0.484, "ece": 0.011},
    "hazard of LightGBM, newer window": {"auc": 0.754, "lift_at_10": 3.08, "ece": 0.022},
}
"""Measured on the whole of the UCI log of incidents (24,918 of 5,244 callers, March to May 2016) by time splits."""


@dataclass(frozen=True)
class Group:
    """Some of the cases of the test: how many, how many came back, and how well they are ranked."""

    cases: int
    events: int
    auc: float


@dataclass(frozen=True)
class Reach:
    """Another window of the same curve; `by` says on which cases: of the test, or, if it is too young, the backtest."""

    cases: int
    events: int
    auc: float
    ece: float
    by: str


@dataclass(frozen=True)
class Way:
    """A way that the backtest weighed: its figures there, and its gain over the hazard with a 95 % interval."""

    auc: float
    lift_at_10: float
    ece: float
    log_loss: float
    gain: float
    gain_low: float
    gain_high: float


@dataclass(frozen=True)
class RiskScores:
    """What came of it. Figures are of the test, shares of 1; intervals are of 95 %, drawn over customers.

    `unmatured` cases were resolved less than the window before the file ends, and enter no figure; `purged` ones lie
    in the window before the test. `baseline` is the count of the customer's other contacts about the issue in 30 days,
    `logistic` the hazard alone, `challenger` LightGBM alone, and `speaks` which of the ways the score is.
    `shuffled_auc` is what is left where who came back is dealt out anew, the mean of some deals.
    """

    window_days: float
    auc: float
    auc_low: float
    auc_high: float
    lift_at_10: float
    lift_low: float
    lift_high: float
    ece: float
    average_precision: float
    observed_by_expected: float
    baseline_auc: float
    baseline_lift_at_10: float
    beyond_baseline: float
    beyond_baseline_low: float
    beyond_baseline_high: float
    logistic_auc: float
    logistic_lift_at_10: float
    logistic_ece: float
    challenger_auc: float
    challenger_lift_at_10: float
    challenger_ece: float
    promoted: bool
    speaks: str
    stretched: bool
    signs: str
    shuffled_auc: float
    first: Group
    returning: Group
    windows: dict[str, Reach]
    ways: dict[str, Way]
    warning: str | None
    contacts: int
    cases: int
    matured: int
    unmatured: int
    purged: int
    trained_on: int
    train_events: int
    test_cases: int
    test_events: int
    base_rate: float
    train_from: str
    test_from: str
    test_to: str
    left_out: dict[str, int]
    columns_used: list[str]
    columns_left: dict[str, str]
    anchors: dict[str, dict[str, float]]
    seconds: float


def risk_file(path: Path, told: Told, *, events: Path | None = None, where: Sequence[str] = ()) -> RiskScores:
    """Measure repeat contact on a Parquet, CSV or TSV file with one row per contact.

    :param events: a file of the same kind with the states through which contacts went.
    :raises SourceError: the file cannot be used, or is too short.
    :raises LeakError: a column knows what came later.
    """
    began = time.perf_counter()
    contacts = risk_cases.read(path, told, events, where)
    return measure(contacts, name=path.name, began=began)


def measure(contacts: Contacts, *, name: str = "the file", began: float | None = None) -> RiskScores:
    """The same for contacts that were read already."""
    began = time.perf_counter() if began is None else began
    field = Field.make(contacts, name)
    trials = _backtest(field)
    picked = _picked(field, trials)
    final = _final(field, picked.signs)
    return _scores(field, trials, picked, final, began)


@dataclass(frozen=True)
class Field:
    """All cases with their signs, what came of them, and how time is cut.

    `x` (n, p) signs in the order of `names`; `cut_ms` where the test begins; `spans` of the backtest.
    """

    contacts: Contacts
    names: tuple[str, ...]
    x: Numbers
    about: pd.DataFrame
    cut_ms: int
    end_ms: int
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def make(cls, contacts: Contacts, name: str, dice: np.random.Generator | None = None) -> Field:
        """:raises SourceError: the contacts are too few or of too few days."""
        end = contacts.end_ms - int(WINDOW * DAY_MS)
        days = (end - contacts.start_ms) // DAY_MS
        if days < LEAST:
            raise SourceError(
                "cannot tell who comes back in so short a time",
                where=name,
                came=f"{(contacts.end_ms - contacts.start_ms) // DAY_MS} days",
                wanted=f"{LEAST + int(WINDOW)} days or more",
            )
        cases, about = risk_signs.cases(risk_signs.Histories.make(contacts, WINDOW, dice))
        names, x = matrix(cases)
        cut = end - max(round(days * TEST), int(WINDOW)) * DAY_MS
        last = cut - int(WINDOW * DAY_MS)
        width = max(int((last - contacts.start_ms) // DAY_MS * BACK / WEEKS), 2) * DAY_MS
        spans = tuple((last - (k + 1) * width, last - k * width) for k in reversed(range(WEEKS)))
        field = cls(contacts, names, x, about, cut, end, spans)
        for what, rows in (("to learn from", field.judged(contacts.start_ms, last)), ("to test on", field.test)):
            found = int(field.back[rows].sum())
            if found < FEW or found == rows.sum():
                raise SourceError(
                    f"cannot tell who comes back: too few cases {what}",
                    where=name,
                    came=f"{int(rows.sum())} cases, {found} of them came back",
                    wanted=f"{FEW} or more that came back, and some that did not",
                )
        return field

    @property
    def at_ms(self) -> npt.NDArray[np.int64]:
        """When each case is looked at."""
        return np.asarray(self.about["at_ms"], dtype=np.int64)

    @property
    def days(self) -> Numbers:
        """Days to the event; NaN for none."""
        return np.asarray(self.about["days"], dtype=np.float64)

    @property
    def back(self) -> Flags:
        """Who came back within the window."""
        return self.days <= WINDOW

    @property
    def customer(self) -> npt.NDArray[np.int64]:
        """Whose case it is."""
        return np.asarray(self.about["customer"], dtype=np.int64)

    @property
    def test(self) -> Flags:
        """Cases that no decision has seen."""
        return self.judged(self.cut_ms, self.end_ms)

    def judged(self, since_ms: int, until_ms: int) -> Flags:
        """Cases at a first resolution in a span of time."""
        return np.asarray(self.about["judged"], dtype=bool) & (self.at_ms >= since_ms) & (self.at_ms < until_ms)

    def learnt(self, cut_ms: int) -> Flags:
        """Cases whose window had passed by a moment: the others would know what came after it."""
        return np.asarray(self.at_ms + int(WINDOW * DAY_MS) <= cut_ms)

    def watched(self, rows: Flags, cut_ms: int) -> tuple[Numbers, Numbers]:
        """Days to the event and days watched, as they were at a moment."""
        seen = (cut_ms - self.at_ms[rows]) / DAY_MS
        days = self.days[rows]
        return np.where(days <= seen, days, np.nan), seen


def matrix(cases: Cases) -> tuple[tuple[str, ...], Numbers]:
    """The names of the signs and their values (n, p).

    :raises LeakError: a sign knows what came after the moment of the score; names the sign.
    """
    cases = cases.checked("repeat contact")
    return tuple(cases.signs), np.column_stack([sign.values for sign in cases.signs.values()])


# ---------------------------------------------------------------- the hazard


@dataclass(frozen=True)
class Line:
    """A hazard on standardised signs: which of them, and how they are scaled."""

    columns: npt.NDArray[np.int64]
    middle: Numbers
    scale: Numbers
    hazard: Hazard

    def standard(self, x: Numbers) -> Numbers:
        """The signs in standard deviations, none further out than `FAR`."""
        return np.asarray(np.clip((x[:, self.columns] - self.middle) / self.scale, -FAR, FAR), dtype=np.float64)

    def added(self, x: Numbers) -> Numbers:
        """Log-odds that the signs add: the exact sum of `reasons`."""
        return np.asarray(self.reasons(x).sum(axis=1), dtype=np.float64)

    def reasons(self, x: Numbers) -> Numbers:
        """What each sign adds, (n, p)."""
        return np.asarray(self.standard(x) * self.hazard.weights, dtype=np.float64)


def fit_line(field: Field, cut_ms: int, diet: Diet) -> Line:
    """The hazard of what was known at a moment."""
    columns = np.array([k for k, name in enumerate(field.names) if name.startswith(diet.prefixes)])
    rows = field.learnt(cut_ms)
    x = field.x[rows][:, columns]
    scale = x.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    means = np.array([risk_signs.EXPECTED.get(field.names[k], 0.0) for k in columns]) * scale
    happened, seen = field.watched(rows, cut_ms)
    weight = None if diet.memory is None else np.exp((field.at_ms[rows] - cut_ms) / DAY_MS / diet.memory)
    k = len(hazard.DAYS)
    prior = hazard.certain(hazard.DAYS, np.full(k, -4.0), means)
    line = Line(columns, x.mean(axis=0), scale, prior)
    spread = np.concatenate([np.full(k, CURVE), np.full(len(columns), SPREAD)])
    found = hazard.fit(line.standard(field.x[rows]), happened, seen, prior=prior, spread=spread, weight=weight)
    return Line(columns, line.middle, scale, found)


def fit_forests(field: Field, cut_ms: int) -> challenger.Forests:
    """The challenger on the same cases and all signs."""
    rows = field.learnt(cut_ms)
    rising = [
        1 if name.startswith(risk_signs.RISING) else -1 if name.startswith(risk_signs.FALLING) else 0
        for name in field.names
    ]
    leaf = max(10, min(challenger.LEAF, int(rows.sum()) // 50))
    return challenger.fit(field.x[rows], field.back[rows], rising=rising, leaf=leaf)


# ---------------------------------------------------------------- the backtest


@dataclass(frozen=True)
class Trials:
    """Cases of the backtest, what came of them, and the log-odds within the window that each way gave them."""

    rows: npt.NDArray[np.int64]
    span: npt.NDArray[np.int64]
    back: Flags
    lines: Mapping[str, Numbers]
    forests: Numbers
    hazards: Mapping[str, Sequence[Line]]


@dataclass(frozen=True)
class Picked:
    """What the backtest decided: signs of the hazard, which way speaks, and how its log-odds are stretched."""

    signs: str
    speaks: str
    ways: dict[str, Way]
    logits: dict[str, Numbers]
    base: float
    slope: float


def _backtest(field: Field) -> Trials:
    rows, spans, forests = [], [], []
    lines: dict[str, list[Numbers]] = {name: [] for name in risk_signs.DIETS}
    hazards: dict[str, list[Line]] = {name: [] for name in risk_signs.DIETS}
    for number, (since, until) in enumerate(field.spans):
        here = np.flatnonzero(field.judged(since, until))
        if not field.back[field.learnt(since)].any() or not field.back[here].any() or field.back[here].all():
            continue
        rows.append(here)
        spans.append(np.full(len(here), number))
        forests.append(fit_forests(field, since).added(field.x[here]))
        for name, diet in risk_signs.DIETS.items():
            line = fit_line(field, since, diet)
            hazards[name].append(line)
            lines[name].append(logit(line.hazard.within(line.added(field.x[here]), WINDOW)))
    if not rows:
        raise SourceError("cannot weigh anything: no span of the training part has cases that came back")
    together = np.concatenate(rows)
    return Trials(
        together,
        np.concatenate(spans),
        field.back[together],
        {name: np.concatenate(one) for name, one in lines.items()},
        np.concatenate(forests),
        hazards,
    )


def by_span(back: Any, odds: Any, span: Any) -> float:
    """The mean AUC over spans, each by itself: a rate that drifts shall not look like skill."""
    found = [goodness.auc(back[span == one], odds[span == one]) for one in np.unique(span)]
    return float(np.nanmean(found))


def _picked(field: Field, trials: Trials) -> Picked:
    """The hazard with the best mean AUC; another way only where the lower end of its gain is above zero."""
    scores = {name: by_span(trials.back, odds, trials.span) for name, odds in trials.lines.items()}
    signs = max(scores, key=lambda name: scores[name])
    line = trials.lines[signs]
    logits = {HAZARD: line, CHALLENGER: trials.forests, BOTH: (line + trials.forests) / 2}
    whose = field.customer[trials.rows]
    ways = {name: _way(trials, odds, line, whose) for name, odds in logits.items()}
    won = [name for name, way in ways.items() if name != HAZARD and way.gain_low > 0]
    speaks = max(won, key=lambda name: ways[name].auc) if won else HAZARD
    base, slope = _stretch(trials, logits[speaks])
    return Picked(signs, speaks, ways, logits, base, slope)


def _way(trials: Trials, odds: Numbers, line: Numbers, whose: Any) -> Way:
    chance = probability(odds)
    gain, low, high = 0.0, 0.0, 0.0
    if odds is not line:
        gain = by_span(trials.back, odds, trials.span) - by_span(trials.back, line, trials.span)
        low, high = _gain_ends(trials, np.column_stack([odds, line]), whose)
    spans = [trials.span == one for one in np.unique(trials.span)]
    return Way(
        by_span(trials.back, odds, trials.span),
        float(np.mean([goodness.lift(trials.back[s], odds[s]) for s in spans])),
        float(np.mean([goodness.calibration_error(trials.back[s], chance[s]) for s in spans])),
        log_loss(trials.back, odds),
        gain,
        low,
        high,
    )


def _gain_ends(trials: Trials, both: Numbers, whose: Any) -> tuple[float, float]:
    """The 95 % interval of the gain of one score over the other, drawn over customers, the mean over spans."""

    def gain(back: Any, one: Any, other: Any, span: Any) -> float:
        return by_span(back, one, span) - by_span(back, other, span)

    draws = goodness.over_customers(gain, whose, trials.back, *both.T, trials.span)
    low, high = np.nanpercentile(draws, (2.5, 97.5))
    return float(low), float(high)


def _stretch(trials: Trials, odds: Numbers) -> tuple[float, float]:
    """Base and slope for log-odds, where those of the earlier spans make the last span's chances closer; else none."""
    last = trials.span == trials.span.max()
    if last.all():
        return 0.0, 1.0
    base, slope = stretch(odds[~last], trials.back[~last])
    chance = probability(base + slope * odds[last])
    if goodness.brier(trials.back[last], chance) >= goodness.brier(trials.back[last], probability(odds[last])):
        return 0.0, 1.0
    return stretch(odds, trials.back)


def stretch(odds: Numbers, back: Flags) -> tuple[float, float]:
    """The base and the slope that make log-odds fit what came, drawn to 0 and 1: a logistic regression on one sign.

    Source: J. Platt (1999), Probabilistic outputs for support vector machines, on log-odds.
    """
    at = np.where(back, 0.5, np.nan)
    prior = hazard.certain((1.0,), np.zeros(1), np.ones(1))
    found = hazard.fit(odds[:, None], at, np.ones(len(odds)), prior=prior, spread=np.array([1.0, 0.3]))
    return float(found.curve[0]), float(found.weights[0])


def logit(chance: Numbers) -> Numbers:
    """Log-odds of chances; none is quite 0 or 1."""
    inside = np.clip(chance, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)


def probability(odds: Numbers) -> Numbers:
    """Chances of log-odds."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


def log_loss(back: Flags, odds: Numbers) -> float:
    """The mean surprise in nats."""
    return float(np.mean(np.logaddexp(0, odds) - np.where(back, odds, 0.0)))


# ---------------------------------------------------------------- the test


@dataclass(frozen=True)
class Final:
    """Both ways, fitted on the whole training part, and the log-odds within the window of the cases of the test."""

    line: Line
    forests: challenger.Forests
    rows: npt.NDArray[np.int64]
    logits: dict[str, Numbers]


def _final(field: Field, signs: str) -> Final:
    line, forests = fit_line(field, field.cut_ms, risk_signs.DIETS[signs]), fit_forests(field, field.cut_ms)
    rows = np.flatnonzero(field.test)
    odds = logit(line.hazard.within(line.added(field.x[rows]), WINDOW))
    other = forests.added(field.x[rows])
    return Final(line, forests, rows, {HAZARD: odds, CHALLENGER: other, BOTH: (odds + other) / 2})


def other_window(curve: Hazard, odds: Numbers, days: float) -> Numbers:
    """The chance within other days that the same curve gives to cases with these log-odds within the window."""
    grid = np.linspace(-15, 15, 6001)
    within = logit(curve.within(grid, WINDOW))
    return curve.within(np.interp(odds, within, grid), days)


def _reach(field: Field, trials: Trials, picked: Picked, final: Final, days: float) -> Reach:
    """A window on the test, or, where none of its cases was watched so long, on the backtest."""
    rows, by = final.rows, "test"
    chance = other_window(final.line.hazard, picked.base + picked.slope * final.logits[picked.speaks], days)
    if not _seen(field, rows, days).any():
        rows, by = trials.rows, "backtest"
        odds = picked.base + picked.slope * picked.logits[picked.speaks]
        chance = np.empty(len(rows))
        for line, one in zip(trials.hazards[picked.signs], np.unique(trials.span), strict=True):
            here = trials.span == one
            chance[here] = other_window(line.hazard, odds[here], days)
    seen = _seen(field, rows, days)
    back = field.days[rows] <= days
    ece = goodness.calibration_error(back[seen], chance[seen])
    return Reach(int(seen.sum()), int(back[seen].sum()), goodness.auc(back[seen], chance[seen]), ece, by)


def _seen(field: Field, rows: Any, days: float) -> Flags:
    return np.asarray(field.at_ms[rows] + days * DAY_MS <= field.contacts.end_ms)


def shuffled(contacts: Contacts, signs: str, name: str) -> float:
    """The mean AUC of the hazard on deals of who came back: learnt and judged on labels that say nothing."""
    found = []
    for seed in range(SHUFFLES):
        field = Field.make(contacts, name, np.random.default_rng(seed))
        line = fit_line(field, field.cut_ms, risk_signs.DIETS[signs])
        found.append(goodness.auc(field.back[field.test], line.added(field.x[field.test])))
    return float(np.mean(found))


def _group(back: Flags, odds: Numbers, rows: Any) -> Group:
    return Group(int(rows.sum()), int(back[rows].sum()), goodness.auc(back[rows], odds[rows]))


def _scores(field: Field, trials: Trials, picked: Picked, final: Final, began: float) -> RiskScores:
    rows = final.rows
    back = field.back[rows]
    odds = picked.base + picked.slope * final.logits[picked.speaks]
    fresh = np.asarray(field.about["any_30"] == 0)[rows]
    figures = _ours(field, rows, odds) | _others(field, final) | _counts(field, rows)
    auc = goodness.auc(back, odds)
    contacts = field.contacts
    return RiskScores(
        window_days=WINDOW,
        auc=auc,
        **figures,
        promoted=picked.speaks != HAZARD,
        speaks=picked.speaks,
        stretched=picked.slope != 1.0,
        signs=picked.signs,
        shuffled_auc=shuffled(contacts, picked.signs, "labels dealt out anew"),
        first=_group(back, odds, fresh),
        returning=_group(back, odds, ~fresh),
        windows={f"{days:.0f}": _reach(field, trials, picked, final, days) for days in OTHERS},
        ways=picked.ways,
        warning=LEAK if auc > SUSPICIOUS else None,
        left_out=dict(contacts.left_out),
        columns_used=sorted(contacts.columns),
        columns_left=dict(contacts.columns_left),
        anchors={name: dict(told) for name, told in ANCHORS.items()},
        seconds=time.perf_counter() - began,
    )


def _ours(field: Field, rows: Any, odds: Numbers) -> dict[str, Any]:
    """What the score reaches on the test, and how far beyond the single count."""
    back, whose = field.back[rows], field.customer[rows]
    count, chance = _count(field, rows), probability(odds)

    def ends(measure: Any, *columns: Any) -> tuple[float, float]:
        low, high = np.nanpercentile(goodness.over_customers(measure, whose, *columns), (2.5, 97.5))
        return float(low), float(high)

    def beyond(b: Any, one: Any, other: Any) -> float:
        return goodness.auc(b, one) - goodness.auc(b, other)

    auc_ends, lift_ends = ends(goodness.auc, back, odds), ends(goodness.lift, back, odds)
    gained = ends(beyond, back, odds, count)
    return {
        "auc_low": auc_ends[0],
        "auc_high": auc_ends[1],
        "lift_at_10": goodness.lift(back, odds),
        "lift_low": lift_ends[0],
        "lift_high": lift_ends[1],
        "ece": goodness.calibration_error(back, chance),
        "average_precision": goodness.average_precision(back, odds),
        "observed_by_expected": float(back.sum() / chance.sum()),
        "beyond_baseline": beyond(back, odds, count),
        "beyond_baseline_low": gained[0],
        "beyond_baseline_high": gained[1],
    }


def _others(field: Field, final: Final) -> dict[str, float]:
    """The single count, the hazard and the challenger, each alone, on the test."""
    back = field.back[final.rows]
    count = _count(field, final.rows)
    found = {"baseline_auc": goodness.auc(back, count), "baseline_lift_at_10": goodness.lift(back, count)}
    for name, way in (("logistic", HAZARD), ("challenger", CHALLENGER)):
        odds = final.logits[way]
        found[f"{name}_auc"] = goodness.auc(back, odds)
        found[f"{name}_lift_at_10"] = goodness.lift(back, odds)
        found[f"{name}_ece"] = goodness.calibration_error(back, probability(odds))
    return found


def _count(field: Field, rows: Any) -> Numbers:
    """Other contacts of the customer about the issue in the 30 days before."""
    return np.asarray(field.about["same_30"].iloc[rows], dtype=np.float64)


def _counts(field: Field, rows: Any) -> dict[str, Any]:
    """How many cases stand where."""
    judged = np.asarray(field.about["judged"], dtype=bool)
    learnt = field.learnt(field.cut_ms) & judged
    matured = int((judged & (field.at_ms < field.end_ms)).sum())
    back = field.back
    return {
        "contacts": len(field.contacts.customer),
        "cases": int(judged.sum()),
        "matured": matured,
        "unmatured": int(judged.sum()) - matured,
        "purged": int((judged & ~learnt & (field.at_ms < field.cut_ms)).sum()),
        "trained_on": int(learnt.sum()),
        "train_events": int(back[learnt].sum()),
        "test_cases": len(rows),
        "test_events": int(back[rows].sum()),
        "base_rate": float(back[rows].mean()),
        "train_from": _day(field.contacts.start_ms),
        "test_from": _day(field.cut_ms),
        "test_to": _day(field.end_ms),
    }


def _day(moment_ms: int) -> str:
    return str(pd.Timestamp(moment_ms, unit="ms").date())
