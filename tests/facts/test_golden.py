"""The golden cases of tests/data/golden.toml, from the files that come in to facts and KPIs, on every engine."""

import re
import tomllib
from functools import cache
from pathlib import Path

import narwhals as nw
import pytest

from insight import schema
from insight.engines import ENGINES
from insight.kpis import KPIS, measure
from insight.run import Run
from insight.store import conform
from jobs import conversation_facts, customer_turns, ingest, mentions, order_facts, threads
from tests.rows import table
from tests.worlds import World, settings

CASES = {
    case["name"]: case for case in tomllib.loads((Path(__file__).parents[1] / "data/golden.toml").read_text())["case"]
}
FEEDS = ("customers", "agents", "messages", "ticket_events", "orders", "returns", "exchange_rates")
JOBS = (ingest, mentions, threads, conversation_facts, customer_turns, order_facts)
UNITS = {"s": 1000, "min": 60_000, "h": 3_600_000}
PLAIN = {"true": True, "false": False, "nothing": None}


def cells(drawn):
    """A table drawn with bars, as rows of stripped cells."""
    return [[cell.strip() for cell in line.split("|")] for line in drawn.strip().splitlines()]


def same(drawn):
    """The file's columns are ours."""
    return {name: name for name in cells(drawn)[0]}


def wanted(told):
    """What a case expects: a time such as `1 h 30 min` in ms, a number or a fraction, yes, no, nothing or a word."""
    parts = re.findall(r"(\d+) (s|min|h)\b", told)
    if parts:
        return sum(int(number) * UNITS[unit] for number, unit in parts)
    if told in PLAIN:
        return PLAIN[told]
    if re.fullmatch(r"-?[\d.]+( / \d+)?", told):
        above, _, below = told.partition(" / ")
        return pytest.approx(float(above) / float(below or 1), rel=1e-12)
    return told


@cache
def river(name, engine):
    """Every table of a case. No topic is known, so that issues are told apart by their orders alone."""
    case, world = CASES[name], World()
    for feed in FEEDS:
        if feed in case:
            world.add(
                feed, "\n".join("|".join(row) for row in cells(case[feed])), delimiter="|", columns=same(case[feed])
            )
    told = settings(shop={"zone": "Europe/Berlin", "currency": "USD"}, schedules=case.get("schedules", ()))
    run, known = Run(told, ENGINES[engine]), {}
    for job in JOBS:
        frames = [world if read is schema.WORLD else run.engine.frame(rows_of(known, read)) for read in job.READS]
        found, writes = job.work(*frames, run=run), job.WRITES
        many = isinstance(writes, tuple)
        for of, rows in zip(writes if many else (writes,), found if many else (found,), strict=True):
            known[of] = conform(of, run.arrow(rows) if isinstance(rows, nw.LazyFrame) else rows)
    assert [] == known[schema.REJECTS].to_pylist()
    return known


def rows_of(known, read):
    """A table that was made; of mentions none fits a topic, and nobody rated, reviewed or felt anything."""
    if read is schema.MENTION_TOPICS:
        ids = known[schema.MENTIONS]["mention_id"].to_pylist()
        return table(read, *({"mention_id": one, "topic_id": schema.UNASSIGNED} for one in ids))
    return known.get(read, read.arrow.empty_table())


def value(what, known, engine):
    """The value that a line of `expect` names."""
    kind, *key = what.split()
    if kind == "kpi":
        _, kpi = KPIS[key[0]]
        [row] = measure(kpi, engine.frame(known[kpi.of])).collect("pyarrow").to_native().to_pylist()
        return row["value"]
    of, column = getattr(schema, kind.upper()), key.pop()
    [row] = [r for r in known[of].to_pylist() if [str(r[name]) for name in of.key] == key]
    return row[column]


LINES = [(name, *line) for name, case in CASES.items() for line in cells(case["expect"])[1:]]


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize(("name", "what", "told", "because"), LINES, ids=[f"{n}: {w}" for n, w, *_ in LINES])
def test_a_golden_case_is_exact(name, what, told, because, engine):
    assert value(what, river(name, engine), ENGINES[engine]) == wanted(told), because


def test_both_engines_give_equal_tables():
    for name in CASES:
        first, *others = (river(name, engine) for engine in ENGINES)
        assert all(first == other for other in others), name
