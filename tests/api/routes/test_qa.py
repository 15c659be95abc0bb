"""The routes of quality checks: what is drawn, how scores are taken, and what they come to."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from insight.api.guard import MOST_BYTES
from tests.api import shop
from tests.api.conftest import client_of

V1 = "/api/v1/qa"
SECRET = "zx9canary"


@pytest.fixture
def desk(tmp_path: Path) -> TestClient:
    """A shop of its own, in which scores may be written."""
    shop.publish(tmp_path / "lake", shop.make())
    return client_of(tmp_path / "lake")


def sample(client: TestClient, **asked: Any) -> dict[str, Any]:
    return dict(client.get(f"{V1}/sample", params=asked).raise_for_status().json())


def send(client: TestClient, *scores: dict[str, Any], scorer: str = "mei", **headers: str) -> Any:
    return client.post(f"{V1}/scores", json={"scorer": scorer, "scores": list(scores)}, headers=headers)


def whole(conversation: str, level: int | str = 5) -> list[dict[str, Any]]:
    """Every item of the rubric."""
    names = ("politeness", "problem_identified", "knowledge", "solution")
    told = [{"conversation_id": conversation, "item": name, "level": level} for name in names]
    return [*told, {"conversation_id": conversation, "item": "privacy", "level": 2}]


def test_the_newest_sample_comes_in_the_order_in_which_to_score_it(client: TestClient) -> None:
    found = sample(client)
    random = [row for row in found["conversations"] if row["stream"] == "random"]

    assert found["week"] == found["weeks"][0] == "2026-11-09"
    assert list(range(1, 21)) == [row["place"] for row in random]
    assert 2 == sum(row["double"] for row in random)
    assert {"random", "coaching"} == {row["stream"] for row in found["conversations"]}
    assert 0 == sum(row["scored_by"] for row in found["conversations"])


def test_a_day_names_its_week_and_a_stream_may_be_asked_for(client: TestClient) -> None:
    found = sample(client, week="2026-11-05", stream="coaching")

    assert "2026-11-02" == found["week"]
    assert {"coaching"} == {row["stream"] for row in found["conversations"]}
    assert {None} == {row["weight"] for row in found["conversations"]}
    assert [] == sample(client, week="2020-01-01")["conversations"]


def test_no_list_holds_what_was_said(client: TestClient) -> None:
    assert not any("parcel?" in client.get(f"{V1}/{part}").text for part in ("sample", "scores", "results"))


def test_scores_are_taken_and_found_again(desk: TestClient) -> None:
    one = sample(desk)["conversations"][0]["conversation_id"]
    answer = send(desk, *whole(one)[:4], {"conversation_id": one, "item": "privacy", "level": "na", "note": "无"})
    found = desk.get(f"{V1}/scores").json()

    assert (200, {"taken": 5}) == (answer.status_code, answer.json())
    assert (5, "privacy", None, "无", "api") == (
        found["total"],
        *(found["scores"][0][name] for name in ("item", "level", "note", "via")),
    )
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(found["scores"][0]["at"])
    assert dt.timedelta() <= age < dt.timedelta(minutes=5)
    assert 1 == sample(desk)["conversations"][0]["scored_by"]


def test_a_later_score_replaces_and_the_earlier_is_kept(desk: TestClient) -> None:
    one = sample(desk)["conversations"][0]["conversation_id"]
    for level in (1, 4):
        send(desk, {"conversation_id": one, "item": "knowledge", "level": level})
    send(desk, {"conversation_id": one, "item": "knowledge", "level": 2}, scorer="tom")
    mine = desk.get(f"{V1}/scores", params={"scorer": "mei"}).json()["scores"]

    assert [(4, True), (1, False)] == [(score["level"], score["stands"]) for score in mine]
    assert 3 == desk.get(f"{V1}/scores", params={"conversation_id": one, "limit": 1}).json()["total"]


def test_no_answer_is_older_than_the_newest_score(desk: TestClient) -> None:
    """What is remembered goes with the next score, and only then."""
    rows = sample(desk)["conversations"]
    before = [desk.get(f"{V1}/results"), desk.get(f"{V1}/results")]
    send(desk, *whole(rows[0]["conversation_id"]))
    after = desk.get(f"{V1}/results", headers={"If-None-Match": before[0].headers["etag"]})

    assert before[0].headers["etag"] == before[1].headers["etag"]
    assert (200, 0, 1) == (after.status_code, before[0].json()["team"]["n"], after.json()["team"]["n"])


def test_all_scores_of_a_request_are_taken_or_none(desk: TestClient) -> None:
    one = sample(desk)["conversations"][0]["conversation_id"]
    answer = send(desk, *whole(one), {"conversation_id": one, "item": "privacy", "level": 3})

    assert 422 == answer.status_code
    assert "body.scores.5" == answer.json()["errors"][0]["where"]
    assert "1 (worst) to 2 (best), or na" in answer.json()["errors"][0]["wrong"]
    assert 0 == desk.get(f"{V1}/scores").json()["total"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"conversation_id": SECRET},
        {"item": SECRET},
        {"level": SECRET},
        {"level": 77},
        {"level": 4.5},
        {"level": None},
        {"note": SECRET * 300},
        {SECRET: 1},
    ],
)
def test_what_cannot_be_taken_is_refused_without_an_echo(desk: TestClient, wrong: dict[str, Any]) -> None:
    one = sample(desk)["conversations"][0]["conversation_id"]
    answer = send(desk, {"conversation_id": one, "item": "politeness", "level": 3} | wrong)

    assert (422, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert SECRET not in answer.text
    assert 0 == desk.get(f"{V1}/scores").json()["total"]


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"scorer": "mei", "scores": []}', b"\xff\xfe"])
def test_a_body_that_is_no_list_of_scores_is_refused(desk: TestClient, body: bytes) -> None:
    answer = desk.post(f"{V1}/scores", content=body, headers={"Content-Type": "application/json"})

    assert 422 == answer.status_code


def test_a_body_that_is_too_large_is_refused(desk: TestClient) -> None:
    answer = desk.post(f"{V1}/scores", content=b" " * (MOST_BYTES + 1), headers={"Content-Type": "application/json"})

    assert 413 == answer.status_code


@pytest.mark.parametrize(
    "told",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://127.0.0.1:8321"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
def test_our_own_pages_may_send_scores(desk: TestClient, told: dict[str, str]) -> None:
    one = sample(desk)["conversations"][0]["conversation_id"]

    assert 200 == desk.post(f"{V1}/scores", json={"scorer": "mei", "scores": whole(one)}, headers=told).status_code


def test_a_program_is_no_browser_but_json_from_another_site_is_refused(desk: TestClient) -> None:
    one = sample(desk)["conversations"][0]["conversation_id"]

    assert 403 == send(desk, *whole(one), Origin="http://evil.example").status_code
    assert 403 == send(desk, *whole(one), **{"Sec-Fetch-Site": "cross-site"}).status_code
    assert 200 == send(desk, *whole(one)).status_code


def test_results_say_how_sure_they_are_and_what_a_claim_would_take(desk: TestClient) -> None:
    rows = [row for row in sample(desk)["conversations"] if row["stream"] == "random"]
    for number, row in enumerate(rows):
        send(desk, *whole(row["conversation_id"], 1 + number % 5))
        if row["double"]:
            send(desk, *whole(row["conversation_id"], 1 + number % 5), scorer="tom")
    found = desk.get(f"{V1}/results").json()

    assert 20 == found["team"]["n"]
    assert 0 < found["team"]["low"] < found["team"]["value"] < found["team"]["high"] < 1
    assert found["to_be_sure"] > 20
    assert {"one": 0.85, "other": 0.75, "needed": 248} == found["example"]
    assert {"too few"} == {agent["verdict"] for agent in found["agents"]}
    assert (20, 0) == (found["critical"][0]["n"], found["critical"][0]["failed"])
    assert [2] * 5 == [pair["n"] for pair in found["agreements"]]
    assert {"cannot tell"} == {pair["verdict"] for pair in found["agreements"]}
    assert {"drawn": 20, "scored": 20, "twice": 2, "twice_scored": 2} == {
        k: v for k, v in found["weeks"][0].items() if k != "week"
    }


def test_scores_of_coaching_are_in_no_average(desk: TestClient) -> None:
    """The same through the API: one poor coaching score moves nothing but its own count."""
    rows = sample(desk)["conversations"]
    for row in rows[:3]:
        send(desk, *whole(row["conversation_id"], 5))
    before = desk.get(f"{V1}/results").json()
    coached = next(row for row in rows if row["stream"] == "coaching")
    send(desk, *whole(coached["conversation_id"], 1))
    after = desk.get(f"{V1}/results").json()

    assert (0, 1) == (before.pop("coached"), after.pop("coached"))
    assert before == after


def test_an_empty_shop_has_nothing_to_score(tmp_path: Path) -> None:
    shop.publish(tmp_path, {})
    client = client_of(tmp_path)

    assert {"week": None, "weeks": [], "conversations": []} == sample(client)
    found = client.get(f"{V1}/results").json()
    assert (0, None, []) == (found["team"]["n"], found["to_be_sure"], found["weeks"])
    assert 422 == send(client, *whole("c1")).status_code
