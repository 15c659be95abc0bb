"""What accounting knows: which rate a currency had in which week, and what each order cost the seller."""

from __future__ import annotations

from collections.abc import Iterator

from examples.sample_shop.orders import Order
from examples.sample_shop.world import DAY, end, first, stream, world

COSTED = ("amazon", "shopify")
"""Platforms whose fees accounting has; those of the third come on paper."""

COST = (0.42, 0.74)
"""Goods, freight and fees, as a share of what the customer paid."""

WEEK_CHANGE = 0.006
"""How much a rate moves in a week, usually."""


def rates(seed: int) -> Iterator[tuple[str, int, str]]:
    """Currency, moment from which it holds, and what one unit is worth in the seller's own, every week."""
    told = {market["currency"]: float(market["rate"]) for market in world()["markets"].values()}
    began = first() - (world()["days"]["orders_before"] + 7) * DAY
    for currency, per_own in sorted(told.items()):
        chance, value = stream(seed, f"rates/{currency}"), 1 / per_own
        if per_own != 1:
            for since in range(began, end(), 7 * DAY):
                yield currency, since, f"{value:.4g}"
                value *= 1 + chance.gauss(0, WEEK_CHANGE)


def costs(orders: list[Order], seed: int) -> dict[str, int]:
    """By order, in minor units of its currency; of the platforms that accounting knows."""
    chance = stream(seed, "costs")
    shares = {order.id: chance.uniform(*COST) for order in orders}
    return {o.id: round(o.total * shares[o.id]) for o in orders if o.customer.platform in COSTED}
