"""Reports: their days, what they say, and that their parts add up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from insight import documents
from insight.api.reports import REPORTS, daily, document, monthly, weekly
from insight.api.reports.sections import met, valued
from insight.api.routes.kpis import Period
from insight.api.words import Words
from insight.kpis import KPIS
from insight.published import Published
from insight.settings import Settings
from tests.api import shop
from tests.api.conftest import client_of
from tests.api.pages.test_overview import PAYLOAD, TAGS, Page, poisoned

TARGETS = [{"kpi": "conversations", "target": 10.0}, {"kpi": "first_response_median", "target": 1.0, "team": "nobody"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reports")
    shop.publish(path, shop.make())
    return path


def made(folder: Path, name: str, lang: str = "en", **told: object) -> documents.Document:
    settings = Settings(home=folder, **told)
    return document(REPORTS[name], Published(folder).current(), settings, Words(lang, settings.shop.clock))


def days(period: object) -> tuple[str, str]:
    return str(period.since), str(period.until)  # type: ignore[attr-defined]


def test_the_days_of_each_report() -> None:
    last = dt.date(2026, 3, 15)

    assert [days(p) for p in daily.span(last)] == [("2026-03-15", "2026-03-16"), ("2026-03-08", "2026-03-15")]
    assert [days(p) for p in weekly.span(last)] == [("2026-03-09", "2026-03-16"), ("2026-03-02", "2026-03-09")]
    assert [days(p) for p in monthly.span(last)] == [("2026-02-01", "2026-03-01"), ("2026-01-01", "2026-02-01")]
    assert [days(p) for p in monthly.span(dt.date(2026, 1, 31))] == [
        ("2026-01-01", "2026-02-01"),
        ("2025-12-01", "2026-01-01"),
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_section_says_what_it_comes_to_before_its_table(folder: Path, name: str, lang: str) -> None:
    report = made(folder, name, lang, targets=TARGETS)

    assert all(section.lines for section in report.sections)
    assert list(report.lines) == [section.lines[0] for section in report.sections]
    for table in (t for s in report.sections for t in s.tables):
        assert {len(table.heads)} == {len(row) for row in table.rows}


def test_the_changes_of_all_topics_add_up_to_the_whole(folder: Path) -> None:
    report = made(folder, "weekly")
    [changes] = [s for s in report.sections if s.name == "changes"]
    facts = shop.make()["conversation_facts"]
    until = max(f["day"] for f in facts)
    now = [f for f in facts if until - dt.timedelta(days=7) <= f["day"] < until]
    counted = [row[5].number for row in changes.tables[0].rows]

    assert sum(counted) in (len(now), len([f for f in facts if until - dt.timedelta(days=6) <= f["day"] <= until]))


def test_money_is_in_major_units_in_a_workbook(folder: Path) -> None:
    told = Settings(home=folder, shop={"currency": "EUR"})
    context = SimpleNamespace(told=told, words=Words("en", told.shop.clock, "EUR"))
    cell = valued(context, 123_456, "minor units")

    assert ("€1,234.56", 1234.56, "money") == (cell.words, cell.number, cell.kind)
    assert documents.Cell("8.8%", 0.088, "share") == valued(context, 0.088, "share")


def test_targets_of_nobody_cannot_be_told_and_none_leaves_the_section_out(folder: Path) -> None:
    [goals] = [s for s in made(folder, "monthly", targets=TARGETS).sections if s.name == "goals"]

    assert [row[1].words for row in goals.tables[0].rows] == ["everybody", "nobody"]
    assert [row[5].words for row in goals.tables[0].rows] == ["reached", "cannot tell"]
    assert "goals" not in [s.name for s in made(folder, "monthly").sections]


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.01, 0.04, "reached"), (0.06, 0.09, "missed"), (0.04, 0.06, "cannot_tell")]
)
def test_a_target_is_met_only_where_the_whole_interval_says_so(low: float, high: float, verdict: str) -> None:
    kpi = KPIS["late_response_share"][1]
    period = Period(since=dt.date(2026, 1, 1), until=dt.date(2026, 1, 2), n=9, value=0.05, low=low, high=high)

    assert verdict == met(kpi, period, 0.05)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_can_be_read_printed_and_taken_along(folder: Path, name: str) -> None:
    client = client_of(folder)
    page = client.get(f"/reports/{name}?lang=en")
    told = client.get(f"/api/v1/reports/{name}?lang=en").json()

    assert page.status_code == 200
    assert told["lines"][0] in Page(page.text).text
    assert client.get(f"/api/v1/reports/{name}?form=md").text.startswith("# ")
    assert client.get(f"/api/v1/reports/{name}?form=xlsx&lang=zh").content[:2] == b"PK"


def test_what_was_done_stands_with_what_was_to_be_expected(folder: Path) -> None:
    [section] = [s for s in made(folder, "monthly").sections if s.name == "actions"]
    first, second, third, fourth = section.tables[0].rows

    assert ("New size chart", 24, 60.0, "0.20 to 0.70", "worked") == (
        first[0].words,
        first[3].number,
        first[4].number,
        first[5].words,
        first[6].words,
    )
    assert first[2].words.startswith("Runs small, ")
    assert first[2].words.endswith(" · JKT-01")
    assert ("good", "bad", "", "") == tuple(row[6].tone for row in (first, second, third, fourth))
    assert ("too early", "") == (third[6].words, third[5].words)
    assert section.lines[0].startswith("New size chart: it worked.")
    assert 4 == len(section.lines)


def test_a_shop_without_a_register_reports_no_actions(tmp_path: Path) -> None:
    shop.publish(tmp_path, shop.make() | {"effects": [], "effect_weeks": []})
    assert "actions" not in [section.name for section in made(tmp_path, "monthly").sections]


def test_an_unknown_report_is_a_problem_that_says_so(folder: Path) -> None:
    assert 404 == client_of(folder).get("/api/v1/reports/yearly").status_code
    assert 404 == client_of(folder).get("/reports/yearly").status_code


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    shop.publish(tmp_path, poisoned(PAYLOAD))
    client: TestClient = client_of(tmp_path, shop={"name": PAYLOAD})
    found = Page(client.get("/reports/weekly?lang=en").text)

    assert set() == {tag for tag, _ in found.found} - TAGS
    assert "PK" == client.get("/api/v1/reports/weekly?form=xlsx").content[:2].decode()
