"""`python -m tests.bench.forecast`: forecasts on shops drawn from seeds, queues against a simulation, and speed.

Each shop has a rhythm of hours and weekdays, a level that drifts, days that are busier than others by chance, one
promotion with 1.8 times the contacts in each half of its history, and a day without data. The truth is known, so that
errors and coverage can be held against what chance alone leaves.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from insight import arrivals, backtest, forecast, schema, staffing
from insight.arrivals import Series, number_of
from insight.engines import ENGINES
from insight.run import Run
from insight.settings import Settings
from insight.store import conform
from jobs import heads, hour_forecast

MONDAY = number_of(dt.date(2026, 1, 5))
LEVELS = (0.2, 1.0, 5.0, 30.0, 200.0)
WEEK = np.array([1.3, 1.1, 1.0, 1.0, 0.95, 0.5, 0.4])


def shop(seed: int, level: float, days: int = 182) -> tuple[Series, forecast.Special]:
    """So many contacts an hour on a usual afternoon."""
    dice = np.random.default_rng(seed)
    hour = 0.1 + np.clip(np.sin((np.arange(24) - dice.integers(4, 9)) * np.pi / 14), 0, None)
    drift = np.exp(np.cumsum(dice.normal(0, 0.01, days)))
    special: dict[int, forecast.Kind] = dict.fromkeys((*range(60, 63), *range(150, 153)), "promotion")
    times = np.array([1.8 if day in special else 1.0 for day in range(days)])
    rates = level * (WEEK[np.arange(days) % 7] * drift * times)[:, None] * hour
    counts = dice.poisson(rates * dice.gamma(12, 1 / 12, (days, 1))).astype(float)
    counts[dice.integers(20, days - 20)] = 0
    told = arrivals.stream(Series(MONDAY, counts, np.ones(counts.shape)))
    return told, {MONDAY + day: kind for day, kind in special.items()}


def forecasts(seeds: int, days: int) -> None:
    """Errors and coverage by level."""
    print(
        f"{'level':>6} {'ratio':>6} {'wape':>6} {'floor':>6} {'80 %':>6} {'95 %':>6}",
        f"{'days 80 %':>9} {'bias':>6} seconds",
    )
    for level in LEVELS:
        rows = []
        began = time.perf_counter()
        for seed in range(seeds):
            series, special = shop(seed, level)
            looked = backtest.backtest(series, days=days, special=special)
            said, naive = backtest.picked(looked), backtest.always(looked, forecast.NAIVE)
            held = backtest.held(said)
            score = backtest.score(said, naive, held.ready, looked.scale)
            ready = held.ready
            bias = (said.expected * said.known)[ready].sum() / (said.truth * said.known)[ready].sum()
            shares = [held.expecting[k].sum() / held.expecting_n.sum() for k in (0, 1)]
            floor = backtest.floor(said, ready)
            rows.append(
                [score.against.value, score.wape.value, floor, *shares, held.days[0].sum() / held.days_n.sum(), bias]
            )
        mean = np.mean(rows, axis=0)
        print(f"{level:6.1f} " + " ".join(f"{v:6.3f}" for v in mean[:5]), f"{mean[5]:9.3f} {mean[6]:6.3f}", end=" ")
        print(f"{(time.perf_counter() - began) / seeds:7.2f}")


def queues(customers: int) -> None:
    """The share answered in time, by formula and by simulation; handling times exponential and log-normal."""
    print(
        f"\n{'load':>6} {'people':>6} {'patience':>8} {'formula':>8} {'simulated':>9} {'off':>7}",
        f"{'log-normal':>10} {'off':>7}",
    )
    for load, people, patience in (
        (0.5, 1, 180.0), (3.2, 4, 180.0), (3.2, 5, None), (16.7, 19, 180.0), (16.7, 20, None), (95.0, 100, 60.0),
        (95.0, 104, None), (480.0, 500, None),
    ):  # fmt: skip
        handle = np.array([300.0])
        told = np.array([load])
        table = staffing.erlang_b(told, people)
        formula = (
            staffing.answered_c(told, handle, people, 60, table[people])
            if patience is None
            else staffing.answered_a(told, handle, people, 60, patience, table[people - 1])
        )[0]
        shares = [
            staffing.simulate(
                load * 12, people, within_s=60, draw=draw, patience_s=patience, customers=customers, seed=7
            )
            for draw in (
                lambda dice, n: dice.exponential(300, n),
                lambda dice, n: dice.lognormal(np.log(300) - 0.32, 0.8, n),
            )
        ]
        figures = [v for one in shares for v in (one.answered, one.answered - formula)]
        print(
            f"{load:6.1f} {people:6} {patience or 0:8.0f} {formula:8.4f} {figures[0]:9.4f} {figures[1]:+7.4f}", end=" "
        )
        print(f"{figures[2]:10.4f} {figures[3]:+7.4f}")


def speed(conversations: int) -> None:
    """Both jobs on a history of so many conversations in two years and four channels."""
    dice = np.random.default_rng(1)
    opened = np.sort(dice.integers(0, 728 * 24, conversations)) * 3_600_000 + MONDAY * arrivals.DAY_MS
    days = (opened // arrivals.DAY_MS).astype("datetime64[D]")
    channels = np.array(["chat", "email", "marketplace", "call"])[dice.integers(0, 4, conversations)]
    handle = dice.integers(30_000, 900_000, conversations)
    rows = pa.table(
        {"channel": channels, "opened_ms": opened, "day": pa.array(days, pa.date32()), "hour": opened // 3_600_000 % 24}
        | {"needs_answer": np.ones(conversations, dtype=bool), "answered": np.ones(conversations, dtype=bool)}
        | {"resolved": np.ones(conversations, dtype=bool), "handle_ms": handle, "handle_shared_ms": handle}
        | {"duration_ms": handle}
    )
    empty = pd.DataFrame({"starts_ms": [], "ends_ms": []}).astype("int64")
    for name, engine in ENGINES.items():
        if name == "spark":
            continue
        run = Run(Settings(home=Path()), engine)
        began = time.perf_counter()
        told = hour_forecast.work(engine.frame(rows), run=run)
        middle = time.perf_counter()
        ahead = engine.frame(conform(schema.HOUR_FORECAST, told[0]))
        heads.work(engine.frame(rows), ahead, engine.frame(pa.Table.from_pandas(empty)), run=run)
        ended = time.perf_counter()
        print(
            f"\n{name}: {conversations:,} conversations, forecast {middle - began:.1f} s, people {ended - middle:.1f} s"
        )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--days", type=int, default=14, help="how far ahead")
    asked.add_argument("--customers", type=int, default=2_000_000)
    asked.add_argument("--conversations", type=int, default=1_000_000)
    told = asked.parse_args()
    forecasts(told.seeds, told.days)
    queues(told.customers)
    speed(told.conversations)
