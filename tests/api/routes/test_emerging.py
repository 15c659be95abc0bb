"""Alerts: what is unusual, against what was to be expected, and since when."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of

ADDRESS = "/api/v1/emerging"


def test_alerts_say_what_was_seen_and_what_was_to_be_expected(client: TestClient) -> None:
    found = client.get(ADDRESS).json()
    first = found["windows"][0]

    assert (2, 1, "2026-11-21") == (found["total"], found["judged"] - 2, found["until"])
    assert ("t-late", "Parcel is late", "DE", "all") == tuple(
        first[k] for k in ("topic_id", "name_en", "market", "sku")
    )
    assert (19, 5.2, 17, "2026-11-15", "2026-11-21") == tuple(
        first[k] for k in ("observed", "expected", "customers", "since", "day")
    )


def test_the_strongest_of_a_day_comes_first_and_the_list_is_cut(client: TestClient) -> None:
    found = client.get(f"{ADDRESS}?limit=1").json()

    assert (["DE"], 2) == ([w["market"] for w in found["windows"]], found["total"])


def test_alerts_of_some_markets_only(client: TestClient) -> None:
    assert ["all"] == [w["market"] for w in client.get(f"{ADDRESS}?market=all").json()["windows"]]
    assert [] == client.get(f"{ADDRESS}?market=ES").json()["windows"]


def test_how_the_quiet_ones_stand_is_told_where_it_is_asked_for(client: TestClient) -> None:
    assert ["calm"] == [w["state"] for w in client.get(f"{ADDRESS}?state=calm").json()["windows"]]
    assert 422 == client.get(f"{ADDRESS}?state=loud").status_code


def test_a_muted_topic_is_silent(tmp_path: Path) -> None:
    made = shop.make(conversations=100)
    rows = [row | {"state": "muted"} if row["topic_id"] == "t-late" else row for row in made["topics"]]
    shop.publish(tmp_path, made | {"topics": rows})
    found = client_of(tmp_path).get(ADDRESS).json()

    assert ([], 0) == (found["windows"], found["total"])


def test_words_of_few_customers_are_not_quoted_and_do_not_name(folder: Path) -> None:
    [first, *_] = client_of(folder, privacy={"min_customers": 10_000}).get(ADDRESS).json()["windows"]

    assert ("t-late", "t-late", None) == (first["name_en"], first["name_zh"], first["quote"])


def test_where_nothing_was_judged_nothing_is_unusual(tmp_path: Path) -> None:
    shop.publish(tmp_path, {})

    assert {"windows": [], "total": 0, "judged": 0, "until": None} == client_of(tmp_path).get(ADDRESS).json()
