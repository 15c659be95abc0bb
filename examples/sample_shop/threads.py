"""From a first contact to all contacts about it: who comes back within a week, why, and on which channel.

Coming back depends on what can be seen: no solution, a slow or missing answer, a late order, a contact before, an angry
tone. `REPEAT` holds the log-odds of each.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from itertools import pairwise

from examples.sample_shop.contacts import Contact
from examples.sample_shop.dialogue import QUIET, Plan, Script
from examples.sample_shop.staff import Staff
from examples.sample_shop.timing import Clock, Said, first_wait
from examples.sample_shop.world import DAY, HOUR, awake, end, pick, promotion, world
from examples.sample_shop.writing import Voice

REPEAT = {"base": -2.5, "unsolved": 1.45, "unanswered": 1.9, "slow": 0.9, "late": 0.6, "again": 0.75, "angry": 0.8}
SLOW = {"chat": 60_000, "email": DAY, "marketplace": DAY}
WEEK = 7 * DAY


@dataclass
class Conversation:
    """One conversation as it was, with the truth about it."""

    id: str
    system: str
    channel: str
    contact: Contact
    plan: Plan
    thread: int
    angry: bool
    opened: int
    closed: int | None
    agent: str | None
    tells_order: bool
    said: list[Said] = field(default_factory=list)

    @property
    def intents(self) -> list[str]:
        """What the customer wants in it, first things first."""
        return list(dict.fromkeys(i for s in self.said for i in s.turn.intents))

    @property
    def slow(self) -> bool:
        """The first answer came later than the customer could expect."""
        asked = next((s.sent for s in self.said if s.author == "customer"), None)
        answers = [s.sent for s in self.said if s.author == "agent" and asked is not None and s.sent > asked]
        return bool(answers) and asked is not None and answers[0] - asked > SLOW[self.channel]


class Desk:
    """Turns contacts into conversations."""

    def __init__(self, chance: random.Random, staff: Staff) -> None:
        self.chance, self.staff = chance, staff
        self.threads = 0

    def thread(self, contact: Contact) -> list[Conversation]:
        """The conversation of a first contact and all that follow it."""
        self.threads += 1
        channel = self._channel(contact)
        made: list[Conversation] = []
        while contact.opened < end():
            conversation = self._conversation(contact, channel, len(made) + 1, made[-1] if made else None)
            if not conversation.said:
                break
            made.append(conversation)
            if self.chance.random() >= _comes_back(conversation):
                break
            again = self._again(conversation)
            contact = replace(contact, opened=again)
            channel = self._next_channel(contact, channel)
        return made

    def _again(self, before: Conversation) -> int:
        gap = min(max(self.chance.lognormvariate(3.7, 0.8) * HOUR, 4 * HOUR), WEEK - 10 * HOUR)
        zone = world()["markets"][before.contact.customer.market]["zone"]
        return max(awake(self.chance, round(before.opened + gap), zone), before.said[-1].sent + HOUR)

    def _channel(self, contact: Contact) -> str:
        if contact.customer.platform == "shopify":
            return "chat" if self.chance.random() < 0.66 else "email"
        return "marketplace" if self.chance.random() < 0.88 else "chat"

    def _next_channel(self, contact: Contact, before: str) -> str:
        if self.chance.random() < 0.62:
            return before
        others = {"chat", "email"} | ({"marketplace"} if contact.customer.platform != "shopify" else set())
        return self.chance.choice(sorted(others - {before}))

    def _conversation(self, contact: Contact, channel: str, nth: int, before: Conversation | None) -> Conversation:
        chance, mail = self.chance, channel != "chat"
        wait = first_wait(chance, contact.opened, mail=mail)
        agent, there = self.staff.take(chance, contact.opened + wait)
        other, _ = self.staff.take(chance, contact.opened + wait, but=agent)
        absent = agent is None or (not mail and there - contact.opened > 20 * 60_000)
        told = world()["intents"][contact.intent]
        angry = chance.random() < min(told["angry"] * (1 + 0.6 * (nth - 1)) + 0.05 * (nth > 1), 0.8)
        plan = self._plan(contact, channel, nth, absent=absent, skill=_skill(agent), before=before)
        voice = Voice(chance, contact, mail, angry, contact.opened)
        pair = (agent or "A01", other or "A02")
        names = world()["agents"]
        turns = Script(chance, contact, plan, voice, (names[pair[0]]["name"], names[pair[1]]["name"])).write()
        clock = Clock(chance, self.staff, mail=mail, agents=pair, waits=max(there - contact.opened, 0))
        said = [s for s in clock.place(turns, contact.opened) if s.sent < end()]
        for quoted, answer in pairwise(said):
            answer.turn.text = voice.dated(answer.turn.text, quoted.sent)
        return self._record(contact, plan, said, angry=angry)

    def _plan(
        self, contact: Contact, channel: str, nth: int, *, absent: bool, skill: float, before: Conversation | None
    ) -> Plan:
        chance = self.chance
        since, until = promotion()
        open_odds = world()["intents"][contact.intent]["open"] / (1 - world()["intents"][contact.intent]["open"])
        still_open = open_odds * math.exp(-skill + 0.35 * (nth - 1))
        other = self._second_issue(contact) if chance.random() < 0.1 else ""
        kinds = QUIET if channel == "chat" else QUIET[:-1]
        return Plan(
            channel,
            nth,
            quiet=chance.choice(kinds) if nth == 1 and chance.random() < 0.115 else "",
            answered=not absent and chance.random() >= (0.07 if since <= contact.opened < until else 0.035),
            solved=chance.random() >= still_open / (1 + still_open),
            bot=channel == "chat" and chance.random() < 0.6,
            agent_first=nth == 1 and contact.order is not None and chance.random() < 0.03,
            transfer=chance.random() < 0.06,
            reopened=chance.random() < 0.035,
            other=other,
            at_once=other != "" and chance.random() < 0.4,
            silent_before=before is not None and not before.plan.answered,
        )

    def _second_issue(self, contact: Contact) -> str:
        easy = ("invoice", "return_how", "coupon", "price_match", "change_address", "account", "other")
        return pick(self.chance, {i: world()["intents"][i]["rate"] for i in easy if i != contact.intent})

    def _record(self, contact: Contact, plan: Plan, said: list[Said], *, angry: bool) -> Conversation:
        chance, channel = self.chance, plan.channel
        last = said[-1].sent if said else contact.opened
        agent = next((s.agent for s in said if s.author == "agent"), None)
        done = chance.random() < (0.95 if plan.solved and plan.answered else 0.5 if channel == "chat" else 0.25)
        closed = last + (chance.randrange(60, 900) * 1000 if channel == "chat" else chance.randrange(4, 60) * HOUR)
        is_closed = done and closed < end() and plan.quiet != "bot_only"
        knows = {"marketplace": 0.9, "chat": 0.45, "email": 0.35}[channel]
        return Conversation(
            "",
            _system(contact, channel),
            channel,
            contact,
            plan,
            self.threads,
            angry,
            said[0].sent if said else contact.opened,
            closed if is_closed else None,
            agent,
            contact.order is not None and chance.random() < knows,
            said,
        )


def _skill(agent: str | None) -> float:
    return float(world()["agents"][agent]["skill"]) if agent else 0.0


def _system(contact: Contact, channel: str) -> str:
    """Which of the shop's systems holds the conversation."""
    if channel == "email":
        return "helpdesk"
    if channel == "marketplace":
        return contact.customer.platform
    return "kefu" if contact.customer.language == "zh" else "chat"


def _comes_back(done: Conversation) -> float:
    """How likely the customer writes again about it."""
    plan, contact = done.plan, done.contact
    if plan.quiet:
        return 0.0
    score = REPEAT["base"]
    score += REPEAT["unsolved"] * (not plan.solved and plan.answered) + REPEAT["unanswered"] * (not plan.answered)
    score += REPEAT["slow"] * done.slow + REPEAT["angry"] * done.angry + REPEAT["again"] * (plan.nth > 1)
    score += REPEAT["late"] * (
        contact.order is not None and contact.order.promised < done.opened and contact.order.late
    )
    score -= 1.0 * (world()["intents"][contact.intent]["from"] == "before")
    return 1 / (1 + math.exp(-score))
