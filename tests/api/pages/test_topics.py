"""The pages of topics as their readers meet them: in two languages, for any choice, with hostile words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from insight.api.assets import STATIC
from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page, poisoned

EXPLORE, ONE = "/explore/topics", "/explore/topics/t-late"
PICTURES = {"map", "tree", "time", "language", "sku"}
BOTH = pytest.mark.parametrize("address", [EXPLORE, ONE])


def page(client: TestClient, address: str, query: str = "lang=en") -> Page:
    answer = client.get(f"{address}?{query}")
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Page(answer.text)


def islands(client: TestClient, query: str = "lang=en") -> dict[str, Any]:
    """The figures of the page by the place where they are drawn."""
    html = client.get(f"{EXPLORE}?{query}").text
    found = re.findall(r'<script type="application/json" data-figure="(\w+)">(.*?)</script>', html, re.DOTALL)
    return {name: json.loads(told) for name, told in found}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("hostile")
    made = poisoned(PAYLOAD)
    places = [row | {"market": PAYLOAD, "sku": PAYLOAD, "language": PAYLOAD} for row in made["mentions"]]
    map_ = [row | {"parent": PAYLOAD} for row in made["topic_map"]]
    quotes = [row | {"quote": PAYLOAD, "language": PAYLOAD} for row in made["topic_quotes"]]
    events = [row | {"event": PAYLOAD, "other_id": PAYLOAD} for row in made["topic_history"]]
    more = {"mentions": places, "topic_map": map_, "topic_quotes": quotes, "topic_history": events}
    shop.publish(folder, made | more)
    return client_of(folder, shop={"name": PAYLOAD})


@BOTH
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hostile_words_stay_words(hostile: TestClient, address: str, lang: str) -> None:
    found = page(hostile, address, f"lang={lang}")

    assert set() == {tag for tag, _ in found.found} - TAGS
    for tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert (attributes.get("href") or "/").startswith(("/", "#"))
        assert tag != "script" or "src" in attributes or attributes.get("type") == "application/json"


def test_no_word_of_a_customer_is_read_as_a_tag_by_the_script_that_draws(hostile: TestClient) -> None:
    ours = re.compile(r"</?b>|<br>|<extra></extra>")
    texts = re.findall(r'"((?:[^"\\]|\\.)*)"', json.dumps(islands(hostile), ensure_ascii=False))

    assert any("&lt;script&gt;" in text for text in texts)
    assert not [text for text in texts if "<" in ours.sub("", text)]


@BOTH
def test_everything_comes_from_this_machine(client: TestClient, address: str) -> None:
    html = client.get(address).text

    assert "http://" not in html
    assert "https://" not in html


@BOTH
def test_both_languages_show_the_same(client: TestClient, address: str) -> None:
    shapes = [[tag for tag, _ in page(client, address, f"lang={lang}").found] for lang in ("en", "zh")]

    assert shapes[0] == shapes[1]


@BOTH
def test_a_reader_who_does_not_see_gets_the_same(client: TestClient, address: str) -> None:
    """One first heading, sections with headings, header cells, and pictures with a name and with words beside them."""
    found = page(client, address).found
    tags, ids = [tag for tag, _ in found], {a["id"] for _, a in found if "id" in a}

    assert {"header", "main", "nav", "footer", "table"} <= set(tags)
    assert 1 == tags.count("h1")
    assert {a["aria-labelledby"] for _, a in found if "aria-labelledby" in a} <= ids
    assert all(a.get("scope") in {"row", "rowgroup", "col"} for tag, a in found if tag == "th")
    assert all(a.get("aria-label") for tag, a in found if a.get("role") == "img")


def test_the_choice_lives_in_the_address_and_goes_along(client: TestClient) -> None:
    found = page(client, EXPLORE, "lang=zh&market=DE&platform=ebay").found
    links = {a["href"] for tag, a in found if tag == "a"}

    assert {"DE", "ebay"} == {a["value"] for tag, a in found if tag == "option" and "selected" in a}
    assert {f"{ONE}?lang=zh&market=DE&platform=ebay", "/?lang=zh&market=DE&platform=ebay"} <= links
    assert [EXPLORE] == [a["action"] for tag, a in found if tag == "form"]


def test_all_pictures_are_drawn_from_figures_in_the_readers_language(client: TestClient) -> None:
    english, chinese = islands(client), islands(client, "lang=zh")

    assert PICTURES == set(english) == set(chinese)
    assert "包裹延误" in json.dumps(chinese["time"], ensure_ascii=False)
    assert "Parcel is late" in json.dumps(english["language"])
    assert {"德语", "英语"} <= {trace["name"] for trace in chinese["language"]["data"]}


def test_a_picture_follows_the_choice_of_places(client: TestClient) -> None:
    sizes = [
        [size for trace in islands(client, query)["map"]["data"] for size in trace["marker"]["size"]]
        for query in ("lang=en", "lang=en&market=DE&platform=ebay")
    ]
    shares = [islands(client, f"lang=en{more}")["sku"]["data"][0]["x"] for more in ("", "&market=DE")]

    assert sizes[0] != sizes[1]
    assert shares[0] != shares[1]


def test_no_picture_needs_what_the_content_policy_forbids(client: TestClient) -> None:
    """A heat map is an image with an address of its own, and a map of the world asks other hosts."""
    kinds = {trace["type"] for figure in islands(client).values() for trace in figure["data"]}

    assert kinds <= {"scatter", "bar"}


def test_every_colour_of_a_picture_is_one_that_the_style_sheet_has_in_light_and_dark(client: TestClient) -> None:
    sheet = (STATIC / "page.css").read_text(encoding="utf-8")
    named = set(re.findall(r"var\((--[a-z]+\d*)\)", json.dumps(islands(client))))

    assert {"--ink", "--rule", "--rest", "--line1"} <= named
    assert not [name for name in named if len(re.findall(rf"{name}:", sheet)) < 2]


def test_a_topic_page_tells_its_state_its_weeks_its_places_and_what_happened(client: TestClient) -> None:
    found = page(client, ONE)

    assert "In use." in found.text
    assert "Mein Paket hängt seit zwölf Tagen in Leipzig." in found.text
    assert "born run 1" in found.text
    assert "Runs small" in found.text, "one of those most alike"
    assert "19 contacts in 7 days" in found.text
    assert {"Germany", "JKT-01"} <= set(found.text.replace(" ", "\n").split())
    assert ["Parcel is late"] == [line["name"] for line in json.loads(found.island or "")["lines"]]


def test_words_of_few_customers_are_shown_nowhere(folder: Path) -> None:
    client = client_of(folder, privacy={"min_customers": 10_000})

    for address in (EXPLORE, ONE):
        html = client.get(f"{address}?lang=en").text
        assert "Leipzig" not in html
        assert "Parcel is late" not in html


def test_a_merged_topic_leads_to_the_one_that_took_it_in(tmp_path: Path) -> None:
    made = shop.make(conversations=100)
    merged = {"state": "merged", "merged_into": "t-small"}
    rows = [row | merged if row["topic_id"] == "t-late" else row for row in made["topics"]]
    shop.publish(tmp_path, made | {"topics": rows})
    client = client_of(tmp_path)

    assert "Merged by a person into Runs small" in page(client, ONE).text
    assert ONE not in client.get(f"{EXPLORE}?lang=en").text
    assert "1 topic is muted, merged or retired, and not shown." in page(client, EXPLORE).text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_empty_shop_has_a_page_that_says_so(tmp_path: Path, lang: str) -> None:
    shop.publish(tmp_path, {})
    client = client_of(tmp_path)

    assert {} == islands(client, f"lang={lang}")
    assert ("No topic has been found yet.", "还没有发现话题。")[lang == "zh"] in page(
        client, EXPLORE, f"lang={lang}"
    ).text


def test_a_shop_without_a_map_still_has_all_the_rest(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make(conversations=200) | {"topic_map": []})

    assert PICTURES - {"map", "tree"} == set(islands(client_of(tmp_path)))
    assert "There is no other topic to compare it with." in page(client_of(tmp_path), ONE).text


def test_a_topic_that_does_not_exist_is_not_found(client: TestClient) -> None:
    assert 404 == client.get("/explore/topics/t-nothing", headers={"Accept": "text/html"}).status_code
