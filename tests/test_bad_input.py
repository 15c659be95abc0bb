"""Everything that goes wrong with input: each gives an error or a refusal with file, line, and the fix."""

import re

import pandas as pd
import pytest

from insight import clients, counts
from insight.errors import SettingsError, SourceError
from insight.settings import Settings, read
from tests.worlds import World, ingested

HEAD = "message_id,conversation_id,author,sent,text\n"
GOOD = "1,c,customer,2024-05-01T10:00:00Z,hello there\n"

REFUSED = {
    "a naive time without a zone": (HEAD + "2,c,agent,2024-05-01 10:01,x\n", {}, (2, "sent", "naive_time", "zone =")),
    "no time at all": (HEAD + "2,c,agent,soon,x\n", {}, (2, "sent", "not_a_time", "times")),
    "an empty time": (HEAD + "2,c,agent,,x\n", {}, (2, "sent", "missing", "skip")),
    "seconds taken for milliseconds": (
        HEAD + "2,c,agent,1714557600,x\n",
        {"times": "epoch_ms"},
        (2, "sent", "unlikely_time", "times"),
    ),
    "a duplicate id": (HEAD + GOOD + GOOD, {}, (3, "message_id", "duplicate", "system")),
    "an author nobody told us of": (
        HEAD + "2,c,Bob,2024-05-01T10:01:00Z,x\n",
        {},
        (2, "author", "unknown_value", "values.author"),
    ),
    "a message of no conversation": (
        HEAD + "2,,agent,2024-05-01T10:01:00Z,x\n",
        {},
        (2, "conversation_id", "missing", "skip"),
    ),
    "an empty file": ("", {}, (0, "file", "empty_file", "export")),
    "a file of blanks": (" \n\n", {}, (0, "file", "empty_file", "export")),
    "a file in another encoding": (
        (HEAD + GOOD + "2,c,agent,2024-05-01T10:01:00Z,中文\n").encode("gb18030"),
        {},
        (0, "encoding", "wrong_encoding", "gb18030"),
    ),
    "an unclosed quote": (HEAD + '2,c,agent,2024-05-01T10:01:00Z,"x\n', {}, (2, "row", "broken_quotes", "mend")),
    "a ragged row": (HEAD + "2,c,agent\n", {}, (2, "row", "ragged", "delimiter")),
    "an unreadable workbook": (b"not a zip", {"file": "m.xlsx"}, (0, "file", "unreadable_file", "save it again")),
    "an unreadable Parquet file": (
        b"PAR1 but not really",
        {"file": "m.parquet"},
        (0, "file", "unreadable_file", "export"),
    ),
    "a broken line of JSON": ('{"message_id": \n', {"file": "m.jsonl"}, (1, "row", "not_json", "mend")),
}

CAME = {
    "a naive time without a zone": "2024-05-01 10:01",
    "no time at all": "soon",
    "a duplicate id": "1",
    "an author nobody told us of": "Bob",
    "an empty file": "no bytes",
    "a file in another encoding": "byte 0xd6 in line 3",
    "a ragged row": "3 cells",
}
"""What the refusal shows of it."""

WANTED = {
    "a naive time without a zone": "tells its zone",
    "no time at all": "2024-11-02T14:30:00+01:00",
    "a duplicate id": "each once",
    "an author nobody told us of": "customer or agent or bot or system",
    "an empty file": "a header and rows",
    "a file in another encoding": "text in utf-8",
    "an unreadable workbook": "an XLSX file",
    "an unreadable Parquet file": "a Parquet file",
}

COLUMNS = {n: n for n in HEAD.strip().split(",")}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_row_or_file_is_refused_with_its_line_and_the_fix_and_the_rest_goes_on(case):
    body, told, (line, field, reason, fix) = REFUSED[case]
    world = World().add("messages", body, **{"file": "bad.csv", "columns": COLUMNS, **told})
    world.add("messages", HEAD + GOOD.replace("1,c", "good,c"), file="good.csv")

    tables = ingested(world)

    [refusal] = tables["rejects"]
    file = told.get("file", "bad.csv")
    assert (file, line, field, reason) == tuple(refusal[n] for n in ("file", "line", "field", "reason"))
    assert fix in refusal["fix"]
    assert CAME.get(case, "") == refusal["came"] or case not in CAME
    assert (refusal["came"] != "") == (reason != "missing")
    assert WANTED.get(case, "") in refusal["wanted"]
    assert all((refusal["wanted"], refusal["fix"]))
    assert "good" in {m["message_id"] for m in tables["messages"]}
    assert all(c["rows_in"] == c["rows_out"] + c["rows_skipped"] + c["rows_rejected"] for c in tables["intake"])


def test_a_conversation_that_was_never_opened_is_refused_and_one_without_words_is_kept():
    world = World().add("conversations", "conversation_id,opened\nnever,\nquiet,2024-05-01T10:00:00Z\n")

    tables = ingested(world)
    assert ["quiet"] == [c["conversation_id"] for c in tables["conversations"]]
    assert [(2, "opened", "missing")] == [(r["line"], r["field"], r["reason"]) for r in tables["rejects"]]


def test_a_shift_that_ends_before_it_starts_is_refused():
    world = World().add("shifts", "agent_id,starts,ends\nA,2024-05-01T22:00:00Z,2024-05-01T06:00:00Z\n")

    assert [(2, "ends", "ends_too_early")] == [(r["line"], r["field"], r["reason"]) for r in ingested(world)["rejects"]]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            {"columns": COLUMNS | {"text": "txet"}},
            ["m.csv, line 1", "'txet'", "wanted: message_id, conversation_id", "did you mean 'text'"],
        ),
        ({"columns": {k: v for k, v in COLUMNS.items() if k != "sent"}}, ["m.csv", "'sent'", "columns"]),
        ({"columns": COLUMNS | {"sku": "text", "authr": "text"}}, ["'authr'", "did you mean 'author'"]),
        ({"file": "m.docx"}, ["m.docx", ".csv"]),
        ({"encoding": "klingon"}, ["klingon"]),
    ],
)
def test_a_mapping_that_cannot_be_right_stops_the_run_with_a_sentence(told, words):
    world = World().add("messages", HEAD + GOOD, **{"file": "m.csv", "columns": COLUMNS, **told})

    with pytest.raises(SourceError) as caught:
        ingested(world)

    assert [] == [word for word in words if word not in str(caught.value)]


def test_messages_of_which_none_is_a_customers_stop_the_run_with_what_to_map():
    body = HEAD + GOOD.replace("customer", "Kunde") + GOOD.replace("1,c,customer", "2,c,agent")
    world = World().add("messages", body, file="m.csv", columns=COLUMNS, values={"author": {"Kunde": "bot"}})

    with pytest.raises(SourceError) as caught:
        ingested(world)

    words = ["m.csv", "line 0", "'author'", "came: only agent, bot", "wanted: a message of a customer", "values.author"]
    assert [] == [word for word in words if word not in str(caught.value)]


def test_answers_in_a_file_of_their_own_are_no_fault_and_a_customer_in_any_file_of_a_source_is_enough():
    columns = {n: n for n in COLUMNS if n != "author"}
    answer = GOOD.replace("1,c,customer", "2,c,agent")
    world = World().add("messages", HEAD + answer, file="a.csv", columns=columns, fixed={"author": "agent"})
    world.add("messages", HEAD + GOOD.replace("1,", "3,"), file="b.csv", name="two")
    world.add("messages", HEAD + answer.replace("2,", "4,"), file="c.csv", name="two")

    assert 3 == len(ingested(world)["messages"])


def test_a_file_that_is_not_there_stops_the_run(tmp_path):
    (tmp_path / "insight.toml").write_text('[[sources]]\nname = "m"\npath = "in/*.csv"\nfeeds = "messages"\n')

    with pytest.raises(SourceError, match=r"in/\*\.csv"):
        clients.world(read(tmp_path / "insight.toml", {})).digest()


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[shop]\nzone = "Berlin"\n', ["Berlin", "Europe/Berlin"]),
        ('[shop]\nzon = "UTC"\n', ["shop.zon", "did you mean 'zone'"]),
        ('[[sources]]\nname = "m"\npath = "x.csv"\nfeeds = "mesages"\n', ["feeds", "mesages", "messages"]),
        ('[[sources]]\nname = "m"\nfeeds = "messages"\n', ["path", "required"]),
        ("[shop\n", ["TOML"]),
    ],
)
def test_a_setting_that_is_missing_or_mistyped_is_an_error_that_says_what_to_do(tmp_path, toml, words):
    (tmp_path / "insight.toml").write_text(toml)

    with pytest.raises(SettingsError) as caught:
        read(tmp_path / "insight.toml", {})

    assert [] == [
        word for word in ["insight.toml", *words] if not re.search(re.escape(word), str(caught.value), re.IGNORECASE)
    ]


def test_no_settings_but_sources_is_a_world_without_pages(tmp_path):
    assert [] == list(clients.world(Settings(home=tmp_path)).pages())


# ---------------------------------------------------------------- an agent in two teams, a customer merged later

TEAMS = "agent_id,name,team\n"


def test_an_agent_in_two_teams_counts_in_the_first_and_the_second_is_refused_with_a_reason_of_its_own():
    world = World().add("agents", f"{TEAMS}A1,Mia,\nA1,Mia,Day\nA1,Mia,Night\nA2,Bo,Night\nA2,Bo,Night\n")
    tables = ingested(world)

    assert [("A1", "unknown"), ("A2", "Night")] == sorted((a["agent_id"], a["team"]) for a in tables["agents"])
    assert [(3, "duplicate"), (4, "two_teams"), (6, "duplicate")] == [
        (r["line"], r["reason"]) for r in tables["rejects"]
    ]
    [refused] = [r for r in tables["rejects"] if r["reason"] == "two_teams"]
    assert ("team", "Night", "each agent in one team") == tuple(refused[n] for n in ("field", "came", "wanted"))
    [read] = tables["intake"]
    assert (5, 2, 3) == tuple(read[n] for n in ("rows_in", "rows_out", "rows_rejected"))


MERGED = "customer,market,may_market,merged_into\n"
TALK = "conversation_id,author,sent,text,customer\n"
BOUGHT = "order_id,ordered,customer\n"
TEN = "2024-05-01T10:00:00Z"


def merged(body):
    """A shop in which ann, anna and ann@x.com write and buy, and a file of customers."""
    talk = "".join(f"c{n},customer,{TEN},hello,{who}\n" for n, who in enumerate(("ann", "anna", "ANN@x.com", "bob")))
    bought = "".join(f"o{n},{TEN},{who}\n" for n, who in enumerate(("ann", "anna", "bob")))
    return ingested(World().add("messages", TALK + talk).add("orders", BOUGHT + bought).add("customers", MERGED + body))


def test_orders_and_conversations_follow_a_customer_who_was_merged_over_a_chain():
    tables = merged("ann,DE,yes,\nanna,,no,ann@x.com\nann@X.com,FR,,ann\nbob,US,,\n")

    talk = {c["conversation_id"]: c["customer_key"] for c in tables["conversations"]}
    sold = {o["order_id"]: o["customer_key"] for o in tables["orders"]}
    assert len({talk["c0"], talk["c1"], talk["c2"], sold["o0"], sold["o1"]}) == 1
    assert talk["c3"] == sold["o2"] != talk["c0"]
    customers = {c["customer_key"]: c for c in tables["customers"]}
    assert {talk["c0"]: 2, talk["c3"]: 0} == {key: c["merged"] for key, c in customers.items()}
    assert {(i["native_id"], i["customer_key"]) for i in tables["identities"]} >= {
        ("anna", talk["c0"]),
        ("ann", talk["c0"]),
    }


def test_consent_is_the_survivors_and_what_a_merged_row_tells_fills_holes_only():
    refused = merged("anna,FR,yes,ann\nann,DE,no,\n")
    assert ("DE", False) == survivor(refused)
    untold = merged("anna,FR,no,ann\nann,,,\n")
    assert ("FR", False) == survivor(untold), "who said no once, under whatever id, is not asked again"


def survivor(tables):
    [row] = [c for c in tables["customers"] if c["merged"]]
    return row["market"], row["may_market"]


def test_merges_in_a_circle_are_refused_and_the_others_hold():
    tables = merged("ann,DE,,anna\nanna,DE,,ann\nbob,US,,\nbobby,US,,bob\n")

    assert [(2, "circle"), (3, "circle")] == [(r["line"], r["reason"]) for r in tables["rejects"]]
    assert 1 == sum(c["merged"] for c in tables["customers"])
    assert len({c["customer_key"] for c in tables["conversations"]}) == 4
    [read] = [i for i in tables["intake"] if i["feeds"] == "customers"]
    assert (4, 2, 2) == tuple(read[n] for n in ("rows_in", "rows_out", "rows_rejected"))
    closes = counts.rows_merged(pd.DataFrame(tables["intake"]), {"customers": len(tables["customers"])}, further=1)
    assert closes["closes"].all()


def test_a_customer_merged_into_itself_or_into_one_who_was_never_seen():
    tables = merged("ann,DE,,ann\nanna,DE,,zoe\n")
    assert [(2, "circle")] == [(r["line"], r["reason"]) for r in tables["rejects"]]
    assert 1 == sum(c["merged"] for c in tables["customers"])


def test_whom_a_conversation_is_assigned_to_is_the_agents_id_whatever_it_looks_like():
    head = "conversation_id,occurred,kind,value,agent_id\n"
    rows = f"c,{TEN},assigned,mia@shop.com,mia@shop.com\nc,{TEN},priority,call mia@shop.com,\n"
    events = ingested(World().add("ticket_events", head + rows))["ticket_events"]

    [assigned] = [e for e in events if e["kind"] == "assigned"]
    assert assigned["value"] == assigned["agent_id"] != "mia@shop.com"
    assert ["call [EMAIL]"] == [e["value"] for e in events if e["kind"] == "priority"]


def test_orders_without_a_currency_are_taken_to_be_in_the_shops_and_say_so():
    world = World().add("orders", f"order_id,ordered,currency,total\n1,{TEN},EUR,1.00\n2,{TEN},,2.00\n")
    sold = {o["order_id"]: (o["currency"], o["currency_told"]) for o in ingested(world)["orders"]}

    assert {"1": ("EUR", True), "2": ("USD", False)} == sold


def test_ratings_outside_their_scale_are_refused_and_counted():
    body = f"conversation_id,answered,score\nc,{TEN},0\nc,{TEN},6\nc,{TEN},5\n"
    tables = ingested(World().add("surveys", body, scale=(1, 5)))

    assert [(2, "off_scale"), (3, "off_scale")] == [(r["line"], r["reason"]) for r in tables["rejects"]]
    assert [(3, 1, 2)] == [(i["rows_in"], i["rows_out"], i["rows_rejected"]) for i in tables["intake"]]
