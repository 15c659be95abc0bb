"""How often is the planted part of a rise found first, and how often is one told where nothing changed?

Run by hand: `python tests/bench/segments.py [shops]`. The shop is that of tests/test_segments.py, made larger: 66 cells
of carrier, lane, warehouse, platform and market over 16 weeks; what is planted rises in week 11.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from insight import segments

WEEKS, START = 16, 10
LANES = {
    "CN-US": ("Orbit", "Sino"),
    "CN-DE": ("Orbit", "Sino"),
    "CN-ES": ("Orbit", "Sino"),
    "CN-JP": ("Sino", "Kaede"),
    "CN-SG": ("Sino", "Merlion"),
    "US-US": ("Blue",),
    "DE-DE": ("Fuchs",),
}
PLANTED = (
    {"carrier": "Orbit", "lane": "CN-DE"},
    {"warehouse": "Yiwu"},
    {"carrier": "Sino", "warehouse": "Shenzhen"},
    {"carrier": "Orbit", "lane": "CN-US", "warehouse": "Shenzhen"},
    {"lane": "CN-JP", "warehouse": "Yiwu", "platform": "ebay"},
    {},
    None,
)


def world(seed: int, planted: dict[str, str] | None, *, ratio: float, base: float, scatter: float):
    """Cells, events and exposure of one shop; `scatter` moves all parcels of a week together."""
    dice = np.random.default_rng(seed)
    houses = {"CN": ("Shenzhen", "Yiwu"), "US": ("Reno",), "DE": ("Leipzig",)}
    rows = [
        (carrier, lane, house, platform, lane[-2:])
        for lane, carriers in LANES.items()
        for carrier in carriers
        for house in houses[lane[:2]]
        for platform in ("amazon", "ebay", "shopify")
    ]
    cells = pd.DataFrame(rows, columns=["carrier", "lane", "warehouse", "platform", "market"], dtype=object)
    exposure = dice.poisson(dice.gamma(3, 6, len(cells))[:, None] * np.ones(WEEKS)).astype(float)
    rate = base * dice.gamma(4, 0.25, len(cells))[:, None] * np.exp(dice.normal(0, scatter, WEEKS))
    inside = np.zeros(len(cells), bool)
    if planted is not None:
        inside = np.all([cells[k] == v for k, v in planted.items()] or [[True] * len(cells)], axis=0)
        rate[np.ix_(inside, np.arange(START, WEEKS))] *= ratio
    return cells, dice.binomial(exposure.astype(int), np.minimum(rate, 0.95)), exposure, inside


def main() -> None:
    shops = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    for ratio, base, scatter in ((3.0, 0.03, 0.0), (3.0, 0.08, 0.0), (6.0, 0.03, 0.0), (3.0, 0.08, 0.25)):
        print(f"\nrate {base}, times {ratio}, weeks scatter {scatter}")
        for planted in PLANTED:
            told = hit = week = more = 0
            began = time.perf_counter()
            for seed in range(shops):
                cells, events, exposure, inside = world(seed, planted, ratio=ratio, base=base, scatter=scatter)
                found, _ = segments.search(cells, events, exposure)
                told += bool(found)
                more += len(found) > 1
                hit += bool(found) and planted is not None and bool((found[0].inside == inside).all())
                week += bool(found) and abs(found[0].start - START) <= 1
            spent = (time.perf_counter() - began) / shops
            name = "nothing" if planted is None else " · ".join(planted.values()) or "all orders"
            print(f"{name:28} told {told}/{shops}, exactly {hit}, week ±1 {week}, a second one {more}, {spent:.2f} s")


if __name__ == "__main__":
    main()
