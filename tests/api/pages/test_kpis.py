"""The pages of figures as their readers meet them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from insight.kpis import KPIS
from jobs import findings as findings_job
from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, Page


def page(client: TestClient, path: str) -> Page:
    answer = client.get(path)
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Page(answer.text)


def figures(found: Page) -> list[dict]:
    """What charts.js draws."""
    return [json.loads(words) for words in found.words if words.lstrip().startswith('{"data"')]


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A shop whose late orders are reviewed badly, with low scores about one topic."""
    made, dice = shop.make(), random.Random(3)
    orders = [
        row | {"review_rating": stars / 4, "bad_review": stars < 2}
        for row in made["order_facts"]
        for stars in [dice.choice([0, 0, 1, 4]) if row["late"] else dice.choice([2, 3, 4, 4])]
    ]
    contacts = [
        row | ({"csat_rating": 0.0, "csat_score": 1} if row["topic_id"] == "t-late" else {"csat_rating": 1.0})
        for row in made["conversation_facts"]
    ]
    told = made | {"order_facts": orders, "conversation_facts": contacts}
    folder = tmp_path_factory.mktemp("reviewed")
    shop.publish(folder, told | shop.patterns(told))
    return client_of(folder)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_figures_stand_on_one_page_and_lead_to_their_own(client: TestClient, lang: str) -> None:
    found = page(client, f"/kpis?lang={lang}")
    links = {(a.get("href") or "").partition("?")[0] for tag, a in found.found if tag == "a"}
    told = {one["kpi"]: one for one in client.get("/api/v1/kpis").json()["kpis"]}

    assert {f"/kpis/{name}" for name in told} <= links
    assert all((one["label_zh"] if lang == "zh" else one["label"]) in found.text for one in told.values())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_figure_says_its_question_first_then_its_value_with_n_and_interval(client: TestClient, lang: str) -> None:
    found = page(client, f"/kpis/first_contact_resolution?lang={lang}")
    _, kpi = KPIS["first_contact_resolution"]

    assert (kpi.asks if lang == "en" else kpi.asks_zh) in found.text
    assert "n = " in found.text
    assert "95%" in found.text
    assert kpi.means in found.text
    assert kpi.example in found.text
    assert 2 == len(figures(found))


def test_the_choice_lives_in_the_address_of_the_form_and_of_the_languages(client: TestClient) -> None:
    found = page(client, "/kpis/conversations?lang=en&by=team&since=2026-09-01&until=2026-10-01&market=DE")
    chosen = {a["value"] for tag, a in found.found if tag == "option" and "selected" in a}
    links = [a["href"] for tag, a in found.found if tag == "a" and a.get("hreflang")]

    assert {"team", "DE"} <= chosen
    assert "/kpis/conversations?lang=zh&market=DE&by=team&since=2026-09-01&until=2026-10-01" in links
    assert {"2026-09-01", "2026-10-01"} == {a["value"] for tag, a in found.found if a.get("type") == "date"}


def test_fields_that_were_left_empty_are_no_choice(client: TestClient) -> None:
    assert page(client, "/kpis/conversations?lang=en&by=&since=&until=&market=").text == (
        page(client, "/kpis/conversations?lang=en").text
    )


def test_every_figure_by_everything_it_can_be_looked_at_by_has_a_page(client: TestClient) -> None:
    for name in ("first_response_median", "contacts_per_100_orders", "customers"):
        for by in client.get(f"/api/v1/kpis/{name}").json()["dimensions"]:
            assert "Download as CSV" in page(client, f"/kpis/{name}?lang=en&by={by}").text


def test_the_file_has_the_slices_of_the_page(client: TestClient) -> None:
    found = page(client, "/kpis/csat_mean?lang=en&by=market")
    [address] = {a["href"] for tag, a in found.found if tag == "a" and ".csv" in (a.get("href") or "")}
    lines = client.get(str(address)).text.splitlines()

    assert 1 + len(shop.MARKETS) == len(lines)


def test_first_contact_resolution_stands_beside_what_others_call_by_that_name(client: TestClient) -> None:
    found = page(client, "/kpis/first_contact_resolution?lang=en")
    links = {(a.get("href") or "").partition("?")[0] for tag, a in found.found if tag == "a"}

    assert KPIS["first_contact_resolution"][1].beside
    assert {f"/kpis/{other}" for other in KPIS["first_contact_resolution"][1].beside} <= links


def test_agents_are_no_league_table(client: TestClient) -> None:
    assert "no ranking" in page(client, "/kpis/csat_mean?lang=en&by=agent_id").text


def test_what_goes_together_is_said_unprompted(reviewed: TestClient) -> None:
    for path, words in (
        ("/", "orders that came late"),
        ("/kpis", "orders that came late"),
        ("/kpis?lang=zh", "延迟送达的订单"),
    ):
        assert words in page(reviewed, path).text
    first = reviewed.get("/api/v1/findings").json()["findings"][0]

    assert ("late", True) == (first["split"], first["n"] > 100)
    assert findings_job.WRITES.published


def test_low_scores_tell_their_topics_with_quotes(reviewed: TestClient) -> None:
    found = page(reviewed, "/kpis/csat_mean?lang=en")

    assert "What low scores speak of" in found.text
    assert "Parcel is late" in found.text
    assert "Mein Paket hängt seit zwölf Tagen in Leipzig." in found.text
    assert "What low scores speak of" not in page(reviewed, "/kpis/orders?lang=en").text
    assert {"more often", "less often"} <= {
        one["verdict"] for one in reviewed.get("/api/v1/low_scores?kind=survey").json()["reasons"]
    }


def test_names_of_slices_stay_words(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    rows = [row | {"team": PAYLOAD} for row in made["conversation_facts"]]
    shop.publish(tmp_path, made | {"conversation_facts": rows})
    found = page(client_of(tmp_path), "/kpis/conversations?lang=en&by=team")

    assert not [tag for tag, a in found.found if tag in ("img", "style") or any(name.startswith("on") for name in a)]
    assert "&lt;script&gt;" in figures(found)[0]["layout"]["yaxis"]["ticktext"][0]


def test_where_nothing_was_published_about_figures_the_page_says_so(tmp_path: Path) -> None:
    shop.publish(tmp_path, {})

    assert "There are no figures yet." in page(client_of(tmp_path), "/kpis?lang=en").text
