"""KPIs as published, and sliced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from insight.kpis import KPIS
from tests.api import shop
from tests.api.conftest import client_of


def sliced(client: TestClient, name: str, query: str = "") -> dict[str, Any]:
    return client.get(f"/api/v1/kpis/{name}?{query}").json()


def test_every_kpi_says_what_it_means(client: TestClient) -> None:
    found = client.get("/api/v1/kpis").json()["kpis"]

    assert list(KPIS) == [one["kpi"] for one in found]
    assert all(one["asks"].endswith("?") and one["means"] and one["label_zh"] for one in found)


def test_without_slices_it_is_the_published_value(client: TestClient) -> None:
    for one in client.get("/api/v1/kpis").json()["kpis"]:
        [only] = sliced(client, one["kpi"])["slices"]
        expected = {name: one["current"][name] for name in ("n", "value", "low", "high")}

        assert pytest.approx(expected) == {name: only[name] for name in expected}


def test_slices_of_a_count_add_up_to_the_whole(client: TestClient) -> None:
    whole = sliced(client, "conversations")["slices"][0]["value"]

    for by in ("by=market", "by=market&by=platform", "by=weekday", "by=day", "by=hour&by=channel&by=team"):
        assert whole == sum(s["value"] for s in sliced(client, "conversations", by)["slices"])


def test_several_values_mean_any_of_them(client: TestClient) -> None:
    one, other, both = (
        sliced(client, "conversations", q)["slices"][0]["value"]
        for q in ("market=DE", "market=US", "market=DE&market=US")
    )

    assert both == one + other


def test_a_share_comes_with_its_interval_in_every_slice(client: TestClient) -> None:
    found = sliced(client, "first_contact_resolution", "by=market&since=2026-08-01&until=2026-11-01")

    assert ("2026-08-01", "2026-11-01", False) == (found["since"], found["until"], found["cut"])
    assert all(0 <= s["low"] <= s["value"] <= s["high"] <= 1 and s["n"] for s in found["slices"])


def test_a_long_answer_is_cut_and_says_so(client: TestClient) -> None:
    found = sliced(client, "conversations", "by=day&limit=3")

    assert (3, True) == (len(found["slices"]), found["cut"])


def test_days_in_which_nothing_happened_have_no_value(client: TestClient) -> None:
    [only] = sliced(client, "csat_mean", "since=1999-01-01&until=1999-02-01")["slices"]

    assert (0, None) == (only["n"], only["value"])


def test_a_dimension_that_it_does_not_have_is_refused_with_those_that_it_has(client: TestClient) -> None:
    problem = sliced(client, "contacts_per_100_orders", "by=hour")

    assert "platform, shop, market" in problem["errors"][0]["wrong"]
    assert "hour" not in problem["errors"][0]["wrong"]


def test_slices_come_in_the_order_that_was_asked_for(client: TestClient) -> None:
    one, other = (
        sliced(client, "conversations", f"by={q}&limit=3") for q in ("market&by=platform", "platform&by=market")
    )

    assert [{"CN"}, {"amazon", "ebay", "shopify"}] == [
        {s["slice"][d] for s in one["slices"]} for d in ("market", "platform")
    ]
    assert {"amazon"} == {s["slice"]["platform"] for s in other["slices"]}


def test_a_dimension_can_be_named_once(client: TestClient) -> None:
    answer = client.get("/api/v1/kpis/conversations?by=day&by=market&by=day")

    assert (422, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert [("query.by", True)] == [(e["where"], "once" in e["wrong"]) for e in answer.json()["errors"]]


@pytest.mark.parametrize(
    "name", [name for name, (_, kpi) in KPIS.items() if kpi.kind not in ("count", "distinct", "rate")]
)
def test_no_slice_tells_what_single_customers_said_or_did(client: TestClient, name: str) -> None:
    for one in sliced(client, name, "by=sku&by=day&since=2026-08-01&until=2026-11-01")["slices"]:
        assert (0 < one["n"] < 5) == one["few"]
        assert one["n"] >= 5 or (None, None, None) == (one["value"], one["low"], one["high"])


def test_slices_that_hold_enough_are_told(client: TestClient) -> None:
    found = sliced(client, "csat_mean", "by=sku&since=2026-08-01&until=2026-11-01")["slices"]

    assert [(False, True)] * 3 == [(s["few"], s["value"] is not None) for s in found]


def test_the_whole_shop_is_no_exception(folder: Path) -> None:
    found = {
        k["kpi"]: k for k in client_of(folder, privacy={"min_customers": 10_000}).get("/api/v1/kpis").json()["kpis"]
    }

    assert (None, True) == (found["csat_mean"]["current"]["value"], found["csat_mean"]["previous"]["few"])
    assert found["conversations"]["current"]["value"] > 0


def test_data_that_do_not_reach_back_have_no_period_before(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    shop.publish(tmp_path, made | {"kpis": [k for k in made["kpis"] if k["period"] == "current"]})
    client = client_of(tmp_path)

    assert {None} == {one["previous"] and one["kpi"] for one in client.get("/api/v1/kpis").json()["kpis"]}
    assert "no earlier data" in client.get("/?lang=en").text
    assert "没有更早的数据" in client.get("/?lang=zh&market=DE").text
