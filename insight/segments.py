"""Where did a rise begin? The smallest part of all orders, by up to four of their properties, that explains it.

Counts per cell (orders that share every property) and week are set against exposure. If nothing changed, the events of
a cell fall on its weeks as its exposure does, whatever its rate is; so each cell is its own yardstick, and a cell with
more orders than before is no rise. For every conjunction of properties and every week in which a rise may have begun, a
likelihood ratio tells how much better "more since then, here" explains the counts. A larger part than the true one
dilutes the ratio and a smaller one loses events, so the best one is the part itself; a conjunction pays for each choice
that it makes, and of two that hold the same orders the one said in fewer words stands.

Source: M. Kulldorff (1997), A spatial scan statistic, Communications in Statistics 26, with conjunctions in the place
of circles; the chance of the best of all is simulated, so that nothing is paid for looking everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight.schema import UNKNOWN

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rules:
    """How strict the search is. The values were tried by simulation (tests/bench/segments.py)."""

    conditions: int = 4
    least_before: int = 4  # weeks with exposure before a rise can have begun
    least_events: int = 8  # of a part; fewer tell nothing
    level: float = 0.05
    trials: int = 399
    most: int = 3  # parts that are told
    seed: int = 7


@dataclass(frozen=True)
class Found:
    """A part and since when it rose.

    `where` names the conditions (none: all orders), `inside` (C,) its cells, `start` the first week of the rise, `p`
    the chance of as clear a rise anywhere if nothing had changed, `explained` its share of all events beyond the usual.
    """

    where: dict[str, str]
    inside: Flags
    start: int
    p: float
    explained: float


@dataclass(frozen=True)
class Parts:
    """Conjunctions as a sparse matrix of parts by cells (S, C), and what each costs: log of how many there are."""

    names: list[dict[str, str]]
    matrix: Any
    cost: Floats


def parts(cells: pd.DataFrame, events: Floats, rules: Rules) -> Parts:
    """Every conjunction of up to `conditions` properties with enough events, each set of cells once.

    :param cells: one row per cell, one column of text per property, in the order in which they are preferred.
    :param events: per cell, shape (C,).
    """
    from scipy.sparse import csr_matrix

    names: list[dict[str, str]] = []
    inside: list[Wholes] = []
    depth: list[int] = []
    seen: set[bytes] = set()
    for size in range(min(rules.conditions, len(cells.columns)) + 1):
        for columns in combinations(cells.columns, size):
            for values, rows in _groups(cells, columns):
                mark = rows.tobytes()
                if UNKNOWN in values or mark in seen or events[rows].sum() < rules.least_events:
                    continue
                seen.add(mark)
                names.append(dict(zip(columns, values, strict=True)))
                inside.append(rows)
                depth.append(size)
    ends = np.cumsum([0, *map(len, inside)])
    columns_of = np.concatenate(inside) if inside else np.zeros(0, np.int64)
    matrix = csr_matrix((np.ones(ends[-1]), columns_of, ends), shape=(len(names), len(cells)))
    per_depth = np.bincount(depth, minlength=1)
    return Parts(names, matrix, np.log([per_depth[d] for d in depth]))


def _groups(cells: pd.DataFrame, columns: tuple[str, ...]) -> list[tuple[tuple[str, ...], Wholes]]:
    """Values and the places of their cells, in the order of the values."""
    if not columns:
        return [((), np.arange(len(cells)))]
    found = cells.groupby(list(columns), sort=True).indices
    return [(v if isinstance(v, tuple) else (v,), np.sort(rows)) for v, rows in found.items()]


def search(
    cells: pd.DataFrame, events: Wholes, exposure: Floats, rules: Rules | None = None
) -> tuple[list[Found], float]:
    """The parts that rose, clearest first, each found once those before it are left out.

    :param cells: one row per cell. :param events: counts, shape (C, W), oldest week first. :param exposure: the same
        shape, real; a week of a cell without exposure tells nothing, and its events are left out.
    :returns: at most `most` parts, and the chance of what is left where nothing more is found (1: nobody can tell).
    """
    rules = rules or Rules()
    events = np.where(exposure > 0, events, 0)
    left, found, p = np.ones(len(cells), bool), list[Found](), 1.0
    while len(found) < rules.most:
        best = _best(cells[left], events[left], exposure[left], rules) if left.any() else None
        if best is None:
            return found, 1.0
        where, inside, start, p = best
        if p > rules.level:
            return found, p
        whole = np.zeros(len(cells), bool)
        whole[np.flatnonzero(left)[inside]] = True
        found.append(Found(where, whole, start, p, _explained(events, exposure, whole, left, start)))
        left &= ~whole
    return found, p


def _best(
    cells: pd.DataFrame, events: Wholes, exposure: Floats, rules: Rules
) -> tuple[dict[str, str], Wholes, int, float] | None:
    """The clearest rise: conditions, cells, first week and the chance of one as clear; none if too little is told."""
    starts = _starts(exposure, rules)
    listed = parts(cells, events.sum(axis=1).astype(np.float64), rules)
    if not len(starts) or not listed.names:
        return None
    total = events.sum(axis=1)
    share = exposure / np.where(exposure.sum(axis=1) > 0, exposure.sum(axis=1), 1)[:, None]
    expected = listed.matrix @ (total[:, None] * _since(share, starts))
    sums = (listed.matrix @ total)[:, None]
    seen = listed.matrix @ _since(events.astype(np.float64), starts)
    plain = _ratio(seen, expected, sums)
    best = np.argmax((plain - listed.cost[:, None]).max(axis=0))
    shock = _shock(events, total[:, None] * share, int(starts[best]))
    scatter = 1 + shock * sums / max((exposure.sum(axis=0) > 0).sum(), 1)

    def score(counts: Floats) -> Floats:
        gain: Floats = _ratio(listed.matrix @ _since(counts, starts), expected, sums) / scatter
        return gain - listed.cost[:, None]

    found = score(events.astype(np.float64))
    part, start = np.unravel_index(np.argmax(found), found.shape)
    chance = np.random.default_rng(rules.seed)
    beaten = sum(score(_by_chance(chance, total, share, shock)).max() >= found.max() for _ in range(rules.trials))
    p = (1 + beaten) / (1 + rules.trials)
    return listed.names[part], np.sort(listed.matrix[part].indices), int(starts[start]), float(p)


def _starts(exposure: Floats, rules: Rules) -> Wholes:
    """Weeks in which a rise may have begun: enough of them with exposure lie before."""
    known = np.flatnonzero(exposure.sum(axis=0) > 0)
    return known[rules.least_before :].astype(np.int64)


def _since(values: Floats, starts: Wholes) -> Floats:
    """Sums from each start on, shape (C, starts)."""
    found: Floats = values[:, ::-1].cumsum(axis=1)[:, ::-1][:, starts]
    return found


def _ratio(seen: Floats, expected: Floats, total: Floats) -> Floats:
    """The log-likelihood ratio of "a higher share since then" against "as exposure says"; 0 where there is no rise."""
    before, usual = total - seen, total - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        risen = np.where(seen > 0, seen * np.log(seen / expected), 0)
        rest = np.where(before > 0, before * np.log(before / usual), 0)
    found = np.where((seen > expected) & (expected > 0), risen + rest, 0)
    return np.asarray(np.nan_to_num(found, nan=0.0, posinf=0.0), dtype=np.float64)


def _shock(events: Wholes, expected: Floats, start: int) -> float:
    """How much the weeks move all parcels together (weather, holidays): the variance of a common factor.

    By moments, from the sums of all cells, once a step at the start is taken out; part of it would be the rise itself.
    """
    seen, usual = events.sum(axis=0).astype(np.float64), expected.sum(axis=0)
    for side in (slice(None, start), slice(start, None)):
        usual[side] *= seen[side].sum() / usual[side].sum() if usual[side].sum() else 0.0
    enough = usual >= 2
    freedom = enough.sum() - 2
    if freedom < 4:
        return 0.0
    beyond = ((seen - usual) ** 2 - usual)[enough].sum() / (usual[enough] ** 2).sum()
    return float(max(beyond * enough.sum() / freedom, 0.0))


def _by_chance(chance: np.random.Generator, total: Wholes, share: Floats, shock: float) -> Floats:
    """Events that fall on the weeks as exposure and a common factor of the week do, each cell keeping its sum."""
    if shock > 0:
        share = share * chance.gamma(1 / shock, shock, share.shape[1])
    rows = np.flatnonzero(total > 0)
    found = np.zeros(share.shape)
    if len(rows):
        exact = share[rows] / np.maximum(share[rows].sum(axis=1, keepdims=True), 1e-300)
        found[rows] = chance.multinomial(total[rows], exact)
    return found


def _explained(events: Wholes, exposure: Floats, inside: Flags, of: Flags, start: int) -> float:
    """The part's events beyond the rate before, by those of the part and of the rest together."""

    def beyond(cells: Flags) -> float:
        before, after = exposure[cells, :start].sum(), exposure[cells, start:].sum()
        usual = events[cells, :start].sum() * after / before if before else 0.0
        return float(events[cells, start:].sum() - usual)

    mine, rest = beyond(inside), beyond(of & ~inside)
    return mine / (mine + max(rest, 0.0)) if mine > 0 else 0.0
