"""The commands, as a newcomer meets them."""

import json
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insight.cli import app
from insight.errors import InsightError
from tests.conftest import command, make_shop, run_insight

ROOT = Path(__file__).parents[2]


def said(*words, check=True):
    result = CliRunner().invoke(app, [str(w) for w in words])
    if check and result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize(
    "words",
    [
        *((), ("init",), ("plan",), ("run",), ("serve",), ("doctor",), ("train",), ("train", "sentiment")),
        *(("eval",), ("eval", "topics"), ("eval", "encoder"), ("eval", "sentiment"), ("eval", "taxonomy")),
        *(("topics",), ("topics", "list"), ("topics", "merge"), ("topics", "split")),
    ],
)
def test_help_says_what_a_command_does_and_what_it_takes(words):
    result = said(*words, "--help")

    assert 0 == result.exit_code
    assert "Usage" in result.output
    assert len(result.output.splitlines()) > 4


def test_init_writes_settings_that_can_be_read_and_never_overwrites(tmp_path):
    from insight import settings

    assert "next" in said("init", tmp_path).output
    assert "chats" == settings.read(tmp_path / "insight.toml", {}).sources[0].name
    with pytest.raises(InsightError, match="there is one already"):
        said("init", tmp_path)


def test_init_can_print_every_key_with_its_meaning():
    printed = said("init", "--print").output

    for key in ("[shop]", "zone =", "[[sources]]", "encoding =", "min_customers", "first_response_limit_s"):
        assert key in printed


def test_the_plan_is_drawn_for_people_and_for_machines():
    river = json.loads(said("plan", "--json").output)

    assert re.search("^ingest +──▶ conversations", said("plan").output, re.MULTILINE)
    assert {"job", "asks", "reads", "writes"} == set(river[0])
    assert "ingest" == river[0]["job"]
    assert "publish" == river[-1]["job"]


def test_run_reports_what_it_did(shop):
    report = json.loads((shop / "report.json").read_text())

    assert not any(j["skipped"] for j in report["jobs"])
    assert 0 == report["rejected"]
    assert report["tables"]["conversation_facts"] == 900
    assert report["peak_mb"] > 0


def test_a_second_run_shows_one_screen_and_what_it_skipped(shop):
    screen = run_insight(shop).stdout

    for words in (
        "nothing changed, so skipped",
        "every row is accounted for",
        "what customers complain about",
        "at risk of writing again",
        "what customers ask for",
        "next: ",
    ):
        assert words in screen


def test_run_refuses_a_job_that_does_not_exist_and_names_those_that_do(shop):
    done = run_insight(shop, "--only", "toppics", check=False)

    assert 1 == done.returncode
    assert "toppics" in done.stderr
    assert "topics" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_one_job_can_be_run_again(shop):
    report = json.loads(run_insight(shop, "--only", "hour_load", "--force", "--json").stdout)

    assert [("hour_load", False)] == [(j["job"], j["skipped"]) for j in report["jobs"]]


def test_doctor_says_what_is_installed_stale_and_rejected(shop):
    found = json.loads(said("doctor", "--settings", shop / "insight.toml", "--json").output)
    words = said("doctor", "--settings", shop / "insight.toml").output

    assert {} == found["stale"]
    assert set(found["models"].values()) == {"ok"}
    assert "libraries" in words
    assert "rejected   nothing" in words


def test_rejected_rows_end_a_good_run_with_code_two_and_doctor_shows_them(tmp_path):
    folder = make_shop(tmp_path / "shop", 150)
    orders = folder / "amazon" / "orders.tsv"
    lines = orders.read_text(encoding="utf-8").splitlines()
    columns = lines[0].split("\t")
    broken = lines[1].split("\t")
    broken[columns.index("order_id")], broken[columns.index("created")] = "111-1111111-1111111", "yesterday"
    orders.write_text("\n".join([*lines, "\t".join(broken)]) + "\n", encoding="utf-8")

    done = run_insight(folder, check=False)
    doctor = said("doctor", "--settings", folder / "insight.toml").output

    assert 2 == done.returncode
    assert "1 rows were rejected" in done.stdout
    assert f"amazon/orders.tsv, line {len(lines) + 1}, ordered: not_a_time" in doctor
    assert "came: yesterday" in doctor
    assert "fix: " in doctor


def test_settings_that_are_not_there_end_with_words_and_code_one(tmp_path):
    done = command(
        sys.executable, "-m", "insight.cli", "run", "--settings", str(tmp_path / "insight.toml"), check=False
    )

    assert 1 == done.returncode
    assert "insight init" in done.stderr
    assert "Traceback" not in done.stderr


def test_serving_what_was_never_published_says_what_to_run(tmp_path):
    (tmp_path / "insight.toml").write_text("")

    with pytest.raises(InsightError, match="insight run"):
        said("serve", "--settings", tmp_path / "insight.toml")


def test_python_m_jobs_is_insight_run(shop):
    done = command(sys.executable, "-m", "jobs", "--settings", str(shop / "insight.toml"), "--json", cwd=ROOT)

    assert json.loads(done.stdout)["published"]
