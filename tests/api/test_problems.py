"""Errors say what to do next, and never what was sent."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from insight.api.headers import HEADERS
from tests.api.conftest import client_of

CANARY = "zx9canary"


@pytest.mark.parametrize(
    "query",
    [
        "topics?market=" + CANARY * 20,
        "topics/t-late?limit=" + CANARY,
        "topics/t-late?cursor=" + CANARY,
        "topics/t-late?limit=0",
        "at-risk?limit=1e9",
        "kpis/conversations?by=" + CANARY,
        "kpis/conversations?since=" + CANARY,
        "kpis/conversations?weekday=8",
        "kpis/conversations?since=2026-11-01&until=2026-10-01",
        "kpis/contacts_per_100_orders?by=agent_id",
        "kpis/return_rate?hour=3",
        f"health?{CANARY}=1",
    ],
)
def test_a_bad_parameter_is_named_but_not_echoed(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/v1/{query}")
    body = answer.json()

    assert (422, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert {"type", "title", "status", "detail", "errors"} == body.keys()
    assert body["errors"][0]["where"].startswith("query")
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    "path", ["/" + CANARY, "/api/v1/topics/" + CANARY, "/api/v1/kpis/" + CANARY, "/static/x/" + CANARY]
)
def test_what_is_not_there_is_not_repeated(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert (404, "urn:insight:not-found") == (answer.status_code, answer.json()["type"])
    assert CANARY not in answer.text


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(("market", "platform", "limit", "cursor", "by", "since", "lang", "x")),
    value=st.text(min_size=1),
)
def test_no_value_of_a_parameter_breaks_anything(client: TestClient, name: str, value: str) -> None:
    query = f"{quote(name)}={quote(value, errors='surrogatepass')}"

    answers = [client.get(f"{path}?{query}") for path in ("/api/v1/topics/t-late", "/api/v1/kpis/conversations", "/")]

    assert {200, 422} >= {a.status_code for a in answers}


def test_a_person_gets_a_page_in_their_language(tmp_path: Path) -> None:
    answer = client_of(tmp_path).get("/", headers={"Accept": "text/html", "Accept-Language": "zh-CN,zh;q=0.9"})

    assert (503, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert "还没有发布任何数据" in answer.text


def test_a_program_gets_a_problem_even_if_it_would_take_a_page(client: TestClient) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept": "text/html"})

    assert "application/problem+json" == answer.headers["content-type"]


def test_what_nobody_foresaw_is_a_problem_with_all_headers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(folder)

    def broken() -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(client.app.state.published, "current", broken)  # type: ignore[attr-defined]
    answer = client.get("/api/v1/health")

    assert (500, "urn:insight:internal-server-error") == (answer.status_code, answer.json()["type"])
    assert HEADERS == {name: answer.headers.get(name) for name in HEADERS}
    assert CANARY not in answer.text
