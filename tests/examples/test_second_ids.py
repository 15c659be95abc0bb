"""Who has an account at the shop's own desk besides the marketplace's is one person after the intake."""

from __future__ import annotations

import json

import pytest

from examples.sample_shop.make import make
from insight import settings
from insight.clients import world
from insight.engines import ENGINES
from insight.run import Run
from jobs import ingest


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, dict]:
    out = tmp_path_factory.mktemp("shop")
    make(out, conversations=700, seed=7)
    told = settings.read(out / "insight.toml")
    tables = ingest.work(world(told), run=Run(told, ENGINES["local"]))
    found = {table.name: rows.to_pylist() for table, rows in zip(ingest.WRITES, tables, strict=True)}
    return json.loads((out / "truth.json").read_text(encoding="utf-8")), found


def test_planted_people_have_one_key_over_all_platforms_and_nobody_else_is_joined(shop: tuple[dict, dict]) -> None:
    truth, tables = shop
    keys = {row["native_id"]: row["customer_key"] for row in tables["identities"]}
    ends = {account: truth["people"].get(account, account) for account in keys}
    groups: dict[str, set[str]] = {}
    for account, key in keys.items():
        groups.setdefault(key, set()).add(ends[account])

    assert len(truth["people"]) >= 10
    assert all(keys[one] == keys[other] for one, other in truth["people"].items() if other in keys)
    assert {1} == {len(people) for people in groups.values()}


def test_threads_cross_platforms_and_the_links_say_why(shop: tuple[dict, dict]) -> None:
    truth, tables = shop
    assert {"same e-mail"} == {row["by"] for row in tables["customer_links"]}
    crossing = [
        t for t in truth["threads"] if t["customer"] in set(truth["people"].values()) and len(set(t["channels"])) > 1
    ]
    keys = {row["conversation_id"].rpartition(":")[2]: row["customer_key"] for row in tables["conversations"]}

    assert crossing
    for thread in crossing:
        assert 1 == len({keys[talk] for talk in thread["conversations"]})
