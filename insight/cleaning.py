"""What cells become on their way into the lake: masked texts, keyed customers, whole minor units, business days."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import clock
from insight.columns import column, filled, look_up, one_mailbox
from insight.exchange import exponent
from insight.feeds import Rejected
from insight.intake import WITHHELD_CELL, Gathered
from insight.links import Links
from insight.masking import WITHHELD, Masked, Masker
from insight.schema import UNKNOWN, Table
from insight.settings import Settings


@dataclass(frozen=True)
class Texts:
    """A masked column: the texts, how many items each held, and the order ids in it, first to last."""

    texts: pa.Array
    items: pa.Array
    orders: list[tuple[str, ...]]


@dataclass(frozen=True)
class Cleaner:
    """Cleans gathered rows. `secret` keys the hashes of customers, `links` says whose ids are one person's."""

    rows: Gathered
    settings: Settings
    secret: bytes
    links: Links = field(default_factory=Links)

    @cached_property
    def masker(self) -> Masker:
        """Knows the shapes of the settings and the ids of the orders that came in."""
        orders = self.rows.feeds["orders"]["order_id"].to_pylist()
        return Masker(patterns=self.settings.privacy.order_ids, orders=orders)

    def key(self, ids: pa.Array, otherwise: pa.Array) -> pa.Array:
        """Keyed hashes of customers' ids. A row without one is a customer of its own, known by what else it is about.

        E-mail addresses are one whatever their case.
        """
        return self._key(ids, otherwise, self.links.people)

    def first_key(self, ids: pa.Array, otherwise: pa.Array) -> pa.Array:
        """As `key`, by what was known of the customers from the start, without the orders that they name."""
        return self._key(ids, otherwise, self.links.known)

    def own_key(self, ids: pa.Array) -> pa.Array:
        """As `key`, of the id alone."""
        return self._key(ids, ids, {})

    def _key(self, ids: pa.Array, otherwise: pa.Array, leads: Mapping[str, str]) -> pa.Array:
        alone = pc.binary_join_element_wise("alone", otherwise, "\x1f")
        packed = pc.dictionary_encode(pc.coalesce(one_mailbox(ids), alone))
        people = [leads.get(i, i) for i in packed.dictionary.to_pylist()]
        hashes = [hmac.digest(self.secret, i.encode(), "sha256")[:16].hex() for i in people]
        return pa.array(hashes, pa.string()).take(packed.indices)

    @cached_property
    def merged(self) -> dict[str, str]:
        """Ids of customers that are no customer of their own any more, and whose they are at the end of the chain."""
        rows = self.rows.feeds["customers"].select(["customer", "merged_into"])
        rows = rows.filter(pc.is_valid(rows["merged_into"]))
        ids = (one_mailbox(column(rows, name)).to_pylist() for name in ("customer", "merged_into"))
        steps = dict(zip(*ids, strict=True))
        return {one: end for one in steps if (end := _end(steps, one)) is not None}

    def masked(self, feed: str, name: str) -> Texts:
        """A text column without personal data; equal texts are masked once. An empty cell stays empty."""
        rows = self.rows.feeds[feed]
        packed = pc.dictionary_encode(column(rows, name))
        found = [self._mask(text) for text in packed.dictionary.to_pylist()]
        self._tell_withheld(rows, name, packed.indices, [n for n, m in enumerate(found) if m.text == WITHHELD])
        return Texts(
            pa.array([m.text for m in found], pa.string()).take(packed.indices),
            pc.fill_null(pa.array([m.items for m in found], pa.int64()).take(packed.indices), 0),
            [() if place is None else found[place].orders for place in packed.indices.to_pylist()],
        )

    def _mask(self, text: str) -> Masked:
        try:
            return self.masker.mask(text)
        except Exception:  # noqa: BLE001 - whatever went wrong, the text must not get through
            return Masked(WITHHELD, 0, ())

    def _tell_withheld(self, rows: pa.Table, name: str, indices: pa.Array, failed: list[int]) -> None:
        out = rows.filter(pc.is_in(indices, value_set=pa.array(failed, pa.int32())))
        for source, file, line in zip(*(out[c].to_pylist() for c in ("source", "file", "file_line")), strict=True):
            fix = "tell us about it with a made-up text of the same shape"
            why = Rejected(line, name, WITHHELD_CELL, "a text that could not be masked", "any text", fix)
            self.rows.rejects[source, file].append(why)

    def orders(self, ids: pa.Array) -> pa.Array:
        """Ids of orders as the orders table spells them ('#1001' and '1001' are one); unknown ones stay as they are."""
        known = column(self.rows.feeds["orders"], "order_id")
        return pc.coalesce(look_up(_plain(ids), _plain(known), known), ids)

    def currency(self, ids: pa.Array) -> pa.Array:
        """The currency of orders; the shop's own where an order names none or is unknown."""
        orders = self.rows.feeds["orders"]
        told = pc.utf8_upper(column(orders, "currency"))
        return filled(look_up(self.orders(ids), column(orders, "order_id"), told), self.settings.shop.currency)

    def minor(self, feed: str, name: str) -> pa.Array:
        """Amounts as whole minor units; rows whose amount is finer than that are refused first, by `refuse_fine`."""
        rows = self.rows.feeds[feed]
        return pc.cast(pc.floor(self._scaled(rows, name)), pa.int64())

    def refuse_fine(self, feed: str, name: str) -> None:
        """Refuse rows whose amount is no whole number of minor units: nothing is rounded in silence."""
        rows = self.rows.feeds[feed]
        scaled = self._scaled(rows, name)
        fine = np.asarray(pc.fill_null(pc.not_equal(scaled, pc.cast(pc.floor(scaled), scaled.type)), False))
        fix = "round the amount in the export, or name the order's currency"
        self.rows.refuse(feed, fine, name, "too_fine", came=name, wanted="whole minor units of the currency", fix=fix)

    def _scaled(self, rows: pa.Table, name: str) -> pa.Array:
        currencies = self.currency(column(rows, "order_id"))
        factors = pa.array([10 ** exponent(c) for c in currencies.to_pylist()], pa.decimal128(5, 0))
        return pc.multiply(column(rows, name), factors)

    def local(self, moments: pa.Array) -> clock.Millis:
        """What the clock of the business showed."""
        return clock.to_local(np.asarray(moments, dtype=np.int64), self.settings.shop.clock)

    def day(self, moments: pa.Array) -> pa.Array:
        """Calendar days of the business."""
        return pc.cast(pa.array(clock.days(self.local(moments)), pa.int32()), pa.date32())


def _end(steps: dict[str, str], one: str) -> str | None:
    """Where a chain of merges ends; nowhere where it comes back to where it was."""
    seen = {one}
    while one in steps:
        one = steps[one]
        if one in seen:
            return None
        seen.add(one)
    return one


def shaped(table: Table, columns: dict[str, pa.Array | Iterable[object]]) -> pa.Table:
    """The columns in the table's order and types; dimensions that nobody told are 'unknown'.

    The store makes the timestamps, so they are left out here.
    """
    wanted = [c for c in table.columns if not c.name.endswith("_at")]
    arrays = []
    for c in wanted:
        values = columns[c.name]
        values = values if isinstance(values, pa.Array) else pa.array(values, c.type)
        arrays.append(
            filled(values, UNKNOWN) if pa.types.is_string(c.type) and not c.null and c.name != "text" else values
        )
    return pa.Table.from_arrays(arrays, schema=pa.schema([pa.field(c.name, c.type, c.null) for c in wanted]))


def _plain(ids: pa.Array) -> pa.Array:
    return pc.utf8_upper(pc.utf8_ltrim(ids, "#"))
