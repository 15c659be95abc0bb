"""`insight eval drivers`: files of any kind, and a simulation with a confounded topic."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from insight.cli import app
from insight.errors import SourceError
from insight.evaluate import drivers

SHARED = Path("/work/shared/data/kpi_olist")


def frame(n: int = 600, seed: int = 4) -> pd.DataFrame:
    """Late parcels cost 2 stars; 'parcel' comes with them and costs nothing, 'broken' costs 1."""
    dice = np.random.default_rng(seed)
    late = dice.random(n) < 0.3
    parcel, broken = dice.random(n) < np.where(late, 0.7, 0.1), dice.random(n) < 0.2
    stars = 5 - 2 * late - broken + dice.normal(0, 0.5, n)
    plain = {"late": late, "parcel": parcel, "broken": broken}
    told = pd.DataFrame({name: np.where(values, "yes", "no") for name, values in plain.items()})
    topic = np.where(broken, "broken", np.where(parcel, "parcel", "other"))
    return told.assign(stars=stars.round(2).astype(str), topic=topic, who=[f"k{at // 2}" for at in range(n)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    frame().to_csv(tmp_path / "stars.csv", index=False)
    return tmp_path / "stars.csv"


def test_raw_and_adjusted_stand_beside_each_other(file: Path) -> None:
    found = drivers.drivers_file(file, outcome="stars", topics=["parcel", "broken"], adjust=["late"], customer="who")
    rows = {row.topic: row for row in found.drivers}

    assert (600, 300, "mean", ["late"]) == (found.rows, found.customers, found.scale, found.held)
    assert rows["parcel"].raw < -0.8
    assert rows["parcel"].low < 0 < rows["parcel"].high
    assert ("worse", "cannot tell") == (rows["broken"].verdict, rows["parcel"].verdict)
    assert rows["broken"].low < -1 < rows["broken"].high
    assert rows["broken"].points == pytest.approx(rows["broken"].share * rows["broken"].difference)


def test_a_column_of_topics_sets_each_beside_the_others(file: Path) -> None:
    found = drivers.drivers_file(file, outcome="stars", topics=["topic"], adjust=["late"], low=3)

    assert {"broken", "parcel", "other"} == {row.topic for row in found.drivers}
    assert ("share", "stars ≤ 3") == (found.scale, found.outcome)


def test_empty_outcomes_are_left_out_and_counted(tmp_path: Path) -> None:
    told = frame()
    told.loc[:49, "stars"] = ""
    told.to_csv(tmp_path / "holes.csv", index=False)
    found = drivers.drivers_file(tmp_path / "holes.csv", outcome="stars", topics=["broken"])

    assert (550, 50) == (found.rows, found.left_out)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"outcome": "topic", "topics": ["broken"]}, "neither a number nor yes or no"),
        ({"outcome": "stars", "topics": ["topic", "broken"]}, "each column says yes or no"),
        ({"outcome": "stars", "topics": ["who"]}, "too many topics"),
        ({"outcome": "stars", "topics": ["gone"]}, "no such column"),
        ({"outcome": "stars", "topics": ["broken"], "where": ["who=k1"]}, "so few rows"),
    ],
)
def test_what_cannot_be_measured_is_said(file: Path, monkeypatch: pytest.MonkeyPatch, asked: dict, said: str) -> None:
    monkeypatch.setattr(drivers, "MOST_TOPICS", 100)
    with pytest.raises(SourceError, match=said):
        drivers.drivers_file(file, **asked)


def test_a_confounded_topic_is_covered_and_not_called_a_driver() -> None:
    """Small and seeded; tests/bench/drivers.py draws more."""
    for scale in ("share", "mean"):
        found = drivers.simulate(runs=40, units=2000, scale=scale)
        parcel = next(one for one in found.topics if one.topic == "parcel")

        assert found.coverage >= 0.9
        assert found.points_coverage >= 0.9
        assert (parcel.truth, parcel.raw_coverage) == (0.0, 0.0)
        assert abs(parcel.raw) > 0.1
        assert abs(parcel.adjusted) < 0.01
        assert parcel.said <= 0.1


def test_the_command_tells_a_person_and_a_program_the_same(file: Path) -> None:
    run = CliRunner().invoke
    asked = ["eval", "drivers", str(file), "--outcome", "stars", "--topics", "parcel,broken", "--adjust", "late"]
    told, plain = run(app, [*asked, "--json"]), run(app, asked)
    found = json.loads(told.output)

    assert (0, 0) == (told.exit_code, plain.exit_code)
    assert {"outcome", "rows", "held", "drivers", "anchor"} <= found.keys()
    assert f"{found['drivers'][0]['difference']:.3f}" in plain.output
    assert "nothing here says that they bring it" in " ".join(plain.output.split())


def test_the_simulation_speaks_on_the_command_line() -> None:
    told = CliRunner().invoke(app, ["eval", "drivers", "--simulate", "--runs", "10", "--json"])
    plain = CliRunner().invoke(app, ["eval", "drivers", "--simulate", "--runs", "10"])

    assert [10, 10] == [one["runs"] for one in json.loads(told.output)]
    assert all(math.isfinite(one["coverage"]) for one in json.loads(told.output))
    assert "95 % intervals hold the truth in" in plain.output


def test_nothing_to_compare_is_an_error_that_says_what_to_name() -> None:
    found = CliRunner().invoke(app, ["eval", "drivers"])

    assert 1 == found.exit_code
    assert "there is nothing to compare" in str(found.exception)


@pytest.mark.skipif(not SHARED.exists(), reason="the Olist tables are not here")
def test_late_parcels_on_olist(tmp_path: Path) -> None:
    """Late by nine in ten of two stars, before and after months, states and prices are held."""
    orders, reviews = (pd.read_parquet(SHARED / f"olist_{name}.parquet") for name in ("orders", "order_reviews"))
    both = orders.merge(reviews, on="order_id")
    came, due = (pd.to_datetime(both[f"order_{n}_date"]) for n in ("delivered_customer", "estimated_delivery"))
    late = np.where(came.dt.normalize() > due, "yes", "no")
    month = pd.to_datetime(both["order_purchase_timestamp"]).dt.strftime("%Y-%m")
    rows = pd.DataFrame({"late": late, "month": month, "stars": both["review_score"].astype(str)})[came.notna()]
    rows.to_csv(tmp_path / "olist.csv", index=False)
    [found] = drivers.drivers_file(tmp_path / "olist.csv", outcome="stars", topics=["late"], adjust=["month"]).drivers

    assert (-2.1, -1.8) < (found.low, found.high) < (-1.8, -1.7)
    assert found.e_near > 5
