"""The page of staffing says first what matters, in two languages, and holds where little is known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import TAGS, Page

PATH = "/staffing"
PEOPLE = ("heads", "staffing_basis")
FORECASTS = ("hour_forecast", "day_forecast", "forecast_quality")


def text(client: TestClient, query: str = "lang=en") -> str:
    answer = client.get(f"{PATH}?{query}")
    assert 200 == answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def with_rows(tmp_path: Path, **rows: list[dict[str, Any]]) -> TestClient:
    shop.publish(tmp_path, shop.make() | rows)
    return client_of(tmp_path)


def changed(table: str, **told: Any) -> list[dict[str, Any]]:
    return [row | told for row in shop.make()[table]]


def test_the_first_sentence_names_the_hour_that_lacks_people_most(tmp_path: Path) -> None:
    rows = changed("heads", verdict="enough")
    rows[34] |= {"live": 38.2, "live_low": 30, "live_high": 47, "heads_low": 5, "heads_high": 6, "planned": 4.0}
    rows[34] |= {"verdict": "too few", "planned_how": "told"}

    said = text(with_rows(tmp_path, heads=rows))

    assert "10:00: 38 chats and calls expected (30–47 in 80% of such hours), 5 to 6 people. 4 planned." in said
    assert "In 1 of the 168 open hours of the coming week there are too few people." in said


def test_without_shifts_nothing_is_said_about_gaps(tmp_path: Path) -> None:
    rows = changed("heads", planned=None, planned_how="unknown", verdict="cannot tell")

    said = text(with_rows(tmp_path, heads=rows))

    assert "No shifts are told" in said
    assert "planned." not in said


def test_a_usual_plan_is_called_usual(tmp_path: Path) -> None:
    assert "are there." in text(with_rows(tmp_path, heads=changed("heads", planned_how="usual", planned=2.0)))


def test_a_forecast_without_handling_times_has_no_people(tmp_path: Path) -> None:
    basis = changed("staffing_basis", state="cannot tell", n=4)

    said = text(with_rows(tmp_path, heads=[], staffing_basis=basis))

    assert "how many people they need cannot be told" in said
    assert "4 conversations have a known handling time; 30 are needed" in said
    assert "The busiest day of the coming week is" in said


@pytest.mark.parametrize(("why", "says"), [("too few days", "only 9 days"), ("stopped", "Has the feed stopped?")])
def test_too_little_history_is_said_to_be_too_little(tmp_path: Path, why: str, says: str) -> None:
    row = {"channel": "chat", "model": "ours", "speaks": False, "history_days": 9, "contacts": 80, "left_out": 0}
    row |= {"outages": 0, "origins": 0, "horizon_days": 0, "spans": 0, "verdict": "cannot tell", "why": why}

    said = text(with_rows(tmp_path, **{name: [] for name in (*PEOPLE, *FORECASTS)} | {"forecast_quality": [row]}))

    assert "Cannot tell: the history is too short for a forecast." in said
    assert says in said


def test_an_empty_shop_has_a_page(tmp_path: Path) -> None:
    assert "There is nothing to show yet." in text(with_rows(tmp_path, **{name: [] for name in (*PEOPLE, *FORECASTS)}))


def test_holidays_and_promotions_are_marked(tmp_path: Path) -> None:
    days = shop.make()["day_forecast"]
    days = [row | {"mark": "promotion" if n % 2 else "holiday"} for n, row in enumerate(days)]

    said = text(with_rows(tmp_path, day_forecast=days))

    assert "holiday" in said
    assert "promotion" in said


def test_the_quality_of_the_forecast_stands_beside_it(client: TestClient) -> None:
    assert "times their error (95%:" in text(client)
    assert "误差为其" in text(client, "lang=zh")


def test_both_languages_show_the_same_and_no_strange_tag(client: TestClient) -> None:
    pages = [Page(client.get(f"{PATH}?lang={lang}").text) for lang in ("en", "zh")]

    assert [tag for tag, _ in pages[0].found] == [tag for tag, _ in pages[1].found]
    for page in pages:
        assert set() == {tag for tag, _ in page.found} - TAGS
        assert not [name for _, told in page.found for name in told if name.startswith("on") or name == "style"]


def test_it_stands_in_the_menu(client: TestClient) -> None:
    assert 'href="/staffing?lang=zh">排班</a>' in client.get("/?lang=zh").text


def test_a_day_that_is_closed_has_no_busiest_hour(tmp_path: Path) -> None:
    rows = changed("heads", verdict="closed", heads_low=0, heads_high=0, heads_cautious=0, opened=False)

    said = text(with_rows(tmp_path, heads=rows))

    assert ":00 · 0 people" not in said
    assert "In the coming week there is no open hour." in said
