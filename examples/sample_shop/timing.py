"""When each turn of a conversation is said, and by whom: seconds in chats, hours in mails."""

from __future__ import annotations

import random
from dataclasses import dataclass

from examples.sample_shop.dialogue import Turn
from examples.sample_shop.staff import Staff
from examples.sample_shop.world import DAY, HOUR, promotion

SECOND = 1000


@dataclass(frozen=True)
class Said:
    """One message at its moment, in ms since 1970 UTC. `agent` names the human who wrote it."""

    author: str
    agent: str | None
    sent: int
    turn: Turn


class Clock:
    """Moves forward through one conversation."""

    def __init__(self, chance: random.Random, staff: Staff, *, mail: bool, agents: tuple[str, str], waits: int) -> None:
        self.chance, self.staff, self.mail, self.agents, self.waits = chance, staff, mail, agents, waits
        self.answered = False

    def place(self, turns: list[Turn], opened: int) -> list[Said]:
        """Each turn at its moment, strictly one after the other."""
        at, before, said = opened, "", []
        for turn in turns:
            if before:
                at += self._gap(turn, before)
            agent = self.agents[turn.second] if turn.author in ("agent", "note") else None
            if agent and (self.mail or not before):
                at = self.staff.back(self.chance, agent, at)
            said.append(Said(turn.author, agent, at, turn))
            self.answered |= turn.author == "agent" and before != ""
            before = turn.author
        return said

    def _gap(self, turn: Turn, before: str) -> int:
        chance = self.chance
        if turn.pause:
            return round(chance.uniform(1.1, 4) * DAY)
        if turn.author in ("bot", "system"):
            return chance.randrange(400, 2500)
        if turn.author == "customer":
            return self._customer_gap(before)
        if not self.answered and before != "agent":
            return self.waits
        if self.mail:
            return round(min(chance.lognormvariate(1.0, 0.8), 40) * HOUR)
        return round(min(max(chance.lognormvariate(3.5, 0.6), 6), 240) * SECOND)

    def _customer_gap(self, before: str) -> int:
        chance = self.chance
        if self.mail:
            return round(min(chance.lognormvariate(1.6, 0.9), 60) * HOUR)
        if before in ("customer", "bot"):
            return chance.randrange(3, 45) * SECOND + chance.randrange(1000)
        return round(min(max(chance.lognormvariate(3.6, 0.8), 5), 600) * SECOND) + chance.randrange(1000)


def first_wait(chance: random.Random, opened: int, *, mail: bool) -> int:
    """How long a first answer takes once somebody is there, in ms: longer in the promotion."""
    since, until = promotion()
    busy = 2.2 if since <= opened < until else 1.0
    if mail:
        return round(min(chance.lognormvariate(1.3, 0.9) * busy, 60) * HOUR)
    return round(min(max(chance.lognormvariate(3.2, 0.65) * busy, 5), 600) * SECOND) + chance.randrange(1000)
