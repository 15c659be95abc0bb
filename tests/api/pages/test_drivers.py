"""The page of drivers as its readers meet it: sentences first, what is held, two languages, hostile words."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from insight.api.pages import drivers
from insight.api.routes.drivers import UNKNOWN, Driver, Outcome
from insight.api.words import Words
from insight.marts.drivers import HELD, NOT_HELD, OUTCOMES
from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page

PATH = "/drivers"


def page(client: TestClient, query: str = "lang=en") -> Page:
    answer = client.get(f"{PATH}?{query}")
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Page(answer.text)


def test_a_sentence_per_outcome_comes_first_with_n_interval_and_points(client: TestClient) -> None:
    text = page(client).text
    first = (
        "Conversations about “Parcel is late” are associated with 13.5 points of 100 lower satisfaction "
        "(6.0 to 21.0; n 92), 0.54 on a scale of 1 to 5; over all rated conversations that is 3.51 points of 100."
    )
    second = (
        "Orders that customers write about “Parcel is late” are associated with 14.0 more returns per 100 "
        "(5.0 to 23.0; n 92); over all orders that is 0.42 of 100."
    )

    assert first in text
    assert second in text
    assert text.index(first) < text.index("Satisfaction after a conversation")


def test_it_is_never_called_a_cause(client: TestClient) -> None:
    text = page(client).text.lower()

    assert "no proof of a cause" in text
    assert not [word for word in ("caused by", "because of", "due to", "leads to", "drives") if word in text]


def test_what_is_held_and_what_is_not_is_named(client: TestClient) -> None:
    text = page(client).text

    assert "Held alike: market, channel, wait for the first answer." in text
    assert "promotions and advertising" in text
    assert "who chooses to write" in text
    assert "working time: a hard topic takes long" in text
    assert "1 topic has too few cases" in text


def test_topics_lead_to_their_words_and_marks_are_told_in_words(client: TestClient) -> None:
    found = page(client).found

    assert "/explore/topics/t-late?lang=en" in {a.get("href") for t, a in found if t == "a"}
    labels = [a["aria-label"] for t, a in found if t == "svg" and a.get("role") == "img"]
    assert "adjusted difference -13.5 points, 95% interval -21.0 to -6.0" in labels


def outcome(**told: Any) -> Outcome:
    """The first row of the shop as an outcome of one topic."""
    row = shop.make()["drivers"][0] | {"name_en": "Late", "name_zh": "晚"} | told
    about = {name: row[name] for name in Outcome.model_fields if name != "drivers"}
    return Outcome(**about, drivers=[Driver(**{name: row[name] for name in Driver.model_fields})])


def test_where_nothing_is_sure_the_sentence_says_so() -> None:
    english = Words("en", ZoneInfo("UTC"))

    none, few = (drivers.sentence(outcome(verdict=verdict), english) for verdict in ("cannot tell", "too few"))
    assert "No topic surely goes with satisfaction, of 353 rated conversations: what differs may be chance." == none
    assert "Cannot tell what goes with satisfaction: too few of the 353 rated conversations share a topic." == few


@pytest.mark.parametrize("name", [one.name for one in OUTCOMES])
@pytest.mark.parametrize("verdict", ["worse", "better", "cannot tell", "too few"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_outcome_has_its_words(name: str, verdict: str, lang: str) -> None:
    words = Words(lang, ZoneInfo("UTC"))
    told = drivers.sentence(outcome(outcome=name, verdict=verdict), words)

    assert ("associated" in told or "相关" in told) == (verdict in ("worse", "better")) or lang == "zh"
    assert "353" in told or "92" in told
    assert words.say(f"drivers_head.{name}")
    assert words.say(f"drivers_about.{name}", n=1, left=2, usual=3)
    assert words.say(f"drivers_verdict.{verdict}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_that_is_held_or_not_has_a_name(lang: str) -> None:
    words = Words(lang, ZoneInfo("UTC"))

    assert all(words.say(f"drivers_not_held.{key}") for key in NOT_HELD)
    assert all(words.say(f"drivers_not_known.{key}") for key in UNKNOWN)
    assert all(words.say(f"drivers_held.{key}") for key in HELD)


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    made = shop.make(conversations=200)
    named = [row | {"name_en": PAYLOAD, "name_zh": PAYLOAD} for row in made["topics"]]
    shop.publish(tmp_path, made | {"topics": named})
    found = page(client_of(tmp_path))

    assert set() == {tag for tag, _ in found.found} - TAGS
    for _tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_both_languages_show_the_same_and_a_reader_who_does_not_see_gets_it(client: TestClient) -> None:
    english, chinese = (page(client, f"lang={lang}") for lang in ("en", "zh"))
    ids = {a["id"] for _, a in english.found if "id" in a}

    assert [tag for tag, _ in english.found] == [tag for tag, _ in chinese.found]
    assert {a["aria-labelledby"] for _, a in english.found if "aria-labelledby" in a} <= ids
    assert all(a.get("scope") in {"row", "col"} for tag, a in english.found if tag == "th")
    assert "驱动因素" in chinese.text


def test_an_empty_shop_has_a_page_that_says_so(tmp_path: Path) -> None:
    shop.publish(tmp_path, {})

    assert "There is nothing to tell yet" in page(client_of(tmp_path)).text
