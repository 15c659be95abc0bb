"""The jobs of forecast and plan: equal on every engine and in whatever order rows come, from facts to people."""

from __future__ import annotations

import datetime as dt
import random
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from insight import schema
from insight.engines import ENGINES
from insight.run import Run
from insight.settings import Settings
from insight.store import conform
from jobs import heads, hour_forecast
from tests.rows import DAY, HOUR, START, table

TOLD = Settings(
    home=Path(),
    shop={"zone": "Europe/Berlin"},
    schedules=({"name": "desk", "hours": {d: ["08:00-20:00"] for d in ("mon", "tue", "wed", "thu", "fri")}},),
    promotions=({"name": "spring", "since": "2026-02-10", "until": "2026-02-12"},),
)


@cache
def facts(seed: int = 1, days: int = 60) -> pa.Table:
    dice = random.Random(seed)
    rows = []
    for n in range(days * 20):
        at = START + dice.randrange(days) * DAY + dice.choice((8, 9, 10, 13, 16)) * HOUR
        local = dt.datetime.fromtimestamp(at / 1000, tz=TOLD.shop.clock)
        row = {
            "conversation_id": f"c{n}",
            "channel": dice.choice(("chat", "email")),
            "opened_ms": at,
            "day": local.date(),
        }
        row |= {"weekday": local.isoweekday(), "hour": local.hour, "needs_answer": dice.random() < 0.9}
        handle = dice.choice((None, 60_000, 240_000, 500_000))
        row |= {"answered": handle is not None, "handle_ms": handle, "handle_shared_ms": handle, "duration_ms": handle}
        rows.append(row | {"resolved": dice.choice((None, True, False))})
    return table(schema.CONVERSATION_FACTS, *rows)


def shifts() -> pa.Table:
    starts = [START + day * DAY + 7 * HOUR for day in range(80)]
    return table(schema.SHIFTS, *({"agent_id": "ann", "starts_ms": at, "ends_ms": at + 9 * HOUR} for at in starts))


def made(told: pa.Table, engine, settings: Settings = TOLD) -> dict[str, pa.Table]:
    run = Run(settings, engine)
    written = dict(zip(hour_forecast.WRITES, hour_forecast.work(engine.frame(told), run=run), strict=True))
    found = {of.name: conform(of, rows) for of, rows in written.items()}
    plan = heads.work(engine.frame(told), engine.frame(found["hour_forecast"]), engine.frame(shifts()), run=run)
    return found | {of.name: conform(of, rows) for of, rows in zip(heads.WRITES, plan, strict=True)}


@pytest.mark.parametrize("name", list(ENGINES))
def test_every_engine_and_every_order_of_rows_gives_the_same_tables(name: str) -> None:
    expected = made(facts(), ENGINES["memory"])
    order = random.Random(2).sample(range(len(facts())), len(facts()))

    told = made(facts().take(order), ENGINES[name])

    assert all(len(rows) for rows in expected.values())
    assert [] == [table_name for table_name, rows in told.items() if not rows.equals(expected[table_name])]


def test_nothing_goes_through() -> None:
    assert {0} == {len(rows) for rows in made(facts().slice(0, 0), ENGINES["memory"]).values()}


def test_conversations_that_need_no_answer_are_not_counted() -> None:
    found = made(facts(), ENGINES["memory"])["forecast_quality"].to_pylist()

    asked = sum(facts()["needs_answer"].to_pylist())
    assert asked == sum(
        row["contacts"] + row["left_out"] for row in found if row["model"] == "ours" and row["channel"] != "all"
    )


def test_waiting_are_those_that_nobody_answered_or_closed() -> None:
    found = made(facts(), ENGINES["memory"])["staffing_basis"].to_pylist()

    rows = facts().to_pylist()
    for row in found:
        mine = [r for r in rows if r["channel"] == row["channel"] and r["needs_answer"]]
        assert row["waiting"] == sum(not r["answered"] and r["resolved"] is not True for r in mine)


def test_the_plan_reaches_as_far_as_is_told() -> None:
    longer = TOLD.model_copy(update={"staffing": TOLD.staffing.model_copy(update={"weeks": 4})})

    found = made(facts(), ENGINES["memory"], longer)

    assert 28 == len(set(found["heads"]["day"].to_pylist()))
    assert {"promotion", ""} >= set(found["day_forecast"]["mark"].to_pylist())
