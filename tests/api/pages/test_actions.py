"""The page about actions as its readers meet it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page, poisoned

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])


def page(client: TestClient, lang: str) -> Page:
    answer = client.get(f"/actions?lang={lang}")
    assert 200 == answer.status_code
    return Page(answer.text)


def plain(client: TestClient, lang: str = "en") -> str:
    return re.sub(r"\s+", " ", page(client, lang).text)


def test_it_begins_with_a_sentence_on_every_action(client: TestClient) -> None:
    said = plain(client)

    assert "New size chart: it worked. Since Sep 27 there were 24 contacts where 60 were to be expected: 60%" in said
    assert "(95%: from 80% fewer to 30% fewer), over 8 weeks against 6 others." in said
    assert "Another lid: it did not do what was hoped." in said
    assert "10% more than expected (95%: from 20% fewer to 50% more)" in said
    assert "a fall of 30% can be ruled out. It was written down after the fact." in said
    assert "A notice: too early. Of 4 whole weeks that are needed, 2 have passed since Sep 27." in said
    assert "Lost: cannot tell. There are too few weeks, orders or contacts before Sep 27" in said


def test_it_says_what_speaks_against_believing_it(client: TestClient) -> None:
    said = plain(client)

    assert "Nothing that was looked for." in said
    assert "12 contacts about the topics name no product or market, and count nowhere." in said
    assert "Nothing in the data is called JKT-99. Mistyped?" in said


def test_the_weeks_are_drawn_against_what_was_to_be_expected(client: TestClient) -> None:
    answer = client.get("/actions?lang=en").text
    [told] = re.findall(r'<script type="application/json" data-figure="weeks1">(.*?)</script>', answer)
    figure = json.loads(told)

    assert [17, 17] == [len(line["y"]) for line in figure["data"]]
    assert 8.5 == figure["layout"]["shapes"][0]["x0"]
    assert ([160.0] * 9 + [60.0] * 8) == figure["data"][0]["y"]


@BOTH
def test_it_speaks_both_languages(client: TestClient, lang: str) -> None:
    assert {"en": "Did what we did help?", "zh": "我们做的事有效吗？"}[lang] in plain(client, lang)


@BOTH
def test_without_a_register_it_says_how_to_begin(tmp_path: Path, lang: str) -> None:
    shop.publish(tmp_path, shop.make() | {"effects": [], "effect_weeks": []})

    assert "[[actions]]" in plain(client_of(tmp_path), lang)


@BOTH
def test_hostile_words_stay_words(tmp_path: Path, lang: str) -> None:
    made = poisoned(PAYLOAD)
    evil = {"name": PAYLOAD, "why": PAYLOAD, "skus": [PAYLOAD], "markets": [PAYLOAD], "unknown": [PAYLOAD]}
    evil |= {"topic_ids": [PAYLOAD]}
    shop.publish(tmp_path, made | {"effects": [row | evil for row in made["effects"]]})
    found = page(client_of(tmp_path), lang)

    assert set() == {tag for tag, _ in found.found} - TAGS
    for _, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
