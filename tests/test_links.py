"""Ids of customers to people: by mail address, phone number and order, and what joins nobody."""

import random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.links import MOST, Link, Named, find
from insight.reach import mailbox
from tests.worlds import World, ingested

TEN, ELEVEN = "2024-05-01T10:00:00Z", "2024-05-02T11:00:00Z"
CUSTOMERS = "customer,market,may_market,merged_into,email,phone\n"
TALK = "conversation_id,author,sent,text,customer,order_id\n"
BOUGHT = "order_id,ordered,customer\n"


def shop(*, customers="", talk="", bought=""):
    """The tables of a shop where customers write and buy."""
    world = World().add("customers", CUSTOMERS + customers).add("messages", TALK + talk)
    return ingested(world.add("orders", BOUGHT + bought))


def keys(tables):
    """The customer of each conversation and order."""
    return {r["conversation_id"]: r["customer_key"] for r in tables["conversations"]} | {
        r["order_id"]: r["customer_key"] for r in tables["orders"]
    }


def links(tables):
    return sorted((r["by"], r["through"], r["conversations"]) for r in tables["customer_links"])


def test_the_same_mail_address_on_two_platforms_is_one_person():
    tables = shop(
        customers="A1,DE,yes,,Ann@x.com,\nweb7,DE,,,ann@X.com,\n",
        talk=f"c1,customer,{TEN},hello,A1,\nc2,customer,{TEN},hello,web7,\n",
        bought=f"o1,{TEN},A1\n",
    )
    of = keys(tables)

    assert of["c1"] == of["c2"] == of["o1"]
    assert [("same e-mail", None, 1)] == links(tables)
    [one] = tables["customers"]
    assert (1, True, of["c1"]) == (one["merged"], one["may_market"], one["customer_key"])
    [link] = tables["customer_links"]
    assert (of["c1"], None) == (link["person_key"], link["since_ms"])
    assert link["customer_key"] != of["c1"]


def test_an_id_that_is_a_mail_address_counts_as_one():
    tables = shop(
        customers="A1,DE,,,ann@x.com,\n", talk=f"c1,customer,{TEN},hello,A1,\nc2,customer,{TEN},hello,ANN@x.com,\n"
    )

    assert 1 == len({r["customer_key"] for r in tables["conversations"]})


def test_the_same_phone_number_is_one_person_however_it_is_written():
    tables = shop(
        customers="A1,DE,,,,030 12345678\nweb7,FR,,,,+49 30 12345678\n",
        talk=f"c1,customer,{TEN},hello,A1,\nc2,customer,{TEN},hello,web7,\n",
    )

    assert [("same phone", None, 1)] == links(tables)
    assert 1 == len({r["customer_key"] for r in tables["conversations"]})


def test_addresses_and_numbers_are_stored_nowhere():
    tables = shop(customers="A1,DE,,,ann@secret.com,030 12345678\nweb7,FR,,,ann@secret.com,\n")

    assert not any(word in repr(tables) for word in ("secret", "12345678"))


def test_what_many_share_joins_nobody_and_is_told():
    many = "".join(f"A{n},DE,,,info@shop.com,\n" for n in range(MOST + 1))
    tables = shop(customers=many, talk="".join(f"c{n},customer,{TEN},hello,A{n},\n" for n in range(MOST + 1)))

    assert MOST + 1 == len({r["customer_key"] for r in tables["conversations"]})
    assert [("email", "shared")] * (MOST + 1) == [(r["field"], r["reason"]) for r in tables["rejects"] if r["line"]]
    [read] = [r for r in tables["intake"] if r["feeds"] == "customers"]
    assert (MOST + 1, MOST + 1, 0) == tuple(read[n] for n in ("rows_in", "rows_out", "rows_rejected"))


def test_who_writes_about_an_order_of_another_id_is_its_buyer_from_then_on():
    tables = shop(
        talk=f"c1,customer,{TEN},hello,mail,\nc2,customer,{ELEVEN},where is it,mail,o1\nc3,customer,{ELEVEN},hi,bob,\n",
        bought=f"o1,{TEN},A1\n",
    )
    of = keys(tables)

    assert of["c1"] == of["c2"] == of["o1"] != of["c3"]
    [link] = tables["customer_links"]
    assert ("same order", "o1", 1_714_647_600_000, 2) == tuple(
        link[n] for n in ("by", "through", "since_ms", "conversations")
    )
    first = {r["conversation_id"]: r["first_key"] for r in tables["conversations"]}
    assert first["c1"] == first["c2"] == link["customer_key"]
    assert first["c3"] == of["c3"]


def test_an_order_that_several_others_name_joins_nobody():
    talk = "".join(f"c{n},customer,{TEN},where is it,mail{n},o1\n" for n in range(2))

    assert [] == links(shop(talk=talk, bought=f"o1,{TEN},A1\n"))


def test_who_names_orders_of_several_buyers_is_none_of_them():
    talk = "".join(f"c{n},customer,{TEN},where is it,agency,o{n}\n" for n in range(2))

    assert [] == links(shop(talk=talk, bought="".join(f"o{n},{TEN},A{n}\n" for n in range(2))))


def test_a_no_of_either_account_is_a_no_of_the_person():
    yes_and_no = shop(customers="A1,DE,yes,,ann@x.com,\nweb7,DE,no,,ann@x.com,\n")

    assert [False] == [r["may_market"] for r in yes_and_no["customers"]]


def test_who_bought_first_stands_for_the_person_and_later_rows_change_nothing_about_it():
    before = shop(customers="zoe,DE,,,z@x.com,\namy,DE,,,z@x.com,\n", bought=f"o1,{TEN},zoe\n")
    after = shop(customers="zoe,DE,,,z@x.com,\namy,DE,,,z@x.com,\n", bought=f"o1,{TEN},zoe\no2,{ELEVEN},amy\n")

    assert keys(before)["o1"] == keys(after)["o1"] == keys(after)["o2"]


PEOPLE = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from(["", "", "p", "q", "r"]), st.sampled_from("....xy")),
    unique_by=lambda row: row[0],
    max_size=7,
)
NAMED = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["o1", "o2", "o3"]), st.integers(0, 9)), max_size=6
)


def told(people, chance=None):
    rows = [{"customer": c, "email": e or None, "phone": p if p != "." else None} for c, e, p in people]
    if chance:
        chance.shuffle(rows)
    schema = pa.schema([(n, pa.string()) for n in ("customer", "email", "phone")])
    return pa.Table.from_pylist(rows, schema=schema)


@settings(max_examples=60, deadline=None)
@given(PEOPLE, NAMED, st.lists(st.sampled_from("abcdefg"), min_size=3, max_size=3), st.integers(0, 99))
def test_people_are_the_islands_of_what_joins_ids(people, named, buyers, seed):
    """Each id leads straight to one that stands for itself; groups are those of a naive flood; order is no matter."""
    bought = {f"o{n}": (buyer, n) for n, buyer in enumerate(buyers, 1)}
    chance = random.Random(seed)

    def links(rows, names):
        return find(rows, {}, ids=[], bought=bought, named=[Named(*n) for n in names], hashed=str)

    found = links(told(people), named)
    shuffled = links(told(people, chance), chance.sample(named, len(named)))

    assert (found.people, found.why) == (shuffled.people, shuffled.why)
    assert not set(found.people.values()) & set(found.people)
    groups = flood(people, named, bought)
    for one in {row[0] for row in people} | {name for name, *_ in named} | set(buyers):
        for other in groups:
            assert (found.people.get(one, one) == found.people.get(other, other)) == (
                groups.get(one, one) == groups[other]
            )


def flood(people, named, bought):
    """The group of each id, by joining until nothing changes: first what is known from the start, then the orders."""
    group = {one: one for one in "abcdefgh"}

    def join(one, other):
        old, new = group[one], group[other]
        for name in group:
            if group[name] == old:
                group[name] = new

    for owners in sharing(people):
        for other in owners[1:]:
            join(owners[0], other)
    start = dict(group)
    others = {o: {start[n] for n, order, _ in named if order == o and start[n] != start[bought[o][0]]} for o in bought}
    buyers = {w: {start[bought[o][0]] for o, found in others.items() if w in found} for w in start.values()}
    for order, found in others.items():
        if len(found) == 1 and len(buyers[min(found)]) == 1:
            join(min(found), bought[order][0])
    return group


def sharing(people):
    """The ids that share an address or a number, few enough of them."""
    for column in (1, 2):
        for value in {row[column] for row in people} - {"", "."}:
            owners = sorted(row[0] for row in people if row[column] == value)
            if len(owners) <= MOST:
                yield owners


def test_a_link_over_two_steps_is_known_since_the_later_one():
    bought = {"o1": ("a", 0), "o2": ("b", 1)}
    found = find(told([]), {}, ids=[], bought=bought, named=[Named("b", "o1", 50), Named("c", "o2", 20)], hashed=str)

    assert {"b": "a", "c": "a"} == found.people
    assert {"b": Link("same order", "o1", 50), "c": Link("same order", "o2", 50)} == found.why


def test_mail_ids_are_hashed_as_the_column_is():
    rows = told([("A1", "hash of ann@x.com", ".")])
    found = find(
        rows, {}, ids=["Ann@x.com".lower()], bought={}, named=[], hashed=lambda address: f"hash of {mailbox(address)}"
    )

    assert {"ann@x.com": "A1"} == found.people
