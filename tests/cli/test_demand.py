"""`insight demand`: the list, and the file of those who asked."""

import csv
import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from insight.cli.demand import HEAD, app, sheet
from insight.errors import SettingsError
from insight.marts.demand_signals import AUDIENCE
from insight.schema import CUSTOMERS, DEMAND_MENTIONS, MENTIONS, ORDERS
from insight.sheets import RISKY
from insight.store import Store
from tests.rows import DAY, START, table


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "insight.toml").write_text('[shop]\nname = "Test"\n')
    store = Store(tmp_path / ".insight")
    asked = [{"mention_id": f"m{n}", "asked": thing} for n, thing in enumerate(("case", "case", "lid"))]
    said = [{"mention_id": f"m{n}", "customer_key": k, "said_ms": START + n * DAY} for n, k in enumerate("aab")]
    paid = {"customer_key": "a", "ordered_ms": START + 3 * DAY, "currency": "JPY", "total_minor": 1250}
    for of, rows in (
        (DEMAND_MENTIONS, asked),
        (MENTIONS, said),
        (ORDERS, [{"order_id": "o1", "status": "delivered", **paid}]),
        (CUSTOMERS, [{"customer_key": "a", "may_market": True}, {"customer_key": "b"}]),
    ):
        store.write(of, table(of, *rows), fingerprint="x")
    return tmp_path


def said(shop, *words):
    result = CliRunner().invoke(app, [*words, "--settings", str(shop / "insight.toml")])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_the_file_holds_who_asked_with_value_and_consent(shop):
    said(shop, "export", "case", "--out", str(shop / "asked.csv"))
    with (shop / "asked.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))

    assert rows == [HEAD, ["a", "case", "2", "2026-01-02", "1", "1250", "JPY", "", "yes", "yes"]]


def test_only_those_who_agreed_where_that_is_wanted(shop):
    told = json.loads(said(shop, "export", "lid", "--out", str(shop / "lid.csv"), "--may-market", "--json"))

    assert (told["customers"], told["left_out"]) == (0, 1)


def test_a_thing_that_nobody_asked_for_names_the_nearest(shop):
    with pytest.raises(SettingsError, match="case"):
        said(shop, "export", "cases", "--out", str(shop / "x.csv"))


def test_a_place_that_cannot_be_written_leaves_nothing_behind(shop):
    with pytest.raises(SettingsError, match="cannot be written"):
        said(shop, "export", "case", "--out", str(shop / "nowhere" / "x.csv"))
    assert not list(shop.rglob("*.part"))


hostile = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", " =1", '"=1"', "a,b\n=1"]
)


@given(hostile, hostile)
def test_no_cell_is_a_formula(key, thing):
    row = (key, thing, 1, START, 0, 0, "", "", False, None)
    cells = list(csv.reader(io.StringIO(sheet(pd.DataFrame([row], columns=AUDIENCE)), newline="")))

    assert not [c for line in cells for c in line if c.lstrip(" \u00a0").startswith(RISKY)]
