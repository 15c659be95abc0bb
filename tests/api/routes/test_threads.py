"""Threads with every link explained: by customer, by thread, or all with a repeat."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from insight.api.routes.threads import KINDS, TIED, WHY
from insight.cases import FIRST, ISSUE, NEAR, ORDER, SAME, SAYS
from insight.links import MAIL, PHONE, SAID
from insight.links import ORDER as TOLD_ORDER
from insight.schema import NO_REPEAT

ADDRESS = "/api/v1/threads"


def told(client: TestClient, **asked: str) -> dict[str, Any]:
    answer = client.get(ADDRESS, params=asked)
    assert 200 == answer.status_code
    return dict(answer.json())


def test_a_customers_threads_say_why_each_contact_belongs_there(client: TestClient) -> None:
    [thread] = told(client, customer_key="ann")["threads"]

    assert ["first", "repeat", "thanks"] == [c["kind"] for c in thread["contacts"]]
    first, second, third = thread["contacts"]
    assert "The first contact about it." == first["why"]
    assert "The same issue about the same order, o00017." == second["why"]
    assert "同一订单 o00017 的同一问题。" == second["why_zh"]
    assert third["why"].endswith("The customer says that it is settled: no repeat.")
    assert "My parcel is still not here." == second["proof"]


def test_what_ties_the_ids_of_a_customer_is_told_with_the_order(client: TestClient) -> None:
    [link] = told(client, customer_key="ann")["links"]

    assert ("ann by mail", "ann", "same order") == tuple(link[k] for k in ("customer_key", "person_key", "by"))
    assert "One wrote about order o00017, which the other placed." == link["why"]


def test_one_thread_is_found_by_its_name_and_all_with_a_repeat_without(client: TestClient) -> None:
    every = told(client)
    [one] = told(client, thread_id=every["threads"][0]["thread_id"])["threads"]

    assert ([one], 1) == (every["threads"], every["total"]), "one contact alone is no repeat"
    assert ["bob"] == [t["customer_key"] for t in told(client, customer_key="bob")["threads"]]
    nobody = told(client, customer_key="zoe")
    assert ([], [], 0) == (nobody["threads"], nobody["links"], nobody["total"])


def test_every_rule_has_words() -> None:
    assert {FIRST, ISSUE, NEAR, ORDER, SAME, SAYS} == set(WHY)
    assert {SAID, MAIL, PHONE, TOLD_ORDER} == set(TIED)
    assert set(NO_REPEAT) == set(KINDS)
