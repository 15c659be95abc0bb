"""How many people are needed so that customers do not wait too long? Queues in formulas, backlogs by draining.

Arrivals are Poisson within an hour and handling times exponential, n servers, first come, first served. Erlang C lets
everybody wait for ever, which is too dark; Erlang A lets customers give up, which is too bright where they come back
(T. R. Robbins, D. J. Medeiros and T. P. Harrison (2010), Does the Erlang C model fit in real call centers?, Winter
Simulation Conference): the truth lies between. All functions take arrays of shape (hours,) and hold for thousands of
servers: nothing is raised to a power or divided by a factorial.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

NODES = 64
"""Points of an integral: the integrand is one smooth hill."""
DROP = 40.0
"""Where the hill has fallen to exp(-40) of its top, it is cut off."""
MOST = 20_000
"""Servers that are tried at most."""


def erlang_b(load: Numbers, most: int) -> Numbers:
    """The share of customers that find all servers taken where nobody waits, for 0 … `most` servers.

    :param load: arrivals × handling time, in Erlang, shape (hours,).
    :returns: shape (most + 1, hours).

    By the recursion of the inverse, which only adds positive numbers. Source: A. K. Erlang (1917); the recursion as in
    G. Koole (2013), Call center optimization, 2.
    """
    inverse = np.ones((most + 1, len(load)))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        for servers in range(1, most + 1):
            inverse[servers] = 1 + inverse[servers - 1] * np.where(load > 0, servers / load, np.inf)
        blocked: Numbers = 1 / inverse
    return blocked


def erlang_c(load: Numbers, servers: int | Whole, blocked: Numbers) -> Numbers:
    """The share of customers that wait at all where everybody waits; 1 where servers cannot keep up.

    :param blocked: `erlang_b` at these servers.
    """
    n = np.maximum(servers, 1e-9)
    busy = load / n
    waits: Numbers = np.where(busy < 1, blocked / np.maximum(1 - busy * (1 - blocked), 1e-300), 1.0)
    return waits


def answered_c(load: Numbers, handle_s: Numbers, servers: int | Whole, within_s: float, blocked: Numbers) -> Numbers:
    """The share of customers answered in time where nobody gives up (Erlang C); 0 where servers cannot keep up."""
    spare = np.maximum(servers - load, 0)
    late = erlang_c(load, servers, blocked) * np.exp(-spare * within_s / handle_s)
    answered: Numbers = np.where(load <= 0, 1.0, np.where(spare > 0, 1 - late, 0.0))
    return answered


def answered_a(
    load: Numbers, handle_s: Numbers, servers: int | Whole, within_s: float, patience_s: float, blocked_below: Numbers
) -> Numbers:
    """The share of all customers answered within a time where they give up (Erlang A, M/M/n+M).

    :param patience_s: the median of their patience, which is exponential.
    :param blocked_below: `erlang_b` at one server less.

    The offered wait V has no mass but at 0 and the density λ·exp(λ·H(x) − nμx) / (1/B(n−1) + λ·J) with
    H(x) = (1 − exp(−θx))/θ, J its integral; whoever waits x is still there with exp(−θx). Source: S. Zeltyn and
    A. Mandelbaum (2005), Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue, Queueing
    Systems 51. Integrals are taken as logarithms, so that overload does no harm.
    """
    rate, drop = np.maximum(load, 1e-12) / handle_s, np.log(2) / patience_s
    serve = np.broadcast_to(np.maximum(servers, 1) / handle_s, rate.shape)
    every = _log_area(rate, serve, drop, np.full(rate.shape, np.inf), still=0)
    early = _log_area(rate, serve, drop, np.full(rate.shape, float(within_s)), still=1)
    with np.errstate(divide="ignore", over="ignore"):
        at_once = -np.log(np.maximum(blocked_below, 1e-300))
        whole = np.logaddexp(at_once, np.log(rate) + every)
        found = np.exp(at_once - whole) + np.exp(np.log(rate) + early - whole)
    answered: Numbers = np.where(load <= 0, 1.0, np.where(np.asarray(servers) > 0, np.minimum(found, 1), 0.0))
    return answered


def _log_area(rate: Numbers, serve: Numbers, drop: float, upto: Numbers, *, still: int) -> Numbers:
    """The logarithm of ∫ exp(λ·H(x) − nμx − still·θx) dx from 0 to `upto`, by Gauss and Legendre over the hill."""
    pull = serve + still * drop

    def height(x: Numbers) -> Numbers:
        risen: Numbers = rate * -np.expm1(-drop * x) / drop - pull * x
        return risen

    with np.errstate(divide="ignore"):
        top = np.minimum(np.maximum(np.log(rate / pull) / drop, 0), upto)
    peak = height(top)
    first, last = _edge(height, top, np.zeros_like(top), peak), _edge(height, top, _far(height, top, upto, peak), peak)
    x, weight = np.polynomial.legendre.leggauss(NODES)
    half = (last - first) / 2
    at = first + half * (x[:, None] + 1)
    area = (weight[:, None] * np.exp(height(at) - peak)).sum(axis=0) * half
    logarithm: Numbers = peak + np.log(np.maximum(area, 1e-300))
    return logarithm


def _far(height: Callable[[Numbers], Numbers], top: Numbers, upto: Numbers, peak: Numbers) -> Numbers:
    """A point right of the hill, or the end of the integral where that comes first."""
    far, step = top.copy(), np.ones_like(top)
    for _ in range(200):
        climbing = (height(far) > peak - DROP) & (far < upto)
        if not climbing.any():
            break
        far = np.where(climbing, np.minimum(top + step, upto), far)
        step *= 2
    return far


def _edge(height: Callable[[Numbers], Numbers], top: Numbers, far: Numbers, peak: Numbers) -> Numbers:
    """Where the hill has fallen off, between its top and a far point; the far point where it has not."""
    inner, outer = top.copy(), far.copy()
    fallen = height(far) < peak - DROP
    for _ in range(60):
        middle = (inner + outer) / 2
        low = height(middle) < peak - DROP
        outer, inner = np.where(low, middle, outer), np.where(low, inner, middle)
    return np.where(fallen, outer, far)


@dataclass(frozen=True)
class Aim:
    """What is promised: answered within `within_s` seconds in `share` of cases, nobody busier than `occupancy`.

    `patience_s`: half of the customers have given up after it. `slots`: customers that one person serves at a time.
    """

    within_s: float
    share: float
    occupancy: float
    patience_s: float
    slots: int = 1


def people(per_hour: Numbers, handle_s: Numbers, aim: Aim, *, patient: bool) -> Whole:
    """The fewest people that keep the aim, by hour: shape (hours,).

    A person with c slots is c servers. The cap on occupancy counts time of slots: customers may keep all slots of
    people busy for no more than that share of the time.

    :param per_hour: contacts an hour.
    :param handle_s: seconds that a contact keeps a slot busy.
    :param patient: nobody gives up (Erlang C), or customers do (Erlang A).
    """
    load = per_hour * handle_s / 3600
    least = np.where(load > 0, np.maximum(np.ceil(load / aim.occupancy / aim.slots - 1e-9), 1), 0).astype(np.int64)
    most = int((load.max(initial=0) + 10 * np.sqrt(load.max(initial=0)) + 20) / aim.occupancy) + 2 * aim.slots
    blocked = erlang_b(load, min(most, MOST))
    low, high = least.copy(), np.maximum(least, min(most, MOST) // aim.slots)
    while (low < high).any():
        middle = (low + high) // 2
        kept = _answered(load, handle_s, middle * aim.slots, aim, blocked, patient=patient) >= aim.share
        low, high = np.where(kept, low, np.minimum(middle + 1, high)), np.where(kept, middle, high)
    return low


def _answered(
    load: Numbers, handle_s: Numbers, servers: Whole, aim: Aim, blocked: Numbers, *, patient: bool
) -> Numbers:
    """The share answered in time by either formula, from a table of `erlang_b`."""
    column = np.arange(len(load))
    if patient:
        return answered_c(load, handle_s, servers, aim.within_s, blocked[servers, column])
    below = blocked[np.maximum(servers - 1, 0), column]
    return answered_a(load, handle_s, servers, aim.within_s, aim.patience_s, below)


def scheduled(working: Numbers, shrinkage: float) -> Whole:
    """How many must be on the plan so that so many work: the rest is on break, in training or on leave."""
    return np.ceil(np.asarray(working) / (1 - shrinkage) - 1e-9).astype(np.int64)


def drained(work_h: Numbers, opened: Numbers, *, backlog_h: float, days: float, occupancy: float) -> Numbers:
    """People who work off tickets: what waits at opening and comes in that day is spread evenly over its open hours.

    What comes while closed waits for the next open day. Of what waits, a share of 1 / `days` is done each day; the
    rest waits for the next one. Where no hour is open, nobody works and all waits.

    :param work_h: hours of work that come in each hour, shape (days, 24).
    :param opened: hours for which each hour is open, the same shape.
    :param backlog_h: hours of work that wait at the beginning.
    :returns: people, shape (days, 24), before shrinkage.
    """
    found = np.zeros_like(work_h)
    waits = backlog_h
    for day in range(len(work_h)):
        hours = np.flatnonzero(opened[day] > 0)
        if not len(hours):
            waits += work_h[day].sum()
            continue
        closes = hours[-1] + 1
        waits += work_h[day, :closes].sum()
        done = waits / max(days, 1.0)
        found[day, hours] = done / opened[day].sum() / occupancy
        waits += work_h[day, closes:].sum() - done
    return found


@dataclass(frozen=True)
class Simulated:
    """What happened to the customers of a simulated queue. `busy` is the share of servers' time."""

    customers: int
    answered: float
    gave_up: float
    mean_wait_s: float
    busy: float


def simulate(
    per_hour: float,
    servers: int,
    *,
    within_s: float,
    draw: Callable[[np.random.Generator, int], Numbers],
    patience_s: float | None,
    customers: int,
    seed: int,
) -> Simulated:
    """Let customers come one by one, wait in line and be served: a second opinion that needs no formula.

    A customer is served by the server who is free first, if that is within the customer's patience. The first tenth of
    the customers fills the queue and is not counted.

    :param draw: handling times in seconds, of any distribution: (generator, how many).
    :param patience_s: median of an exponential patience; None where nobody gives up.
    """
    dice = np.random.default_rng(seed)
    came = np.cumsum(dice.exponential(3600 / per_hour, customers))
    handle = draw(dice, customers)
    patience = np.full(customers, np.inf) if patience_s is None else dice.exponential(patience_s / np.log(2), customers)
    free = [0.0] * servers
    waits = np.empty(customers)
    for at, (moment, seconds, gives_up) in enumerate(
        zip(came.tolist(), handle.tolist(), patience.tolist(), strict=True)
    ):
        wait = max(free[0] - moment, 0.0)
        waits[at] = wait
        if wait <= gives_up:
            heapq.heapreplace(free, moment + wait + seconds)
    counted = slice(customers // 10, None)
    served = (waits <= patience)[counted]
    spell = came[-1] - came[customers // 10]
    return Simulated(
        len(served),
        float((served & (waits[counted] <= within_s)).mean()),
        float(1 - served.mean()),
        float(np.minimum(waits, patience)[counted].mean()),
        float(handle[counted][served].sum() / spell / servers),
    )
