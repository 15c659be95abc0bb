"""One KPI by any dimension over any days: weeks and months, the period before, targets, CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of

SPAN = "since=2026-09-01&until=2026-10-01"


def asked(client: TestClient, name: str, query: str = "") -> dict[str, Any]:
    return client.get(f"/api/v1/kpis/{name}?{query}").json()


def facts() -> list[dict[str, Any]]:
    return shop.make()["conversation_facts"]


def test_weeks_begin_on_monday_and_months_on_their_first_day(client: TestClient) -> None:
    rows = facts()
    for dimension, first in (
        ("week", lambda d: d - dt.timedelta(days=d.weekday())),
        ("month", lambda d: d.replace(day=1)),
    ):
        expected = Counter(first(row["day"]).isoformat() for row in rows)
        found = asked(client, "conversations", f"by={dimension}&since=2026-01-01&until=2027-01-01")["slices"]

        assert dict(expected) == {one["slice"][dimension]: one["value"] for one in found}
        assert [one["slice"][dimension] for one in found] == sorted(expected)


def test_a_weekday_follows_from_the_day_also_where_no_table_tells_it(client: TestClient) -> None:
    every = asked(client, "orders", f"by=weekday&{SPAN}")["slices"]
    [monday] = asked(client, "orders", f"weekday=1&{SPAN}")["slices"]

    assert list(range(1, 8)) == [one["slice"]["weekday"] for one in every]
    assert every[0]["value"] == monday["value"]


def test_a_distinct_count_and_a_percentile_of_a_week_are_those_of_its_rows(client: TestClient) -> None:
    monday = dt.date(2026, 10, 5)
    rows = [row for row in facts() if monday <= row["day"] < monday + dt.timedelta(days=7)]
    query = "by=week&since=2026-10-05&until=2026-10-12"
    [customers], [median] = (asked(client, name, query)["slices"] for name in ("customers", "first_response_median"))
    waits = sorted(row["first_response_ms"] for row in rows)

    assert len({row["customer_key"] for row in rows}) == customers["value"]
    assert (waits[(len(waits) - 1) // 2] + waits[len(waits) // 2]) / 2000 == pytest.approx(median["value"])


def test_each_slice_stands_beside_as_many_days_before(client: TestClient) -> None:
    told = asked(client, "conversations", f"by=market&compare=previous&{SPAN}")
    before = asked(client, "conversations", "by=market&since=2026-08-02&until=2026-09-01")["slices"]

    assert "2026-08-02" == told["before"]
    assert {one["slice"]["market"]: one["value"] for one in before} == {
        one["slice"]["market"]: one["previous"]["value"] for one in told["slices"]
    }
    assert {one["verdict"] for one in told["slices"]} <= {"plain", "same"}


def test_a_share_has_changed_only_where_chance_cannot_explain_it(client: TestClient) -> None:
    told = asked(client, "first_contact_resolution", f"by=market&compare=previous&{SPAN}")["slices"]

    assert told
    assert {one["verdict"] for one in told} <= {"unclear", "same", None}


def test_where_the_data_do_not_reach_back_nothing_is_compared(client: TestClient) -> None:
    told = asked(client, "conversations", "compare=previous&since=2026-07-25&until=2026-08-25")

    assert (None, None, None) == (told["before"], told["slices"][0]["previous"], told["slices"][0]["verdict"])


def test_days_have_no_twin_in_the_period_before(client: TestClient) -> None:
    assert "twin" in asked(client, "conversations", "by=week&compare=previous")["errors"][0]["wrong"]


def test_a_slice_that_only_the_period_before_has_counts_nothing_now(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    moved = [row | {"market": "FR"} if row["day"] < dt.date(2026, 9, 1) else row for row in made["conversation_facts"]]
    shop.publish(tmp_path, made | {"conversation_facts": moved})
    told = asked(client_of(tmp_path), "conversations", f"by=market&compare=previous&{SPAN}")["slices"]
    french = next(one for one in told if one["slice"]["market"] == "FR")

    assert (0, 0.0) == (french["n"], french["value"])
    assert french["previous"]["value"] > 0


@pytest.fixture(scope="module")
def aiming(folder: Path) -> TestClient:
    targets = [
        {"kpi": "first_contact_resolution", "target": 0.3, "benchmark": 0.7},
        {"kpi": "first_contact_resolution", "target": 0.99, "team": "day"},
        {"kpi": "first_contact_resolution", "target": 0.5, "agent_id": "a1"},
        {"kpi": "conversations", "target": 10},
    ]
    return client_of(folder, targets=targets)


def test_the_shop_reaches_or_misses_its_target_by_its_interval(aiming: TestClient) -> None:
    [one] = asked(aiming, "first_contact_resolution", SPAN)["slices"]

    assert (0.3, 0.7, "reached") == (one["target"], one["benchmark"], one["reached"])


def test_an_agent_has_its_own_target_else_its_teams_else_the_shops(aiming: TestClient) -> None:
    agents = asked(aiming, "first_contact_resolution", f"by=agent_id&by=team&{SPAN}")["slices"]
    teams = asked(aiming, "first_contact_resolution", f"by=team&{SPAN}")["slices"]

    assert {"a1": 0.5} | dict.fromkeys(("a0", "a2", "a3", "a4"), 0.99) == {
        one["slice"]["agent_id"]: one["target"] for one in agents
    }
    assert [(0.99, "missed")] == [(one["target"], one["reached"]) for one in teams]


def test_how_many_the_shop_wants_says_nothing_about_a_part_or_other_days(aiming: TestClient) -> None:
    queries = ("by=market", "market=DE", SPAN)

    assert {None} == {one["target"] for q in queries for one in asked(aiming, "conversations", q)["slices"]}
    assert 10 == asked(aiming, "conversations")["slices"][0]["target"]


def test_the_csv_holds_the_same_figures(client: TestClient) -> None:
    query = f"by=market&compare=previous&{SPAN}"
    answer = client.get(f"/api/v1/kpis/csat_mean/slices.csv?{query}")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    told = asked(client, "csat_mean", query)["slices"]

    assert "text/csv; charset=utf-8" == answer.headers["content-type"]
    assert "attachment" in answer.headers["content-disposition"]
    assert [(one["slice"]["market"], one["n"], one["value"]) for one in told] == [
        (line["market"], int(line["n"]), float(line["value"])) for line in lines
    ]


def test_a_spreadsheet_takes_no_cell_for_a_formula(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    rows = [row | {"market": "=HYPERLINK(0)"} for row in made["conversation_facts"]]
    shop.publish(tmp_path, made | {"conversation_facts": rows})
    answer = client_of(tmp_path).get("/api/v1/kpis/conversations/slices.csv?by=market")

    assert "'=HYPERLINK(0)" in answer.text
    assert "\n=" not in answer.text
