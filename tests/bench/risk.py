"""`python -m tests.bench.risk [FILE …]`: who comes back, on shops drawn from seeds, on a file, and how fast.

In the drawn shops customers differ in how often they write and in what about, contacts come in bursts, and the chance
of each case is known: the truth's own figures are the most that any score could reach.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from pathlib import Path

import numpy as np

from insight import challenger, goodness, hazard
from insight.errors import LeakError
from insight.evaluate import risk, risk_cases, risk_signs
from insight.evaluate.risk_cases import DAY_MS, Contacts, Told
from insight.evaluate.risk_events import NEVER
from insight.risks.base import Sign

START_MS = 1_767_571_200_000
WEEK = 7.0


def shop(seed: int, days: int = 100, customers: int = 3000) -> tuple[Contacts, np.ndarray]:
    """Contacts, and the expected number of repeats within a week of each by what its customer really is like."""
    dice = np.random.default_rng(seed)
    who, about, opened, pace_of = [], [], [], []
    for customer in range(customers):
        pace, likes = dice.gamma(0.4, 0.12), dice.dirichlet(np.full(8, 0.4))
        for first in dice.uniform(0, days, dice.poisson(pace * days)):
            issue, at = dice.choice(8, p=likes), first
            while at < days:  # a burst: each contact may bring the next one about the same
                who.append(customer)
                about.append(issue)
                opened.append(at)
                pace_of.append(pace * likes[issue] * WEEK + 0.12)
                if dice.random() > 0.12:
                    break
                at += dice.exponential(2.0)
    order = np.argsort(opened, kind="stable")
    who, about, at = np.array(who)[order], np.array(about)[order], np.array(opened)[order]
    opened_ms = (START_MS + at * DAY_MS).astype(np.int64)
    resolved = opened_ms + (dice.exponential(0.4, len(at)) * DAY_MS).astype(np.int64)
    end = START_MS + days * DAY_MS
    resolved = np.where(resolved < end, resolved, NEVER)
    return Contacts(
        who.astype(np.int64), about.astype(np.int64), about.astype(np.int64), opened_ms, opened_ms, resolved, {},
        START_MS, end, {}, {},
    ), np.array(pace_of)[order]  # fmt: skip


def drawn(seeds: int) -> None:
    """Ours beside the truth and the count, by shop."""
    print(f"{'shop':>5} {'auc':>6} {'truth':>6} {'count':>6} {'lift':>6} {'truth':>6} {'count':>6} {'ece':>6}", end="")
    print(f" {'shuffled':>8} {'gain of trees':>26} {'speaks':>10} {'seconds':>7}")
    for seed in range(seeds):
        contacts, expected = shop(seed)
        found = risk.measure(contacts)
        field = risk.Field.make(contacts, "shop")
        rows = np.flatnonzero(field.test)
        back, truth = field.back[rows], expected[field.about["contact"].to_numpy()[rows]]
        way = found.ways[risk.CHALLENGER]
        print(
            f"{seed:5} {found.auc:6.3f} {goodness.auc(back, truth):6.3f} {found.baseline_auc:6.3f}",
            f"{found.lift_at_10:6.2f} {goodness.lift(back, truth):6.2f} {found.baseline_lift_at_10:6.2f}",
            f"{found.ece:6.3f} {found.shuffled_auc:8.3f}",
            f"  {way.gain:+.3f} ({way.gain_low:+.3f} … {way.gain_high:+.3f}) {found.speaks:>10} {found.seconds:7.1f}",
        )


def leak() -> None:
    """What a column that is known only later would pretend, and that it is refused by its name."""
    contacts, _ = shop(0)
    cases, about = risk_signs.cases(risk_signs.Histories.make(contacts, risk.WINDOW))
    field = risk.Field.make(contacts, "shop")
    final = np.log1p(np.bincount(contacts.customer)[about["customer"].to_numpy()])
    believed = dataclasses.replace(
        field, names=(*field.names, "lifetime contacts"), x=np.column_stack([field.x, final])
    )
    rows = field.test
    for name, one in (("without", field), ("believed", believed)):
        line = risk.fit_line(one, one.cut_ms, risk_signs.DIETS["all"])
        print(f"\nlifetime count {name}: auc {goodness.auc(one.back[rows], line.added(one.x[rows])):.3f}", end="")
    known = np.full(len(about), contacts.end_ms, dtype=np.int64)
    planted = dataclasses.replace(cases, signs={**cases.signs, "lifetime contacts": Sign(final, known)})
    try:
        risk.matrix(planted)
    except LeakError as error:
        print(f"\nchecked: {str(error).splitlines()[0]}")


def file(path: Path, events: Path | None, told: Told) -> None:
    """The ways on a file, on the backtest inside the training part only."""
    field = risk.Field.make(risk_cases.read(path, told, events), path.name)
    print(f"\n{path.name}: {len(field.about):,} cases, {len(field.names)} signs; means of the spans of the backtest")

    def line(name: str) -> None:
        tried: list[np.ndarray] = []
        for since, until in field.spans:
            rows = field.judged(since, until)
            if name == "count":
                odds = field.about["same_30"].to_numpy()[rows]
            elif name == "trees":
                odds = risk.fit_forests(field, since).added(field.x[rows])
            else:
                fitted = risk.fit_line(field, since, risk_signs.DIETS[name])
                odds = risk.logit(fitted.hazard.within(fitted.added(field.x[rows]), risk.WINDOW))
            chance = risk.probability(odds)
            back = field.back[rows]
            ece = goodness.calibration_error(back, chance)
            tried.append(np.array([goodness.auc(back, odds), goodness.lift(back, odds), ece]))
        mean = np.mean(tried, axis=0)
        print(f"{name:28} auc {mean[0]:.4f} lift {mean[1]:.3f} ece {mean[2]:.4f}")

    for name in ("count", *risk_signs.DIETS, "trees"):
        line(name)


def speed(periods: int, cases: int, signs: int = 60) -> None:
    """Training on so many person-periods, and so many cases scored with reasons that add up."""
    dice = np.random.default_rng(1)
    n = periods // len(hazard.DAYS)
    x, truth = dice.normal(size=(n, signs)), dice.normal(0, 0.1, signs)
    happened = np.where(dice.random(n) < 0.002, dice.uniform(0, 30, n), np.nan)
    prior = hazard.certain(hazard.DAYS, np.full(len(hazard.DAYS), -4.0), truth)
    spread = np.concatenate([np.full(len(hazard.DAYS), 5.0), np.full(signs, 0.1)])
    began = time.perf_counter()
    found = hazard.fit(x, happened, np.full(n, 60.0), prior=prior, spread=spread)
    counts, _ = hazard.watched(hazard.DAYS, happened, np.full(n, 60.0))
    print(f"\nhazard: {counts.sum():,} person-periods, {signs} signs: {time.perf_counter() - began:.1f} s")
    y = dice.random(n) < 0.15
    began = time.perf_counter()
    forests = challenger.fit(x, y)
    print(f"forests: {n:,} cases: {time.perf_counter() - began:.1f} s")
    x = dice.normal(size=(cases, signs))
    line = risk.Line(np.arange(signs), np.zeros(signs), np.ones(signs), found)
    began = time.perf_counter()
    reasons = line.reasons(x)
    chance = [found.within(reasons.sum(axis=1), days) for days in hazard.DAYS]
    off = np.abs(reasons.sum(axis=1) - line.standard(x) @ found.weights).max()
    print(f"hazard: {len(chance[0]):,} scored with reasons, off {off:.1e}: {time.perf_counter() - began:.2f} s")
    began = time.perf_counter()
    told = forests.reasons(x[: cases // 10])
    off = np.abs(told.sum(axis=1) - forests.added(x[: cases // 10])).max()
    print(f"forests: {len(told):,} scored with reasons, off {off:.1e}: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("file", type=Path, nargs="?")
    asked.add_argument("--events", type=Path)
    for what, usual in {"customer": "caller_id", "issue": "category"}.items():
        asked.add_argument(f"--{what}", default=usual)
    for what in ("opened", "resolved"):
        asked.add_argument(f"--{what}", default=f"{what}_at")
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--periods", type=int, default=1_000_000)
    asked.add_argument("--cases", type=int, default=100_000)
    told = asked.parse_args()
    if told.file:
        file(told.file, told.events, Told(told.customer, told.issue, told.opened, told.resolved))
    drawn(told.seeds)
    leak()
    speed(told.periods, told.cases)
