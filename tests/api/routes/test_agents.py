"""GET /agents and /agents/{id}: what is told of agents, and what is kept back."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of


@pytest.fixture(scope="module")
def every(client: TestClient) -> dict[str, Any]:
    return client.get("/api/v1/agents").json()


def test_agents_come_by_name_with_what_they_did(every: dict[str, Any]) -> None:
    own = [f for f in shop.make()["conversation_facts"] if f["agent_id"] == "a0" and str(f["day"]) >= every["since"]]
    days = len({f["day"] for f in own})
    lin = next(a for a in every["agents"] if a["agent_id"] == "a0")

    assert ["Anna", "Kim", "Lin", "Mei", "Rui"] == [a["name"] for a in every["agents"]]
    assert (len(own), 2 * len(own), 8.0 * days) == tuple(
        lin["load"][k] for k in ("conversations", "replies", "shift_hours")
    )
    assert len(own) / (8 * days) == pytest.approx(lin["load"]["per_hour"])
    assert sum(f["handle_ms"] for f in own) / 3_600_000 / (8 * days) == pytest.approx(lin["load"]["occupancy"])
    assert statistics.median(f["first_response_ms"] for f in own) / 1000 == pytest.approx(
        lin["load"]["first_response_median_s"]
    )


def test_where_no_shift_is_told_hours_are_unknown_and_not_nought(tmp_path: Path) -> None:
    made = shop.make(conversations=200)
    shop.publish(tmp_path, made | {"agent_day": [row | {"shift_hours": 0.0} for row in made["agent_day"]]})
    loads = [a["load"] for a in client_of(tmp_path).get("/api/v1/agents").json()["agents"]]

    assert {(None, None, None)} == {(one["shift_hours"], one["per_hour"], one["occupancy"]) for one in loads}


def test_a_figure_of_too_few_conversations_is_kept_back_and_its_number_told(folder: Path) -> None:
    agents = client_of(folder, privacy={"min_customers": 20}).get("/api/v1/agents").json()["agents"]
    kim = next(a for a in agents if a["name"] == "Kim")["figures"][0]

    assert (12, True, None, None, None) == tuple(kim[k] for k in ("n", "few", "observed", "adjusted", "low"))
    assert not [f for a in agents if a["name"] != "Kim" for f in a["figures"] if f["few"]]


def test_lessons_tell_the_conversations_and_what_went_wrong(every: dict[str, Any]) -> None:
    first, second = every["lessons"]

    assert ("coaching", "Lin", "", 5) == (first["kind"], first["name"], first["topic_en"], len(first["read"]))
    assert ("best practice", "Mei", "Parcel is late") == (second["kind"], second["name"], second["topic_en"])
    assert {"a0"} == {one["agent_id"] for one in first["read"]}
    assert {"a1"} == {one["agent_id"] for one in first["learn"]}
    facts = {f["conversation_id"]: f for f in shop.make()["conversation_facts"]}
    for one in first["read"]:
        fact = facts[one["conversation_id"]]
        assert fact["came_back"] == one["came_back"]
        assert (fact["turned_bad"] and not fact["recovered"]) == one["soured"]


def test_a_topic_whose_name_is_made_of_few_customers_words_goes_by_its_id(folder: Path) -> None:
    told = client_of(folder, privacy={"min_customers": 10_000}).get("/api/v1/agents").json()

    assert "t-late" == told["lessons"][1]["topic_en"]


def test_a_team_is_asked_for(client: TestClient) -> None:
    night = client.get("/api/v1/agents?team=night").json()

    assert (["Kim"], []) == ([a["name"] for a in night["agents"]], night["lessons"])
    assert ["day", "night"] == night["teams"]


def test_one_agent_is_measured_by_the_own_rows_only(client: TestClient) -> None:
    told = client.get("/api/v1/agents/a0").json()
    kpi = next(k for k in told["own"] if k["kpi"] == "first_response_median")
    now = kpi["current"]
    own = [
        f["first_response_ms"]
        for f in shop.make()["conversation_facts"]
        if f["agent_id"] == "a0" and now["since"] <= str(f["day"]) < now["until"]
    ]

    assert (len(own), statistics.median(own) / 1000) == (now["n"], pytest.approx(now["value"]))
    assert {"a0"} == {one["agent_id"] for one in told["recent"]}
    assert sorted((one["opened_at"] for one in told["recent"]), reverse=True) == [
        o["opened_at"] for o in told["recent"]
    ]


def test_an_agent_nobody_knows_is_not_found(client: TestClient) -> None:
    answer = client.get("/api/v1/agents/nobody")

    assert (404, "There is no agent with this id.") == (answer.status_code, answer.json()["detail"])
