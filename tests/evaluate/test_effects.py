"""`insight eval effects`: files of weeks, and worlds made by chance."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from insight.cli import app
from insight.errors import SourceError
from insight.evaluate.effects import World, effects_file, simulate


def file(folder: Path, *, numbers: bool = False, shift: int = 0) -> Path:
    """Six products over 20 weeks of ten days apart from a Monday; a and b fall to half from week 12 on."""
    path, first = folder / "panel.csv", dt.date(2026, 1, 5)
    with path.open("w", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["sku", "week", "contacts", "orders", "market"])
        for week in range(20):
            for n, sku in enumerate("abcdef"):
                count = 40 + n if week < 12 or sku not in "ab" else (40 + n) // 2
                day = week if numbers else first + dt.timedelta(days=7 * week + shift)
                rows.writerow([sku, day, count, 1000, "DE" if n < 6 else "US"])
        rows.writerow(["c", "no week", 3, 1000, "DE"])
        rows.writerow(["c", 3 if numbers else first, -3, 1000, "DE"])
    return path


def measured(path: Path, **told: object):
    names = {"unit": "sku", "week": "week", "contacts": "contacts", "orders": "orders"}
    return effects_file(path, **names, **({"treated": ["a", "b"], "since": "2026-03-30"} | told))


def test_a_file_of_weeks(tmp_path: Path) -> None:
    found = measured(file(tmp_path))

    assert "worked" == found.verdict
    assert found.ratio == pytest.approx(0.5, abs=0.02)
    assert (12, 8, 2, 4, 2) == (found.weeks_before, found.weeks_after, found.treated, found.others, found.unreadable)


def test_weeks_may_be_numbers(tmp_path: Path) -> None:
    found = measured(file(tmp_path, numbers=True), since="12")

    assert (12, 8) == (found.weeks_before, found.weeks_after)
    assert found.ratio == pytest.approx(0.5, abs=0.02)


def test_a_week_with_the_first_day_in_it_is_on_neither_side(tmp_path: Path) -> None:
    found = measured(file(tmp_path), since="2026-04-01")

    assert (12, 7) == (found.weeks_before, found.weeks_after)


def test_the_weeks_of_a_rise_are_no_level(tmp_path: Path) -> None:
    assert (8, 8) == (
        (found := measured(file(tmp_path), spiked=True)).weeks_before,
        found.weeks_after,
    )


def test_a_mistyped_unit_or_day_is_said(tmp_path: Path) -> None:
    path = file(tmp_path)
    with pytest.raises(SourceError, match="no unit is called so"):
        measured(path, treated=["z"])
    with pytest.raises(SourceError, match="this is no week"):
        measured(path, since="soon")


def test_the_command_prints_verdict_anchors_and_json(tmp_path: Path) -> None:
    line = ["eval", "effects", str(file(tmp_path)), "--treated", "a,b", "--since", "2026-03-30"]
    spoken, told = (CliRunner().invoke(app, [*line, *more]) for more in ([], ["--json"]))

    assert 0 == spoken.exit_code
    assert "panel.csv: worked" in spoken.output
    assert "worked in 53 %" in spoken.output
    assert {"verdict": "worked", "treated": 2, "others": 4}.items() <= json.loads(told.output).items()
    assert 0 != CliRunner().invoke(app, ["eval", "effects"]).exit_code


def test_worlds_made_by_chance_are_the_same_from_the_same_seed() -> None:
    world = World("-40 %", effect=-0.4, before=20, after=10, others=5)
    first, second = (simulate([world], runs=3, seed=4) for _ in range(2))

    assert first == second
    assert (3, -0.4) == (first[0].runs, first[0].effect)
    assert 0 <= first[0].covered <= 1


def test_a_world_is_as_it_is_told() -> None:
    """Rises of those chosen are the highest, effects are what is told, and memories are those of the swings."""
    chosen = World("chosen", chosen=True, swing=0.4).panel([1, 2])
    rates = chosen.contacts / chosen.orders
    rise = rates[:, 36:40].sum(axis=1) / rates[:, :36].sum(axis=1)
    still = World("still", swing=0.0, weekly=400, effect=-0.4).panel([1, 2])
    change = still.contacts[:, 40:].sum(axis=1) / still.contacts[:, :40].sum(axis=1)

    assert rise[0] == rise.max()
    assert change[0] / np.mean(change[1:]) == pytest.approx(0.6, abs=0.03)
    assert (4, 0) == (chosen.spike, still.spike)
