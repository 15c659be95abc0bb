"""What to fix in which product, and what the API keeps back."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of

ADDRESS = "/api/v1/products"


def test_the_surest_comes_first_with_its_family_beside_it(client: TestClient) -> None:
    found = client.get(ADDRESS).json()
    first = found["issues"][0]

    assert ("JKT-01", "Runs small", "sizing", "more than its family") == tuple(
        first[k] for k in ("sku", "name_en", "near_family", "verdict")
    )
    assert (22, 875, 2.37, 1.49, 0.15, 16.5) == tuple(
        first[k] for k in ("customers", "orders", "shrunk", "low", "family_per_100", "ratio")
    )
    assert [1, 2] == [issue["rank"] for issue in found["issues"]]
    assert (["runs small"], ["says otherwise"], 2) == (
        [size["verdict"] for size in found["sizes"]],
        [gap["verdict"] for gap in found["listings"]],
        found["products"],
    )


def test_one_verdict_only(client: TestClient) -> None:
    found = client.get(f"{ADDRESS}?verdict=runs small").json()

    assert ([], 1, []) == (found["issues"], len(found["sizes"]), found["listings"])
    assert 1 == len(client.get(f"{ADDRESS}?limit=1").json()["issues"])


def test_one_product(client: TestClient) -> None:
    found = client.get(f"{ADDRESS}/BAG-07").json()

    assert ["t-broken"] == [issue["topic_id"] for issue in found["issues"]]
    assert ([], ["material"]) == (found["sizes"], [gap["attribute"] for gap in found["listings"]])


def test_a_product_that_was_bought_and_never_named_is_calm_and_an_unknown_one_is_unknown(client: TestClient) -> None:
    calm = client.get(f"{ADDRESS}/JKT-02")

    assert (200, []) == (calm.status_code, calm.json()["issues"])
    assert 404 == client.get(f"{ADDRESS}/nothing").status_code


def test_words_of_too_few_are_kept_back_whatever_was_published(folder: Path) -> None:
    careful = client_of(folder, privacy={"min_customers": 1000}).get(ADDRESS).json()

    assert [None, None] == [issue["quote"] for issue in careful["issues"]]
    assert ["t-small", "t-broken"] == [issue["name_en"] for issue in careful["issues"]]
    assert [(None, [])] == [(gap["quote"], gap["said"]) for gap in careful["listings"]]
    assert [None] == [size["quote"] for size in careful["sizes"]]


def test_a_muted_topic_is_silent(tmp_path: Path) -> None:
    made = shop.make()
    muted = [topic | {"state": "muted"} for topic in made["topics"]]
    shop.publish(tmp_path, made | {"topics": muted})

    assert [] == client_of(tmp_path).get(ADDRESS).json()["issues"]
