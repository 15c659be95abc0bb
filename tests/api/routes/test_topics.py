"""Topics, and one topic with its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of


def pages(client: TestClient, topic: str, limit: int) -> list[dict[str, Any]]:
    """All mentions of a topic, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = client.get(f"/api/v1/topics/{topic}", params=query).json()
        found, cursor = found + answer["mentions"], answer["next_cursor"]
    return found


def test_topics_come_with_most_contacts_first_and_none_is_hidden(client: TestClient) -> None:
    found = client.get("/api/v1/topics").json()["topics"]

    assert {"t-small", "t-late", "t-broken", "t-refund", "unassigned"} == {t["topic_id"] for t in found}
    assert sorted(-t["contacts"] for t in found) == [-t["contacts"] for t in found]


def test_paging_gives_each_mention_once_newest_first(client: TestClient) -> None:
    found = pages(client, "t-late", 7)

    assert (
        client.get("/api/v1/topics/t-late").json()["topic"]["mentions"]
        == len({m["mention_id"] for m in found})
        == len(found)
    )
    assert [m["said_at"] for m in found] == sorted((m["said_at"] for m in found), reverse=True)


def test_the_days_of_a_topic_hold_all_its_mentions(client: TestClient) -> None:
    found = client.get("/api/v1/topics/t-small").json()

    assert found["topic"]["mentions"] == sum(day["mentions"] for day in found["days"])


def test_markets_and_products_stand_beside_each_other(client: TestClient) -> None:
    found = client.get("/api/v1/topics/t-small").json()

    assert ({"US", "DE", "CN", "ES"}, {"JKT-01", "JKT-02", "BAG-07"}) == (
        {c["name"] for c in found["markets"]},
        {c["name"] for c in found["skus"]},
    )
    assert found["topic"]["contacts"] == sum(c["contacts"] for c in found["markets"])


def test_words_of_few_customers_are_shown_nowhere(folder: Path) -> None:
    client = client_of(folder, privacy={"min_customers": 10_000})
    one = client.get("/api/v1/topics/t-small").json()
    every = client.get("/api/v1/topics?platform=amazon").json()["topics"]

    assert ([], [], None) == (one["quotes"], one["mentions"], one["next_cursor"])
    assert "fewer than 10000 customers" in one["withheld"]
    assert {(None, None)} == {(t["quote"], t["quote_language"]) for t in every}
    assert {True} == {
        t["words"] == [] and t["name_en"] == t["topic_id"] for t in every if t["topic_id"] != "unassigned"
    }


def test_a_cursor_of_another_list_is_harmless(client: TestClient) -> None:
    answer = client.get("/api/v1/topics/t-late", params={"cursor": "0.zzz"})

    assert (200, []) == (answer.status_code, answer.json()["mentions"])


def test_what_fits_no_topic_keeps_its_words_to_itself(client: TestClient) -> None:
    one = client.get("/api/v1/topics/unassigned").json()

    assert one["topic"]["customers"] > 5
    assert ([], [], None) == (one["quotes"], one["mentions"], one["next_cursor"])
    assert "stands alone" in one["withheld"]


def with_states(tmp_path: Path, **states: str) -> TestClient:
    """A shop in which people have put topics into these states."""
    made = shop.make(conversations=200)
    rows = [row | {"state": states.get(row["topic_id"].replace("-", "_"), row["state"])} for row in made["topics"]]
    shop.publish(tmp_path, made | {"topics": rows})
    return client_of(tmp_path)


def test_muted_merged_and_retired_topics_are_listed_only_where_they_are_asked_for(tmp_path: Path) -> None:
    client = with_states(tmp_path, t_late="muted", t_small="merged", t_broken="retired", t_refund="candidate")
    shown, muted, some = (
        client.get(f"/api/v1/topics{query}").json()
        for query in ("", "?state=muted", "?state=merged&state=retired&platform=amazon")
    )

    assert ({"t-refund", "unassigned"}, 3) == ({t["topic_id"] for t in shown["topics"]}, shown["hidden"])
    assert [("t-late", "muted")] == [(t["topic_id"], t["state"]) for t in muted["topics"]]
    assert {"t-small", "t-broken"} == {t["topic_id"] for t in some["topics"]}
    assert 200 == client.get("/api/v1/topics/t-late").status_code, "it can still be looked at"
    assert ["t-refund"] == client.get("/api/v1/topics/t-late").json()["nearest"], "and leads to none that is hidden"


def test_a_state_that_does_not_exist_is_refused(client: TestClient) -> None:
    assert 422 == client.get("/api/v1/topics?state=gone").status_code


def test_families_sum_up_their_topics(tmp_path: Path) -> None:
    made = shop.make(conversations=200)
    families = {"t-small": "sizing", "t-late": "logistics", "t-broken": "sizing"}
    rows = [row | {"family": families.get(row["topic_id"])} for row in made["topics"]]
    shop.publish(tmp_path, made | {"topics": rows})
    found = client_of(tmp_path).get("/api/v1/topics").json()
    contacts = {t["topic_id"]: t["contacts"] for t in found["topics"]}

    assert {
        ("sizing", 2, contacts["t-small"] + contacts["t-broken"]),
        ("logistics", 1, contacts["t-late"]),
        (None, 1, contacts["t-refund"]),
    } == {(f["family"], f["topics"], f["contacts"]) for f in found["families"]}
    assert "尺码与合身" in {f["name_zh"] for f in found["families"]}


def test_a_further_topic_that_a_person_gave_is_listed_and_counted(tmp_path: Path) -> None:
    made = shop.make(conversations=200)
    other = next(m["mention_id"] for m in made["mention_topics"] if m["topic_id"] == "t-late")
    own = next(m["mention_id"] for m in made["mention_topics"] if m["topic_id"] == "t-small")
    tags = [{"mention_id": m, "topic_id": "t-small", "who": "ann", "edit_id": "e1"} for m in (other, own)]
    shop.publish(tmp_path, made | {"mention_tags": tags})
    client = client_of(tmp_path)
    one = client.get("/api/v1/topics/t-small").json()
    found = pages(client, "t-small", 50)

    assert {other: True, own: False} == {m["mention_id"]: m["tagged"] for m in found if m["mention_id"] in (other, own)}
    assert 1 == one["tagged"]
    assert one["topic"]["mentions"] + 1 == len(found) == sum(day["mentions"] for day in one["days"])


def test_a_topic_tells_what_happened_to_it_runs_first_then_people(tmp_path: Path) -> None:
    made = shop.make(conversations=100)
    edit = {"topic_id": "t-late", "event": "took in", "version": 0, "edit_id": "e7", "other_id": "t-small"}
    later = {"topic_id": "t-late", "event": "retired", "version": 3, "edit_id": ""}
    told = [edit | {"decided_ms": shop.at(shop.LAST)}, later, *made["topic_history"]]
    shop.publish(tmp_path, made | {"topic_history": told})
    found = client_of(tmp_path).get("/api/v1/topics/t-late").json()["history"]

    assert [("born", 1), ("retired", 3), ("took in", 0)] == [(e["event"], e["version"]) for e in found]
    assert ("t-small", "2026-11-22T00:00:00Z") == (found[2]["other_id"], found[2]["decided_at"].replace("+00:00", "Z"))


def test_a_name_that_no_customer_wrote_is_shown_however_few_spoke(tmp_path: Path) -> None:
    made = shop.make(conversations=100)
    rows = [row | {"named_by": "taxonomy" if row["topic_id"] == "t-late" else "rule"} for row in made["topics"]]
    shop.publish(tmp_path, made | {"topics": rows})
    found = client_of(tmp_path, privacy={"min_customers": 10_000}).get("/api/v1/topics").json()["topics"]

    assert {"Parcel is late", "t-small"} <= {t["name_en"] for t in found}
    assert [[]] * len(found) == [t["words"] for t in found]
