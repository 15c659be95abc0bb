"""What is true about the shop, for tests and benchmarks only: no job reads truth.json.

- `planted`: what world.toml plants, with the moments and the names that the files show:
  `runs_small` (a SKU, its intent, its return code); `late_carrier` (carrier, lane, the first business day of hand-over
  that is late, mean days added); `accessory` (the words by language that many ask for and the catalogue lacks; the SKU
  it should go with) and `accessory_sold` (the same for one that the catalogue has, as `sold_as`); `fix_that_works` and
  `fix_that_does_not` (SKU, intent, business day, and `ratio`: contacts per order after the day against before);
  `wrong_listing` (SKU, the attribute on which its listing says `promised` and customers name other values).
- `threads`: one entry per customer and issue that was contacted more than once: customer, intent, sku, order_id, the
  conversations in the order of time, the gaps between openings in hours, and the `review` that ended it badly, or null.
- `people`: the desk's own id of each customer who has one there, with the id that the marketplace uses.
- `came_back`: the conversations that were followed by one of the same customer about the same issue within 7 days.
- `conversations`: of each its intents (empty where nothing is asked), the customer's language, its thread, the `nth`
  contact of it, whether it was truly solved and answered, whether the customer was angry.
- `messages`: the intents of each customer's message that states any.
- `tickets`: of each mail how often it was opened again and handed on, and whether it was escalated.
- `personal`: made-up personal data by message (kind, text): email, phone, address, iban, card, order_id. Masking must
  leave none of them. At most 4,000 are told.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.sample_shop import tickets
from examples.sample_shop.phrases import bank, languages
from examples.sample_shop.second_ids import known_as
from examples.sample_shop.systems import message_ids
from examples.sample_shop.threads import WEEK, Conversation
from examples.sample_shop.world import HOUR, world

if TYPE_CHECKING:
    from examples.sample_shop.make import Shop

SAMPLE = 4000


def write_truth(shop: Shop, path: Path) -> None:
    """Write it as JSON, keys sorted."""
    told = {
        "about": {"seed": shop.seed, "conversations": len(shop.conversations), "days": _plain(world()["days"])},
        "planted": _planted(),
        "threads": _threads(shop),
        "people": _people(shop),
        "came_back": sorted(_came_back(shop)),
        "conversations": {c.id: _conversation(c) for c in shop.conversations},
        "messages": {i: list(s.turn.intents) for c in shop.conversations for i, s in message_ids(c) if s.turn.intents},
        "tickets": tickets.truth(shop.conversations, shop.seed),
        "personal": _personal(shop)[:SAMPLE],
    }
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, (int, float, str)) else str(v) for k, v in told.items()}


def _planted() -> dict[str, Any]:
    told = {name: _plain(about) for name, about in world()["planted"].items()}
    told["runs_small"]["reason"] = world()["intents"]["runs_small"]["reason"]
    for name in ("accessory", "accessory_sold"):
        told[name]["words"] = {code: bank(code)["asked"][told[name]["asked"]] for code in languages()}
    return told


def _by_thread(shop: Shop) -> dict[int, list[Conversation]]:
    threads: dict[int, list[Conversation]] = defaultdict(list)
    for talk in shop.conversations:
        threads[talk.thread].append(talk)
    return threads


def _threads(shop: Shop) -> list[dict[str, Any]]:
    bad = {r.thread: r.id for r in shop.reviews if r.thread}
    return [
        {
            "customer": talks[0].contact.customer.id,
            "intent": talks[0].contact.intent,
            "sku": talks[0].contact.sku,
            "order_id": talks[0].contact.order.id if talks[0].contact.order else None,
            "conversations": [t.id for t in talks],
            "channels": [t.channel for t in talks],
            "gap_hours": [round((b.opened - a.opened) / HOUR, 2) for a, b in pairwise(talks)],
            "review": bad.get(thread),
        }
        for thread, talks in sorted(_by_thread(shop).items())
        if len(talks) > 1
    ]


def _people(shop: Shop) -> dict[str, str]:
    told = ((known_as(t.contact.customer, t.system), t.contact.customer.id) for t in shop.conversations)
    return {account: customer for account, customer in told if account != customer}


def _came_back(shop: Shop) -> list[str]:
    pairs = [p for talks in _by_thread(shop).values() for p in pairwise(talks)]
    return [a.id for a, b in pairs if b.opened - a.opened <= WEEK]


def _conversation(talk: Conversation) -> dict[str, Any]:
    return {
        "intents": talk.intents,
        "language": talk.contact.customer.language,
        "thread": talk.thread,
        "nth": talk.plan.nth,
        "solved": talk.plan.solved and talk.plan.answered,
        "answered": talk.plan.answered,
        "angry": talk.angry,
    }


def _personal(shop: Shop) -> list[dict[str, str]]:
    found = []
    for talk in shop.conversations:
        for message, said in message_ids(talk):
            found += [{"message_id": message, "kind": kind, "text": words} for kind, words in said.turn.found]
    return found
