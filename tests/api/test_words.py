"""Both languages say the same things, in their own way."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from insight.api.words import NONE, Words, accepted, catalogue, languages

EN, ZH = (Words(lang, ZoneInfo("Asia/Shanghai")) for lang in ("en", "zh"))
PLURALS = {"zero", "one", "two", "few", "many", "other"}


def sentences(lang: str) -> dict[str, Any]:
    """Every key with its sentence; translations of the data's own English codes have no twin in English."""
    told = dict(catalogue(lang))
    flat = {"language": told.pop("language")}
    told.pop("codes", None)
    return flat | {f"{part}.{key}": value for part, keys in told.items() for key, value in keys.items()}


def blanks(sentence: Any) -> set[str]:
    """What is put into a sentence; a language may leave a count out where it needs no number."""
    other = sentence["other"] if isinstance(sentence, dict) else sentence
    return set(re.findall(r"{(\w+)}", other))


def test_every_language_has_the_same_sentences_with_the_same_blanks() -> None:
    english = {key: blanks(sentence) for key, sentence in sentences("en").items()}

    assert [english] * len(languages()) == [{k: blanks(s) for k, s in sentences(lang).items()} for lang in languages()]


@pytest.mark.parametrize("lang", languages())
def test_a_plural_has_the_form_that_always_fits(lang: str) -> None:
    forms = [set(s) for s in sentences(lang).values() if isinstance(s, dict)]

    assert all("other" in form and form <= PLURALS for form in forms)


def test_english_counts_in_singular_and_plural() -> None:
    assert ["1 day", "2 days", "1 contact"] == [
        EN.duration(86_400),
        EN.duration(172_800),
        EN.say("topics.contacts", count=1),
    ]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, NONE), (0, "0 s"), (19, "19 s"), (59.4, "59 s"), (90, "1.5 min"), (3600, "1 h"), (200_000, "2.3 days")],
)
def test_a_time_span_is_said_in_the_unit_that_reads_best(seconds: float | None, said: str) -> None:
    assert said == EN.duration(seconds)


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (0.0881, "share", "8.8%", "8.8%"),
        (1234, "conversations", "1,234", "1,234"),
        (2.0, "per 100", "2.0", "2.0"),
        (90.0, "seconds", "1.5 min", "1.5 分钟"),
        (0.734, "0 to 1", "0.73", "0.73"),
        (None, "share", NONE, NONE),
    ],
)
def test_a_value_is_said_in_its_unit(value: float | None, unit: str, english: str, chinese: str) -> None:
    assert (english, chinese) == (EN.value(value, unit), ZH.value(value, unit))


def test_money_has_the_decimals_of_its_currency() -> None:
    assert ["$89.90", "¥8,990", NONE] == [EN.money(8990, "USD"), EN.money(8990, "JPY"), EN.money(None, "USD")]


def test_moments_stand_on_the_clock_of_the_business() -> None:
    moment = dt.datetime(2026, 11, 21, 17, 5, tzinfo=dt.UTC)

    assert ("Nov 22, 2026, 01:05", "2026年11月22日 01:05") == (EN.moment(moment), ZH.moment(moment))


def test_countries_and_platforms_go_by_their_names() -> None:
    assert ["Germany", "德国", "amazon.de", "XX"] == [
        EN.place("DE"),
        ZH.place("DE"),
        EN.place("amazon.de"),
        EN.place("XX"),
    ]
    assert ["eBay", "Amazon"] == [EN.platform("ebay"), EN.platform("amazon")]


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9", "zh"),
        ("fr,zh;q=0.5,en;q=0.3", "zh"),
        ("fr", "en"),
        (";;,,=", "en"),
        ("EN-us", "en"),
    ],
)
def test_the_browser_chooses_a_language_that_there_is(header: str, lang: str) -> None:
    assert lang == accepted(header)


def test_text_of_the_data_is_never_a_pattern() -> None:
    assert "“{lang.__class__}”" in EN.say("short.growing", name="{lang.__class__}", now="1", before="1")


def test_an_amount_is_shown_in_the_shops_currency() -> None:
    assert ["$53.27", "JP¥5,327"] == [
        EN.value(5327.4, "minor units"),
        Words("zh", EN.zone, "JPY").value(5327.4, "minor units"),
    ]
    assert NONE == EN.value(None, "minor units")
