"""Did an action make contacts rarer? Rates per order of the units acted on, against those of units left alone.

A unit is a product, a market, or a product in a market. Log rates of a week are taken apart into a level of each unit,
a movement that all units share, and what is left, which does not forget at once: a bad week is followed by another.
How long it remembers and how far it swings is learned from the units left alone, and so is how wide an interval must
be: each of them is judged as if the action had been taken there (placebo in space).

Levels and the shared movement come from weeks and units without an action only, and say what would have been
expected elsewhere: actions that start in several places at several times are compared with what was never acted on, not
with each other (K. Borusyak, X. Jaravel and J. Spiess 2024, Revisiting event-study designs, Review of Economic Studies
91). Where an action was taken because contacts had risen, the weeks of the rise are no part of the level before; they
say only how much of it would still have been left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from insight.intervals import LEVEL, Numbers

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

WORKED, DID_NOT, TOO_EARLY, CANNOT_TELL = VERDICTS = ("worked", "did not", "too early", "cannot tell")

LEAST_BEFORE, LEAST_AFTER = 6, 4
"""Weeks that are needed on either side."""

LEAST_OTHERS = 3
"""With fewer units to compare with, nobody is told that an action worked."""

LEAST_CONTACTS = 20
"""Units left alone with fewer contacts are put together until they have so many."""

SPIKE = 4
"""Weeks before an action that do not belong to the level before, where it was chosen because contacts had risen."""

POWER = 0.8
CLEAR = 0.05
"""An action is told to have worked where so clear a fall would come by chance this often at most."""

TRUST = 12
"""The learned noise counts as so many placebos when intervals are widened by what placebos show."""

ODD = 0.01
"""Below this chance a placebo in time says that the units had drifted apart before the action."""

SWINGS = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.36, 0.44, 0.55, 0.7, 0.95])
MEMORIES = np.array([0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.96])
ALONE = np.array([0.0, 0.25, 0.5])
"""What noise may be: its standard deviation, its correlation from week to week, the share that is gone after a week."""

FARTHEST = 6.0
"""No effect is looked for beyond this logarithm of a ratio."""

NEAR, ROUNDS = 1e-8, 60


@dataclass(frozen=True)
class Panel:
    """Contacts and orders of n units in T weeks, each of shape (n, T).

    :param orders: what contacts are counted over; see `exposure`. 0 is a week of which nothing can be said.
    :param starts: (n,) the number of the week from which a unit is acted on; -1: it is left alone.
    :param out: (T,) weeks that count for nothing, such as those in which the action reached only some customers.
    :param spike: how many weeks before its start are the rise for which a unit was chosen; 0: it was not.
    """

    units: tuple[str, ...]
    contacts: Numbers
    orders: Numbers
    starts: Whole
    out: Flags
    spike: int = 0

    @property
    def treated(self) -> Flags:
        """Which units are acted on, shape (n,)."""
        return self.starts >= 0


class Noise(NamedTuple):
    """What is left of log rates: `shape` (T,) is the covariance of weeks 0, 1, 2 … apart."""

    shape: Numbers

    @property
    def swing(self) -> float:
        """Its standard deviation."""
        return float(np.sqrt(self.shape[0]))

    @property
    def memory(self) -> float:
        """The correlation of a week with the next."""
        return float(self.shape[1] / self.shape[0]) if len(self.shape) > 1 else 0.0


class Others(NamedTuple):
    """What the units left alone say of each week: the shared movement, and how unsure it is.

    `movement` (T,) logarithm; `share` the squared weights of the units in it; `chance` (T,) variance by counting alone.
    """

    movement: Numbers
    share: float
    chance: Numbers


@dataclass(frozen=True)
class Estimate:
    """Contacts in times of what was to be expected without the action, with its 95 % interval.

    :param chance: how often so clear a fall would come if nothing had changed, as a share of 1.
    :param detectable: the ratio that would be told to be a fall in four of five cases.
    """

    ratio: float
    low: float
    high: float
    chance: float
    detectable: float


@dataclass(frozen=True)
class Effect:
    """What an action did; see `effect`.

    :param placebos: (k,) of every unit left alone, what its estimate would be in standard errors.
    :param wider: by how much placebos made the interval wider.
    :param in_time: the same estimate for a day before the action; None where too few weeks lie before it.
    :param expected: (treated, T) contacts to be expected without the action; NaN where nothing can be said.
    """

    verdict: str
    estimate: Estimate | None
    before: int
    after: int
    treated: int
    others: int
    noise: Noise | None
    placebos: Numbers
    wider: float
    in_time: Estimate | None
    drifted: bool
    expected: Numbers

    @property
    def weak(self) -> bool:
        """There is too little to compare with."""
        return self.others < LEAST_OTHERS


def effect(panel: Panel, *, hoped: float) -> Effect:
    """What the action did to the units acted on, and what can be said of it.

    worked: contacts fell so clearly that chance does it once in twenty times at most (one-sided, so that the interval
    of 95 % may just reach 1), there is something to compare with, and nothing had drifted before. did not: the interval
    leaves no room for the hoped fall. too early: too few weeks after it. Else: cannot tell.

    :param hoped: the share by which contacts were to fall at least.
    """
    panel = pooled(panel)
    acted = panel.treated
    before, after = _weeks(panel)
    base = Effect(
        verdict=TOO_EARLY if acted.any() and len(panel.out) and after < LEAST_AFTER else CANNOT_TELL,
        estimate=None,
        before=before,
        after=after,
        treated=int(acted.sum()),
        others=int((~acted).sum()),
        noise=None,
        placebos=np.zeros(0),
        wider=1.0,
        in_time=None,
        drifted=False,
        expected=np.full((int(acted.sum()), panel.contacts.shape[1]), np.nan),
    )
    if before < LEAST_BEFORE or not after or not _has_level(panel):
        return base
    noise, alone, placebos = _learn(panel)
    scale = _Scale(_wider(placebos), TRUST + len(placebos))
    stack = _stack(panel, noise, alone)
    if not stack.told:
        return base
    estimate = _estimate(stack, scale)
    earlier = _earlier(panel)
    sooner = None if earlier is None else _stack(earlier, noise, alone)
    in_time = _estimate(sooner, scale) if sooner is not None and sooner.told else None
    found = replace(
        base,
        estimate=estimate,
        noise=noise,
        placebos=placebos,
        wider=scale.wider,
        in_time=in_time,
        drifted=in_time is not None and min(in_time.chance, 1 - in_time.chance) < ODD / 2,
        expected=_expected(panel, alone, stack, estimate),
    )
    return found if after < LEAST_AFTER else replace(found, verdict=_verdict(found, estimate, hoped))


def _verdict(found: Effect, estimate: Estimate, hoped: float) -> str:
    if estimate.chance <= CLEAR and not found.weak and not found.drifted:
        return WORKED
    return DID_NOT if estimate.low > 1 - hoped and not found.weak else CANNOT_TELL


# ---------------------------------------------------------------- who is compared, in which weeks


def pooled(panel: Panel) -> Panel:
    """The panel with small units left alone put together, smallest first; those without any order are left out."""
    totals, acted = panel.contacts.sum(axis=1), panel.treated
    alone = np.flatnonzero(~acted & (panel.orders.sum(axis=1) > 0))
    order = sorted(alone, key=lambda u: (totals[u], panel.units[u]))
    groups: list[list[int]] = [[]]
    for unit in order:
        if groups[-1] and totals[groups[-1]].sum() >= LEAST_CONTACTS:
            groups.append([])
        groups[-1].append(int(unit))
    if len(groups) > 1 and totals[groups[-1]].sum() < LEAST_CONTACTS:
        last = groups.pop()
        groups[-1] += last
    groups = [group for group in groups if group and totals[group].sum() > 0]
    parts = [[int(u)] for u in np.flatnonzero(acted)] + groups
    shape = (len(parts), len(panel.out))
    return replace(
        panel,
        units=tuple(" + ".join(sorted(panel.units[u] for u in part)) for part in parts),
        contacts=np.array([panel.contacts[part].sum(axis=0) for part in parts]).reshape(shape),
        orders=np.array([panel.orders[part].sum(axis=0) for part in parts]).reshape(shape),
        starts=np.array([panel.starts[part[0]] for part in parts], dtype=np.int64),
    )


def _known(panel: Panel) -> Flags:
    """Which weeks of which units count, shape (n, T)."""
    return ~panel.out & (panel.orders > 0)


def _acted(panel: Panel) -> Flags:
    """Weeks of units from the day of the action on, shape (n, T)."""
    weeks = np.arange(panel.contacts.shape[1])
    return panel.treated[:, None] & (weeks >= panel.starts[:, None])


def _spike(panel: Panel) -> Flags:
    """Weeks of the rise for which units were chosen, shape (n, T)."""
    weeks = np.arange(panel.contacts.shape[1])
    near = (weeks >= panel.starts[:, None] - panel.spike) & (weeks < panel.starts[:, None])
    return panel.treated[:, None] & near


def _weeks(panel: Panel) -> tuple[int, int]:
    """Weeks of the level before and weeks after, of the units that have the most of them."""
    known, acted, spike = _known(panel), _acted(panel), _spike(panel)
    rows = panel.treated
    return (
        int((known & ~acted & ~spike)[rows].sum(axis=1).max(initial=0)),
        int((known & acted)[rows].sum(axis=1).max(initial=0)),
    )


def _has_level(panel: Panel) -> bool:
    """Somebody wrote from the units acted on before the action."""
    level = _known(panel) & ~_acted(panel) & ~_spike(panel)
    return bool((panel.contacts * level)[panel.treated].sum() > 0)


def _earlier(panel: Panel) -> Panel | None:
    """The panel as if the action had been taken in the level before: its last third, at most as long as after it."""
    before, after = _weeks(panel)
    long = min(after, before // 3)
    if before < 2 * LEAST_BEFORE:
        return None
    ends = panel.starts - panel.spike
    first = int(ends[panel.treated].min())
    out = panel.out | (np.arange(len(panel.out)) >= first)
    level = np.flatnonzero(~out)
    starts = np.where(panel.treated, level[-long], -1)
    return replace(panel, starts=starts, out=out, spike=0)


# ---------------------------------------------------------------- what the units left alone say


class _Alone(NamedTuple):
    """Units left alone: rows of the panel, fitted contacts without the shared movement, and their weights."""

    contacts: Numbers
    fitted: Numbers
    weight: Numbers

    def others(self, but: int | None = None) -> Others:
        """What they say of each week, all but one of them."""
        keep = np.arange(len(self.contacts)) != (-1 if but is None else but)
        if not keep.any():
            nothing = np.zeros(self.contacts.shape[1])
            return Others(nothing, 0.0, nothing)
        w = self.weight[keep, None]
        half = 0.5 * float(self.weight[keep].mean())  # half a contact for no movement, so that no week is without any
        seen, fitted = (w * self.contacts[keep]).sum(axis=0) + half, (w * self.fitted[keep]).sum(axis=0) + half
        movement = np.log(seen / fitted)
        share = float(np.mean(((w * self.fitted[keep]) ** 2).sum(axis=0) / fitted**2))
        chance = (w**2 * self.fitted[keep]).sum(axis=0) / (fitted**2 * np.exp(movement))
        return Others(movement, share, chance)


def _fit(contacts: Numbers, orders: Numbers, swing2: float) -> _Alone:
    """Levels and shared movement of units, weighted by what counting and swinging leave of what each can say."""
    weight = 1 / (1 + swing2 * contacts.mean(axis=1)) if len(contacts) else np.zeros(0)
    movement = np.zeros(contacts.shape[1])
    fitted = orders.astype(np.float64)
    for _ in range(ROUNDS):
        level = contacts.sum(axis=1) / (orders * np.exp(movement)).sum(axis=1)
        fitted = orders * level[:, None]
        new = _Alone(contacts, fitted, weight).others().movement
        moved, movement = np.abs(new - movement).max(initial=0), new
        if moved < NEAR:
            break
    return _Alone(contacts, fitted, weight)


def _learn(panel: Panel) -> tuple[Noise, _Alone, Numbers]:
    """The noise of the units left alone, what they say, and what each of them would be told if it had been acted on.

    Where none is left alone, the noise is that of the units acted on before the action.
    """
    rows, known = ~panel.treated, _known(panel)
    contacts, orders = (np.where(known, part, 0)[rows] for part in (panel.contacts, panel.orders))
    size = panel.contacts.shape[1]
    noise = Noise(np.concatenate([[0.05], np.zeros(size - 1)]))
    if not len(contacts):
        level = known & ~_acted(panel) & ~_spike(panel)
        acted = np.flatnonzero(panel.treated)
        own = [_rest(panel.contacts[u], panel.orders[u], level[u], 0.0) for u in acted]
        return _noise(own, size), _Alone(contacts, orders, np.zeros(0)), np.zeros(0)
    for _ in range(2):
        alone = _fit(contacts, orders, float(noise.shape[0]))
        means = alone.fitted * np.exp(alone.others().movement)
        part = alone.weight[:, None] * alone.fitted
        shares = part.sum(axis=1) / part.sum()
        own = [_rest(contacts[u], means[u], known[rows][u], float(shares[u])) for u in range(len(contacts))]
        noise = _noise(own, size)
    each = [alone.others(u) for u in range(len(contacts))]
    pattern = np.flatnonzero(panel.treated)[0]
    as_if = [
        _one(contacts[u], orders[u], known[rows][u] & known[pattern], panel, int(pattern), noise, each[u])
        for u in range(len(contacts))
    ]
    placebos = [stack.z(0.0)[0] for stack in as_if if stack.told]
    return noise, alone, np.array(placebos)


class _Rest(NamedTuple):
    """What a unit's contacts are off, relative to what was expected, in some weeks; and the variance of counting."""

    weeks: tuple[int, ...]
    off: Numbers
    chance: float


def _rest(contacts: Numbers, expected: Numbers, known: Flags, share: float) -> _Rest:
    """Relative residuals of the weeks that count; `share` of the shared movement is the unit's own, and hides of them.

    The variance of counting is taken to be that of the mean week, so that one rotation serves all that noise may be.
    """
    if known.sum() < 3 or not contacts[known].sum():
        return _Rest((), np.zeros(0), 1.0)
    mean = expected[known] * contacts[known].sum() / expected[known].sum()
    off = (contacts[known] - mean) / mean / np.sqrt(max(1 - share, 0.1))
    return _Rest(tuple(np.flatnonzero(known).tolist()), off, float(np.mean(1 / mean)))


def _noise(units: list[_Rest], size: int) -> Noise:
    """The noise that units show beside counting: the mean over a grid, each point weighed by restricted likelihood."""
    swings, alone = SWINGS[:, None, None] ** 2, ALONE[None, :, None]
    told = np.zeros((len(SWINGS), len(ALONE), len(MEMORIES)))
    for unit in units:
        for m, memory in enumerate(MEMORIES if unit.weeks else ()):
            values, turned, ones = _rotation(memory, unit.weeks, unit.off)
            own = swings * ((1 - alone) * values + alone) + unit.chance
            told[:, :, m] += _likelihood(own, turned, ones)
    weight = np.exp(told - told.max())
    weight /= weight.sum()
    lags = MEMORIES[:, None] ** np.arange(size)
    lags[0] = np.arange(size) == 0
    shape = np.einsum("sam,s,a,ml->l", weight, SWINGS**2, 1 - ALONE, lags)
    shape[0] = np.einsum("sam,s->", weight, SWINGS**2)
    return Noise(shape)


def _likelihood(variance: Numbers, turned: Numbers, ones: Numbers) -> Numbers:
    """The restricted log likelihood of rotated residuals (T,) with these variances (…, T), their mean unknown."""
    i, x, e = ((a * b / variance).sum(axis=-1) for a, b in ((ones, ones), (ones, turned), (turned, turned)))
    found: Numbers = -0.5 * (np.log(variance).sum(axis=-1) + np.log(i) + e - x * x / i)
    return found


def _rotation(memory: float, weeks: tuple[int, ...], rest: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Eigenvalues of the correlation of these weeks, and residuals and ones seen along its axes."""
    key = (memory, weeks)
    if key not in _AXES:
        if len(_AXES) > 256:
            _AXES.clear()
        at = np.array(weeks)
        gaps = np.abs(at[:, None] - at[None, :])
        values, axes = np.linalg.eigh(np.where(gaps == 0, 1.0, memory**gaps))
        _AXES[key] = (np.maximum(values, 0), axes)
    values, axes = _AXES[key]
    return values, axes.T @ rest, axes.sum(axis=0)


_AXES: dict[tuple[float, tuple[int, ...]], tuple[Numbers, Numbers]] = {}


# ---------------------------------------------------------------- the estimate


@dataclass(frozen=True)
class _Stack:
    """Weeks of all units acted on, one under the other: contacts, what others let expect but for the level, where.

    `unit` (N, m) marks the rows of each unit, `acted` (N,) those after the action, `spike` (N,) those of the rise.
    `noise` (N, N) is the covariance without that of counting.
    """

    contacts: Numbers
    usual: Numbers
    unit: Numbers
    acted: Numbers
    spike: Flags
    noise: Numbers

    @property
    def told(self) -> bool:
        """Some unit has weeks on both sides and contacts to set its level by."""
        before, after = (1 - self.acted) * ~self.spike, self.acted
        here = (self.unit.T @ before > 0) & (self.unit.T @ after > 0) & (self.unit.T @ (self.contacts * before) > 0)
        return bool(here.any())

    def levels(self, log_ratio: float) -> Numbers:
        """The level of each unit if the action had this effect, spike weeks left out, shape (m,)."""
        counts = ~self.spike
        up = self.usual * np.exp(log_ratio * self.acted)
        seen, let = self.unit.T @ (self.contacts * counts), self.unit.T @ (up * counts)
        return np.asarray(np.log(np.maximum(seen, NEAR) / let))

    def z(self, log_ratio: float) -> tuple[float, float]:
        """How far the contacts are from this effect, in standard errors, and the standard error.

        The best linear unbiased weights of the weeks (generalised least squares) are applied to relative residuals; the
        weeks of the rise count only through what they let expect of the weeks after (see `_seen`).
        """
        mean = self.usual * np.exp(log_ratio * self.acted + self.unit @ self.levels(log_ratio))
        cover = self.noise + np.diag(1 / mean)
        told = np.column_stack([self.unit, self.acted, (self.contacts - mean) / mean])
        if self.spike.any():
            seen = self._seen(cover)
            told, cover = seen @ told, seen @ cover @ seen.T
        inner = told[:, :-1].T @ np.linalg.solve(cover, told)
        error = np.linalg.inv(inner[:, :-1])[-1]
        return float(error @ inner[:, -1] / np.sqrt(error[-1])), float(np.sqrt(error[-1]))

    def _seen(self, cover: Numbers) -> Numbers:
        """What is looked at: every week but those of the rise, weeks after it less what was left of the rise."""
        size = np.eye(len(self.spike))
        after, spike = np.flatnonzero(self.acted > 0), np.flatnonzero(self.spike)
        left = np.linalg.solve(cover[np.ix_(spike, spike)], self.noise[np.ix_(spike, after)]).T
        size[np.ix_(after, spike)] = -left
        return size[~self.spike]

    def at(self, z: float) -> float:
        """The logarithm of the ratio from which the contacts are `z` standard errors away; ±inf where none is."""
        low, high = -0.25, 0.25
        while self.z(low)[0] < z:
            low -= 0.5
            if low < -FARTHEST:
                return -np.inf
        while self.z(high)[0] > z:
            high += 0.5
            if high > FARTHEST:
                return np.inf
        from scipy.optimize import brentq

        return float(brentq(lambda x: self.z(x)[0] - z, low, high, xtol=1e-5))


def _stack(panel: Panel, noise: Noise, alone: _Alone) -> _Stack:
    """The units acted on, against all that are left alone."""
    others = alone.others()
    known, acted, spike = _known(panel), _acted(panel), _spike(panel)
    rows = [(u, week) for u in np.flatnonzero(panel.treated) for week in np.flatnonzero(known[u])]
    unit, week = (np.array(part, dtype=np.int64) for part in zip(*rows, strict=True))
    same = unit[:, None] == unit[None, :]
    gap = noise.shape[np.abs(week[:, None] - week[None, :])]
    shared = gap * others.share + np.where(week[:, None] == week[None, :], others.chance[week], 0)
    return _Stack(
        contacts=panel.contacts[unit, week],
        usual=panel.orders[unit, week] * np.exp(others.movement[week]),
        unit=(unit[:, None] == np.unique(unit)[None, :]).astype(np.float64),
        acted=acted[unit, week].astype(np.float64),
        spike=spike[unit, week],
        noise=shared + np.where(same, gap, 0),
    )


def _one(
    contacts: Numbers, orders: Numbers, known: Flags, panel: Panel, pattern: int, noise: Noise, others: Others
) -> _Stack:
    """One unit left alone, as if it had been acted on in the weeks in which the unit `pattern` was."""
    week = np.flatnonzero(known & (orders > 0))
    gap = noise.shape[np.abs(week[:, None] - week[None, :])]
    return _Stack(
        contacts=contacts[week],
        usual=orders[week] * np.exp(others.movement[week]),
        unit=np.ones((len(week), 1)),
        acted=_acted(panel)[pattern, week].astype(np.float64),
        spike=_spike(panel)[pattern, week],
        noise=gap * (1 + others.share) + np.diag(others.chance[week]),
    )


class _Scale(NamedTuple):
    """By how much standard errors are widened, and how heavy the tails of the t distribution are."""

    wider: float
    freedom: int

    def reach(self, share: float) -> float:
        """How many standard errors lie below this share of chances."""
        from scipy.special import stdtrit

        return self.wider * float(stdtrit(self.freedom, share))

    def below(self, z: float) -> float:
        """How often chance alone is as far down."""
        from scipy.special import stdtr

        return float(stdtr(self.freedom, z / self.wider))


def _wider(placebos: Numbers) -> float:
    """By how much placebos widen standard errors.

    Squares of what placebos show and of what the noise let expect are averaged, the latter counting TRUST times, as
    variances of many genes are moderated (G. K. Smyth 2004, Linear models and empirical Bayes methods, Statistical
    Applications in Genetics and Molecular Biology 3). They are never made narrower.
    """
    return max(1.0, float(np.sqrt((TRUST + (placebos**2).sum()) / (TRUST + len(placebos)))))


def _estimate(stack: _Stack, scale: _Scale) -> Estimate:
    """Estimate and interval, by turning the test round: the ratios from which contacts are not too far away."""
    reach = scale.reach((1 + LEVEL) / 2)
    middle, low, high = (stack.at(z) for z in (0.0, reach, -reach))
    z, error = stack.z(0.0)
    least = (scale.reach(1 - CLEAR) + scale.reach(POWER)) * error
    middle, low, high = (float(np.exp(end)) for end in (middle, low, high))
    return Estimate(middle, low, high, scale.below(z), float(np.exp(-least)))


def _expected(panel: Panel, alone: _Alone, stack: _Stack, estimate: Estimate) -> Numbers:
    """Contacts to be expected without the action, (treated, T): level before, times orders, times shared movement."""
    middle = np.log(np.clip(estimate.ratio, np.exp(-FARTHEST), np.exp(FARTHEST)))
    levels = np.exp(stack.levels(float(middle)))
    rows = panel.treated
    found: Numbers = panel.orders[rows] * np.exp(alone.others().movement) * levels[:, None]
    return np.where(panel.orders[rows] > 0, found, np.nan)
