"""An answer lasts as long as the published file, the settings and the question."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response

from insight.api.remember import Memory
from tests.api import shop
from tests.api.conftest import client_of


def test_a_new_file_is_served_without_a_restart(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    shop.publish(tmp_path, shop.make(seed=1, conversations=40))
    old = client.get("/api/v1/health")
    shop.publish(tmp_path, shop.make(seed=2, conversations=40))
    new = client.get("/api/v1/health", headers={"If-None-Match": old.headers["etag"]})

    assert 200 == new.status_code
    assert old.json()["published"] != new.json()["published"]


def test_a_damaged_file_is_never_served_and_the_old_one_goes_on(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    shop.publish(tmp_path, shop.make(seed=1, conversations=40))
    old = client.get("/api/v1/health").json()
    shop.publish(tmp_path, shop.make(seed=2, conversations=40))
    made = (tmp_path / "published" / "CURRENT").read_text()
    file = tmp_path / "published" / f"{made}.duckdb"
    file.write_bytes(file.read_bytes()[:-1] + b"x")

    assert old == client.get("/api/v1/health").json()


def test_the_order_of_parameters_makes_no_new_question(folder: Path) -> None:
    client = client_of(folder)
    one, other = (client.get(f"/api/v1/topics?{q}") for q in ("market=DE&platform=ebay", "platform=ebay&market=DE"))

    assert one.headers["etag"] == other.headers["etag"]


def test_other_settings_make_another_answer(folder: Path) -> None:
    one, other = (client_of(folder, shop={"name": name}).get("/") for name in ("One", "Other"))

    assert one.headers["etag"] != other.headers["etag"]


def test_the_language_of_the_browser_is_part_of_the_question(folder: Path) -> None:
    client = client_of(folder)
    pages = [client.get("/", headers={"Accept-Language": lang}).text for lang in ("zh", "en", "zh")]

    assert pages[0] == pages[2]
    assert ('lang="zh"' in pages[0], 'lang="zh"' in pages[1][:200]) == (True, False)


def test_the_answer_unused_for_longest_is_forgotten() -> None:
    memory = Memory(2)
    for tag in ("a", "b"):
        memory.put(tag, Response(tag))
    memory.get("a")
    memory.put("c", Response("c"))

    assert [True, False, True] == [memory.get(tag) is not None for tag in ("a", "b", "c")]
