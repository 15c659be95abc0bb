"""The lists that the team works from: what they name, what they only count, and what people write about them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from insight.casebook import Casebook
from insight.ledger import FILE, Ledger
from tests.api import shop
from tests.api.conftest import client_of

TODAY = dt.date(2026, 11, 22)
"""The day up to which the data of the shop reach."""


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> TestClient:
    """The published shop, with a database of its own for what is written."""
    return client_of(folder, people={"url": f"sqlite:///{tmp_path / FILE}"})


def today(client: TestClient, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/v1/today{query}")
    assert 200 == answer.status_code
    return dict(answer.json())


def say(client: TestClient, kind: str, value: str, *, nth: int = 0, who: str = "mei", **told: str) -> Any:
    fact = shop.make()["at_risk"][nth]["conversation_id"]
    sent = {"listed": "at_risk", "conversation_id": fact, "kind": kind, "value": value, "who": who} | told
    return client.post("/api/v1/cases", json=sent)


def test_the_list_names_the_named_and_counts_the_others(client: TestClient) -> None:
    found = today(client)

    assert [1, 2, 3, 4, 5, 6] == [c["rank"] for c in found["customers"]]
    assert "wait6" not in client.get("/api/v1/today").text
    assert (20, 1, 6, 0, 0) == tuple(found[name] for name in ("capacity", "waiting", "open", "snoozed", "done"))
    first = found["customers"][0]
    assert (0.81, 0.3, None) == (first["probability"], first["low_csat"], first["bad_review"])
    assert ("open", "", None) == (first["place"], first["assigned"], first["undo"])


def test_the_list_is_cut_at_the_capacity(folder: Path) -> None:
    found = today(client_of(folder, service={"at_risk": 2}))

    assert (2, 6) == (len(found["customers"]), found["open"])


def test_those_left_alone_are_a_number_and_nobody_names_them(client: TestClient) -> None:
    """Of the 420 that were drawn, every tenth from the fourth on; 30 days back from the newest word are 120 of them."""
    rows = shop.make()["flagged"]
    as_of = max(m["said_ms"] for m in shop.make()["mentions"])
    held = [r for r in rows if r["held_out"] and r["named_ms"] > as_of - 30 * 86_400_000]
    text = client.get("/api/v1/today").text

    assert len(held) == today(client)["left_alone"] > 0
    assert not any(row["customer_key"] in text or row["conversation_id"] in text for row in rows)


def test_the_head_says_how_many_went_bad_in_both_groups(client: TestClient) -> None:
    effect, rows = today(client)["effect"], shop.make()["flagged"]
    over = [r for r in rows if r["went_bad"] is not None]
    named, held = ([r for r in over if r["held_out"] is yes] for yes in (False, True))

    assert (324, sum(r["went_bad"] for r in named)) == (effect["named"]["n"], effect["named"]["bad"])
    assert (36, 18) == (effect["held"]["n"], effect["held"]["bad"])
    assert (200, sum(r["went_bad"] for r in named[-200:])) == (effect["recent"]["n"], effect["recent"]["bad"])
    assert 60 == effect["waiting"]
    assert len(held) == effect["held"]["n"]
    assert effect["difference"] == pytest.approx(effect["named"]["share"] - 0.5)
    assert "caused fewer" == effect["verdict"]


@pytest.mark.parametrize(
    ("topic", "kind", "step"),
    [
        ("t-small", "action", "Name the size to take, and offer the exchange"),
        ("t-refund", "answer", "El dinero llega en 3 días."),
        ("t-late", "rule", "Hand it to somebody who can decide"),
    ],
)
def test_the_next_step_is_an_answer_in_the_customers_language_else_a_deed_else_our_rule(
    client: TestClient, topic: str, kind: str, step: str
) -> None:
    row = next(c for c in today(client)["customers"] if c["topic_id"] == topic)

    assert (kind, step) == (row["step"]["kind"], row["step"]["step"])
    assert (row["step"]["share"] is None) == (kind == "rule")


def test_who_is_taken_put_off_or_done_with(desk: TestClient) -> None:
    assert 200 == say(desk, "assign", "tom", note="knows the carrier").status_code
    say(desk, "snooze", (TODAY + dt.timedelta(days=3)).isoformat(), nth=1)
    say(desk, "outcome", "refund", nth=2)
    found = today(desk)

    assert [1, 4, 5, 6] == [c["rank"] for c in found["customers"]]
    assert (4, 1, 1) == (found["open"], found["snoozed"], found["done"])
    assert [{"who": "tom", "customers": 1}] == found["assigned"]
    assert ("assigned", "tom", "knows the carrier") == tuple(
        found["customers"][0][name] for name in ("place", "assigned", "note")
    )
    assert [1] == [c["rank"] for c in today(desk, "?agent=tom")["customers"]]
    assert [] == today(desk, "?agent=mei")["customers"]


def test_an_undo_brings_back_and_every_entry_is_kept(desk: TestClient) -> None:
    number = say(desk, "outcome", "helped").json()["taken"]
    assert 5 == len(today(desk)["customers"])
    say(desk, "undo", str(number), who="tom")
    entries = desk.get("/api/v1/cases").json()

    assert 6 == len(today(desk)["customers"])
    assert [("undo", "1", "tom"), ("outcome", "helped", "mei")] == [
        (e["kind"], e["value"], e["who"]) for e in entries["entries"]
    ]
    assert 1 == desk.get("/api/v1/cases?who=tom").json()["total"]


def test_what_is_sent_twice_is_taken_once(desk: TestClient) -> None:
    answers = [say(desk, "outcome", "refund").json()["taken"] for _ in range(3)]

    assert [1, None, None] == answers


def test_who_was_put_off_comes_back_on_the_day(tmp_path: Path) -> None:
    shop.publish(tmp_path / "lake", shop.make())
    desk = client_of(tmp_path / "lake")
    say(desk, "snooze", (TODAY + dt.timedelta(days=1)).isoformat())
    assert 5 == len(today(desk)["customers"])
    made = shop.make()
    late = made["mentions"][0] | {"mention_id": "later", "said_ms": shop.at(TODAY + dt.timedelta(days=1), 5)}
    shop.publish(tmp_path / "lake", made | {"mentions": [*made["mentions"], late]})

    assert 6 == len(today(desk)["customers"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "outcome", "value": "vanished"},
        {"kind": "snooze", "value": "2020-01-01"},
        {"kind": "undo", "value": "1"},
        {"conversation_id": "zx9canary"},
        {"conversation_id": shop.make()["at_risk"][6]["conversation_id"]},
        {"conversation_id": "f0003"},
        {"listed": "win_back"},
        {"who": " "},
    ],
)
def test_what_cannot_be_written_is_refused_without_an_echo(desk: TestClient, wrong: dict[str, str]) -> None:
    row = shop.make()["at_risk"][0]
    plain = {"listed": "at_risk", "conversation_id": row["conversation_id"], "kind": "assign", "value": "a", "who": "b"}
    answer = desk.post("/api/v1/cases", json=plain | wrong)

    assert (422, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert "zx9canary" not in answer.text
    assert 0 == desk.get("/api/v1/cases").json()["total"]


def test_another_site_cannot_write(desk: TestClient, tmp_path: Path) -> None:
    row = shop.make()["at_risk"][0]
    sent = {"listed": "at_risk", "conversation_id": row["conversation_id"], "kind": "assign", "value": "a", "who": "b"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
        assert 403 == desk.post("/api/v1/cases", json=sent, headers=headers).status_code
    assert () == Casebook(Ledger(tmp_path / FILE)).read()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("path", ["today", "high-value", "win-back"])
def test_every_list_is_a_file_too(client: TestClient, path: str, form: str) -> None:
    answer = client.get(f"/api/v1/{path}?form={form}")
    rows = table(answer.content, form)

    assert 200 == answer.status_code
    assert f'.{form}"' in answer.headers["content-disposition"]
    assert len(client.get(f"/api/v1/{path}").json()["customers"]) == len(rows) > 0


def table(content: bytes, form: str) -> list[dict[str, Any]]:
    if form == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(1).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_a_sheet_holds_words_that_are_never_run(tmp_path: Path) -> None:
    made = shop.make()
    rows = [row | {"last_words": "=cmd|' /C calc'!A0"} for row in made["at_risk"]]
    shop.publish(tmp_path / "lake", made | {"at_risk": rows})
    answer = client_of(tmp_path / "lake").get("/api/v1/today?form=csv")

    assert "'=cmd" in {row["last_words"][:5] for row in table(answer.content, "csv")}


def test_only_who_agreed_is_to_be_won_back_and_the_others_are_counted(client: TestClient) -> None:
    found = client.get("/api/v1/win-back").json()

    assert {"gone0", "gone1", "gone4", "gone5", "gone8", "gone9"} == {c["customer_key"] for c in found["customers"]}
    assert (12, 6, 3, 3) == tuple(found[name] for name in ("total", "agreed", "refused", "unknown"))


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_unknown_is_no_consent_in_any_form(client: TestClient, form: str) -> None:
    answer = client.get(f"/api/v1/win-back?form={form}&limit=1000")
    text = answer.text if form != "xlsx" else str(table(answer.content, form))

    for n in (2, 3, 6, 7, 10, 11):
        assert f"gone{n}'" not in text.replace('"', "'").replace(",", "'")
        assert f"gone words {n}'" not in text.replace('"', "'").replace(",", "'")
    assert "gone words 0" in text


def test_a_workbook_to_win_back_says_whom_it_leaves_out(client: TestClient) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/api/v1/win-back?form=xlsx").content))
    words = " ".join(str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row)

    assert "6 of 12 customers agreed" in words
    assert "3 of whom nobody knows, which is no consent" in words


def test_reasons_count_all_and_name_only_what_enough_share(client: TestClient, folder: Path) -> None:
    few = client_of(folder, privacy={"min_customers": 7}).get("/api/v1/win-back").json()["reasons"]
    found = client.get("/api/v1/win-back").json()["reasons"]

    assert [] == few
    assert [("asked", "hood", 6, 1), ("unhappy", "Runs small", 6, 0)] == [
        (r["kind"], r["name_en"], r["customers"], r["unanswered"]) for r in found
    ]


def test_nobody_who_did_not_agree_can_be_written_about(desk: TestClient) -> None:
    rows = shop.make()["win_back"]
    answers = [
        desk.post(
            "/api/v1/cases",
            json={"listed": "win_back", "conversation_id": row["conversation_id"], "kind": "assign", "value": "a"}
            | {"who": "mei"},
        ).status_code
        for row in rows[:4]
    ]

    assert [200, 200, 422, 422] == answers


def test_the_most_valuable_come_first_with_the_reason(client: TestClient) -> None:
    found = client.get("/api/v1/high-value").json()

    assert [90_000, 80_000, 70_000] == [c["value_minor"] for c in found["customers"]]
    assert ["open contact"] == found["customers"][0]["why"]


def test_one_market_only(client: TestClient) -> None:
    for path in ("today", "high-value", "win-back"):
        found = client.get(f"/api/v1/{path}?market=DE").json()
        assert {c["market"] for c in found["customers"]} <= {"DE"}


def test_a_shop_without_any_of_it_has_empty_lists(tmp_path: Path) -> None:
    shop.publish(tmp_path / "lake", {})
    client = client_of(tmp_path / "lake")

    for path in ("today", "high-value", "win-back"):
        assert [] == client.get(f"/api/v1/{path}").json()["customers"]
        assert 200 == client.get(f"/{path}").status_code
    assert "cannot tell yet" == client.get("/api/v1/today").json()["effect"]["verdict"]
