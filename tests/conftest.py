"""A small sample shop that went through the whole river, made once for all tests that look at the result."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # machines are noisy: how fast it is, is measured in tests/bench
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
CONVERSATIONS = 900


def command(*words, cwd=ROOT, check=True, lines=""):
    """Run a command as a user would, who may type lines; returns what it printed and its exit code."""
    surroundings = {**os.environ, "COLUMNS": "160"}
    done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, env=surroundings, input=lines)
    if check and done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done


def make_shop(folder, conversations=CONVERSATIONS):
    command(sys.executable, "-m", "examples.sample_shop", "--out", str(folder), "--conversations", str(conversations))
    return folder


def run_insight(folder, *words, check=True):
    told = str(folder / "insight.toml")
    return command(sys.executable, "-m", "insight.cli", "run", "--settings", told, *words, check=check)


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The folder of a sample shop after `insight run`."""
    folder = make_shop(tmp_path_factory.mktemp("sample") / "shop")
    report = json.loads(run_insight(folder, "--json").stdout)
    (folder / "report.json").write_text(json.dumps(report))
    return folder
