"""The forecast and the plan of people as the API tells them."""

from __future__ import annotations

import datetime as dt

import pytest
from starlette.testclient import TestClient

from tests.api import shop


def test_days_are_the_sums_of_their_hours_and_channels_of_all(client: TestClient) -> None:
    every = {c: client.get("/api/v1/forecast", params={"channel": c}).json() for c in ("all", "chat", "email")}

    for told in every.values():
        for day in told["days"]:
            hours = [hour["expected"] for hour in told["hours"] if hour["day"] == day["day"]]
            assert day["expected"] == pytest.approx(sum(hours))
    for n, hour in enumerate(every["all"]["hours"]):
        parts = sum(every[c]["hours"][n]["expected"] for c in ("chat", "email"))
        assert hour["expected"] == pytest.approx(parts)


def test_a_forecast_begins_on_the_day_after_the_data_and_is_cut_where_asked(client: TestClient) -> None:
    told = client.get("/api/v1/forecast", params={"days": 3}).json()

    first = max(row["day"] for row in shop.make()["conversation_facts"]) + dt.timedelta(days=1)
    assert [str(first + dt.timedelta(days=n)) for n in range(3)] == [day["day"] for day in told["days"]]
    assert 3 * 24 == len(told["hours"])
    assert ["all", "chat", "email"] == told["channels"]


def test_intervals_lie_in_each_other_around_what_is_expected(client: TestClient) -> None:
    for row in client.get("/api/v1/forecast").json()["days"]:
        assert row["low_95"] <= row["low"] <= row["expected"] <= row["high"] <= row["high_95"]


def test_the_quality_of_each_channel_is_told_with_ours_first(client: TestClient) -> None:
    rows = client.get("/api/v1/forecast").json()["quality"]

    assert ["all", "chat", "email"] == [row["channel"] for row in rows if row["model"] == "ours"]
    assert "ours" == rows[0]["model"]
    assert {"chat"} == {r["channel"] for r in client.get("/api/v1/forecast?channel=chat").json()["quality"]}


def test_a_channel_that_is_not_there_is_empty(client: TestClient) -> None:
    told = client.get("/api/v1/forecast", params={"channel": "fax"}).json()

    assert ([], [], []) == (told["days"], told["hours"], told["quality"])


def test_people_are_a_band_and_a_verdict_follows_from_it(client: TestClient) -> None:
    told = client.get("/api/v1/staffing", params={"days": 14}).json()

    assert 14 * 24 == len(told["hours"])
    for hour in told["hours"]:
        assert hour["heads_low"] <= hour["heads_high"] <= hour["heads_cautious"]
        assert (hour["verdict"] == "too few") == (hour["planned"] < hour["heads_low"])
    assert {"chat": True, "email": False} == {row["channel"]: row["live"] for row in told["basis"]}
