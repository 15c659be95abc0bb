"""`insight train sentiment` and `insight eval sentiment`, as a newcomer meets them."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from insight.cli import app
from insight.errors import PlanError


def said(*words):
    result = CliRunner().invoke(app, [str(w) for w in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_help_says_what_a_command_does():
    assert "interval" in said("train", "sentiment", "--help")
    assert "binary_accuracy" in said("eval", "sentiment", "--help")


def test_it_says_what_came_of_the_training_and_the_next_run_agrees(shop):
    told = json.loads(said("train", "sentiment", "--settings", shop / "insight.toml", "--json"))

    assert {"promoted", "why", "rows", "gain", "low", "high", "macro_f1", "shipped_macro_f1", "ece"} <= set(told)
    assert told["promoted"] == (told["gain"] is not None and told["low"] > 0)
    words = said("train", "sentiment", "--settings", shop / "insight.toml")
    assert ("promoted" if told["promoted"] else "not promoted") in words
    report = json.loads(said("run", "--settings", shop / "insight.toml", "--json"))
    assert {"sentiment_head": True, "sentiment": True} == {
        j["job"]: j["skipped"] for j in report["jobs"] if j["job"].startswith("sentiment")
    }


def test_before_the_first_run_there_is_nothing_to_learn_from(tmp_path):
    said("init", tmp_path)

    with pytest.raises(PlanError, match="nothing to read"):
        said("train", "sentiment", "--settings", tmp_path / "insight.toml")


def test_eval_prints_for_people_and_for_machines(tmp_path):
    rows = [("Broke after two days, waste of money.", "1"), ("Love it, works perfectly!", "5"), ("It is blue.", "3")]
    pd.DataFrame(rows, columns=["text", "stars"]).to_csv(tmp_path / "said.csv", index=False)
    told = json.loads(said("eval", "sentiment", tmp_path / "said.csv", "--gold", "stars", "--json"))

    assert {"accuracy", "macro_f1", "binary_accuracy", "ece", "by_language", "seconds", "unsure", "n"} <= set(told)
    assert 1.0 == told["binary_accuracy"]
    for words in ("binary", "accuracy", "shipped head"):
        assert words in said("eval", "sentiment", tmp_path / "said.csv", "--gold", "stars")
