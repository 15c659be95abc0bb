"""Do the intervals of drivers hold the truth, and how fast are they? `python -m tests.bench.drivers [runs]`."""

from __future__ import annotations

import sys
import time

import numpy as np

from insight import drivers
from insight.evaluate.drivers import simulate

UNITS, TOPICS = 1_000_000, 60


def coverage(runs: int) -> None:
    """Worlds with a confounded topic, of several sizes."""
    for scale in ("share", "mean"):
        for units in (1000, 4000, 16_000):
            found = simulate(runs=runs, units=units, scale=scale)
            print(f"{scale}, {units:,} conversations, {runs} worlds, {found.seconds:.0f} s")
            print(f"  all topics {found.coverage:.3f}, points {found.points_coverage:.3f}, worst {found.worst:.3f}")
            for one in found.topics:
                print(
                    f"  {one.topic:8} truth {one.truth:+.3f} raw {one.raw:+.3f} (covers {one.raw_coverage:.3f}) "
                    f"adjusted {one.adjusted:+.3f} (covers {one.coverage:.3f}, points {one.points_coverage:.3f}) "
                    f"called {one.said:.3f}"
                )


def speed() -> None:
    """A million conversations, 60 topics, ten confounders with 240 values."""
    dice = np.random.default_rng(1)
    often = dice.choice([1, 1, 1, 2], UNITS)
    units = np.repeat(np.arange(UNITS), often)
    said = drivers.Mentioned.of(units, dice.integers(0, TOPICS, len(units)))
    factors = [dice.integers(0, size, UNITS) for size in (8, 4, 4, 100, 5, 12, 8, 80, 7, 12)]
    whose = dice.integers(0, 700_000, UNITS)
    y = (dice.random(UNITS) < 0.1 + 0.05 * (factors[5] > 9)).astype(float)
    for scale in ("share", "mean", "share", "mean"):
        began, worked = time.perf_counter(), time.process_time()
        drivers.compare(y, said, TOPICS, factors, whose, scale=scale, others=True)
        spent = f"{time.perf_counter() - began:.1f} s, {time.process_time() - worked:.1f} s of one core"
        print(f"{scale}: {UNITS:,} conversations, {TOPICS} topics in {spent}", flush=True)


if __name__ == "__main__":
    coverage(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
    speed()
