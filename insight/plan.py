"""Order, run, skip-if-unchanged, progress and picture, all derived from what jobs declare."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from textwrap import wrap
from typing import Any

import narwhals as nw
import pyarrow as pa

from insight.errors import PlanError
from insight.run import Job, Outcome, Places, Run
from insight.schema import Door, Previous, Table


def ordered(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Jobs in an order in which each comes after the writers of what it reads; ties by name.

    :raises PlanError: two jobs write one table, nobody writes what a job reads, or the jobs go in a circle.
    """
    by_name = {one.name: one for one in sorted(jobs, key=lambda one: one.name)}
    writer: dict[str, str] = {}
    for one in by_name.values():
        for thing in one.writes:
            if other := writer.get(thing.name):
                raise PlanError(f"{thing.name} has two writers", came=f"{other} and {one.name}", fix="keep one")
            writer[thing.name] = one.name
    for one in by_name.values():
        if lost := [n.name for n in one.needs if isinstance(n, Table) and n.name not in writer]:
            raise PlanError(f"{one.name} reads what no job writes", came=", ".join(lost), fix="add the job that does")
    sorter = TopologicalSorter(
        {name: sorted({writer[n.name] for n in one.needs if n.name in writer}) for name, one in by_name.items()}
    )
    try:
        return tuple(by_name[name] for name in sorter.static_order())
    except CycleError as error:
        raise PlanError("the jobs go in a circle", came=" → ".join(error.args[1]), fix="cut one READ") from error


def picture(jobs: Sequence[Job]) -> str:
    """The river from top to bottom: each job with what flows out of it, and below that what flows into it."""
    wide = max(len(one.name) for one in jobs)
    lines = []
    for one in ordered(jobs):
        for head, mark, things in ((one.name, "──▶", one.writes), ("", "◀──", one.needs)):
            names = wrap(", ".join(thing.name for thing in things), 92)
            lines += [f"{head:<{wide}} {mark} {names[0]}", *(" " * (wide + 5) + more for more in names[1:])]
    return "\n".join(lines)


def run(
    jobs: Sequence[Job], places: Places, surroundings: Run, *, version: str, force: bool = False
) -> Iterator[Job | Outcome]:
    """Run jobs in the order given; yields each Job as it begins and its Outcome as it ends. Up to date is skipped.

    :param version: digest of code and settings; work done by other code or under other settings is not up to date.
    """
    for one in jobs:
        yield one
        began = time.perf_counter()
        mark = fingerprint(one, places, version)
        fresh = not force and all(places.of(w).fingerprint(w) == mark for w in one.writes)
        if not fresh:
            rows = one.work(*(_input(r, places, surroundings) for r in one.reads), run=surroundings)
            for thing, part in zip(one.writes, rows if len(one.writes) > 1 else (rows,), strict=True):
                places.of(thing).write(thing, _rows(part, surroundings), fingerprint=mark)
        yield Outcome(one.name, fresh, time.perf_counter() - began)


def fingerprint(one: Job, places: Places, version: str) -> str:
    """Which work this is: the job, the code, the settings, and the digest of everything it reads."""
    digests = {n.name: places.of(n).digest(n) for n in one.needs}
    if lost := [name for name, value in digests.items() if not value]:
        raise PlanError(
            f"{one.name} has nothing to read", came=f"no {', '.join(lost)}", fix="run all jobs: `insight run`"
        )
    return hashlib.sha256(json.dumps([one.name, version, digests], sort_keys=True).encode()).hexdigest()


def _input(read: Table | Previous | Door, places: Places, surroundings: Run) -> Any:
    thing = read.table if isinstance(read, Previous) else read
    rows = places.of(thing).read(thing)
    return surroundings.engine.frame(rows) if isinstance(rows, pa.Table) else rows


def _rows(part: Any, surroundings: Run) -> Any:
    """Rows out of whatever a job returned: a lazy frame is run, in a list each of them."""
    if isinstance(part, list):
        return [_rows(p, surroundings) for p in part]
    return surroundings.arrow(part) if isinstance(part, nw.LazyFrame) else part
