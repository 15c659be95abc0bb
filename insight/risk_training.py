"""Which weights speak for a risk head: learned from its matured cases, measured on cases that came after them.

Matured cases are cut by time: the oldest two fifths are only learned from; of the rest, each of four folds is scored by
weights that knew only what was known when the fold began (a fate that was still open then is open to them). So nothing
that is measured was seen before, and no window reaches into a fold: a purged rolling backtest. What ships are the
weights of the newest fold: exactly those that were measured there.

- scorecard: the card's points, while fewer than `LEAST` cases with the outcome can be learned from.
- blend: the card is the prior, own cases move it.
- own: a prior so wide that own cases decide. It replaces the blend only with `ENOUGH` matured cases with the outcome,
  an AUC surely above the scorecard's, and no worse calibration.
- What an earlier run learned stays where what is learned now is surely worse on the newest fold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import challenger, goodness, hazard
from insight.hazard import Hazard
from insight.risk_scoring import (
    DAY_MS,
    GROUPS,
    Card,
    Model,
    after,
    card,
    chances,
    from_rows,
    matrix,
    matured,
    scorecard,
    shifts,
)
from insight.risks.base import Cases, Head

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Moments = npt.NDArray[np.int64]

STARTS = (0.4, 0.55, 0.7, 0.85)
"""Where the folds begin: shares of the matured cases in the order of time."""
LEAST = 30
ENOUGH = 300
WIDE = 3.0
"""Standard deviation of a prior that leaves the word to the cases, in log-odds."""
TAIL = 0.025
MOST_SHIFT = 3.0


@dataclass(frozen=True)
class Fold:
    """A stretch of time whose matured cases are measured: who they are, and the models learned before it began."""

    begins_ms: int
    tested: Flags
    blend: Model
    own: Model
    events: int


@dataclass(frozen=True)
class Measured:
    """Matured cases that were scored by weights from before them, in the order of the cases.

    `place` (m,) are their rows; `chance` is of who speaks and `card` of the scorecard, both (m,).
    """

    place: Moments
    happened: Flags
    customers: npt.NDArray[np.object_]
    chance: Numbers
    card: Numbers


@dataclass(frozen=True)
class Trained:
    """What weights were learned from: first day, first day after, matured cases, and those with the outcome."""

    since: dt.date | None = None
    until: dt.date | None = None
    cases: int = 0
    events: int = 0


@dataclass(frozen=True)
class Learned:
    """What speaks for a head, why, what it learned from, and the cases on which it was measured."""

    model: Model
    because: str
    errors: Mapping[str, float]
    trained: Trained
    tested: Measured
    trees: tuple[float, float] | None = None
    """AUC of boosted trees above that of who speaks, and the lower end of its 95 % interval; none where too few."""


def known(head: Head, rows: pd.DataFrame) -> Flags:
    """Cases that may be measured: watched over the whole window, and answered where an answer is needed."""
    return np.asarray(matured(head, rows) & rows["answered"].to_numpy(dtype=bool), dtype=np.bool_)


def learn(head: Head, cases: Cases, before: pd.DataFrame, cards: pd.DataFrame, *, zone: ZoneInfo) -> Learned:
    """Choose the weights of a head.

    :param before: rows of risk_weights as the last run left them. :param cards: of risk_cards.
    :param zone: the business time zone, in which days begin.
    """
    shown, rows = card(head), cases.rows
    x, usable = matrix(cases, shown), known(head, rows)
    plain = scorecard(shown)
    folds = _folds(head, shown, x, rows, usable)
    if not folds or folds[-1].events < LEAST:
        tested = _tested(head, [(usable, plain)], plain, x, rows)
        return Learned(plain, "too few", {}, Trained(), tested)
    folds = [fold for fold in folds if fold.events >= LEAST]  # in the others only the card could speak
    blend, own = (
        _tested(head, [(f.tested, getattr(f, way)) for f in folds], plain, x, rows) for way in ("blend", "own")
    )
    last = folds[-1]
    model, because = _who_speaks(blend, own, last)
    tested = own if model is last.own else blend
    trained = _trained_on(head, rows, last.begins_ms, zone)
    earlier = _earlier(head, shown, before, cards, day(last.begins_ms, zone))
    if earlier is not None and _surely_worse(head, model, earlier[0], x, rows, last.tested):
        speaks = [*((f.tested, getattr(f, model.speaks)) for f in folds[:-1]), (last.tested, earlier[0])]
        tested = _tested(head, speaks, plain, x, rows)
        return Learned(earlier[0], "worse than before", {}, earlier[1], tested, _trees(head, x, rows, folds, tested))
    trees = _trees(head, x, rows, folds, tested)
    return Learned(model, because, _errors(head, model, rows, last), trained, tested, trees)


# ---------------------------------------------------------------- folds of time


def _folds(head: Head, shown: Card, x: Numbers, rows: pd.DataFrame, usable: Flags) -> list[Fold]:
    """The folds, oldest first; one that begins together with the next is left out."""
    moment = rows["scored_ms"].to_numpy(dtype=np.int64)
    times = np.sort(moment[usable])
    if not len(times):
        return []
    starts = sorted({int(times[int(share * len(times))]) for share in STARTS} - {int(times[0])})
    ends = [*starts[1:], int(times[-1]) + 1]
    return [
        _fold(head, shown, x, rows, usable & (moment >= begins) & (moment < ends), begins)
        for begins, ends in zip(starts, ends, strict=True)
    ]


def _fold(head: Head, shown: Card, x: Numbers, rows: pd.DataFrame, tested: Flags, begins_ms: int) -> Fold:
    wide = replace(shown.prior, error=np.full_like(shown.prior.error, WIDE))
    over = _over(head, rows, begins_ms)
    events = int((over & (after(rows, "event_ms") <= head.window)).sum())
    if events < LEAST:
        plain = scorecard(shown)
        return Fold(begins_ms, tested, plain, plain, events)
    blend = Model(shown, "blend", fitted(head, shown.prior, x, rows, begins_ms))
    own = Model(shown, "own", fitted(head, wide, x, rows, begins_ms))
    blend, own = (recalibrated(head, model, x, rows, begins_ms) for model in (blend, own))
    return Fold(begins_ms, tested, blend, own, events)


def fitted(head: Head, prior: Hazard, x: Numbers, rows: pd.DataFrame, until_ms: int) -> Hazard:
    """The hazard that is learned from what was known at a moment. The prior's error is how far cases may move it."""
    early = (rows["scored_ms"].to_numpy(dtype=np.int64) < until_ms) & rows["answered"].to_numpy(dtype=bool)
    days, seen = _fate(head, rows[early], until_ms)
    return hazard.fit(x[early], days, seen, prior=prior, spread=prior.error)


def _fate(head: Head, rows: pd.DataFrame, until_ms: int) -> tuple[Numbers, Numbers]:
    """Days until it happened, and days watched, as known at a moment.

    A case is watched up to the end of an interval only: an interval that is still open would count those to whom it
    happened early, and not those to whom it has not happened yet.
    """
    moment = rows["scored_ms"].to_numpy(dtype=np.int64)
    days = np.minimum(rows["seen_ms"].to_numpy(dtype=np.int64), until_ms) - moment
    ends = np.array([0.0, *head.ends])
    seen = ends[np.searchsorted(ends, days / DAY_MS, side="right").clip(1) - 1]
    event = after(rows, "event_ms")
    return np.where(event <= seen, event, np.nan), seen


def _over(head: Head, rows: pd.DataFrame, until_ms: int) -> Flags:
    """Cases that may be measured, and whose window was over by a moment."""
    moment = rows["scored_ms"].to_numpy(dtype=np.int64)
    return np.asarray(known(head, rows) & (moment + head.window * DAY_MS <= until_ms), dtype=np.bool_)


def _trained_on(head: Head, rows: pd.DataFrame, until_ms: int, zone: ZoneInfo) -> Trained:
    """What was learned from up to a moment."""
    over = _over(head, rows, until_ms)
    events = int((after(rows[over], "event_ms") <= head.window).sum())
    since_ms = int(rows["scored_ms"].to_numpy(dtype=np.int64)[over].min(initial=until_ms))
    return Trained(day(since_ms, zone), day(until_ms - 1, zone) + dt.timedelta(days=1), int(over.sum()), events)


def day(ms: int, zone: ZoneInfo) -> dt.date:
    """The day of a moment on the clock of the business."""
    return dt.datetime.fromtimestamp(ms / 1000, tz=zone).date()


# ---------------------------------------------------------------- markets and languages


def recalibrated(head: Head, model: Model, x: Numbers, rows: pd.DataFrame, until_ms: int) -> Model:
    """The model with a shift of its base for each market and language whose chances were off in what it learned from.

    First markets, then languages, each with at least `goodness.FEW` cases with the outcome. So a shift is learned on
    cases before those on which it is judged.
    """
    over = _over(head, rows, until_ms)
    mine, signs = rows[over], x[over] @ model.hazard.weights
    happened = after(mine, "event_ms") <= head.window
    groups: dict[str, float] = {}
    for part in GROUPS:
        values = mine[part].to_numpy(dtype=object)
        found = {}
        for value in sorted(set(values)):
            of = values == value
            shift = _shift(head, model.hazard, signs[of] + shifts(mine[of], groups), happened[of])
            if shift is not None:
                found[f"{part}={value}"] = shift
        groups |= found
    return replace(model, groups=groups)


def _shift(head: Head, of: Hazard, added: Numbers, happened: Flags) -> float | None:
    """What must be added so that as many are expected as came; none where too few came, or chances are not off."""
    off = goodness.observed_by_expected(happened, of.within(added, head.window))
    if off.verdict in ("too few", "calibrated") or off.low <= 1 <= off.high:
        return None
    low, high = -MOST_SHIFT, MOST_SHIFT
    for _ in range(60):
        middle = (low + high) / 2
        if float(of.within(added + middle, head.window).sum()) < off.events:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _errors(head: Head, model: Model, rows: pd.DataFrame, fold: Fold) -> dict[str, float]:
    """By group, about how uncertain its shift is: one by the root of its cases with the outcome."""
    bad = rows[_over(head, rows, fold.begins_ms) & (after(rows, "event_ms") <= head.window)]
    counts = {term: int(bad[term.partition("=")[0]].eq(term.partition("=")[2]).sum()) for term in model.groups}
    return {term: float(1 / np.sqrt(max(count, 1))) for term, count in counts.items()}


# ---------------------------------------------------------------- who speaks


def _tested(head: Head, parts: list[tuple[Flags, Model]], plain: Model, x: Numbers, rows: pd.DataFrame) -> Measured:
    """Matured cases with the chances that their fold's model gives them."""
    chance = np.full(len(rows), np.nan)
    for tested, model in parts:
        chance[tested] = chances(head, model, x[tested], rows[tested])
    place = np.flatnonzero(~np.isnan(chance))
    mine = rows.iloc[place]
    return Measured(
        place,
        np.asarray(after(mine, "event_ms") <= head.window, dtype=np.bool_),
        mine["customer_key"].to_numpy(dtype=object),
        chance[place],
        chances(head, plain, x[place], mine),
    )


def _who_speaks(blend: Measured, own: Measured, last: Fold) -> tuple[Model, str]:
    """The blend, or the model of the shop's own cases, and why."""
    if last.events < ENOUGH:
        return last.blend, "too few"
    if not gain(own)[1] > 0 or log_loss(own).mean() > log_loss(blend).mean():
        return last.blend, "no gain"
    if _holds_less(own, blend):
        return last.blend, "worse calibration"
    return last.own, "gain"


def _holds_less(own: Measured, blend: Measured) -> bool:
    """Whether chances of own cases alone hold less: surely a larger error, or off as a whole where the blend's hold.

    Of two errors that differ by chance only, one is always the larger: that alone is no reason.
    """

    def apart(y: Flags, ours: Numbers, theirs: Numbers) -> float:
        return goodness.calibration_error(y, ours) - goodness.calibration_error(y, theirs)

    draws = goodness.over_customers(apart, own.customers, own.happened, own.chance, blend.chance)
    whole = [goodness.observed_by_expected(each.happened, each.chance).verdict for each in (own, blend)]
    return bool(np.quantile(draws, TAIL) > 0) or (whole[0] != "calibrated" and whole[1] == "calibrated")


def _trees(
    head: Head, x: Numbers, rows: pd.DataFrame, folds: list[Fold], tested: Measured
) -> tuple[float, float] | None:
    """How boosted trees rank the same cases, each fold by trees that grew on cases whose window was over before it.

    They are measured and never speak: what a person can check by hand stands until they are surely better.
    """
    if folds[-1].events < ENOUGH or not challenger.present():
        return None
    added = np.full(len(rows), np.nan)
    happened = after(rows, "event_ms") <= head.window
    for fold in folds:
        over = _over(head, rows, fold.begins_ms)
        grown = challenger.fit(x[over], happened[over])
        added[fold.tested] = grown.added(x[fold.tested])
    theirs = added[tested.place]
    known = ~np.isnan(theirs)
    scores = np.column_stack([theirs, tested.chance])[known]
    draws = goodness.auc_over_customers(tested.happened[known], scores, tested.customers[known])
    here = goodness.auc(tested.happened[known], scores[:, 0]) - goodness.auc(tested.happened[known], scores[:, 1])
    return here, float(np.nanquantile(draws[:, 0] - draws[:, 1], TAIL))


@dataclass(frozen=True)
class Ranked:
    """The AUC of who speaks with its 95 % interval, the scorecard's, and the first above the second; NaN without both.

    Intervals are drawn over customers, the same draws for both.
    """

    auc: float
    low: float
    high: float
    card: float
    gain: float
    gain_low: float


def ranked(happened: Flags, chance: Numbers, plain: Numbers, customers: npt.NDArray[np.object_]) -> Ranked:
    """How well chances and the scorecard rank the same n cases, all of shape (n,)."""
    if happened.all() or not happened.any():
        return Ranked(*[float("nan")] * 6)
    draws = goodness.auc_over_customers(happened, np.column_stack([chance, plain]), customers)
    low, high = np.nanquantile(draws[:, 0], [TAIL, 1 - TAIL])
    ours, card = goodness.auc(happened, chance), goodness.auc(happened, plain)
    surely = float(np.nanquantile(draws[:, 0] - draws[:, 1], TAIL))
    return Ranked(ours, float(low), float(high), card, ours - card, surely)


def gain(tested: Measured) -> tuple[float, float]:
    """How far the AUC lies above the scorecard's, and the lower end of the 95 % interval."""
    found = ranked(tested.happened, tested.chance, tested.card, tested.customers)
    return found.gain, found.gain_low


def log_loss(tested: Measured) -> Numbers:
    """By case, minus the log of the chance that was given to what happened."""
    return _log_loss(tested.happened, tested.chance)


def _log_loss(happened: Flags, chance: Numbers) -> Numbers:
    given = np.where(happened, chance, 1 - chance)
    return np.asarray(-np.log(np.maximum(given, 1e-15)), dtype=np.float64)


def _earlier(
    head: Head, shown: Card, before: pd.DataFrame, cards: pd.DataFrame, begins: dt.date
) -> tuple[Model, Trained] | None:
    """What the last run learned, if it can be compared: it has the same terms, and knew nothing of the newest fold."""
    model = from_rows(head, shown, before)
    mine = cards[cards["head"].eq(head.name) & cards["part"].eq("all")]
    if model is None or model.speaks == "scorecard" or mine.empty or mine["trained_until"].isna().any():
        return None
    row = mine.iloc[0]
    trained = Trained(row["trained_since"], row["trained_until"], int(row["trained"]), int(row["trained_events"]))
    return (model, trained) if row["trained_until"] <= begins else None


def _surely_worse(head: Head, now: Model, earlier: Model, x: Numbers, rows: pd.DataFrame, tested: Flags) -> bool:
    """Whether the earlier weights give surely better chances to the newest matured cases, by their logarithm."""
    mine = rows[tested]
    happened = np.asarray(after(mine, "event_ms") <= head.window, dtype=np.bool_)
    ours, theirs = (_log_loss(happened, chances(head, model, x[tested], mine)) for model in (now, earlier))
    apart = ours - theirs
    if not apart.any():
        return False
    draws = goodness.over_customers(np.mean, mine["customer_key"].to_numpy(dtype=object), apart)
    return bool(np.quantile(draws, TAIL) > 0)
