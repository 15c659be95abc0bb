"""The page of frequent questions as its readers meet it, and the drafts it leads to."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("knowledge")
    shop.publish(folder, shop.make())
    return client_of(folder)


def text(client: TestClient, lang: str) -> str:
    answer = client.get(f"/knowledge?lang={lang}")
    assert answer.status_code == 200
    return Page(answer.text).text


def test_it_says_what_is_asked_what_settled_it_and_what_does_not(client: TestClient) -> None:
    said = text(client, "en")

    assert "2 questions are asked again and again." in said
    assert "After one question customers surely come back more often than usual" in said
    assert said.index("Passiert wieder nichts?") < said.index("When do I get my money?")
    assert "The money is with you in 3 days." in said
    assert "settled 92% (79% to 97%, n = 38)" in said


def test_in_chinese_the_questions_stand_as_chinese_customers_ask_them(client: TestClient) -> None:
    said = text(client, "zh")

    assert "什么时候退款？" in said
    assert "三天内到账。" in said


def test_a_draft_comes_as_a_file_in_either_form(client: TestClient) -> None:
    page = client.get("/api/v1/faq/draft?lang=en")
    sheet = client.get("/api/v1/faq/draft?lang=zh&form=csv")

    assert page.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "### When do I get my money?" in page.text
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [row["question"] for row in rows] == ["什么时候退款？", "什么时候退款？", "Passiert wieder nichts?"]


def test_without_questions_it_says_so(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make() | {"faq": [], "faq_answers": []})

    assert "No question is asked often enough yet" in text(client_of(tmp_path), "en")


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    made = shop.make()
    bad = {"question": PAYLOAD, "question_en": PAYLOAD, "languages": [PAYLOAD]}
    shop.publish(
        tmp_path,
        made
        | {"faq": [row | bad for row in made["faq"]]}
        | {"faq_answers": [row | {"answer": PAYLOAD} for row in made["faq_answers"]]},
    )
    found = Page(client_of(tmp_path).get("/knowledge?lang=en").text)

    assert set() == {tag for tag, _ in found.found} - TAGS
