"""What actions did, as the API tells it."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of

ADDRESS = "/api/v1/effects"


def test_every_action_comes_with_its_verdict_and_its_weeks(client: TestClient) -> None:
    first, second, third, fourth = client.get(ADDRESS).json()["effects"]

    assert ("New size chart", "worked", 0.4, 0.2, 0.7) == tuple(
        first[key] for key in ("name", "verdict", "ratio", "low", "high")
    )
    assert [{"topic_id": "t-small", "name_en": "Runs small", "name_zh": "尺码偏小"}, "sizing"] == [
        first["topics"][0],
        first["topics"][1]["topic_id"],
    ]
    assert 17 == len(first["weeks"])
    assert [] == second["weeks"]
    assert ("too early", None) == (third["verdict"], third["ratio"])
    assert (["JKT-99"], ["not written", "unknown"]) == (fourth["unknown"], fourth["against"])


def test_a_name_made_of_the_words_of_too_few_is_an_id(tmp_path: Path) -> None:
    made = shop.make()
    topics = [row | {"named_by": "rule", "customers": 2} for row in made["topics"]]
    shop.publish(tmp_path, made | {"topics": topics})

    [first, *_] = client_of(tmp_path).get(ADDRESS).json()["effects"]
    assert "t-small" == first["topics"][0]["name_en"]


def test_without_a_register_there_is_nothing_to_tell(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make() | {"effects": [], "effect_weeks": []})

    assert {"effects": []} == client_of(tmp_path).get(ADDRESS).json()
