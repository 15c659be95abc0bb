"""What does the trouble with each topic cost, and which rows is that made of?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from insight.published import Published
from tests.api import shop
from tests.api.conftest import client_of

API = "/api/v1/topic_costs"
PARTS = ("handling_minor", "refund_minor", "lost_minor")


def answer(client: TestClient, path: str = API, **asked: Any) -> Any:
    found = client.get(path, params=asked)
    assert 200 == found.status_code, found.text
    return found.json()


@pytest.mark.parametrize("asked", [{}, {"market": "DE"}, {"platform": ["amazon", "ebay"], "market": "US"}])
def test_parts_sum_to_the_total_to_the_cent_and_open_to_their_rows(client: TestClient, asked: dict[str, Any]) -> None:
    told = answer(client, **asked)
    for cost in [told["total"], *told["topics"]]:
        assert cost["total_minor"] == sum(cost[part] for part in PARTS)
        assert cost["low"] <= cost["total_minor"] <= cost["high"]
    for name in (*PARTS, "total_minor", "conversations", "handle_ms", "refunds", "lost_orders", "unpriced"):
        assert told["total"][name] == sum(topic[name] for topic in told["topics"])
    for topic in told["topics"]:
        rows = answer(client, f"{API}/{topic['topic_id']}/rows", limit=1000, **asked)
        assert rows["total_minor"] == topic["total_minor"] == sum(row["amount_minor"] or 0 for row in rows["rows"])
        assert rows["count"] == topic["conversations"] + topic["refunds"] + topic["lost_orders"] == len(rows["rows"])


def test_everywhere_it_is_what_the_table_says(client: TestClient, folder: Path) -> None:
    table = Published(folder).current().rows("select * from mart.main.topic_costs order by total_minor desc, topic_id")
    told = answer(client)["topics"]
    assert [(t["topic_id"], t["total_minor"], t["previous_total_minor"], t["verdict"]) for t in told] == [
        (row["topic_id"], row["total_minor"], row["previous_total_minor"], row["verdict"]) for row in table
    ]
    assert [(t["low"], t["high"]) for t in told] == [(pytest.approx(r["low"]), pytest.approx(r["high"])) for r in table]


def test_rows_come_largest_first_page_by_page_and_of_one_kind(client: TestClient) -> None:
    whole = answer(client, f"{API}/t-late/rows", limit=1000)
    amounts = [row["amount_minor"] for row in whole["rows"] if row["amount_minor"] is not None]
    assert amounts == sorted(amounts, reverse=True)
    pages = [answer(client, f"{API}/t-late/rows", limit=7, offset=offset) for offset in range(0, whole["count"], 7)]
    assert [row for page in pages for row in page["rows"]] == whole["rows"]
    assert [page["cut"] for page in pages] == [True] * (len(pages) - 1) + [False]
    refunds = answer(client, f"{API}/t-late/rows", kind="refund", limit=1000)
    assert refunds["rows"] == [row for row in whole["rows"] if row["kind"] == "refund"]
    before = answer(client, f"{API}/t-late/rows", period="previous", limit=1000)
    told = {topic["topic_id"]: topic for topic in answer(client)["topics"]}
    assert before["total_minor"] == told["t-late"]["previous_total_minor"]


def test_a_refund_without_a_rate_is_in_no_sum_and_counted(client: TestClient) -> None:
    unpriced = [
        row
        for topic in answer(client)["topics"]
        for row in answer(client, f"{API}/{topic['topic_id']}/rows", limit=1000)["rows"]
        if row["amount_minor"] is None
    ]
    assert answer(client)["total"]["unpriced"] == len(unpriced) > 0


def test_a_topic_that_is_not_there_is_a_problem(client: TestClient) -> None:
    assert 404 == client.get(f"{API}/nothing/rows").status_code
    assert 200 == client.get(f"{API}/unknown/rows").status_code, "nobody told a topic: no topic, but it has rows"


def test_a_shop_without_costs_says_so(tmp_path: Path) -> None:
    shop.publish(tmp_path / "lake", {**shop.make(), "topic_costs": [], "topic_cost_rows": []})
    told = answer(client_of(tmp_path / "lake"))
    assert (told["total"], told["topics"], told["since"]) == (None, [], None)
