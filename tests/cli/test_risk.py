"""`insight eval risk` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insight.cli import app
from insight.errors import SourceError
from tests.evaluate.test_risk import log_of, shop, written

NAMES = ("--customer", "who", "--issue", "about", "--opened", "opened", "--resolved", "resolved")


def call(*words: str):
    return CliRunner().invoke(app, ["eval", "risk", *words])


def test_a_person_reads_our_figures_beside_others(tmp_path: Path) -> None:
    rows = shop(3, 80, 200)
    file, events = written(tmp_path, rows=rows.assign(hops=9), events=log_of(rows))

    told = call(str(file), *NAMES, "--events", str(events))

    assert 0 == told.exit_code
    for words in (
        "ours: ",
        "count of the same in 30 days",
        "hazard (logistic) alone",
        "labels dealt out anew",
        "for comparison",
        "hazard of LightGBM, newer window",
        "unmatured ones in no figure",
        "no contact in the 30 days before",
        "within 14 days, same curve",
        "columns as of the resolution: hops",
    ):
        assert words in told.output


def test_a_program_reads_json_without_numbers_that_are_none(tmp_path: Path) -> None:
    (file,) = written(tmp_path, rows=shop(3, 80, 200))

    told = json.loads(call(str(file), *NAMES, "--json").output)

    assert {"auc", "lift_at_10", "ece", "average_precision", "baseline_auc", "baseline_lift_at_10"} <= set(told)
    assert {"logistic_auc", "shuffled_auc", "first", "returning", "windows", "ways", "anchors", "promoted"} <= set(told)
    assert {"cases", "events", "auc"} == set(told["first"])
    assert 0 < told["unmatured"] < told["cases"]


def test_only_rows_with_a_value(tmp_path: Path) -> None:
    rows = shop(3, 80, 400)
    rows["market"] = ["de" if int(who[1:]) % 2 else "fr" for who in rows["who"]]
    (file,) = written(tmp_path, rows=rows)

    told = json.loads(call(str(file), *NAMES, "--where", "market=de", "--json").output)

    assert told["contacts"] < 0.8 * len(rows)


def test_a_column_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    (file,) = written(tmp_path, rows=shop(3, 80, 200))
    told = call(str(file), *NAMES[2:], "--customer", "whom")

    assert isinstance(told.exception, SourceError)
    with pytest.raises(SourceError, match="whom"):
        raise told.exception
