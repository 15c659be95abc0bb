"""`insight eval reviews` as a person calls it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from insight.cli import app
from insight.cli.review_scores import _show_orders
from insight.evaluate.reviews import ANCHORS, Model, Moment, ReviewScores
from tests.evaluate.test_chats import chats
from tests.evaluate.test_reviews import NAMES, shop


def call(*words: str) -> Result:
    return CliRunner().invoke(app, ["eval", "reviews", *words])


def test_a_folder_of_orders_with_columns_of_its_own(tmp_path: Path) -> None:
    mapped = [word for name, column in NAMES.items() for word in ("--column", f"{name}={column}")]

    told = call(str(shop(tmp_path)), *mapped, "--json")

    found = json.loads(told.stdout)
    assert {"at delivery", "before delivery", "at the outcome"} == set(found["moments"])
    assert found["moments"]["before delivery"]["models"]["logistic"]["f1_there"] is None
    assert 0.5 < found["moments"]["at delivery"]["models"]["logistic"]["f1"] < 0.8


MODEL = Model(0.8, 0.7, 0.9, 0.5, 0.54, 0.5, 0.6, 0.6, 0.5, 0.1, 0.6, 4.5, 0.01, float("nan"))
MOMENT = Moment(100, 90, 5, 40, 10, 4, dt.date(2026, 3, 1), {"logistic": MODEL, "lightgbm": MODEL})


def test_words_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    moments = dict.fromkeys(("at delivery", "before delivery", "at the outcome"), MOMENT)

    _show_orders(ReviewScores(100, 0, 0.9, 2.0, 2.0, moments, ANCHORS, 1.0), "my_orders.csv")

    told = capsys.readouterr().out
    for words in ("at delivery", "before delivery", "at the outcome", "logistic", "lightgbm", "anchor: f1 0.568"):
        assert words in told
    assert "0.540 (0.500…0.600)" in told
    assert "40 orders since 2026-03-01, 10 badly reviewed, 4 of them not there 2 days after the promise" in told
    assert "10 without a review, 5 whose review was there before" in told


def test_chats(tmp_path: Path) -> None:
    words = (str(chats(tmp_path / "a.csv")), "--conversation", "chat", "--text", "words", "--satisfaction", "mark")

    told = call(*words)
    assert told.exit_code == 0, told.output
    assert "810 turns of 90 conversations" in told.output
    assert "one message of a customer" in told.output
    assert 0.8 < json.loads(call(*words, "--json").stdout)["auc"] < 1


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    shop(tmp_path, 5)

    assert "--reviews" in str(call(str(tmp_path / "my_orders.csv")).exception)
    assert "maps nothing" in str(call(str(tmp_path), "--column", "promised").exception)
