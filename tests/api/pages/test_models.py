"""The page of model cards says first how far a risk can be trusted, in two languages, and holds without any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from insight.api.words import catalogue
from insight.risks import HEADS
from tests.api import shop
from tests.api.conftest import client_of


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("lake")
    shop.publish(folder, shop.make())
    return client_of(folder)


def text(client: TestClient, lang: str = "en") -> str:
    answer = client.get(f"/models?lang={lang}")
    assert 200 == answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_first_sentence_says_how_often_it_is_right(client: TestClient) -> None:
    said = text(client)

    assert "gives the higher risk to the right one 7.7 times in 10 (95%: 7.4 to 8.0; 2,594 cases, 411 went bad)" in said
    assert "Its chances hold." in said


def test_it_says_who_speaks_and_why_and_what_it_learned_from(client: TestClient) -> None:
    said = text(client)

    assert "Card and own cases speak" in said
    assert "left alone they would not rank surely better" in said
    assert "Learned from 3,392 cases whose window was over, 466 of them went bad" in said
    assert "365 cases are left out" in said
    assert "Boosted trees on the same signs: AUC -0.020 against it" in said


def test_what_nobody_could_measure_is_no_figure(client: TestClient) -> None:
    said = text(client)

    assert "Opens a dispute : cannot tell yet: 0 cases are old enough." in said
    assert "25.0% of those who were asked answered" in said


def test_every_weight_stands_in_words_with_dots_for_the_number(client: TestClient) -> None:
    assert "second contact about this issue in … 0.90 0.30 ±0.15 -0.60 1.35" in text(client)
    assert "…内第二次联系同一问题" in text(client, "zh")


def test_without_any_risk_the_page_says_so(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make() | {"risk_cards": [], "risk_weeks": [], "risk_weights": []})

    assert "No risk has been scored yet." in text(client_of(tmp_path))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("section", ["models_head", "models_asks", "models_limits"])
def test_every_head_has_its_words(section: str, lang: str) -> None:
    assert set(HEADS) <= set(catalogue(lang)[section])


def test_the_route_gives_each_risk_with_its_parts_weeks_and_weights(client: TestClient) -> None:
    models = {m["head"]: m for m in client.get("/api/v1/risk-models").json()["models"]}

    assert {"repeat_contact", "dispute"} == set(models)
    assert ["all", "seen", "market"] == [p["part"] for p in models["repeat_contact"]["parts"]]
    assert ["sign", "curve", "group"] == [w["kind"] for w in models["repeat_contact"]["weights"]]
    assert 1 == len(models["repeat_contact"]["weeks"])
