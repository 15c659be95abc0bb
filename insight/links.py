"""Ids of customers to people: which ids of several platforms are one person, by what, and since when that was known.

Three things join ids: a source says so (`merged_into`), they have the same mail address or phone number (an id that is
itself a mail address counts as such), or one of them wrote about an order that the other one placed. The first three
hold from the start. An order ties two ids only from the moment on at which it was named: before it, nobody could know.

What is shared by many is nobody's: a mail address or number of more than `MOST` customers (a family's mailbox is fine,
a shop's own number is not) joins nobody and is told. An order that several customers other than its buyer name joins
nobody, nor does a customer who names orders of several buyers: a forwarder or a colleague is not the buyer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from insight.columns import column, one_mailbox
from insight.reach import mailbox

MOST = 4
"""So many customers may share a mail address or a phone number and still be one person or household."""

SAID, MAIL, PHONE, ORDER = "source says so", "same e-mail", "same phone", "same order"

WAYS = {"email": MAIL, "phone": PHONE}
"""Columns of the customers' feed that join, in this order."""


class Link(NamedTuple):
    """Why an id belongs to a person: by what, through which order, known since when (ms; None: from the start)."""

    by: str
    through: str | None = None
    since_ms: int | None = None


class Named(NamedTuple):
    """A customer wrote about an order: the id of the customer, the order, when the conversation was opened."""

    customer: str
    order_id: str
    at_ms: int


@dataclass(frozen=True)
class Links:
    """`known` leads an id to the one that stands for the person by what was known from the start, `people` by all.

    Ids that stand for themselves are in none of them. `shared` are hashes of more than `MOST` customers, by column.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, Link] = field(default_factory=dict)
    shared: Mapping[str, frozenset[str]] = field(default_factory=dict)


def find(
    told: pa.Table,
    merged: Mapping[str, str],
    *,
    ids: Iterable[str],
    bought: Mapping[str, tuple[str, int]],
    named: Iterable[Named],
    hashed: Callable[[str], str],
) -> Links:
    """Who is one person.

    :param told: rows of the customers' feed, `email` and `phone` hashed.
    :param merged: ids that a source says are another one, and which, at the end of the chain.
    :param ids: every id of a customer that any source names.
    :param bought: by order, the id of its customer and when it was placed.
    :param named: which customer wrote about which order.
    :param hashed: the hash of a mail address.
    """
    first: dict[str, int] = {}
    for buyer, at_ms in bought.values():
        end = merged.get(buyer, buyer)
        first[end] = min(at_ms, first.get(end, at_ms))
    by_way, shared = _by_way(told, merged, ids, hashed)
    graph = _Graph(first)
    for one, other, link in by_way:
        graph.join(one, other, link)
    known = graph.leads()
    start = {one: known.get(end, end) for one, end in merged.items()} | known
    for one, other, link in _by_order(start, bought, named):
        graph.join(one, other, link)
    people = graph.leads()
    everyone = start | people | {one: people.get(end, end) for one, end in start.items()}
    why = {one: link for one, link in graph.why().items() if one in people}
    return Links(start, everyone, why | {one: Link(SAID) for one in merged}, shared)


def _by_way(
    told: pa.Table, merged: Mapping[str, str], ids: Iterable[str], hashed: Callable[[str], str]
) -> tuple[list[tuple[str, str, Link]], dict[str, frozenset[str]]]:
    """Pairs with the same mail address or phone number, and the hashes that too many share."""
    customers = one_mailbox(column(told, "customer")).to_pylist()
    pairs, shared = [], {}
    for name, by in WAYS.items():
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for customer, way in zip(customers, column(told, name).to_pylist(), strict=True):
            if way is not None:
                owners[way].add(merged.get(customer, customer))
        if name == "email":
            for one in ids:
                if (address := mailbox(one)) is not None:
                    owners[hashed(address)].add(merged.get(one, one))
        shared[name] = frozenset(way for way, found in owners.items() if len(found) > MOST)
        groups = (sorted(found) for way, found in sorted(owners.items()) if way not in shared[name])
        pairs += [(group[0], other, Link(by)) for group in groups for other in group[1:]]
    return pairs, shared


def _by_order(
    start: Mapping[str, str], bought: Mapping[str, tuple[str, int]], named: Iterable[Named]
) -> list[tuple[str, str, Link]]:
    """Pairs of a buyer and the only other customer who names the order, in the order of time."""
    others: defaultdict[str, dict[str, int]] = defaultdict(dict)
    buyers: defaultdict[str, set[str]] = defaultdict(set)
    for customer, order_id, at_ms in named:
        if order_id not in bought:
            continue
        buyer, who = (start.get(i, i) for i in (bought[order_id][0], customer))
        if who != buyer:
            others[order_id][who] = min(at_ms, others[order_id].get(who, at_ms))
            buyers[who].add(buyer)
    pairs = []
    for order_id, found in others.items():
        buyer = start.get(bought[order_id][0], bought[order_id][0])
        (other, at_ms), *more = found.items()
        if not more and len(buyers[other]) == 1:
            pairs.append((at_ms, order_id, other, buyer))
    return [(other, buyer, Link(ORDER, order_id, at_ms)) for at_ms, order_id, other, buyer in sorted(pairs)]


class _Graph:
    """Ids and what ties them, without circles. Of a group, who bought first stands for it, else whose id is first."""

    def __init__(self, first_bought: Mapping[str, int]) -> None:
        self._first = first_bought
        self._root: dict[str, str] = {}
        self._ties: defaultdict[str, list[tuple[str, Link]]] = defaultdict(list)

    def join(self, one: str, other: str, link: Link) -> None:
        """Tie two ids, unless they are tied already."""
        a, b = self._find(one), self._find(other)
        if a == b:
            return
        self._ties[one].append((other, link))
        self._ties[other].append((one, link))
        stands, joins = sorted((a, b), key=lambda i: (i not in self._first, self._first.get(i, 0), i))
        self._root[joins] = stands

    def leads(self) -> dict[str, str]:
        """Every tied id that does not stand for itself, and which one does."""
        return {one: end for one in self._ties if (end := self._find(one)) != one}

    def why(self) -> dict[str, Link]:
        """For every tied id the link by which it was reached from who stands for the group; known since the latest."""
        found: dict[str, Link] = {}
        for root in sorted({self._find(one) for one in self._ties}):
            ahead, seen = [(root, Link(""))], {root}
            while ahead:
                one, reached = ahead.pop()
                for other, link in self._ties[one]:
                    if other not in seen:
                        seen.add(other)
                        moments = [ms for ms in (reached.since_ms, link.since_ms) if ms is not None]
                        found[other] = link._replace(since_ms=max(moments, default=None))
                        ahead.append((other, found[other]))
        return found

    def _find(self, one: str) -> str:
        end = one
        while end in self._root:
            end = self._root[end]
        while one != end:
            self._root[one], one = end, self._root[one]
        return end
