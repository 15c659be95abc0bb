"""The overview as its readers meet it: in two languages, for any choice, with hostile words, with nothing to show."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of

PAYLOAD = " ".join(
    (
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "<!--<script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        "<svg/onload=alert(1)>",
        "javascript:alert(1)",
        "{{ 7 * 7 }}{% raw %}${7*7}",
        "{0.__class__}{shop}",
        "&lt;b&gt;",
        "\u202e\u2066<b>\u0000\ufeff",
        "]]></style><style>*{display:none}",
    )
)
TAGS = set(
    re.findall(r"\w+", "html head meta title link script template body a header div h1 h2 h3 p time span nav form")
)
TAGS |= set(re.findall(r"\w+", "input label select option button main section ul li ol svg polyline circle line rect"))
TAGS |= set(re.findall(r"\w+", "details summary table caption thead tbody tr th td b br blockquote dl dt dd footer"))


class Page(HTMLParser):
    """What a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.island: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.found[-1] if self.found else ("", {})
        if tag == "script" and attributes.get("type") == "application/json":
            self.island = data if data.strip() else self.island
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(client: TestClient, query: str = "lang=en") -> Page:
    answer = client.get(f"/?{query}")
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Page(answer.text)


def poisoned(payload: str) -> shop.Shop:
    """A shop in which every free text is the payload."""
    made = shop.make(conversations=150)

    def poison(table: str, *columns: str) -> shop.Rows:
        return [row | {c: [payload] if isinstance(row[c], list) else payload for c in columns} for row in made[table]]

    return made | {
        "topics": poison("topics", "name_en", "name_zh", "words"),
        "early_warnings": poison(
            "early_warnings", "carrier", "lane", "sku", "owner", "owner_zh", "remedies", "remedies_zh"
        ),
        "complaints": poison("complaints", "quote", "verdict"),
        "at_risk": poison(
            "at_risk", "reasons", "reasons_zh", "last_words", "language", "platform", "market", "currency"
        ),
        "demand_signals": poison("demand_signals", "for_what", "quote", "markets"),
        "rejects": poison("rejects", "file", "field", "reason", "fix")[:1],
        "intake": poison("intake", "file"),
        "counts": poison("counts", "outcome")[:1],
        "kpis": poison("kpis", "label", "label_zh", "asks", "asks_zh", "means", "unit"),
        "conversation_facts": poison("conversation_facts", "market", "platform"),
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("hostile")
    shop.publish(folder, poisoned(PAYLOAD))
    return client_of(folder, shop={"name": PAYLOAD})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hostile_words_stay_words(hostile: TestClient, lang: str) -> None:
    found = page(hostile, f"lang={lang}")

    assert set() == {tag for tag, _ in found.found} - TAGS
    for tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert (attributes.get("href") or "/").startswith(("/", "#"))
        assert (attributes.get("src") or "/static/").startswith("/static/")
        assert tag != "script" or "src" in attributes or attributes.get("type") == "application/json"
    assert found.island is not None
    assert {PAYLOAD} == {line["name"] for line in json.loads(found.island)["lines"]}
    assert 3 == sum(tag == "script" for tag, _ in found.found)


def test_everything_comes_from_this_machine(client: TestClient) -> None:
    html = client.get("/").text

    assert "http://" not in html
    assert "https://" not in html
    assert "//" not in {(a.get(n) or "")[:2] for _, a in Page(html).found for n in ("src", "href", "action")}


def test_both_languages_show_the_same_figures(client: TestClient) -> None:
    english, chinese = (page(client, f"lang={lang}") for lang in ("en", "zh"))
    shape = [[tag for tag, _ in p.found] for p in (english, chinese)]

    assert shape[0] == shape[1]
    assert "What do customers complain about?" in english.text
    assert "客户在抱怨什么？" in chinese.text
    assert "Runs small" in english.text
    assert "尺码偏小" in chinese.text


def test_the_choice_lives_in_the_address(client: TestClient) -> None:
    found = page(client, "lang=zh&market=DE&platform=ebay")
    chosen = {a["value"] for tag, a in found.found if tag == "option" and "selected" in a}
    links = [a["href"] for tag, a in found.found if tag == "a" and a.get("hreflang")]

    assert {"DE", "ebay"} == chosen
    assert ["/?lang=en&market=DE&platform=ebay", "/?lang=zh&market=DE&platform=ebay"] == links


def test_an_empty_choice_is_the_whole_shop(client: TestClient) -> None:
    assert page(client, "lang=en&market=&platform=").text == page(client).text


@pytest.mark.parametrize(("lang", "said"), [("en", "Nobody is at risk today."), ("zh", "今天没有可能再次联系的客户。")])
def test_what_is_empty_says_so_in_words(tmp_path: Path, lang: str, said: str) -> None:
    shop.publish(tmp_path, {})

    assert said in page(client_of(tmp_path), f"lang={lang}").text


def test_a_place_where_nothing_happened_still_has_a_page(client: TestClient) -> None:
    assert "n = 0" in page(client, "lang=en&market=nowhere").text


def test_rows_that_are_lost_are_not_called_accounted_for(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    shop.publish(tmp_path, made | {"counts": [row | {"closes": False} for row in made["counts"]]})

    assert "Some rows are not accounted for" in page(client_of(tmp_path)).text


def test_an_unusual_issue_is_told_in_plain_words_and_leads_to_its_topic(client: TestClient) -> None:
    found = page(client)

    assert "19 contacts in 7 days; about 5.2 were to be expected." in found.text
    assert "Should look at it: Logistics. What may help: Write to them; Send again." in found.text
    assert "/explore/topics/t-late?lang=en" in {a.get("href") for tag, a in found.found if tag == "a"}
    assert "Nothing got surely worse" not in found.text


def test_another_market_has_no_alert_of_its_own(client: TestClient) -> None:
    assert "40 of 100 parcels" in page(client, "lang=en&market=US").text
    assert "19 contacts in 7 days" not in page(client, "lang=en&market=US").text


@pytest.mark.parametrize(("lang", "said"), [("en", "Nothing got surely worse"), ("zh", "没有明确变差的")])
def test_where_nothing_is_unusual_the_page_stays_calm(tmp_path: Path, lang: str, said: str) -> None:
    shop.publish(tmp_path, shop.make(conversations=150) | {"early_warnings": []})

    assert said in page(client_of(tmp_path), f"lang={lang}").text


def test_what_too_few_ask_for_is_not_named(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    few = made["demand_signals"][0] | {"asked": "(too few customers)", "askers": 99}
    shop.publish(tmp_path, made | {"demand_signals": [few, *made["demand_signals"][1:]]})
    text = page(client_of(tmp_path)).text

    assert "(too few customers)" not in text
    assert "27 customers ask for “shoulder strap”" in text


def test_a_reader_who_does_not_see_gets_the_same(client: TestClient) -> None:
    """Landmarks, one first heading, sections with headings, tables with header cells, pictures with words."""
    found = page(client).found
    tags = [tag for tag, _ in found]
    ids = {a["id"] for _, a in found if "id" in a}
    pictures = [a for tag, a in found if tag == "svg" and a.get("role") == "img"]

    assert {"header", "main", "nav", "footer"} <= set(tags)
    assert 1 == tags.count("h1")
    assert {a["aria-labelledby"] for _, a in found if "aria-labelledby" in a} <= ids
    assert all(a.get("scope") in {"row", "rowgroup", "col"} for tag, a in found if tag == "th")
    assert pictures
    assert all(a.get("aria-label") for a in pictures)
    assert all("aria-hidden" in a or a.get("role") == "img" or "viewbox" in a for tag, a in found if tag == "svg")


@pytest.mark.parametrize(
    ("lang", "turned", "stayed"),
    [("en", "mood: bad → turned to good", "mood: neutral"), ("zh", "情绪： 差 → 转为 好", "情绪： 中性")],
)
def test_a_mood_is_said_in_words_and_not_by_colour_alone(
    client: TestClient, lang: str, turned: str, stayed: str
) -> None:
    text = page(client, f"lang={lang}").text

    assert turned in text
    assert stayed in text


def test_who_wrote_no_words_is_shown_without_a_mood(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make(conversations=150) | {"conversation_sentiment": []})
    text = page(client_of(tmp_path)).text

    assert "81% chance" in text
    assert "mood:" not in text


def test_the_figures_say_how_often_a_mood_recovered_and_of_how_many(client: TestClient) -> None:
    text = page(client).text

    assert "Mood recovered" in text
    assert "those that turned bad and in which the customer wrote at least twice" in text


def test_quotes_keep_their_language_and_direction(client: TestClient) -> None:
    quotes = [a for tag, a in page(client).found if tag == "blockquote"]

    assert {"en", "de", "zh", "es"} <= {a.get("lang") for a in quotes}
    assert {"auto"} == {a["dir"] for a in quotes}


def test_the_chart_is_told_in_the_readers_language(client: TestClient) -> None:
    found: Any = json.loads(page(client, "lang=zh").island or "")

    assert "起的一周" in found["weeks"][0]
    assert len(found["weeks"]) == len(found["ticks"]) == len(found["lines"][0]["values"])
    assert {"尺码偏小", "包裹延误", "拉链坏了", "等待退款"} == {line["name"] for line in found["lines"]}
