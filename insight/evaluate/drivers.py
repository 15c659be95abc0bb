"""Which topics of a file go with an outcome, raw and adjusted? And does the interval hold a truth that is known?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import contrast, drivers
from insight.drivers import Mentioned, Scale
from insight.errors import SourceError
from insight.evaluate import base

Numbers = npt.NDArray[np.float64]

YES, NO = ("1", "true", "yes", "y", "t", "1.0"), ("0", "false", "no", "n", "f", "0.0", "")
MANY = 12
"""A confounder of numbers with more values than these is held in steps."""
MOST_TOPICS = 300
ANCHOR = (
    "anchor: that customers buy 15.99 % more after a live chat came out only once it was modelled who chooses to chat "
    "(Tan 2019, SSRN 2846661): what is not held can be as large as what is found"
)

HALF = 0.5
"""A topic that has enough cases in fewer worlds is not among the worst: only its luckiest worlds would speak."""
UNITS = 4_000
TRUTH = 400_000
SEED = 7


@dataclass(frozen=True)
class Driver:
    """One topic; shares of 1, or the unit of the outcome. `raw` compares as they are, `difference` with confounders.

    `points` is the difference times the share of rows with the topic: what it comes to over all rows.
    """

    topic: str
    n: int
    customers: int
    share: float
    value: float
    without: float
    raw: float
    expected: float
    difference: float
    low: float
    high: float
    points: float
    points_low: float
    points_high: float
    e_value: float
    e_near: float
    q: float
    verdict: str


@dataclass(frozen=True)
class Found:
    """What was found on a file: `held` are the confounders that could be held, `left_out` rows without an outcome."""

    outcome: str
    scale: str
    rows: int
    customers: int
    left_out: int
    usual: float
    held: list[str]
    drivers: list[Driver]
    anchor: str
    seconds: float


@dataclass(frozen=True)
class Covered:
    """One topic of the simulation: the truth, what was found on average, and how often an interval held the truth.

    `raw_coverage` is how often the interval of the plain difference held it; `told`, how often there were enough cases;
    `said`, how often the topic was called worse or better.
    """

    topic: str
    kind: str
    truth: float
    raw: float
    raw_coverage: float
    adjusted: float
    coverage: float
    points_truth: float
    points_coverage: float
    told: float
    said: float


@dataclass(frozen=True)
class Simulated:
    """The simulation: `coverage` is over all topics, `worst` of the worst that is mostly told."""

    runs: int
    units: int
    outcome: str
    coverage: float
    points_coverage: float
    worst: float
    topics: list[Covered]
    seconds: float


def drivers_file(
    path: Path,
    *,
    outcome: str,
    topics: Sequence[str],
    adjust: Sequence[str] = (),
    customer: str | None = None,
    low: float | None = None,
    better: Literal["up", "down"] | None = None,
    where: Sequence[str] = (),
) -> Found:
    """Measure on a Parquet, CSV or TSV file with one row per conversation or order.

    :param outcome: a column of numbers, or of yes and no. :param low: say of numbers whether they are at most this.
    :param topics: one column with the topic of each row, or with yes and no; several columns of yes and no.
    :param adjust: columns with confounders; numbers of many values are held in steps, an empty cell is a value.
    :param customer: the column of who; each row is a customer of its own where not told.
    :param better: which way the outcome is better; of a share down, of numbers up, where not told.
    :raises SourceError: the outcome cannot be read as a number or as yes and no, or there are too few rows.
    """
    began = time.perf_counter()
    wanted = [outcome, *topics, *adjust, *([customer] if customer else [])]
    table = base.whole(path, where)
    base.has(path, table.column_names, wanted)
    told = table.select(list(dict.fromkeys(wanted))).to_pandas().astype("object")
    y, scale = _outcome(told[outcome], outcome, path, low)
    known = ~np.isnan(y)
    told, y = told[known].reset_index(drop=True), y[known]
    if len(y) < 2 * drivers.FEW_UNITS:
        raise SourceError(
            "cannot tell what goes with an outcome of so few rows",
            where=f"{path.name}, {outcome}",
            came=f"{len(y)} rows with an outcome",
            wanted=f"{2 * drivers.FEW_UNITS} rows or more",
        )
    names, said, exclusive = _topics(told, topics, path)
    whose = pd.factorize(told[customer].fillna(""), sort=True)[0] if customer else np.arange(len(y))
    factors = {name: _confounder(told[name]) for name in adjust}
    found = drivers.compare(
        y, said, len(names), list(factors.values()), whose.astype(np.int64), scale=scale, others=exclusive
    )
    return Found(
        outcome if low is None else f"{outcome} ≤ {low:g}",
        scale,
        len(y),
        len(np.unique(whose)),
        int((~known).sum()),
        float(y.mean()),
        drivers.held(factors),
        _told(names, found, better or ("down" if scale == "share" else "up")),
        ANCHOR,
        time.perf_counter() - began,
    )


def _told(names: Sequence[str], found: drivers.Drivers, better: Literal["up", "down"]) -> list[Driver]:
    """Surest first, then by points."""
    verdicts = found.verdicts(better)
    fields = [name for name in Driver.__dataclass_fields__ if name not in ("topic", "verdict")]
    rows = [
        Driver(topic=name, verdict=verdicts[at], **{f: getattr(found, f)[at].item() for f in fields})
        for at, name in enumerate(names)
    ]
    order = (drivers.WORSE, drivers.BETTER, drivers.CANNOT_TELL, drivers.TOO_FEW)
    return sorted(rows, key=lambda row: (order.index(row.verdict), -abs(np.nan_to_num(row.points)), row.topic))


def _outcome(told: pd.Series, name: str, path: Path, low: float | None) -> tuple[Numbers, Scale]:
    """Numbers, or 0 and 1; NaN where nothing is told."""
    words = told.fillna("").astype(str).str.strip().str.lower()
    if low is None and set(words) - {""} <= {*YES, *NO}:
        return np.where(words == "", np.nan, words.isin(YES).astype(float)), "share"
    numbers = pd.to_numeric(words.where(words != ""), errors="coerce").to_numpy("float64")
    if (strange := np.isnan(numbers) & (words != "").to_numpy()).any():
        raise SourceError(
            "this outcome is neither a number nor yes or no",
            where=f"{path.name}, {name}",
            came=str(words[strange].iloc[0])[:40],
            wanted="numbers in every row, or 1/0, true/false, yes/no",
            fix="name another column, or leave such rows out with --where",
        )
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    if low is None:
        return numbers, "mean"
    return np.where(np.isnan(numbers), np.nan, (numbers <= low).astype(float)), "share"


def _topics(told: pd.DataFrame, columns: Sequence[str], path: Path) -> tuple[list[str], Mentioned, bool]:
    """Names, which row has which, and whether each row has exactly one of them."""
    plain = {name: told[name].fillna("").astype(str).str.strip() for name in columns}
    flags = {name: set(values.str.lower()) <= {*YES, *NO} for name, values in plain.items()}
    if len(columns) == 1 and not flags[columns[0]]:
        codes, found = pd.factorize(plain[columns[0]], sort=True)
        if len(found) > MOST_TOPICS:
            raise SourceError(
                "too many topics", where=f"{path.name}, {columns[0]}", came=f"{len(found)}", wanted=f"≤ {MOST_TOPICS}"
            )
        return [name or "(none)" for name in found], Mentioned.of(np.arange(len(codes)), codes), True
    if strange := [name for name in columns if not flags[name]]:
        raise SourceError(
            "with several topics each column says yes or no",
            where=f"{path.name}, {strange[0]}",
            came=str(next(v for v in plain[strange[0]] if v.lower() not in {*YES, *NO}))[:40],
            wanted="1/0, true/false, yes/no",
        )
    yes = np.column_stack([plain[name].str.lower().isin(YES) for name in columns])
    units, codes = np.nonzero(yes)
    return list(columns), Mentioned.of(units, codes), False


def _confounder(told: pd.Series) -> Any:
    """Whole numbers for its values; numbers of many values in steps."""
    words = told.fillna("").astype(str).str.strip()
    numbers = pd.to_numeric(words.where(words != ""), errors="coerce")
    if numbers.notna().eq(words != "").all() and numbers.nunique() > MANY:
        return drivers.steps(numbers.to_numpy("float64"))
    return pd.factorize(words, sort=True)[0].astype(np.int64)


# ---------------------------------------------------------------- a world in which the truth is known

KINDS = {
    "quality": "goes with the outcome by itself",
    "parcel": "comes with late parcels, which are bad in themselves; nothing of its own",
    "refund": "comes with late parcels, and has something of its own",
    "colour": "neither comes with anything nor goes with anything",
    "fraud": "rare, and bad",
}
OWN: dict[Scale, tuple[float, ...]] = {"share": (0.8, 0.0, 0.5, 0.0, 1.0), "mean": (-0.12, 0.0, -0.08, 0.0, -0.2)}
"""What each topic adds: log-odds of a low score, or points of a rating from 0 to 1."""


@dataclass(frozen=True)
class World:
    """Conversations: `late` days, `market` and `channel`, all (n,), `has` (n, topics), and what brings two outcomes."""

    customer: npt.NDArray[np.int64]
    late: Numbers
    market: npt.NDArray[np.int64]
    channel: npt.NDArray[np.int64]
    has: npt.NDArray[np.bool_]
    base: dict[str, Numbers]  # what each adds up to with no topic


def world(units: int, dice: np.random.Generator) -> World:
    """Customers with several conversations and moods of their own; lateness brings topics and bad outcomes alike."""
    customer = dice.integers(0, int(0.7 * units), units)
    mood = dice.normal(0, 1, int(0.7 * units))[customer]
    market, channel = dice.integers(0, 5, units), dice.integers(0, 3, units)
    late = np.where(dice.random(units) < 0.3 + 0.05 * market, dice.gamma(1.5, 3.0, units), 0.0)
    pull = np.minimum(late, 12.0)
    chances = np.stack(
        [
            0.08 + 0.04 * (market == 1),
            1 / (1 + np.exp(2.6 - 0.35 * pull)),
            1 / (1 + np.exp(3.2 - 0.20 * pull - 0.4 * (channel == 2))),
            np.full(units, 0.12),
            np.full(units, 0.02),
        ],
        axis=1,
    )
    has = dice.random(chances.shape) < chances
    odds = -2.4 + 0.18 * pull + 0.15 * market - 0.3 * (channel == 1) + 0.5 * mood
    rating = 0.85 - 0.03 * pull - 0.02 * market + 0.04 * (channel == 1) + 0.08 * mood
    return World(customer, late, market, channel, has, {"share": odds, "mean": rating})


def outcome(of: World, scale: Scale, dice: np.random.Generator | None, without: int | None = None) -> Numbers:
    """Drawn outcomes, or what is expected where there are no dice; `without` a topic where one is named."""
    has = of.has if without is None else of.has & (np.arange(of.has.shape[1]) != without)
    level = of.base[scale] + has @ np.array(OWN[scale])
    level = np.asarray(1 / (1 + np.exp(-level)) if scale == "share" else level)
    if dice is None:
        return level
    drawn = dice.random(len(level)) < level if scale == "share" else level + dice.normal(0, 0.2, len(level))
    return np.asarray(drawn, dtype=np.float64)


def truth(scale: Scale, *, units: int = TRUTH, seed: int = SEED) -> tuple[Numbers, Numbers]:
    """Each topic's true difference among those who have it, and what it comes to over all: from many units."""
    of = world(units, np.random.default_rng(seed))
    whole = outcome(of, scale, None)
    apart = np.array([np.where(of.has[:, t], whole - outcome(of, scale, None, t), 0) for t in range(of.has.shape[1])])
    return apart.sum(axis=1) / of.has.sum(axis=0), apart.mean(axis=1)


def found_in(of: World, y: Numbers, scale: Scale) -> drivers.Drivers:
    """What `compare` says of a world of which lateness, market and channel are known."""
    factors = (drivers.steps(of.late), of.market, of.channel)
    said = Mentioned.of(*np.nonzero(of.has))
    return drivers.compare(y, said, of.has.shape[1], factors, of.customer, scale=scale, others=False)


def simulate(
    *,
    runs: int = 300,
    units: int = UNITS,
    scale: Scale = "share",
    seed: int = SEED,
    say: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Simulated:
    """Draw worlds in which what each topic does is known, and count how often an interval holds it."""
    began = time.perf_counter()
    true, true_points = truth(scale)
    seen, plain = [], []
    for run in range(runs):
        dice = np.random.default_rng((seed, 1 + run))
        of = world(units, dice)
        y = outcome(of, scale, dice)
        seen.append(found_in(of, y, scale))
        plain.append(_plain(of, y, scale, true))
        say("worlds", run + 1, runs)
    stacked = {name: np.stack([getattr(one, name) for one in seen]) for name in drivers.Drivers.__dataclass_fields__}
    inside = _inside(stacked, "low", "high", true)
    points = _inside(stacked, "points_low", "points_high", true_points)
    sure = [[v in (drivers.WORSE, drivers.BETTER) for v in one.verdicts("down")] for one in seen]
    topics = [
        Covered(
            *(name, kind, float(true[t]), float(np.nanmean(stacked["raw"][:, t])), float(np.mean(plain, axis=0)[t])),
            *(float(np.nanmean(stacked["difference"][:, t])), float(np.nanmean(inside[:, t]))),
            *(float(true_points[t]), float(np.nanmean(points[:, t])), float(np.mean(~np.isnan(inside[:, t])))),
            float(np.mean([one[t] for one in sure])),
        )
        for t, (name, kind) in enumerate(KINDS.items())
    ]
    return Simulated(
        *(runs, units, scale, float(np.nanmean(inside)), float(np.nanmean(points))),
        min((one.coverage for one in topics if one.told >= HALF), default=float("nan")),
        topics,
        time.perf_counter() - began,
    )


def _plain(of: World, y: Numbers, scale: Scale, true: Numbers) -> npt.NDArray[np.bool_]:
    """Whether the interval of the plain difference holds the truth."""
    has = of.has.astype(np.float64)
    n, m, x, z = has.sum(axis=0), (1 - has).sum(axis=0), y @ has, y @ (1 - has)
    squares = (y**2 @ has, y**2 @ (1 - has))
    found = contrast.shares(x, n, z, m) if scale == "share" else contrast.means(x, squares[0], n, z, squares[1], m)
    return np.asarray((found.low <= true) & (true <= found.high))


def _inside(stacked: dict[str, Any], low: str, high: str, true: Numbers) -> Numbers:
    """1 where the interval holds the truth, 0 where not, NaN where nothing was said."""
    told = ~np.isnan(stacked[low])
    return np.where(told, (stacked[low] <= true) & (true <= stacked[high]), np.nan)
