"""`make bench`: how often all early warnings together cry wolf, and what they find, on shops drawn from seeds.

The contacts are those of tests/bench/emerging.py: 60 topics over 150 days, orders that grow, weekdays, one promotion.
Each contact may come a second time, end in a bad mood, or be rated, with a share of each topic's own that varies from
week to week. In half of the shops nothing changes; in the others one topic each gets worse in one way.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from insight import emerging, worsening
from insight.marts import early_warning
from insight.marts.early_warning import AGAIN, ENDS_BAD, LOW, MORE, SHOWN_DAYS, Family
from insight.periods import Period
from tests.bench import emerging as contacts

UNTIL = (122, 150)
"""Days before which the shop is judged; each tells of the 28 days before."""
USUAL = {LOW: 0.25, AGAIN: 0.12, ENDS_BAD: 0.18}
RATED = 0.2
"""Of the contacts, the share that is rated."""
WITHIN = {MORE: 7, LOW: 28, AGAIN: 14, ENDS_BAD: 14}
"""Days after it began within which a worsening counts as found."""
BUSY = 3.0
"""Contacts a day of a topic that gets worse."""
LANES = pd.DataFrame(columns=["p", "verdict"])


def shares(
    shop: contacts.Shop, kind: str, draw: np.random.Generator, *, wobble: float, topic: int, start: int, factor: float
) -> Family:
    """A family of shares over the shop's contacts; from `start` on the odds of one topic are so many times as high."""
    seen = shop.series.contacts
    of = draw.binomial(seen, RATED) if kind == LOW else seen
    usual = USUAL[kind] * np.exp(draw.normal(0, 0.4, (contacts.TOPICS, 1)))
    weeks = np.repeat(draw.normal(0, wobble, (contacts.TOPICS, contacts.DAYS // 7 + 1)), 7, axis=1)
    odds = usual / (1 - usual) * np.exp(weeks[:, : contacts.DAYS])
    odds[topic, start:] *= factor
    bad = draw.binomial(of, odds / (1 + odds))
    counts = worsening.Counts(shop.series.cells[worsening.CELL], shop.series.first, of, bad)
    return early_warning.of_shares(kind, counts, worsening.judge(counts, days=contacts.DAYS))


def shop(seed: int, *, worse: str = "", factor: float = 1.0, wobble: float = 0.2) -> tuple[list[Family], int, int]:
    """The families of a shop, the topic that gets worse in one way, and the day on which it begins."""
    draw = np.random.default_rng([seed, 7])
    start = int(draw.integers(UNTIL[0] - SHOWN_DAYS, UNTIL[1] - 28))
    drawn = contacts.shop(seed, 1.0)
    busy = np.flatnonzero(drawn.mean[:, start:].mean(axis=1) >= BUSY)
    topic = int(draw.choice(busy))
    if worse == MORE:
        more = drawn.series.contacts.copy()
        more[topic, start : start + 7] = draw.poisson(factor * drawn.mean[topic, start : start + 7])
        people = np.stack([contacts._last(more, window) for window in emerging.WINDOWS])
        drawn = replace(drawn, series=replace(drawn.series, contacts=more, customers=people))
    families = [early_warning.of_contacts(drawn.series, emerging.judge(drawn.series))]
    for kind in USUAL:
        times = factor if kind == worse else 1.0
        families.append(shares(drawn, kind, draw, wobble=wobble, topic=topic, start=start, factor=times))
    return families, topic, start


def spoken(families: list[Family]) -> list[tuple[str, int, set[str]]]:
    """Topic, day and kinds of every alert of the shown days."""
    first, found = families[0].first, []
    for end in UNTIL:
        days = Period(first, first + pd.Timedelta(days=end).to_pytimedelta())
        signs = early_warning.signs(families, LANES, days.until)
        enough = [replace(s, customers=s.observed) for s in signs if s.observed >= early_warning.LEAST_CUSTOMERS]
        for (topic, _), told in early_warning.raised(enough):
            day = (told[0].day - first).days
            if day >= end - SHOWN_DAYS:
                found.append((topic, day, {s.kind for s in told}))
    return found


def compare(seeds: range, *, wobble: float) -> dict[str, float]:
    """False alarms a week where nothing changes, and the share of each kind of worsening that is found in time."""
    quiet = [alert for seed in seeds for alert in spoken(shop(seed, wobble=wobble)[0])]
    weeks = len(seeds) * len(UNTIL) * SHOWN_DAYS / 7
    told = {"false a week": len(quiet) / weeks}
    told |= {f"  by {kind}": sum(kind in kinds for _, _, kinds in quiet) / weeks for kind in (MORE, *USUAL)}
    for kind, factors in ((MORE, (2.0, 3.0)), (LOW, (3.0, 5.0)), (AGAIN, (2.0, 3.0)), (ENDS_BAD, (2.0, 3.0))):
        for factor in factors:
            hits = 0
            for seed in seeds:
                families, topic, start = shop(seed, worse=kind, factor=factor, wobble=wobble)
                in_time = range(start, start + WITHIN[kind])
                hits += any(name == f"t{topic:02}" and day in in_time for name, day, _ in spoken(families))
            told[f"{kind} x{factor:g} within {WITHIN[kind]} days"] = hits / len(seeds)
    return told


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=20)
    parser.add_argument(
        "--first", type=int, default=1000, help="first seed; the rules were chosen on those below 1,000"
    )
    asked = parser.parse_args()
    for wobble in (0.2, 0.4):
        began = time.perf_counter()
        print(f"odds that vary from week to week by {wobble:.0%}, {asked.shops} shops")
        for name, value in compare(range(asked.first, asked.first + asked.shops), wobble=wobble).items():
            print(f"  {name:38}{value:>8.2f}")
        print(f"  {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
