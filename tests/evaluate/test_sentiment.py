"""The measure of moods: how gold is read, and what the figures mean."""

import numpy as np
import pandas as pd
import pytest

from insight import sentiment_training as training
from insight.errors import SourceError
from insight.evaluate import sentiment
from insight.evaluate.sentiment import classes_of, part, sentiment_file
from insight.sentiment_fit import fit
from tests.moods import rows_of_moods


@pytest.fixture(autouse=True)
def heads(monkeypatch):
    """The shipped head knows the made-up language from few rows; the seed sentences are those rows."""
    rows = rows_of_moods(60, seed=9)
    monkeypatch.setattr(training, "seeds", lambda: (rows, ("s",) * 60))
    monkeypatch.setattr(sentiment, "shipped_head", lambda: fit(rows, speaks="shipped"))


def file(folder, count=120, seed=1, gold=lambda mood: ("bad", "neutral", "good")[mood], name="said.parquet", **more):
    rows = rows_of_moods(count, seed)
    told = pd.DataFrame({"said": rows.texts, "mood": [gold(c) for c in rows.classes], **more})
    if name.endswith(".parquet"):
        told.to_parquet(folder / name, index=False)
    else:
        told.to_csv(folder / name, index=False, sep="\t" if name.endswith(".tsv") else ",")
    return folder / name


@pytest.mark.parametrize("name", ["said.parquet", "said.csv", "said.tsv"])
def test_a_file_is_scored_with_all_figures_by_language(tmp_path, name):
    path = file(tmp_path, name=name, tongue=["en", "xx"] * 60)
    scores = sentiment_file(path, text="said", gold="mood", language="tongue")

    assert {"en", "xx"} == set(scores.by_language)
    assert scores.n == sum(one.n for one in scores.by_language.values()) == 120
    assert scores.accuracy > 0.8
    assert scores.binary_accuracy >= scores.accuracy - 0.05
    assert 0 <= scores.ece <= 1
    assert ("shipped", 0.0) == (scores.head, scores.train_seconds)


def test_a_file_can_teach_the_head_that_scores_another(tmp_path):
    path, teacher = file(tmp_path), file(tmp_path, 300, seed=2, name="taught.parquet")
    before = sentiment_file(path, text="said", gold="mood")
    after = sentiment_file(path, text="said", gold="mood", train=teacher)

    assert "own" == after.head
    assert after.macro_f1 >= before.macro_f1
    assert after.train_seconds > 0


def test_one_file_can_hold_both_parts(tmp_path):
    path = file(tmp_path, 300, part=["train"] * 200 + ["test"] * 100)
    told = {"where": ["part=test"], "train": path, "train_where": ["part=train"]}

    assert 100 == sentiment_file(path, text="said", gold="mood", **told).n


def test_the_order_of_the_rows_that_teach_changes_nothing(tmp_path):
    path, teacher = file(tmp_path), file(tmp_path, 200, seed=2, name="taught.parquet")
    pd.read_parquet(teacher).sample(frac=1, random_state=3).to_parquet(tmp_path / "other.parquet")
    one, other = (
        sentiment_file(path, text="said", gold="mood", train=t) for t in (teacher, tmp_path / "other.parquet")
    )

    assert (one.accuracy, one.ece) == (other.accuracy, other.ece)


@pytest.mark.parametrize(
    ("gold", "classes"),
    [
        (["negative", "Neutral", " positive "], [0, 1, 2]),
        (["good", "bad"], [2, 0]),
        (["1", "2", "3", "4", "5"], [0, 0, 1, 2, 2]),
        (["5.0", "1.0"], [2, 0]),
        (["0", "1", "2"], [0, 1, 2]),
        (["-1", "0", "1"], [0, 1, 2]),
        (["-1", "1"], [0, 2]),
        (["0", "2"], [0, 2]),
    ],
)
def test_gold_is_read_where_it_means_one_thing(gold, classes):
    assert classes == classes_of(gold).tolist()


@pytest.mark.parametrize(
    ("gold", "complaint"),
    [
        (["0", "1"], "two things"),
        (["1", "2"], "two things"),
        (["0", "5"], "no moods"),
        (["6"], "no moods"),
        (["2.5", "1"], "no moods"),
        (["nan"], "no moods"),
        (["great"], "no mood"),
        (["good", "5"], "no mood"),
    ],
)
def test_gold_that_means_nothing_or_two_things_is_refused(gold, complaint):
    with pytest.raises(SourceError, match=complaint):
        classes_of(gold, "file, column")


def test_a_class_that_the_gold_has_not_is_not_said():
    chances = np.array([[0.3, 0.5, 0.2], [0.2, 0.5, 0.3]])
    found = part(chances, np.array([0, 2]), fit(rows_of_moods(60, seed=9), speaks="own"))

    assert (1.0, 1.0, 1.0) == (found.accuracy, found.macro_f1, found.binary_accuracy)
    assert pytest.approx(0.4) == found.ece


def test_only_neutral_gold_has_no_binary_accuracy():
    found = part(np.array([[0.3, 0.5, 0.2]]), np.array([1]), fit(rows_of_moods(60, seed=9), speaks="own"))

    assert found.binary_accuracy is None
