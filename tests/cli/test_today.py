"""`insight today` and `insight win-back export`: the list in a terminal, and a file of those who agreed."""

import csv
import json

import pytest
from typer.testing import CliRunner

from insight.cli import app
from tests.api import shop


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("shop")
    (home / "insight.toml").write_text(f'[shop]\nname = "Test"\nzone = "{shop.ZONE.key}"\n')
    shop.publish(home / ".insight", shop.make())
    return home


def said(home, *words):
    result = CliRunner().invoke(app, [*words, "--settings", str(home / "insight.toml")])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def rows(file):
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_the_list_says_whom_what_and_what_it_saves(home):
    words = said(home, "today")

    assert "6 open, 0 put off, 0 done; as of 2026-11-22" in words
    assert "whether the list helps: caused fewer" in words
    assert "(our rule)" in words
    assert "customers are left alone by lot (10%)" in words


def test_the_list_as_a_file_and_as_json(home):
    told = json.loads(said(home, "today", "--limit", "2", "--csv", str(home / "today.csv"), "--json"))

    assert [1, 2] == [row["rank"] for row in told["customers"]]
    assert ["c00000", "c00001"] == [row["contact"] for row in rows(home / "today.csv")]
    assert "customer_key" not in rows(home / "today.csv")[0]


def test_the_file_to_win_back_holds_only_who_agreed_and_says_so(home):
    words = said(home, "win-back", "export", "--out", str(home / "back.csv"))
    found = rows(home / "back.csv")

    assert "6 of 12 customers agreed to receive marketing; left out are 3 who did not and 3 of whom nobody" in words
    assert {"gone0", "gone1", "gone4", "gone5", "gone8", "gone9"} == {row["customer"] for row in found}
    assert {"yes"} == {row["may_market"] for row in found}


def test_the_counts_for_machines(home):
    told = json.loads(said(home, "win-back", "export", "--out", str(home / "back.csv"), "--json"))

    assert (6, 12, 6, 3, 3) == tuple(told[name] for name in ("customers", "total", "agreed", "refused", "unknown"))
