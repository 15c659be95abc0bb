"""`insight topics`: an afternoon of curation on a small shop."""

import getpass
import json
import re

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from insight.cli.topics import app
from insight.edits import EditError
from insight.errors import PublishedError
from insight.ledger import FILE, Ledger
from tests.edits import PARCELS, REFUNDS, SIZES, ZIPS, publish

LOOKING = ("list", "show", "candidates", "edits")
DECIDING = ("rename", "merge", "split", "move", "mute", "unmute", "tag", "untag", "accept", "reject", "undo")


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "insight.toml").write_text('[shop]\nname = "Test"\n')
    publish(tmp_path)
    return tmp_path


def said(shop, *words, answer="", fails=False):
    result = CliRunner().invoke(app, [*words, "--settings", str(shop / "insight.toml")], input=answer)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert (result.exit_code != 0) == fails, result.output
    return result.output


def told(shop, *words):
    return json.loads(said(shop, *words, "--json"))


def refused(shop, *words):
    with pytest.raises(EditError) as error:
        said(shop, *words)
    return str(error.value)


def ledger(shop):
    return Ledger(shop / ".insight" / FILE).read()


def test_every_command_says_what_it_does_with_an_example():
    commands = get_command(app).commands
    assert {*LOOKING, *DECIDING} == set(commands)
    for name, command in commands.items():
        assert f"Example: insight topics {name}" in command.help, name


def test_topics_are_listed_with_ids_names_and_counts(shop):
    lines = said(shop, "list").splitlines()
    assert re.search(rf"{SIZES} +live +3 +3 +33.3% +Runs small +尺码偏小", "\n".join(lines))
    rows = told(shop, "list")
    assert (rows[0]["topic_id"], rows[0]["mentions"]) == (SIZES, 3)


def test_muted_and_merged_topics_are_listed_only_when_asked_for(shop):
    said(shop, "mute", PARCELS)
    said(shop, "merge", ZIPS, SIZES)
    assert {row["topic_id"] for row in told(shop, "list")} == {SIZES, REFUNDS, "unassigned"}
    assert f"merged into {SIZES}" in said(shop, "list", "--all")


def test_a_topic_shows_its_words_its_mentions_and_what_was_decided(shop):
    said(shop, "rename", SIZES, "Too tight", "--who", "ann", "--why", "as we say it")
    screen = said(shop, "show", SIZES)
    for words in (
        "Too tight",
        "3 mentions of 3 customers",
        "small, tight",
        "m0",
        "size runs small",
        "ann",
        "as we say",
    ):
        assert words in screen
    found = told(shop, "show", SIZES, "--like", "zipper", "--most", "1")
    assert [row["mention_id"] for row in found["said"]] == ["m1"]
    assert "there are more" in said(shop, "show", SIZES, "--most", "2")
    assert "there are more" not in said(shop, "show", SIZES, "--most", "3")
    assert [e["outcome"] for e in found["edits"]] == ["stands"]


def test_a_mentions_brackets_are_shown_as_they_are(shop):
    assert "[late]" in said(shop, "show", PARCELS)


def test_an_unknown_topic_names_the_nearest(shop):
    assert SIZES in refused(shop, "show", "sizing.smal")
    assert f"{PARCELS} (Parcel is late)" in refused(shop, "mute", "parcel late")
    assert ledger(shop) == ()


def test_an_edit_says_what_changes_and_who_decided(shop):
    screen = said(shop, "merge", ZIPS, SIZES, "--why", "same thing")
    assert "zip · broken) is part of sizing.small (Runs small)" in screen
    assert "2 mentions to get another topic; `insight run` applies it" in screen
    (edit,) = ledger(shop)
    assert (edit.kind, edit.topic_id, edit.other_id, edit.why) == ("merge", ZIPS, SIZES, "same thing")
    assert edit.who == getpass.getuser()
    assert edit.edit_id in screen


def test_machines_are_told_the_edit_and_what_it_changes(shop):
    answer = told(shop, "move", PARCELS, "--mention", "m0", "-m", "m8", "--who", "bob")
    assert (answer["edit"]["mentions"], answer["mentions_changed"], answer["notes"]) == (["m0", "m8"], 2, [])
    again = told(shop, "move", SIZES, "--mention", "m0", "--who", "bob")
    assert again["notes"] == [f"replaces what {answer['edit']['edit_id']} says of them"]


def test_a_split_shows_what_leaves_and_stays_and_asks_first(shop):
    screen = said(shop, "split", SIZES, "--like", "zipper", answer="n\n", fails=True)
    assert re.search(r"1 leave\n +m1", screen)
    assert re.search(r"2 stay\n +m2", screen)
    assert ledger(shop) == ()
    screen = said(shop, "split", SIZES, "--like", "zipper", answer="y\n")
    (edit,) = ledger(shop)
    assert edit.mentions == ("m1",)
    assert f"insight topics rename {edit.born}" in screen
    said(shop, "rename", edit.born, "Zipper on small shoes")
    assert {"Zipper on small shoes"} == {r["name_en"] for r in told(shop, "list") if r["topic_id"] == edit.born}


def test_a_split_writes_the_mentions_it_found_and_not_the_words(shop):
    answer = told(shop, "split", SIZES, "--like", "zipper", "--yes")
    assert answer["topic_born"] == ledger(shop)[0].born
    assert "zipper" not in json.dumps(answer["edit"]).lower()


def test_a_split_that_cannot_be_meant_is_refused(shop):
    assert "which mentions" in refused(shop, "split", SIZES)
    assert "which mentions" in refused(shop, "split", SIZES, "--like", "small", "--mention", "m0")
    assert "no mention" in refused(shop, "split", SIZES, "--like", "martian")
    assert "nothing would stay" in refused(shop, "split", PARCELS, "--like", "parcel", "--yes")
    assert "--yes" in refused(shop, "split", SIZES, "--mention", "m0", "--json")
    assert f"m0 in {SIZES}" in refused(shop, "split", PARCELS, "-m", "m0", "-m", "m1", "--yes")
    assert f"m3 in {PARCELS}" in refused(shop, "split", SIZES, "--mention", "m3", "--yes")
    assert "nothing" not in refused(shop, "split", "sizing.smal", "--mention", "m0", "--yes")
    assert ledger(shop) == ()


def test_candidates_are_shown_accepted_and_gone(shop):
    assert "money back please" in said(shop, "candidates")
    said(shop, "accept", REFUNDS)
    assert ledger(shop)[0].mentions == ("m5",)
    assert "nothing waits for you" in said(shop, "candidates")
    assert told(shop, "candidates") == []


def test_what_was_rejected_is_no_topic_until_it_is_undone(shop):
    said(shop, "reject", ZIPS)
    assert {row["topic_id"]: row["mentions"] for row in told(shop, "list")}["unassigned"] == 3
    said(shop, "undo", ledger(shop)[0].edit_id)
    assert {row["topic_id"]: row["mentions"] for row in told(shop, "list")}[ZIPS] == 2


def test_tags_are_set_and_taken_off(shop):
    assert told(shop, "tag", PARCELS, "-m", "m0")["mentions_changed"] == 0
    said(shop, "untag", PARCELS, "-m", "m0")
    assert "nobody tagged" in refused(shop, "untag", PARCELS, "-m", "m0")


def test_the_ledger_shows_what_stands_and_what_does_not(shop):
    said(shop, "rename", SIZES, "Tight", "--who", "ann")
    said(shop, "rename", SIZES, "Too tight", "--who", "bob")
    said(shop, "mute", PARCELS)
    said(shop, "undo", ledger(shop)[2].edit_id)
    rows = told(shop, "edits")
    assert [row["outcome"] for row in rows] == ["overruled", "stands", "undone", "stands"]
    assert rows[0]["by"] == rows[1]["edit_id"]
    assert [row["kind"] for row in told(shop, "edits", "--topic", PARCELS)] == ["mute"]
    screen = said(shop, "edits")
    for row in rows:
        assert row["edit_id"] in screen
    assert f"undone by {rows[3]['edit_id']}" in screen


def test_personal_data_are_masked_in_reasons_and_refused_in_names(shop):
    said(shop, "mute", SIZES, "--why", "ask ann@example.com")
    assert "example.com" not in ledger(shop)[0].why
    assert "personal data" in refused(shop, "rename", PARCELS, "mail ann@example.com")


def test_before_the_first_run_there_is_nothing_to_edit(tmp_path):
    (tmp_path / "insight.toml").write_text('[shop]\nname = "Test"\n')
    for words in (["list"], ["mute", SIZES], ["candidates"]):
        with pytest.raises(PublishedError, match="insight run"):
            said(tmp_path, *words)
