"""How often is an action told to have worked where it did, and where it did not; and what do simpler ways say?

Run by hand: `python -m tests.bench.effects [worlds of each kind]`. The worlds are those of `insight eval effects
--simulate`, and harder ones: uneven swings, weeks far off, memories of many lengths, rises that end at once.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from insight.evaluate.effects import WORLDS, World, simulate

PLAIN, FALL = World("no effect"), World("-40 %", effect=-0.4)
MORE = (
    replace(FALL, name="-40 %, 4 weeks after", after=4),
    replace(FALL, name="-40 %, 8 weeks after", after=8),
    replace(FALL, name="-40 %, 60 contacts a week", weekly=60.0),
    replace(FALL, name="-40 %, 2 units acted on", treated=2),
    replace(FALL, name="-40 %, 24 others", others=24),
    replace(FALL, name="-40 %, 80 weeks before", before=80),
    replace(FALL, name="-20 %", effect=-0.2),
    replace(PLAIN, name="no effect, 5 others, 16 weeks, 3 contacts", others=5, before=9, after=7, weekly=3.0),
    replace(PLAIN, name="no effect, uneven swings", uneven=0.4),
    replace(PLAIN, name="no effect, far weeks", tails=True),
    replace(PLAIN, name="no effect, memories .2 and .9", memories=(0.2, 0.9)),
    replace(PLAIN, name="no effect, a rise of 60 % that ends at once", once=1.6),
)


def simple(world: World, *, runs: int, seed: int = 7) -> str:
    """Differences of log sums against the mean of the others, judged by the t form of placebos: the way before ours."""
    from scipy.stats import t

    worked, off = 0, []
    for run in range(runs):
        panel = world.panel([seed, run])
        before = slice(0, world.before - panel.spike)
        late, early = (
            np.log((panel.contacts[:, part].sum(axis=1) + 0.5) / panel.orders[:, part].sum(axis=1))
            for part in (slice(world.before, None), before)
        )
        change = late - early
        acted, others = change[: world.treated].mean(), change[world.treated :]
        error = others.std(ddof=1) * np.sqrt(1 / world.treated + 1 / len(others))
        worked += (acted - others.mean()) / error < t.ppf(0.025, len(others) - 1)
        off.append(acted - others.mean() - np.log1p(world.effect))
    return f"{world.name:46} {runs:5}  worked {worked / runs:6.1%}  off {np.mean(off):+.3f}  spread {np.std(off):.3f}"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    sys.stdout.write("differences with placebo t\n")
    for world in (*WORLDS, *MORE[:3]):
        sys.stdout.write(simple(world, runs=runs) + "\n")
    sys.stdout.write("ours\n")
    for world in (*WORLDS, *MORE):
        began = time.perf_counter()
        [told] = simulate([world], runs=runs)
        worked = f"{told.worked:6.1%} ({told.worked_low:.1%} … {told.worked_high:.1%})"
        covered = f"{told.covered:.1%} ({told.covered_low:.1%} … {told.covered_high:.1%})"
        sys.stdout.write(
            f"{told.name:46} {told.runs:5}  worked {worked}  did not {told.did_not:5.1%}  covered {covered}  "
            f"off {told.off:+.3f}  spread {told.spread:.3f}  {1000 * (time.perf_counter() - began) / runs:.0f} ms\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
