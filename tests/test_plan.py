"""The river is derived from what jobs declare: order, picture, skipping, and what is wrong with it."""

import pyarrow as pa
import pytest

from insight import plan
from insight.engines import ENGINES
from insight.errors import PlanError
from insight.run import Job, Outcome, Places, Run
from insight.schema import Door, Table, text, whole
from insight.settings import Settings
from insight.store import Store

WORLD = Door("world", "numbers that come in")
RAW = Table("raw", "one row per number", ("name",), (text("name", "which"), whole("value", "how much")))
TWICE = Table("twice", "one row per number", ("name",), (text("name", "which"), whole("value", "doubled")))


class World:
    """A fake outside world: a dict of numbers."""

    def __init__(self, numbers):
        self.numbers = numbers

    def digest(self, door):
        return repr(sorted(self.numbers.items()))

    def read(self, door):
        return self.numbers


def take(numbers, *, run):
    return pa.table({"name": list(numbers), "value": list(numbers.values())})


def double(raw, *, run):
    rows = run.arrow(raw)
    return rows.set_column(1, "value", pa.array([v * 2 for v in rows["value"].to_pylist()]))


JOBS = (
    Job("double", "twice as much?", (RAW,), (TWICE,), double),
    Job("take", "what is there?", (WORLD,), (RAW,), take),
)


def run_all(tmp_path, world, jobs=JOBS, version="1", **options):
    places = Places({"": Store(tmp_path), "world": world})
    surroundings = Run(Settings(home=tmp_path), ENGINES["local"])
    done = plan.run(plan.ordered(jobs), places, surroundings, version=version, **options)
    return [(e.job, e.skipped) for e in done if isinstance(e, Outcome)]


def test_jobs_run_after_what_they_read(tmp_path):
    assert [("take", False), ("double", False)] == run_all(tmp_path, World({"a": 1}))
    assert [2] == Store(tmp_path).read(TWICE)["value"].to_pylist()


def test_nothing_is_done_twice_for_the_same_input(tmp_path):
    run_all(tmp_path, World({"a": 1}))

    assert [("take", True), ("double", True)] == run_all(tmp_path, World({"a": 1}))


def test_new_input_new_code_and_force_each_run_again(tmp_path):
    run_all(tmp_path, World({"a": 1}))

    assert [("take", False), ("double", False)] == run_all(tmp_path, World({"a": 2}))
    assert [("take", False), ("double", False)] == run_all(tmp_path, World({"a": 2}), version="2")
    assert [("take", False), ("double", False)] == run_all(tmp_path, World({"a": 2}), version="2", force=True)


def test_what_comes_out_unchanged_stops_the_wave(tmp_path):
    def capped(numbers, *, run):
        return take({k: min(v, 9) for k, v in numbers.items()}, run=run)

    jobs = (JOBS[0], Job("take", "?", (WORLD,), (RAW,), capped))
    run_all(tmp_path, World({"a": 10}), jobs)

    assert [("take", False), ("double", True)] == run_all(tmp_path, World({"a": 11}), jobs)


def test_the_picture_shows_each_job_between_its_tables():
    assert "take   ──▶ raw\n       ◀── world\ndouble ──▶ twice\n       ◀── raw" == plan.picture(JOBS)


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        ((*JOBS, Job("again", "?", (RAW,), (TWICE,), double)), "two writers"),
        (JOBS[:1], "reads what no job writes"),
        ((Job("a", "?", (RAW,), (TWICE,), double), Job("b", "?", (TWICE,), (RAW,), double)), "circle"),
    ],
)
def test_a_river_that_cannot_flow_is_refused_with_the_reason(jobs, words):
    with pytest.raises(PlanError) as error:
        plan.ordered(jobs)

    assert words in str(error.value)


def test_a_job_alone_on_an_empty_lake_says_what_to_run(tmp_path):
    places = Places({"": Store(tmp_path), "world": World({})})

    with pytest.raises(PlanError, match="insight run"):
        list(plan.run(JOBS[:1], places, Run(Settings(home=tmp_path), ENGINES["local"]), version="1"))


def test_a_job_may_read_its_own_last_output(tmp_path):
    def grow(numbers, before, *, run):
        return pa.concat_tables([run.arrow(before), take({f"n{len(run.arrow(before))}": 1}, run=run)])

    jobs = (Job("grow", "?", (WORLD, RAW.previous), (RAW,), grow),)
    run_all(tmp_path, World({"a": 1}), jobs)
    run_all(tmp_path, World({"a": 2}), jobs)

    assert ["n0", "n1"] == Store(tmp_path).read(RAW)["name"].to_pylist()
    assert [("grow", True)] == run_all(tmp_path, World({"a": 2}), jobs)
