"""Customers, which of their ids are one person, the only way back to them, agents and their shifts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insight import links
from insight.cleaning import Cleaner, shaped
from insight.columns import column, look_up, one_mailbox
from insight.feeds import Rejected
from insight.intake import PLACE, SHARED_CELL, reached
from insight.schema import AGENTS, CUSTOMER_LINKS, CUSTOMERS, IDENTITIES, SHIFTS, UNKNOWN
from insight.talk import Heard

NAMED_IN = ("messages", "conversations", "customers", "orders", "reviews")
"""Feeds that name customers."""


def customers(clean: Cleaner, conversations: pa.Table, orders: pa.Table, reviews: pa.Table) -> pa.Table:
    """CUSTOMERS: all who wrote, bought, reviewed or stand in a file of customers."""
    told = _survivors_first(clean.rows.feeds["customers"], clean.links.people)
    told_keys = clean.key(column(told, "customer"), column(told, "customer"))
    seen = _seen(conversations, orders, reviews)
    keys = pc.unique(pa.concat_arrays([column(seen, "key"), told_keys]))

    def of(name: str) -> pa.Array:
        return pc.coalesce(
            look_up(keys, told_keys, column(told, name)), look_up(keys, column(seen, "key"), column(seen, name))
        )

    spoken = _most(conversations)
    return shaped(
        CUSTOMERS,
        {
            "customer_key": keys,
            "market": of("market"),
            "language": pc.coalesce(
                look_up(keys, told_keys, column(told, "language")),
                look_up(keys, column(spoken, "customer_key"), column(spoken, "language")),
            ),
            "first_seen_ms": look_up(keys, column(seen, "key"), column(seen, "at")),
            "may_market": look_up(keys, told_keys, _agreed(told, told_keys)),
            "merged": _merged(clean, keys),
        },
    )


def _survivors_first(told: pa.Table, people: Mapping[str, str]) -> pa.Table:
    """Rows of files of customers; what a joined id's row tells counts only where the person's own tells nothing."""
    merged = np.asarray(pc.is_valid(column(told, "merged_into")))
    ids = one_mailbox(column(told, "customer")).to_pylist()
    joined = np.array([people.get(one, one) != one for one in ids], dtype=np.bool_)
    return told.take(pa.array(np.argsort(merged * 2 + joined, kind="stable")))


def _agreed(told: pa.Table, told_keys: pa.Array) -> pa.Array:
    """Who may be written to: a no of any account that was not merged into another counts for the person."""
    own = pc.and_(pc.is_null(column(told, "merged_into")), pc.equal(column(told, "may_market"), False))
    refused = told_keys.filter(pc.fill_null(own, False))
    return pc.if_else(pc.is_in(told_keys, value_set=refused), pa.scalar(False, pa.bool_()), column(told, "may_market"))


def _merged(clean: Cleaner, keys: pa.Array) -> pa.Array:
    """How many further ids of files of customers are each customer's."""
    told = set(one_mailbox(column(clean.rows.feeds["customers"], "customer")).to_pylist())
    ids = pa.array([one for one, person in clean.links.people.items() if one in told and one != person], pa.string())
    counted = pc.value_counts(clean.key(ids, ids))
    return pc.fill_null(look_up(keys, counted.field("values"), counted.field("counts")), 0)


def _seen(conversations: pa.Table, orders: pa.Table, reviews: pa.Table) -> pa.Table:
    """Who was seen when and where, first to last; an unknown market is none."""
    parts = []
    for rows, moment in ((conversations, "opened_ms"), (orders, "ordered_ms"), (reviews, "reviewed_ms")):
        market = column(rows, "market")
        known = pc.if_else(pc.equal(market, UNKNOWN), pa.scalar(None, pa.string()), market)
        parts.append(pa.table({"key": column(rows, "customer_key"), "at": column(rows, moment), "market": known}))
    seen = pa.concat_tables(parts).combine_chunks()
    return seen.filter(pc.is_valid(seen["key"])).sort_by(
        [("at", "ascending"), ("key", "ascending"), ("market", "ascending")]
    )


def _most(conversations: pa.Table) -> pa.Table:
    """Languages by customer, most conversations first; of equals the first in the alphabet."""
    known = conversations.filter(pc.not_equal(conversations["language"], UNKNOWN))
    counted = known.group_by(["customer_key", "language"], use_threads=False).aggregate([("conversation_id", "count")])
    order = [("conversation_id_count", "descending"), ("language", "ascending"), ("customer_key", "ascending")]
    return counted.sort_by(order)


def linked(clean: Cleaner, heard: Heard) -> Cleaner:
    """The same, with ids that are one person's led to one; what many customers share is told in the refusals."""
    feeds = clean.rows.feeds
    sold = feeds["orders"].filter(pc.is_valid(feeds["orders"]["customer"]))
    buyers = zip(one_mailbox(column(sold, "customer")).to_pylist(), column(sold, "ordered").to_pylist(), strict=True)
    talks = (one_mailbox(heard.customers).to_pylist(), heard.orders.to_pylist(), heard.opened_ms.to_pylist())
    found = links.find(
        feeds["customers"],
        clean.merged,
        ids=one_mailbox(_ids(clean)).to_pylist(),
        bought=dict(zip(column(sold, "order_id").to_pylist(), buyers, strict=True)),
        named=[links.Named(*talk) for talk in zip(*talks, strict=True) if None not in talk[:2]],
        hashed=lambda address: reached(address, clean.secret),
    )
    _tell_shared(clean, found)
    return replace(clean, links=found)


def _tell_shared(clean: Cleaner, found: links.Links) -> None:
    rows = clean.rows.feeds["customers"]
    for name, hashes in found.shared.items():
        out = rows.filter(pc.is_in(rows[name], value_set=pa.array(sorted(hashes), pa.string())))
        for source, file, line in zip(*(out[c].to_pylist() for c in PLACE), strict=True):
            wanted = f"one that at most {links.MOST} customers have"
            fix = "nothing, if it is the shop's own or a placeholder: it joins nobody"
            clean.rows.rejects[source, file].append(Rejected(line, name, SHARED_CELL, "", wanted, fix))


def customer_links(clean: Cleaner, heard: Heard) -> pa.Table:
    """CUSTOMER_LINKS: why each key that is not a person's own was joined to one."""
    ids = sorted(one for one, person in clean.links.people.items() if one != person)
    keys, why = pa.array(ids, pa.string()), [clean.links.why[one] for one in ids]
    counted = pc.value_counts(one_mailbox(heard.customers))
    return shaped(
        CUSTOMER_LINKS,
        {
            "customer_key": clean.own_key(keys),
            "person_key": clean.key(keys, keys),
            "by": [link.by for link in why],
            "through": [link.through for link in why],
            "since_ms": [link.since_ms for link in why],
            "conversations": pc.fill_null(look_up(keys, counted.field("values"), counted.field("counts")), 0),
        },
    )


def _ids(clean: Cleaner) -> pa.Array:
    """Every id of a customer as a source wrote it."""
    ids = pa.concat_arrays([column(clean.rows.feeds[feed], "customer") for feed in NAMED_IN])
    return pc.unique(ids.drop_null())


def identities(clean: Cleaner) -> pa.Table:
    """IDENTITIES: every id of a customer as a source wrote it."""
    ids = _ids(clean)
    return shaped(IDENTITIES, {"native_id": ids, "customer_key": clean.key(ids, ids)})


def agents(clean: Cleaner) -> pa.Table:
    """AGENTS: all in a file of agents, and all whom a message, a conversation or a shift names."""
    told = clean.rows.feeds["agents"]
    named = [column(clean.rows.feeds[feed], "agent_id") for feed in ("agents", "messages", "conversations", "shifts")]
    ids = pc.unique(pa.concat_arrays(named).drop_null())
    names = {"name": clean.masked("agents", "name").texts, "team": column(told, "team")}
    known = {name: look_up(ids, column(told, "agent_id"), values) for name, values in names.items()}
    return shaped(AGENTS, {"agent_id": ids, "name": pc.coalesce(known["name"], ids), "team": known["team"]})


def refuse_senseless(clean: Cleaner) -> None:
    """Refuse shifts that end before they start, and merges of customers that go in a circle."""
    told = clean.rows.feeds["customers"]
    circle = pc.and_(
        pc.is_valid(told["merged_into"]),
        pc.invert(pc.is_in(one_mailbox(column(told, "customer")), value_set=pa.array(list(clean.merged), pa.string()))),
    )
    clean.rows.refuse(
        "customers",
        np.asarray(circle.combine_chunks() if isinstance(circle, pa.ChunkedArray) else circle),
        "merged_into",
        "circle",
        wanted="a customer who was not merged into this one",
        fix="say which of them is left, and leave merged_into empty there",
    )
    rows = clean.rows.feeds["shifts"]
    wrong = pc.less_equal(rows["ends"], rows["starts"]).combine_chunks()
    wanted, fix = "an end after the start", "mend the row; a night shift ends on the next day"
    clean.rows.refuse("shifts", wrong.to_numpy(zero_copy_only=False), "ends", "ends_too_early", wanted=wanted, fix=fix)


def shifts(clean: Cleaner) -> pa.Table:
    """SHIFTS."""
    rows = clean.rows.feeds["shifts"]
    moments = {f"{name}_ms": column(rows, name) for name in ("starts", "ends")}
    return shaped(SHIFTS, {"agent_id": column(rows, "agent_id"), **moments})
