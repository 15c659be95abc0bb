"""The measure of known topics: what its figures mean, and what the shipped taxonomy reaches on our own set."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score
from typer.testing import CliRunner

from insight.cli import app
from insight.errors import SourceError
from insight.evaluate.taxonomy import macro_f1, taxonomy_file
from insight.settings import Settings
from insight.taxonomy import LANGUAGES, leaves, phrases

MENTIONS = Path(__file__).parents[1] / "data" / "taxonomy_mentions.tsv"
COLOURS = ("red", "green", "blue", "yellow", "black", "white")


def scored(path, **more):
    return taxonomy_file(path, **{"text": "text", "gold": "topic", "settings": Settings(home=Path.cwd()), **more})


@cache
def own():
    return scored(MENTIONS, language="language")


def file(folder, rows):
    path = folder / "told.tsv"
    pd.DataFrame(rows, columns=["text", "topic", "part"]).to_csv(path, sep="\t", index=False)
    return path


def made_up(each=12):
    """Labels that are no leaves: what is said about each colour, half of it for training."""
    things = ("car", "hat", "door", "lamp", "shoe", "cup", "sofa", "ring", "coat", "bag", "pen", "box")
    return [
        (f"the {thing} is {colour} all over, {colour} as can be", colour, "train" if at % 2 else "test")
        for colour in COLOURS
        for at, thing in enumerate(things[:each])
    ]


def test_the_own_set_has_three_mentions_of_each_leaf_in_each_language():
    told = pd.read_csv(MENTIONS, sep="\t", quoting=3)

    assert {(leaf.topic_id, one) for leaf in leaves() for one in LANGUAGES} == set(
        zip(told["topic"], told["language"], strict=True)
    )
    assert (told.groupby(["topic", "language"]).size() == 3).all()
    assert told["text"].is_unique


def test_with_no_label_the_own_set_reaches_its_goal_in_every_language():
    assert (1029, 49, None) == (own().zero.n, own().labels, own().taught)
    assert own().zero.macro_f1 >= 0.70
    assert set(LANGUAGES) == set(own().by_language)
    assert min(part.macro_f1 for part in own().by_language.values()) >= 0.60


def test_what_it_assigns_on_the_own_set_is_right_nine_times_of_ten():
    assert own().zero.precision >= 0.9
    assert own().zero.coverage >= 0.35


def test_shuffled_rows_give_the_same_figures(tmp_path):
    told = pd.read_csv(MENTIONS, sep="\t", quoting=3).sample(frac=1, random_state=3)
    told.to_parquet(tmp_path / "shuffled.parquet")
    again = scored(tmp_path / "shuffled.parquet", language="language")

    assert (own().zero, own().by_language) == (again.zero, again.by_language)


def test_labels_that_are_no_leaves_are_learned_from_examples(tmp_path):
    found = scored(file(tmp_path, made_up()), where=["part=test"], train_where=["part=train"], shots=6)

    assert (None, 36, 6) == (found.zero, found.taught.n, found.labels)
    assert found.taught.accuracy > 0.9


def test_examples_are_never_asked(tmp_path):
    found = scored(file(tmp_path, made_up()), shots=4)

    assert 6 * 12 - 6 * 4 == found.taught.n


def test_leaves_are_told_with_no_label_and_with_some_on_the_same_texts(tmp_path):
    told = pd.read_csv(MENTIONS, sep="\t", quoting=3)
    told = told[told["topic"].isin(["returns.exchange", "account.warranty"])]  # the two that are told worst
    told.to_csv(tmp_path / "two.tsv", sep="\t", index=False)
    found = scored(tmp_path / "two.tsv", language="language", shots=5)

    assert 42 - 10 == found.zero.n == found.taught.n
    assert found.taught.macro_f1 > found.zero.macro_f1


def test_a_text_that_belongs_to_no_topic_costs_precision_only_where_it_is_assigned(tmp_path):
    sure = {one.topic_id: one.text for one in phrases()}  # the head has learned these words
    rows = [(sure[leaf], leaf, "") for leaf in ("sizing.too_small", "other.restock")]
    strange = [(sure["service.praise"], "unassigned", ""), ("Is it going to rain?", "unassigned", "")]
    clean = scored(file(tmp_path, rows)).zero
    mixed = scored(file(tmp_path, rows + strange)).zero

    assert (1.0, 1.0, 1.0) == (clean.accuracy, clean.coverage, clean.precision)
    assert (1.0, 1.0) == (mixed.accuracy, mixed.coverage)
    assert pytest.approx(2 / 3) == mixed.precision


def test_a_label_that_is_no_leaf_is_named_with_the_nearest_one(tmp_path):
    path = file(tmp_path, [("too tight", "sizing.to_small", ""), ("back in stock?", "other.restock", "")])

    with pytest.raises(SourceError, match=r"sizing\.to_small[\s\S]*sizing\.too_small[\s\S]*--shots"):
        scored(path)


def test_one_label_is_nothing_to_tell_apart(tmp_path):
    with pytest.raises(SourceError, match="nothing to tell apart"):
        scored(file(tmp_path, [("too tight", "sizing.too_small", ""), ("so tight", "sizing.too_small", "")]))


def test_macro_f1_is_the_one_everybody_means():
    gold = np.array(list("aabbbccd"), dtype=object)
    found = np.array(list("abbbaccx"), dtype=object)

    wanted = f1_score(gold.astype(str), found.astype(str), labels=list("abcd"), average="macro", zero_division=0)
    assert pytest.approx(wanted) == macro_f1(gold, found)


def test_the_command_prints_figures_for_machines_and_for_people(tmp_path):
    words = ["eval", "taxonomy", str(file(tmp_path, made_up())), "--gold", "topic", "--shots", "4"]
    printed = CliRunner().invoke(app, [*words, "--json"])
    shown = CliRunner().invoke(app, words)

    assert json.loads(printed.stdout)["taught"]["n"] == 48
    assert "4 of each label" in shown.stdout
