"""kill -9 at any stage, then the same command: the published result is that of an undisturbed run."""

import json
import shutil
import signal
import sys

import pytest

from insight.run import Job
from jobs import every_job
from tests.conftest import command, make_shop, run_insight

CONVERSATIONS = 150


def moments(job: Job) -> list[tuple[str, str]]:
    """Where a job is killed: before it writes, and, where it writes several tables, before the last of them too."""
    first, last = job.writes[0].name, job.writes[-1].name
    if job.name == "publish":
        return [(first, "before"), (first, "built"), (first, "after")]
    return [(first, "before"), (last, "before")] if len(job.writes) > 1 else [(first, "before")]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two shops with the same files and the same key for hashing customers."""
    calm = make_shop(tmp_path_factory.mktemp("calm") / "shop", CONVERSATIONS)
    report = json.loads(run_insight(calm, "--json").stdout)
    killed = tmp_path_factory.mktemp("killed") / "shop"
    shutil.copytree(calm, killed)
    for made in ("lake", "published"):
        shutil.rmtree(killed / ".insight" / made)
    return killed, report


def test_a_run_that_was_killed_in_every_job_ends_where_an_undisturbed_one_does(folders):
    """Each kill lets the run get one step further than the kill before, so every job is both killed and resumed."""
    folder, undisturbed = folders
    when = [(job.name, *moment) for job in every_job() for moment in moments(job)]
    lines = "".join(f"{table} {at}\n" for _, table, at in when)
    ended = command(sys.executable, "-m", "tests.killed", str(folder / "insight.toml"), lines=lines).stdout.split()

    resumed = json.loads(run_insight(folder, "--json").stdout)

    assert [] == [(k, end) for k, end in zip(when, ended, strict=True) if int(end) != -signal.SIGKILL]
    assert undisturbed["digests"] == resumed["digests"]
    assert undisturbed["published"] == resumed["published"]


def test_a_second_run_does_nothing_and_says_so(folders):
    folder, undisturbed = folders
    run_insight(folder)

    again = run_insight(folder)

    assert "nothing changed, so skipped" in again.stdout
    assert undisturbed["published"] == json.loads(run_insight(folder, "--json").stdout)["published"]
