"""From pages to tables: what belongs together, what is counted, what is refused."""

import random
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import counts, intake, talk
from insight.cleaning import Cleaner
from insight.errors import SourceError
from insight.masking import Masker
from insight.settings import Privacy, Shop
from insight.sources import SOURCES, Rows
from tests.worlds import SECRET, World, ingested
from tests.worlds import settings as told

TEN = "2024-05-01T10:00:00Z"

MESSAGES = """conversation_id,author,sent,text,customer,platform,market
c1,customer,2024-05-01T10:00:00Z,Where is my order 123-1234567-1234567? It should be here,Anna@example.com,amazon,DE
c1,agent,2024-05-01T10:01:00Z,Let me look,,,
c1,customer,2024-05-01T10:01:00Z,ok,,,
c2,customer,2024-05-02T10:00:00Z,Die Hose ist viel zu klein und ich möchte sie umtauschen,anna@example.com,shopify,DE
"""

CONVERSATIONS = """conversation_id,customer,agent_id,opened,closed,status,market
c1,,A1,2024-05-01T09:59:00Z,2024-05-01T11:00:00Z,resolved,AT
c9,bob,A2,2024-05-03T10:00:00Z,,,
"""

ORDERS = """order_id,customer,ordered,currency,total,platform
123-1234567-1234567,anna@example.com,2024-04-20T08:00:00Z,EUR,19.90,amazon
#1001,bob,2024-04-21T08:00:00Z,JPY,1990,shopify
1002,,2024-04-22T08:00:00Z,,5,shopify
"""


def shop():
    return World().add("messages", MESSAGES).add("conversations", CONVERSATIONS).add("orders", ORDERS)


def by(rows, key):
    return {row[key]: row for row in rows}


def test_conversations_are_joined_from_their_own_file_and_from_their_messages():
    found = by(ingested(shop())["conversations"], "conversation_id")

    assert {"c1", "c2", "c9"} == set(found)
    assert ("AT", "amazon", "A1", "resolved") == tuple(
        found["c1"][n] for n in ("market", "platform", "agent_id", "status")
    )
    assert ("DE", "shopify", None, "unknown") == tuple(
        found["c2"][n] for n in ("market", "platform", "agent_id", "status")
    )
    assert (1_714_557_540_000, 1_714_644_000_000) == (found["c1"]["opened_ms"], found["c2"]["opened_ms"])


def test_the_order_is_found_in_the_customers_words_before_it_is_masked():
    tables = ingested(shop())

    assert "123-1234567-1234567" == by(tables["conversations"], "conversation_id")["c1"]["order_id"]
    assert "Where is my order [ORDER]? It should be here" == tables["messages"][0]["text"]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("about #1001", "#1001"),
        ("order 1001", None),
        ("order number 20250001 or rather #1001", "#1001"),
        ("order number 20250001", "20250001"),
        ("no number at all", None),
    ],
)
def test_a_known_order_wins_over_an_unknown_one_and_spelling_is_the_orders_own(text, order):
    world = World().add("orders", ORDERS)
    world.add("messages", f"conversation_id,author,sent,text\nc,customer,2024-05-01T10:00:00Z,{text}\n")

    assert order == ingested(world)["conversations"][0]["order_id"]


def test_what_only_the_agent_names_is_not_the_customers_order():
    world = World().add("messages", f"conversation_id,author,sent,text\nc,agent,{TEN},see #1001\nc,customer,{TEN},ok\n")

    assert ingested(world)["conversations"][0]["order_id"] is None


def test_messages_are_numbered_by_time_then_by_place_and_name_their_agent():
    messages = [m for m in ingested(shop())["messages"] if m["conversation_id"] == "c1"]

    assert [(1, "customer", None), (2, "agent", "A1"), (3, "customer", None)] == [
        (m["seq"], m["author"], m["agent_id"]) for m in messages
    ]


def test_a_short_message_is_in_the_language_of_its_conversation():
    messages = by(ingested(shop())["messages"], "text")

    assert "en" == messages["ok"]["language"]
    assert "de" == by(ingested(shop())["conversations"], "conversation_id")["c2"]["language"]


def test_customers_are_keyed_hashes_and_one_mailbox_is_one_customer():
    tables = ingested(shop())
    conversations = by(tables["conversations"], "conversation_id")

    assert conversations["c1"]["customer_key"] == conversations["c2"]["customer_key"]
    assert {"Anna@example.com", "anna@example.com", "bob"} == {row["native_id"] for row in tables["identities"]}
    assert all(re.fullmatch("[0-9a-f]{32}", row["customer_key"]) for row in tables["customers"])
    assert len(tables["customers"]) == len({row["customer_key"] for row in tables["customers"]}) == 3


def test_another_key_gives_other_hashes():
    other = World(secret=bytes(32)).add("orders", ORDERS)
    keys = [{c["customer_key"] for c in ingested(w)["customers"]} for w in (World().add("orders", ORDERS), other)]

    assert not keys[0] & keys[1]


def test_who_is_not_named_is_a_customer_of_their_own():
    world = World().add(
        "messages",
        "conversation_id,author,sent,text\n" + "".join(f"c{n},customer,2024-05-01T10:00:00Z,hi\n" for n in range(3)),
    )

    tables = ingested(world)
    assert 3 == len({c["customer_key"] for c in tables["conversations"]})
    assert [] == tables["identities"]


def test_a_customer_is_first_seen_at_the_first_order_review_or_conversation():
    anna = [c for c in ingested(shop())["customers"] if c["first_seen_ms"] == 1_713_600_000_000]

    assert [("AT", "de")] == [(c["market"], c["language"]) for c in anna]


def test_customers_of_a_file_who_were_never_seen_are_kept():
    world = World().add("customers", "customer,market,language,may_market\nz,FR,fr,yes\n")

    [row] = ingested(world)["customers"]
    assert (None, "FR", "fr", True) == tuple(row[n] for n in ("first_seen_ms", "market", "language", "may_market"))


def test_a_conversation_without_words_of_a_customer_is_kept_and_its_language_is_that_of_the_others():
    world = World().add(
        "messages",
        f"conversation_id,author,sent,text\nc,agent,{TEN},Ihr Paket ist auf dem Weg zu Ihnen\nd,customer,{TEN},ok\n",
    )
    world.add("conversations", "conversation_id,opened\nempty,2024-05-01T10:00:00Z\n")

    found = {c["conversation_id"]: c["language"] for c in ingested(world)["conversations"]}
    assert ("de", "unknown") == (found["c"], found["empty"])


def test_days_and_hours_are_those_of_the_business():
    world = World().add("conversations", "conversation_id,opened\nc,2024-12-31T18:30:00Z\n")

    [row] = ingested(world, shop=Shop(zone="Asia/Shanghai"))["conversations"]
    assert ("2025-01-01", 3, 2) == (row["day"].isoformat(), row["weekday"], row["hour"])


def test_money_is_whole_minor_units_of_the_orders_currency():
    world = World().add("orders", ORDERS)
    world.add("order_items", "order_id,sku,price\n#1001,S,995\n#1001,T,995\n123-1234567-1234567,S,9.95\n1002,S,\n")
    world.add("returns", "order_id,returned,refund\n1001,2024-05-01T10:00:00Z,995\n")

    tables = ingested(world, shop=Shop(currency="KWD"))
    assert {"123-1234567-1234567": 1990, "#1001": 1990, "1002": 5000} == {
        o["order_id"]: o["total_minor"] for o in tables["orders"]
    }
    assert [("#1001", 1, 995), ("#1001", 2, 995), ("1002", 1, None), ("123-1234567-1234567", 1, 995)] == sorted(
        ((i["order_id"], i["line"], i["price_minor"]) for i in tables["order_items"]), key=str
    )
    assert [("#1001", 995)] == [(r["order_id"], r["refund_minor"]) for r in tables["returns"]]


def test_amounts_finer_than_the_currency_are_refused_and_not_rounded():
    world = World().add(
        "orders",
        "order_id,ordered,currency,total\n1,2024-05-01T10:00:00Z,JPY,19.90\n2,2024-05-01T10:00:00Z,EUR,19.999\n",
    )

    tables = ingested(world)
    assert [] == tables["orders"]
    assert [(2, "total", "too_fine"), (3, "total", "too_fine")] == [
        (r["line"], r["field"], r["reason"]) for r in tables["rejects"]
    ]


def test_ratings_keep_their_scale_and_are_brought_to_one():
    body = f"review_id,order_id,reviewed,score,title,text\n1,#1001,{TEN},4,Bad,\n2,,{TEN},1,,x@y.com\n"
    world = World().add("orders", ORDERS).add("reviews", body, scale=(6, 1))

    tables = ingested(world)
    buyer = by(tables["orders"], "order_id")["#1001"]["customer_key"]
    found = [
        (r["score"], r["scale_min"], r["scale_max"], r["rating"], r["text"], r["customer_key"])
        for r in tables["reviews"]
    ]
    assert [(4, 6, 1, 0.4, "Bad", buyer), (1, 6, 1, 1.0, "[EMAIL]", None)] == found


def test_ids_are_led_by_their_system_so_that_two_systems_cannot_clash():
    body = (
        "message_id,conversation_id,author,sent,text,order_id,agent_id\n1,7,customer,2024-05-01T10:00:00Z,hi,#1001,A1\n"
    )
    world = (
        World().add("messages", body, file="a.csv", system="zendesk").add("messages", body, file="b.csv", system="ebay")
    )

    tables = ingested(world)
    assert {"zendesk:1", "ebay:1"} == {m["message_id"] for m in tables["messages"]}
    assert {("zendesk:7", "#1001"), ("ebay:7", "#1001")} == {
        (c["conversation_id"], c["order_id"]) for c in tables["conversations"]
    }
    assert ["A1"] == [a["agent_id"] for a in tables["agents"]]


def test_made_ids_are_the_same_in_two_exports_that_overlap_and_told_apart_within_one():
    head, row = "conversation_id,author,sent,text\n", "c,customer,2024-05-01T10:00:00Z,hello?\n"
    world = (
        World()
        .add("messages", head + row + row, file="may.csv")
        .add("messages", head + row + row + row, file="june.csv")
    )

    tables = ingested(world)
    assert 3 == len(tables["messages"])
    assert [("may", "duplicate")] * 2 == [(r["source"], r["reason"]) for r in tables["rejects"]]


def test_agents_are_those_of_their_file_and_those_who_are_named():
    world = shop().add("agents", "agent_id,name,team\nA1,Mia,Night\n")

    assert {("A1", "Mia", "Night"), ("A2", "A2", "unknown")} == {tuple(a.values()) for a in ingested(world)["agents"]}


def test_a_text_that_cannot_be_masked_is_withheld_and_said_so(monkeypatch):
    def broken(self, text):
        raise ValueError(text)

    monkeypatch.setattr(Masker, "_spans", broken)
    world = World().add(
        "messages",
        f"conversation_id,author,sent,text\nc,customer,{TEN},mail a@b.com\nc,customer,2024-05-01T10:00:01Z,hi\n",
    )
    gathered = intake.gather(world, tell=lambda done, total: None)
    clean = Cleaner(gathered, told(), SECRET)

    _, messages = talk.talk(clean, talk.heard(clean))
    monkeypatch.undo()

    assert ["[WITHHELD]", "hi"] == messages["text"].to_pylist()
    assert [(2, "text", "withheld")] == [
        (r["line"], r["field"], r["reason"]) for r in intake.refusals(gathered, Masker()).to_pylist()
    ]
    assert [(2, 2, 0)] == [
        (c["rows_in"], c["rows_out"], c["rows_rejected"]) for c in intake.counts(gathered).to_pylist()
    ]


def test_what_came_is_masked_and_cut_in_a_refusal():
    world = World().add(
        "messages",
        f"conversation_id,author,sent,text\nc,bob@example.com,{TEN},x\nc,{'y' * 150},{TEN},x\n",
    )

    assert ["15 characters, letters and marks", "150 characters, letters"] == [
        r["came"] for r in ingested(world)["rejects"]
    ]


def test_own_order_ids_of_the_settings_link_conversations():
    world = World().add(
        "messages", "conversation_id,author,sent,text\nc,customer,2024-05-01T10:00:00Z,about ZX7Q/2291 please\n"
    )

    assert (
        "ZX7Q/2291" == ingested(world, privacy=Privacy(order_ids=(r"ZX\d[A-Z]/\d{4}",)))["conversations"][0]["order_id"]
    )


CELLS = st.sampled_from(["", "a", "b", "customer", "agent", "2024-05-01T10:00:00Z", "2024-05-01", "99", "x@y.com"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=4, max_size=5), max_size=12), st.integers(0, 3))
def test_counts_close_for_every_file_whatever_is_in_it(rows, split):
    head = ["message_id,conversation_id,author,sent,text"]
    lines = [",".join(row) for row in rows]
    world = World()
    for name, part in (("a", lines[:split]), ("b", lines[split:])):
        world.add("messages", "\n".join(head + part), file=f"{name}.csv", skip={"text": ["99"]})

    try:
        tables = ingested(world)
    except SourceError as refused:  # a file of agents alone is refused as a whole, and says so
        if "no message of this source is a customer's" not in str(refused):
            raise
        return
    assert [True, True] == [
        c["rows_in"] == c["rows_out"] + c["rows_skipped"] + c["rows_rejected"] == max(1, n)
        for c, n in zip(tables["intake"], (len(lines[:split]), len(lines[split:])), strict=True)
    ]
    assert len(tables["messages"]) == sum(c["rows_out"] for c in tables["intake"])
    assert {m["conversation_id"] for m in tables["messages"]} <= {c["conversation_id"] for c in tables["conversations"]}


def test_the_order_of_rows_and_files_does_not_matter():
    def tables(seed):
        world = World()
        for feeds, body in (("messages", MESSAGES), ("conversations", CONVERSATIONS), ("orders", ORDERS)):
            head, *lines = body.splitlines()
            lines = [line.replace("10:01:00Z,ok", "10:02:00Z,ok") for line in lines]
            random.Random(seed).shuffle(lines)
            world.add(feeds, "\n".join([head, *lines]))
        found = ingested(world)
        return {name: sorted(rows, key=str) for name, rows in found.items() if name != "intake"}

    assert tables(1) == tables(2) == tables(3)


HEAD = "message_id,conversation_id,author,agent_id,sent,text\n"


@pytest.mark.parametrize("came", ["Jane Doe", "Jane Smith of 12 Elm", "张伟住在世纪大道"])
@pytest.mark.parametrize("name", ["author", "sent", "conversation_id"])
def test_a_shifted_row_shows_no_name_in_its_refusal(came, name):
    cells = {"message_id": "1", "conversation_id": "", "author": "bob", "agent_id": "", "sent": "x", "text": ""}
    world = World().add("messages", HEAD + ",".join((cells | {name: came}).values()) + "\n")

    shown = " ".join(row["came"] for row in ingested(world)["rejects"])
    assert [] == [word for word in re.findall(r"\w+", came) if word in shown and not word.isdigit()]


def test_a_customer_who_stands_twice_is_shown_by_shape_and_one_mailbox_is_one():
    world = World().add(
        "customers", "customer,market\nJane Doe,DE\nJane Doe,DE\nA@b.com,DE\na@B.com,DE\nbob,DE\nbob,\n"
    )

    tables = ingested(world)
    assert ["8 characters, letters and blanks", "7 characters, letters and marks", "3 characters, letters"] == [
        r["came"] for r in tables["rejects"]
    ]
    assert 3 == len(tables["customers"])


def test_what_helps_is_shown_in_a_refusal():
    body = HEAD + "1,c,Robot,,yesterday,x\n2,c,客户,,2024-05-01 10:00,x\n"

    assert ["Robot", "yesterday", "客户", "2024-05-01 10:00"] == [
        r["came"] for r in ingested(World().add("messages", body))["rejects"]
    ]


PERSONAL_IDS = ["+4915112345678", "anna@shop.example", "DE89370400440532013000", "4111111111111111"]


@pytest.mark.parametrize("personal", PERSONAL_IDS)
def test_ids_that_lead_to_a_person_are_hashed_alike_everywhere(personal):
    world = World().add("messages", f"{HEAD}{personal},{personal},customer,{personal},{TEN},hi\n", system="chat")
    world.add("conversations", f"conversation_id,agent_id\n{personal},{personal}\n", system="chat")
    world.add("agents", f"agent_id,name\n{personal},Mia\n").add(
        "shifts", f"agent_id,starts,ends\n{personal},{TEN},2024-05-01T12:00:00Z\n"
    )
    world.add("surveys", f"conversation_id,answered,score\n{personal},{TEN},4\n", scale=(1, 5), system="chat")

    tables = ingested(world)
    tables.pop("identities")
    assert personal not in str(tables)
    [talk_], [message], [agent], [shift], [survey] = (
        tables[n] for n in ("conversations", "messages", "agents", "shifts", "surveys")
    )
    assert talk_["conversation_id"] == message["conversation_id"] == survey["conversation_id"]
    assert talk_["agent_id"] == message["agent_id"] == agent["agent_id"] == shift["agent_id"]
    assert ("Mia", True) == (agent["name"], talk_["conversation_id"].startswith("chat:"))


def test_ids_of_orders_and_goods_stay_what_they_are_but_for_an_address_of_mail():
    body = f"order_id,sku,returned\n123-1234567-1234567,4006381333931,{TEN}\n4111111111111111,SM-G991B,{TEN}\n"
    world = World().add("returns", body + f"anna@shop.example,+4915112345678,{TEN}\n")

    found = {(r["order_id"], r["sku"]) for r in ingested(world)["returns"]}
    assert {("123-1234567-1234567", "4006381333931"), ("4111111111111111", "SM-G991B")} < found
    assert "anna@" not in str(found)
    assert "+49" not in str(found)


def test_reasons_and_states_in_free_words_are_masked():
    world = World().add(
        "returns", f"order_id,returned,reason\n1,{TEN},too small call +4915112345679\n2,{TEN},UNWANTED\n"
    )
    world.add("orders", f"order_id,ordered,status\n1,{TEN},left with bob@example.com\n")

    tables = ingested(world)
    assert {"too small call [PHONE]", "UNWANTED"} == {r["reason"] for r in tables["returns"]}
    assert ["left with [EMAIL]"] == [o["status"] for o in tables["orders"]]


def test_a_reader_that_loses_a_row_makes_the_counts_not_close(monkeypatch):
    whole = SOURCES["table"]

    def losing(page, part):
        for item in whole.read(page, part):
            yield (
                replace(item, table=item.table.slice(1), lines=item.lines.slice(1)) if isinstance(item, Rows) else item
            )

    def closes():
        read = pd.DataFrame(ingested(shop())["intake"])
        return set(counts.rows_read(read)["closes"])

    assert {True} == closes()
    monkeypatch.setitem(SOURCES, "table", replace(whole, read=losing))
    assert {False} == closes()


@pytest.mark.parametrize("body", ["", HEAD, b"\xff\xfe" + HEAD.encode()])
def test_a_file_that_is_refused_as_a_whole_counts_as_one_row(body):
    columns = {n: n for n in HEAD.strip().split(",")}
    [read] = ingested(World().add("messages", body, columns=columns))["intake"]

    assert (1, 0, 0, 1) == tuple(read[n] for n in ("rows_in", "rows_out", "rows_skipped", "rows_rejected"))
