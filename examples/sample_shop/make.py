"""Makes the whole folder: people buy, some write, the staff answers, feedback follows, each system exports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from examples.sample_shop.contacts import first_contacts
from examples.sample_shop.export import write_all
from examples.sample_shop.feedback import Return, Review, Survey, make_returns, make_reviews, make_surveys
from examples.sample_shop.orders import Order, make_orders
from examples.sample_shop.people import People
from examples.sample_shop.staff import Staff
from examples.sample_shop.threads import Conversation, Desk
from examples.sample_shop.truth import write_truth
from examples.sample_shop.world import stream

ORDERS_PER_CONVERSATION = 4.7


@dataclass(frozen=True)
class Shop:
    """Everything that happened."""

    seed: int
    people: People
    staff: Staff
    orders: list[Order]
    conversations: list[Conversation]
    returns: list[Return]
    reviews: list[Review]
    surveys: list[Survey]


def make(out: Path, *, conversations: int, seed: int) -> dict[str, int]:
    """Write the folder and its truth; say how much of what there is.

    :raises OSError: the folder cannot be written.
    """
    shop = happen(conversations=conversations, seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    write_all(shop, out)
    write_truth(shop, out / "truth.json")
    return {
        "conversations": len(shop.conversations),
        "messages": sum(len(c.said) for c in shop.conversations),
        "orders": len(shop.orders),
        "returns": len(shop.returns),
        "reviews": len(shop.reviews),
        "surveys": len(shop.surveys),
    }


def happen(*, conversations: int, seed: int) -> Shop:
    """The same shop for the same number and seed."""
    people, staff = People(stream(seed, "people")), Staff(seed)
    orders = make_orders(people, count=round(conversations * ORDERS_PER_CONVERSATION), seed=seed)
    talks = _converse(people, orders, staff, count=conversations, seed=seed)
    return Shop(
        seed,
        people,
        staff,
        orders,
        talks,
        make_returns(stream(seed, "returns"), orders, talks),
        make_reviews(stream(seed, "reviews"), orders, talks),
        make_surveys(stream(seed, "surveys"), talks),
    )


def _converse(people: People, orders: list[Order], staff: Staff, *, count: int, seed: int) -> list[Conversation]:
    """Threads until there are so many conversations, in the order of time, numbered by each system."""
    desk, talks = Desk(stream(seed, "talk"), staff), list[Conversation]()
    for contact in first_contacts(people, orders, seed=seed):
        talks.extend(desk.thread(contact))
        if len(talks) >= count:
            break
    talks = sorted(talks[:count], key=lambda talk: (talk.opened, talk.thread, talk.plan.nth))
    for number, talk in enumerate(talks):
        talk.id = PREFIX[talk.system] + str(61000 + number * 3)
    return talks


PREFIX = {"amazon": "AMZ-", "ebay": "EB", "chat": "c_", "kefu": "KF", "helpdesk": "T-"}
"""How each system leads its conversation ids."""
