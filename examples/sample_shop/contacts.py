"""First contacts: which customer writes about what, when. Orders with a problem write more often."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from examples.sample_shop.orders import Order
from examples.sample_shop.people import Customer, People
from examples.sample_shop.world import DAY, awake, end, first, midnight, pick, products, stream, world


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody has something to say. `order` is None for who has not bought."""

    customer: Customer
    intent: str
    sku: str
    order: Order | None
    opened: int
    asked: str | None = None


def first_contacts(people: People, orders: list[Order], *, seed: int) -> Iterator[Contact]:
    """First contacts without end to them but the orders', likeliest first: take as many as are needed.

    Orders come by weighted sampling without replacement (Efraimidis and Spirakis, 2006): the key is u ** (1 / weight).
    """
    chance = stream(seed, "contacts")
    keys = [(chance.random() ** (1 / _total(_hazards(order))), number) for number, order in enumerate(orders)]
    for _, number in sorted(keys, reverse=True):
        roll = chance.random()
        if roll < 0.12:
            yield from _prospect(chance, people)
        contact = _asks_for_accessory(chance, people) or _of_order(chance, orders[number])
        if contact is not None:
            yield contact


def _asks_for_accessory(chance: random.Random, people: People) -> Contact | None:
    """The planted demand: a thing that many ask for, and one that is sold already."""
    roll = chance.random()
    for name in ("accessory", "accessory_sold"):
        told = world()["planted"][name]
        roll -= told["share"]
        if roll < 0:
            customer = people.anyone()
            opened = _some_time(chance, customer)
            return Contact(customer, "accessory_demand", told["sku"], None, opened, told["asked"])
    return None


def _prospect(chance: random.Random, people: People) -> Iterator[Contact]:
    """Somebody who asks and does not buy."""
    customer = people.anyone()
    before = {name: told["rate"] for name, told in world()["intents"].items() if told["from"] == "before"}
    intent = pick(chance, before)
    families = world()["intents"][intent].get("families", ())
    sku = chance.choice([p.sku for p in products().values() if not families or p.family in families])
    yield Contact(customer, intent, sku, None, _some_time(chance, customer))


def _some_time(chance: random.Random, customer: Customer) -> int:
    zone = world()["markets"][customer.market]["zone"]
    return min(max(awake(chance, chance.randrange(first(), end()), zone), first()), end() - 1)


def _hazards(order: Order) -> dict[str, float]:
    """How likely the order leads to each intent."""
    return _cached(order.lines[0].sku, order.late, order.arrived is None, order.cancelled, order.lane[:2] == "CN")


def _total(hazards: dict[str, float]) -> float:
    return sum(hazards.values()) or 1e-9


@cache
def _cached(sku: str, late: bool, lost: bool, cancelled: bool, abroad: bool) -> dict[str, float]:
    gone = {"delivered"} if lost else {"lost"}
    gone |= set() if late else {"late"}
    gone |= {"shipped", "delivered", "late", "lost"} if cancelled else set()
    family, found = products()[sku].family, {}
    for intent, told in world()["intents"].items():
        fits = told["from"] not in gone and family in told.get("families", (family,))
        if fits and (abroad or not told.get("abroad")):
            found[intent] = told["rate"] * _planted(sku, intent) / 1000
    return found


def _planted(sku: str, intent: str) -> float:
    """How many times as often as elsewhere."""
    for told in world()["planted"].values():
        if (told.get("sku"), told.get("intent")) == (sku, intent):
            return float(told["times"])
    return 1.0


def _of_order(chance: random.Random, order: Order) -> Contact | None:
    """The contact that an order leads to; None where it falls outside the days, or a fix has spared it."""
    intent = pick(chance, _hazards(order))
    zone = world()["markets"][order.customer.market]["zone"]
    opened = awake(chance, _about(chance, order, intent), zone)
    if intent == "where_is_parcel" and order.arrived is not None:
        opened = min(opened, order.arrived - 1)
    if not first() <= opened < end() or _spared(chance, order, intent, opened):
        return None
    bought = None if world()["intents"][intent]["from"] == "before" else order
    return Contact(order.customer, intent, order.lines[0].sku, bought, opened)


def _about(chance: random.Random, order: Order, intent: str) -> int:
    told = world()["intents"][intent]
    since, until = told["days"]
    after = round(chance.uniform(since, until) * DAY)
    start = {
        "before": order.ordered - 2 * after,
        "ordered": order.ordered,
        "shipped": order.shipped,
        "late": order.promised,
        "lost": order.promised,
        "delivered": order.arrived or order.promised,
    }[told["from"]]
    if told["from"] == "late" and order.arrived is not None:
        after = round(chance.random() * min(order.arrived - order.promised, 7 * DAY))
    return start + after


def _spared(chance: random.Random, order: Order, intent: str, opened: int) -> bool:
    """A fix that works keeps customers from having to write, from its day on."""
    for name in ("fix_that_works", "fix_that_does_not"):
        told = world()["planted"][name]
        hit = (told["sku"], told["intent"]) == (order.lines[0].sku, intent) and opened >= midnight(told["day"])
        if hit and chance.random() >= told["ratio"]:
            return True
    return False
