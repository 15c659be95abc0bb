"""`insight eval forecast` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insight.cli import app
from insight.errors import SourceError
from tests.evaluate.test_forecast import arrivals, csv


def call(*words: str):
    return CliRunner().invoke(app, ["eval", "forecast", *words])


def test_a_person_reads_a_table_and_sentences(tmp_path: Path) -> None:
    file = csv(tmp_path / "a.csv", [m.isoformat() for m in arrivals(70)])

    told = call(str(file), "--opened", "opened")

    assert 0 == told.exit_code
    for word in (
        "seasonal naive",
        "ours: the best so far",
        "ratio to seasonal naive",
        "the 80 % interval holds",
        "better",
    ):
        assert word in told.output


def test_a_program_reads_json_without_numbers_that_are_none(tmp_path: Path) -> None:
    file = csv(tmp_path / "a.csv", [m.isoformat() for m in arrivals(40)])

    told = json.loads(call(str(file), "--opened", "opened", "--zone", "Europe/Berlin", "--json").output)

    assert {"wape", "mase", "ratio", "coverage_80", "coverage_95", "models", "verdict"} <= set(told)
    assert told["models"]["seasonal naive"]["ratio"] == 1.0


def test_too_little_is_an_error_that_says_what_is_wanted(tmp_path: Path) -> None:
    told = call(str(csv(tmp_path / "a.csv", [m.isoformat() for m in arrivals(7)])), "--opened", "opened")

    assert isinstance(told.exception, SourceError)
    with pytest.raises(SourceError, match="34 days"):
        raise told.exception
