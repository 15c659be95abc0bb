"""GET /drivers: what is told, by outcome, and what is kept back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import client_of


@pytest.fixture(scope="module")
def every(client: TestClient) -> dict[str, Any]:
    return client.get("/api/v1/drivers").json()


def test_outcomes_come_in_their_order_with_topics_by_rank(every: dict[str, Any]) -> None:
    csat, returned = every["outcomes"]

    assert ("csat", "mean", "up", 353, 547) == tuple(csat[k] for k in ("outcome", "scale", "better", "n", "left_out"))
    assert ["t-late", "t-small", "t-broken"] == [one["topic_id"] for one in csat["drivers"]]
    assert ("returned", "orders") == (returned["outcome"], returned["unit"])
    late = csat["drivers"][0]
    assert (-0.135, -0.21, -0.06, -0.26) == tuple(late[k] for k in ("difference", "low", "high", "raw"))
    assert ("Parcel is late", "包裹延误") == (late["name_en"], late["name_zh"])


def test_what_is_held_left_free_and_unknown_is_named(every: dict[str, Any]) -> None:
    assert ["market", "channel", "wait"] == every["outcomes"][0]["held"]
    assert {"handling", "mood", "repeat"} <= set(every["not_held"])
    assert {"price_changes", "promotions", "who_writes"} <= set(every["not_known"])


def test_too_few_have_no_adjusted_figure_and_few_customers_no_figure_at_all(every: dict[str, Any]) -> None:
    few = every["outcomes"][0]["drivers"][2]

    assert ("too few", 4, 3) == (few["verdict"], few["with_n"], few["customers"])
    assert [None] * 6 == [few[name] for name in ("difference", "points", "q", "value", "without", "raw")]


def test_one_outcome_is_asked_for_and_another_name_is_refused(client: TestClient) -> None:
    asked = client.get("/api/v1/drivers?outcome=returned").json()

    assert ["returned"] == [one["outcome"] for one in asked["outcomes"]]
    assert 422 == client.get("/api/v1/drivers?outcome=nobody").status_code


def test_a_topic_whose_name_is_made_of_few_customers_words_goes_by_its_id(folder: Path) -> None:
    told = client_of(folder, privacy={"min_customers": 10_000}).get("/api/v1/drivers").json()

    assert "t-late" == told["outcomes"][0]["drivers"][0]["name_en"]
