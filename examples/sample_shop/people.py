"""Made-up customers and their made-up personal data: valid in form, so that masking must find them, and nobody's."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from examples.sample_shop.world import pick, world

NAMES = {
    "en": (("Emma", "Jake", "Olivia", "Noah", "Priya", "Liam", "Zoe", "Mason", "Hannah", "Tyler"), ("Carter", "Brooks", "Nguyen", "Patel", "Walsh", "Hughes", "Reed", "Fox")),
    "zh": (("伟", "芳", "敏", "静", "磊", "婷", "浩然", "雨桐", "子轩", "晓梅"), ("陈", "林", "王", "黄", "李", "张", "吴", "郑")),
    "de": (("Lena", "Jonas", "Katrin", "Stefan", "Mia", "Tobias", "Anke", "Felix"), ("Schuster", "Brandt", "Kühn", "Vogel", "Lorenz", "Seidel", "Möller", "Jansen")),
    "es": (("Lucía", "Javier", "Carmen", "Pablo", "Marta", "Diego", "Elena", "Raúl"), ("Ortega", "Navarro", "Molina", "Serrano", "Campos", "Vidal", "Herrera", "Peña")),
    "ja": (("健太", "美咲", "翔", "由美", "大輔", "さくら", "直樹", "彩"), ("佐藤", "田中", "高橋", "渡辺", "山本", "小林", "松本", "井上")),
}  # fmt: skip

LATIN = ("em", "jk", "ol", "nova", "ridge", "sun", "leaf", "mika", "tom", "lina", "alex", "sky", "rio", "hana", "wei", "pau")
"""Halves of mailbox names."""

STREETS = {
    "US": ("{n} Maple Avenue, Dayton, OH 454{m}", "{n} Birch Street, Apt {k}, Salem, OR 973{m}", "{n} Lakeview Drive, Mesa, AZ 852{m}"),
    "GB": ("{n} Orchard Road, Leeds LS{k} {k}QD", "Flat {k}, {n} Mill Lane, Bristol BS{k} {k}TR"),
    "DE": ("Lindenstraße {n}, 50{k}{m} Köln", "Am Mühlenweg {n}, 81{k}{m} München", "Gartenstr. {n}, 04{k}{m} Leipzig"),
    "ES": ("Calle Mayor {n}, 280{m} Madrid", "Avenida del Puerto {n}, 460{m} Valencia"),
    "MX": ("Calle Hidalgo {n}, Col. Centro, 440{m} Guadalajara",),
    "JP": ("東京都世田谷区桜丘{k}丁目{m}-{k}", "大阪府大阪市北区梅田{k}丁目{k}-{m}", "福岡県福岡市中央区天神{k}-{k}-{m}"),
    "SG": ("Blk {n} Tampines Street {m}, #0{k}-{m}, Singapore 5200{m}", "新加坡淡滨尼{m}街{n}座0{k}-{m}"),
}  # fmt: skip

PHONES = {
    "US": ("({m}{k}) 555-01{p}", "+1 {m}{k} 555 01{p}"),
    "GB": ("07700 900{k}{p}", "+44 7700 900{k}{p}"),
    "DE": ("0171 39200{p}", "+49 30 23125{k}{p}"),
    "ES": ("+34 6{p} 00 {m} {p}", "6{p} 00{k} 0{p}"),
    "MX": ("+52 33 0000 {m}{p}",),
    "JP": ("090-0000-{m}{p}", "03-0000-{m}{p}"),
    "SG": ("+65 8000 {m}{p}", "+65 9000 {m}{p}"),
}


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
            f"{chance.choice(LATIN)}.{chance.choice(LATIN)}{chance.randrange(10, 999)}@example.{chance.choice(('com', 'org', 'net'))}",
            _fill(chance, PHONES[market]),
            _fill(chance, STREETS[market]),
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
    given, family = (chance.choice(part) for part in NAMES[language])
    return family + given if language in ("zh", "ja") else f"{given} {family}"


def _fill(chance: random.Random, shapes: tuple[str, ...]) -> str:
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
