"""What customers do and say outside of conversations: returns, reviews, and surveys after a conversation."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from examples.sample_shop import mess
from examples.sample_shop.orders import Order
from examples.sample_shop.people import Customer
from examples.sample_shop.phrases import Slots, bank, fill, settle
from examples.sample_shop.threads import Conversation
from examples.sample_shop.world import DAY, HOUR, end, first, products, world
from examples.sample_shop.writing import subject

Phrase = tuple[str, ...]
"""Where a phrase stands in the bank: ("feedback", kind) or ("intent", name, part)."""

CODES = {
    "SIZE_TOO_SMALL": "runs_small",
    "SIZE_TOO_LARGE": "runs_large",
    "DAMAGED_IN_TRANSIT": "damaged_box",
    "DEFECTIVE": "defective",
    "MISSING_PARTS": "missing_part",
    "QUALITY_UNACCEPTABLE": "bad_quality",
    "NOT_AS_DESCRIBED": "not_as_described",
    "NO_LONGER_NEEDED": "",
}
"""Return codes and the issue that their comments speak of."""


@dataclass(frozen=True)
class Return:
    """One line of an order that came back; `refund` in minor units."""

    id: str
    order: Order
    sku: str
    returned: int
    reason: str
    comment: str
    refund: int


@dataclass(frozen=True)
class Review:
    """One review; `thread` is the repeated contact it ends, 0 where there was none."""

    id: str
    order: Order | None
    sku: str
    customer: Customer
    reviewed: int
    score: int
    title: str
    text: str
    thread: int


@dataclass(frozen=True)
class Survey:
    """One answered survey, 1 to 5."""

    id: str
    conversation: Conversation
    answered: int
    score: int
    comment: str


class Crowd:
    """Writes feedback in each customer's language."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def write(self, customer: Customer, sku: str, order: Order | None, at: int, phrases: list[Phrase]) -> str:
        """A text of one phrase from each place of the bank."""
        language = customer.language
        slots = Slots(self.chance, language, products()[sku], subject(self.chance, customer, order, at))
        sentences = [fill(slots, self.chance.choice(_of(bank(language), path))) for path in phrases]
        typed = mess.hand(self.chance, angry=False, mail=False)
        text = mess.join(self.chance, sentences, language=language, casual=typed.casual)
        return settle(slots, mess.soil(self.chance, text, typed, language=language))[0]


def _of(words: dict[str, dict[str, list[str]]], path: Phrase) -> list[str]:
    found = words
    for step in path:
        found = found[step]  # type: ignore[assignment]
    return found  # type: ignore[return-value]


def make_returns(chance: random.Random, orders: list[Order], conversations: list[Conversation]) -> list[Return]:
    """Returns after contacts about a product, and returns of those who never wrote."""
    crowd, planted = Crowd(chance), world()["planted"]["runs_small"]
    about = {c.contact.order.id: c for c in conversations if c.contact.order is not None and not c.plan.quiet}
    made: list[Return] = []
    for order in orders:
        if order.delivered is None:
            continue
        reason, at = _reason(chance, order, about.get(order.id), planted)
        if reason and first() <= at < end():
            made.append(_return(crowd, order, reason, at, len(made)))
    return made


def _reason(chance: random.Random, order: Order, told: Conversation | None, planted: dict[str, Any]) -> tuple[str, int]:
    arrived = order.delivered or 0
    at = arrived + round(chance.uniform(0.5, 14) * DAY)
    if told is not None:
        code = world()["intents"][told.contact.intent].get("reason", "")
        if code and chance.random() < 0.42:
            return code, told.opened + round(chance.uniform(0.1, 4) * DAY)
        return ("NO_LONGER_NEEDED", at) if chance.random() < 0.02 else ("", at)
    if order.lines[0].sku == planted["sku"] and chance.random() < planted["returns"]:
        return "SIZE_TOO_SMALL", at
    if chance.random() < 0.03:
        codes = [c for c in CODES if not c.startswith("SIZE") or products()[order.lines[0].sku].family == "apparel"]
        return chance.choice(codes), at
    return "", at


def _return(crowd: Crowd, order: Order, reason: str, at: int, number: int) -> Return:
    line, intent, comment = order.lines[0], CODES[reason], ""
    if crowd.chance.random() < 0.5:
        path = ("intent", intent, "core") if intent else ("feedback", "changed_mind")
        comment = crowd.write(order.customer, line.sku, order, at, [path])
    return Return(f"R{50000 + number * 7}", order, line.sku, at, reason, comment, line.price * line.quantity)


def make_reviews(chance: random.Random, orders: list[Order], conversations: list[Conversation]) -> list[Review]:
    """Reviews of orders; who had to ask again and again is likelier to leave a bad one."""
    crowd = Crowd(chance)
    threads: dict[int, list[Conversation]] = defaultdict(list)
    for conversation in conversations:
        threads[conversation.thread].append(conversation)
    made: list[Review] = []
    for thread in threads.values():
        made.extend(_after_thread(crowd, thread, len(made)))
    written = {r.order.id for r in made if r.order is not None}
    for order in orders:
        if order.delivered is not None and order.id not in written and chance.random() < 0.075:
            made.extend(_after_order(crowd, order, len(made)))
    return made


def _after_thread(crowd: Crowd, thread: list[Conversation], number: int) -> list[Review]:
    chance, last = crowd.chance, thread[-1]
    contact, again = last.contact, len(thread) > 1
    at = (last.said[-1].sent if last.said else last.opened) + round(chance.uniform(0.2, 6) * DAY)
    likely = min(0.38 + 0.17 * (len(thread) - 2), 0.8) if again else 0.06 * (not last.plan.solved)
    if contact.order is None or last.plan.quiet or at >= end() or chance.random() >= likely:
        return []
    score = chance.choices((1, 2, 3), (66, 34, 0) if again else (50, 35, 15))[0]
    phrases: list[Phrase] = [("feedback", "bad_service")]
    if world()["intents"][contact.intent]["from"] != "ordered":
        phrases.insert(0, ("intent", contact.intent, "core"))
    if chance.random() < 0.4:
        phrases.insert(1, ("intent", contact.intent, "detail"))
    return [_review(crowd, contact.order, at, score, phrases, number, thread=last.thread if again else 0)]


def _after_order(crowd: Crowd, order: Order, number: int) -> list[Review]:
    chance, told = crowd.chance, world()["planted"]["runs_small"]
    at = (order.delivered or 0) + round(chance.uniform(1, 21) * DAY)
    if not first() <= at < end():
        return []
    if order.lines[0].sku == told["sku"] and chance.random() < 0.35:
        return [_review(crowd, order, at, chance.choice((1, 2, 3)), [("intent", "runs_small", "core")], number)]
    if order.late and chance.random() < 0.6:
        return [_review(crowd, order, at, chance.choice((1, 2, 3)), [("intent", "late", "core")], number)]
    score = chance.choices((1, 2, 3, 4, 5), (3, 4, 9, 26, 58))[0]
    if score >= 4:
        phrases: list[Phrase] = [("feedback", "good")] * chance.choice((1, 1, 2))
        return [_review(crowd, order, at, score, phrases, number)]
    family = products()[order.lines[0].sku].family
    intents = ["bad_quality", "not_as_described", "runs_large" if family == "apparel" else "defective"]
    phrases = [("intent", chance.choice(intents), "core"), *([("feedback", "middling")] if score == 3 else [])]
    return [_review(crowd, order, at, score, phrases, number)]


def _review(
    crowd: Crowd, order: Order, at: int, score: int, phrases: list[Phrase], number: int, *, thread: int = 0
) -> Review:
    sku, customer = order.lines[0].sku, order.customer
    title = crowd.write(customer, sku, order, at, [("feedback", "title_good" if score > 3 else "title_bad")])
    text = crowd.write(customer, sku, order, at, phrases) if crowd.chance.random() < 0.9 or thread else ""
    order_known = order if crowd.chance.random() < 0.8 or thread else None
    return Review(f"V{20000 + number * 3}", order_known, sku, customer, at, score, title.rstrip("。."), text, thread)


def make_surveys(chance: random.Random, conversations: list[Conversation]) -> list[Survey]:
    """One conversation in four of the systems that ask is rated; who is unhappy answers a little more often."""
    crowd = Crowd(chance)
    made: list[Survey] = []
    for done in conversations:
        asked = done.system in ("chat", "kefu", "helpdesk") and done.plan.quiet in ("", "thanks_only")
        if not asked or not done.said or chance.random() >= (0.27 if done.plan.solved else 0.33):
            continue
        at = done.said[-1].sent + round(chance.uniform(0.02, 30) * HOUR)
        if at < end():
            made.append(_survey(crowd, done, at, len(made)))
    return made


def _survey(crowd: Crowd, done: Conversation, at: int, number: int) -> Survey:
    chance, plan = crowd.chance, done.plan
    mood = (
        4.6
        - 2.0 * (not plan.solved)
        - 2.4 * (not plan.answered)
        - 0.7 * done.slow
        - 0.5 * (plan.nth > 1)
        - 0.6 * done.angry
    )
    score = min(max(round(chance.gauss(mood, 0.7)), 1), 5)
    comment = ""
    if chance.random() < 0.45:
        kind = "survey_good" if score > 3 else "survey_mid" if score == 3 else "survey_bad"
        phrases: list[Phrase] = [("feedback", kind)]
        if score < 3 and not plan.quiet and chance.random() < 0.5:
            phrases.append(("intent", done.contact.intent, "core"))
        comment = crowd.write(done.contact.customer, done.contact.sku, done.contact.order, at, phrases)
    return Survey(f"S{30000 + number * 5}", done, at, score, comment)
