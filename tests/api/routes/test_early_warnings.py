"""What got worse, as the API tells it."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of

ADDRESS = "/api/v1/early-warnings"


def test_the_most_important_comes_first_with_all_its_signs(client: TestClient) -> None:
    found = client.get(ADDRESS).json()
    lane, topic, over = found["warnings"]

    assert 3 == found["total"]
    assert ("parcels", "late", "DHL", "CN-DE", None) == tuple(
        lane[k] for k in ("kind", "measure", "carrier", "lane", "name_en")
    )
    assert ("Parcel is late", "包裹延误", "now") == (topic["name_en"], topic["name_zh"], topic["state"])
    assert [("more contacts", 19, None), ("ends bad", 12, 30)] == [
        (s["kind"], s["observed"], s["of"]) for s in topic["signs"]
    ]
    assert "over" == over["state"]


def test_the_choice_of_market_and_state(client: TestClient) -> None:
    def ranks(query: str) -> list[int]:
        return [row["rank"] for row in client.get(f"{ADDRESS}?{query}").json()["warnings"]]

    assert [1, 2, 3] == ranks("market=DE")
    assert [1, 3] == ranks("market=US")
    assert [1, 2] == ranks("state=now")
    assert [3] == ranks("state=over")
    assert [1] == ranks("limit=1")
    assert 422 == client.get(f"{ADDRESS}?state=loud").status_code


def test_examples_of_too_few_are_kept_back(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make(conversations=150))
    few = client_of(tmp_path, privacy={"min_customers": 18}).get(ADDRESS).json()["warnings"]

    assert [["DHL is late again."], [], []] == [row["quotes"] for row in few]
    assert [1, 0, 0] == [len(row["conversations"]) for row in few]


def test_a_muted_topic_is_silent_and_parcels_still_speak(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    shop.publish(tmp_path, made | {"topics": [row | {"state": "muted"} for row in made["topics"]]})

    assert [1] == [row["rank"] for row in client_of(tmp_path).get(ADDRESS).json()["warnings"]]


def test_a_shop_without_anything_has_no_warnings(tmp_path: Path) -> None:
    shop.publish(tmp_path, {})

    assert {"warnings": [], "total": 0} == client_of(tmp_path).get(ADDRESS).json()
