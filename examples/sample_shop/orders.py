"""Orders: who bought what when, by which carrier on which lane, and when it came."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

from examples.sample_shop.people import Customer, People
from examples.sample_shop.world import DAY, HOUR, awake, end, first, midnight, pick, products, promotion, stream, world

DECIMALS = {"JPY": 0}
"""Digits after the point where they are not two."""

SIZES = ("XS", "S", "M", "L", "XL", "XXL")

POPULAR = {"LM-AP-103": 1.8, "LM-CA-301": 1.6, "LM-CA-303": 1.5, "LM-KI-401": 1.7, "LM-PH-205": 1.4}
"""How much more often than the rest a product is bought."""


class Line(NamedTuple):
    """One line of an order; `price` of one piece in minor units."""

    sku: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Order:
    """One order; moments in ms since 1970 UTC. `arrived` is None for what was lost, and may lie after the export."""

    id: str
    customer: Customer
    shop: str
    lane: str
    carrier: str
    currency: str
    ordered: int
    promised: int
    shipped: int
    arrived: int | None
    cancelled: bool
    size: str
    lines: tuple[Line, ...]

    @property
    def left(self) -> bool:
        """It was handed to the carrier, as far as the export knows."""
        return not self.cancelled and self.shipped < end()

    @property
    def delivered(self) -> int | None:
        """When it came, as far as the export knows."""
        return self.arrived if self.left and self.arrived is not None and self.arrived < end() else None

    @property
    def status(self) -> str:
        """As the platform says."""
        if self.cancelled:
            return "cancelled"
        return "delivered" if self.delivered else "shipped" if self.left else "processing"

    @property
    def late(self) -> bool:
        """It came after the promised day, or had not come by then."""
        return not self.cancelled and (self.arrived is None or self.arrived > self.promised)

    @property
    def total(self) -> int:
        """What was paid, in minor units."""
        return sum(line.quantity * line.price for line in self.lines)


def make_orders(people: People, *, count: int, seed: int) -> list[Order]:
    """So many orders, by time; every fourth is by somebody who bought before."""
    chance, days = stream(seed, "orders"), _days()
    weights = list(days.values())
    dates = sorted(chance.choices(list(days), weights, k=count))
    known: list[Customer] = []
    orders = []
    for number, start in enumerate(dates):
        customer = chance.choice(known) if known and chance.random() < 0.24 else people.anyone()
        known.append(customer)
        orders.append(_order(chance, customer, number, start))
    return sorted(orders, key=lambda order: (order.ordered, order.id))


def _days() -> dict[int, float]:
    """Each day's start and how much is ordered on it."""
    told = world()["days"]
    since, until = promotion()
    days = {}
    for number in range(-told["orders_before"], told["count"]):
        start = first() + number * DAY
        busy = told["promotion_orders"] if since <= start < until else 1.0
        days[start] = busy * (1.15 if (number + 1) % 7 in (5, 6) else 1.0) * (1 + 0.001 * number)
    return days


def _order(chance: random.Random, customer: Customer, number: int, start: int) -> Order:
    market = world()["markets"][customer.market]
    lane = pick(chance, market["lanes"])
    way = world()["lanes"][lane]
    carrier = pick(chance, way["carriers"])
    ordered = min(awake(chance, start + 12 * HOUR, market["zone"]), end() - 1)
    shipped = ordered + round(chance.uniform(0.4, 2.2) * DAY)
    arrived = (
        shipped + round(way["days"] * chance.lognormvariate(0, 0.24) * DAY) + _delay(chance, carrier, lane, shipped)
    )
    return Order(
        _number(chance, customer.platform, number),
        customer,
        shop_of(customer),
        lane,
        carrier,
        market["currency"],
        ordered,
        ordered + way["promise"] * DAY,
        shipped,
        None if chance.random() < 0.006 else arrived,
        chance.random() < 0.018,
        chance.choices(SIZES, (1, 3, 5, 5, 3, 1))[0],
        _lines(chance, market),
    )


def _delay(chance: random.Random, carrier: str, lane: str, shipped: int) -> int:
    told = world()["planted"]["late_carrier"]
    hit = (carrier, lane) == (told["carrier"], told["lane"]) and shipped >= midnight(told["day"])
    return round(chance.gammavariate(4, told["extra_days"] / 4) * DAY) if hit else 0


def _lines(chance: random.Random, market: dict[str, float | str]) -> tuple[Line, ...]:
    goods = products()
    weights = [POPULAR.get(sku, 1.0) for sku in goods]
    chosen = dict.fromkeys(chance.choices(list(goods), weights, k=1 if chance.random() < 0.8 else 2))
    scale = 10 ** DECIMALS.get(str(market["currency"]), 2)
    rate = float(market["rate"]) * (0.9 if chance.random() < 0.2 else 1.0)
    quantities = chance.choices((1, 2, 3), (88, 10, 2), k=len(chosen))
    return tuple(
        Line(sku, n, round(goods[sku].price * rate * scale)) for sku, n in zip(chosen, quantities, strict=True)
    )


def shop_of(customer: Customer) -> str:
    """Which of the seller's shops serves the customer."""
    region = world()["markets"][customer.market]["region"]
    return "lumora-outlet" if customer.platform == "ebay" else f"lumora-{customer.platform}-{region}"


def _number(chance: random.Random, platform: str, number: int) -> str:
    """The order number as each platform writes it; the running number keeps it unique."""
    tail = f"{number:05d}"
    if platform == "amazon":
        return f"{chance.randrange(100, 999)}-{chance.randrange(10**6, 10**7)}-{chance.randrange(10, 99)}{tail}"
    if platform == "ebay":
        return f"{chance.randrange(10, 27)}-{chance.randrange(10**4, 10**5)}-{tail}"
    return f"#{1001 + number}"
