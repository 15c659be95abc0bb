"""The pages of products and logistics as their readers meet them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from insight.api import charts
from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page, poisoned

PAGES = ("/products", "/products/JKT-01", "/products/BAG-07", "/products/JKT-02", "/logistics")
EACH = pytest.mark.parametrize("address", PAGES)
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])


def page(client: TestClient, address: str, query: str = "lang=en") -> Page:
    answer = client.get(f"{address}?{query}")
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Page(answer.text)


def plain(client: TestClient, address: str, query: str = "lang=en") -> str:
    return re.sub(r"\s+", " ", page(client, address, query).text)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder, made = tmp_path_factory.mktemp("hostile"), poisoned(PAYLOAD)
    quote = {"quote": PAYLOAD, "quote_language": PAYLOAD}
    made |= {
        "sku_issues": [row | quote | {"family": PAYLOAD} for row in made["sku_issues"]],
        "size_bias": [row | quote | {"family": PAYLOAD} for row in made["size_bias"]],
        "listing_gaps": [
            row | quote | {"said": [PAYLOAD], "promised": [PAYLOAD], "sentence": PAYLOAD, "attribute": PAYLOAD}
            for row in made["listing_gaps"]
        ],
        "logistics_causes": [
            row | quote | dict.fromkeys(("carrier", "lane", "warehouse", "platform", "market"), PAYLOAD)
            for row in made["logistics_causes"]
        ],
        "delivery": [row | {"carrier": PAYLOAD + str(n), "lane": PAYLOAD} for n, row in enumerate(made["delivery"])],
    }
    shop.publish(folder, made)
    return client_of(folder, shop={"name": PAYLOAD})


@EACH
@BOTH
def test_hostile_words_stay_words(hostile: TestClient, address: str, lang: str) -> None:
    found = page(hostile, address, f"lang={lang}")

    assert set() == {tag for tag, _ in found.found} - TAGS
    for tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert (attributes.get("href") or "/").startswith(("/", "#"))
        assert tag != "script" or "src" in attributes or attributes.get("type") == "application/json"


def test_the_products_page_says_first_what_to_fix(client: TestClient) -> None:
    words = plain(client, "/products")

    assert "2 of 2 products have something that customers surely tell" in words
    assert (
        "Surest: JKT-01, “Runs small”: 22 customers wrote, 2.4 per 100 orders; 0.2 for the rest of its family." in words
    )
    assert "JKT-01: runs small. 148 customers say too small, 10 too large." in words
    assert "BAG-07: 9 customers say that the listing is wrong about this: Material." in words
    assert "88% of 144 returns name the size." in words
    assert "They name plastic ." in words
    assert "“Made of leather.”" in words
    assert words.index("Surest:") < words.index("What to fix, surest first") < words.index("What is not sure")


def test_the_products_page_speaks_chinese(client: TestClient) -> None:
    words = plain(client, "/products", "lang=zh")

    assert "最确定的是 JKT-01：“尺码偏小”，22 位客户来信" in words
    assert "偏小" in words
    assert "塑料" in words


def test_a_product_page_tells_all_that_is_named_with_it(client: TestClient) -> None:
    words = plain(client, "/products/JKT-01")

    assert "Correct the size chart" in words
    assert "n = 875 orders in the last 91 days" in words
    assert "more than its family" in words
    assert "Nothing about it is sure" in plain(client, "/products/JKT-02")


def test_where_nothing_is_sure_the_page_says_so(tmp_path: Path) -> None:
    made = shop.make() | {"sku_issues": [], "size_bias": [], "listing_gaps": []}
    shop.publish(tmp_path, made)
    words = plain(client_of(tmp_path), "/products")

    assert "Nothing is sure yet: of 0 products none stands out from its family." in words


def test_the_logistics_page_says_first_where_and_since_when(client: TestClient) -> None:
    words = plain(client, "/logistics")

    assert "DHL · CN-DE: since the week of" in words
    assert "40.0 of 100 parcels come late, 2.0 before. That explains 97% of all late parcels beyond the usual." in words
    assert "Without it no other rise is left." in words
    assert "contacts about where a parcel is: no rise" in words
    assert "which is no proof of why" in words
    assert "Surely later than the rest: DHL CN-DE (17%)." in words


def test_the_chart_holds_the_part_and_the_others(client: TestClient) -> None:
    drawn = json.loads(page(client, "/logistics").island or "")

    assert ["DHL · CN-DE", "all other orders"] == [line["name"] for line in drawn["lines"]]
    assert ([2.0] * 10 + [40.0] * 6, [2.25] * 16) == tuple(line["values"] for line in drawn["lines"])


def test_without_a_rise_there_is_no_chart(tmp_path: Path) -> None:
    made = shop.make()
    calm = [row for row in made["logistics_causes"] if row["verdict"] == "no rise"]
    shop.publish(tmp_path, made | {"logistics_causes": calm, "delivery": []})
    found = page(client_of(tmp_path), "/logistics")

    assert found.island is None
    assert "No part of the orders surely has more late parcels" in found.text
    assert "No order with a carrier and a lane" in found.text


def test_a_choice_of_places_is_said_to_change_nothing(client: TestClient) -> None:
    for address in PAGES:
        assert "Counted over the whole shop" in page(client, address, "lang=en&market=DE").text


def test_a_meter_lies_on_its_scale() -> None:
    assert charts.Meter(2.0, 50.0, 98.0) == charts.meter(0, -1, 1)
    assert charts.Meter(2.0, 98.0, 98.0) == charts.meter(2, -3, 1)
