"""Things that happened to groups over time, and how many of them lay in a span: whole columns at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


class Timeline:
    """m things, each of a group (a whole number from 0 on) at a moment in ms; `amount` (m,) of each, 1 where not told.

    Every question takes n groups and n moments; what happened at the very moment has happened.
    """

    def __init__(self, group: Whole, at_ms: Whole, amount: Any = None) -> None:
        self._base = int(at_ms.min(initial=0)) - 1
        self._span = int(at_ms.max(initial=0)) - self._base + 2
        self._when = at_ms
        place = self._place(group, at_ms)
        self.order: Whole = np.argsort(place, kind="stable")
        self._places, self._groups, self._moments = place[self.order], group[self.order], at_ms[self.order]
        amounts = np.ones(len(group)) if amount is None else np.asarray(amount, dtype=np.float64)[self.order]
        self._sums = np.concatenate([[0.0], np.cumsum(amounts)])

    def _place(self, group: Whole, at_ms: Whole) -> Whole:
        return np.asarray(group * self._span + np.clip(at_ms - self._base, 0, self._span - 1), dtype=np.int64)

    def end(self, group: Whole, at_ms: Whole) -> Whole:
        """Where in `order` the things end that had happened to the group."""
        return np.searchsorted(self._places, self._place(group, at_ms), "right")

    def newest(self, group: Whole, at_ms: Whole) -> Whole:
        """The last thing that had happened to the group, as its place among the m; -1 where nothing had."""
        return self._of(group, self.end(group, at_ms) - 1)

    def following(self, group: Whole, at_ms: Whole) -> Whole:
        """The first thing that happened to the group after the moment, as its place among the m; -1 for none."""
        return self._of(group, self.end(group, at_ms))

    def _of(self, group: Whole, place: Whole) -> Whole:
        if not len(self.order):
            return np.full(len(group), -1, dtype=np.int64)
        inside = np.clip(place, 0, len(self.order) - 1)
        mine = (place == inside) & (self._groups[inside] == group)
        return np.asarray(np.where(mine, self.order[inside], -1), dtype=np.int64)

    def moment(self, thing: Whole, otherwise: int = 0) -> Whole:
        """When things happened that `newest` or `following` found; `otherwise` for none."""
        if not len(self._when):
            return np.full(len(thing), otherwise, dtype=np.int64)
        return np.asarray(np.where(thing >= 0, self._when[thing], otherwise), dtype=np.int64)

    def amount(self, group: Whole, at_ms: Whole, within_ms: int | None = None) -> Numbers:
        """How much had happened to the group, in the last so many ms or ever."""
        since = np.full(len(at_ms), self._base) if within_ms is None else at_ms - within_ms
        return np.asarray(self._sums[self.end(group, at_ms)] - self._sums[self.end(group, since)], dtype=np.float64)


def together(*codes: Whole) -> Whole:
    """One whole number from 0 on for each combination of several."""
    found = np.zeros(len(codes[0]), dtype=np.int64)
    for code in codes:
        _, found = np.unique(found * (int(code.max(initial=0)) + 1) + code, return_inverse=True)
    return np.asarray(found, dtype=np.int64)
