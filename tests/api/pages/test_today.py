"""The pages of the lists as their readers meet them: what they say first, the forms, and what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from insight.ledger import FILE
from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page

OURS = {"Origin": "http://127.0.0.1:8321"}
PATHS = ("/today", "/high-value", "/win-back")
TAGS = TAGS | {"q", "code", "input"}


def page(client: TestClient, path: str = "/today", query: str = "lang=en") -> Page:
    answer = client.get(f"{path}?{query}")
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Page(answer.text)


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> TestClient:
    """The published shop, with a database of its own for what is written."""
    return client_of(folder, people={"url": f"sqlite:///{tmp_path / FILE}"})


def press(
    client: TestClient, act: str, *, listed: str = "at_risk", nth: int = 0, query: str = "lang=en", **told: str
) -> Any:
    row = shop.make()[listed][nth]
    sent = {"listed": listed, "conversation_id": row["conversation_id"], "act": act, "who": "mei"} | told
    return client.post(f"/today?{query}", data=sent, headers=OURS, follow_redirects=False)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("hostile") / "lake"
    made = shop.make()
    words = dict.fromkeys(("last_words", "language", "platform", "market", "topic_id", "conversation_id"), PAYLOAD)
    told = {
        "at_risk": [made["at_risk"][0] | words | {"reasons": [PAYLOAD], "order_id": PAYLOAD, "currency": None}],
        "high_value": [made["high_value"][0] | words | {"why": [PAYLOAD]}],
        "win_back": [made["win_back"][0] | words | {"reason": PAYLOAD}],
        "next_steps": [shop.step(PAYLOAD, "answer", PAYLOAD, PAYLOAD, language=PAYLOAD)],
    }
    shop.publish(folder, made | told)
    client = client_of(folder, shop={"name": PAYLOAD})
    for listed in ("at_risk", "high_value", "win_back"):
        sent = {
            "listed": listed,
            "conversation_id": PAYLOAD,
            "kind": "assign",
            "value": PAYLOAD[:80],
            "who": PAYLOAD[:80],
        }
        assert 200 == client.post("/api/v1/cases", json=sent | {"note": PAYLOAD}).status_code
    return client


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", PATHS)
def test_hostile_words_stay_words(hostile: TestClient, path: str, lang: str) -> None:
    answer = hostile.get(path, params={"lang": lang, "who": PAYLOAD[:80], "agent": PAYLOAD[:80]})
    found = Page(answer.text)

    assert 200 == answer.status_code
    assert set() == {tag for tag, _ in found.found} - TAGS
    for tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert (attributes.get("href") or "/").startswith(("/", "#"))
        assert tag != "script" or "src" in attributes


@pytest.mark.parametrize("path", PATHS)
def test_both_languages_show_the_same(client: TestClient, path: str) -> None:
    shapes = [[tag for tag, _ in page(client, path, f"lang={lang}").found] for lang in ("en", "zh")]

    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("path", PATHS)
def test_a_reader_who_does_not_see_gets_the_same(client: TestClient, path: str) -> None:
    found = page(client, path).found
    tags, ids = [tag for tag, _ in found], [a["id"] for _, a in found if "id" in a]

    assert 1 == tags.count("h1")
    assert len(ids) == len(set(ids))
    assert {a["aria-labelledby"] for _, a in found if "aria-labelledby" in a} <= set(ids)
    assert all(a.get("scope") in {"row", "rowgroup", "col"} for tag, a in found if tag == "th")


def test_the_first_lines_say_whom_what_came_of_it_and_who_is_left_alone(client: TestClient) -> None:
    text = page(client).text

    assert "6 customers are to be helped today" in text
    assert "Of the last 200 customers on this list, " in text
    assert "The list caused fewer bad ends" in text
    assert "10% of those at risk are left alone by lot for 30 days; at the moment" in text


def test_before_30_are_left_alone_nobody_says_caused(tmp_path: Path) -> None:
    made = shop.make()
    shop.publish(tmp_path / "lake", made | {"flagged": made["flagged"][:280]})
    text = page(client_of(tmp_path / "lake")).text

    assert "nobody can tell yet" in text
    assert "caused fewer" not in text


def test_nobody_who_is_left_alone_or_waits_is_named(client: TestClient) -> None:
    text = client.get("/today?lang=en").text

    assert not any(row["conversation_id"] in text for row in shop.make()["flagged"])
    assert shop.make()["at_risk"][6]["conversation_id"] not in text


def test_our_own_rule_is_marked_as_such_and_figures_as_no_cause(client: TestClient) -> None:
    text = page(client).text

    assert "A suggestion of ours; your own data do not tell yet what settles this." in text
    assert "25 of 28 customers who got this did not come back (95% between 75% and 96%; usually 80%)." in text
    assert "that is no proof of a cause" in text


def test_the_menu_and_the_overview_lead_to_the_list(client: TestClient) -> None:
    links = [a.get("href", "") for tag, a in page(client, "/high-value").found if tag == "a"]

    assert any(link.startswith("/today?") for link in links)
    assert any(link.startswith("/win-back?") for link in links)


def test_a_form_takes_a_customer_and_leads_back_to_the_list(desk: TestClient) -> None:
    answer = press(desk, "assign:me", note="I call", query="lang=zh&market=&agent=")
    text = Page(desk.get(answer.headers["location"]).text).text

    assert 303 == answer.status_code
    assert answer.headers["location"].startswith("/today?lang=zh&who=mei&saved=assign")
    assert "已保存：已分配。" in text
    assert "由 mei 负责" in text


def test_a_form_gives_puts_off_ends_and_undoes(desk: TestClient) -> None:
    press(desk, "assign", assignee="tom")
    press(desk, "snooze", nth=1, days="3")
    press(desk, "outcome", nth=2, outcome="could_not_reach")
    text = page(desk).text

    assert "with tom" in text
    assert "put off until Nov 25" in text
    assert "could not reach" in text
    assert "4 customers are to be helped today" in text
    press(desk, "undo:3", nth=2)
    assert "5 customers are to be helped today" in page(desk).text


def test_whose_customers_can_be_chosen(desk: TestClient) -> None:
    press(desk, "assign", assignee="tom", nth=3)
    found = page(desk, query="lang=en&agent=tom")

    assert shop.make()["at_risk"][3]["conversation_id"] in found.text
    assert shop.make()["at_risk"][0]["conversation_id"] not in found.text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"who": " "}, "please say who you are"),
        ({"act": "outcome", "outcome": "vanished"}, "could not be used"),
        ({"act": "undo:99"}, "could not be used"),
        ({"act": "burn"}, "could not be used"),
        ({"act": "snooze", "days": "9999999"}, "could not be used"),
        ({"listed": "secret"}, "could not be used"),
        ({"conversation_id": "zx9canary"}, "could not be used"),
    ],
)
def test_what_cannot_be_taken_is_said_on_the_page(desk: TestClient, told: dict[str, str], words: str) -> None:
    row = shop.make()["at_risk"][0]
    sent = {"listed": "at_risk", "conversation_id": row["conversation_id"], "act": "assign:me", "who": "mei"} | told
    answer = desk.post("/today?lang=en", data=sent, headers=OURS)

    assert 422 == answer.status_code
    assert words in Page(answer.text).text
    assert "zx9canary" not in answer.text
    assert 0 == desk.get("/api/v1/cases").json()["total"]


def test_the_other_lists_have_the_same_forms(desk: TestClient) -> None:
    for listed, path in (("high_value", "/high-value"), ("win_back", "/win-back")):
        answer = press(desk, "outcome", listed=listed, outcome="helped")
        assert answer.headers["location"].startswith(f"{path}?")
        assert "Saved: it is done" in page(desk, path, "lang=en&saved=outcome").text


def test_win_back_shows_only_who_agreed(client: TestClient) -> None:
    text = page(client, "/win-back").text

    assert "12 customers asked or were unhappy and have not bought; 6 of them agreed" in text
    assert "3 did not agree, and of 3 nobody knows, which is no consent" in text
    assert "gone words 0" in text
    assert not any(f"gone words {n} " in text + " " for n in (2, 3, 6, 7))


def test_valuable_customers_say_why(client: TestClient) -> None:
    text = page(client, "/high-value", "lang=zh").text

    assert "会话未结束" in text
    assert "差评" in text
