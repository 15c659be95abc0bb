"""What every route of the API and every page promises, whoever adds it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from insight.api import pages, routes
from insight.api.headers import HEADERS
from insight.api.reports import route
from tests.api import shop
from tests.api.conftest import client_of

SECRET = "zx9canary"
NAMES = {
    "name": "conversations",
    "agent_id": "a0",
    "topic_id": "t-late",
    "report": "weekly",
    "sku": "JKT-01",
    "sample_id": shop.make()["qa_sample"][0]["sample_id"],
}
"""What stands for the parts of a path."""


def addresses() -> list[tuple[str, APIRoute]]:
    """Every address with a valid value for each part of its path."""
    served = [("/api/v1", r) for router in (*routes.ROUTERS, route.ROUTER) for r in router.routes]
    served += [("", r) for router in pages.ROUTERS for r in router.routes]
    return [(prefix + r.path.format(**NAMES), r) for prefix, r in served if isinstance(r, APIRoute)]


READ = [a for a, route in addresses() if "GET" in (route.methods or ())]
WRITTEN = [a for a, route in addresses() if "POST" in (route.methods or ())]
EVERY = pytest.mark.parametrize("address", READ)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    shop.publish(folder, shop.make())
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> TestClient:
    return client_of(folder)


def document(client: TestClient) -> dict[str, Any]:
    return client.get("/api/v1/openapi.json").json()


@EVERY
def test_answers_and_may_be_kept_by_its_reader_only(client: TestClient, address: str) -> None:
    answer = client.get(address)

    assert 200 == answer.status_code
    assert "private, no-cache" == answer.headers["cache-control"]


@EVERY
def test_an_answer_that_is_known_is_not_sent_again(client: TestClient, address: str) -> None:
    tag = client.get(address).headers["etag"]
    again = client.get(address, headers={"If-None-Match": f'"other", {tag}'})

    assert (304, b"", tag) == (again.status_code, again.content, again.headers["etag"])
    assert tag.startswith('W/"')


@EVERY
def test_an_unknown_parameter_is_refused_without_an_echo(client: TestClient, address: str) -> None:
    answer = client.get(address, params={SECRET: SECRET})

    assert (422, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert SECRET not in answer.text


@EVERY
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written_but_where_it_is_meant_to_be(client: TestClient, address: str, method: str) -> None:
    if method == "POST" and address in WRITTEN:
        pytest.skip("what may be sent here has tests of its own")
    answer = client.request(method, address, content=SECRET)

    assert (405, "GET") == (answer.status_code, answer.headers["allow"])
    assert SECRET not in answer.text


@pytest.mark.parametrize("address", WRITTEN)
@pytest.mark.parametrize(
    "told",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8321"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "text/plain"},
        {},
    ],
)
def test_no_other_site_can_write_through_its_readers_browser(
    client: TestClient, address: str, told: dict[str, str]
) -> None:
    answer = client.post(address, content=f"{SECRET}=1", headers=told)

    assert (403, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert SECRET not in answer.text


@pytest.mark.parametrize("address", WRITTEN)
def test_strangers_cannot_write(folder: Path, address: str) -> None:
    assert 401 == client_of(folder, address="203.0.113.9").post(address, json={}).status_code


@EVERY
@pytest.mark.parametrize("query", ["", f"?{SECRET}=1"])
def test_every_answer_tells_the_browser_what_it_may_do(client: TestClient, address: str, query: str) -> None:
    answer = client.get(address + query)

    assert HEADERS == {name: answer.headers.get(name) for name in HEADERS}


@EVERY
def test_without_a_published_file_there_is_a_problem_that_says_what_to_do(tmp_path: Path, address: str) -> None:
    answer = client_of(tmp_path).get(address)

    assert (503, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert "insight run" in answer.json()["detail"]


@EVERY
def test_strangers_are_asked_for_the_token(folder: Path, address: str) -> None:
    answer = client_of(folder, address="203.0.113.9").get(address)

    assert (401, "application/problem+json") == (answer.status_code, answer.headers["content-type"])


def test_operation_ids_are_fixed(client: TestClient) -> None:
    ids = {operation["operationId"] for path in document(client)["paths"].values() for operation in path.values()}

    assert {
        "health",
        "kpis",
        "kpi",
        "kpi_csv",
        "findings",
        "low_scores",
        "topics",
        "topic",
        "emerging",
        "early_warnings",
        "drivers",
        "effects",
        "threads",
        "risk_models",
        "at_risk",
        "today",
        "high_value",
        "win_back",
        "cases",
        "case",
        "demand",
        "products",
        "product",
        "logistics",
        "forecast",
        "staffing",
        "agents",
        "agent",
        "qa_sample",
        "qa_scores",
        "qa_score",
        "qa_results",
        "topic_costs",
        "topic_cost_rows",
        "faq",
        "faq_draft",
        "report",
        "counts",
    } == ids


def test_every_operation_says_what_it_answers(client: TestClient) -> None:
    operations = [operation for path in document(client)["paths"].values() for operation in path.values()]

    assert all(o["summary"].endswith(("?", "days", "evidence")) and o["description"] for o in operations)


def test_every_error_is_documented_as_a_problem(client: TestClient) -> None:
    operations = [operation for path in document(client)["paths"].values() for operation in path.values()]
    errors = [r["content"] for o in operations for status, r in o["responses"].items() if status != "200"]

    assert {("application/problem+json",)} == {tuple(content) for content in errors}
    assert {"#/components/schemas/Problem"} == {c["application/problem+json"]["schema"]["$ref"] for c in errors}


def test_every_field_of_an_answer_is_described_or_shown_by_example(client: TestClient) -> None:
    schemas = document(client)["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, told in schema.get("properties", {}).items()
        if not {"description", "examples", "$ref", "items"} & told.keys()
    ]

    assert [] == silent


def test_the_interactive_documentation_is_off(client: TestClient) -> None:
    assert [404, 404] == [client.get(path).status_code for path in ("/docs", "/redoc")]


def test_no_route_waits_on_the_event_loop() -> None:
    """A coroutine that reads the file would stop all others meanwhile."""
    assert [] == [a for a, route in addresses() if inspect.iscoroutinefunction(route.endpoint)]
