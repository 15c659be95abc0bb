"""How long does one figure of the published file take? A million conversations, as many orders, sixty questions.

The file is made of random facts, published as `insight run` publishes, and asked through the whole API in process; no
answer is remembered from an earlier one. Beside wall time stand the seconds of CPU, since other work on the machine
lengthens the wall time and not those.

`python -m tests.bench.slices [ROWS] [FOLDER]`; FOLDER keeps the file for the next time.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from starlette.testclient import TestClient

from insight.api.app import create_app
from insight.engines import ENGINES
from insight.kpis import KPIS
from insight.kpis.table import over_periods
from insight.published import TABLES_OUT, Folder, Published
from insight.schema import KPIS as KPI_TABLE
from insight.schema import PUBLISHED, Column, Table
from insight.settings import Settings
from insight.store import conform

ROWS = 1_000_000
DAYS = 730
FIRST = dt.date(2024, 11, 1)
DAY_MS = 86_400_000
ROUNDS = 3
VALUES = {
    "platform": 5, "shop": 3, "market": 12, "language": 7, "channel": 4, "agent_id": 60, "team": 6, "sku": 900,
    "family": 25, "carrier": 8, "lane": 20, "warehouse": 5, "topic_id": 120, "customer_key": 400_000,
}  # fmt: skip
"""How many different values a column of text has."""
DIMENSIONS = (
    "market",
    "platform",
    "channel",
    "topic_id",
    "agent_id",
    "team",
    "hour",
    "weekday",
    "day",
    "week",
    "month",
)
SPANS = ((None, None), ("2025-11-01", "2026-11-01"), ("2024-11-01", "2026-11-01"))
"""The published 28 days, a year, everything."""


def facts(table: Table, rows: int, chance: np.random.Generator) -> pa.Table:
    """Random rows of a table of facts: every column in its type, a tenth of what may be empty being so."""
    days = np.sort(chance.integers(0, DAYS, rows))
    columns = {}
    for column in table.columns:
        if not column.name.endswith("_at"):
            columns[column.name] = _column(column, table, days, chance)
    return conform(table, pa.table(columns))


def _column(column: Column, table: Table, days: np.ndarray, chance: np.random.Generator) -> pa.Array:
    rows = len(days)
    if column.name in table.key and pa.types.is_string(column.type):
        return pa.array([f"{column.name}-{n:09}" for n in chance.permutation(rows)])
    if column.name == "day":
        return pa.array(days + (FIRST - dt.date(1970, 1, 1)).days, pa.int32()).cast(pa.date32())
    if column.name in ("opened_ms", "ordered_ms"):
        return pa.array((days + (FIRST - dt.date(1970, 1, 1)).days) * DAY_MS + chance.integers(0, DAY_MS, rows))
    empty = chance.random(rows) < 0.1 if column.null else None
    return pa.array(_values(column, rows, chance), column.type, mask=empty)


def _values(column: Column, rows: int, chance: np.random.Generator) -> Any:
    if pa.types.is_string(column.type):
        names = VALUES.get(column.name, 50)
        made = np.array([f"{column.name}-{n:06x}" for n in range(names)], dtype=object)
        return made[(names * chance.random(rows) ** 1.5).astype(int)]
    if pa.types.is_boolean(column.type):
        return chance.random(rows) < 0.3
    if pa.types.is_floating(column.type):
        return np.round(chance.random(rows), 2)
    if pa.types.is_date(column.type):
        return chance.integers(20_000, 20_700, rows).astype("datetime64[D]")
    most = {"hour": (0, 24), "weekday": (1, 8)}.get(column.name, (0, 500))
    return (
        chance.integers(*most, rows)
        if not column.name.endswith("_ms")
        else chance.exponential(600_000, rows).astype(int)
    )


def publish(folder: Path, rows: int) -> None:
    """A published file whose tables of facts hold so many rows each."""
    chance = np.random.default_rng(7)
    used = {t.name: t for _, kpi in KPIS.values() for t in (kpi.of, kpi.per) if t is not None}
    made = {name: facts(table, rows, chance) for name, table in used.items()}
    frames = {name: ENGINES["local"].frame(table) for name, table in made.items()}
    made[KPI_TABLE.name] = pa.Table.from_pandas(over_periods(KPIS, frames), preserve_index=False)
    tables = [made.get(table.name, table.arrow.empty_table()) for table in TABLES_OUT]
    Folder(folder).write(PUBLISHED, tables, fingerprint=f"bench {rows}")


def questions() -> list[str]:
    """Sixty addresses: KPIs of every kind over every span by nothing, one or two dimensions, some of a part only."""
    asked = []
    for place, (name, (_, kpi)) in enumerate(sorted(KPIS.items(), key=lambda told: (told[1][1].kind, told[0]))):
        known = {*kpi.of.arrow.names, "weekday", "week", "month"}
        for step in range(3):
            turn = place + 5 * step
            since, until = SPANS[(place + step) % len(SPANS)]
            own = [d for d in DIMENSIONS if d in known and (kpi.per is None or d in kpi.per.arrow.names)]
            by = [own[(turn * 7 + extra) % len(own)] for extra in range(step)]
            query = [f"by={dimension}" for dimension in by]
            query += [f"since={since}", f"until={until}"] if since else []
            query += ["compare=previous"] if not {"day", "week", "month"} & {*by} else []
            query += ["market=market-000001"] if turn % 4 == 0 and "market" in own else []
            asked.append(f"/api/v1/kpis/{name}?{'&'.join(query)}")
    every = np.linspace(0, len(asked) - 1, min(60, len(asked))).astype(int)
    return [asked[n] for n in every]


def ask(folder: Path) -> dict[str, list[float]]:
    """Wall milliseconds of each question, each round in its own order."""
    app = create_app(Settings.model_validate({"home": folder.parent, "lake": {"path": folder.name}}))
    chance, taken = np.random.default_rng(3), {}
    with TestClient(app, base_url="http://127.0.0.1:8321", client=("127.0.0.1", 50000)) as client:
        for _ in range(ROUNDS):
            for question in chance.permutation(questions()):
                app.state.memory = type(app.state.memory)()
                began = time.perf_counter()
                answer = client.get(str(question))
                taken.setdefault(str(question), []).append(1000 * (time.perf_counter() - began))
                if answer.status_code != 200:
                    raise SystemExit(f"{question}: {answer.status_code} {answer.text[:300]}")
    return taken


def main() -> None:
    """Make or take the file, ask, and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else aside)
        if not (folder / "published").is_dir():
            publish(folder, rows)
        Published(folder).current()
        load, began = os.getloadavg()[0], resource.getrusage(resource.RUSAGE_SELF)
        taken = ask(folder)
        used = resource.getrusage(resource.RUSAGE_SELF)
    every = np.array([ms for told in taken.values() for ms in told])
    cpu = 1000 * (used.ru_utime + used.ru_stime - began.ru_utime - began.ru_stime) / len(every)
    for question in sorted(taken, key=lambda q: -float(np.median(taken[q])))[:12]:
        print(f"{np.median(taken[question]):7.1f} ms  {question}")
    p50, p95, worst = np.percentile(every, [50, 95, 100])
    told = {
        "questions": len(taken),
        "asked": len(every),
        "p50_ms": p50,
        "p95_ms": p95,
        "worst_ms": worst,
        "cpu_ms": cpu,
    }
    print(json.dumps({name: round(float(value), 1) for name, value in told.items()} | {"load_before": load}))


if __name__ == "__main__":
    main()
