"""Customers of marketplaces whom the shop's own desk knows by another id: only the mail address shows who they are."""

from __future__ import annotations

from hashlib import blake2b

from examples.sample_shop.people import Customer

DESKS = ("chat", "helpdesk", "kefu")
"""Systems of the shop itself."""

SHARE = 0.3
"""So many buyers of a marketplace have an account of their own at the desk."""


def second_id(customer: Customer) -> str | None:
    """The desk's own id of a customer; None where it uses the marketplace's."""
    drawn = blake2b(customer.id.encode(), digest_size=5).hexdigest()
    if customer.platform == "shopify" or int(drawn[:4], 16) >= SHARE * 16**4:
        return None
    return f"web-{drawn}"


def known_as(customer: Customer, system: str) -> str:
    """The id of a customer in a system."""
    return (second_id(customer) if system in DESKS else None) or customer.id


def mailbox(customer: Customer) -> str:
    """The mail address that both accounts of such a customer name, and nobody else's does; else none."""
    second = second_id(customer)
    return f"{second.removeprefix('web-')}.{customer.email}" if second else ""
