"""The pages of agents as their readers meet them: groups and no ranks, in two languages, with hostile words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page

EVERY, ONE = "/agents", "/agents/a0"
BOTH = pytest.mark.parametrize("address", [EVERY, ONE])


def page(client: TestClient, address: str, query: str = "lang=en") -> Page:
    answer = client.get(f"{address}?{query}")
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Page(answer.text)


def test_the_first_sentence_says_who_stands_out(client: TestClient) -> None:
    text = page(client, EVERY).text

    assert "Surely worse than the others in some figure, with the same cases: Lin (of 4 who can be compared)." in text
    assert "Surely better than the others in some figure, with the same cases: Mei (of 4 who can be compared)." in text


def test_agents_stand_in_groups_by_name_and_never_by_rank(client: TestClient) -> None:
    html = client.get(f"{EVERY}?lang=en").text
    section = html.partition('id="came_back"')[2].partition("</section>")[0]
    groups = re.findall(r'class="group">([^<]+?) <', section)

    assert [
        "Surely worse than the others",
        "Surely better than the others",
        "Cannot tell: the difference may be chance",
        "Like the others: no difference that matters",
        "Not ranked: too few cases",
    ] == groups
    times = html.partition('id="handle_s"')[2].partition("</section>")[0]
    assert ["Anna", "Lin", "Mei", "Rui", "Kim"] == re.findall(r'class="plain" href="[^"]+">(\w+)</a>', times)


def test_the_list_of_coaching_names_skill_figures_and_conversations(client: TestClient) -> None:
    text = page(client, EVERY).text

    assert "Customers come back in 31.0% of cases; with a typical agent in 20.0%." in text
    assert "n = 120; 95%: 26.0% to 37.0%; raw figure 33.0%." in text
    assert "To read, those that ended worst for what they were" in text
    assert "On “Parcel is late”: Customers come back in 11.0%" in text
    assert "How colleagues did it, on the same topics: c" in text
    assert "by Mei" in text


def test_where_nobody_stands_out_the_page_says_so(tmp_path: Path) -> None:
    made = shop.make(conversations=200)
    calm = [row | {"verdict": "cannot tell"} for row in made["agent_figures"]]
    shop.publish(tmp_path, made | {"agent_figures": calm, "coaching": []})
    text = page(client_of(tmp_path), EVERY).text

    assert "5 agents can be compared, and nobody surely stands out" in text
    assert "Nobody is surely worse than the others in any skill." in text


def test_one_team_can_be_shown_alone(client: TestClient) -> None:
    found = page(client, EVERY, "lang=en&team=night")

    assert "Kim" in found.text
    assert "Rui" not in found.text
    assert "Nobody can be compared yet" in found.text
    assert {f"{EVERY}?lang=zh&team=night", f"{EVERY}?lang=en&team=day"} <= {
        a["href"] for t, a in found.found if t == "a"
    }


def test_targets_of_the_agent_the_team_and_all_stand_beside(folder: Path) -> None:
    targets = [
        {"kpi": "repeat_contact_share", "target": 0.111},
        {"kpi": "repeat_contact_share", "target": 0.222, "team": "night"},
        {"kpi": "repeat_contact_share", "target": 0.333, "agent_id": "a0", "benchmark": 0.444},
        {"kpi": "csat_mean", "target": 0.9},
    ]
    client = client_of(folder, targets=targets)
    text = page(client, EVERY).text

    assert [True] * 4 == [share in text for share in ("11.1%", "22.2%", "33.3%", "44.4%")]
    assert "0.9" in page(client, ONE).text
    assert "Benchmark" not in page(client_of(folder), EVERY).text


def test_one_agent_stands_beside_the_others_and_beside_the_own_past(client: TestClient) -> None:
    text = page(client, ONE).text

    assert "Customers who came back: surely worse than the others, 31.0% against 20.0%" in text
    assert "Beside the own past" in text
    assert "Settled in one contact" in text
    assert "Newest conversations" in text


def test_an_agent_that_does_not_exist_is_not_found(client: TestClient) -> None:
    assert 404 == client.get("/agents/nobody", headers={"Accept": "text/html"}).status_code


def test_an_id_of_any_signs_has_a_page(tmp_path: Path) -> None:
    made, odd = shop.make(conversations=200), "a0 ?#&é"
    tables = ("agent_day", "agent_figures", "coaching", "conversation_facts")
    renamed = {t: [r | {"agent_id": odd} if r["agent_id"] == "a0" else r for r in made[t]] for t in tables}
    shop.publish(tmp_path, made | renamed)
    client = client_of(tmp_path)
    link = next(a["href"] for t, a in page(client, EVERY).found if t == "a" and "%C3%A9" in a["href"])

    assert "Lin" in page(client, link.partition("?")[0]).text


@BOTH
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hostile_words_stay_words(tmp_path: Path, address: str, lang: str) -> None:
    made = shop.make(conversations=200)
    tables = ("agent_day", "agent_figures", "coaching")
    hostile = {t: [row | {"name": PAYLOAD, "team": PAYLOAD} for row in made[t]] for t in tables}
    facts = [
        row | {"channel": PAYLOAD, "market": PAYLOAD, "conversation_id": PAYLOAD + row["conversation_id"]}
        for row in made["conversation_facts"]
    ]
    shop.publish(tmp_path, made | hostile | {"conversation_facts": facts})
    found = page(client_of(tmp_path), address, f"lang={lang}")

    assert set() == {tag for tag, _ in found.found} - TAGS
    for _tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert (attributes.get("href") or "/").startswith(("/", "#"))


@BOTH
def test_both_languages_show_the_same(client: TestClient, address: str) -> None:
    shapes = [[tag for tag, _ in page(client, address, f"lang={lang}").found] for lang in ("en", "zh")]

    assert shapes[0] == shapes[1]


@BOTH
def test_a_reader_who_does_not_see_gets_the_same(client: TestClient, address: str) -> None:
    found = page(client, address).found
    tags, ids = [tag for tag, _ in found], {a["id"] for _, a in found if "id" in a}

    assert 1 == tags.count("h1")
    assert {a["aria-labelledby"] for _, a in found if "aria-labelledby" in a} <= ids
    assert all(a.get("scope") in {"row", "rowgroup", "col"} for tag, a in found if tag == "th")
    assert all(a.get("aria-label") for tag, a in found if a.get("role") == "img")
    assert all(a.get("tabindex") == "0" for _, a in found if a.get("class") == "scroll")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_empty_shop_has_a_page_that_says_so(tmp_path: Path, lang: str) -> None:
    shop.publish(tmp_path, {})

    said = ("No agent has answered a conversation in the period yet.", "这段时间内还没有客服回复过会话。")
    assert said[lang == "zh"] in page(client_of(tmp_path), EVERY, f"lang={lang}").text
