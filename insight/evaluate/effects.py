"""Is an action told to have worked where it did, and only there? On a file of weeks, and in worlds made by chance."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from insight import effects
from insight.effects import Effect, Estimate, Panel
from insight.errors import SourceError
from insight.evaluate import base
from insight.intervals import Numbers
from insight.periods import WEEK

ANCHORS = (
    ("last 4 weeks against after, Poisson, chosen because it rose", "no effect", "-26 %", "worked in 53 %"),
    ("all history against after, Poisson, chosen because it rose", "no effect", "+2.5 %", "worked in 20 %"),
    ("differences, Poisson errors, chosen because it rose", "no effect", "+11 %", "worked in 5 %, 37 % either way"),
    ("differences, placebo t, chosen because it rose", "no effect", "+11 %", "worked in 0.6 %, 4.7 % either way"),
    ("differences, placebo t, 8 weeks after", "-40 %", "", "worked in 53 %"),
    ("differences, placebo t, 4 weeks after", "-40 %", "", "worked in 44 %"),
    ("differences, placebo t, 12 weeks after, 60 contacts a week", "-40 %", "", "worked in 72 %"),
)
"""What simpler ways came to in a trial of such worlds: one unit acted on, 12 others, 15 contacts, 40 weeks before."""


@dataclass(frozen=True)
class EffectScores:
    """The effect in a file of weeks; see effects.Effect. Ratios in times of what was to be expected, and their ends."""

    verdict: str
    ratio: float | None
    low: float | None
    high: float | None
    chance: float | None
    detectable: float | None
    hoped: float
    weeks_before: int
    weeks_after: int
    treated: int
    others: int
    swing: float | None
    memory: float | None
    wider: float
    placebos: list[float]
    earlier: float | None
    earlier_low: float | None
    earlier_high: float | None
    drifted: bool
    weak: bool
    unreadable: int
    seconds: float


def effects_file(
    path: Path,
    *,
    unit: str,
    week: str,
    contacts: str,
    orders: str,
    treated: Sequence[str],
    since: str,
    spiked: bool = False,
    hoped: float = 0.3,
    where: Sequence[str] = (),
) -> EffectScores:
    """Measure an action on a Parquet, CSV or TSV file with one row per unit and week.

    :param week: a column of first days such as 2026-03-02, or of whole numbers.
    :param treated: the units acted on. :param since: the first week (or day) with the action, told as weeks are.
    :raises SourceError: no row can be read, or no unit is called so.
    """
    began = time.perf_counter()
    rows, unreadable = _rows(path, [unit, week, contacts, orders], where)
    panel = _panel(rows, treated, _moment(since, "--since"), spiked, path.name)
    return scores(
        effects.effect(panel, hoped=hoped), hoped=hoped, unreadable=unreadable, seconds=time.perf_counter() - began
    )


def scores(found: Effect, *, hoped: float, unreadable: int, seconds: float) -> EffectScores:
    """An effect as flat figures; what is not there is None."""
    ratio, low, high, chance, detectable = _flat(found.estimate)
    earlier, earlier_low, earlier_high, *_ = _flat(found.in_time)
    return EffectScores(
        verdict=found.verdict,
        ratio=ratio,
        low=low,
        high=high,
        chance=chance,
        detectable=detectable,
        hoped=hoped,
        weeks_before=found.before,
        weeks_after=found.after,
        treated=found.treated,
        others=found.others,
        swing=found.noise.swing if found.noise else None,
        memory=found.noise.memory if found.noise else None,
        wider=found.wider,
        placebos=[float(z) for z in found.placebos],
        earlier=earlier,
        earlier_low=earlier_low,
        earlier_high=earlier_high,
        drifted=found.drifted,
        weak=found.weak,
        unreadable=unreadable,
        seconds=seconds,
    )


def _flat(told: Estimate | None) -> tuple[float | None, ...]:
    """Ratio, its ends, chance and the fall that can be told."""
    if told is None:
        return (None,) * 5
    values = (told.ratio, told.low, told.high, told.chance, 1 - told.detectable)
    return tuple(value if np.isfinite(value) else None for value in values)


Cell = tuple[str, int, float, float]


def _rows(path: Path, names: list[str], where: Sequence[str]) -> tuple[list[Cell], int]:
    """Unit, week, contacts and orders of the rows that can be read, and how many cannot."""
    found, lost = [], 0
    for unit, week, contacts, orders in zip(*base.columns(path, names, where), strict=True):
        try:
            cell = (unit, _moment(week, names[1]), float(contacts), float(orders))
        except (ValueError, SourceError):
            lost += 1
            continue
        good = np.isfinite(cell[2]) and np.isfinite(cell[3]) and cell[2] >= 0 and cell[3] >= 0
        lost += not good
        found += [cell] if good else []
    if not found:
        raise SourceError(
            "no row can be read",
            where=path.name,
            wanted="a unit, a week such as 2026-03-02 or 14, and counts of 0 or more",
            fix="name other columns with --unit, --week, --contacts and --orders",
        )
    return found, lost


def _moment(told: str, where: str) -> int:
    """A day, in days since the year 1, or a number of a week, which counts seven of them."""
    try:
        return int(told) * WEEK
    except ValueError:
        pass
    try:
        return dt.date.fromisoformat(told[:10]).toordinal()
    except ValueError as error:
        raise SourceError("this is no week", where=where, came=told[:40], wanted="2026-03-02, or a number") from error


def _panel(rows: list[Cell], treated: Sequence[str], since: int, spiked: bool, name: str) -> Panel:
    """The rows as a panel; a unit without a row in a week has no orders in it, and nothing is said of that week."""
    units = sorted({unit for unit, *_ in rows})
    if lost := sorted(set(treated) - set(units)):
        raise SourceError(
            "no unit is called so", where=name, came=", ".join(lost), wanted=", ".join(units[:8]), fix="see --treated"
        )
    first, last = (end(week for _, week, *_ in rows) for end in (min, max))
    size = (last - first) // WEEK + 1
    counts, exposed = np.zeros((2, len(units), size))
    for unit, week, contacts, orders in rows:
        place = units.index(unit), (week - first) // WEEK
        counts[place] += contacts
        exposed[place] += orders
    start = max(0, -((first - since) // WEEK))
    out = np.zeros(size, dtype=np.bool_)
    if (since - first) % WEEK and 0 < start <= size:
        out[start - 1] = True  # the action began in the middle of it
    return Panel(
        units=tuple(units),
        contacts=np.where(exposed > 0, counts, 0),
        orders=exposed,
        starts=np.array([start if unit in treated else -1 for unit in units], dtype=np.int64),
        out=out,
        spike=effects.SPIKE if spiked else 0,
    )


# ---------------------------------------------------------------- worlds made by chance


@dataclass(frozen=True)
class World:
    """Units whose contacts swing from week to week and do not forget at once, with a movement that all share.

    :param effect: what the action does, as a ratio less 1. :param chosen: acted on is who rose most in the four weeks.
    :param uneven: how much the swings of units differ (logarithm). :param tails: weeks far off are common (Student's t
        with 4 degrees of freedom). :param memories: each unit has one of these. :param once: contacts of the unit acted
        on rise so many times in the four weeks before, and then are as they were.
    """

    name: str
    effect: float = 0.0
    chosen: bool = False
    before: int = 40
    after: int = 12
    others: int = 12
    treated: int = 1
    weekly: float = 15.0
    swing: float = 0.28
    memories: tuple[float, ...] = (0.6,)
    uneven: float = 0.0
    tails: bool = False
    once: float = 1.0

    def panel(self, seed: Sequence[int]) -> Panel:
        """One world of this kind."""
        dice = np.random.default_rng(seed)
        units, weeks = self.others + self.treated, self.before + self.after
        level = 1000 * dice.lognormal(0, 0.3, (units, 1))
        orders = level * dice.lognormal(0, 0.05, (units, weeks))
        shared = np.cumsum(dice.normal(0, 0.03, weeks))
        rate = self.weekly / 1000 * np.exp(shared + self._swings(dice, units, weeks))
        rate[: self.treated, self.before - effects.SPIKE : self.before] *= self.once
        contacts = dice.poisson(rate * orders).astype(np.float64)
        order = np.argsort(-_rise(contacts, orders, self.before), kind="stable") if self.chosen else np.arange(units)
        contacts, orders = contacts[order], orders[order]
        acted = contacts[: self.treated, self.before :]
        contacts[: self.treated, self.before :] = dice.binomial(acted.astype(np.int64), 1 + self.effect)
        return Panel(
            units=tuple(f"unit {n:02}" for n in range(units)),
            contacts=contacts,
            orders=orders,
            starts=np.where(np.arange(units) < self.treated, self.before, -1),
            out=np.zeros(weeks, dtype=np.bool_),
            spike=effects.SPIKE if self.chosen or self.once != 1 else 0,
        )

    def _swings(self, dice: np.random.Generator, units: int, weeks: int) -> Numbers:
        """Logarithms around 0 that remember (AR(1)), settled before the first week."""
        settle = 30
        size = (units, settle + weeks)
        pushes = dice.standard_t(4, size) / np.sqrt(2) if self.tails else dice.normal(size=size)
        memory = dice.choice(np.array(self.memories), units)
        found = np.zeros(size)
        for week in range(1, settle + weeks):
            found[:, week] = memory * found[:, week - 1] + np.sqrt(1 - memory**2) * pushes[:, week]
        swings = self.swing * np.exp(self.uneven * dice.normal(size=units) - self.uneven**2)
        told: Numbers = swings[:, None] * found[:, settle:]
        return told


def _rise(contacts: Numbers, orders: Numbers, before: int) -> Numbers:
    """How many times the rate of each unit's last four weeks is the one before."""
    late, early = slice(before - effects.SPIKE, before), slice(0, before - effects.SPIKE)
    now, then = ((contacts[:, part].sum(axis=1) + 0.5) / orders[:, part].sum(axis=1) for part in (late, early))
    found: Numbers = now / then
    return found


WORLDS = (
    World("no effect"),
    World("no effect, chosen because it rose", chosen=True),
    World("-40 %", effect=-0.4),
    World("-40 %, chosen because it rose", effect=-0.4, chosen=True),
)
"""What an honest verdict is held to: `insight eval effects --simulate`."""


@dataclass(frozen=True)
class WorldScores:
    """What came of many worlds of a kind, as shares of 1 with the ends of 95 % intervals where they decide.

    worked: told to have worked, which is false without an effect. covered: the interval held the truth. off: mean
    logarithm of the estimate less the truth.
    """

    name: str
    effect: float
    runs: int
    worked: float
    worked_low: float
    worked_high: float
    did_not: float
    covered: float
    covered_low: float
    covered_high: float
    off: float
    spread: float


def simulate(
    worlds: Sequence[World] = WORLDS,
    *,
    runs: int,
    seed: int = 7,
    say: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> list[WorldScores]:
    """Judge the action in so many worlds of each kind; the same seed gives the same figures."""
    found = []
    for world in worlds:
        told = []
        for run in range(runs):
            told.append(effects.effect(world.panel([seed, run]), hoped=0.3))
            say(world.name, run + 1, runs)
        found.append(_score(world, told))
    return found


def _score(world: World, told: Sequence[Effect]) -> WorldScores:
    from insight.intervals import wilson

    truth = 1 + world.effect
    worked = sum(one.verdict == effects.WORKED for one in told)
    known = [one.estimate for one in told if one.estimate]
    held = sum(one.low <= truth <= one.high for one in known)
    off = [float(np.log(one.ratio / truth)) for one in known if one.ratio > 0]
    (low,), (high,) = wilson([worked], [len(told)])
    (held_low,), (held_high,) = wilson([held], [len(known)])
    return WorldScores(
        name=world.name,
        effect=world.effect,
        runs=len(told),
        worked=worked / len(told),
        worked_low=float(low),
        worked_high=float(high),
        did_not=sum(one.verdict == effects.DID_NOT for one in told) / len(told),
        covered=held / len(known),
        covered_low=float(held_low),
        covered_high=float(held_high),
        off=float(np.mean(off)),
        spread=float(np.std(off)),
    )
