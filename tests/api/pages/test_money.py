"""The page that says what complaints cost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from insight.api.pages import money
from insight.api.routes.topic_costs import TopicCost
from tests.api import shop
from tests.api.conftest import client_of


def page(client: TestClient, path: str = "/money", **asked: Any) -> str:
    found = client.get(path, params=asked)
    assert 200 == found.status_code, found.text
    return found.text


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_first_line_says_what_it_cost_in_the_readers_language(client: TestClient) -> None:
    told = client.get("/api/v1/topic_costs").json()
    english, chinese = plain(page(client, lang="en")), plain(page(client, lang="zh"))
    shown = f"{told['total']['total_minor'] / 100:,.2f}"
    assert f"came to ${shown}" in english
    assert f"US${shown}" in chinese
    dearest = next(topic for topic in told["topics"] if topic["topic_id"] != "unassigned")
    assert f"The dearest topic is “{dearest['name_en']}”" in english
    assert f"“{dearest['name_zh']}”" in chinese
    assert "belongs to no topic" in english
    assert "nothing here says that a topic caused them" in english


def test_every_topic_opens_to_rows_that_make_its_sum(client: TestClient) -> None:
    told = client.get("/api/v1/topic_costs").json()
    html = page(client)
    for topic in told["topics"]:
        assert f"/money/{topic['topic_id']}" in html
        assert f"${topic['total_minor'] / 100:,.2f}" in html
        rows = plain(page(client, f"/money/{topic['topic_id']}", lang="en"))
        assert f"make ${topic['total_minor'] / 100:,.2f}" in rows
    before = plain(page(client, "/money/t-late", lang="en", period="previous"))
    assert "rows of the 28 days before make" in before


def test_a_market_can_be_chosen(client: TestClient) -> None:
    here = client.get("/api/v1/topic_costs", params={"market": "DE"}).json()["total"]["total_minor"]
    assert f"came to ${here / 100:,.2f}" in plain(page(client, lang="en", market="DE"))


def test_without_a_wage_hours_are_shown_and_no_price(tmp_path: Path) -> None:
    made = shop.make()
    rows = [row | ({"amount_minor": None} if row["kind"] == "handling" else {}) for row in made["topic_cost_rows"]]
    sums = [row | {"handling_minor": None, "previous_handling_minor": None} for row in made["topic_costs"]]
    shop.publish(tmp_path / "lake", {**made, "topic_cost_rows": rows, "topic_costs": sums})
    html = page(client_of(tmp_path / "lake"), lang="en")
    assert "Working time is shown in hours and not priced" in html
    assert "line1" not in html.split("<main")[1]


def test_without_costs_the_page_says_so(tmp_path: Path) -> None:
    shop.publish(tmp_path / "lake", {**shop.make(), "topic_costs": [], "topic_cost_rows": []})
    assert "no working time, refund or lost order to count yet" in page(client_of(tmp_path / "lake"), lang="en")


def test_a_bar_is_as_wide_as_its_parts() -> None:
    told = {"conversations": 1, "handle_ms": 1, "refunds": 1, "lost_orders": 0, "low": 0.0, "high": 0.0, "unpriced": 0}
    amounts = {"handling_minor": None, "refund_minor": 30, "lost_minor": 20, "total_minor": 50}
    names = {"topic_id": "t", "name_en": "t", "name_zh": "t", "previous_total_minor": None, "verdict": "steady"}
    pieces = money.stack(TopicCost(**told, **amounts, **names), most=200)
    assert [(piece.x, piece.width, piece.colour) for piece in pieces] == [(0.0, 15.0, "line2"), (15.0, 10.0, "line3")]
