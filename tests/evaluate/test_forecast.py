"""Measuring the forecast on a file: clean ones, messy ones, and ones that are too short."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insight.errors import SettingsError, SourceError
from insight.evaluate.forecast import forecast_file

ITSM = Path("/work/shared/data/kpi_tables/itsm_incidents.parquet")
START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def arrivals(days: int, seed: int = 3, level: float = 5.0) -> list[dt.datetime]:
    """Moments with a rhythm of day and week."""
    dice = np.random.default_rng(seed)
    found = []
    for day in range(days):
        for hour in range(24):
            rate = level * (0.3 if day % 7 > 4 else 1.0) * (1.5 if 9 <= hour < 18 else 0.1)
            found += [
                START + dt.timedelta(days=day, hours=hour, minutes=float(m))
                for m in dice.uniform(0, 60, dice.poisson(rate))
            ]
    return found


def csv(path: Path, cells: list[str], column: str = "opened") -> Path:
    path.write_text("\n".join([f"id,{column}", *(f"{n},{cell}" for n, cell in enumerate(cells))]), encoding="utf-8")
    return path


def test_a_rhythm_is_forecast_better_than_by_last_week(tmp_path: Path) -> None:
    file = csv(tmp_path / "a.csv", [m.isoformat() for m in arrivals(90)])

    found = forecast_file(file, opened="opened")

    assert found.ratio < 0.85
    assert found.ratio_low < found.ratio < found.ratio_high < 1
    assert "better" == found.verdict
    assert 0.74 <= found.coverage_80 <= 0.87
    assert 0.92 <= found.coverage_95 <= 0.985
    assert found.floor <= found.wape < found.naive_wape
    assert (1.0, pytest.approx(found.naive_wape)) == (
        found.models["seasonal naive"].ratio,
        found.models["seasonal naive"].wape,
    )
    assert 1.0 <= sum(model.picked for model in found.models.values()) <= 1.5
    assert (0, 0, 90) == (found.unreadable, found.outages, found.days)


def test_rows_in_any_order_and_as_parquet_give_the_same(tmp_path: Path) -> None:
    told = arrivals(60)
    plain = csv(tmp_path / "a.csv", [m.isoformat() for m in told])
    pq.write_table(pa.table({"opened": told[::-1]}), tmp_path / "b.parquet")

    one, other = (forecast_file(file, opened="opened") for file in (plain, tmp_path / "b.parquet"))

    assert (one.wape, one.coverage_80) == (other.wape, other.coverage_80)


def test_cells_that_are_no_time_are_counted_and_left_out(tmp_path: Path) -> None:
    told = [m.isoformat() for m in arrivals(60)]
    messy = [
        cell for n, one in enumerate(told) for cell in ((one, "soon", "0001-01-01T00:00:00Z") if n < 50 else (one,))
    ]

    clean, found = (
        forecast_file(csv(tmp_path / f"{n}.csv", rows), opened="opened") for n, rows in enumerate((told, messy))
    )

    assert 100 == found.unreadable
    assert clean.wape == found.wape


def test_a_trickle_after_the_stream_is_no_quiet_time(tmp_path: Path) -> None:
    told = arrivals(70)
    tail = [told[-1] + dt.timedelta(days=9 * n) for n in range(1, 20)]

    found = forecast_file(csv(tmp_path / "a.csv", [m.isoformat() for m in told + tail]), opened="opened")

    assert 19 <= found.after <= 20
    assert found.last == told[-1].date()


def test_naive_times_are_read_on_the_clock_that_is_told(tmp_path: Path) -> None:
    told = [m.replace(tzinfo=None).isoformat(" ") for m in arrivals(60)]
    patterned = [m.strftime("%d/%m/%Y %H:%M:%S") for m in arrivals(60)]

    plain = forecast_file(csv(tmp_path / "a.csv", told), opened="opened", zone="Asia/Shanghai")
    other = forecast_file(csv(tmp_path / "b.csv", patterned), opened="opened", zone="UTC", times="%d/%m/%Y %H:%M:%S")

    assert (plain.first, other.first) == (START.date(), START.date())
    assert plain.wape == pytest.approx(other.wape)


@pytest.mark.parametrize("days", [1, 7, 20, 33])
def test_too_few_weeks_cannot_be_judged(tmp_path: Path, days: int) -> None:
    file = csv(tmp_path / "a.csv", [m.isoformat() for m in arrivals(days)])

    with pytest.raises(SourceError, match="cannot tell") as caught:
        forecast_file(file, opened="opened")

    assert f"{days} days" in caught.value.came
    assert "34 days" in caught.value.wanted


def test_few_weeks_are_measured_but_no_verdict_is_given(tmp_path: Path) -> None:
    assert (
        "cannot tell"
        == forecast_file(csv(tmp_path / "a.csv", [m.isoformat() for m in arrivals(38)]), opened="opened").verdict
    )


@pytest.mark.parametrize(
    ("cells", "said"), [(["soon", "later"], "can be read"), (["2026-03-02T10:00:00Z"] * 3, "cannot tell")]
)
def test_a_file_without_usable_times_says_so(tmp_path: Path, cells: list[str], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        forecast_file(csv(tmp_path / "a.csv", cells), opened="opened")


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such column"):
        forecast_file(csv(tmp_path / "a.csv", ["2026-03-02"]), opened="created")


@pytest.mark.parametrize("horizon", ["0d", "8d", "7", "week", "63d", "-7d"])
def test_a_horizon_is_whole_weeks(tmp_path: Path, horizon: str) -> None:
    with pytest.raises(SettingsError, match="horizon"):
        forecast_file(csv(tmp_path / "a.csv", ["2026-03-02"]), opened="opened", horizon=horizon)


def test_a_zone_has_to_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="time zone"):
        forecast_file(csv(tmp_path / "a.csv", ["2026-03-02"]), opened="opened", zone="Berlin")


@pytest.mark.skipif(not ITSM.exists(), reason="the public incident stream is not on this machine")
def test_the_public_incident_stream_meets_the_goal() -> None:
    found = forecast_file(ITSM, opened="opened_at")

    assert found.ratio <= 0.85
    assert 0.76 <= found.coverage_80 <= 0.84
    assert dt.date(2016, 5, 31) == found.last
