"""`insight label`: the texts of a file by the shop's topics, and what is refused."""

import sys

import pandas as pd
import pytest

from insight.schema import UNASSIGNED
from tests.conftest import command


def label(shop, file, out, *options):
    told = ("label", str(file), "--out", str(out), "--settings", str(shop / "insight.toml"), *options)
    return command(sys.executable, "-m", "insight.cli", *told, check=False)


def test_each_text_of_a_file_is_told_its_topic_and_keeps_its_columns(shop, tmp_path):
    said = pd.DataFrame({"id": [1, 2, 3], "words": ["Where is my refund?", "Wo bleibt mein Geld?", None]})
    said.to_csv(tmp_path / "old.csv", index=False)
    done = label(shop, tmp_path / "old.csv", tmp_path / "new.parquet", "--text", "words")
    rows = pd.read_parquet(tmp_path / "new.parquet")

    assert 0 == done.returncode
    assert "3 texts" in done.stdout
    assert [1, 2, 3] == rows["id"].tolist()
    assert "returns.refund_status" == rows["topic_id"][0]
    assert "Where is my refund" == rows["topic"][0]
    assert UNASSIGNED == rows["topic_id"][2]


@pytest.mark.parametrize(
    ("name", "rows", "options", "says"),
    [
        ("a.parquet", {"words": ["x"]}, (), "no such column"),
        ("a.parquet", {"text": ["x"], "topic": ["y"]}, (), "written twice"),
        ("a.parquet", {"text": []}, (), "no row"),
        ("a.txt", None, (), "cannot be labelled"),
        ("a.parquet", None, (), "cannot be read"),
    ],
)
def test_what_cannot_be_labelled_says_why_and_leaves_nothing(shop, tmp_path, name, rows, options, says):
    if rows is None:
        (tmp_path / name).write_text("no table")
    else:
        pd.DataFrame(rows).to_parquet(tmp_path / name)
    done = label(shop, tmp_path / name, tmp_path / "new.parquet", *options)

    assert 1 == done.returncode
    assert says in done.stderr
    assert [name] == [file.name for file in tmp_path.iterdir()]


def test_a_file_that_is_there_is_never_overwritten(shop, tmp_path):
    pd.DataFrame({"text": ["x"]}).to_parquet(tmp_path / "a.parquet")
    done = label(shop, tmp_path / "a.parquet", tmp_path / "a.parquet")

    assert (1, True) == (done.returncode, "exists already" in done.stderr)
