"""Made-up customers and their made-up personal data: valid in form, so that masking must find them, and nobody's."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from examples.sample_shop.phrases import bank
from examples.sample_shop.world import pick, world

LATIN = (
    "em",
    "jk",
    "ol",
    "nova",
    "ridge",
    "sun",
    "leaf",
    "mika",
    "tom",
    "lina",
    "alex",
    "sky",
    "rio",
    "hana",
    "wei",
    "pau",
)
"""Halves of mailbox names."""


@dataclass(frozen=True)
class Customer:
    """One customer, under the id that every system of the shop uses."""

    id: str
    platform: str
    market: str
    language: str
    name: str
    email: str
    phone: str
    address: str
    may_market: bool | None


@dataclass
class People:
    """Makes customers; ids are not in the order of anything."""

    chance: random.Random
    all: dict[str, Customer] = field(default_factory=dict)

    def anyone(self) -> Customer:
        """A new customer of some market and platform."""
        chance = self.chance
        market = pick(chance, {m: told["share"] for m, told in world()["markets"].items()})
        told = world()["markets"][market]
        platform, language = pick(chance, told["platforms"]), pick(chance, told["languages"])
        customer = Customer(
            self._id(platform),
            platform,
            market,
            language,
            _name(chance, language),
            _mailbox(chance),
            _fill(chance, told["phones"]),
            _fill(chance, told["addresses"]),
            chance.choices((True, False, None), (5, 3, 2))[0],
        )
        self.all[customer.id] = customer
        return customer

    def _id(self, platform: str) -> str:
        while True:
            number = self.chance.getrandbits(40)
            made = {"amazon": f"A{number:011X}", "shopify": f"{6_000_000_000 + number % 999_999_999}"}.get(platform)
            made = made or f"{self.chance.choice(LATIN)}_{self.chance.choice(LATIN)}{number % 99_999}"
            if made not in self.all:
                return made


def _name(chance: random.Random, language: str) -> str:
    told = bank(language)["language"]
    return str(told["name"].format(given=chance.choice(told["given"]), family=chance.choice(told["family"])))


def _mailbox(chance: random.Random) -> str:
    host = chance.choice(("example.com", "example.org", "example.net"))
    return f"{chance.choice(LATIN)}.{chance.choice(LATIN)}{chance.randrange(10, 999)}@{host}"


def _fill(chance: random.Random, shapes: list[str]) -> str:
    digits = {"n": chance.randrange(2, 190), "m": chance.randrange(10, 99), "k": chance.randrange(1, 9)}
    return chance.choice(shapes).format(**digits, p=chance.randrange(10, 99))


def iban(chance: random.Random) -> str:
    """A German IBAN with right check digits (ISO 7064 mod 97-10) and a bank code that nobody holds."""
    account = "00000000" + "".join(str(chance.randrange(10)) for _ in range(10))
    check = 98 - int(account + "131400") % 97
    plain = f"DE{check:02d}{account}"
    return " ".join(plain[i : i + 4] for i in range(0, 22, 4)) if chance.random() < 0.6 else plain


def card(chance: random.Random) -> str:
    """Sixteen digits that pass the Luhn check, of a range for tests."""
    digits = [4, 0, 0, 0, 0, 0] + [chance.randrange(10) for _ in range(9)]
    odd = sum(d * 2 - 9 * (d > 4) for d in digits[::2])
    digits.append(-(odd + sum(digits[1::2])) % 10)
    plain = "".join(map(str, digits))
    return " ".join(plain[i : i + 4] for i in range(0, 16, 4)) if chance.random() < 0.6 else plain
