"""Agents and their shifts: who is there at a moment, and who takes the next conversation."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from examples.sample_shop.world import DAY, HOUR, end, first, midnight, stream, world


class Shift(NamedTuple):
    """One shift, half open, in ms since 1970 UTC."""

    agent: str
    starts: int
    ends: int


class Staff:
    """Who works when. Weekends are lighter: each agent works every third weekend and all weekdays but a few."""

    def __init__(self, seed: int) -> None:
        self.shifts = _shifts(stream(seed, "shifts"))
        self._there: dict[int, list[str]] = defaultdict(list)
        self._starts: dict[str, list[int]] = defaultdict(list)
        for shift in self.shifts:
            self._starts[shift.agent].append(shift.starts)
            for hour in range(shift.starts // HOUR, shift.ends // HOUR):
                self._there[hour].append(shift.agent)

    def there(self, ms: int) -> list[str]:
        """Everybody on shift at a moment."""
        return self._there.get(ms // HOUR, [])

    def take(self, chance: random.Random, ms: int, *, but: str | None = None) -> tuple[str | None, int]:
        """Somebody on shift, and the moment itself or the next one at which somebody is; None after the last shift."""
        at = ms
        while at < end() + DAY:
            free = [a for a in self.there(at) if a != but]
            if free:
                return chance.choice(free), at
            at = (at // HOUR + 1) * HOUR + chance.randrange(20 * 60_000)
        return None, ms

    def back(self, chance: random.Random, agent: str, ms: int) -> int:
        """The moment itself, or when the agent has begun the next shift."""
        starts = self._starts[agent]
        if agent in self.there(ms):
            return ms
        following = bisect_right(starts, ms)
        return starts[following] + chance.randrange(3 * HOUR) if following < len(starts) else ms + DAY


def _shifts(chance: random.Random) -> list[Shift]:
    told = world()
    shifts = []
    for number in range(-7, told["days"]["count"] + 1):
        day = told["days"]["first"] + timedelta(days=number)
        for order, (agent, about) in enumerate(told["agents"].items()):
            weekend = day.weekday() >= 5
            away = (day.toordinal() // 7 + order) % 3 != 0 if weekend else chance.random() < 0.07
            if not away:
                since, until = told["teams"][about["team"]]["shift"]
                shifts.append(Shift(agent, midnight(day) + since * HOUR, midnight(day) + until * HOUR))
    return shifts


def known_shifts(staff: Staff) -> list[Shift]:
    """The shifts that the export tells: those that start in its days."""
    return [s for s in staff.shifts if first() <= s.starts < end()]
