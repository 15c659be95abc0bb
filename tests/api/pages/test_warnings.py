"""The page of early warnings, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of


def text(client: TestClient, query: str = "lang=en") -> str:
    answer = client.get(f"/warnings?{query}")
    assert 200 == answer.status_code
    return " ".join(answer.text.split())


def test_the_first_sentence_says_what_matters_most(client: TestClient) -> None:
    page = text(client)

    assert "2 matters got surely worse. First of all: late parcels (DHL · CN-DE)." in page
    assert "One warning of the last 28 days is over." in page


def test_every_sign_stands_with_what_is_usual_and_how_sure_it_is(client: TestClient) -> None:
    page = text(client)

    assert "40 of 100 parcels handed over since the week of" in page
    assert "came late (40.0%), 2.0% before." in page
    assert "Usual (95%): 1.0% to 4.0%, n = 100. At least 28 customers more than usual (95%)." in page
    assert "19 contacts in 7 days; about 5.2 were to be expected." in page
    assert "All markets: 12 of 30 conversations in 7 days turned bad" not in page
    assert "12 of 30 conversations in 7 days turned bad and stayed so (40.0%); usual are 13.3%." in page
    assert "95% of usual windows hold 1 to 11." in page
    assert "Of warnings as clear as this, 1.0% are chance." in page
    assert "Wo bleibt mein Paket?" in page


def test_chinese_readers_get_the_same(client: TestClient) -> None:
    page = text(client, "lang=zh")

    assert "有 2 件事明确变差了。 最要紧的是：延误的包裹（DHL · CN-DE）。" in page
    assert "建议由物流先看。" in page
    assert "主动告知；补发。" in page


@pytest.mark.parametrize(("lang", "said"), [("en", "Nothing got surely worse"), ("zh", "没有明确变差的")])
def test_a_calm_shop_says_so(tmp_path: Path, lang: str, said: str) -> None:
    shop.publish(tmp_path, {})

    assert said in text(client_of(tmp_path), f"lang={lang}")


def test_the_menu_leads_to_it(client: TestClient) -> None:
    page = client.get("/?lang=en").text

    assert page.index(">Overview<") < page.index(">Warnings<") < page.index(">Figures<")
