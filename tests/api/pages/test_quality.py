"""The pages of quality checks as their readers meet them: the list, the form, and what all scores come to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page, poisoned

OURS = {"Origin": "http://127.0.0.1:8321"}
ITEMS = ("politeness", "problem_identified", "knowledge", "solution")
TAGS = TAGS | {"fieldset", "legend"}


def page(client: TestClient, address: str = "/quality", query: str = "lang=en") -> Page:
    answer = client.get(f"{address}?{query}")
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Page(answer.text)


@pytest.fixture
def desk(tmp_path: Path) -> TestClient:
    shop.publish(tmp_path / "lake", shop.make())
    return client_of(tmp_path / "lake")


def drawn(client: TestClient, stream: str = "random") -> list[dict[str, Any]]:
    return list(client.get("/api/v1/qa/sample", params={"stream": stream}).json()["conversations"])


def filled(scorer: str = "mei", level: str = "4", privacy: str = "2") -> dict[str, str]:
    return {"scorer": scorer, **{f"item.{name}": level for name in ITEMS}, "item.privacy": privacy}


def save(client: TestClient, row: dict[str, Any], form: dict[str, str], query: str = "lang=en") -> Any:
    return client.post(f"/quality/{row['sample_id']}?{query}", data=form, headers=OURS, follow_redirects=False)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("hostile")
    made = poisoned(PAYLOAD)
    named = dict.fromkeys(("agent_id", "team", "channel", "topic_id", "stratum"), PAYLOAD)
    rows = [row | named | {"signs": [PAYLOAD]} for row in made["qa_sample"]]
    said = [row | dict.fromkeys(("text", "author", "agent_id", "language"), PAYLOAD) for row in made["qa_transcripts"]]
    shop.publish(folder, made | {"qa_sample": rows, "qa_transcripts": said})
    return client_of(folder, shop={"name": PAYLOAD})


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", ["/quality", "form"])
def test_hostile_words_stay_words(hostile: TestClient, path: str, lang: str) -> None:
    path = f"/quality/{drawn(hostile)[0]['sample_id']}" if path == "form" else path
    answer = hostile.get(path, params={"lang": lang, "scorer": PAYLOAD[:80]})
    found = Page(answer.text)

    assert 200 == answer.status_code
    assert set() == {tag for tag, _ in found.found} - TAGS
    for tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert (attributes.get("href") or "/").startswith(("/", "#"))
        assert tag != "script" or "src" in attributes


def test_both_languages_show_the_same(client: TestClient) -> None:
    for path in ("/quality", f"/quality/{drawn(client)[0]['sample_id']}"):
        shapes = [[tag for tag, _ in page(client, path, f"lang={lang}").found] for lang in ("en", "zh")]
        assert shapes[0] == shapes[1]


def test_a_reader_who_does_not_see_gets_the_same(client: TestClient) -> None:
    for path in ("/quality", f"/quality/{drawn(client)[0]['sample_id']}"):
        found = page(client, path).found
        tags, ids = [tag for tag, _ in found], {a["id"] for _, a in found if "id" in a}
        assert 1 == tags.count("h1")
        assert {a["aria-labelledby"] for _, a in found if "aria-labelledby" in a} <= ids
        assert all(a.get("scope") in {"row", "rowgroup", "col"} for tag, a in found if tag == "th")


def test_before_the_first_score_the_page_says_that_nothing_can_be_said(client: TestClient) -> None:
    text = page(client).text

    assert (
        "20 conversations of the week of Nov 9 are waiting to be scored. Until some are, nothing can be said." in text
    )
    assert "Telling 85% from 75% needs about 248 scored conversations per agent" in text


def test_every_drawn_conversation_leads_to_its_form(client: TestClient) -> None:
    links = {a["href"].partition("?")[0] for tag, a in page(client).found if tag == "a" and "href" in a}
    both = drawn(client) + drawn(client, "coaching")

    assert {f"/quality/{row['sample_id']}" for row in both} <= links


def test_the_form_has_what_was_said_and_a_question_per_item(client: TestClient) -> None:
    found = page(client, f"/quality/{drawn(client)[0]['sample_id']}")
    levels = [a["value"] for tag, a in found.found if tag == "input" and a.get("name") == "item.knowledge"]

    assert "Where is my parcel?" in found.text
    assert "Was the tone friendly and respectful throughout?" in found.text
    assert ["1", "2", "3", "4", "5", "na"] == levels


def test_saving_keeps_the_scores_and_leads_on_to_the_next_conversation(desk: TestClient) -> None:
    rows = drawn(desk)
    answer = save(desk, rows[0], filled() | {"note.politeness": "kind"}, "lang=zh&scorer=mei")
    onward = desk.get(answer.headers["location"])

    assert 303 == answer.status_code
    assert answer.headers["location"].startswith(f"/quality/{rows[1]['sample_id']}?lang=zh&scorer=mei")
    assert "已保存。" in onward.text
    assert 'value="mei"' in onward.text
    scores = desk.get("/api/v1/qa/scores").json()["scores"]
    assert {("mei", "page")} == {(score["scorer"], score["via"]) for score in scores}
    assert ["", "kind"] == sorted({score["note"] for score in scores})


def test_my_own_scores_are_shown_again_and_nobody_elses(desk: TestClient) -> None:
    row = drawn(desk)[0]
    save(desk, row, filled(level="2"))
    path = f"/quality/{row['sample_id']}"
    chosen = [
        {a["value"] for tag, a in page(desk, path, f"lang=en&scorer={who}").found if tag == "input" and "checked" in a}
        for who in ("mei", "tom")
    ]

    assert [{"2"}, set()] == chosen


def test_the_page_is_new_with_every_score(desk: TestClient) -> None:
    before = page(desk).text
    for row in drawn(desk)[:2]:
        save(desk, row, filled())
    after = page(desk).text

    assert "waiting to be scored" in before
    assert "The team reaches" in after or "The 2 conversations scored so far reach 75%." in after
    assert "“Privacy kept”: 0 of 2 conversations failed." in after


def test_two_people_are_asked_for_where_two_are_wanted(desk: TestClient) -> None:
    rows = drawn(desk)
    for row in rows:
        save(desk, row, filled())
    twice = [row["sample_id"] for row in rows if row["double"]]
    last = save(desk, rows[-1], filled()).headers["location"]
    first = save(desk, next(row for row in rows if row["double"]), filled("tom", "3")).headers["location"]

    assert last.startswith("/quality?")
    assert first.startswith(f"/quality/{twice[1]}?")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (filled(scorer="  "), "a score needs a name"),
        ({"scorer": "mei"}, "choose a level for at least one item"),
        (filled(level="9"), "could not be taken"),
        (filled() | {"note.knowledge": "x" * 2_001}, "could not be taken"),
        (filled(scorer="x" * 81), "could not be taken"),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_what_was_typed(
    desk: TestClient, form: dict[str, str], said: str
) -> None:
    answer = save(desk, drawn(desk)[0], form | {"note.solution": "typed before"})

    assert 422 == answer.status_code
    assert said in Page(answer.text).text
    assert 'value="typed before"' in answer.text
    assert 0 == desk.get("/api/v1/qa/scores").json()["total"]


@pytest.mark.parametrize(
    "body", [b"\xff\xfe=1", b"&".join(b"a%d=1" % n for n in range(300)), b"", b"item.politeness=%FF"]
)
def test_what_is_no_form_of_ours_is_refused_in_words(desk: TestClient, body: bytes) -> None:
    address = f"/quality/{drawn(desk)[0]['sample_id']}"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    assert 422 == desk.post(address, content=body, headers=OURS | kind).status_code


def test_a_form_from_another_site_is_refused(desk: TestClient) -> None:
    row = drawn(desk)[0]
    answer = desk.post(f"/quality/{row['sample_id']}", data=filled(), headers={"Origin": "http://evil.example"})

    assert 403 == answer.status_code
    assert 0 == desk.get("/api/v1/qa/scores").json()["total"]


def test_the_page_lets_its_own_form_say_where_it_comes_from(client: TestClient) -> None:
    """Without this a browser sends `Origin: null`, for the site as a whole tells nobody where its readers are."""
    html = client.get(f"/quality/{drawn(client)[0]['sample_id']}").text

    assert re.search(r'<meta name="referrer" content="same-origin">', html)


def test_a_conversation_that_was_not_drawn_has_no_form(client: TestClient) -> None:
    assert 404 == client.get("/quality/q000000000000").status_code
    answer = client.post("/quality/q000000000000", data=filled(), headers=OURS)
    assert 404 == answer.status_code


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_empty_shop_has_a_page_that_says_so(tmp_path: Path, lang: str) -> None:
    shop.publish(tmp_path, {})

    assert ("No week is complete yet.", "还没有完整的一周。")[lang == "zh"] in page(
        client_of(tmp_path), query=f"lang={lang}"
    ).text
