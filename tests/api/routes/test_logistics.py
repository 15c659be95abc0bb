"""What rose where, and promised against delivered."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of

ADDRESS = "/api/v1/logistics"


def test_the_rise_comes_first_with_what_it_explains(client: TestClient) -> None:
    first, second = client.get(ADDRESS).json()["causes"]

    assert ("late", "rise", "DHL", "CN-DE", "all") == tuple(
        first[k] for k in ("measure", "verdict", "carrier", "lane", "warehouse")
    )
    assert (2.0, 40.0, 0.97, 16, 120) == (
        first["per_100_before"],
        first["per_100_after"],
        first["explained"],
        len(first["weeks"]),
        sum(first["events_inside"][10:]),
    )
    assert ("no rise", None, 0) == (second["verdict"], second["since"], second["customers"])


def test_delivery_is_told_by_carrier_and_lane(client: TestClient) -> None:
    found = client.get(ADDRESS).json()["delivery"]

    assert {("DHL", "CN-DE", "later than others"), ("all", "all", "cannot tell")} == {
        (row["carrier"], row["lane"], row["verdict"]) for row in found
    }
    assert (15.0, 12.4, 100) == tuple(found[0][k] for k in ("promised_days", "days_median", "on_the_way"))


def test_words_of_too_few_are_kept_back(tmp_path: Path) -> None:
    made = shop.make()
    rises = [row | {"quote": "Where is it?", "quote_language": "en"} for row in made["logistics_causes"]]
    shop.publish(tmp_path, made | {"logistics_causes": rises})

    assert ["Where is it?", None] == [row["quote"] for row in client_of(tmp_path).get(ADDRESS).json()["causes"]]
    careful = client_of(tmp_path, privacy={"min_customers": 32})
    assert [None, None] == [row["quote"] for row in careful.get(ADDRESS).json()["causes"]]


def test_a_shop_without_orders_has_nothing_to_tell(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make() | {"logistics_causes": [], "delivery": []})

    assert {"causes": [], "delivery": []} == client_of(tmp_path).get(ADDRESS).json()
