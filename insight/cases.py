"""Contacts of customers, one after the other, to cases: which earlier contact does each continue, and why?

The rules stand in threads.py. A customer's book knows what was known at that moment, and nothing later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from insight.schema import UNASSIGNED

WINDOW_MS = 30 * 86_400_000
NOBODY = -1

NO_ANSWER = "service.no_answer"
"""The topic of who says that nobody answered: about what is told by the contact before."""

VAGUE = frozenset({UNASSIGNED, NO_ANSWER})
"""Topics that do not say what a contact is about."""

SAME, ISSUE, ORDER, NEAR, SAYS, FIRST = (
    "same order and issue",
    "same issue",
    "same order",
    "same order, near issue",
    "customer says so",
    "first",
)
"""Why a contact belongs to a case."""


class Contact(NamedTuple):
    """One conversation in which a customer wrote about one issue.

    `own` is the customer as known before orders told more, `again` that the words speak of an earlier contact,
    `settled` that they say it is done.
    """

    customer: str
    own: str
    conversation: str
    topic: str
    family: str | None
    order: str | None
    at_ms: int
    again: bool
    settled: bool


class Place(NamedTuple):
    """Places of contacts: where the case began, where this conversation came into it, what came before that in the
    case, and the customer's latest contact in another conversation. NOBODY where there is none.
    """

    case: int
    first: int
    before: int
    last: int
    link: str


def placed(contacts: Iterable[Contact], since: Mapping[str, int]) -> Iterator[Place]:
    """Where each contact belongs.

    :param contacts: by customer, in the order of time.
    :param since: for an `own` that an order joined to its customer, from when on that was known.
    """
    book, apart, customer = _Book(), dict[str, _Book](), None
    for number, one in enumerate(contacts):
        if one.customer != customer:
            book, apart, customer = _Book(), {}, one.customer
        for own in [own for own in apart if since[own] <= one.at_ms]:
            book.take_in(apart.pop(own))
        known_ms = since.get(one.own) if since else None
        if known_ms is None or known_ms <= one.at_ms:
            yield book.place(number, one)
        else:
            yield apart.setdefault(one.own, _Book()).place(number, one)


class _Case:
    """One case as it stands after its latest contact."""

    __slots__ = ("at_ms", "conversations", "family", "latest", "number", "order", "settled", "topic")

    def __init__(self, number: int) -> None:
        self.number = self.latest = number
        self.at_ms, self.settled = 0, False
        self.order: str | None = None
        self.family: str | None = None
        self.topic = UNASSIGNED
        self.conversations: dict[str, Place] = {}

    def fits(self, one: Contact) -> bool:
        """Whether a contact that says to be no first one may be about it."""
        known = VAGUE.isdisjoint((one.topic, self.topic))
        near = one.topic == self.topic or (one.family is not None and one.family == self.family)
        return (near or not known) and (None in (one.order, self.order) or one.order == self.order)


class _Book:
    """The latest case of each issue, order and issue, order and family, and order, and the latest of all."""

    def __init__(self) -> None:
        self._cases: dict[tuple[str, ...], _Case] = {}
        self._contacts: tuple[tuple[str, int], tuple[str, int]] = (("", NOBODY), ("", NOBODY))

    def place(self, number: int, one: Contact) -> Place:
        """Where a contact belongs, which is the newest."""
        case, link = self._find(one)
        if case is None:
            case = _Case(number)
        place = case.conversations.get(one.conversation)
        if place is None:
            before = NOBODY if link == FIRST else case.latest
            place = Place(case.number, number, before, self._last(one.conversation), link)
            case.conversations[one.conversation] = place
        case.at_ms, case.latest, case.settled = one.at_ms, number, one.settled
        case.order, case.topic, case.family = case.order or one.order, one.topic, one.family
        for key in self._keys(one):
            self._cases[key] = case
        if self._contacts[0][0] != one.conversation:
            self._contacts = ((one.conversation, number), self._contacts[0])
        return place

    def take_in(self, other: _Book) -> None:
        """Know what another book knows; of two cases the one that was spoken of later counts."""
        for key, case in other._cases.items():
            mine = self._cases.get(key)
            if mine is None or mine.latest < case.latest:
                self._cases[key] = case
        newest = sorted({*self._contacts, *other._contacts}, key=lambda contact: contact[1])
        self._contacts = (newest[-1], newest[-2] if len(newest) > 1 else ("", NOBODY))

    def _last(self, conversation: str) -> int:
        return next(number for name, number in (*self._contacts, ("", NOBODY)) if name != conversation)

    def _find(self, one: Contact) -> tuple[_Case | None, str]:
        known = one.topic not in VAGUE
        if one.order is not None:
            same = self._cases.get((one.order, one.topic))
            if same is not None and not (same.settled and one.at_ms - same.at_ms > WINDOW_MS):
                return same, SAME if known else ORDER
        recent = self._recent(("", one.topic), one) if one.topic != UNASSIGNED else None
        if recent is not None and (one.order is None or recent.order is None):
            return recent, ISSUE
        if one.order is not None and one.family is not None:
            near = self._recent(("", one.order, one.family), one)
            if near is not None:
                return near, NEAR
        if one.order is not None:
            keys = [(one.order, vague) for vague in sorted(VAGUE)] if known else [("", "", one.order)]
            others = [case for key in keys if (case := self._recent(key, one)) is not None]
            if others:
                return max(others, key=lambda case: case.latest), ORDER
        latest = self._recent(("",), one) if one.again or one.topic == NO_ANSWER else None
        return (latest, SAYS) if latest is not None and latest.fits(one) else (None, FIRST)

    def _recent(self, key: tuple[str, ...], one: Contact) -> _Case | None:
        case = self._cases.get(key)
        return case if case is not None and one.at_ms - case.at_ms <= WINDOW_MS else None

    @staticmethod
    def _keys(one: Contact) -> Iterator[tuple[str, ...]]:
        yield ("",)
        yield "", one.topic
        if one.order is not None:
            yield one.order, one.topic
            yield "", "", one.order
            if one.family is not None:
                yield "", one.order, one.family
