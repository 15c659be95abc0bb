"""Topics, and one topic with its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

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
