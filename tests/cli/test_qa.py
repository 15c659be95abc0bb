"""`insight qa`: the sheet goes out, comes back filled in, and says what is wrong by file, line and column."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from insight.cli import app
from insight.errors import InsightError
from tests.api import shop

ITEMS = ("politeness", "problem_identified", "knowledge", "solution", "privacy")


@pytest.fixture
def desk(tmp_path):
    """A published shop and a way to run commands in it."""
    rows = shop.make()
    odd = rows["qa_sample"][0]["conversation_id"]
    shop.publish(
        tmp_path / ".insight",
        {
            **rows,
            "qa_sample": [
                row | ({"conversation_id": "=1+1"} if row["conversation_id"] == odd else {})
                for row in rows["qa_sample"]
            ],
            "qa_transcripts": [
                row | ({"conversation_id": "=1+1"} if row["conversation_id"] == odd else {})
                for row in rows["qa_transcripts"]
            ],
        },
    )
    (tmp_path / "insight.toml").write_text("")

    def run(*words):
        done = CliRunner().invoke(app, ["qa", *words, "--settings", str(tmp_path / "insight.toml")])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.stdout

    run.folder = tmp_path
    return run


def exported(desk, *words):
    desk("export", "--out", str(desk.folder / "out.csv"), *words)
    return list(csv.DictReader(io.StringIO((desk.folder / "out.csv").read_text(encoding="utf-8-sig"))))


def written(desk, rows, *, between=",", encoding="utf-8-sig"):
    file = desk.folder / "in.csv"
    text = io.StringIO(newline="")
    sheet = csv.DictWriter(text, list(rows[0]), delimiter=between)
    sheet.writeheader()
    sheet.writerows(rows)
    file.write_text(text.getvalue(), encoding=encoding, newline="")
    return str(file)


def filled(rows, level="4"):
    return [row | dict.fromkeys(ITEMS[:4], level) | {"privacy": "2"} for row in rows]


def test_the_sheet_has_a_row_per_conversation_a_column_per_item_and_what_was_said(desk):
    rows = exported(desk, "--stream", "random")
    assert len(rows) == 20
    assert set(ITEMS) < set(rows[0])
    assert rows[0]["transcript"] == "customer: Where is my parcel?\nagent: On its way."


def test_no_cell_is_run_by_a_spreadsheet_and_the_score_still_finds_its_conversation(desk):
    weeks = json.loads(desk("sample", "--json"))["weeks"]
    rows = [row for week in weeks for row in exported(desk, "--week", week)]
    [odd] = [row for row in rows if "1+1" in row["conversation_id"]]
    assert odd["conversation_id"] == "'=1+1"
    without = {name: cell for name, cell in odd.items() if name != "sample_id"}
    taken = json.loads(desk("import", written(desk, filled([without])), "--who", "mei", "--json"))
    assert taken["taken"] == 5


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_filled_sheet_is_taken_and_counts_in_the_results(desk, between):
    file = written(desk, filled(exported(desk, "--stream", "random")), between=between)
    assert "100 scores of 20 conversations were taken" in desk("import", file, "--who", "mei")
    found = json.loads(desk("results", "--json"))
    assert (found["team"]["n"], found["team"]["value"]) == (20, 0.75)
    assert "the team reaches 75%" in desk("results")
    assert "telling 85% from 75% needs about 248 scores per agent" in desk("results")


def test_a_sheet_may_be_half_done_and_a_row_may_say_who_scored(desk):
    rows = exported(desk, "--stream", "random")
    rows[0] |= {"politeness": "5", "knowledge": "n/a", "scorer": "tom", "note": "only begun"}
    taken = json.loads(desk("import", written(desk, rows), "--who", "mei", "--json"))
    assert (taken["taken"], taken["scorers"]) == (2, ["tom"])
    assert "holds no scores" in desk("import", written(desk, exported(desk)))


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_taken(desk):
    rows = filled(exported(desk, "--stream", "random"))[:4]
    rows[1] |= {"politeness": "9"}
    rows[2] |= {"sample_id": "q0", "conversation_id": "nobody's"}
    with pytest.raises(InsightError) as error:
        desk("import", written(desk, [{**row, "transcript": ""} for row in rows]))
    said = str(error.value)
    assert "in.csv:3, politeness: this is no level of politeness; came: 9; wanted: 1 (worst) to 5" in said
    assert "in.csv:4, politeness: this conversation was not drawn" in said
    assert "6 scores cannot be taken, so none was" in said
    assert json.loads(desk("results", "--json"))["team"]["n"] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no sheet of scores"),
        (b"a,b\n1,2\n", "sample_id and any of politeness"),
        (b"sample_id\nq1\n", "no sheet of scores"),
        ("sample_id,politeness\n".encode("utf-16"), "CSV UTF-8"),
        (b'sample_id,politeness,note\nq1,4,"' + b"x" * 200_000, "no CSV"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_words(desk, text, said):
    (desk.folder / "bad.csv").write_bytes(text)
    with pytest.raises(InsightError, match=said):
        desk("import", str(desk.folder / "bad.csv"))


def test_a_file_that_is_not_there(desk):
    with pytest.raises(InsightError, match="cannot be read"):
        desk("import", str(desk.folder / "none.csv"))


def test_the_sample_is_listed_in_the_order_in_which_to_score_it(desk):
    assert "two people" in desk("sample")
    rows = json.loads(desk("sample", "--stream", "random", "--json"))["conversations"]
    assert [row["place"] for row in rows] == list(range(1, 21))


def test_before_the_first_complete_week_there_is_nothing_to_list(tmp_path):
    shop.publish(tmp_path / ".insight", {})
    (tmp_path / "insight.toml").write_text("")
    done = CliRunner().invoke(app, ["qa", "sample", "--settings", str(tmp_path / "insight.toml")])
    assert "no complete week was drawn yet" in done.stdout
