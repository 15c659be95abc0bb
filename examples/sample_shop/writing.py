"""What is said: customers' problems, agents' answers, mails around them, each in the customer's language."""

from __future__ import annotations

import random
from dataclasses import dataclass

from examples.sample_shop import mess
from examples.sample_shop.contacts import Contact
from examples.sample_shop.orders import DECIMALS, SIZES, Order
from examples.sample_shop.people import Customer, card, iban
from examples.sample_shop.phrases import Slots, bank, fill, settle
from examples.sample_shop.world import DAY, moment, products, world


@dataclass
class Voice:
    """Both sides of one conversation: the customer's hand and the words that the conversation is about."""

    chance: random.Random
    contact: Contact
    mail: bool
    angry: bool
    opened: int

    def __post_init__(self) -> None:
        self.language = self.contact.customer.language
        self.words = bank(self.language)
        about = self.contact
        told = subject(self.chance, about.customer, about.order, self.opened)
        if about.asked:
            told["addon"] = self.chance.choice(self.words["asked"][about.asked])
        self.slots = Slots(self.chance, self.language, products()[about.sku], told)
        self.used: set[str] = set()
        self.hand = mess.hand(self.chance, angry=self.angry, mail=self.mail)

    def line(self, kind: str) -> str:
        """One phrase of the talk."""
        return self._phrase(self.words["talk"][kind])

    def issue(self, intent: str, part: str) -> str:
        """One phrase about an issue: its core, a detail, what is asked for, or the agent's answer."""
        return self._phrase(self.words["intent"][intent][part])

    def _phrase(self, phrases: list[str]) -> str:
        """One of them that was not said before in this conversation, while there is one."""
        phrase = self.chance.choice([p for p in phrases if p not in self.used] or phrases)
        self.used.add(phrase)
        return fill(self.slots, phrase)

    def problem(self, intent: str, *, lead: tuple[str, ...] = (), short: bool = False) -> list[str]:
        """Sentences that state a problem: some shape of lead, core, detail and ask."""
        chance = self.chance
        sentences = [self.line(kind) for kind in lead]
        sentences.append(self.issue(intent, "core"))
        if not short and chance.random() < 0.5:
            sentences.insert(len(sentences) - (chance.random() < 0.2), self.issue(intent, "detail"))
        if not short and chance.random() < 0.45:
            sentences.append(self.issue(intent, "ask"))
        if self.angry and chance.random() < 0.6:
            sentences.append(self.line("angry"))
        return sentences

    def customer(
        self, sentences: list[str], *, frame: bool = False, mood: str = ""
    ) -> tuple[str, list[tuple[str, str]]]:
        """A customer's message, as typed, and the personal data in it. `frame` puts a mail around it."""
        chance, mood = self.chance, "sad" if self.angry and mood != "glad" else mood
        text = mess.join(chance, sentences, language=self.language, casual=self.hand.casual)
        text = mess.soil(chance, text, self.hand, language=self.language, mood=mood)
        if frame and self.mail and chance.random() < 0.85:
            text = f"{self.line('hello_mail')}\n\n{text}\n\n{self.line('bye_mail')}\n{self.slots['own_name']}"
            if chance.random() < 0.2:
                text = f"{text}\n{self.line('signature')}"
        done, found = settle(self.slots, text)
        order = self.slots.get("order", "")
        return done, found + ([("order_id", order)] if order and order in done else [])

    def agent(self, sentences: list[str], name: str) -> str:
        """An agent's message: clean, with a frame in mails."""
        text = mess.join(self.chance, sentences, language=self.language, casual=False)
        text = settle(self.slots, text)[0]
        if self.mail:
            text = f"{self.line('agent_hello_mail')}\n\n{text}\n\n{self.line('agent_bye_mail')}\n{name}"
        return text

    def quoted(self, text: str) -> str:
        """The mail before, as mail programs quote it below an answer; `dated` tells when it was."""
        lines = text.replace("\n\n", "\n").split("\n")
        return self.line("quote") + "\n" + "\n".join(f"> {line}" for line in lines)

    def dated(self, text: str, sent: int) -> str:
        """A text that quotes a mail, with the moment of that mail, on the customer's clock."""
        at = moment(sent, world()["markets"][self.contact.customer.market]["zone"])
        pattern = self.words["language"]["quote_date"]
        return text.replace("@date", at.strftime(pattern)).replace("@time", f"{at:%H:%M}")


def subject(chance: random.Random, customer: Customer, order: Order | None, now: int) -> dict[str, str]:
    """The slots that are known when a customer writes: order, size, days, price, own data."""
    days = max((now - order.ordered) // DAY, 1) if order else chance.randrange(3, 15)
    few = chance.randrange(4, max(min(days, 13), 5))
    at = SIZES.index(order.size) if order else chance.randrange(1, 5)
    letters, tail = chance.choice(("OP", "SP", "LX", "RR")), chance.choice(("CN", "YQ", "DE"))
    price, currency = (
        (order.total, order.currency) if order else (3990, world()["markets"][customer.market]["currency"])
    )
    digits = DECIMALS.get(currency, 2)
    return {
        "name": customer.name.split(" ")[0],
        "own_name": customer.name,
        "own_email": customer.email,
        "own_phone": customer.phone,
        "own_address": customer.address,
        "own_iban": iban(chance),
        "own_card": card(chance),
        "n": str(chance.randrange(2, 6)),
        "cm": str(chance.randrange(158, 192)),
        "kg": str(chance.randrange(52, 96)),
        "tracking": f"{letters}{chance.randrange(10**8, 10**9)}{tail}",
        "code": f"{chance.choice(('SPRING', 'WELCOME', 'LUMO', 'VIP'))}{chance.choice((5, 10, 15, 20))}",
        "size": SIZES[at],
        "bigger": SIZES[min(at + 1, 5)],
        "smaller": SIZES[max(at - 1, 0)],
        "days": str(days),
        "few": str(few),
        "date": _day(customer.language, now - days * DAY),
        "recent": _day(customer.language, now - few * DAY),
        "due": _day(customer.language, order.promised if order else now),
        "price": f"{price / 10**digits:.{digits}f} {currency}",
        "carrier": order.carrier if order else "SinoPost",
        "order": order.id if order else "",
    }


def _day(language: str, ms: int) -> str:
    """A day as people write it in a message."""
    return moment(ms).strftime(bank(language)["language"]["date"])
