"""The lists that people work through: at risk, demand, counts, health."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of


def test_customers_at_risk_come_by_rank_and_are_cut_at_the_limit(client: TestClient) -> None:
    found = client.get("/api/v1/at-risk?limit=4").json()

    assert ([1, 2, 3, 4], 6) == ([c["rank"] for c in found["customers"]], found["total"])
    assert found["customers"][0]["reasons"]
    assert "Runs small" == found["customers"][0]["topic_en"]


def test_a_customer_at_risk_comes_with_the_mood_of_the_contact(client: TestClient) -> None:
    found = client.get("/api/v1/at-risk?limit=4").json()["customers"]

    assert [(-0.8, 0.9), (0.1, 0.1), (0.1, 0.1), (-0.8, -0.7)] == [(c["start_mood"], c["end_mood"]) for c in found]


def test_a_contact_without_words_has_no_mood(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make(conversations=150) | {"conversation_sentiment": []})
    found = client_of(tmp_path).get("/api/v1/at-risk?limit=1").json()["customers"]

    assert [(None, None)] == [(c["start_mood"], c["end_mood"]) for c in found]


def test_without_a_limit_the_list_is_what_the_team_can_work_through(folder: Path) -> None:
    found = client_of(folder, service={"at_risk": 2}).get("/api/v1/at-risk").json()

    assert (2, 6) == (len(found["customers"]), found["total"])


def test_customers_at_risk_of_one_place_only(client: TestClient) -> None:
    found = client.get("/api/v1/at-risk?platform=amazon").json()

    assert {"amazon"} == {c["platform"] for c in found["customers"]}
    assert len(found["customers"]) == found["total"]


def test_demand_comes_by_askers(client: TestClient) -> None:
    found = client.get("/api/v1/demand?limit=2").json()

    assert (["hood", "shoulder strap"], 3) == ([s["asked"] for s in found["signals"]], found["total"])


def test_counts_name_every_row_and_every_refusal(client: TestClient) -> None:
    found = client.get("/api/v1/counts").json()

    assert found["closes"]
    assert all(stage["rows_in"] == sum(o["rows"] for o in stage["outcomes"]) for stage in found["stages"])
    assert (2, {"naive_time", "duplicate"}) == (found["rejects_total"], {r["reason"] for r in found["rejects"]})


def test_what_was_found_in_a_refused_row_stays_in_the_lake(client: TestClient) -> None:
    assert "m-12" not in client.get("/api/v1/counts").text


def test_health_says_how_old_the_data_are(client: TestClient) -> None:
    found = client.get("/api/v1/health").json()

    assert ("ok", "2026-11-21T23:00:00Z", True, 2) == (
        found["status"],
        found["as_of"],
        found["counts_close"],
        found["rejected"],
    )


def test_health_counts_every_refused_row_once_and_a_refused_file_as_one(tmp_path: Path) -> None:
    made = shop.make(conversations=40)
    [first, *_] = made["rejects"]
    more = [first | {"field": "text"}, first | {"file": "other.csv", "line": 0, "field": "file"}]
    shop.publish(tmp_path, made | {"rejects": [*made["rejects"], *more]})

    assert 3 == client_of(tmp_path).get("/api/v1/health").json()["rejected"]
